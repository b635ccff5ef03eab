"""AI2-THOR 5.0.0 metadata: the 42 keys of an object, and what one agent is told."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from fleetmind.simulators.household.contextual import temperature
from fleetmind.simulators.household.shapes import solids
from fleetmind.simulators.household.state import WALL_HEIGHT_M, Agent, Household
from fleetmind.simulators.household.things import NEVER, Thing
from fleetmind.simulators.household.types import Vec
from fleetmind.simulators.household.visibility import FOV_DEG, Seen

HAND_AHEAD_M = 0.4
HAND_BELOW_EYE_M = 0.35


def vector(v: Vec) -> dict[str, float]:
    """A vector as AI2-THOR writes it."""
    return {"x": v[0], "y": v[1], "z": v[2]}


def containers(thing: Thing) -> list[Thing]:
    """What a thing is in or on, nearest first: through what can be carried up to the first fixed one.

    A sink's basin counts as the sink too. An apple in a microwave is not on the counter below.
    """
    found: list[Thing] = []
    for holder in thing.ancestors():
        found.append(holder)
        if not holder.kind.pickupable:
            if holder.type in ("SinkBasin", "BathtubBasin") and holder.parent is not None:
                found.append(holder.parent)
            break
    return found


def parent_ids(state: Household, thing: Thing) -> list[str] | None:
    """`parentReceptacles`: None for what is in or on nothing."""
    ids = [c.id for c in containers(thing)]
    if not ids and thing.on_floor:
        floor = state.floor_of(thing.room)
        ids = [floor.id] if floor is not None else []
    return ids or None


def _content_ids(state: Household, thing: Thing) -> list[str] | None:
    """`receptacleObjectIds`: None for what is no receptacle."""
    if not thing.kind.receptacle:
        return None
    ids = [child.id for child in thing.children]
    if thing.type in ("Sink", "Bathtub"):
        ids += [d.id for child in thing.children for d in child.children]
    if thing.type == "Floor":
        ids += [t.id for t in state.things.values() if t.on_floor and t.room == thing.room]
    return ids


def bounds(thing: Thing) -> tuple[Vec, Vec]:
    """Low and high corner of a thing with its open door."""
    if not (thing.is_open and thing.kind.receptacle):
        return thing.lo, thing.hi
    boxes = solids(thing)
    lows = [thing.lo, *(s.lo for s in boxes)]
    highs = [thing.hi, *(s.hi for s in boxes)]
    return (
        (min(v[0] for v in lows), min(v[1] for v in lows), min(v[2] for v in lows)),
        (max(v[0] for v in highs), max(v[1] for v in highs), max(v[2] for v in highs)),
    )


def _corners(lo: Vec, hi: Vec) -> list[list[float]]:
    return [[x, y, z] for x in (hi[0], lo[0]) for y in (hi[1], lo[1]) for z in (hi[2], lo[2])]


class Records:
    """The metadata of all objects of a household, kept until they change.

    What is nested in a record is shared with records given before: read it, do not change it.
    """

    def __init__(self, state: Household) -> None:
        self._state = state
        self._kept: dict[str, _Kept] = {}

    def of(self, seen: Seen, agent: Agent | None) -> dict[str, Any]:
        """One object as the agent senses it: AI2-THOR's 42 keys and `room`, the id of the room it is in."""
        thing = seen.thing
        kept = self._kept.get(thing.id)
        # What stands on a floor is not attached to it: it moves only when shapes do.
        stamp = (thing.stamp, self._state.shape_version if thing.type == "Floor" else 0)
        if kept is None or kept.stamp != stamp or kept.until_s <= self._state.time_s:
            warm = temperature(thing, self._state.time_s) != "RoomTemp"
            kept = _Kept(stamp, thing.expires_s if warm else NEVER, _object(self._state, thing))
            self._kept[thing.id] = kept
        record = kept.record.copy()
        record["visible"], record["isInteractable"] = seen.visible, seen.interactable
        if agent is not None:
            record["distance"] = math.dist((agent.x, agent.y, agent.z), thing.origin)
        return record


class _Kept(NamedTuple):
    stamp: tuple[int, int]
    until_s: float
    record: dict[str, Any]


def _object(state: Household, thing: Thing) -> dict[str, Any]:
    """One object that nobody sees."""
    lo, hi = bounds(thing)
    corners = _corners(lo, hi)
    center = ((lo[0] + hi[0]) / 2, (lo[1] + hi[1]) / 2, (lo[2] + hi[2]) / 2)
    movable = thing.kind.pickupable or thing.kind.moveable
    return {
        "name": thing.name, "position": vector(thing.origin),
        "rotation": {"x": 90.0 if thing.upright else 0.0, "y": thing.yaw, "z": 0.0},
        "visible": False, "isInteractable": False,
        **_states(thing, state.time_s),
        "pickupable": thing.kind.pickupable, "isPickedUp": thing.held_by is not None,
        "moveable": thing.kind.moveable, "mass": thing.kind.mass,
        "salientMaterials": list(thing.kind.materials) or None,
        "receptacleObjectIds": _content_ids(state, thing), "distance": 0.0,
        "objectType": thing.type, "objectId": thing.id, "assetId": thing.asset,
        "parentReceptacles": parent_ids(state, thing),
        "controlledObjects": [c.id for c in thing.controls] if thing.kind.toggleable and thing.controls else None,
        "isMoving": False,
        "axisAlignedBoundingBox": {
            "cornerPoints": corners, "center": vector(center),
            "size": vector((hi[0] - lo[0], hi[1] - lo[1], hi[2] - lo[2]))},
        "objectOrientedBoundingBox": {"cornerPoints": [list(c) for c in corners]} if movable else None,
        "room": thing.room,
    }


