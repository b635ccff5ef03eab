"""The scene as a fold over events: the one definition of what an event does to the nodes."""

from __future__ import annotations

from typing import cast

from fleetmind.memory.events import Event
from fleetmind.memory.scene import Node


def changes(event: Event) -> tuple[list[Node], list[str]]:
    """The nodes a scene event puts and the ids it removes; empty for every other kind."""
    if event.kind != "scene":
        return [], []
    put = cast("list[object]", event.data.get("put", []))
    remove = cast("list[str]", event.data.get("remove", []))
    return [Node.model_validate(raw) for raw in put], remove


def fold(nodes: dict[str, Node], event: Event) -> None:
    """Bring `nodes` from the version before the event to the event's."""
    if starts_empty(event) and event.seq > 1:
        nodes.clear()
        return
    put, remove = changes(event)
    for node in put:
        nodes[node.id] = node
    for node_id in remove:
        nodes.pop(node_id, None)


def starts_empty(event: Event) -> bool:
    """True when nothing before the event matters: the first of the site, or a wipe."""
    return event.seq == 1 or (event.kind == "scene" and event.data.get("op") == "clear")
