"""The renderer in plain numpy: slower than `kernel.py`, and what that is tested against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.render.camera import Camera, windows
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
Ints = npt.NDArray[np.int32]
Layers = tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], npt.NDArray[np.uint8], list[int]]
_LAMP = np.array([LIGHT_X, LIGHT_Y, LIGHT_Z])


def draw(found: Primitives, camera: Camera, width: int, height: int, table: Materials, shadow: Shadow) -> Layers:
    """Depth, instance ids, RGB and which ids there are; see `kernel.draw`."""
    origin, way = _rays(camera, width, height)
    depth, which = _fill(found, camera, width, height, origin, way)
    out, ids = np.zeros((height, width, 3), dtype=np.uint8), np.zeros((height, width), dtype=np.int32)
    hit = which >= 0
    ids[hit] = found.instance[which[hit]]
    out[hit] = _shade(found, which[hit], origin[hit], way[hit], depth[hit], table, shadow)
    return depth.astype(np.float32), ids, out, np.unique(ids[hit]).tolist()


def depths(found: Primitives, camera: Camera, width: int, height: int) -> Floats:
    """Only the depth; see `kernel.depths`."""
    return _fill(found, camera, width, height, *_rays(camera, width, height))[0]


def _rays(camera: Camera, width: int, height: int) -> tuple[Floats, Floats]:
    """Where the ray of each pixel begins and goes, (H, W, 3) each."""
    u = (2 * (np.arange(width) + 0.5) / width - 1) * camera.half_width
    v = (1 - 2 * (np.arange(height) + 0.5) / height) * camera.half_height
    across = u[None, :, None] * camera.right + v[:, None, None] * camera.up
    if camera.orthographic:
        return camera.eye + across, np.broadcast_to(camera.ahead, across.shape)
    return np.broadcast_to(camera.eye, across.shape), camera.ahead + across


def _fill(found: Primitives, camera: Camera, width: int, height: int, origin: Floats,
          way: Floats) -> tuple[Floats, Ints]:
    """Nearest primitive and its depth for each pixel."""
    depth, which = np.full((height, width), np.inf), np.full((height, width), -1, dtype=np.int32)
    covered = windows(camera, found.lo, found.hi, width, height)
    for i in range(len(found.shape)):
        x0, y0, x1, y1 = covered[i]
        if x1 <= x0 or y1 <= y0:
            continue
        cut = (slice(y0, y1), slice(x0, x1))
        t = _meet(int(found.shape[i]), found.lo[i], found.hi[i], origin[cut], way[cut], camera.near_m)
        nearer = (t > camera.near_m) & (t < depth[cut])
        depth[cut][nearer] = t[nearer]
        which[cut][nearer] = i
    return depth, which


def _meet(kind: int, lo: Floats, hi: Floats, o: Floats, d: Floats, near: float) -> Floats:
    """Distance along each ray to a primitive; inf where it misses."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == 0:
            return _box(lo, hi, o, d)
        if kind == 2:
            return _ball(lo, hi, o, d)
        return _round(lo, hi, o, d, near, kind == 3)


def _box(lo: Floats, hi: Floats, o: Floats, d: Floats) -> Floats:
    a, b = (lo - o) / d, (hi - o) / d
    flat = np.abs(d) < 1e-12
    inside = (o >= lo) & (o <= hi)
    low = np.where(flat, np.where(inside, -np.inf, np.inf), np.minimum(a, b))
    high = np.where(flat, np.where(inside, np.inf, -np.inf), np.maximum(a, b))
    enter, leave = low.max(axis=-1), high.min(axis=-1)
    return np.where(enter <= leave, enter, np.inf)


def _ball(lo: Floats, hi: Floats, o: Floats, d: Floats) -> Floats:
    r = (hi - lo) / 2
    p, q = (o - lo) / r - 1, d / r
    a, b, c = (q * q).sum(axis=-1), (p * q).sum(axis=-1), (p * p).sum(axis=-1) - 1
    inside = b * b - a * c
    return np.where(inside >= 0, (-b - np.sqrt(np.maximum(inside, 0))) / a, np.inf)


def _round(lo: Floats, hi: Floats, o: Floats, d: Floats, near: float, is_tube: bool) -> Floats:
    rx, rz = (hi[0] - lo[0]) / 2, (hi[2] - lo[2]) / 2
    px, pz = (o[..., 0] - lo[0]) / rx - 1, (o[..., 2] - lo[2]) / rz - 1
    qx, qz = d[..., 0] / rx, d[..., 2] / rz
    oy, dy = o[..., 1], d[..., 1]
    a, b = qx * qx + qz * qz, px * qx + pz * qz
    inside = b * b - a * (px * px + pz * pz - 1)
    root = np.sqrt(np.maximum(inside, 0))
    sides = (inside >= 0) & (a > 1e-12)

    def on_side(t: Floats) -> npt.NDArray[np.bool_]:
        y = oy + t * dy
        on: npt.NDArray[np.bool_] = sides & (t > near) & (y >= lo[1]) & (y <= hi[1])
        return on

    first = (-b - root) / a
    best = np.where(on_side(first), first, np.inf)
    if is_tube:
        second = (-b + root) / a
        best = np.where(np.isinf(best) & on_side(second), second, best)
    for cap in (lo[1],) if is_tube else (lo[1], hi[1]):
        t = (cap - oy) / dy
        x, z = px + t * qx, pz + t * qz
        on_cap = (np.abs(dy) > 1e-12) & (t > near) & (t < best) & (x * x + z * z <= 1)
        best = np.where(on_cap, t, best)
    return best


