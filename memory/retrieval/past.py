"""The recent past in a few lines: who moved what where, what was switched, which attempts failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.events import Event
from fleetmind.memory.model import JsonValue
from fleetmind.memory.retrieval.naming import name, words
from fleetmind.memory.store import SceneStore

WINDOW = 400
"""Events that are looked through for the recent past."""
MESSAGE = 120
"""Characters of a robot's own words."""
_TELLING = 3  # a change of more nodes is an import or a look around
_USUAL = ("temperature", "RoomTemp")
_SWITCHED = ("set_states", "open", "close")


async def recent_events(store: SceneStore, *, limit: int = 20, window: int = WINDOW) -> list[Event]:
    """The newest events worth telling, oldest first, for `context(..., recent=...)`.

    Args:
        store: whose log; a site that has forgotten them has none.
        limit: how many at most.
        window: how many events of any kind to look through.
    """
    newest = await store.version_at(None)
    oldest, _ = await store.base(())
    since = max(oldest, newest - window)
    try:
        events = await store.events(since, limit=window)
    except FleetmindError as error:
        if error.code != "LOG_TRIMMED":
            raise
        return []  # folded away while we asked: what is left is too new to matter
    return [event for event in events if _told(event)][-limit:]


def past_lines(recent: Sequence[Event], limit: int) -> list[str]:
    """What happened, newest first, each thing once, in at most so many bytes."""
    newest: dict[str, str] = {}
    for event in reversed(recent):
        for about, text in _told(event):
            newest.setdefault(about, f"- {text}")
    lines: list[str] = []
    for line in newest.values():
        limit -= len(line.encode()) + 1
        if limit < 0:
            break
        lines.append(line)
    return lines


def _told(event: Event) -> list[tuple[str, str]]:
    """What the event is about, and in words; nothing where it is not worth telling."""
    if event.kind == "attempt":
        return list(_attempt(event.data))
    return list(_change(event)) if event.kind == "scene" else []


def _attempt(data: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    outcome = data.get("outcome")
    if isinstance(outcome, dict) and outcome.get("code") != "succeeded":
        work, why = name(str(data.get("subtask"))), words(str(outcome.get("message")), MESSAGE)
        yield f"attempt {work}", f"{name(str(data.get('robot')))} failed at {work}: {why}"


def _change(event: Event) -> Iterator[tuple[str, str]]:
    put, remove = event.data.get("put"), event.data.get("remove")
    nodes = [n for n in put if isinstance(n, dict)] if isinstance(put, list) else []
    gone = [str(i) for i in remove] if isinstance(remove, list) else []
    # Robots that drive or look around would fill the past with themselves.
    nodes = [n for n in nodes if n.get("kind") != "robot"]
    if not 0 < len(nodes) + len(gone) <= _TELLING:
        return
    operation, by = words(str(event.data.get("op")), 20), name(event.source) if event.source else "somebody"
    for node in nodes:
        node_id = str(node.get("id"))
        yield node_id, f"{operation} by {by}: {name(node_id)} {_now(node, operation)}".rstrip()
    for node_id in gone:
        yield node_id, f"removed by {by}: {name(node_id)}"


def _now(node: Mapping[str, JsonValue], operation: str) -> str:
    if operation in _SWITCHED:
        states = node.get("states")
        return states_text(states) if isinstance(states, dict) else ""
    return f"{node.get('relation')} {name(str(node.get('parent')))}" if node.get("parent") else ""


def states_text(states: Mapping[str, JsonValue] | Iterable[tuple[str, JsonValue]], limit: int = 160) -> str:
    """States in a few words: what is true, and what has a value."""
    found = [k if v is True else f"{k}={v}" for k, v in sorted(dict(states).items())
             if v is not False and (k, v) != _USUAL]
    return words(", ".join(found), limit)
