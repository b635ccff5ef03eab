"""Finding room: a free place for a thing in or on a receptacle."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.state import Household
from fleetmind.simulators.household.surfaces import Surface, surfaces
from fleetmind.simulators.household.things import Thing, turned
from fleetmind.simulators.household.types import SINGLE_SLOT, VESSEL_CAPACITY, VESSELS, Vec

GAP_M = 0.01
STEP_M = 0.05
STANDS_UP_IN = frozenset({"Mug", "Cup"})
OVER_THE_RIM = VESSELS | {"GarbageCan", "LaundryHamper"}
"""Open above: what is longer than the opening sticks out."""
HANGS = frozenset({"Towel", "HandTowel"})
"""Hang from their holder, and lie flat elsewhere."""
BY_THE_WALL_M = 0.7
"""At random, things on a floor stand at most this far from a wall."""
BLOCKS_FROM_M = 0.2
"""A thing on the floor at least this wide, deep or high is in a robot's way."""

SHRINK: dict[str, float] = {**dict.fromkeys(VESSELS, 0.25), "SinkBasin": 0.25, "BathtubBasin": 0.25, "GarbageCan": 0.25}
"""Where things are heaped, how much of their half extent they keep for themselves; elsewhere all of it."""

Reach = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]
"""Distance (metres) by (x, z) rows; infinite where a place is out of reach."""


Rect = tuple[float, float, float, float]
"""(x0, z0, x1, z1) in metres."""


@dataclass(frozen=True, slots=True)
class Place:
    """A free place: the middle of the underside, the yaw and whether the thing stands on end."""

    at: Vec
    yaw: float
    upright: bool
    size: Vec


def basin_of(receptacle: Thing) -> Thing:
    """What really takes a thing put into a receptacle: a sink's or bath's basin, else itself."""
    for child in receptacle.children:
        if child.type in ("SinkBasin", "BathtubBasin"):
            return child
    return receptacle


def is_full(receptacle: Thing) -> bool:
    """True when a receptacle with a fixed number of slots has none left."""
    limit = SINGLE_SLOT.get(receptacle.type)
    if receptacle.type in VESSELS:
        limit = VESSEL_CAPACITY
    return limit is not None and len(receptacle.children) >= limit


def find_place(state: Household, thing: Thing, receptacle: Thing, *, near: Reach | None = None,
               rng: random.Random | None = None) -> Place | None:
    """A free place for a thing, or None.

    Args:
        state: the household, for what stands on the floor.
        thing: what is to be put; its own box and children do not count as obstacles.
        receptacle: in or on what.
        near: distance by (x, z) rows; the nearest reachable place is taken.
        rng: without `near`, takes a place at random; without either, the first.
    """
    receptacle = basin_of(receptacle)
    if is_full(receptacle):
        return None
    blocked = _on_the_floor(state) if receptacle.type == "Floor" else []
    for surface in surfaces(receptacle):
        for yaw, upright, size in _poses(thing, receptacle):
            if surface.y + size[1] > surface.ceiling + 1e-6:
                continue
            at = _spot_on(surface, size, receptacle, thing, near, rng, blocked)
            if at is not None:
                return Place((at[0], surface.y, at[1]), yaw, upright, size)
    return None


def place(state: Household, thing: Thing, receptacle: Thing, where: Place) -> None:
    """Put a thing at a place that `find_place` gave."""
    receptacle = basin_of(receptacle)
    state.detach(thing)
    reshape(thing, where.size)
    thing.yaw, thing.upright = where.yaw, where.upright
    state.move(thing, where.at)
    state.attach(thing, receptacle)
    mark_footprint(state, thing, on_floor=receptacle.type == "Floor")


def reshape(thing: Thing, size: Vec) -> None:
    """Give a thing's box another extent about the middle of its underside."""
    x, _, z = thing.center
    thing.lo = (x - size[0] / 2, thing.lo[1], z - size[2] / 2)
    thing.hi = (x + size[0] / 2, thing.lo[1] + size[1], z + size[2] / 2)


def mark_footprint(state: Household, thing: Thing, *, on_floor: bool) -> None:
    """Let a big carried thing on the floor be in the robots' way, and no longer once it is lifted."""
    if on_floor and max(thing.size) >= BLOCKS_FROM_M:
        thing.footprint = (thing.lo[0], thing.lo[2], thing.hi[0], thing.hi[2])
        state.shape_version += 1
    elif thing.footprint is not None:
        thing.footprint = None
        state.shape_version += 1


def _poses(thing: Thing, receptacle: Thing) -> list[tuple[float, bool, Vec]]:
    """Ways to set a thing down: as its type lies, turned a quarter, or on end in a mug."""
    now = thing.size
    if thing.type in HANGS:
        flat = sorted(now)
        hung = (flat[1], flat[2], flat[0]) if receptacle.yaw % 180 == 0 else (flat[0], flat[2], flat[1])
        return [(receptacle.yaw, False, hung if receptacle.type in SINGLE_SLOT else (flat[2], flat[0], flat[1]))]
    if thing.upright:
        now = (now[0], now[2], now[1])  # lying again: what pointed up is its depth
    yaw = float(round(thing.yaw / 90) % 4 * 90)
    lying = [(yaw, False, now)]
    if abs(now[0] - now[2]) > 1e-6:
        lying.append(((yaw + 90) % 360, False, turned(now, 90)))
    if receptacle.kind.pickupable and receptacle.type in STANDS_UP_IN:
        longest = max(now[0], now[2])
        if longest > max(receptacle.size[0], receptacle.size[2]):
            return [(0.0, True, (min(now[0], now[2]), longest, now[1]))]
    return lying


