"""Driving a simulated body on its grid: paths, facing, and robots in the way.

Grid cells are AI2-THOR coordinates in units of the grid, as integers.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass

Cell = tuple[int, int]
GRID_M = 0.25
_STEPS: tuple[Cell, ...] = ((0, 1), (1, 0), (0, -1), (-1, 0))


def cell_of(x_m: float, z_m: float) -> Cell:
    """The grid cell of a position."""
    return round(x_m / GRID_M), round(z_m / GRID_M)


def path(start: Cell, goals: frozenset[Cell] | set[Cell], free: set[Cell], blocked: Iterable[Cell] = ()) -> list[Cell]:
    """Shortest path over free cells to the nearest goal, start excluded; empty when there is none.

    A* with a small cost for turns, so that robots drive straight lines. Deterministic.
    """
    shut = set(blocked)
    if not goals:
        return []
    open_: list[tuple[float, int, Cell, int]] = [(0.0, 0, start, -1)]
    cost: dict[tuple[Cell, int], float] = {(start, -1): 0.0}
    came: dict[tuple[Cell, int], tuple[Cell, int]] = {}
    number = 0
    while open_:
        _, _, cell, heading = heapq.heappop(open_)
        here = cost[(cell, heading)]
        if cell in goals and cell != start:
            return _walk_back(came, (cell, heading))
        for direction, (dx, dz) in enumerate(_STEPS):
            after = (cell[0] + dx, cell[1] + dz)
            if after not in free or after in shut:
                continue
            turn = 0.0 if heading in (-1, direction) else 0.4
            total = here + 1.0 + turn
            if total < cost.get((after, direction), math.inf):
                cost[(after, direction)] = total
                came[(after, direction)] = (cell, heading)
                number += 1
                left = min(abs(g[0] - after[0]) + abs(g[1] - after[1]) for g in goals)
                heapq.heappush(open_, (total + left, number, after, direction))
    return []


def _walk_back(came: dict[tuple[Cell, int], tuple[Cell, int]], end: tuple[Cell, int]) -> list[Cell]:
    out: list[Cell] = []
    current = end
    while current in came:
        out.append(current[0])
        current = came[current]
    return out[::-1]


def distances(start: Cell, free: set[Cell], blocked: Iterable[Cell] = ()) -> dict[Cell, int]:
    """Steps from start to every cell that can be reached."""
    shut = set(blocked)
    out = {start: 0}
    frontier = [start]
    for cell in frontier:  # grows while it is read
        for dx, dz in _STEPS:
            after = (cell[0] + dx, cell[1] + dz)
            if after in free and after not in shut and after not in out:
                out[after] = out[cell] + 1
                frontier.append(after)
    return out


@dataclass(frozen=True, kw_only=True)
class Box2:
    """Footprint of a thing in AI2-THOR's ground plane, metres."""

    x: float
    """Centre."""
    z: float
    """Centre."""
    half_x: float = 0.05
    """Half extent."""
    half_z: float = 0.05
    """Half extent."""

    def distance_m(self, cell: Cell) -> float:
        """From the cell to the nearest point of the footprint."""
        dx = max(0.0, abs(cell[0] * GRID_M - self.x) - self.half_x)
        dz = max(0.0, abs(cell[1] * GRID_M - self.z) - self.half_z)
        return math.hypot(dx, dz)

    def nearest(self, cell: Cell) -> tuple[float, float]:
        """The point of the footprint nearest to the cell, drawn a little towards the centre."""
        def pull(value: float, centre: float, half: float) -> float:
            inner = 0.8 * half
            return min(max(value, centre - inner), centre + inner)

        return pull(cell[0] * GRID_M, self.x, self.half_x), pull(cell[1] * GRID_M, self.z, self.half_z)


def stands(box: Box2, reach: dict[Cell, int], *, limit: int = 10, near_m: float = 0.95) -> list[Cell]:
    """Cells from which a thing can probably be handled, the easiest first, from different sides.

    Args:
        box: the thing's footprint.
        reach: steps to each reachable cell.
        limit: how many to return.
        near_m: farthest a robot may stand from the footprint.
    """
    scored = []
    for cell, steps in reach.items():
        distance = box.distance_m(cell)
        if distance > near_m:
            continue
        off_centre = abs(cell[0] * GRID_M - box.x) + abs(cell[1] * GRID_M - box.z)
        scored.append((0.25 * steps * GRID_M + 2.0 * abs(distance - 0.45) + 0.8 * off_centre, cell))
    scored.sort()
    out: list[Cell] = []
    for _, cell in scored:
        if all(abs(cell[0] - c[0]) + abs(cell[1] - c[1]) >= 2 for c in out):
            out.append(cell)
        if len(out) >= limit:
            return out
    return out + [cell for _, cell in scored if cell not in out][: limit - len(out)]


def yaw_to(dx_m: float, dz_m: float) -> float:
    """AI2-THOR yaw towards an offset, degrees clockwise from +z, in [0, 360)."""
    return math.degrees(math.atan2(dx_m, dz_m)) % 360.0


def turn(current_deg: float, wanted_deg: float) -> float:
    """Signed shortest turn, degrees in (-180, 180]; positive is clockwise (right)."""
    delta = (wanted_deg - current_deg) % 360.0
    return delta - 360.0 if delta > 180.0 else delta
