"""A scene as a drawing: floors, furniture, small things, robots, and names that do not cover each other."""

from __future__ import annotations

import math
from collections.abc import Iterator

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.interchange.picture.floorplan import (
    Plane,
    Point,
    arrow,
    footprint,
    furnishing,
    known,
    overhead,
    plane_around,
    stands,
)
from fleetmind.memory.interchange.picture.legend import framed
from fleetmind.memory.interchange.picture.markup import clean, many
from fleetmind.memory.interchange.picture.naming import Names
from fleetmind.memory.interchange.picture.schematic import schematic
from fleetmind.memory.interchange.picture.shapes import (
    FAINT,
    FLOOR,
    INK,
    PERSON,
    ROBOTS,
    THING,
    THING_FACE,
    WOOD,
    WOOD_INK,
    WOOD_LINE,
    Drawing,
    Ink,
    Shape,
)
from fleetmind.memory.scene import Node, Pose, Scene

UNSURE = 0.5
"""Confidence below which a thing is drawn hollow."""
_ROBOT_M = 0.24
_DOT_PX, _FITTING_PX = 4.5, 3.0
_GOLDEN_RAD = math.pi * (3 - math.sqrt(5))


def draw(scene: Scene, *, title: str = "", within: str | None = None) -> Drawing:
    """The scene from above.

    Args:
        scene: what to draw.
        title: a name for it.
        within: only this node and what is in it.

    Raises:
        FleetmindError: `SCENE_UNKNOWN` for a `within` that is no node.
    """
    if within is not None:
        if within not in scene:
            raise FleetmindError("SCENE_UNKNOWN", f"there is no node {within!r:.150} to draw")
        scene = Scene([n for n in scene if n.id == within or any(a.id == within for a in scene.ancestors(n.id))],
                      version=scene.version)
    made_up = not any(known(node.pose) for node in scene)
    return _Sheet(schematic(scene) if made_up else scene, scene).drawing(title)


