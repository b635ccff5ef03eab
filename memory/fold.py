"""The scene as a fold over events: the one definition of what an event does to the nodes."""

from __future__ import annotations

from typing import cast

from fleetmind.memory.events import Event
from fleetmind.memory.index import Entry
from fleetmind.memory.nodes import Node


def changes(event: Event) -> tuple[list[Node], list[str]]:
    """The nodes a scene event puts and the ids it removes; empty for every other kind."""
    if event.kind != "scene":
        return [], []
    put = cast("list[object]", event.data.get("put", []))
    remove = cast("list[str]", event.data.get("remove", []))
    return [Node.model_validate(raw) for raw in put], remove


def entries(event: Event) -> tuple[list[Entry], list[str]]:
    """The same as entries, which become objects when they are read."""
    if event.kind != "scene":
        return [], []
    put = cast("list[object]", event.data.get("put", []))
    return list(map(Entry.of_data, put)), cast("list[str]", event.data.get("remove", []))


def fold(nodes: dict[str, Node], event: Event) -> None:
    """Bring `nodes` from the version before the event to the event's."""
    put, remove = changes(event)
    for node in put:
        nodes[node.id] = node
    for node_id in remove:
        nodes.pop(node_id, None)
