"""AI2-THOR's object metadata as a scene, and back (`thor_export.py`).

Rooms are the `Floor` objects. Everything in the metadata is believed, as a building plan is: this is for bringing
scenes in, not for what a robot sees (`sim_seeing.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from fleetmind.agents.building import seed_nodes
from fleetmind.agents.sim_seeing import seen_objects
from fleetmind.agents.thor_export import thor_from_scene
from fleetmind.agents.thor_form import HORIZON, ORIGIN, axes_of, checked, vector
from fleetmind.memory import FleetmindError, JsonValue, Node, Pose, SeenObject
from fleetmind.simulators.frames import euler_to_map, position_to_map, size_to_map, yaw_to_map

__all__ = ["scene_from_thor", "thor_from_scene"]

CEILING_M = 2.5
_ALIGNED = 0.1
"""How much larger the box around an oriented box may be that is aligned with the object."""
_TELLS = (("Bathroom", ("Toilet", "Bathtub", "ShowerDoor")), ("Bedroom", ("Bed",)),
          ("Kitchen", ("Fridge", "StoveBurner", "Microwave")), ("LivingRoom", ("Sofa", "Television", "TVStand")))


def scene_from_thor(metadata: Mapping[str, Any] | Sequence[Mapping[str, Any]], *,
                    site: str = "site") -> tuple[Node, ...]:
    """Nodes of AI2-THOR 5.0.0 metadata: rooms, objects with poses and states, robots.

    Args:
        metadata: of an event (`event.metadata`), one for each agent, or a dump `{objectId: object metadata}`.
        site: id of the root node.

    Raises:
        FleetmindError: `IMPORT_FORMAT` (no metadata), `IMPORT_NODE` (names the object and what is wrong),
            `IMPORT_TOO_LARGE`.
    """
    objects, agents = checked(metadata)
    floors = {str(m["objectId"]): m for m in objects if m["objectType"] == "Floor"}
    solid = {str(m["objectId"]): m for m in objects if m["objectType"] != "Floor"}
    rooms = {name: _room_of(m, floors) for name, m in solid.items()}
    try:
        seen = [_completed(thing, solid[thing.source_id], floors) for thing in seen_objects(solid.values())]
        nodes = seed_nodes([_room(name, floor, solid, rooms) for name, floor in floors.items()],
                           [(thing, rooms[thing.source_id]) for thing in _holders_first(seen)], site=site)
        robots = _robots(agents, {str(n.attributes["source_id"]): n for n in nodes if n.kind == "room"}, site)
        held = {str(one["objectId"]): robot.id for robot, agent in zip(robots, agents, strict=True)
                for one in agent.get("inventoryObjects") or ()}
        placed = [_placed(node, solid.get(str(node.attributes.get("source_id"))), held) for node in nodes]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise FleetmindError("IMPORT_NODE", f"{error.title} {first['input']!r:.150}: {first['loc']}: "
                                            f"{first['msg']}") from None
    return (*placed, *robots)


def _room(name: str, floor: Mapping[str, Any], solid: Mapping[str, Mapping[str, Any]],
          rooms: Mapping[str, str]) -> tuple[str, str, Pose, tuple[float, float, float]]:
    """Source id, type, centre and size of the room above a floor."""
    types = {str(m["objectType"]) for source, m in solid.items() if rooms[source] == name}
    kind = next((room for room, tells in _TELLS if types & set(tells)), "Room")
    x, y, z = position_to_map(*_centre(floor))
    wide, deep, high = size_to_map(*_size(floor))
    ground = z + high / 2
    return name, kind, Pose(x=x, y=y, z=ground + CEILING_M / 2), (wide, deep, CEILING_M)


def _room_of(metadata: Mapping[str, Any], floors: Mapping[str, Mapping[str, Any]]) -> str:
    """The floor that an object is on or above; the household world says which room, AI2-THOR does not."""
    x, _, z = _centre(metadata)
    if metadata.get("room") is not None:
        for name, floor in floors.items():
            if floor.get("room") == metadata["room"]:
                return name

    def outside(floor: Mapping[str, Any]) -> float:
        (cx, _, cz), (wide, _, deep) = _centre(floor), _size(floor)
        return max(0.0, abs(x - cx) - wide / 2) + max(0.0, abs(z - cz) - deep / 2)

    return min(floors, key=lambda name: outside(floors[name]), default="")


def _placed(node: Node, metadata: Mapping[str, Any] | None, held: Mapping[str, str]) -> Node:
    """The node with its rotation, its own box, and who holds it."""
    if metadata is None or node.pose is None:
        return node
    turned = metadata.get("rotation") or {"x": 0.0, "y": 0.0, "z": 0.0}
    q = euler_to_map(*vector(turned))
    pose = Pose(x=node.pose.x, y=node.pose.y, z=node.pose.z, qx=q[0], qy=q[1], qz=q[2], qw=q[3])
    origin = position_to_map(*vector(metadata["position"]))
    away = (origin[0] - pose.x, origin[1] - pose.y, origin[2] - pose.z)
    update: dict[str, Any] = {"pose": pose, "box": _box(metadata, axes_of(pose))}
    if max(abs(part) for part in away) > 1e-9:
        update["attributes"] = {**node.attributes, ORIGIN: [_dot(axis, away) for axis in axes_of(pose)]}
    robot = held.get(str(metadata["objectId"]))
    if robot is not None and not set(held).intersection(metadata.get("parentReceptacles") or ()):
        # What lies in a held bowl is held too, but is in the bowl.
        update.update(parent=robot, relation="held_by")
    return Node.model_validate({**node.model_dump(), **update})


def _box(metadata: Mapping[str, Any], axes: Sequence[Sequence[float]]) -> tuple[float, float, float] | None:
    """Extent along the object's own axes, None where the metadata has no oriented box that is aligned with it."""
    corners = (metadata.get("objectOrientedBoundingBox") or {}).get("cornerPoints")
    if not corners:
        return None
    points = [position_to_map(*corner) for corner in corners]
    spans = [(min(along), max(along)) for along in ([_dot(axis, p) for p in points] for axis in axes)]
    sides = (spans[0][1] - spans[0][0], spans[1][1] - spans[1][0], spans[2][1] - spans[2][0])
    # A corner of an aligned box is on two of the three spans' ends whichever way one looks; how far the worst is off:
    off = max(min(_dot(axis, p) - low, high - _dot(axis, p))
              for p in points for axis, (low, high) in zip(axes, spans, strict=True))
    return sides if off <= _ALIGNED * max(sides) else None


