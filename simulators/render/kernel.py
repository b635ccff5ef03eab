"""The compiled renderer: one pass over primitives and the pixels each may cover, one over pixels for light.

The formulas are those of `reference.py`, which needs numpy only; a test holds the two together.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from fleetmind.simulators.render.light import AMBIENT, FADE, HEADLIGHT, LIGHT_X, LIGHT_Y, LIGHT_Z, SUN

Floats = npt.NDArray[np.float64]
_FAR = math.inf


@numba.njit(cache=True)
def _box(lo, hi, ox, oy, oz, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Distance along a ray at which it enters a box."""
    enter, leave = -_FAR, _FAR
    for axis in range(3):
        o = ox if axis == 0 else (oy if axis == 1 else oz)
        d = dx if axis == 0 else (dy if axis == 1 else dz)
        if abs(d) < 1e-12:
            if o < lo[axis] or o > hi[axis]:
                return _FAR
            continue
        a, b = (lo[axis] - o) / d, (hi[axis] - o) / d
        if a > b:
            a, b = b, a
        enter, leave = max(enter, a), min(leave, b)
    return enter if enter <= leave else _FAR


@numba.njit(cache=True)
def _ball(lo, hi, ox, oy, oz, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Distance along a ray at which it enters an ellipsoid."""
    rx, ry, rz = (hi[0] - lo[0]) / 2, (hi[1] - lo[1]) / 2, (hi[2] - lo[2]) / 2
    px, py, pz = (ox - lo[0]) / rx - 1, (oy - lo[1]) / ry - 1, (oz - lo[2]) / rz - 1
    qx, qy, qz = dx / rx, dy / ry, dz / rz
    a = qx * qx + qy * qy + qz * qz
    b = px * qx + py * qy + pz * qz
    c = px * px + py * py + pz * pz - 1
    inside = b * b - a * c
    if inside < 0:
        return _FAR
    return (-b - math.sqrt(inside)) / a


@numba.njit(cache=True)
def _round(lo, hi, ox, oy, oz, dx, dy, dz, near, is_tube):  # type: ignore[no-untyped-def]
    """Distance along a ray at which it meets an upright cylinder, or a tube without a lid."""
    rx, rz = (hi[0] - lo[0]) / 2, (hi[2] - lo[2]) / 2
    px, pz = (ox - lo[0]) / rx - 1, (oz - lo[2]) / rz - 1
    qx, qz = dx / rx, dz / rz
    best = _FAR
    a = qx * qx + qz * qz
    if a > 1e-12:
        b = px * qx + pz * qz
        inside = b * b - a * (px * px + pz * pz - 1)
        if inside >= 0:
            root = math.sqrt(inside)
            t = (-b - root) / a
            y = oy + t * dy
            if t > near and lo[1] <= y <= hi[1]:
                best = t
            elif is_tube:
                t = (-b + root) / a
                y = oy + t * dy
                if t > near and lo[1] <= y <= hi[1]:
                    best = t
    if abs(dy) > 1e-12:
        for cap in range(2):
            if cap == 1 and is_tube:
                continue
            t = ((lo[1] if cap == 0 else hi[1]) - oy) / dy
            if near < t < best:
                x, z = px + t * qx, pz + t * qz
                if x * x + z * z <= 1:
                    best = t
    return best


@numba.njit(cache=True)
def _fill(  # type: ignore[no-untyped-def]
        shape, lo, hi, windows, eye, right, up, ahead, half_width, half_height, ortho, near, depth, which):
    """Nearest primitive and its depth for each pixel."""
    height, width = depth.shape
    for i in range(shape.shape[0]):
        for row in range(windows[i, 1], windows[i, 3]):
            v = (1 - 2 * (row + 0.5) / height) * half_height
            for column in range(windows[i, 0], windows[i, 2]):
                u = (2 * (column + 0.5) / width - 1) * half_width
                if ortho:
                    ox, oy, oz = (eye[0] + u * right[0] + v * up[0], eye[1] + u * right[1] + v * up[1],
                                  eye[2] + u * right[2] + v * up[2])
                    dx, dy, dz = ahead[0], ahead[1], ahead[2]
                else:
                    ox, oy, oz = eye[0], eye[1], eye[2]
                    dx, dy, dz = (ahead[0] + u * right[0] + v * up[0], ahead[1] + u * right[1] + v * up[1],
                                  ahead[2] + u * right[2] + v * up[2])
                kind = shape[i]
                if kind == 0:
                    t = _box(lo[i], hi[i], ox, oy, oz, dx, dy, dz)
                elif kind == 2:
                    t = _ball(lo[i], hi[i], ox, oy, oz, dx, dy, dz)
                else:
                    t = _round(lo[i], hi[i], ox, oy, oz, dx, dy, dz, near, kind == 3)
                if near < t < depth[row, column]:
                    depth[row, column] = t
                    which[row, column] = i


@numba.njit(cache=True)
def _normal(kind, lo, hi, x, y, z, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Unit normal at a point of a primitive's surface, towards the eye."""
    nx, ny, nz = 0.0, 0.0, 0.0
    if kind == 0:
        gaps = (abs(x - lo[0]), abs(x - hi[0]), abs(y - lo[1]), abs(y - hi[1]), abs(z - lo[2]), abs(z - hi[2]))
        best, axis = _FAR, 0
        for k in range(6):
            if gaps[k] < best:
                best, axis = gaps[k], k
        side = -1.0 if axis % 2 == 0 else 1.0
        if axis < 2:
            nx = side
        elif axis < 4:
            ny = side
        else:
            nz = side
    else:
        rx, ry, rz = (hi[0] - lo[0]) / 2, (hi[1] - lo[1]) / 2, (hi[2] - lo[2]) / 2
        cx, cy, cz = x - lo[0] - rx, y - lo[1] - ry, z - lo[2] - rz
        if kind == 2:
            nx, ny, nz = cx / (rx * rx), cy / (ry * ry), cz / (rz * rz)
        elif abs(abs(cy) - ry) < 1e-6:
            ny = 1.0 if cy > 0 else -1.0
        else:
            nx, nz = cx / (rx * rx), cz / (rz * rz)
        length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
        nx, ny, nz = nx / length, ny / length, nz / length
    if nx * dx + ny * dy + nz * dz > 0:
        nx, ny, nz = -nx, -ny, -nz
    return nx, ny, nz


@numba.njit(cache=True)
def _shade(  # type: ignore[no-untyped-def]
        shape, lo, hi, rgb, look, light, eye, right, up, ahead, half_width, half_height, ortho, depth, which,
        out, lamp):
    """Colour of each pixel. `lamp` holds the constants of `light.py`: compiled code would keep old ones."""
    ambient, strength, headlight, fade, light_x, light_y, light_z = lamp
    height, width = depth.shape
    for row in range(height):
        v = (1 - 2 * (row + 0.5) / height) * half_height
        for column in range(width):
            i = which[row, column]
            if i < 0:
                continue
            u = (2 * (column + 0.5) / width - 1) * half_width
            t = depth[row, column]
            sx, sy, sz = u * right[0] + v * up[0], u * right[1] + v * up[1], u * right[2] + v * up[2]
            if ortho:
                dx, dy, dz = ahead[0], ahead[1], ahead[2]
                x, y, z = eye[0] + sx + t * dx, eye[1] + sy + t * dy, eye[2] + sz + t * dz
            else:
                dx, dy, dz = ahead[0] + sx, ahead[1] + sy, ahead[2] + sz
                x, y, z = eye[0] + t * dx, eye[1] + t * dy, eye[2] + t * dz
            if look[i] == 3:
                bright = 1.0
            else:
                nx, ny, nz = _normal(shape[i], lo[i], hi[i], x, y, z, dx, dy, dz)
                facing = -(nx * dx + ny * dy + nz * dz) / math.sqrt(dx * dx + dy * dy + dz * dz)
                sun = max(nx * light_x + ny * light_y + nz * light_z, 0.0)
                bright = (ambient + strength * sun + headlight * facing) * light[i] / (1 + fade * t)
                if look[i] == 1:
                    odd = (math.floor(x / 0.5) + math.floor(z / 0.5)) & 1
                    bright *= 0.94 if odd else 1.0
                elif look[i] == 2:
                    odd = math.floor((x + z) / 0.4) & 1
                    bright *= 0.985 if odd else 1.0
            for channel in range(3):
                out[row, column, channel] = min(max(rgb[i, channel] * bright, 0.0), 255.0)


def draw(shape: npt.NDArray[np.int32], lo: Floats, hi: Floats, rgb: Floats, look: npt.NDArray[np.int32],
         light: Floats, windows: npt.NDArray[np.int32], eye: Floats, right: Floats, up: Floats, ahead: Floats,
         half_width: float, half_height: float, ortho: bool, near: float, width: int,
         height: int) -> tuple[Floats, npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Depth (HxW metres along the optical axis, inf for nothing), primitive (HxW, -1 for nothing) and RGB (HxWx3)."""
    depth = np.full((height, width), np.inf)
    which = np.full((height, width), -1, dtype=np.int32)
    out = np.zeros((height, width, 3), dtype=np.uint8)
    _fill(shape, lo, hi, windows, eye, right, up, ahead, half_width, half_height, ortho, near, depth, which)
    _shade(shape, lo, hi, rgb, look, light, eye, right, up, ahead, half_width, half_height, ortho, depth, which, out,
           (AMBIENT, SUN, HEADLIGHT, FADE, LIGHT_X, LIGHT_Y, LIGHT_Z))
    return depth, which, out