def _states(thing: Thing, now_s: float) -> dict[str, Any]:
    """The keys that say what a thing can be and is."""
    kind = thing.kind
    return {
        "receptacle": kind.receptacle, "toggleable": kind.toggleable, "isToggled": thing.toggled,
        "breakable": kind.breakable, "isBroken": thing.broken, "canFillWithLiquid": kind.fillable,
        "isFilledWithLiquid": thing.liquid is not None, "fillLiquid": thing.liquid,
        "dirtyable": kind.dirtyable, "isDirty": thing.dirty, "canBeUsedUp": kind.used_up,
        "isUsedUp": thing.used_up, "cookable": kind.cookable, "isCooked": thing.cooked,
        "temperature": temperature(thing, now_s), "isHeatSource": kind.heat_source,
        "isColdSource": kind.cold_source, "sliceable": kind.sliceable, "isSliced": thing.sliced,
        "openable": kind.openable, "isOpen": thing.is_open, "openness": thing.openness,
    }


def state_value(thing: Thing, key: str, now_s: float) -> object:
    """The value of a state by AI2-THOR's metadata key; None for a key that is no state."""
    return _states(thing, now_s).get(key)


def hand_point(agent: Agent) -> Vec:
    """Where an agent holds things, metres."""
    yaw = math.radians(agent.yaw)
    x, y, z = agent.eye
    return (x + HAND_AHEAD_M * math.sin(yaw), max(y - HAND_BELOW_EYE_M, 0.4), z + HAND_AHEAD_M * math.cos(yaw))


def other_agents(sensed: list[Agent]) -> list[dict[str, Any]]:
    """What an agent knows of the others it senses (ours: AI2-THOR says nothing of them)."""
    return [
        {"name": o.body.name, "agentId": o.index, "position": {"x": o.x, "y": o.y, "z": o.z},
         "rotation": {"x": 0.0, "y": o.yaw, "z": 0.0}, "radius": o.body.radius_m}
        for o in sensed]


def agent_metadata(state: Household, agent: Agent, objects: list[dict[str, Any]], sensed: list[Agent], width: int,
                   height: int) -> dict[str, Any]:
    """What one agent is told: AI2-THOR 5.0.0's per-agent keys and `otherAgents`, the agents it senses."""
    hand = vector(hand_point(agent))
    held = [agent.held, *agent.held.descendants()] if agent.held is not None else []
    return {
        "objects": objects, "isSceneAtRest": True,
        "agent": {
            "name": "agent", "position": {"x": agent.x, "y": agent.y, "z": agent.z},
            "rotation": {"x": 0.0, "y": agent.yaw, "z": 0.0}, "cameraHorizon": agent.horizon,
            "isStanding": agent.standing, "inHighFrictionArea": False},
        "heldObjectPose": {
            "position": hand, "rotation": {"x": 0.0, "y": agent.yaw, "z": 0.0},
            "localPosition": {"x": 0.0, "y": -HAND_BELOW_EYE_M, "z": HAND_AHEAD_M},
            "localRotation": {"x": 0.0, "y": 0.0, "z": 0.0}},
        "arm": None, "fov": FOV_DEG, "cameraPosition": vector(agent.eye), "cameraOrthSize": 0.0,
        "thirdPartyCameras": [], "collided": False, "collidedObjects": [],
        "inventoryObjects": [{"objectId": t.id, "objectType": t.type} for t in held],
        "sceneName": state.name, "lastAction": agent.last_action, "errorMessage": agent.last_error,
        "errorCode": agent.last_error_code or None, "lastActionSuccess": agent.last_success,
        "screenWidth": width, "screenHeight": height, "agentId": agent.index, "depthFormat": "Meters",
        "colors": None, "flatSurfacesOnGrid": [], "distances": [], "normals": [], "isOpenableGrid": [],
        "segmentedObjectIds": [], "objectIdsInBox": [], "actionIntReturn": 0, "actionFloatReturn": 0.0,
        "actionStringsReturn": None, "actionFloatsReturn": None, "actionVector3sReturn": None,
        "visibleRange": None, "currentTime": state.time_s, "sceneBounds": scene_bounds(state),
        "actionReturn": agent.last_value, "otherAgents": other_agents(sensed),
    }


def scene_bounds(state: Household) -> dict[str, Any]:
    """The box around all rooms."""
    lo = (min(r.x0 for r in state.rooms), 0.0, min(r.z0 for r in state.rooms))
    hi = (max(r.x1 for r in state.rooms), WALL_HEIGHT_M, max(r.z1 for r in state.rooms))
    center = ((lo[0] + hi[0]) / 2, (lo[1] + hi[1]) / 2, (lo[2] + hi[2]) / 2)
    return {"center": vector(center), "size": vector((hi[0] - lo[0], hi[1] - lo[1], hi[2] - lo[2])),
            "cornerPoints": _corners(lo, hi)}
