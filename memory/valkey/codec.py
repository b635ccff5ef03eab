"""Between our values and the records, entries and arguments of `fleetmind.lua`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pydantic_core import from_json

from fleetmind.memory import inputs
from fleetmind.memory.events import Event, EventKind
from fleetmind.memory.index import corrupt
from fleetmind.memory.model import JsonValue
from fleetmind.memory.nodes import Node, Pose, StateValue
from fleetmind.memory.records import compact
from fleetmind.memory.store import Change


def states_arg(states: Mapping[str, StateValue]) -> str:
    """States as the library takes them."""
    return compact(states)


def pose_arg(pose: Pose | None) -> str:
    """A pose, or empty for none given."""
    return pose.model_dump_json() if (pose := inputs.pose(pose)) is not None else ""


def node_record(node: Node) -> bytes:
    """The node's record without its version: kind, relation, parent, and JSON members on four lines."""
    return f"{node.kind}\n{node.relation or ''}\n{node.parent or ''}\n".encode() + inputs.node_tail(node)


def record_json(record: bytes) -> bytes:
    """A stored record as the node's JSON (`records.record_text`)."""
    try:
        version, _, relation, parent, tail = record.split(b"\n", 4)
    except ValueError as error:
        raise corrupt(record, error) from None
    parent_json = compact(parent.decode()).encode() if parent else b"null"
    relation_json = b'"' + relation + b'"' if relation else b"null"
    return b"".join((b'{"version":', version, b',"parent":', parent_json, b',"relation":', relation_json, b",",
                     tail.replace(b",\n", b",", 3), b"}"))


def change_args(change: Change) -> list[str | int | bytes]:
    """A change as the library reads it."""
    args: list[str | int | bytes] = [change.source]
    for node in change.put:
        args += (node.id, node_record(node))
    return [*args, "", *change.remove, ""]


def read_event(entry: list[object]) -> Event:
    """The event of a stream entry `[id, [k, kind, t, time, s, source, d, data, ...]]`."""
    entry_id, fields = cast(bytes, entry[0]), cast("list[bytes]", entry[1])
    # Built without validation: the library wrote it, and a feed of thousands a second is read by everybody.
    return Event.model_construct(
        seq=int(entry_id.partition(b"-")[0]), kind=cast(EventKind, fields[1].decode()), time_s=float(fields[3]),
        source=fields[5].decode(), data=cast("dict[str, JsonValue]", from_json(fields[7], allow_inf_nan=False)))
