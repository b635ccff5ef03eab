"""Allocation: who does what, by list scheduling with upward ranks and travel.

Earliest finish time over upward ranks follows HEFT (Topcuoglu, Hariri, Wu 2002, "Performance-effective and
low-complexity task scheduling"), with the travel from a robot's last place to the subtask's first added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from pydantic import Field

from fleetmind.agents.capability import cannot
from fleetmind.agents.verify import in_order
from fleetmind.brain import RobotView, Subtask
from fleetmind.memory import Model, Node, Pose, Scene

_TURN_FACTOR = 1.4
"""Drives are longer than straight lines: corners and furniture."""


class Slot(Model):
    """One subtask in the schedule."""

    subtask: str
    """Its id."""
    robot: str
    """Who does it."""
    start_s: float
    """Estimated, world seconds from now, travel excluded."""
    end_s: float
    """Estimated."""


class Allocation(Model):
    """Who does what and when."""

    slots: tuple[Slot, ...]
    """In order of start."""
    makespan_s: float = Field(ge=0)
    """Estimated end of the last."""

    def robot_of(self) -> dict[str, str]:
        """Robot by subtask."""
        return {slot.subtask: slot.robot for slot in self.slots}


def _place(subtask: Subtask, nodes: Mapping[str, Node], *, last: bool) -> Pose | None:
    poses = [n.pose for i in subtask.nodes if (n := nodes.get(i)) is not None and n.pose is not None]
    return (poses[-1] if last else poses[0]) if poses else None


def _travel_s(start: Pose | None, end: Pose | None, speed_mps: float) -> float:
    if start is None or end is None:
        return 0.0
    return _TURN_FACTOR * math.hypot(start.x - end.x, start.y - end.y) / speed_mps


def _ranks(order: list[Subtask]) -> dict[str, float]:
    """Length of the longest chain from each subtask to the end."""
    after: dict[str, list[str]] = {}
    for subtask in order:
        for dependency in subtask.depends_on:
            after.setdefault(dependency, []).append(subtask.id)
    ranks: dict[str, float] = {}
    for subtask in reversed(order):
        ranks[subtask.id] = subtask.duration_s + max((ranks[i] for i in after.get(subtask.id, ())), default=0.0)
    return ranks


def allocate(subtasks: Iterable[Subtask], scene: Scene, robots: Iterable[RobotView]) -> Allocation:
    """Schedule the subtasks on the robots that can do them; deterministic.

    Subtasks nobody can do are left out: verification has refused such plans before.
    """
    order = in_order(subtasks)
    ranks = _ranks(order)
    depth = {s.id: n for n, s in enumerate(order)}
    views = sorted((r for r in robots if r.online), key=lambda r: r.profile.name)
    where: dict[str, Pose | None] = {
        v.profile.name: (n.pose if (n := scene.get(v.profile.name)) is not None else None) for v in views}
    free_s = {v.profile.name: 0.0 for v in views}
    end_s: dict[str, float] = {}
    slots: list[Slot] = []
    todo = {s.id: s for s in order}
    while todo:
        ready = [s for s in todo.values() if not any(d in todo for d in s.depends_on)]
        subtask = max(ready, key=lambda s: (ranks[s.id], -depth[s.id]))
        del todo[subtask.id]
        earliest = max((end_s.get(d, 0.0) for d in subtask.depends_on), default=0.0)
        best: tuple[float, float, str] | None = None
        for view in views:
            profile = view.profile
            if cannot(profile, subtask, scene.nodes):
                continue
            travel = _travel_s(where[profile.name], _place(subtask, scene.nodes, last=False), profile.speed_mps)
            start = max(earliest, free_s[profile.name] + travel)
            candidate = (start + subtask.duration_s, start, profile.name)
            best = min(best, candidate) if best else candidate
        if best is None:
            continue
        end, start, name = best
        end_s[subtask.id] = free_s[name] = end
        where[name] = _place(subtask, scene.nodes, last=True) or where[name]
        slots.append(Slot(subtask=subtask.id, robot=name, start_s=start, end_s=end))
    slots.sort(key=lambda s: (s.start_s, s.subtask))
    return Allocation(slots=tuple(slots), makespan_s=max((s.end_s for s in slots), default=0.0))