def _spot_on(surface: Surface, size: Vec, receptacle: Thing, thing: Thing, near: Reach | None,
             rng: random.Random | None, blocked: list[Rect]) -> tuple[float, float] | None:
    """The (x, z) of a free spot on one surface."""
    middle = ((surface.x0 + surface.x1) / 2, (surface.z0 + surface.z1) / 2)
    if surface.single:
        spots = _slots(surface, receptacle)
        if near is not None:
            spots = spots[np.isfinite(near(spots))]
        return (float(spots[0, 0]), float(spots[0, 1])) if len(spots) else None
    inside = (0.0, 0.0, 0.0) if receptacle.type in OVER_THE_RIM else size
    spots = _candidates(surface, inside, middle)
    if not len(spots):
        return None
    shrink = SHRINK.get(receptacle.type, 0.5)
    free = spots[_free(spots, surface, size, shrink, receptacle, thing) & _clear(spots, size, blocked)]
    if near is not None and len(free):
        distance = near(free)
        free = free[np.isfinite(distance)]
        distance = distance[np.isfinite(distance)]
        free = free[np.argsort(distance, kind="stable")]
    if not len(free):
        return None
    if rng is not None and near is None and receptacle.type == "Floor":
        free = _by_the_wall(free, surface)
    index = rng.randrange(len(free)) if rng is not None and near is None else 0
    return (float(free[index, 0]), float(free[index, 1]))


def _by_the_wall(spots: npt.NDArray[np.float64], surface: Surface) -> npt.NDArray[np.float64]:
    """The spots near the edge of a floor, or all where there are none."""
    x, z = spots[:, 0], spots[:, 1]
    edge = np.minimum(np.minimum(x - surface.x0, surface.x1 - x), np.minimum(z - surface.z0, surface.z1 - z))
    return spots[edge <= BY_THE_WALL_M] if (edge <= BY_THE_WALL_M).any() else spots


def _slots(surface: Surface, receptacle: Thing) -> npt.NDArray[np.float64]:
    """Middle of the next free slot, (1, 2)."""
    count = SINGLE_SLOT[receptacle.type]
    share = (len(receptacle.children) + 0.5) / count
    x = (surface.x0 + surface.x1) / 2
    z = (surface.z0 + surface.z1) / 2
    if count > 1:
        if surface.x1 - surface.x0 > surface.z1 - surface.z0:
            x = surface.x0 + share * (surface.x1 - surface.x0)
        else:
            z = surface.z0 + share * (surface.z1 - surface.z0)
    return np.array([[x, z]])


def _candidates(surface: Surface, size: Vec, middle: tuple[float, float]) -> npt.NDArray[np.float64]:
    """Grid of (x, z) at which the footprint stays on the surface; its middle comes first."""
    half_x = (surface.x1 - surface.x0 - size[0]) / 2
    half_z = (surface.z1 - surface.z0 - size[2]) / 2
    if half_x < -1e-9 or half_z < -1e-9:
        return np.empty((0, 2))
    xs, zs = middle[0] + _offsets(max(half_x, 0.0)), middle[1] + _offsets(max(half_z, 0.0))
    grid = np.stack(np.meshgrid(xs, zs, indexing="ij"), axis=-1).reshape(-1, 2)
    order = np.argsort(((grid - np.array(middle)) ** 2).sum(axis=1), kind="stable")
    ordered: npt.NDArray[np.float64] = grid[order]
    return ordered


def _offsets(half: float) -> npt.NDArray[np.float64]:
    """Steps to either side of the middle, and both ends, so that two things share a tight place."""
    count = int(half / STEP_M)
    return np.unique(np.concatenate([STEP_M * np.arange(-count, count + 1), [-half, half]]))


def _free(spots: npt.NDArray[np.float64], surface: Surface, size: Vec, shrink: float, receptacle: Thing,
          thing: Thing) -> npt.NDArray[np.bool_]:
    """Which spots keep clear of what already lies there."""
    free = np.ones(len(spots), dtype=bool)
    half_x, half_z = size[0] * shrink + GAP_M, size[2] * shrink + GAP_M
    for other in receptacle.children:
        if other is thing or not other.active or other.hi[1] <= surface.y + 1e-6:
            continue
        if other.lo[1] >= surface.y + size[1]:
            continue
        inset_x, inset_z = ((0.5 - shrink) * (other.hi[i] - other.lo[i]) for i in (0, 2))
        free &= ~(
            (spots[:, 0] + half_x > other.lo[0] + inset_x) & (spots[:, 0] - half_x < other.hi[0] - inset_x)
            & (spots[:, 1] + half_z > other.lo[2] + inset_z) & (spots[:, 1] - half_z < other.hi[2] - inset_z))
    return free


def _clear(spots: npt.NDArray[np.float64], size: Vec, blocked: list[Rect]) -> npt.NDArray[np.bool_]:
    """Which spots keep a footprint clear of rectangles."""
    free = np.ones(len(spots), dtype=bool)
    half_x, half_z = size[0] / 2 + GAP_M, size[2] / 2 + GAP_M
    for x0, z0, x1, z1 in blocked:
        free &= ~(
            (spots[:, 0] + half_x > x0) & (spots[:, 0] - half_x < x1)
            & (spots[:, 1] + half_z > z0) & (spots[:, 1] - half_z < z1))
    return free


def _on_the_floor(state: Household) -> list[Rect]:
    """Where furniture and agents stand."""
    found = [t.footprint for t in state.things.values() if t.footprint is not None]
    for agent in state.agents.values():
        r = agent.body.radius_m
        found.append((agent.x - r, agent.z - r, agent.x + r, agent.z + r))
    return found
