"""From a world's `Frame` to an `Observation`: frame `map`, our state names, only what a robot can tell."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from fleetmind.memory import JsonValue, Node, Observation, Picture, Pose, Relation, SeenObject, StateValue
from fleetmind.simulators.frames import position_to_map, size_to_map, yaw_to_map

FLAGS = {
    "pickupable": "pickupable", "moveable": "moveable", "receptacle": "receptacle", "openable": "openable",
    "toggleable": "toggleable", "sliceable": "sliceable", "cookable": "cookable", "dirtyable": "dirtyable",
    "canFillWithLiquid": "fillable", "breakable": "breakable", "canBeUsedUp": "usable_up",
    "isHeatSource": "heat_source", "isColdSource": "cold_source",
}
"""AI2-THOR's affordances and ours."""
STATES = {
    "openable": ("isOpen", "open"), "toggleable": ("isToggled", "on"), "dirtyable": ("isDirty", "dirty"),
    "sliceable": ("isSliced", "sliced"), "cookable": ("isCooked", "cooked"), "breakable": ("isBroken", "broken"),
    "canBeUsedUp": ("isUsedUp", "used_up"),
}
"""By affordance: AI2-THOR's name of the state, and ours."""
_CONTAINERS = frozenset({
    "Fridge", "Microwave", "Drawer", "Cabinet", "Box", "GarbageCan", "Safe", "LaundryHamper", "SinkBasin",
    "BathtubBasin", "Sink", "Bathtub", "Pot", "Pan", "Bowl", "Mug", "Cup", "Toaster", "CoffeeMachine",
})
_HOLDS_IN_VIEW_M = 1.6


def relation_to(parent_type: str) -> Relation:
    """How a thing relates to what it is in or on, by the parent's type."""
    return "inside" if parent_type in _CONTAINERS else "on"


def map_pose(metadata: Mapping[str, Any]) -> tuple[Pose, tuple[float, float, float] | None]:
    """Centre and size of an object, frame `map`; the box where there is one, else the position."""
    box = metadata.get("axisAlignedBoundingBox") or {}
    point = box.get("center") or metadata["position"]
    size = box.get("size")
    x, y, z = position_to_map(point["x"], point["y"], point["z"])
    return Pose(x=x, y=y, z=z), size_to_map(size["x"], size["y"], size["z"]) if size else None


def _states(metadata: Mapping[str, Any]) -> dict[str, StateValue]:
    states: dict[str, StateValue] = {
        name: bool(metadata[key]) for flag, (key, name) in STATES.items() if metadata.get(flag)}
    if metadata.get("canFillWithLiquid"):
        states["filled"] = str(metadata.get("fillLiquid") or "water") if metadata.get("isFilledWithLiquid") else False
    if metadata.get("pickupable") and metadata.get("temperature"):
        states["temperature"] = str(metadata["temperature"])
    return states


def _parent(metadata: Mapping[str, Any], sizes: Mapping[str, float], around: Mapping[str, set[str]]) -> str | None:
    """The innermost of the receptacles a thing is in: the one that is itself in most of the others, else the smallest.

    AI2-THOR lists them in no order: a potato in a pot on a burner is in the pot and on the burner.
    """
    parents = [str(p) for p in metadata.get("parentReceptacles") or ()]
    return min(parents, key=lambda p: (-len(around.get(p, set()) & set(parents)), sizes.get(p, 1e9), p),
               default=None)


def volume_m3(metadata: Mapping[str, Any]) -> float:
    """Volume of an object's box."""
    size = (metadata.get("axisAlignedBoundingBox") or {}).get("size") or {"x": 1.0, "y": 1.0, "z": 1.0}
    return float(size["x"] * size["y"] * size["z"])


