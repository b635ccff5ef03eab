"""A scene seen from above: metres to pixels, footprints, and what counts as furniture or as a thing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fleetmind.memory.scene import Node, Pose, Scene

Point = tuple[float, float]
Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""
FARTHEST_M = 10_000.0
"""Positions beyond this are a broken sensor, not a house."""
OVERHEAD_M = 1.45
"""What hangs higher hides what is below, seen from above."""
SMALLEST_M = 0.25
"""Furniture with a shorter longest side is a fitting (a switch, a tap)."""
_TILTED = 0.9
"""Cosine of the tilt from which a footprint is no longer the box's own base."""


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

    def at(self, x_m: float, y_m: float) -> Point:
        """Where a point is."""
        return (x_m - self.left_m) * self.scale, (self.top_m - y_m) * self.scale


def plane_around(corners: Iterable[Point], width: int, height: int, *, finest: float, margin_m: float = 0.35) -> Plane:
    """The plane that shows all corners (metres) within so many pixels.

    Args:
        corners: at least one.
        width: pixels at most.
        height: pixels at most.
        finest: pixels per metre at most.
        margin_m: space around.
    """
    xs, ys = zip(*corners, strict=True)
    left, right = min(xs) - margin_m, max(xs) + margin_m
    bottom, top = min(ys) - margin_m, max(ys) + margin_m
    scale = min(width / (right - left), height / (top - bottom), finest)
    return Plane(left_m=left, top_m=top, scale=scale, width=max(1, round((right - left) * scale)),
                 height=max(1, round((top - bottom) * scale)))


def known(pose: Pose | None) -> bool:
    """True for a pose that can be drawn."""
    return pose is not None and max(abs(pose.x), abs(pose.y)) < FARTHEST_M


def furnishing(scene: Scene) -> list[Node]:
    """What stands in or hangs on the rooms and has an extent, the lowest first."""
    nodes = [n for n in scene if n.kind in ("receptacle", "object") and not n.is_a("pickupable") and n.type != "Floor"
             and footprint(n)]
    nodes.sort(key=lambda n: (_top(n), -_area(n), n.id))
    return nodes


def stands(node: Node) -> bool:
    """True for furniture that is worth drawing: not a fitting, and not overhead."""
    return node.pose is not None and node.size is not None and max(node.size[:2]) >= SMALLEST_M and not overhead(node)


def overhead(node: Node) -> bool:
    """True for what hangs above other furniture."""
    return node.pose is not None and node.size is not None and node.pose.z - node.size[2] / 2 >= OVERHEAD_M


def things(scene: Scene) -> list[Node]:
    """What can be carried and lies somewhere; what a robot holds is drawn with the robot."""
    return [n for n in scene
            if n.kind == "object" and n.is_a("pickupable") and known(n.pose) and n.relation != "held_by"]


def extent(node: Node) -> list[Point]:
    """Opposite corners of a node's upright bounding box, metres; none when it cannot be drawn."""
    if node.size is None or node.pose is None or not known(node.pose) or max(node.size[:2]) > FARTHEST_M:
        return []
    return [(node.pose.x + sign * node.size[0] / 2, node.pose.y + sign * node.size[1] / 2) for sign in (-1, 1)]


def footprint(node: Node) -> list[Point]:
    """The four corners of what a node covers, turned as it stands, metres; none when it cannot be drawn."""
    pose, sides, yaw = node.pose, node.box, 0.0
    if pose is None or not known(pose):
        return []
    if sides is not None and 1 - 2 * (pose.qx**2 + pose.qy**2) > _TILTED:
        yaw = pose.yaw_rad
    elif node.size is not None:
        sides = node.size
    if sides is None or max(sides[:2]) > FARTHEST_M:
        return []
    cos, sin = math.cos(yaw), math.sin(yaw)
    return [(pose.x + cos * dx - sin * dy, pose.y + sin * dx + cos * dy)
            for dx, dy in ((sx * sides[0] / 2, sy * sides[1] / 2) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)))]


def overlap(one: Area, other: Area) -> bool:
    """True when two rectangles share a point."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def arrow(on: Plane, pose: Pose, radius_px: float) -> list[Point]:
    """A triangle that points where a robot looks."""
    x, y = on.at(pose.x, pose.y)
    return [(x + r * radius_px * math.cos(pose.yaw_rad + a), y - r * radius_px * math.sin(pose.yaw_rad + a))
            for r, a in ((0.85, 0.0), (0.7, 2.45), (0.25, math.pi), (0.7, -2.45))]


def _top(node: Node) -> float:
    return (node.pose.z if node.pose else 0.0) + (node.size[2] if node.size else 0.0) / 2


def _area(node: Node) -> float:
    return node.size[0] * node.size[1] if node.size else 0.0
