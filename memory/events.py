"""The event log of a site: one ordered stream of what changed, in the scene and in the work."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fleetmind.memory.model import JsonValue, Model

EventKind = Literal[
    "scene",  # nodes put or removed: {"put": [node, ...], "remove": [id, ...], "op": "move"...}
    "task",  # a task was submitted or changed state: the TaskRecord
    "plan",  # a plan was opened: {"task", "version", "subtasks": [...], "reasoning"}
    "attempt",  # an attempt was claimed or ended: the AttemptRecord
    "step",  # one observation-thought-action step of a robot
    "decision",  # a decision point for the planner: {"task", "point", "detail"}
    "robot",  # joined, left, lost: {"robot", "state", ...}
    "lease",  # a lease changed hands: {"name", "owner", "fence"}
    "stop",  # protective stop latched or reset
    "note",  # anything a person should see
]


class Event(Model):
    """One immutable change."""

    seq: int = Field(ge=1)
    """Position in the site's log; also the scene version where `kind` is `scene`."""
    kind: EventKind
    """What sort of change."""
    time_s: float
    """Unix time at the store."""
    source: str = ""
    """Who caused it."""
    data: dict[str, JsonValue] = Field(default_factory=dict)
    """The change itself."""
