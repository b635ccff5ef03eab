"""Where to look: the places an instruction names, then where the robots are, and which rooms belong to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from fleetmind.memory.nodes import Node
from fleetmind.memory.queries import linked
from fleetmind.memory.retrieval.words import Reading
from fleetmind.memory.scene import Point, Scene

ROBOTS = 8
"""Robots whose places count."""
NEAREST = 6
"""Rooms of a type that are looked at."""
HOME = 12
"""Rooms that are walked to from where the robots are."""
ANCHORS = 4
_MARKS = ".,;:!?()[]'\"`"
_TOGETHER = 4  # words of an id with blanks
FAR = 99


class Places:
    """The places that matter for one instruction.

    Args:
        scene: what is known.
        instruction: what the person said.
        reading: what it names.
        robots: whose surroundings matter.
    """

    def __init__(self, scene: Scene, instruction: str, reading: Reading, robots: Sequence[str]) -> None:
        self._scene = scene
        self._room_of: dict[str, Node | None] = {}
        self.named = tuple(_named(scene, instruction, reading.numbered))
        """Nodes the instruction names by id."""
        said = {node.id for node in self.named}
        own = sorted(robots, key=lambda robot: robot not in said)[:ROBOTS]
        self.robots = tuple(own)
        homes = _once(room for robot in own if (room := scene.room_of(robot)) is not None)
        around = list(_walk(scene, homes)) or homes
        meant = [node for node in self.named if node.kind == "room"]
        start = _points(scene, [*(n.id for n in self.named), *own])
        for type_name in reading.rooms:
            meant += _of_type(scene, type_name, around, start)
        meant += [room for room in around if room.type in reading.kinds_of_room]
        there = [room for node in self.named if (room := scene.room_of(node.id)) is not None]
        meant = _once([*meant, *there])
        self.rooms = tuple(_once([*meant, *around]))
        """Rooms that matter, the most important first."""
        ranks = {room.id: 1 + (room not in homes) for room in around}
        self._ranks = {**ranks, **dict.fromkeys((room.id for room in meant), 0)}
        where = [n.id for n in self.named if n.kind != "robot"] + [room.id for room in meant]
        self.anchors = tuple(dict.fromkeys(_points(scene, where) + _points(scene, own)))[:ANCHORS] or ((0.0, 0.0, 0.0),)
        """From where to look for the nearest."""

    def rank(self, node: Node) -> int:
        """0 in a room that is named, 1 with a robot, 2 in a room one can walk to from there, else far."""
        room = self.room_of(node)
        return self._ranks.get(room.id, FAR) if room is not None else FAR

    def room_of(self, node: Node) -> Node | None:
        """The room the node is in; a room is in itself."""
        if node.kind == "room" or node.parent is None:
            return node if node.kind == "room" else None
        if node.parent not in self._room_of:  # what is in one place is in one room: ask once
            self._room_of[node.parent] = self._scene.room_of(node.parent)
        return self._room_of[node.parent]


def _named(scene: Scene, instruction: str, numbered: Iterable[str]) -> Iterator[Node]:
    """Nodes whose id stands in the instruction, in its order."""
    words = instruction.split()
    found: set[str] = set()
    for at in range(len(words)):
        for size in range(min(_TOGETHER, len(words) - at), 0, -1):
            text = " ".join(words[at:at + size])
            node = scene.get(text) or scene.get(text.strip(_MARKS)) or scene.get(text.strip(_MARKS).removesuffix("'s"))
            if node is not None and node.id not in found:
                found.add(node.id)
                yield node
    for node_id in numbered:
        if node_id in scene and node_id not in found:
            found.add(node_id)
            yield scene[node_id]


def _walk(scene: Scene, start: Sequence[Node]) -> Iterator[Node]:
    """Rooms by how many doors away they are, nearest first. Where no doors are known, those beside each other."""
    seen, queue = {room.id for room in start}, deque(start)
    for _ in range(HOME):
        if not queue:
            return
        room = queue.popleft()
        yield room
        for other in list(_next_rooms(scene, room)) or _beside(scene, room):
            if other.id not in seen:
                seen.add(other.id)
                queue.append(other)


def _next_rooms(scene: Scene, room: Node) -> Iterator[Node]:
    """Rooms that connect with this one, by themselves or over a door."""
    for way in linked(scene, room.id, "connects"):
        if way.kind == "room":
            yield way
        else:
            yield from (n for n in linked(scene, way.id, "connects") if n.kind == "room")


def _beside(scene: Scene, room: Node) -> list[Node]:
    """The other rooms of the same floor or building. A site's rooms may be anywhere: those are not meant."""
    parent = scene.get(room.parent) if room.parent is not None else None
    if parent is None or parent.kind not in ("floor", "building"):
        return []
    place = scene.place(room.id)
    if place is None:
        return list(islice((n for n in scene.children(parent.id) if n.kind == "room"), HOME))
    near = (scene[i] for _, i in islice(scene.grid(room.type).nearest_first(*place), NEAREST))
    return [n for n in near if n.parent == room.parent]


def _of_type(scene: Scene, type_name: str, around: Sequence[Node], start: Sequence[Point]) -> list[Node]:
    """The rooms of a type that may be meant: those around the robots, else the nearest."""
    here = [room for room in around if room.type == type_name]
    if here:
        return here
    grid = scene.grid(type_name)
    if not len(grid):
        return list(scene.of_type(type_name)[:2])
    from_here = start[0] if start else (0.0, 0.0, 0.0)
    return [scene[i] for _, i in islice(grid.nearest_first(*from_here), 2)]


def _points(scene: Scene, ids: Iterable[str]) -> list[Point]:
    return [place for i in ids if (place := scene.place(i)) is not None]


def _once(nodes: Iterable[Node]) -> list[Node]:
    return list({node.id: node for node in nodes}.values())
