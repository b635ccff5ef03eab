"""Actions of the hand: pick up, put, drop, throw."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.actions.changing import break_thing
from fleetmind.simulators.household.actions.navigation import carry
from fleetmind.simulators.household.actions.registry import Outcome, Scene, action, failed
from fleetmind.simulators.household.actions.targets import target
from fleetmind.simulators.household.metadata import hand_point, vector
from fleetmind.simulators.household.placing import Reach, find_place, is_full, mark_footprint, place
from fleetmind.simulators.household.state import Agent
from fleetmind.simulators.household.surfaces import surfaces
from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.household.types import MUST_BE_OPEN, SINGLE_SLOT

DROP_AHEAD_M = 0.3
"""How far before its own edge an agent drops things."""
DROP_SPREAD_M = 1.2
BREAKS_FROM_M = 0.5
THROW_M_PER_UNIT = 0.02
THROW_MAX_M = 3.0
_REACH_SLACK_M = 0.4


@action("PickupObject", cost="manipulate", settles=True)
def pickup_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False,
                  manualInteract: bool = False) -> Outcome:
    """Take an object into the hand; what is in it comes along."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.pickupable:
        return failed(f"{objectId} must have the property CanPickup to be picked up.")
    if agent.held is not None:
        return failed("Agent hand has something in it already! Can't pick up anything else")
    scene.state.detach(thing)
    mark_footprint(scene.state, thing, on_floor=False)
    thing.held_by = agent.body.name
    agent.held = thing
    carry(scene, agent)
    return Outcome(success=True, value=objectId)


@action("PutObject", cost="manipulate", settles=True)
def put_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False,
               placeStationary: bool = True, randomSeed: int = 0) -> Outcome:
    """Put what is in the hand in or on a receptacle."""
    held = agent.held
    if held is None:
        return failed("Can't place an object if Agent isn't holding anything")
    receptacle = target(scene, agent, objectId, force=forceAction)
    if isinstance(receptacle, Outcome):
        return receptacle
    refusal = _refusal(held, receptacle, forceAction)
    if refusal is not None:
        return failed(refusal)
    where = find_place(scene.state, held, receptacle, near=None if forceAction else _near(scene, agent))
    if where is None:
        return failed("No valid positions to place object found")
    agent.held = None
    held.held_by = None
    place(scene.state, held, receptacle, where)
    return Outcome(success=True)


def _refusal(held: Thing, receptacle: Thing, force: bool) -> str | None:
    """Why a receptacle does not take a thing, in AI2-THOR's words."""
    if receptacle is held or held in receptacle.ancestors():
        return "No valid Receptacle found"
    if not receptacle.kind.receptacle:
        return "This target object is NOT a receptacle!"
    if receptacle.type in MUST_BE_OPEN and receptacle.kind.openable and not receptacle.is_open:
        return "Target openable Receptacle is CLOSED, can't place if target is not open!"
    fits = receptacle.type in held.kind.fits
    if receptacle.type in SINGLE_SLOT and receptacle.type != "StoveBurner":
        if not fits:
            return f"{held.name} is not a valid Object Type to be placed in {receptacle.name}"
        if is_full(receptacle):
            return f"{receptacle.name} is full right now"
    elif receptacle.type == "StoveBurner" and is_full(receptacle):
        return "another object's collision is blocking held object from being placed"
    elif not fits and not force:
        return f"{held.name} cannot be placed in {receptacle.name}"
    return None


def _near(scene: Scene, agent: Agent) -> Reach:
    """Distance from the agent, infinite out of reach."""
    limit = scene.eyes.reach_m + _REACH_SLACK_M

    def distance(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        far = np.hypot(points[:, 0] - agent.x, points[:, 1] - agent.z)
        return np.where(far <= limit, far, np.inf)
    return distance


@action("DropHandObject", "DropHeldObject", cost="manipulate", settles=True)
def drop_hand_object(scene: Scene, agent: Agent, *, forceAction: bool = False, autoSimulation: bool = True) -> Outcome:
    """Let go; the object falls on what is below the hand."""
    if agent.held is None:
        return failed("Nothing is in the agent's hand to drop!")
    return _let_go(scene, agent, agent.held, agent.body.radius_m + DROP_AHEAD_M, hard=False)


@action("ThrowObject", cost="manipulate", settles=True)
def throw_object(scene: Scene, agent: Agent, *, moveMagnitude: float = 10.0, forceAction: bool = False,
                 autoSimulation: bool = True) -> Outcome:
    """Throw what is in the hand forward; it lands farther away the harder it is thrown."""
    if agent.held is None:
        return failed("Nothing in Hand to Throw!")
    wanted = min(agent.body.radius_m + DROP_AHEAD_M + max(moveMagnitude, 0.0) * THROW_M_PER_UNIT, THROW_MAX_M)
    return _let_go(scene, agent, agent.held, _free_flight(scene, agent, wanted), hard=True)


def _free_flight(scene: Scene, agent: Agent, wanted: float) -> float:
    """How far something thrown flies before a wall stops it, metres."""
    yaw = math.radians(agent.yaw)
    way = agent.body.radius_m + DROP_AHEAD_M
    while way + 0.1 <= wanted:
        x, z = agent.x + (way + 0.1) * math.sin(yaw), agent.z + (way + 0.1) * math.cos(yaw)
        if not any(room.contains(x, z) for room in scene.state.rooms):
            break
        way += 0.1
    return way


def _let_go(scene: Scene, agent: Agent, held: Thing, ahead_m: float, *, hard: bool) -> Outcome:
    """Let an object fall at a distance before the agent."""
    yaw = math.radians(agent.yaw)
    x, z = agent.x + ahead_m * math.sin(yaw), agent.z + ahead_m * math.cos(yaw)
    height = hand_point(agent)[1]
    for receptacle in _below(scene, x, z, height):
        where = find_place(scene.state, held, receptacle, near=_around(x, z))
        if where is None:
            continue
        agent.held = None
        held.held_by = None
        place(scene.state, held, receptacle, where)
        if hard or height - where.at[1] >= BREAKS_FROM_M:
            for thing in [held, *held.descendants()]:
                if thing.kind.breakable:
                    break_thing(scene, thing)
        return Outcome(success=True, value=vector(held.origin))
    return failed(f"{held.name} can't be dropped. It must be clear of all other collision first, including the Agent.")


def _around(x: float, z: float) -> Reach:
    def distance(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        far = np.hypot(points[:, 0] - x, points[:, 1] - z)
        return np.where(far <= DROP_SPREAD_M, far, np.inf)
    return distance


def _below(scene: Scene, x: float, z: float, height: float) -> list[Thing]:
    """Surfaces under a point, highest first; the floor comes last."""
    found: list[tuple[float, Thing]] = []
    for thing in scene.state.things.values():
        open_top = thing.kind.receptacle and thing.active and not thing.kind.pickupable and not thing.hidden()
        if not open_top or thing.kind.openable or thing.type in SINGLE_SLOT:
            continue
        for surface in surfaces(thing):
            inside = surface.x0 <= x <= surface.x1 and surface.z0 <= z <= surface.z1
            if inside and surface.y <= height and thing.type != "Floor":
                found.append((surface.y, thing))
    found.sort(key=lambda item: (-item[0], item[1].id))
    room = scene.state.room_at(x, z)
    floor = scene.state.floor_of(room.id) if room is not None else None
    return [thing for _, thing in found] + ([floor] if floor is not None else [])
