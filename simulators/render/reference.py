"""The renderer in plain numpy: slower than `kernel.py`, and what that is tested against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.render.light import AMBIENT, FADE, HEADLIGHT, LIGHT_X, LIGHT_Y, LIGHT_Z, SUN

Floats = npt.NDArray[np.float64]
_LIGHT = np.array([LIGHT_X, LIGHT_Y, LIGHT_Z])


def draw(shape: npt.NDArray[np.int32], lo: Floats, hi: Floats, rgb: Floats, look: npt.NDArray[np.int32],
         light: Floats, windows: npt.NDArray[np.int32], eye: Floats, right: Floats, up: Floats, ahead: Floats,
         half_width: float, half_height: float, ortho: bool, near: float, width: int,
         height: int) -> tuple[Floats, npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Depth (HxW metres along the optical axis, inf for nothing), primitive (HxW, -1 for nothing) and RGB (HxWx3)."""
    depth = np.full((height, width), np.inf)
    which = np.full((height, width), -1, dtype=np.int32)
    u = (2 * (np.arange(width) + 0.5) / width - 1) * half_width
    v = (1 - 2 * (np.arange(height) + 0.5) / height) * half_height
    across = u[None, :, None] * right + v[:, None, None] * up
    origin = eye + across if ortho else np.broadcast_to(eye, across.shape)
    way = np.broadcast_to(ahead, across.shape) if ortho else ahead + across
    for i in range(len(shape)):
        x0, y0, x1, y1 = windows[i]
        if x1 <= x0 or y1 <= y0:
            continue
        cut = (slice(y0, y1), slice(x0, x1))
        t = _meet(int(shape[i]), lo[i], hi[i], origin[cut], way[cut], near)
        nearer = (t > near) & (t < depth[cut])
        depth[cut][nearer] = t[nearer]
        which[cut][nearer] = i
    return depth, which, _shade(shape, lo, hi, rgb, look, light, origin, way, depth, which)


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


def _shade(shape: npt.NDArray[np.int32], lo: Floats, hi: Floats, rgb: Floats, look: npt.NDArray[np.int32],
           light: Floats, origin: Floats, way: Floats, depth: Floats,
           which: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    """Colour of each pixel, (H, W, 3)."""
    out = np.zeros((*depth.shape, 3), dtype=np.uint8)
    hit = which >= 0
    i, t, d = which[hit], depth[hit], way[hit]
    p = origin[hit] + t[:, None] * d
    n = _normals(shape[i], lo[i], hi[i], p)
    n = np.where(((n * d).sum(axis=1) > 0)[:, None], -n, n)
    facing = -(n * d).sum(axis=1) / np.sqrt((d * d).sum(axis=1))
    bright = (AMBIENT + SUN * np.maximum(n @ _LIGHT, 0) + HEADLIGHT * facing) * light[i] / (1 + FADE * t)
    tiles = (np.floor(p[:, 0] / 0.5) + np.floor(p[:, 2] / 0.5)).astype(np.int64) & 1
    bands = np.floor((p[:, 0] + p[:, 2]) / 0.4).astype(np.int64) & 1
    bright = np.where((look[i] == 1) & (tiles == 1), bright * 0.94, bright)
    bright = np.where((look[i] == 2) & (bands == 1), bright * 0.985, bright)
    bright = np.where(look[i] == 3, 1.0, bright)
    out[hit] = np.clip(rgb[i] * bright[:, None], 0, 255).astype(np.uint8)
    return out


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
