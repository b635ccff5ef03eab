"""What an agent can see and reach: view frustum, distance, and rays against whatever hides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.shapes import solids
from fleetmind.simulators.household.state import Agent, Household
from fleetmind.simulators.household.things import Thing, facing
from fleetmind.simulators.household.types import TRANSPARENT, Vec

Floats = npt.NDArray[np.float64]

FOV_DEG = 90.0
FRONT_OPEN = frozenset({"Fridge", "Cabinet", "Microwave", "Safe", "CoffeeMachine"})
"""Containers into which one looks from their front; all others are open at the top."""
NEAR_AGENT_M = 1.2
"""Bodies sense each other this close even behind their backs, as with a bumper or a ring of range sensors."""
_SLACK = 0.02
"""A ray that ends this close (metres) to its target has reached it."""

Unseen = Literal["", "far", "view", "hidden"]
"""Why something cannot be interacted with; empty when it can."""


def _sample_fractions() -> Floats:
    """Points of a box that are looked at, as fractions, (N, 3): the telling ones first."""
    faces = [(0.5, 0.5, 0.5), (0.5, 1, 0.5), (0.5, 0.5, 1), (0.5, 0.5, 0), (0, 0.5, 0.5), (1, 0.5, 0.5)]
    corners = [(u, y, v) for y in (0.93, 0.07) for u in (0.07, 0.93) for v in (0.07, 0.93)]
    return np.array(faces + corners, dtype=np.float64)


_FRACTIONS = _sample_fractions()
_SHARES = (0.1, 0.22, 0.35, 0.65, 0.78, 0.9)
_ALONG_X = np.array([(s, 1.0, 0.8) for s in _SHARES], dtype=np.float64)
_ALONG_Z = np.array([(0.8, 1.0, s) for s in _SHARES], dtype=np.float64)
_QUICK = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing as an agent sees it."""

    thing: Thing
    visible: bool
    interactable: bool


class Eyes:
    """Visibility for one household. Geometry of what hides is kept until something moves."""

    def __init__(self, state: Household, *, reach_m: float, sight_m: float) -> None:
        self._state = state
        self.reach_m = reach_m
        self.sight_m = sight_m
        self._version = -1
        self._lo: Floats = np.empty((0, 3))
        self._hi: Floats = np.empty((0, 3))
        self._slices: dict[str, slice] = {}

    def look(self, agent: Agent, things: Sequence[Thing] | None = None) -> list[Seen]:
        """What the agent sees of the given things (default: of all), in their order."""
        wanted = list(self._state.things.values()) if things is None else list(things)
        candidates = [t for t in wanted if t.active and t.held_by is None and not t.hidden()]
        clear = self._clear_views(agent, candidates)
        out = []
        for thing in wanted:
            if thing.held_by == agent.body.name:
                out.append(Seen(thing, True, True))
            elif thing.held_by is not None:
                near = self._flat_distance(agent, thing) <= self.sight_m
                out.append(Seen(thing, near and in_view(agent, np.array([thing.center]))[0].item(), False))
            else:
                visible = clear.get(thing.id, False)
                out.append(Seen(thing, visible, visible and self._flat_distance(agent, thing) <= self.reach_m))
        return out

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
                if len(points) and (~self._hits(agent.eye, points, self._lo, self._hi)).any():
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
        if not in_view(agent, sample_points(thing)).any():
            return "view"
        return "" if self._clear_views(agent, [thing]).get(thing.id, False) else "hidden"

    def clear_from(self, eye: Vec, thing: Thing, points: Floats) -> npt.NDArray[np.bool_]:
        """Which points of a thing are not hidden from an eye, (N,)."""
        self._refresh()
        mask = self._transparent_for(eye, thing)
        return ~self._hits(eye, points, self._lo[~mask], self._hi[~mask])

    def _clear_views(self, agent: Agent, things: list[Thing]) -> dict[str, bool]:
        """By id, whether some point of each thing is in view, in sight and not hidden."""
        self._refresh()
        near = [t for t in things if self._flat_distance(agent, t) <= self.sight_m]
        if not near:
            return {}
        points = sample_boxes(np.array([t.lo for t in near]), np.array([t.hi for t in near]))
        inside = in_view(agent, points.reshape(-1, 3)).reshape(points.shape[:2])
        eye = agent.eye
        return {thing.id: self._any_clear(eye, thing, points[i][inside[i]])
                for i, thing in enumerate(near) if inside[i].any()}

    def _any_clear(self, eye: Vec, thing: Thing, points: Floats) -> bool:
        """True when a ray to one of the points meets nothing."""
        lo, hi = self._boxes_towards(eye, thing)
        if not len(lo):
            return True
        if (~self._hits(eye, points[:_QUICK], lo, hi)).any():
            return True
        return len(points) > _QUICK and bool((~self._hits(eye, points[_QUICK:], lo, hi)).any())

    def _boxes_towards(self, eye: Vec, thing: Thing) -> tuple[Floats, Floats]:
        """What may stand between an eye and a thing."""
        low = np.minimum(thing.lo, eye)
        high = np.maximum(thing.hi, eye)
        near: npt.NDArray[np.bool_] = np.asarray(((self._lo <= high) & (self._hi >= low)).all(axis=1))
        for owner in transparent_owners(eye, thing):
            part = self._slices.get(owner.id)
            if part is not None:
                near[part] = False
        return self._lo[near], self._hi[near]

    def _transparent_for(self, eye: Vec, thing: Thing) -> npt.NDArray[np.bool_]:
        mask = np.zeros(len(self._lo), dtype=bool)
        for owner in transparent_owners(eye, thing):
            part = self._slices.get(owner.id)
            if part is not None:
                mask[part] = True
        return mask

    @staticmethod
    def _hits(eye: Vec, points: Floats, lo: Floats, hi: Floats) -> npt.NDArray[np.bool_]:
        """Which rays from the eye to the points meet a box on their way, (N,)."""
        start = np.array(eye)
        way = points - start
        way[np.abs(way) < 1e-9] = 1e-9
        length = np.sqrt((way * way).sum(axis=1))
        inverse = (1.0 / way)[:, None, :]
        a = (lo - start)[None] * inverse
        b = (hi - start)[None] * inverse
        enter = np.minimum(a, b).max(axis=2)
        leave = np.maximum(a, b).min(axis=2)
        stop = (1.0 - _SLACK / np.maximum(length, _SLACK))[:, None]
        # Boxes around the eye itself do not count: nobody looks out of a wall.
        blocked: npt.NDArray[np.bool_] = ((leave > enter) & (enter > 0) & (enter < stop)).any(axis=1)
        return blocked

    def _flat_distance(self, agent: Agent, thing: Thing) -> float:
        """Metres from the agent's axis to the nearest point of a thing's box, height ignored."""
        dx = max(thing.lo[0] - agent.x, agent.x - thing.hi[0], 0.0)
        dz = max(thing.lo[2] - agent.z, agent.z - thing.hi[2], 0.0)
        return math.hypot(dx, dz)

    def _refresh(self) -> None:
        if self._version == self._state.shape_version:
            return
        lo: list[Vec] = [(w[0], w[1], w[2]) for w in self._state.walls]
        hi: list[Vec] = [(w[3], w[4], w[5]) for w in self._state.walls]
        self._slices = {}
        for thing in self._state.things.values():
            # What can be carried hides too little to matter, and moves too often.
            if thing.kind.pickupable or thing.type in TRANSPARENT or not thing.active:
                continue
            start = len(lo)
            for solid in solids(thing):
                if not solid.glow:
                    lo.append(solid.lo)
                    hi.append(solid.hi)
            self._slices[thing.id] = slice(start, len(lo))
        self._lo, self._hi = np.array(lo).reshape(-1, 3), np.array(hi).reshape(-1, 3)
        self._version = self._state.shape_version