def seen_object(metadata: Mapping[str, Any], sizes: Mapping[str, float], types: Mapping[str, str],
                around: Mapping[str, set[str]]) -> SeenObject:
    """One object of the metadata.

    Args:
        metadata: AI2-THOR's object metadata.
        sizes: volume by objectId, to tell the innermost receptacle.
        types: object type by objectId.
        around: receptacles that each receptacle is itself in, by objectId.
    """
    pose, size = map_pose(metadata)
    attributes: dict[str, JsonValue] = {name: True for key, name in FLAGS.items() if metadata.get(key)}
    if metadata.get("mass"):
        attributes["mass_kg"] = round(float(metadata["mass"]), 4)
    if metadata.get("salientMaterials"):
        attributes["materials"] = [str(m) for m in metadata["salientMaterials"]]
    parent = _parent(metadata, sizes, around)
    parent_type = types.get(parent or "") or (parent or "").rsplit("|", 1)[-1 if "Basin" in (parent or "") else 0]
    return SeenObject(
        source_id=str(metadata["objectId"]), type=str(metadata["objectType"]), pose=pose, size=size, parent=parent,
        relation=relation_to(parent_type.split("|")[0]) if parent else None, states=_states(metadata),
        attributes=attributes, distance_m=max(0.0, float(metadata.get("distance") or 0.0)),
        reachable=bool(metadata.get("isInteractable")), held=bool(metadata.get("isPickedUp")),
    )


def seen_objects(objects: Iterable[Mapping[str, Any]], nodes: Iterable[Node] = ()) -> tuple[SeenObject, ...]:
    """All objects of a frame; `nodes` (the scene as known) help to tell nested receptacles apart."""
    objects = list(objects)
    sizes = {str(n.attributes["source_id"]): n.size[0] * n.size[1] * n.size[2]
             for n in nodes if n.size is not None and "source_id" in n.attributes}
    types = {str(n.attributes["source_id"]): n.type for n in nodes if "source_id" in n.attributes}
    around: dict[str, set[str]] = {}
    for metadata in objects:
        name = str(metadata["objectId"])
        sizes[name], types[name] = volume_m3(metadata), str(metadata["objectType"])
        around[name] = {str(p) for p in metadata.get("parentReceptacles") or ()}
    return tuple(seen_object(metadata, sizes, types, around) for metadata in objects)


def looked_into(objects: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Receptacles whose content is in view: within reach, and open where they can be closed."""
    return tuple(
        str(m["objectId"]) for m in objects
        if m.get("receptacle") and m.get("isInteractable") and (not m.get("openable") or m.get("isOpen"))
        and float(m.get("distance") or 0.0) <= _HOLDS_IN_VIEW_M + volume_m3(m) ** (1 / 3)
    )


def _room_at(x_m: float, y_m: float, nodes: Iterable[Node]) -> str | None:
    """Source id of the room around a place: the robot knows the building plan and where it is."""
    for node in nodes:
        if node.kind == "room" and node.pose is not None and node.size is not None and (
                abs(x_m - node.pose.x) <= node.size[0] / 2 and abs(y_m - node.pose.y) <= node.size[1] / 2):
            return str(node.attributes.get("source_id", node.id))
    return None


def observation_of(robot: str, metadata: Mapping[str, Any], *, time_s: float, nodes: Iterable[Node] = (),
                   pictures: tuple[Picture, ...] = ()) -> Observation:
    """A whole frame as an observation."""
    agent = metadata["agent"]
    x, y, _ = position_to_map(agent["position"]["x"], agent["position"]["y"], agent["position"]["z"])
    qx, qy, qz, qw = yaw_to_map(agent["rotation"]["y"])
    inventory = metadata.get("inventoryObjects") or ()
    objects = metadata.get("objects") or ()
    return Observation(
        robot=robot, pose=Pose(x=x, y=y, z=0.0, qx=qx, qy=qy, qz=qz, qw=qw),
        holding=str(inventory[0]["objectId"]) if inventory else None, room=_room_at(x, y, nodes),
        objects=seen_objects(objects, nodes), looked_into=looked_into(objects), pictures=pictures,
        monotonic_s=time.monotonic(), wall_s=time.time(), world_s=time_s,
    )
