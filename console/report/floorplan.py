"""A scene seen from above, ready to be drawn: rooms, furniture, things and robots in pixels, north up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fleetmind.console.report.digest import Digest
from fleetmind.memory import Node, Pose, Scene

FARTHEST_M = 10_000.0
"""Positions beyond this are a broken sensor, not a house."""
OVERHEAD_M = 1.45
"""What hangs higher hides what is below, seen from above."""
SMALLEST_M = 0.25
"""Furniture with a shorter longest side is a fitting (a switch, a tap)."""


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Turns metres of frame `map` into pixels: x to the right, y up."""

    left_m: float
    """The x of the left border."""
    top_m: float
    """The y of the upper border."""
    scale: float
    """Pixels per metre."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""

    def at(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Where a point is."""
        return (x_m - self.left_m) * self.scale, (self.top_m - y_m) * self.scale


@dataclass(frozen=True, kw_only=True)
class Box:
    """A footprint."""

    node: Node
    """Whose."""
    x: float
    """Left, pixels."""
    y: float
    """Top, pixels."""
    width: float
    """Pixels."""
    height: float
    """Pixels."""

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, pixels."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, kw_only=True)
class Label:
    """A name and where it fits."""

    text: str
    """The name."""
    x: float
    """Middle, pixels."""
    y: float
    """Middle, pixels."""
    upright: bool = False
    """True: turned by a quarter, for narrow footprints."""


def plane(digest: Digest, width: int, height: int, finest: float = 95.0) -> Plane | None:
    """The plane all maps of a run share, within `width` and `height` pixels; None when nothing has a place."""
    nodes = [*digest.before, *digest.after]
    corners = [c for n in nodes if n.kind == "room" for c in _corners(n)]
    if not corners:
        poses = [n.pose for n in nodes if n.pose] + [s.pose for s in digest.steps if s.pose]
        corners = [(p.x, p.y) for p in poses if known(p)]
    if not corners:
        return None
    margin_m = 0.35
    left, right = min(c[0] for c in corners) - margin_m, max(c[0] for c in corners) + margin_m
    bottom, top = min(c[1] for c in corners) - margin_m, max(c[1] for c in corners) + margin_m
    scale = min(width / (right - left), height / (top - bottom), finest)
    return Plane(left_m=left, top_m=top, scale=scale, width=max(1, round((right - left) * scale)),
                 height=max(1, round((top - bottom) * scale)))


def known(pose: Pose | None) -> bool:
    """True for a pose that can be drawn."""
    return pose is not None and max(abs(pose.x), abs(pose.y)) < FARTHEST_M


def rooms(scene: Scene, on: Plane) -> list[Box]:
    """The rooms."""
    return list(_boxes(scene.of_kind("room"), on))


def furniture(scene: Scene, on: Plane, always: Iterable[str] = ()) -> list[Box]:
    """What stands in the rooms, the lowest first; what hangs overhead only when named in `always`."""
    named = frozenset(always)
    nodes = [n for n in scene if n.kind in ("receptacle", "object") and not n.is_a("pickupable") and n.type != "Floor"
             and n.pose is not None and n.size is not None and (n.id in named or _stands(n.pose, n.size))]
    nodes.sort(key=lambda n: (_top(n), -_area(n), n.id))
    return list(_boxes(nodes, on))


def things(scene: Scene) -> list[Node]:
    """What can be carried and lies somewhere; what a robot holds is drawn with the robot."""
    return [n for n in scene
            if n.kind == "object" and n.is_a("pickupable") and known(n.pose) and n.relation != "held_by"]


def labels(boxes: list[Box], character_px: float = 5.9, line_px: float = 12.0) -> list[Label]:
    """The names that fit on their footprints without touching each other, large footprints first."""
    placed: list[tuple[float, float, float, float]] = []
    out: list[Label] = []
    for box in sorted(boxes, key=lambda b: (-b.width * b.height, b.node.id)):
        long = len(box.node.id) * character_px
        x, y = box.centre
        for upright in (False, True):
            along, across = (box.height, box.width) if upright else (box.width, box.height)
            wide, high = (line_px, long) if upright else (long, line_px)
            area = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            if long <= along + 4 and line_px <= across + 2 and not any(overlap(area, other) for other in placed):
                placed.append(area)
                out.append(Label(text=box.node.id, x=x, y=y, upright=upright))
                break
    return out


def room_labels(floors: list[Box], boxes: list[Box], character_px: float = 7.2) -> list[Label]:
    """The rooms' names, each in a corner that no furniture fills, or in the middle; x is the left, y the base line."""
    out = []
    for room in floors:
        wide = len(room.node.id) * character_px
        left, right, top, bottom = room.x + 8, room.x + room.width - wide - 8, room.y + 18, room.y + room.height - 9
        spots = [(left, bottom), (right, bottom), (left, top), (right, top),
                 (room.centre[0] - wide / 2, room.centre[1])]
        hidden = [sum(overlap((x, y - 12, x + wide, y + 4), (b.x, b.y, b.x + b.width, b.y + b.height)) for b in boxes)
                  for x, y in spots]
        x, y = spots[hidden.index(min(hidden))]
        out.append(Label(text=room.node.id, x=x, y=y))
    return out


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """True when two rectangles (left, top, right, bottom) share a point."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def arrow(on: Plane, pose: Pose, radius_px: float) -> list[tuple[float, float]]:
    """A triangle that points where a robot looks."""
    x, y = on.at(pose.x, pose.y)
    return [(x + r * radius_px * math.cos(pose.yaw_rad + a), y - r * radius_px * math.sin(pose.yaw_rad + a))
            for r, a in ((0.85, 0.0), (0.7, 2.45), (0.25, math.pi), (0.7, -2.45))]


def _corners(node: Node) -> list[tuple[float, float]]:
    if node.size is None or node.pose is None or not known(node.pose) or max(node.size[:2]) > FARTHEST_M:
        return []
    return [(node.pose.x + sign * node.size[0] / 2, node.pose.y + sign * node.size[1] / 2) for sign in (-1, 1)]


def _boxes(nodes: Iterable[Node], on: Plane) -> Iterable[Box]:
    for node in nodes:
        corners = _corners(node)
        if corners:
            (x0, y1), (x1, y0) = on.at(*corners[0]), on.at(*corners[1])
            yield Box(node=node, x=min(x0, x1), y=min(y0, y1), width=abs(x1 - x0), height=abs(y1 - y0))


def _stands(pose: Pose, size: tuple[float, float, float]) -> bool:
    return pose.z - size[2] / 2 < OVERHEAD_M and max(size[:2]) >= SMALLEST_M


def _top(node: Node) -> float:
    return (node.pose.z if node.pose else 0.0) + (node.size[2] if node.size else 0.0) / 2


def _area(node: Node) -> float:
    return node.size[0] * node.size[1] if node.size else 0.0