def transparent_owners(eye: Vec, thing: Thing) -> list[Thing]:
    """The thing itself and the containers into which the eye looks from their open side."""
    owners = [thing]
    for holder in thing.ancestors():
        fx, fz = facing(holder.yaw)
        center = holder.center
        in_front = (eye[0] - center[0]) * fx + (eye[2] - center[2]) * fz > 0
        if (holder.type in FRONT_OPEN and in_front) or (holder.type not in FRONT_OPEN and eye[1] > holder.lo[1]):
            owners.append(holder)
    return owners


def sample_points(thing: Thing) -> Floats:
    """Points of a thing's box that are looked at, (P, 3) metres."""
    points: Floats = sample_boxes(np.array([thing.lo]), np.array([thing.hi]))[0]
    return points


def sample_boxes(lo: Floats, hi: Floats) -> Floats:
    """Points of boxes that are looked at: corners (N, 3) to points (N, P, 3), metres."""
    extent = hi - lo
    along = np.where((extent[:, 0] >= extent[:, 2])[:, None, None], _ALONG_X, _ALONG_Z)
    fractions = np.concatenate([np.broadcast_to(_FRACTIONS, (len(lo), *_FRACTIONS.shape)), along], axis=1)
    points: Floats = lo[:, None, :] + fractions * extent[:, None, :]
    return points


def in_view(agent: Agent, points: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in the agent's view frustum (square, 90 degrees), (N,)."""
    return in_frustum(agent.eye, agent.yaw, agent.horizon, points)


def in_frustum(eye: Vec, yaw: float, horizon: float, points: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in the square 90-degree frustum of a camera (degrees), (N,)."""
    right, up, ahead = camera_axes(yaw, horizon)
    way = points - np.array(eye)
    depth = way @ ahead
    slope = math.tan(math.radians(FOV_DEG) / 2)
    inside: npt.NDArray[np.bool_] = (
        (depth > 0.01) & (np.abs(way @ right) <= depth * slope) & (np.abs(way @ up) <= depth * slope))
    return inside


def camera_axes(yaw: float, horizon: float) -> tuple[Floats, Floats, Floats]:
    """Unit right, up and forward vectors of a camera; yaw clockwise from +z, horizon down, degrees."""
    sy, cy = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
    sh, ch = math.sin(math.radians(horizon)), math.cos(math.radians(horizon))
    right = np.array([cy, 0.0, -sy])
    ahead = np.array([sy * ch, -sh, cy * ch])
    up = np.array([sy * sh, ch, cy * sh])
    return right, up, ahead
