"""Which things an eye sees: rays to points of each thing, against the boxes of what hides. In numpy.

`sight_kernel.py` is the same compiled: it computes the same numbers in the same order, so that it does not matter which
of the two answers. A test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

SLACK_M = 0.02
"""A ray that ends this close to its target has reached it."""
MOST_HOLDERS = 6
"""How many containers, one in the other, are looked through."""
OPEN_ABOVE, OPEN_FRONT = 0, 1
TOO_FAR, OUT_OF_VIEW, HIDDEN, SEEN = 0, 1, 2, 3


def _fractions() -> tuple[Floats, Floats]:
    """Points of a box that are looked at, as fractions, the telling ones first: (2, P, 3) by its longer side."""
    faces = [(0.5, 0.5, 0.5), (0.5, 1, 0.5), (0.5, 0.5, 1), (0.5, 0.5, 0), (0, 0.5, 0.5), (1, 0.5, 0.5)]
    corners = [(u, y, v) for y in (0.93, 0.07) for u in (0.07, 0.93) for v in (0.07, 0.93)]
    shares = (0.1, 0.22, 0.35, 0.65, 0.78, 0.9)
    return (np.array([*faces, *corners, *((s, 1.0, 0.8) for s in shares)], dtype=np.float64),
            np.array([*faces, *corners, *((0.8, 1.0, s) for s in shares)], dtype=np.float64))


ALONG_X, ALONG_Z = _fractions()
"""(P, 3) fractions for boxes that are longer along x, and along z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """T things as arrays."""

    lo: Floats
    """(T, 3) low corners, metres."""
    hi: Floats
    """(T, 3) high corners, metres."""
    looked_for: Bytes
    """(T,) 1 for what may be seen at all: there, not held, not inside something closed."""
    holders: Ints
    """(T, MOST_HOLDERS) rows of what it is in or on, nearest first; -1 fills up."""
    opening: Bytes
    """(T,) from where one looks into it: OPEN_ABOVE or OPEN_FRONT."""
    front: Floats
    """(T, 2) unit x, z of the side it faces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """M boxes of what hides."""

    lo: Floats
    """(M, 3) low corners, metres."""
    hi: Floats
    """(M, 3) high corners, metres."""
    owner: Ints
    """(M,) rows of the things they are parts of; -1 for walls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """An eye with its square view of 90 degrees."""

    at: Floats
    """(3,) metres."""
    right: Floats
    """(3,) unit vector."""
    up: Floats
    """(3,) unit vector."""
    ahead: Floats
    """(3,) unit vector."""
    stand: tuple[float, float]
    """(x, z) of the body below it, from which distances count."""


def look(eye: Eye, things: Things, boxes: Boxes, within_m: float, only: int = -1) -> Bytes:
    """Which things the eye sees within a distance, (T,): TOO_FAR (or not looked for), OUT_OF_VIEW, HIDDEN or SEEN.

    Args:
        eye: who looks.
        things: what is looked for.
        boxes: what hides.
        within_m: things whose box is farther away, height ignored, are not looked for.
        only: the row of the one thing to look for; -1 for all.
    """
    found = np.zeros(len(things.lo), dtype=np.uint8)
    x, z = eye.stand
    dx = np.maximum(np.maximum(things.lo[:, 0] - x, x - things.hi[:, 0]), 0.0)
    dz = np.maximum(np.maximum(things.lo[:, 2] - z, z - things.hi[:, 2]), 0.0)
    near = (things.looked_for > 0) & (np.sqrt(dx * dx + dz * dz) <= within_m)
    for row in np.flatnonzero(near).tolist() if only < 0 else [only] if near[only] else []:
        found[row] = _see(eye, things, boxes, row)
    return found


def _see(eye: Eye, things: Things, boxes: Boxes, row: int) -> int:
    lo, hi = things.lo[row], things.hi[row]
    extent = hi - lo
    points = lo + (ALONG_X if extent[0] >= extent[2] else ALONG_Z) * extent
    points = points[in_view(eye, points)]
    if not len(points):
        return OUT_OF_VIEW
    low, high = np.minimum(lo, eye.at), np.maximum(hi, eye.at)
    between = ((boxes.lo <= high) & (boxes.hi >= low)).all(axis=1)
    for owner in looked_through(eye.at, things, row):
        between &= boxes.owner != owner
    return SEEN if (~hits(eye.at, points, boxes.lo[between], boxes.hi[between])).any() else HIDDEN


def in_view(eye: Eye, points: Floats) -> npt.NDArray[np.bool_]:
    """Which points are in the eye's view, (N,)."""
    x, y, z = (points[:, axis] - eye.at[axis] for axis in range(3))
    ahead = x * eye.ahead[0] + y * eye.ahead[1] + z * eye.ahead[2]
    right = x * eye.right[0] + y * eye.right[1] + z * eye.right[2]
    up = x * eye.up[0] + y * eye.up[1] + z * eye.up[2]
    inside: npt.NDArray[np.bool_] = (ahead > 0.01) & (np.abs(right) <= ahead) & (np.abs(up) <= ahead)
    return inside


def looked_through(at: Floats, things: Things, row: int) -> list[int]:
    """The thing itself, and the containers into which an eye looks from their open side."""
    owners = [row]
    for holder in things.holders[row].tolist():
        if holder < 0:
            break
        lo, hi = things.lo[holder], things.hi[holder]
        if things.opening[holder] == OPEN_FRONT:
            fx, fz = things.front[holder]
            if (at[0] - (lo[0] + hi[0]) / 2) * fx + (at[2] - (lo[2] + hi[2]) / 2) * fz > 0:
                owners.append(holder)
        elif at[1] > lo[1]:
            owners.append(holder)
    return owners


def hits(at: Floats, points: Floats, lo: Floats, hi: Floats) -> npt.NDArray[np.bool_]:
    """Which rays from an eye (3,) to points (N, 3) meet a box (M, 3), (M, 3) on their way, (N,)."""
    way = points - at
    way[np.abs(way) < 1e-9] = 1e-9
    length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1] + way[:, 2] * way[:, 2])
    inverse = (1.0 / way)[:, None, :]
    a = (lo - at)[None] * inverse
    b = (hi - at)[None] * inverse
    enter = np.minimum(a, b).max(axis=2)
    leave = np.maximum(a, b).min(axis=2)
    stop = (1.0 - SLACK_M / np.maximum(length, SLACK_M))[:, None]
    # Boxes around the eye itself do not count: nobody looks out of a wall.
    blocked: npt.NDArray[np.bool_] = ((leave > enter) & (enter > 0) & (enter < stop)).any(axis=1)
    return blocked
