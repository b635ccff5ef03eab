"""The compiled renderer: primitives from near to far over the pixels each may cover, then colour for each pixel.

The formulas are those of `reference.py`, which needs numpy only; a test holds the two together.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from fleetmind.simulators.render.camera import Camera
from fleetmind.simulators.render.light import (
    AMBIENT,
    BIAS_M,
    DULL,
    FADE,
    HEADLIGHT,
    LIFT_M,
    LIGHT_X,
    LIGHT_Y,
    LIGHT_Z,
    SHADOW,
    SHINE,
    SKY,
    SUN,
)
from fleetmind.simulators.render.materials import GLOW, SIZE, Materials
from fleetmind.simulators.render.primitives import Primitives
from fleetmind.simulators.render.shadows import Shadow

Floats = npt.NDArray[np.float64]
Layers = tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], npt.NDArray[np.uint8], list[int]]
_FAR = math.inf


def draw(found: Primitives, camera: Camera, width: int, height: int, table: Materials, shadow: Shadow) -> Layers:
    """A picture.

    Args:
        found: what is drawn.
        camera: from where.
        width: pixels.
        height: pixels.
        table: materials.
        shadow: what the lamp meets first.

    Returns:
        Depth (HxW metres along the optical axis, inf for nothing), instance ids (HxW, 0 for background), RGB (HxWx3),
        and which ids there are.
    """
    depth = np.full((height, width), np.inf)
    which = np.full((height, width), -1, dtype=np.int32)
    _fill(found.shape, found.lo, found.hi, camera.eye, camera.right, camera.up, camera.ahead, camera.half_width,
          camera.half_height, camera.orthographic, camera.near_m, depth, which)
    rgb, ids = np.zeros((height, width, 3), dtype=np.uint8), np.zeros((height, width), dtype=np.int32)
    present = np.zeros(len(found.shape), dtype=np.uint8)
    light = shadow.camera
    _shade(found.shape, found.lo, found.hi, found.rgb, found.look, found.light, found.instance, camera.eye,
           camera.right, camera.up, camera.ahead, camera.half_width, camera.half_height, camera.orthographic,
           table.texture, table.texels_per_m, table.gloss, shadow.depth, light.eye, light.right, light.up, light.ahead,
           light.half_width, light.half_height, depth, which, rgb, ids, present,
           (AMBIENT, SKY, SUN, HEADLIGHT, FADE, LIGHT_X, LIGHT_Y, LIGHT_Z, SHADOW, BIAS_M, LIFT_M))
    return depth.astype(np.float32), ids, rgb, np.unique(found.instance[present > 0]).tolist()


def depths(found: Primitives, camera: Camera, width: int, height: int) -> Floats:
    """Only the depth, HxW metres along the optical axis; inf for nothing."""
    depth = np.full((height, width), np.inf)
    _fill(found.shape, found.lo, found.hi, camera.eye, camera.right, camera.up, camera.ahead, camera.half_width,
          camera.half_height, camera.orthographic, camera.near_m, depth, np.empty((height, width), dtype=np.int32))
    return depth


@numba.njit(cache=True, error_model="numpy")
def _window(lo, hi, eye, right, up, ahead, half_width, half_height, ortho, near, width, height, corner):  # type: ignore[no-untyped-def]
    """The pixels a box may cover (first column and row, last ones + 1), and the depth of its nearest corner."""
    deep, shallow = -_FAR, _FAR
    for k in range(8):
        x = (hi[0] if k & 4 else lo[0]) - eye[0]
        y = (hi[1] if k & 2 else lo[1]) - eye[1]
        z = (hi[2] if k & 1 else lo[2]) - eye[2]
        d = x * ahead[0] + y * ahead[1] + z * ahead[2]
        corner[k, 0], corner[k, 1] = (x * right[0] + y * right[1] + z * right[2],
                                      x * up[0] + y * up[1] + z * up[2])
        corner[k, 2] = d
        deep, shallow = max(deep, d), min(shallow, d)
    if deep < near and not ortho:
        return 0, 0, 0, 0, _FAR
    a0, b0, a1, b1 = _FAR, _FAR, -_FAR, -_FAR
    for k in range(8):
        d = corner[k, 2]
        if ortho:
            a, b = corner[k, 0], corner[k, 1]
        elif d >= near:
            a, b = corner[k, 0] / d, corner[k, 1] / d
        else:
            continue
        a0, a1, b0, b1 = min(a0, a), max(a1, a), min(b0, b), max(b1, b)
    if shallow < near and not ortho:
        # Edges that cross the near plane are cut there: their other end is behind the eye.
        for k in range(8):
            for bit in (1, 2, 4):
                m = k | bit
                if k & bit or (corner[k, 2] < near) == (corner[m, 2] < near):
                    continue
                share = (near - corner[k, 2]) / (corner[m, 2] - corner[k, 2])
                a = (corner[k, 0] + share * (corner[m, 0] - corner[k, 0])) / near
                b = (corner[k, 1] + share * (corner[m, 1] - corner[k, 1])) / near
                a0, a1, b0, b1 = min(a0, a), max(a1, a), min(b0, b), max(b1, b)
    x0, x1 = (a0 / half_width + 1) * width / 2, (a1 / half_width + 1) * width / 2
    y0, y1 = (1 - b1 / half_height) * height / 2, (1 - b0 / half_height) * height / 2
    return (int(min(max(math.floor(x0), 0), width)), int(min(max(math.floor(y0), 0), height)),
            int(min(max(math.ceil(x1), 0), width)), int(min(max(math.ceil(y1), 0), height)), shallow)


@numba.njit(cache=True, error_model="numpy")
def _ball(lo, hi, ox, oy, oz, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Distance along a ray at which it enters an ellipsoid."""
    rx, ry, rz = (hi[0] - lo[0]) / 2, (hi[1] - lo[1]) / 2, (hi[2] - lo[2]) / 2
    px, py, pz = (ox - lo[0]) / rx - 1, (oy - lo[1]) / ry - 1, (oz - lo[2]) / rz - 1
    qx, qy, qz = dx / rx, dy / ry, dz / rz
    a = qx * qx + qy * qy + qz * qz
    b = px * qx + py * qy + pz * qz
    inside = b * b - a * (px * px + py * py + pz * pz - 1)
    return (-b - math.sqrt(inside)) / a if inside >= 0 else _FAR


