"""Checks of what callers hand in, shared by all stores: refused input changes nothing and never reaches a server."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.ledger import SubtaskRecord
from fleetmind.memory.model import Name, NodeId
from fleetmind.memory.nodes import Node, Pose, StateValue
from fleetmind.memory.records import tail
from fleetmind.memory.refusals import refusal

APPENDABLE: frozenset[str] = frozenset({"step", "robot", "decision", "stop", "note"})
"""Event kinds a caller may append; the others are written by the operations they belong to."""
MAX_EVENT_BYTES = 1 << 20
MAX_NODE_BYTES = 1 << 20
MAX_SUBTASKS = 10_000

_STATES: TypeAdapter[dict[str, StateValue]] = TypeAdapter(dict[str, StateValue], config={"allow_inf_nan": False})
_NODE_ID: TypeAdapter[str] = TypeAdapter(NodeId)
_NAME: TypeAdapter[str] = TypeAdapter(Name)


def node_ids(*ids: str) -> None:
    """Refuse what cannot be a node id."""
    for node_id in ids:
        try:
            _NODE_ID.validate_python(node_id)
        except ValidationError:
            raise FleetmindError("BAD_ID", f"{node_id!r:.200} is no node id: 1 to 128 printable characters "
                                           "without braces or stars") from None


def name(value: str, what: str) -> str:
    """Refuse what cannot be a short name (`Name`)."""
    try:
        return _NAME.validate_python(value)
    except ValidationError:
        raise FleetmindError("BAD_ID", f"{what} {value!r:.200} must be 1 to 64 of A-Z a-z 0-9 _ . - "
                                       "and start with a letter or digit") from None


def finite(value: float, what: str) -> float:
    """Refuse NaN and infinity."""
    if not math.isfinite(value):
        raise FleetmindError("SCENE_INVALID", f"{what}={value!r} must be a finite number")
    return value


def too_old(time_s: float) -> FleetmindError:
    """The error for a time before what the site keeps."""
    return refusal("SCENE_HISTORY", f"time {time_s!r} is before the oldest event this site keeps: `retain` more from "
                                    "now on")


def lease_words(lease_name: str, owner: str, ttl_s: float) -> None:
    """Refuse a lease that could never be held or found again."""
    for word in (lease_name, owner):
        if not word or len(word) > 200 or not word.isprintable():
            raise FleetmindError("LEASE_INVALID", f"{word!r:.220} is no lease name or owner: 1 to 200 printable "
                                                  "characters")
    if not 0 < ttl_s <= 86_400:
        raise FleetmindError("LEASE_INVALID", f"ttl_s={ttl_s!r} must be above 0 and at most 86400 seconds")


def pose(value: Pose | None) -> Pose | None:
    """Refuse a pose that went round its own checks (`model_construct`, `model_copy`)."""
    if value is not None:
        for name in ("x", "y", "z", "qx", "qy", "qz", "qw"):
            finite(getattr(value, name), f"pose.{name}")
    return value


def states(values: Mapping[str, StateValue]) -> dict[str, StateValue]:
    """The states as plain values: numbers as float; NaN, infinity and what is too large refused."""
    try:
        checked = _STATES.validate_python(dict(values))
        if sum(len(name) + len(v) if isinstance(v, str) else 1 for name, v in checked.items()) > MAX_NODE_BYTES // 4:
            json_text(checked, "SCENE_TOO_LARGE", "the states", MAX_NODE_BYTES)
        return checked
    except ValidationError as error:
        first = error.errors()[0]
        raise FleetmindError("SCENE_INVALID", f"states {dict(values)!r:.300}: {first['loc']} {first['msg']}; use "
                                              "booleans, strings or finite numbers") from None


def json_text(value: object, code: str, what: str, limit: int) -> str:
    """The value as JSON text, refusing what JSON cannot carry and what is too large."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise FleetmindError(code, f"{what} is not JSON: {error}; use finite numbers, strings, lists and "
                                   "string-keyed objects") from None
    if size > limit:
        raise FleetmindError(code, f"{what} has {size} bytes, at most {limit} are taken: keep blobs outside, "
                                   "by hash")
    return text


def event_text(kind: str, data: Mapping[str, object]) -> str:
    """The data of an appended event as JSON text."""
    if kind not in APPENDABLE:
        raise FleetmindError("EVENT_KIND", f"{kind!r} cannot be appended: one of {sorted(APPENDABLE)}")
    return json_text(dict(data), "EVENT_INVALID", f"data of the {kind!r} event", MAX_EVENT_BYTES)


def node_tail(node: Node) -> bytes:
    """`records.tail` of the node in four lines, within the size limit."""
    try:
        lines = ",\n".join(tail(node)).encode()
    except ValueError as error:  # a lone surrogate in an attribute, a NaN that `model_copy` let in
        raise FleetmindError("SCENE_INVALID", f"node {node.id!r} cannot be written as JSON: {error}") from None
    if len(lines) > MAX_NODE_BYTES:
        raise FleetmindError("SCENE_TOO_LARGE", f"node {node.id!r} has {len(lines)} bytes, at most {MAX_NODE_BYTES} "
                                                "are taken: keep blobs outside, by hash")
    return lines


def check_plan(task_id: str, version: int, subtasks: tuple[SubtaskRecord, ...]) -> None:
    """Refuse a plan that contradicts itself; what it refers to in older plans is checked by the store.

    Raises:
        FleetmindError: `PLAN_INVALID`, `PLAN_TOO_LARGE`, `PLAN_CYCLE`.
    """
    name(task_id, "task")
    if version < 1:
        raise refusal("PLAN_VERSION", f"plan version {version!r} of task {task_id!r} must be 1 or more")
    if len(subtasks) > MAX_SUBTASKS:
        raise refusal("PLAN_TOO_LARGE", f"{len(subtasks)} subtasks in one plan, at most {MAX_SUBTASKS} are taken")
    ids = {s.id for s in subtasks}
    if len(ids) != len(subtasks):
        raise refusal("PLAN_INVALID", f"plan {version} of task {task_id!r} has two subtasks of one id: "
                                      f"{sorted(s.id for s in subtasks)!r:.300}")
    for s in subtasks:
        if s.task != task_id or s.plan_version != version:
            raise refusal("PLAN_INVALID", f"subtask {s.id!r} says task {s.task!r} version {s.plan_version!r}, it is "
                                          f"opened in task {task_id!r} version {version!r}")
    _refuse_cycle({s.id: tuple(d for d in s.depends_on if d in ids) for s in subtasks})


def _refuse_cycle(edges: Mapping[str, tuple[str, ...]]) -> None:
    waiting = {node: len(set(needs)) for node, needs in edges.items()}
    dependents: dict[str, list[str]] = {}
    for node, needs in edges.items():
        for need in set(needs):
            dependents.setdefault(need, []).append(node)
    free = [node for node, count in waiting.items() if count == 0]
    while free:
        done = free.pop()
        del waiting[done]
        for node in dependents.get(done, ()):
            waiting[node] -= 1
            if waiting[node] == 0:
                free.append(node)
    if waiting:
        raise refusal("PLAN_CYCLE", f"these subtasks wait for each other: {sorted(waiting)!r:.400}; remove one "
                                    "dependency")
