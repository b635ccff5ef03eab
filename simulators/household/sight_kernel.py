"""`sight.look` compiled: the same numbers in the same order, a ray ends at the first box it meets."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.sight import (
    ALONG_X,
    ALONG_Z,
    HIDDEN,
    OPEN_FRONT,
    OUT_OF_VIEW,
    SEEN,
    SLACK_M,
    Boxes,
    Eye,
    Things,
)


def look(eye: Eye, things: Things, boxes: Boxes, within_m: float, only: int = -1) -> npt.NDArray[np.uint8]:
    """See `sight.look`."""
    found = np.zeros(len(things.lo), dtype=np.uint8)
    _look(eye.at, eye.right, eye.up, eye.ahead, eye.stand[0], eye.stand[1], things.lo, things.hi, things.looked_for,
          things.holders, things.opening, things.front, boxes.lo, boxes.hi, boxes.owner, within_m, only, ALONG_X,
          ALONG_Z, found)
    return found


@numba.njit(cache=True, error_model="numpy")
def _look(at, right, up, ahead, stand_x, stand_z, lo, hi, looked_for, holders, opening, front, box_lo, box_hi,  # type: ignore[no-untyped-def]
          owner, within_m, only, along_x, along_z, found):
    between = np.empty(len(box_lo), dtype=np.int32)
    owners = np.empty(holders.shape[1] + 1, dtype=np.int32)
    for row in range(len(lo)):
        if not looked_for[row] or (only >= 0 and row != only):
            continue
        dx = max(max(lo[row, 0] - stand_x, stand_x - hi[row, 0]), 0.0)
        dz = max(max(lo[row, 2] - stand_z, stand_z - hi[row, 2]), 0.0)
        if math.sqrt(dx * dx + dz * dz) > within_m:
            continue
        shares = along_x if hi[row, 0] - lo[row, 0] >= hi[row, 2] - lo[row, 2] else along_z
        found[row] = OUT_OF_VIEW
        count = -1  # of boxes in between: found out when the first point is in view
        for point in range(len(shares)):
            wx = lo[row, 0] + shares[point, 0] * (hi[row, 0] - lo[row, 0]) - at[0]
            wy = lo[row, 1] + shares[point, 1] * (hi[row, 1] - lo[row, 1]) - at[1]
            wz = lo[row, 2] + shares[point, 2] * (hi[row, 2] - lo[row, 2]) - at[2]
            deep = wx * ahead[0] + wy * ahead[1] + wz * ahead[2]
            if not (deep > 0.01 and abs(wx * right[0] + wy * right[1] + wz * right[2]) <= deep
                    and abs(wx * up[0] + wy * up[1] + wz * up[2]) <= deep):
                continue
            found[row] = HIDDEN
            if count < 0:
                count = _between(at, row, lo, hi, holders, opening, front, box_lo, box_hi, owner, owners, between)
            if not _blocked(at, wx, wy, wz, box_lo, box_hi, between, count):
                found[row] = SEEN
                break


@numba.njit(cache=True, error_model="numpy")
def _between(at, row, lo, hi, holders, opening, front, box_lo, box_hi, owner, owners, between):  # type: ignore[no-untyped-def]
    """Fill in the boxes that may stand between the eye and the thing; returns how many."""
    owners[0], known = row, 1
    for depth in range(holders.shape[1]):
        holder = holders[row, depth]
        if holder < 0:
            break
        if opening[holder] == OPEN_FRONT:
            inside = ((at[0] - (lo[holder, 0] + hi[holder, 0]) / 2) * front[holder, 0]
                      + (at[2] - (lo[holder, 2] + hi[holder, 2]) / 2) * front[holder, 1] > 0)
        else:
            inside = at[1] > lo[holder, 1]
        if inside:
            owners[known] = holder
            known += 1
    ax, ay, az = min(lo[row, 0], at[0]), min(lo[row, 1], at[1]), min(lo[row, 2], at[2])
    bx, by, bz = max(hi[row, 0], at[0]), max(hi[row, 1], at[1]), max(hi[row, 2], at[2])
    count = 0
    for i in range(len(box_lo)):
        if (box_lo[i, 0] <= bx and box_hi[i, 0] >= ax and box_lo[i, 2] <= bz and box_hi[i, 2] >= az
                and box_lo[i, 1] <= by and box_hi[i, 1] >= ay):
            own = False
            for k in range(known):
                own = own or owner[i] == owners[k]
            if not own:
                between[count] = i
                count += 1
    return count


@numba.njit(cache=True, error_model="numpy")
def _blocked(at, wx, wy, wz, box_lo, box_hi, between, count):  # type: ignore[no-untyped-def]
    """Whether a box stands on the way from the eye."""
    wx = 1e-9 if abs(wx) < 1e-9 else wx
    wy = 1e-9 if abs(wy) < 1e-9 else wy
    wz = 1e-9 if abs(wz) < 1e-9 else wz
    stop = 1.0 - SLACK_M / max(math.sqrt(wx * wx + wy * wy + wz * wz), SLACK_M)
    ix, iy, iz = 1.0 / wx, 1.0 / wy, 1.0 / wz
    for k in range(count):
        i = between[k]
        a, b = (box_lo[i, 0] - at[0]) * ix, (box_hi[i, 0] - at[0]) * ix
        enter, leave = min(a, b), max(a, b)
        a, b = (box_lo[i, 1] - at[1]) * iy, (box_hi[i, 1] - at[1]) * iy
        enter, leave = max(enter, min(a, b)), min(leave, max(a, b))
        a, b = (box_lo[i, 2] - at[2]) * iz, (box_hi[i, 2] - at[2]) * iz
        enter, leave = max(enter, min(a, b)), min(leave, max(a, b))
        if leave > enter and enter > 0 and enter < stop:
            return True
    return False
