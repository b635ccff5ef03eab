"""What robots can get at: where they can stand, and keeping everything within an arm's length of it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.grid import Ground
from fleetmind.simulators.household.placing import find_place, place
from fleetmind.simulators.household.state import Household
from fleetmind.simulators.household.things import Thing, object_id

Floats = npt.NDArray[np.float64]

FURNITURE_M = 1.1
"""Furniture must be this close to a place where a wide robot can stand."""
LOOSE_M = 1.25
"""And what can be carried this close."""
WIDE_RADIUS_M = 0.3
_TRIES = 6


def stands(state: Household, ground: Ground, radius_m: float) -> list[tuple[float, float]]:
    """Grid points (x, z) of the largest connected part of the floor, in order of place."""
    best: list[tuple[float, float]] = []
    tried: set[tuple[float, float]] = set()
    for room in state.rooms:
        for dx in range(-4, 5):
            for dz in range(-4, 5):
                x = round(round((room.x0 + room.x1) / 2 / 0.25) * 0.25 + dx * 0.25, 4)
                z = round(round((room.z0 + room.z1) / 2 / 0.25) * 0.25 + dz * 0.25, 4)
                if (x, z) in tried or not ground.free(x, z, radius_m):
                    continue
                part = [(float(p[0]), float(p[1])) for p in ground.reachable(x, z, radius_m)]
                tried.update(part)
                if len(part) > len(best):
                    best = part
    return sorted(best)


def clear_ways(state: Household, rng: random.Random) -> None:
    """Move big things on the floor that cut furniture off; take away what has no better place."""
    for thing in [t for t in state.things.values() if t.kind.pickupable and t.footprint is not None]:
        for _ in range(_TRIES):
            if ways_open(state):
                return
            floor = thing.parent
            where = find_place(state, thing, floor, rng=rng) if floor is not None else None
            if floor is None or where is None:
                break
            place(state, thing, floor, where)
        if not ways_open(state):
            state.remove(thing)


def bring_in_reach(state: Household, only: Sequence[Thing] | None = None) -> None:
    """Move what lies too far from every place to stand to the near side of what it is on, or take it away.

    Args:
        state: the household.
        only: the things to look at, which keep their ids; None means all, which are named anew where they move.
    """
    spots = np.array(stands(state, Ground(state), WIDE_RADIUS_M)).reshape(-1, 2)

    def near(points: Floats) -> Floats:
        gaps = np.sqrt(((points[:, None, :] - spots[None]) ** 2).sum(axis=2)).min(axis=1)
        return np.where(gaps <= LOOSE_M, gaps, np.inf)

    for thing in list(state.things.values()) if only is None else only:
        holder = thing.parent
        if not thing.kind.pickupable or holder is None or holder.kind.pickupable or gap(thing, spots) <= LOOSE_M:
            continue
        where = find_place(state, thing, holder, near=near)
        if where is not None:
            place(state, thing, holder, where)
        if only is None and where is None:
            state.remove(thing)
        elif only is None:
            rename(state, thing)


def rename(state: Household, thing: Thing) -> None:
    """Give a thing the id of where it is now, as if it had always been there."""
    state.things.pop(thing.id, None)
    origin = thing.origin
    thing.id = object_id(thing.type, origin)
    while thing.id in state.things:
        # Twins are told apart by the height in their id, a centimetre at a time.
        origin = (origin[0], origin[1] + 0.01, origin[2])
        thing.id = object_id(thing.type, origin)
    state.add(thing)


def gap(thing: Thing, spots: Floats) -> float:
    """Distance (metres) from a thing's box to the nearest of some places (x, z rows), height ignored."""
    dx = np.maximum(np.maximum(thing.lo[0] - spots[:, 0], spots[:, 0] - thing.hi[0]), 0.0)
    dz = np.maximum(np.maximum(thing.lo[2] - spots[:, 1], spots[:, 1] - thing.hi[2]), 0.0)
    return float(np.sqrt((dx * dx + dz * dz).min(initial=np.inf)))


def ways_open(state: Household) -> bool:
    """True when a wide robot can still drive up to everything it can use."""
    spots = np.array(stands(state, Ground(state), WIDE_RADIUS_M)).reshape(-1, 2)
    return all(gap(thing, spots) <= FURNITURE_M for thing in state.things.values()
               if not thing.kind.pickupable and (thing.kind.receptacle or thing.kind.toggleable))
