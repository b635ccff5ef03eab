"""Questions about space: nearest of a kind, in a box, in view, the way from room to room. They cost what they answer.

Places are centres, frame `map`; what has no pose of its own is where its container is.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.model import NodeId
from fleetmind.memory.nodes import Node, Pose
from fleetmind.memory.scene import Point, Scene


def nearest(scene: Scene, pose: Pose, k: int = 1, *, types: Iterable[str] = (),
            where: Callable[[Node], bool] | None = None) -> tuple[Node, ...]:
    """The k nearest nodes, nearest first.

    Args:
        scene: what is known.
        pose: from where.
        k: how many at most.
        types: only nodes of these types; each type has an index of its own, so that rare ones are found as fast.
        where: only nodes for which this is true; every node on the way is asked.
    """
    grids = [scene.grid(t) for t in sorted(set(types))] if types else [scene.grid()]
    if where is None and len(grids) == 1:
        return tuple(scene[i] for _, i in grids[0].nearest(pose.x, pose.y, pose.z, k))
    found: list[Node] = []
    for _, node_id in heapq.merge(*(grid.nearest_first(pose.x, pose.y, pose.z) for grid in grids)):
        if len(found) >= k:
            break
        node = scene[node_id]
        if where is None or where(node):
            found.append(node)
    return tuple(found)


def within_box(scene: Scene, low: Point, high: Point) -> tuple[Node, ...]:
    """Nodes in a box along the map's axes, borders included, by id.

    Raises:
        FleetmindError: `QUERY_INVALID`, a low corner above the high one.
    """
    if any(not a <= b for a, b in zip(low, high, strict=True)):
        raise FleetmindError("QUERY_INVALID", f"box from {low!r} to {high!r} is empty: give the low corner first")
    return tuple(scene[i] for i in scene.grid().inside(low, high))


def in_view(scene: Scene, eye: Pose, *, range_m: float = 5.0, horizontal_rad: float = math.pi / 2,
            vertical_rad: float = math.pi / 2) -> tuple[Node, ...]:
    """Nodes whose centre lies in a view along the eye's x axis, nearest first; what hides what is not considered.

    Args:
        scene: what is known.
        eye: where the camera is and looks (REP 103: x forward, y left, z up).
        range_m: how far it sees.
        horizontal_rad: whole angle of view across.
        vertical_rad: whole angle of view up and down.
    """
    def seen(node: Node) -> bool:
        place = scene.place(node.id)
        if place is None:
            return False
        ahead, left, up = to_frame(eye, place)
        return (abs(math.atan2(left, ahead)) <= horizontal_rad / 2
                and abs(math.atan2(up, math.hypot(ahead, left))) <= vertical_rad / 2)

    return tuple(node for node in scene.near(eye, range_m) if seen(node))


def to_frame(pose: Pose, point: Point) -> Point:
    """A point of frame `map` in the frame of a pose, metres."""
    x, y, z = point[0] - pose.x, point[1] - pose.y, point[2] - pose.z
    qx, qy, qz, w = -pose.qx, -pose.qy, -pose.qz, pose.qw
    tx, ty, tz = 2 * (qy * z - qz * y), 2 * (qz * x - qx * z), 2 * (qx * y - qy * x)
    return x + w * tx + qy * tz - qz * ty, y + w * ty + qz * tx - qx * tz, z + w * tz + qx * ty - qy * tx


def linked(scene: Scene, node: NodeId, relation: str) -> tuple[Node, ...]:
    """Nodes that a node is linked to, whichever of the two says so, by id. Links to what is not known are left out."""
    there = scene.get(node)
    named = {link.to for link in there.links if link.relation == relation} if there is not None else set()
    return tuple(scene[i] for i in sorted(named | set(scene.linked_from(node, relation))) if i in scene and i != node)


def path(scene: Scene, start: NodeId, end: NodeId) -> tuple[Node, ...]:
    """The shortest way from room to room over `connects` links (Dijkstra), doors included; empty if there is none.

    A step costs the distance of the centres; where one is not known, one metre. Anything in a room stands for its room.

    Raises:
        FleetmindError: `SCENE_UNKNOWN`.
    """
    first, last = (_room(scene, node) for node in (start, end))
    cost, came = {first: 0.0}, {first: ""}
    queue, done = [(0.0, first)], set[str]()
    while queue:
        so_far, here = heapq.heappop(queue)
        if here == last:
            return tuple(scene[i] for i in _back(came, last))
        if here in done:
            continue
        done.add(here)
        for node in linked(scene, here, "connects"):
            there = so_far + _step_m(scene, here, node.id)
            if there < cost.get(node.id, math.inf):
                cost[node.id], came[node.id] = there, here
                heapq.heappush(queue, (there, node.id))
    return ()


def _room(scene: Scene, node: NodeId) -> NodeId:
    if node not in scene:
        raise FleetmindError("SCENE_UNKNOWN", f"{node!r} is not in the scene", advice="replan")
    if linked(scene, node, "connects"):
        return node
    room = scene.room_of(node)
    return room.id if room is not None else node


def _step_m(scene: Scene, a: NodeId, b: NodeId) -> float:
    here, there = scene.place(a), scene.place(b)
    return math.dist(here, there) if here is not None and there is not None else 1.0


def _back(came: dict[str, str], last: str) -> Iterator[str]:
    out = [last]
    while came[out[-1]]:
        out.append(came[out[-1]])
    return reversed(out)