def _robots(agents: Sequence[Mapping[str, Any]], rooms: Mapping[str, Node], site: str) -> list[Node]:
    out = []
    for place, metadata in enumerate(agents):
        agent = metadata["agent"]
        x, y, z = position_to_map(*vector(agent["position"]))
        q = yaw_to_map(float(agent["rotation"]["y"]))
        room = next((r.id for r in rooms.values() if r.pose is not None and r.size is not None
                     and abs(x - r.pose.x) <= r.size[0] / 2 and abs(y - r.pose.y) <= r.size[1] / 2), site)
        attributes: dict[str, JsonValue] = {HORIZON: float(agent.get("cameraHorizon") or 0.0)}
        states = {"standing": agent["isStanding"]} if isinstance(agent.get("isStanding"), bool) else {}
        name = str(agent.get("name") or "agent")
        out.append(Node(id=name if len(agents) == 1 else f"{name}-{place}", kind="robot", type="Robot", parent=room,
                        relation="in", states=states, attributes=attributes,
                        pose=Pose(x=x, y=y, z=z, qx=q[0], qy=q[1], qz=q[2], qw=q[3])))
    return out


def _completed(thing: SeenObject, metadata: Mapping[str, Any], floors: Mapping[str, Any]) -> SeenObject:
    """With what it controls; what is on a floor is in the room."""
    controlled: list[JsonValue] = [str(name) for name in metadata.get("controlledObjects") or ()]
    update: dict[str, Any] = {"parent": None, "relation": None} if thing.parent in floors else {}
    if controlled:
        update["attributes"] = {**thing.attributes, "controls": controlled}
    return thing.model_copy(update=update)


def _holders_first(seen: Iterable[SeenObject]) -> list[SeenObject]:
    """Receptacles before what is in or on them; a circle is broken where it is found."""
    by_id = {thing.source_id: thing for thing in seen}
    out: dict[str, SeenObject] = {}
    for thing in by_id.values():
        chain: dict[str, SeenObject] = {}
        here: SeenObject | None = thing
        while here is not None and here.source_id not in out:
            if here.source_id in chain:
                chain[here.source_id] = here.model_copy(update={"parent": None, "relation": None})
                break
            chain[here.source_id] = here
            here = by_id.get(here.parent or "")
        out.update(reversed(chain.items()))
    return list(out.values())


def _centre(metadata: Mapping[str, Any]) -> tuple[float, float, float]:
    return vector((metadata.get("axisAlignedBoundingBox") or {}).get("center") or metadata["position"])


def _size(metadata: Mapping[str, Any]) -> tuple[float, float, float]:
    size = (metadata.get("axisAlignedBoundingBox") or {}).get("size")
    return vector(size) if size else (0.0, 0.0, 0.0)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
