"""Which part of the scene graph a robot is told: its work, what contains it, and the building plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fleetmind.brain import Subtask
from fleetmind.memory import Node, Scene

WHOLE_SCENE_LIMIT = 2000
"""Up to so many nodes a robot is told everything; it keeps the slice small beyond."""


def is_fixed(node: Node) -> bool:
    """True for rooms and furniture, which every robot may know from the start."""
    return node.kind in ("site", "building", "floor", "room", "receptacle") or (
        node.kind == "object" and not node.is_a("pickupable"))


def lineage(nodes: Mapping[str, Node], ids: Iterable[str]) -> dict[str, Node]:
    """The nodes and all that contains them."""
    out: dict[str, Node] = {}
    for node_id in ids:
        current = nodes.get(node_id)
        while current is not None and current.id not in out:
            out[current.id] = current
            current = nodes.get(current.parent) if current.parent else None
    return out


def small_scene(nodes: Mapping[str, Node], ids: Iterable[str]) -> Scene:
    """A scene of just those nodes and what contains them; costs what it holds, not what the site holds."""
    return Scene(lineage(nodes, ids).values())


def slice_for(nodes: Mapping[str, Node], subtask: Subtask | None, robot: str) -> list[Node]:
    """What a robot is told for a subtask."""
    if len(nodes) <= WHOLE_SCENE_LIMIT:
        return list(nodes.values())
    wanted = {robot, *(subtask.nodes if subtask else ())}
    seeks = set(subtask.seeks) if subtask else set()
    out = lineage(nodes, wanted)
    for node in nodes.values():
        if node.parent in wanted or node.type in seeks or is_fixed(node):
            out[node.id] = node
    return list(out.values())
