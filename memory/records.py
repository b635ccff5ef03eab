"""A node as JSON text, in the one way that events, records on a server and exported scenes share.

What can change is always there, the rest where it is not the default.
"""

from __future__ import annotations

import json
from typing import cast

from pydantic_core import from_json

from fleetmind.memory.model import JsonValue
from fleetmind.memory.nodes import Node

MUTABLE = {"version", "parent", "relation", "source", "pose", "states"}
"""Members that every record has, whatever their value."""

compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""JSON text without blanks."""


def tail(node: Node) -> tuple[str, str, str, str]:
    """The members after parent and relation as JSON text: source, pose, states, and what never changes (no braces)."""
    pose = node.pose.model_dump_json() if node.pose is not None else "null"
    rest = node.model_dump_json(exclude=MUTABLE, exclude_defaults=True)[1:-1]
    return f'"source":{compact(node.source)}', f'"pose":{pose}', f'"states":{compact(node.states)}', rest


def record_text(node: Node) -> str:
    """The whole node as JSON text, its version included."""
    parent = compact(node.parent) if node.parent is not None else "null"
    relation = f'"{node.relation}"' if node.relation is not None else "null"
    return f'{{"version":{node.version},"parent":{parent},"relation":{relation},{",".join(tail(node))}}}'


def node_data(node: Node) -> JsonValue:
    """The same as plain data, as it stands in an event."""
    return cast(JsonValue, from_json(record_text(node)))
