"""What a report is about, read once from a trajectory: steps and attempts on one clock, scenes, robots, gaps."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from fleetmind.memory import Event, Scene
from fleetmind.training import Trajectory
from fleetmind.training.trajectory import Manifest, PlanRecord, RecordedStep

_T = TypeVar("_T")

LONGEST_S = 1e8
"""Times beyond this are a broken clock, not a run."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A piece of time on the run's clock."""

    start_s: float
    """Seconds since the run began."""
    end_s: float
    """Not before `start_s`."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of a subtask by a robot."""

    id: str
    """Its id."""
    subtask: str
    """Of which subtask."""
    robot: str
    """Who."""
    state: str
    """How it stands at the end of the record."""
    message: str
    """What the robot said at its end."""
    span: Span
    """When."""
    ended: bool
    """False: the record stops before it did."""
    steps: tuple[RecordedStep, ...]
    """What was done in it."""


@dataclass(frozen=True, kw_only=True)
class Digest:
    """A run, ready to be shown."""

    trajectory: Trajectory
    """Where it comes from."""
    plans: tuple[PlanRecord, ...]
    """Every plan version."""
    steps: tuple[RecordedStep, ...]
    """Every step, in order."""
    spans: Mapping[int, Span]
    """Of each step, by its place in the log."""
    attempts: tuple[Attempt, ...]
    """Every attempt, in the order of their claims."""
    before: Scene
    """What was known at the start."""
    after: Scene
    """What was known at the end."""
    robots: tuple[str, ...]
    """Everybody who is named, the fleet first."""
    clock: Literal["world", "wall"]
    """Which time the spans are in."""
    gaps: tuple[str, ...] = ()
    """What could not be read."""
    _ends: tuple[tuple[int, float], ...] = field(default=(), repr=False)

    @property
    def manifest(self) -> Manifest:
        """What the run is of."""
        return self.trajectory.manifest

    @property
    def end_s(self) -> float:
        """When the last thing ended."""
        return max([s.end_s for s in self.spans.values()] + [a.span.end_s for a in self.attempts], default=0.0)

    @property
    def wall_s(self) -> float:
        """How long people waited."""
        started_s, events = self.manifest.started_s, self.trajectory.events
        ended_s = self.manifest.ended_s or (events[-1].time_s if events else started_s)
        return _bounded(ended_s - (started_s or (events[0].time_s if events else ended_s)))

    def at(self, seq: int) -> float:
        """The run's clock when the log had come to `seq`."""
        place = bisect_right(self._ends, (seq, math.inf))
        return self._ends[place - 1][1] if place else 0.0

    def number_of(self, robot: str) -> int:
        """A small number for a robot, for its colour."""
        return self.robots.index(robot) % 8 if robot in self.robots else 7

    def states(self) -> dict[str, str]:
        """How each subtask that was tried stands at the end."""
        return {attempt.subtask: attempt.state for attempt in self.attempts}


def digest(trajectory: Trajectory) -> Digest:
    """Read a trajectory for showing; what is torn or malformed is left out and named in `gaps`."""
    gaps: list[str] = []
    steps = tuple(s for found in _each(trajectory, "step", lambda t: t.steps, gaps) for s in found)
    plans = tuple(p for found in _each(trajectory, "plan", lambda t: t.plans, gaps) for p in found)
    on_world = sum(s.world_s > 0 for s in steps) * 2 > len(steps)
    zero_s = trajectory.manifest.started_s or (trajectory.events[0].time_s if trajectory.events else 0.0)
    spans = {s.seq: _span(s, on_world, zero_s) for s in steps}
    raw = _attempt_records(trajectory.events, steps)
    attempts = _attempts(raw, steps, spans, None if on_world else zero_s)
    before, after = _scene(trajectory, "before", gaps), _scene(trajectory, "after", gaps)
    names = [p.name for p in trajectory.manifest.robots] + sorted(
        {s.robot for s in steps} | {a.robot for a in attempts} | {n.id for n in (*before, *after) if n.kind == "robot"})
    ends, latest_s = [], 0.0
    for step in steps:
        latest_s = max(latest_s, spans[step.seq].end_s)
        ends.append((step.seq, latest_s))
    return Digest(
        trajectory=trajectory, plans=plans, steps=steps, spans=spans, attempts=attempts, before=before, after=after,
        robots=tuple(dict.fromkeys(n for n in names if n)), clock="world" if on_world else "wall", gaps=tuple(gaps),
        _ends=tuple(ends))