@numba.njit(cache=True, error_model="numpy")
def _round(lo, hi, ox, oy, oz, dx, dy, dz, near, is_tube):  # type: ignore[no-untyped-def]
    """Distance along a ray to an upright cylinder; a tube has no lid and shows its inside."""
    rx, rz = (hi[0] - lo[0]) / 2, (hi[2] - lo[2]) / 2
    px, pz = (ox - lo[0]) / rx - 1, (oz - lo[2]) / rz - 1
    qx, qz = dx / rx, dz / rz
    best = _FAR
    a, b = qx * qx + qz * qz, px * qx + pz * qz
    if a > 1e-12:
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


@numba.njit(cache=True, error_model="numpy")
def _fill(shape, lo, hi, eye, right, up, ahead, half_width, half_height, ortho, near, depth, which):  # type: ignore[no-untyped-def]
    """Nearest primitive and its depth for each pixel."""
    height, width = depth.shape
    count = len(shape)
    windows, nearest, corner = np.empty((count, 4), np.int32), np.empty(count), np.empty((8, 3))
    for i in range(count):
        windows[i, 0], windows[i, 1], windows[i, 2], windows[i, 3], nearest[i] = _window(
            lo[i], hi[i], eye, right, up, ahead, half_width, half_height, ortho, near, width, height, corner)
    for i in np.argsort(nearest, kind="mergesort"):
        kind = shape[i]
        for row in range(windows[i, 1], windows[i, 3]):
            v = (1 - 2 * (row + 0.5) / height) * half_height
            for column in range(windows[i, 0], windows[i, 2]):
                if depth[row, column] <= nearest[i]:
                    continue
                u = (2 * (column + 0.5) / width - 1) * half_width
                sx, sy, sz = u * right[0] + v * up[0], u * right[1] + v * up[1], u * right[2] + v * up[2]
                if ortho:
                    ox, oy, oz = eye[0] + sx, eye[1] + sy, eye[2] + sz
                    dx, dy, dz = ahead[0], ahead[1], ahead[2]
                else:
                    ox, oy, oz = eye[0], eye[1], eye[2]
                    dx, dy, dz = ahead[0] + sx, ahead[1] + sy, ahead[2] + sz
                if kind == 0:
                    # Where a component is 0 the quotients are infinite, or not a number exactly on a face.
                    ix, iy, iz = 1.0 / dx, 1.0 / dy, 1.0 / dz
                    a, b = (lo[i, 0] - ox) * ix, (hi[i, 0] - ox) * ix
                    enter, leave = min(a, b), max(a, b)
                    a, b = (lo[i, 1] - oy) * iy, (hi[i, 1] - oy) * iy
                    enter, leave = max(enter, min(a, b)), min(leave, max(a, b))
                    a, b = (lo[i, 2] - oz) * iz, (hi[i, 2] - oz) * iz
                    enter, leave = max(enter, min(a, b)), min(leave, max(a, b))
                    t = enter if enter <= leave else _FAR
                elif kind == 2:
                    t = _ball(lo[i], hi[i], ox, oy, oz, dx, dy, dz)
                else:
                    t = _round(lo[i], hi[i], ox, oy, oz, dx, dy, dz, near, kind == 3)
                if near < t < depth[row, column]:
                    depth[row, column] = t
                    which[row, column] = i


