"""What became different between the first time the fleet knew a thing and the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fleetmind.console.report.digest import Digest
from fleetmind.memory import Event, Node

MOVED_M = 0.25
SURE = 0.5
_NOT_A_CHANGE = frozenset({"searched"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is different now."""

    node: str
    """Id of the thing."""
    kind: Literal["changed", "found", "gone"]
    """`found`: it was not known at the start, and stayed as it was."""
    words: str
    """For people."""


def changes(digest: Digest) -> dict[str, Change]:
    """Every change by node, robots left out; empty where the end was not recorded."""
    if not len(digest.after):
        return {}
    out: dict[str, Change] = {}
    # A thing that is no longer where it was believed to be has not been moved by that: only what was sure counts.
    first, last = dict(digest.before.nodes), dict(digest.before.nodes)
    for event in digest.trajectory.events:
        for node in put_nodes(event):
            first.setdefault(node.id, node)
            last[node.id] = node if node.confidence >= SURE else last.get(node.id, node)
    for node in first.values():
        now = digest.after.get(node.id)
        if node.kind == "robot":
            continue
        if now is None:
            out[node.id] = Change(node=node.id, kind="gone", words="gone")
            continue
        sure = now.confidence >= SURE
        if words := "; ".join(_differences(node, now if sure else last[node.id])):
            since = "" if sure else " (not seen there since)"
            out[node.id] = Change(node=node.id, kind="changed", words=words + since)
    for node in digest.after:
        if node.id not in digest.before and node.id not in out and node.kind != "robot":
            out[node.id] = Change(node=node.id, kind="found", words=f"found {place(node)}")
    return out


def put_nodes(event: Event) -> Iterator[Node]:
    """The nodes a scene event puts, malformed ones left out."""
    put: Any = event.data.get("put") if event.kind == "scene" else None
    for raw in put if isinstance(put, list) else ():
        try:
            yield Node.model_validate(raw)
        except ValueError:
            continue


def place(node: Node) -> str:
    """`on diningtable-1`."""
    return f"{(node.relation or '').replace('_', ' ')} {node.parent}" if node.parent else "nowhere"


def _differences(first: Node, now: Node) -> Iterator[str]:
    if min(first.confidence, now.confidence) >= SURE and _moved(first, now):
        far = f"moved {first.pose.distance_m(now.pose):.1f} m" if first.pose and now.pose else ""
        yield far if (first.parent, first.relation) == (now.parent, now.relation) else f"{place(first)} → {place(now)}"
    for key in sorted((first.states.keys() & now.states.keys()) - _NOT_A_CHANGE):
        if first.states[key] != now.states[key]:
            yield f"{key}: {_word(first.states[key])} → {_word(now.states[key])}"


def _moved(first: Node, now: Node) -> bool:
    """`in kitchen-1` after `on table-1`, at the same place, is the same said with less detail."""
    if now.relation == "held_by" or first.pose is None or now.pose is None:
        return (first.parent, first.relation) != (now.parent, now.relation)
    return first.pose.distance_m(now.pose) > MOVED_M


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