def _shade(found: Primitives, i: Ints, origin: Floats, way: Floats, t: Floats, table: Materials,
           shadow: Shadow) -> npt.NDArray[np.uint8]:
    """Colour of N points, (N, 3): on primitive i, at distance t along each ray."""
    p = origin + t[:, None] * way
    n = _normals(found.shape[i], found.lo[i], found.hi[i], p)
    n = np.where(((n * way).sum(axis=1) > 0)[:, None], -n, n)
    view = way / np.sqrt((way * way).sum(axis=1))[:, None]
    facing = -(n * view).sum(axis=1)
    sun = n @ _LAMP
    lit = np.where(sun > 0, 1 - SHADOW * (1 - _lit(p + LIFT_M * n, shadow)), 1.0)
    half = _LAMP - view
    half = np.maximum((n * half).sum(axis=1) / np.sqrt((half * half).sum(axis=1)), 0)
    look = found.look[i]
    shine = np.where((sun > 0) & (half > DULL), table.gloss[look] * lit * half**SHINE, 0) * 255 * found.light[i]
    bright = (AMBIENT + SKY * n[:, 1] + SUN * np.maximum(sun, 0) * lit + HEADLIGHT * facing) * found.light[i]
    bright = bright / (1 + FADE * t) * _texels(found.lo[i], found.hi[i], p, n, look, table)
    bright, shine = np.where(look == GLOW, 1.0, bright), np.where(look == GLOW, 0.0, shine)
    return np.clip(found.rgb[i] * bright[:, None] + shine[:, None], 0, 255).astype(np.uint8)


def _texels(lo: Floats, hi: Floats, p: Floats, n: Floats, look: Ints,
            table: Materials) -> npt.NDArray[np.float32]:
    """The textures' values: the grain runs along the longer side of the face."""
    ax, ay, az = np.abs(n).T
    first = np.where((ay >= ax) & (ay >= az), 0, np.where(ax >= az, 1, 0))
    second = np.where((ay >= ax) & (ay >= az) | (ax >= az), 2, 1)
    rows = np.arange(len(p))
    swap = (hi - lo)[rows, first] < (hi - lo)[rows, second]
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    per_m = table.texels_per_m[look]
    at, across = ((p - lo)[rows, axis] * per_m for axis in (first, second))
    values: npt.NDArray[np.float32] = table.texture[
        look, np.floor(at).astype(np.int64) % SIZE, np.floor(across).astype(np.int64) % SIZE]
    return values


def _lit(p: Floats, shadow: Shadow) -> Floats:
    """How much of the lamp reaches each point, 0 to 1: four neighbouring texels of the shadow map, blended."""
    camera, (height, width) = shadow.camera, shadow.depth.shape
    way = p - camera.eye
    deep = way @ camera.ahead - BIAS_M
    u = (way @ camera.right / camera.half_width + 1) * width / 2 - 0.5
    v = (1 - way @ camera.up / camera.half_height) * height / 2 - 0.5
    column, row = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    known = (column >= 0) & (row >= 0) & (column + 1 < width) & (row + 1 < height)
    fu, fv = u - column, v - row
    column, row = np.where(known, column, 0), np.where(known, row, 0)

    def reached(down: int, across: int) -> Floats:
        return np.where(shadow.depth[row + down, column + across] >= deep, 1.0, 0.0)

    top = (1 - fu) * reached(0, 0) + fu * reached(0, 1)
    below = (1 - fu) * reached(1, 0) + fu * reached(1, 1)
    return np.where(known, (1 - fv) * top + fv * below, 1.0)


def _normals(kind: npt.NDArray[np.int32], lo: Floats, hi: Floats, p: Floats) -> Floats:
    """Unit normals at points of primitives' surfaces, either way, (N, 3)."""
    gaps = np.stack([np.abs(p[:, 0] - lo[:, 0]), np.abs(p[:, 0] - hi[:, 0]), np.abs(p[:, 1] - lo[:, 1]),
                     np.abs(p[:, 1] - hi[:, 1]), np.abs(p[:, 2] - lo[:, 2]), np.abs(p[:, 2] - hi[:, 2])], axis=1)
    side = gaps.argmin(axis=1)
    flat = np.zeros_like(p)
    flat[np.arange(len(p)), side // 2] = np.where(side % 2 == 0, -1.0, 1.0)
    r = (hi - lo) / 2
    c = p - lo - r
    curved = c / (r * r)
    cap = np.abs(np.abs(c[:, 1]) - r[:, 1]) < 1e-6
    up = np.stack([np.zeros(len(p)), np.sign(c[:, 1]), np.zeros(len(p))], axis=1)
    round_ = np.where(cap[:, None], up, curved * np.array([1.0, 0.0, 1.0]))
    n = np.where((kind == 0)[:, None], flat, np.where((kind == 2)[:, None], curved, round_))
    unit: Floats = n / (np.sqrt((n * n).sum(axis=1)) + 1e-12)[:, None]
    return unit