@numba.njit(cache=True, error_model="numpy", inline="always", fastmath=True)
def _normal(kind, x0, y0, z0, x1, y1, z1, x, y, z, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Unit normal at a point of a primitive's surface, towards the eye. Scalars: views of arrays cost more here."""
    nx, ny, nz = 0.0, 0.0, 0.0
    if kind == 0:
        # A ray enters a block by one of the three faces that face it.
        gx, gy = abs(x - (x0 if dx > 0 else x1)), abs(y - (y0 if dy > 0 else y1))
        gz = abs(z - (z0 if dz > 0 else z1))
        if gx <= gy and gx <= gz:
            nx = -1.0 if dx > 0 else 1.0
        elif gy <= gz:
            ny = -1.0 if dy > 0 else 1.0
        else:
            nz = -1.0 if dz > 0 else 1.0
    else:
        rx, ry, rz = (x1 - x0) / 2, (y1 - y0) / 2, (z1 - z0) / 2
        cx, cy, cz = x - x0 - rx, y - y0 - ry, z - z0 - rz
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


@numba.njit(cache=True, error_model="numpy", inline="always", fastmath=True)
def _texel(a, b, c, ea, eb, ec, nx, ny, nz, texture, material, per_m):  # type: ignore[no-untyped-def]
    """The texture's value at a place from a block's low corner: the grain runs along the longer side of the face."""
    ax, ay, az = abs(nx), abs(ny), abs(nz)
    if ay >= ax and ay >= az:
        p, q, ep, eq = a, c, ea, ec
    elif ax >= az:
        p, q, ep, eq = b, c, eb, ec
    else:
        p, q, ep, eq = a, b, ea, eb
    if ep < eq:
        p, q = q, p
    return texture[material, math.floor(p * per_m) & (SIZE - 1), math.floor(q * per_m) & (SIZE - 1)]


@numba.njit(cache=True, error_model="numpy", inline="always", fastmath=True)
def _lit(x, y, z, reach, eye, right, up, ahead, half_width, half_height, bias):  # type: ignore[no-untyped-def]
    """How much of the lamp reaches a point, 0 to 1: four neighbouring texels of the shadow map, blended."""
    height, width = reach.shape
    px, py, pz = x - eye[0], y - eye[1], z - eye[2]
    deep = px * ahead[0] + py * ahead[1] + pz * ahead[2] - bias
    u = ((px * right[0] + py * right[1] + pz * right[2]) / half_width + 1) * width / 2 - 0.5
    v = (1 - (px * up[0] + py * up[1] + pz * up[2]) / half_height) * height / 2 - 0.5
    column, row = math.floor(u), math.floor(v)
    if column < 0 or row < 0 or column + 1 >= width or row + 1 >= height:
        return 1.0
    fu, fv = u - column, v - row
    top = ((1 - fu) * (1.0 if reach[row, column] >= deep else 0.0)
           + fu * (1.0 if reach[row, column + 1] >= deep else 0.0))
    below = ((1 - fu) * (1.0 if reach[row + 1, column] >= deep else 0.0)
             + fu * (1.0 if reach[row + 1, column + 1] >= deep else 0.0))
    return (1 - fv) * top + fv * below


# Colours may differ by rounding from those of the reference, so the compiler may reorder here; never above.
@numba.njit(cache=True, error_model="numpy", fastmath=True)
def _shade(  # type: ignore[no-untyped-def]
        shape, lo, hi, rgb, look, light, instance, eye, right, up, ahead, half_width, half_height, ortho, texture,
        texels_per_m, gloss, reach, lamp_eye, lamp_right, lamp_up, lamp_ahead, lamp_width, lamp_height, depth, which,
        out, ids, present, constants):
    """Colour and id of each pixel. `constants` are those of `light.py`: compiled code would keep old ones."""
    ambient, sky, strength, headlight, fade, light_x, light_y, light_z, dark, bias, lift = constants
    height, width = depth.shape
    across = 2 * half_width / width
    last, kind, material, number = -1, 0, 0, 0
    x0, y0, z0, x1, y1, z1 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    red, green, blue, level, mirror, per_m = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for row in range(height):
        v = (1 - 2 * (row + 0.5) / height) * half_height
        for column in range(width):
            i = which[row, column]
            t = depth[row, column]
            if i < 0:
                continue
            if i != last:  # neighbours are mostly of one primitive
                last, kind, material, number = i, shape[i], look[i], instance[i]
                present[i] = 1
                x0, y0, z0, x1, y1, z1 = lo[i, 0], lo[i, 1], lo[i, 2], hi[i, 0], hi[i, 1], hi[i, 2]
                red, green, blue, level = rgb[i, 0], rgb[i, 1], rgb[i, 2], light[i]
                mirror, per_m = gloss[material], texels_per_m[material]
            ids[row, column] = number
            bright, shine = 1.0, 0.0
            if material != GLOW:
                u = (column + 0.5) * across - half_width
                sx, sy, sz = u * right[0] + v * up[0], u * right[1] + v * up[1], u * right[2] + v * up[2]
                if ortho:
                    dx, dy, dz = ahead[0], ahead[1], ahead[2]
                    x, y, z = eye[0] + sx + t * dx, eye[1] + sy + t * dy, eye[2] + sz + t * dz
                else:
                    dx, dy, dz = ahead[0] + sx, ahead[1] + sy, ahead[2] + sz
                    x, y, z = eye[0] + t * dx, eye[1] + t * dy, eye[2] + t * dz
                nx, ny, nz = _normal(kind, x0, y0, z0, x1, y1, z1, x, y, z, dx, dy, dz)
                short = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
                facing = -(nx * dx + ny * dy + nz * dz) * short
                sun = nx * light_x + ny * light_y + nz * light_z
                if sun > 0:
                    lit = 1 - dark * (1 - _lit(x + lift * nx, y + lift * ny, z + lift * nz, reach, lamp_eye,
                                               lamp_right, lamp_up, lamp_ahead, lamp_width, lamp_height, bias))
                    if mirror > 0:
                        hx, hy, hz = light_x - dx * short, light_y - dy * short, light_z - dz * short
                        half = (nx * hx + ny * hy + nz * hz) / math.sqrt(hx * hx + hy * hy + hz * hz)
                        if half > DULL:
                            shine = 255 * level * mirror * lit * half**SHINE
                    sun *= lit
                else:
                    sun = 0.0
                bright = (ambient + sky * ny + strength * sun + headlight * facing) * level / (1 + fade * t)
                bright *= _texel(x - x0, y - y0, z - z0, x1 - x0, y1 - y0, z1 - z0, nx, ny, nz, texture, material,
                                 per_m)
            out[row, column, 0] = min(red * bright + shine, 255.0)
            out[row, column, 1] = min(green * bright + shine, 255.0)
            out[row, column, 2] = min(blue * bright + shine, 255.0)
