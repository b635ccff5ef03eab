"""The record of a task on disk: what was asked, planned, thought, done, seen, and how it truly ended.

A trajectory is a directory::

    manifest.json       format, version, task, robots, verdict, ground truth of the goal
    events.jsonl        the site's events of this task, in order, one `Event` a line
    scene_before.json   the scene graph when the task was handed in, and `scene_after.json` when it ended
    truth_before.json   the world's own objects (ground truth), where the world has one; and `truth_after.json`
    pictures/ab/ab12... pictures by content hash, each once

`read_trajectory` accepts every version written so far and brings it to the newest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from fleetmind.brain import Subtask
from fleetmind.memory import (
    Event,
    FleetmindError,
    JsonValue,
    Model,
    Node,
    Outcome,
    Picture,
    Pose,
    RobotProfile,
    Scene,
    SkillCall,
)

FORMAT: Literal["fleetmind-trajectory"] = "fleetmind-trajectory"
VERSION = 1
MAX_LINE_BYTES = 8_000_000


class Manifest(Model):
    """What a trajectory is of."""

    format: Literal["fleetmind-trajectory"] = FORMAT
    """Tells the directory from any other."""
    version: int = VERSION
    """Of the format."""
    task: str
    """Id of the task."""
    instruction: str
    """What the person said."""
    verdict: str = "running"
    """How the task ended; `running` in a record that was cut off."""
    reason: str = ""
    """Why."""
    reason_code: str = ""
    """Stable code."""
    goal: dict[str, JsonValue] | None = None
    """The goal, where one was posed."""
    goal_report: dict[str, JsonValue] | None = None
    """The world's verdict on it."""
    robots: tuple[RobotProfile, ...] = ()
    """The fleet."""
    scene: dict[str, JsonValue] = Field(default_factory=dict)
    """`SceneSpec` of the world."""
    seed: int = 0
    """Of the world."""
    brain: str = ""
    """What planned and thought."""
    oracle: bool = False
    """True: the fleet knew everything from the start; not comparable."""
    started_s: float = 0.0
    """Unix time."""
    ended_s: float = 0.0
    """Unix time."""
    news: tuple[str, ...] = ()
    """What else happened: processes that died and came back."""


class RecordedStep(Model):
    """One observation-thought-action step of a robot."""

    seq: int
    """Place in the log."""
    robot: str
    """Who."""
    subtask: str
    """Of which subtask."""
    attempt: str
    """Of which attempt."""
    number: int
    """1, 2, ... within the attempt."""
    thought: str
    """What the brain thought."""
    call: SkillCall
    """What it called."""
    outcome: Outcome
    """How that ended."""
    started_s: float
    """Unix time."""
    ended_s: float
    """Unix time."""
    world_s: float
    """World time after it."""
    pose: Pose | None = None
    """Of the robot after it."""
    room: str | None = None
    """Node id."""
    holding: str | None = None
    """Node id."""
    visible: tuple[str, ...] = ()
    """Node ids in view."""
    pictures: tuple[Picture, ...] = ()
    """What the robot saw after it."""


class PlanRecord(Model):
    """One plan version."""

    version: int
    """1, 2, ..."""
    seq: int
    """Place in the log."""
    time_s: float
    """Unix time it was opened."""
    subtasks: tuple[Subtask, ...]
    """In the brain's order."""
    robots: dict[str, str] = Field(default_factory=dict)
    """Whom the allocation chose, by subtask."""
    reasoning: str = ""
    """The brain's explanation."""