def _each(trajectory: Trajectory, kind: str, read: Callable[[Trajectory], _T], gaps: list[str]) -> list[_T]:
    """Read events one by one, so that a malformed one costs itself and not the report."""
    out, bad = [], 0
    for event in trajectory.events:
        if event.kind == kind:
            try:
                out.append(read(Trajectory(trajectory.path, trajectory.manifest, (event,))))
            except (ValueError, TypeError, KeyError, AttributeError):
                bad += 1
    if bad:
        gaps.append(f"{bad} {kind} record{'s' if bad > 1 else ''} could not be read")
    return out


def _scene(trajectory: Trajectory, when: Literal["before", "after"], gaps: list[str]) -> Scene:
    try:
        scene = trajectory.scene(when)
    except (OSError, ValueError, KeyError, TypeError):
        gaps.append(f"the scene {when} the run could not be read")
        return Scene()
    if not len(scene):
        gaps.append(f"the scene {when} the run was not recorded")
    return scene


def _bounded(value_s: float) -> float:
    return min(max(value_s, 0.0), LONGEST_S) if math.isfinite(value_s) else 0.0


def _span(step: RecordedStep, on_world: bool, zero_s: float) -> Span:
    if on_world:
        end_s, start_s = step.world_s, step.world_s - step.outcome.duration_s
    else:
        end_s, start_s = step.ended_s - zero_s, step.started_s - zero_s
    end_s = _bounded(end_s)
    return Span(start_s=min(_bounded(start_s), end_s), end_s=end_s)


def _attempt_records(events: tuple[Event, ...], steps: tuple[RecordedStep, ...]) -> dict[str, dict[str, Any]]:
    """The newest record of each attempt; one that only steps tell of counts as running."""
    out: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.kind == "attempt":
            out.setdefault(str(event.data.get("id")), {"seq": event.seq}).update(event.data)
    for step in steps:
        out.setdefault(step.attempt, {
            "seq": step.seq, "subtask": step.subtask, "robot": step.robot, "state": "running"})
    return out


def _attempts(raw: dict[str, dict[str, Any]], steps: tuple[RecordedStep, ...], spans: Mapping[int, Span],
              zero_s: float | None) -> tuple[Attempt, ...]:
    """Attempts on the run's clock; `zero_s` is the wall time of its beginning, None on the world's clock."""
    out, free_s = [], dict[str, float]()
    by_attempt: dict[str, list[RecordedStep]] = {}
    for step in steps:
        by_attempt.setdefault(step.attempt, []).append(step)
    for name, record in sorted(raw.items(), key=lambda item: int(item[1]["seq"])):
        robot, mine = str(record.get("robot") or ""), by_attempt.get(name, [])
        claimed_s, ended_s = _number(record.get("claimed_s")), _number(record.get("ended_s"))
        # Attempts carry wall time only: on the world's clock one without steps sits where its robot was then.
        start_s = min((spans[s.seq].start_s for s in mine), default=free_s.get(robot, 0.0))
        end_s = max((spans[s.seq].end_s for s in mine), default=start_s)
        if zero_s is not None and claimed_s > 0:
            start_s = _bounded(claimed_s - zero_s)
            end_s = max(start_s, _bounded(ended_s - zero_s) if ended_s > 0 else end_s)
        free_s[robot] = max(end_s, free_s.get(robot, 0.0))
        outcome = record.get("outcome")
        out.append(Attempt(
            id=name, subtask=str(record.get("subtask") or ""), robot=robot, state=str(record.get("state") or "running"),
            message=str((outcome if isinstance(outcome, dict) else {}).get("message") or ""),
            span=Span(start_s=start_s, end_s=end_s), ended=ended_s > 0, steps=tuple(mine)))
    return tuple(out)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
