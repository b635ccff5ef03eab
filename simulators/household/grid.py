"""Where robots can drive: rectangles that block, swept moves, and the reachable grid."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.state import Agent, Household

GRID_M = 0.25
_SKIN = 1e-4
_SWEEP_M = 0.05

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blocker:
    """What is in the way."""

    name: str
    agent: int | None = None
    """Index of the agent when it is one."""


class Ground:
    """Collision and reachability for one household. Kept until something that blocks has moved."""

    def __init__(self, state: Household) -> None:
        self._state = state
        self._version = -1
        self._rects: Floats = np.empty((0, 4))
        self._names: list[str] = []
        self._cache: dict[tuple[float, float, float, float], Floats] = {}

    def inside(self, x: float, z: float) -> bool:
        """True for a point (metres) within the scene's bounds."""
        self._refresh()
        return any(r.x0 - 0.3 <= x <= r.x1 + 0.3 and r.z0 - 0.3 <= z <= r.z1 + 0.3 for r in self._state.rooms)

    def obstacle(self, radius_m: float, start: tuple[float, float], end: tuple[float, float]) -> str | None:
        """Name of what a disc meets on its straight way (x, z metres), or None."""
        self._refresh()
        if not len(self._rects):
            return None
        if abs(start[0] - end[0]) < 1e-6 or abs(start[1] - end[1]) < 1e-6:
            hit = self._near(np.array([[min(start[0], end[0]), min(start[1], end[1]),
                                        max(start[0], end[0]), max(start[1], end[1])]]), radius_m)[0]
        else:
            steps = max(2, math.ceil(math.dist(start, end) / _SWEEP_M) + 1)
            share = np.linspace(0.0, 1.0, steps)[:, None]
            points = np.array([start]) * (1 - share) + np.array([end]) * share
            hit = self._near(np.concatenate([points, points], axis=1), radius_m).any(axis=0)
        # An overlap at the start does not pin a body: it may leave, not go deeper.
        found = np.flatnonzero(hit & ~self._near(np.array([[*start, *start]]), radius_m - 2 * _SKIN)[0])
        if len(found):
            return self._names[int(found[0])]
        overlapping = np.flatnonzero(hit)
        for index in overlapping:
            if self._gap(int(index), end) < self._gap(int(index), start) - 1e-9:
                return self._names[int(index)]
        return None

    def agent_in_way(self, agent: Agent, end: tuple[float, float]) -> Blocker | None:
        """Another agent that a move to `end` (x, z metres) would run into, or None."""
        for other in self._state.agents.values():
            if other is agent:
                continue
            need = agent.body.radius_m + other.body.radius_m - _SKIN
            after = _segment_distance((agent.x, agent.z), end, (other.x, other.z))
            before = math.dist((agent.x, agent.z), (other.x, other.z))
            if after < need and (before >= need or math.dist(end, (other.x, other.z)) < before):
                return Blocker(other.body.name, other.index)
        return None

    def reachable(self, x: float, z: float, radius_m: float, grid_m: float = GRID_M) -> Floats:
        """Points (x, z) that a disc can drive to on a grid through its place, nearest first, (N, 2).

        Other agents are ignored, as in AI2-THOR.
        """
        self._refresh()
        key = (round(x % grid_m, 4), round(z % grid_m, 4), radius_m, grid_m)
        label_key = (*key[:2], radius_m, grid_m)
        labels = self._cache.get(label_key)
        if labels is None:
            labels = self._lattice(x, z, radius_m, grid_m)
            self._cache[label_key] = labels
        if not len(labels):
            return np.empty((0, 2))
        here = np.argmin((labels[:, 0] - x) ** 2 + (labels[:, 1] - z) ** 2)
        mine = labels[labels[:, 2] == labels[here, 2]]
        order = np.argsort((mine[:, 0] - x) ** 2 + (mine[:, 1] - z) ** 2, kind="stable")
        points: Floats = mine[order, :2]
        return points

    def free(self, x: float, z: float, radius_m: float) -> bool:
        """True when a disc fits at a point (metres); other agents are ignored."""
        self._refresh()
        return not self._near(np.array([[x, z, x, z]]), radius_m).any()

    def occupant(self, x: float, z: float, radius_m: float) -> str:
        """Name of what a disc at a point (metres) would overlap; empty for nothing."""
        self._refresh()
        found = np.flatnonzero(self._near(np.array([[x, z, x, z]]), radius_m)[0])
        return self._names[int(found[0])] if len(found) else ""

    def _lattice(self, x: float, z: float, radius_m: float, grid_m: float) -> Floats:
        """All free grid points with the number of their connected part, rows (x, z, part)."""
        bounds = self._bounds()
        ix = np.arange(math.ceil((bounds[0] - x) / grid_m), math.floor((bounds[2] - x) / grid_m) + 1)
        iz = np.arange(math.ceil((bounds[1] - z) / grid_m), math.floor((bounds[3] - z) / grid_m) + 1)
        xs, zs = np.round(x + ix * grid_m, 6), np.round(z + iz * grid_m, 6)
        gx, gz = (g.ravel() for g in np.meshgrid(xs, zs, indexing="ij"))
        free = ~self._near(np.stack([gx, gz, gx, gz], axis=1), radius_m).any(axis=1)
        free &= np.array([self._in_a_room(px, pz) for px, pz in zip(gx, gz, strict=True)], dtype=bool)
        nz = len(zs)
        east = free & ~self._near(np.stack([gx, gz, gx + grid_m, gz], axis=1), radius_m).any(axis=1)
        north = free & ~self._near(np.stack([gx, gz, gx, gz + grid_m], axis=1), radius_m).any(axis=1)
        part = _components(free, east, north, len(xs), nz)
        keep = part >= 0
        return np.stack([gx[keep], gz[keep], part[keep].astype(np.float64)], axis=1)

    def _in_a_room(self, x: float, z: float) -> bool:
        return any(r.x0 - 0.06 <= x <= r.x1 + 0.06 and r.z0 - 0.06 <= z <= r.z1 + 0.06 for r in self._state.rooms)

    def _near(self, segments: Floats, radius_m: float) -> npt.NDArray[np.bool_]:
        """Which axis-aligned segments (x0, z0, x1, z1) come closer than a radius to which rectangle, (N, K)."""
        r = self._rects
        dx = np.maximum(np.maximum(r[None, :, 0] - segments[:, 2:3], segments[:, 0:1] - r[None, :, 2]), 0.0)
        dz = np.maximum(np.maximum(r[None, :, 1] - segments[:, 3:4], segments[:, 1:2] - r[None, :, 3]), 0.0)
        reach = max(radius_m - _SKIN, 0.0)
        close: npt.NDArray[np.bool_] = dx * dx + dz * dz < reach * reach
        return close

    def _gap(self, index: int, point: tuple[float, float]) -> float:
        x0, z0, x1, z1 = self._rects[index]
        dx, dz = max(x0 - point[0], point[0] - x1), max(z0 - point[1], point[1] - z1)
        outside = math.hypot(max(dx, 0.0), max(dz, 0.0))
        return float(outside if outside > 0 else max(dx, dz))

    def _bounds(self) -> tuple[float, float, float, float]:
        rooms = self._state.rooms
        return (min(r.x0 for r in rooms), min(r.z0 for r in rooms), max(r.x1 for r in rooms),
                max(r.z1 for r in rooms))

    def _refresh(self) -> None:
        if self._version == self._state.shape_version:
            return
        rects: list[tuple[float, float, float, float]] = []
        self._names = []
        for wall in self._state.walls:
            if wall[1] < 1.0:
                rects.append((wall[0], wall[2], wall[3], wall[5]))
                self._names.append("Wall")
        for thing in self._state.things.values():
            if thing.footprint is not None:
                rects.append(thing.footprint)
                self._names.append(thing.name)
        fresh = np.array(rects).reshape(-1, 4)
        if fresh.shape != self._rects.shape or not np.array_equal(fresh, self._rects):
            self._rects = fresh
            self._cache.clear()
        self._version = self._state.shape_version


def _components(free: npt.NDArray[np.bool_], east: npt.NDArray[np.bool_], north: npt.NDArray[np.bool_], nx: int,
                nz: int) -> npt.NDArray[np.int64]:
    """Number of the connected part of each grid point; -1 where it is not free."""
    part = np.full(len(free), -1, dtype=np.int64)
    count = 0
    for start in np.flatnonzero(free):
        if part[start] >= 0:
            continue
        queue = deque([int(start)])
        part[start] = count
        while queue:
            at = queue.popleft()
            i, j = divmod(at, nz)
            steps = []
            if i + 1 < nx and east[at]:
                steps.append(at + nz)
            if i > 0 and east[at - nz]:
                steps.append(at - nz)
            if j + 1 < nz and north[at]:
                steps.append(at + 1)
            if j > 0 and north[at - 1]:
                steps.append(at - 1)
            for to in steps:
                if free[to] and part[to] < 0:
                    part[to] = count
                    queue.append(to)
        count += 1
    return part


def _segment_distance(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> float:
    """Distance (metres) of a point from a segment."""
    dx, dz = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dz * dz
    share = 0.0 if length == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dz) / length))
    return math.dist((a[0] + share * dx, a[1] + share * dz), p)