class Trajectory:
    """A recorded task, read from disk.

    Args:
        path: the directory.
        manifest: its manifest.
        events: its events, in order.
    """

    def __init__(self, path: Path, manifest: Manifest, events: tuple[Event, ...]) -> None:
        self.path, self.manifest, self.events = path, manifest, events

    @property
    def plans(self) -> tuple[PlanRecord, ...]:
        """Every plan version, oldest first."""
        return tuple(_plan(e) for e in self.events if e.kind == "plan")

    @property
    def steps(self) -> tuple[RecordedStep, ...]:
        """Every step of every robot, in order."""
        fields = RecordedStep.model_fields
        return tuple(RecordedStep.model_validate({"seq": e.seq, **{k: v for k, v in e.data.items() if k in fields}})
                     for e in self.events if e.kind == "step")

    def scene(self, when: Literal["before", "after"]) -> Scene:
        """The scene graph before or after; empty when it was not recorded."""
        path = self.path / f"scene_{when}.json"
        if not path.exists():
            return Scene()
        content = json.loads(path.read_text(encoding="utf-8"))
        return Scene([Node.model_validate(n) for n in content["nodes"]], version=int(content["version"]))

    def truth(self, when: Literal["before", "after"]) -> list[dict[str, Any]]:
        """The world's own objects before or after; empty when there is no ground truth."""
        path = self.path / f"truth_{when}.json"
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []

    def picture(self, picture: Picture) -> Path | None:
        """Where a picture is, None when it was not kept."""
        path = picture_path(self.path / "pictures", picture)
        return path if path.exists() else None


def picture_path(root: Path, picture: Picture) -> Path:
    """Where a picture lies under a directory of pictures."""
    suffix = ".png" if picture.mime == "image/png" else ".jpg"
    return root / picture.sha256[:2] / f"{picture.sha256}{suffix}"


def _plan(event: Event) -> PlanRecord:
    raw: Any = event.data.get("subtasks") or []
    version: Any = event.data.get("version") or event.data.get("plan_version") or 1
    return PlanRecord(
        version=int(version), seq=event.seq, time_s=event.time_s, reasoning=str(event.data.get("reasoning") or ""),
        subtasks=tuple(Subtask.model_validate(r.get("body", r)) for r in raw),
        robots={str(r["id"]): str(r["robot"]) for r in raw if r.get("robot")})


_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""By the version they start from: bring a manifest one version further."""


def read_trajectory(path: Path) -> Trajectory:
    """Read a trajectory; a torn last line, as a killed recorder leaves it, is dropped.

    Raises:
        FleetmindError: `TRAJECTORY`, saying what is wrong with which file.
    """
    manifest_path = path / "manifest.json"
    try:
        raw = json.loads(manifest_path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FleetmindError("TRAJECTORY", f"{str(manifest_path)!r} cannot be read: {error}") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise FleetmindError("TRAJECTORY", f"{str(path)!r} is not a trajectory (no format {FORMAT!r} in its manifest)")
    version = raw.get("version")
    if not isinstance(version, int) or version > VERSION or version < 1:
        raise FleetmindError("TRAJECTORY", f"version {version!r} is unknown here; this fleetmind reads 1 to {VERSION}")
    while raw["version"] < VERSION:
        raw = _MIGRATIONS[raw["version"]](raw)
    try:
        return Trajectory(path, Manifest.model_validate(raw), tuple(_events(path / "events.jsonl")))
    except ValidationError as error:
        raise FleetmindError("TRAJECTORY", f"{str(path)!r}: {error.errors(include_url=False)[0]}") from None


def _events(path: Path) -> Iterator[Event]:
    if not path.exists():
        return
    with path.open("rb") as lines:
        last_seq = 0
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            if len(line) > MAX_LINE_BYTES:
                raise FleetmindError("TRAJECTORY", f"{str(path)!r}, line {number}: {len(line)} bytes is too long")
            try:
                event = Event.model_validate_json(line)
            except ValidationError as error:
                raise FleetmindError("TRAJECTORY", f"{str(path)!r}, line {number}: "
                                                   f"{error.errors(include_url=False)[0]['msg']}") from None
            if event.seq <= last_seq:
                raise FleetmindError("TRAJECTORY", f"{str(path)!r}, line {number}: event {event.seq} out of order")
            last_seq = event.seq
            yield event
