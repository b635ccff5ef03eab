"""What an agent can see and reach: view frustum, distance, and rays against whatever hides."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household import sight
from fleetmind.simulators.household.shapes import solids
from fleetmind.simulators.household.sight import MOST_HOLDERS, OPEN_ABOVE, OPEN_FRONT, Boxes, Eye, Things
from fleetmind.simulators.household.state import Agent, Household
from fleetmind.simulators.household.things import Thing, facing
from fleetmind.simulators.household.types import TRANSPARENT, Vec

Floats = npt.NDArray[np.float64]
Look = Callable[..., npt.NDArray[np.uint8]]

FOV_DEG = 90.0
FRONT_OPEN = frozenset({"Fridge", "Cabinet", "Microwave", "Safe", "CoffeeMachine"})
"""Containers into which one looks from their front; all others are open at the top."""
NEAR_AGENT_M = 1.2
"""Bodies sense each other this close even behind their backs, as with a bumper or a ring of range sensors."""
LOOKS_BEFORE_COMPILING = 100
"""A process that looks less often does without the second that loading the compiled code takes."""

Unseen = Literal["", "far", "view", "hidden"]
"""Why something cannot be interacted with; empty when it can."""


class Seen(NamedTuple):
    """One thing as an agent sees it."""

    thing: Thing
    visible: bool
    interactable: bool


@cache
def compiled() -> Look:
    """The compiled `look`, or the one in numpy where numba is not installed."""
    try:
        from fleetmind.simulators.household import sight_kernel
    except ImportError:
        return sight.look
    return sight_kernel.look


class Eyes:
    """Visibility for one household. What hides and what can be seen are kept as arrays, and follow changes."""

    looks = 0
    """How often anybody in this process has looked."""

    def __init__(self, state: Household, *, reach_m: float, sight_m: float) -> None:
        self._state = state
        self.reach_m = reach_m
        self.sight_m = sight_m
        self._version = -1
        self._seen_stamp = 0
        self._rows: dict[str, int] = {}
        self._order: list[Thing] = []
        self._things = _no_things(0)
        self._hides: dict[str, tuple[int, Floats, Floats]] = {}
        self._boxes = Boxes(lo=np.empty((0, 3)), hi=np.empty((0, 3)), owner=np.empty(0, dtype=np.int32))

    def look(self, agent: Agent, things: Sequence[Thing] | None = None) -> list[Seen]:
        """What the agent sees of the given things (default: of all), in their order."""
        self._refresh()
        found = self._look(eye_of(agent), self.sight_m).tolist()
        near = self._within(agent, self.reach_m)
        wanted = self._order if things is None else things
        out = []
        for thing in wanted:
            holder = thing.held_by
            if holder is None:
                row = self._rows[thing.id]
                visible = found[row] == sight.SEEN
                out.append(Seen(thing, visible, visible and near[row]))
            elif holder == agent.body.name:
                out.append(Seen(thing, True, True))
            else:
                close = self._flat_distance(agent, thing) <= self.sight_m
                out.append(Seen(thing, close and in_view(agent, np.array([thing.center]))[0].item(), False))
        return out

    def visible_ids(self, agent: Agent) -> list[str]:
        """Ids of the things an agent sees, what it holds among them, in the order of the scene."""
        return [seen.thing.id for seen in self.look(agent) if seen.visible]

    def agents(self, agent: Agent) -> list[Agent]:
        """The other agents that an agent senses: those in view and not hidden, and all that are close by."""
        self._refresh()
        found = []
        for other in self._state.agents.values():
            if other is agent:
                continue
            distance = math.hypot(other.x - agent.x, other.z - agent.z)
            if distance <= NEAR_AGENT_M:
                found.append(other)
            elif distance <= self.sight_m:
                heights = (0.3, 0.6, 0.9)
                points = np.array([(other.x, h * other.body.camera_height_m, other.z) for h in heights])
                points = points[in_view(agent, points)]
                boxes = self._boxes
                if len(points) and (~sight.hits(np.array(agent.eye), points, boxes.lo, boxes.hi)).any():
                    found.append(other)
        return found

    def unseen(self, agent: Agent, thing: Thing) -> Unseen:
        """Why the agent cannot interact with a thing; empty when it can."""
        if thing.held_by == agent.body.name:
            return ""
        if self._flat_distance(agent, thing) > self.reach_m:
            return "far"
        if thing.held_by is not None or thing.hidden():
            return "hidden"
        self._refresh()
        row = self._rows[thing.id]
        seen = int(self._look(eye_of(agent), self.reach_m, row)[row])
        return "" if seen == sight.SEEN else "view" if seen == sight.OUT_OF_VIEW else "hidden"

    def clear_from(self, eye: Vec, thing: Thing, points: Floats) -> npt.NDArray[np.bool_]:
        """Which points of a thing are not hidden from an eye, (N,)."""
        self._refresh()
        at, boxes = np.array(eye), self._boxes
        hiding = np.ones(len(boxes.owner), dtype=bool)
        for owner in sight.looked_through(at, self._things, self._rows[thing.id]):
            hiding &= boxes.owner != owner
        return ~sight.hits(at, points, boxes.lo[hiding], boxes.hi[hiding])

    def _look(self, eye: Eye, within_m: float, only: int = -1) -> npt.NDArray[np.uint8]:
        Eyes.looks += 1
        look = compiled() if Eyes.looks > LOOKS_BEFORE_COMPILING else sight.look
        return look(eye, self._things, self._boxes, within_m, only)

    def _within(self, agent: Agent, distance_m: float) -> list[bool]:
        """Whether each thing's box comes that close to the agent's axis, height ignored."""
        lo, hi = self._things.lo, self._things.hi
        dx = np.maximum(np.maximum(lo[:, 0] - agent.x, agent.x - hi[:, 0]), 0.0)
        dz = np.maximum(np.maximum(lo[:, 2] - agent.z, agent.z - hi[:, 2]), 0.0)
        near: list[bool] = (np.sqrt(dx * dx + dz * dz) <= distance_m).tolist()
        return near

    def _flat_distance(self, agent: Agent, thing: Thing) -> float:
        """Metres from the agent's axis to the nearest point of a thing's box, height ignored."""
        dx = max(thing.lo[0] - agent.x, agent.x - thing.hi[0], 0.0)
        dz = max(thing.lo[2] - agent.z, agent.z - thing.hi[2], 0.0)
        return math.sqrt(dx * dx + dz * dz)

    def _refresh(self) -> None:
        state = self._state
        if self._version != state.shape_version:
            self._order = list(state.things.values())
            self._rows = {thing.id: row for row, thing in enumerate(self._order)}
            self._things = _no_things(len(self._order))
            self._boxes = self._hiding()
            self._version, changed = state.shape_version, self._order
        else:
            changed = [thing for thing in self._order if thing.stamp > self._seen_stamp]
        for thing in changed:
            self._write(self._rows[thing.id], thing)
            self._seen_stamp = max(self._seen_stamp, thing.stamp)

    def _write(self, row: int, thing: Thing) -> None:
        things = self._things
        things.lo[row], things.hi[row] = thing.lo, thing.hi
        things.looked_for[row] = thing.active and thing.held_by is None and not thing.hidden()
        holders = [self._rows[holder.id] for holder in thing.ancestors()][:MOST_HOLDERS]
        things.holders[row] = holders + [-1] * (MOST_HOLDERS - len(holders))
        things.opening[row] = OPEN_FRONT if thing.type in FRONT_OPEN else OPEN_ABOVE
        things.front[row] = facing(thing.yaw)

    def _hiding(self) -> Boxes:
        walls = np.array(self._state.walls).reshape(-1, 6)
        lo, hi, owner = [walls[:, :3]], [walls[:, 3:]], [np.full(len(walls), -1, dtype=np.int32)]
        for row, thing in enumerate(self._order):
            # What can be carried hides too little to matter, and moves too often.
            if thing.kind.pickupable or thing.type in TRANSPARENT or not thing.active:
                continue
            kept = self._hides.get(thing.id)
            if kept is None or kept[0] != thing.stamp:
                parts = [solid for solid in solids(thing) if not solid.glow]
                kept = (thing.stamp, np.array([p.lo for p in parts]).reshape(-1, 3),
                        np.array([p.hi for p in parts]).reshape(-1, 3))
                self._hides[thing.id] = kept
            lo.append(kept[1])
            hi.append(kept[2])
            owner.append(np.full(len(kept[1]), row, dtype=np.int32))
        return Boxes(lo=np.concatenate(lo), hi=np.concatenate(hi), owner=np.concatenate(owner))


def _no_things(count: int) -> Things:
    return Things(lo=np.zeros((count, 3)), hi=np.zeros((count, 3)), looked_for=np.zeros(count, dtype=np.uint8),
                  holders=np.full((count, MOST_HOLDERS), -1, dtype=np.int32),
                  opening=np.zeros(count, dtype=np.uint8), front=np.zeros((count, 2)))


def eye_of(agent: Agent) -> Eye:
    """An agent's eye."""
    right, up, ahead = camera_axes(agent.yaw, agent.horizon)
    return Eye(at=np.array(agent.eye), right=right, up=up, ahead=ahead, stand=(agent.x, agent.z))


