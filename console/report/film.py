"""A run as a film: where every robot and every known thing is at any moment, what each robot does and sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fleetmind.console.report.changes import put_nodes
from fleetmind.console.report.digest import Digest
from fleetmind.console.report.floorplan import known
from fleetmind.memory import Picture, Pose
from fleetmind.training.trajectory import RecordedStep


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A robot at one moment."""

    robot: str
    """Who."""
    pose: Pose | None
    """Where, between the ends of two steps on a straight line."""
    holding: str | None
    """What it holds."""
    step: RecordedStep | None
    """What it does now, or did last."""
    busy: bool
    """False: the step is over."""
    picture: Picture | None
    """What it saw last."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One picture of the film."""

    at_s: float
    """On the run's clock."""
    actors: tuple[Actor, ...]
    """Every robot."""
    things: dict[str, tuple[float, float]]
    """Where what can be carried is known to lie, metres."""
    plan: int
    """Version of the plan."""


@dataclass(kw_only=True)
class _Track:
    """One robot's steps, and how far the film has come in them."""

    robot: str
    pose: Pose | None
    steps: Sequence[RecordedStep]
    done: int = 0
    holding: str | None = None
    picture: Picture | None = None


@dataclass(kw_only=True)
class _Known:
    """What the fleet knows of things, followed event by event."""

    events: list[tuple[float, dict[str, tuple[float, float] | None]]]
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    done: int = 0

    def until(self, at_s: float) -> dict[str, tuple[float, float]]:
        while self.done < len(self.events) and self.events[self.done][0] <= at_s:
            for name, place in self.events[self.done][1].items():
                if place is None:
                    self.places.pop(name, None)
                else:
                    self.places[name] = place
            self.done += 1
        return dict(self.places)


def film(run: Digest, count: int) -> list[Frame]:
    """The run in `count` frames at equal distances of its clock, the last one at its end."""
    end_s = max((s.end_s for s in run.spans.values()), default=0.0)
    tracks = []
    for robot in run.robots:
        start = run.before.get(robot)
        tracks.append(_Track(robot=robot, pose=start.pose if start else None, steps=sorted(
            (s for s in run.steps if s.robot == robot), key=lambda s: run.spans[s.seq].end_s)))
    places = {n.id: (n.pose.x, n.pose.y) for n in run.before if n.is_a("pickupable") and n.pose and known(n.pose)}
    learned = _Known(events=_learned(run), places=places)
    plans = [(run.at(p.seq), p.version) for p in run.plans]
    out = []
    for place in range(count):
        at_s = end_s * place / max(1, count - 1)
        out.append(Frame(
            at_s=at_s, actors=tuple(_actor(track, at_s, run) for track in tracks), things=learned.until(at_s),
            plan=max((version for since_s, version in plans if since_s <= at_s), default=0)))
    return out


def _learned(run: Digest) -> list[tuple[float, dict[str, tuple[float, float] | None]]]:
    """What each scene event says of things, at the time of the step it came with."""
    steps = {s.source: s.seq for s in run.trajectory.events if s.kind == "step"}
    out: list[tuple[float, dict[str, tuple[float, float] | None]]] = []
    for event in reversed(run.trajectory.events):
        if event.kind == "step":
            steps[event.source] = event.seq
        if event.kind != "scene":
            continue
        span = run.spans.get(steps.get(event.source, 0))
        removed = event.data.get("remove")
        said: dict[str, tuple[float, float] | None] = {
            str(name): None for name in (removed if isinstance(removed, list) else ())}
        for node in put_nodes(event):
            if node.is_a("pickupable"):
                lies = node.pose is not None and known(node.pose) and node.relation != "held_by"
                said[node.id] = (node.pose.x, node.pose.y) if lies and node.pose else None
        out.append((span.end_s if span else run.at(event.seq), said))
    out.reverse()
    return sorted(out, key=lambda item: item[0])


def _actor(track: _Track, at_s: float, run: Digest) -> Actor:
    while track.done < len(track.steps) and run.spans[track.steps[track.done].seq].end_s <= at_s:
        step = track.steps[track.done]
        track.pose, track.holding = step.pose or track.pose, step.holding
        track.picture = step.pictures[0] if step.pictures else track.picture
        track.done += 1
    last = track.steps[track.done - 1] if track.done else None
    coming = track.steps[track.done] if track.done < len(track.steps) else None
    pose, span = track.pose, run.spans[coming.seq] if coming else None
    busy = span is not None and span.start_s < at_s
    if busy and coming and span and pose and coming.pose:
        pose = _between(pose, coming.pose, (at_s - span.start_s) / (span.end_s - span.start_s))
    return Actor(robot=track.robot, pose=pose if known(pose) else None, holding=track.holding,
                 step=coming if busy else last, busy=busy, picture=track.picture)


def _between(start: Pose, end: Pose, part: float) -> Pose:
    """On the straight line; looking where it goes, and at the end as the step left it."""
    return end.model_copy(update={"x": start.x + (end.x - start.x) * part, "y": start.y + (end.y - start.y) * part})
