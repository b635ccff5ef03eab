"""The building plan: a world's layout as the first scene graph. What moves is not in it; robots must look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleetmind.agents.sim_seeing import seen_objects
from fleetmind.memory import JsonValue, Link, Node, Pose, Relation, SeenObject
from fleetmind.memory.belief import Numbers, fixed_receptacle
from fleetmind.simulators.frames import position_to_map

_CEILING_M = 2.5
_UNKNOWN_UNTIL_SEEN = ("isDirty", "isFilledWithLiquid", "isBroken")


def building_nodes(layout: Mapping[str, Any], *, site: str = "site") -> tuple[Node, ...]:
    """Rooms and fixed furniture of a world as scene-graph nodes.

    Args:
        layout: what `World.layout()` returned.
        site: id of the root node.
    """
    rooms = [_room(room) for room in layout["rooms"]]
    objects: list[Mapping[str, Any]] = [
        {**m, **dict.fromkeys(_UNKNOWN_UNTIL_SEEN, False)} for m in layout["objects"] if m["objectType"] != "Floor"]
    room_of = {str(m["objectId"]): str(m.get("room") or "") for m in objects}
    controls = {str(m["objectId"]): m.get("controlledObjects") for m in objects}
    furniture = [(_with_controls(thing, controls), room_of[thing.source_id]) for thing in seen_objects(objects)]
    doors = [(str(a), str(b)) for a, b in layout.get("doors", ())]
    return seed_nodes(rooms, _parents_first(furniture), site=site, doors=doors)


def everything_nodes(layout: Mapping[str, Any], objects: Iterable[Mapping[str, Any]], *,
                     site: str = "site") -> tuple[Node, ...]:
    """The same with every movable thing where it truly is: the `--oracle` switch, for debugging only."""
    known = {m["objectId"] for m in layout["objects"]}
    extra = [m for m in objects if m["objectId"] not in known]
    return building_nodes({**layout, "objects": [*layout["objects"], *extra]}, site=site)


def _room(room: Mapping[str, Any]) -> tuple[str, str, Pose, tuple[float, float, float]]:
    points = [position_to_map(x, 0.0, z) for x, z in room["polygon"]]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    centre = Pose(x=(min(xs) + max(xs)) / 2, y=(min(ys) + max(ys)) / 2, z=_CEILING_M / 2)
    return str(room["id"]), str(room["type"]), centre, (max(xs) - min(xs), max(ys) - min(ys), _CEILING_M)


def _with_controls(thing: SeenObject, controls: Mapping[str, Any]) -> SeenObject:
    controlled: list[JsonValue] = [str(c) for c in controls.get(thing.source_id) or ()]
    if not controlled:
        return thing
    return thing.model_copy(update={"attributes": {**thing.attributes, "controls": controlled}})


def _parents_first(furniture: list[tuple[SeenObject, str]]) -> list[tuple[SeenObject, str]]:
    """Receptacles before what is in or on them."""
    by_id = {thing.source_id: (thing, room) for thing, room in furniture}
    out: dict[str, tuple[SeenObject, str]] = {}

    def put(source: str, depth: int) -> None:
        if source in out or source not in by_id or depth > 20:
            return
        parent = by_id[source][0].parent
        if parent is not None:
            put(parent, depth + 1)
        out[source] = by_id[source]

    for source in by_id:
        put(source, 0)
    return list(out.values())


def seed_nodes(rooms: Iterable[tuple[str, str, Pose, tuple[float, float, float]]],
               furniture: Iterable[tuple[SeenObject, str]], *, site: str = "site",
               doors: Iterable[tuple[str, str]] = ()) -> tuple[Node, ...]:
    """Nodes of a building plan: the site, its rooms and which of them connect, and what is fixed in them.

    Args:
        rooms: source id, type, centre and size of each room.
        furniture: each thing with the source id of its room.
        site: id of the root node.
        doors: source ids of two rooms between which one can walk.
    """
    new_id = Numbers()
    ids: dict[str, str] = {}
    nodes = [Node(id=site, kind="site", type="Site")]
    rooms = list(rooms)
    ids.update({source_id: new_id(type_name) for source_id, type_name, _, _ in rooms})
    ways: dict[str, list[Link]] = {}
    for a, b in doors:
        ways.setdefault(a, []).append(Link(relation="connects", to=ids[b]))
    for source_id, type_name, pose, size in rooms:
        nodes.append(Node(id=ids[source_id], kind="room", type=type_name, parent=site, relation="in", pose=pose,
                          size=size, attributes={"source_id": source_id}, links=tuple(ways.get(source_id, ()))))
    things = list(furniture)
    for thing, _ in things:
        ids[thing.source_id] = new_id(thing.type)
    for thing, room in things:
        parent = ids.get(thing.parent or "") or ids.get(room) or site
        relation: Relation = thing.relation if thing.parent in ids and thing.relation else "in"
        attributes = {**thing.attributes, "source_id": thing.source_id}
        controls = attributes.get("controls")
        if isinstance(controls, list):
            attributes["controls"] = [ids[str(c)] for c in controls if str(c) in ids]
        nodes.append(Node(
            id=ids[thing.source_id], kind="receptacle" if fixed_receptacle(thing) else "object", type=thing.type,
            parent=parent, relation=relation, pose=thing.pose, size=thing.size, states=thing.states,
            attributes=attributes))
    return tuple(nodes)