def sample_points(thing: Thing) -> Floats:
    """Points of a thing's box that are looked at, (P, 3) metres."""
    lo, hi = np.array(thing.lo), np.array(thing.hi)
    extent = hi - lo
    points: Floats = lo + (sight.ALONG_X if extent[0] >= extent[2] else sight.ALONG_Z) * extent
    return points


def in_view(agent: Agent, points: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in the agent's view frustum (square, 90 degrees), (N,)."""
    return sight.in_view(eye_of(agent), points)


def in_frustum(eye: Vec, yaw: float, horizon: float, points: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in the square 90-degree frustum of a camera (degrees), (N,)."""
    right, up, ahead = camera_axes(yaw, horizon)
    return sight.in_view(Eye(at=np.array(eye), right=right, up=up, ahead=ahead, stand=(eye[0], eye[2])), points)


def camera_axes(yaw: float, horizon: float) -> tuple[Floats, Floats, Floats]:
    """Unit right, up and forward vectors of a camera; yaw clockwise from +z, horizon down, degrees."""
    sy, cy = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
    sh, ch = math.sin(math.radians(horizon)), math.cos(math.radians(horizon))
    right = np.array([cy, 0.0, -sy])
    ahead = np.array([sy * ch, -sh, cy * ch])
    up = np.array([sy * sh, ch, cy * sh])
    return right, up, ahead