class _Sheet:
    """One drawing in the making."""

    def __init__(self, scene: Scene, whole: Scene) -> None:
        self._scene, self._whole, self._made_up = scene, whole, scene is not whole
        self._places = dict(_places(scene))
        corners = [c for n in scene for c in footprint(n) if n.kind != "site"] or [
            (pose.x, pose.y) for pose, _ in self._places.values()] or [(0.0, 0.0)]
        side = min(6000, max(1400, round(math.sqrt(len(scene)) * 75)))
        self._on: Plane = plane_around(corners, side, round(side * 0.72), finest=110.0 if self._made_up else 150.0)
        self._names = Names(self._on, made_up=self._made_up)
        self._shapes: list[Shape] = []

    def drawing(self, title: str) -> Drawing:
        """All of it."""
        rooms = sorted(self._scene.of_kind("room"), key=lambda n: n.id)
        solid = [n for n in furnishing(self._scene) if stands(n)]
        above = [n for n in furnishing(self._scene) if overhead(n)]
        drawn = {n.id for n in (*solid, *above)}
        small = [n for n in self._scene if n.kind in ("object", "receptacle") and n.id not in drawn
                 and n.id in self._places and n.type != "Floor" and not self._held(n)]
        bodies = sorted((n for n in self._scene if n.kind in ("robot", "person") and n.id in self._places),
                        key=lambda n: n.id)
        for room in rooms:
            self._outline(room, Ink(fill=FLOOR, line=INK, width=2.5))
        for node in solid:
            self._outline(node, _ink(node, WOOD, WOOD_LINE))
        for node in above:
            self._outline(node, Ink(line=FAINT, width=0.8, dash=(1.5, 3.0)))
        dots = [(node, self._dot(node)) for node in sorted(small, key=lambda n: (-self._extent_px(n), n.id))]
        radius = max(9.0, _ROBOT_M * self._on.scale)
        colours = {n.id: PERSON if n.kind == "person" else ROBOTS[place % len(ROBOTS)]
                   for place, n in enumerate(bodies)}
        for node, at in [(node, self._body(node, radius, colours[node.id])) for node in bodies]:
            held = [n for n in self._scene.children(node.id) if n.relation == "held_by"]
            self._names.body(node, at, radius, colours[node.id], held)
        self._names.rooms(rooms, solid)
        self._names.furniture(solid)
        self._names.things([(n, at) for n, at in dots if n.is_a("pickupable")], fittings=False)
        self._names.things([(n, at) for n, at in dots if not n.is_a("pickupable")], fittings=True)
        lost = sum(n.id not in self._places and n.kind not in ("site", "building", "floor") for n in self._scene)
        counted = ((len(rooms), "room", ""), (len(solid) + len(above), "piece of furniture", "pieces of furniture"),
                   (sum(n.is_a("pickupable") for n in self._scene), "movable thing", ""),
                   (len(self._scene.of_kind("robot")), "robot", ""),
                   (len(self._scene.of_kind("person")), "person", "people"))
        told = [many(*each) for each in counted if each[0]] or ["nothing"]
        left_out = self._names.left_out
        notes = [f"{many(left_out, 'name')} left out where it is crowded" if left_out else "",
                 f"{lost} without a place, not drawn" if lost else "",
                 "" if not self._made_up else "no positions are known: boxes show what is in what, not where"]
        return framed(self._on, [*self._shapes, *self._names.lines], self._names.words, title=clean(title, 80),
                      counts=", ".join(told), notes=[note for note in notes if note], version=self._whole.version,
                      to_scale=not self._made_up)

    def _held(self, node: Node) -> bool:
        return node.relation == "held_by" and node.parent in self._places

    def _outline(self, node: Node, ink: Ink) -> None:
        corners = footprint(node)
        if corners:
            self._shapes.append(Shape(points=tuple(self._on.at(*c) for c in corners), ink=ink, node=node.id))

    def _extent_px(self, node: Node) -> float:
        """Shorter side of a small thing's footprint, 0 where it is a dot."""
        corners = footprint(node)
        if not corners:
            return 0.0
        short = self._on.scale * min(math.dist(corners[0], corners[1]), math.dist(corners[1], corners[2]))
        return short if short > 3 * _DOT_PX else 0.0

    def _dot(self, node: Node) -> tuple[Point, float]:
        """Draws it; where it is, and how far it reaches from there."""
        pose, guessed = self._places[node.id]
        at = self._on.at(pose.x, pose.y)
        if not guessed:
            self._doubt(node, pose)
        movable = node.is_a("pickupable")
        face, line = (THING_FACE, THING) if movable else (WOOD_LINE, WOOD_INK)
        if self._extent_px(node) and not guessed:
            corners = [self._on.at(*c) for c in footprint(node)]
            self._shapes.append(Shape(points=tuple(corners), ink=_ink(node, face, line), node=node.id))
            reach = (max(abs(x - at[0]) for x, _ in corners) + max(abs(y - at[1]) for _, y in corners)) / 2
        else:
            reach = _DOT_PX if movable else _FITTING_PX
            ink = _ink(node, THING, "#ffffff", hollow=guessed) if movable else _ink(node, face, line, hollow=guessed)
            self._shapes.append(Shape(points=(at,), radius=reach, ink=ink, node=node.id))
        self._names.taken.take((at[0] - reach / 2, at[1] - reach / 2, at[0] + reach / 2, at[1] + reach / 2))
        return at, reach

    def _doubt(self, node: Node, pose: Pose) -> None:
        """Where the thing is with 95 %, when that is more than its dot."""
        if node.covariance is None:
            return
        xx, xy, _, yy, _, _ = node.covariance
        mean, half = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
        major, minor = (2.45 * math.sqrt(max(0.0, side)) * self._on.scale for side in (mean + half, mean - half))
        if major < 2 * _DOT_PX or major > self._on.width:
            return
        turn, (x, y) = math.atan2(2 * xy, xx - yy) / 2, self._on.at(pose.x, pose.y)
        ring = []
        for step in range(28):
            u, v = major * math.cos(step * math.pi / 14), minor * math.sin(step * math.pi / 14)
            ring.append((x + u * math.cos(turn) - v * math.sin(turn), y - u * math.sin(turn) - v * math.cos(turn)))
        self._shapes.append(Shape(points=tuple(ring), ink=Ink(line=THING, width=0.9, dash=(3, 3)), node=node.id))

    def _body(self, node: Node, radius: float, colour: str) -> Point:
        pose, guessed = self._places[node.id]
        at = self._on.at(pose.x, pose.y)
        self._shapes.append(Shape(points=(at,), radius=radius, ink=_ink(node, colour, "#ffffff", hollow=guessed),
                                  node=node.id))
        if node.kind == "robot" and not guessed:
            self._shapes.append(Shape(points=tuple(arrow(self._on, pose, radius)), node=node.id,
                                      ink=Ink(fill="#ffffff")))
        self._names.taken.take((at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius))
        return at


def _ink(node: Node, fill: str, line: str, *, hollow: bool = False) -> Ink:
    """Hollow and dashed where the scene is not sure, or where the place is only that of the container."""
    if node.confidence < UNSURE or hollow:
        return Ink(line=fill if line == "#ffffff" else line, width=1.5, dash=(3.0, 2.5))
    return Ink(fill=fill, line=line)


def _places(scene: Scene) -> Iterator[tuple[str, tuple[Pose, bool]]]:
    """Where each node is drawn; what says no place is beside the middle of its container, and guessed."""
    beside: dict[str, int] = {}
    for node in scene:
        if known(node.pose) and node.pose is not None:
            yield node.id, (node.pose, False)
            continue
        holder = next((n for n in scene.ancestors(node.id) if known(n.pose)), None)
        if holder is not None and holder.pose is not None:
            count = beside[holder.id] = beside.get(holder.id, 0) + 1
            reach = min(*holder.size[:2], 2.0) / 2 if holder.size else 0.3
            away, turn = min(0.07 * math.sqrt(count), reach), count * _GOLDEN_RAD
            at = Pose(x=holder.pose.x + away * math.cos(turn), y=holder.pose.y + away * math.sin(turn))
            yield node.id, (at, True)
