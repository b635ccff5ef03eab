"""Relations that follow from where things are: computed when asked, never stored.

`left_of`, `right_of`, `in_front_of` and `behind` are as somebody sees them who stands at a viewpoint and looks along
its x axis (REP 103: x forward, y left); without a viewpoint, as the reference's own pose has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from fleetmind.memory.model import Model, NodeId
from fleetmind.memory.nodes import Node, Pose
from fleetmind.memory.scene import Point, Scene

DerivedRelation = Literal[
    "near", "left_of", "right_of", "in_front_of", "behind", "above", "below", "next_to", "touching"]
NEAR_M = 1.0
"""Centres closer than this are `near`."""
GAP_M = 0.3
"""Boxes closer than this, side by side, are `next_to`."""
TOUCH_M = 0.02


class Derived(Model):
    """One relation that holds: `a` is `relation` `b`."""

    a: NodeId
    """What is related."""
    relation: DerivedRelation
    """How."""
    b: NodeId
    """To what."""
    distance_m: float
    """Between the centres."""


def relations(scene: Scene, a: NodeId, b: NodeId, *, viewpoint: Pose | None = None) -> tuple[Derived, ...]:
    """Every derived relation of `a` to `b`.

    Args:
        scene: what is known.
        a: what is related.
        b: the reference.
        viewpoint: where the viewer stands and looks, frame `map`; None: the reference's own pose.

    Raises:
        KeyError: `a` or `b` is not in the scene.
    """
    one, two = scene[a], scene[b]
    here, there = scene.place(a), scene.place(b)
    if here is None or there is None or a == b:
        return ()
    distance = math.dist(here, there)
    view = viewpoint or two.pose or Pose(x=there[0], y=there[1], z=there[2])
    found = [*_by_view(here, there, view.yaw_rad), *_by_height(one, two, here, there), *_by_gap(one, two, here, there)]
    if distance <= NEAR_M:
        found.append("near")
    return tuple(Derived(a=a, relation=relation, b=b, distance_m=distance) for relation in sorted(found))


def around(scene: Scene, node: NodeId, *, radius_m: float = NEAR_M,
           viewpoint: Pose | None = None) -> tuple[Derived, ...]:
    """The derived relations of everything near the node to it, nearest first.

    Raises:
        KeyError: the node is not in the scene.
    """
    scene[node]
    place = scene.place(node)
    if place is None:
        return ()
    found = scene.near(Pose(x=place[0], y=place[1], z=place[2]), radius_m)
    return tuple(d for other in found if other.id != node
                 for d in relations(scene, other.id, node, viewpoint=viewpoint))


def _by_view(here: Point, there: Point, yaw_rad: float) -> Iterable[DerivedRelation]:
    """Of the two directions, the one along which they lie further apart counts, and the other if it is close."""
    east, north = here[0] - there[0], here[1] - there[1]
    ahead = east * math.cos(yaw_rad) + north * math.sin(yaw_rad)
    left = -east * math.sin(yaw_rad) + north * math.cos(yaw_rad)
    most = max(abs(ahead), abs(left))
    if most < TOUCH_M:
        return
    if abs(left) >= most / 2:
        yield "left_of" if left > 0 else "right_of"
    if abs(ahead) >= most / 2:
        # What is further along the view stands behind the reference, as people say it.
        yield "behind" if ahead > 0 else "in_front_of"


def extent(node: Node) -> Point:
    """Half the node's extent along the map's axes, metres; nothing where its size is not known."""
    if node.box is not None and node.pose is not None:
        return _turned(node.box, node.pose)
    size = node.size or (0.0, 0.0, 0.0)
    return size[0] / 2, size[1] / 2, size[2] / 2


def _turned(box: Point, pose: Pose) -> Point:
    """Half extents of the axis-aligned box around a turned one: |R| times its half extents."""
    x, y, z, w = pose.qx, pose.qy, pose.qz, pose.qw
    rows = ((1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
            (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
            (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)))
    half = [sum(abs(turn) * side / 2 for turn, side in zip(row, box, strict=True)) for row in rows]
    return half[0], half[1], half[2]


def _gaps(one: Node, two: Node, here: Point, there: Point) -> Point:
    """Free space between the boxes along each axis, metres; negative where they overlap."""
    gap = [abs(p - q) - a - b for p, q, a, b in zip(here, there, extent(one), extent(two), strict=True)]
    return gap[0], gap[1], gap[2]


def _by_height(one: Node, two: Node, here: Point, there: Point) -> Iterable[DerivedRelation]:
    gap = _gaps(one, two, here, there)
    if gap[0] <= 0 and gap[1] <= 0 and gap[2] >= -TOUCH_M and here[2] != there[2]:
        yield "above" if here[2] > there[2] else "below"


def _by_gap(one: Node, two: Node, here: Point, there: Point) -> Iterable[DerivedRelation]:
    gap = _gaps(one, two, here, there)
    if -TOUCH_M <= max(gap) <= TOUCH_M:
        yield "touching"
    if gap[2] <= 0 and 0 < math.hypot(max(gap[0], 0.0), max(gap[1], 0.0)) <= GAP_M:
        yield "next_to"
