"""How tasks, subtasks and attempts change state in memory. `valkey/fleetmind.lua` does the same on the server."""

from __future__ import annotations

from typing import cast

from fleetmind.memory.ledger import (
    TERMINAL,
    AttemptRecord,
    AttemptState,
    Lease,
    SubtaskRecord,
    SubtaskState,
    TaskRecord,
)
from fleetmind.memory.local.state import LocalState
from fleetmind.memory.model import JsonValue, Model
from fleetmind.memory.refusals import refusal
from fleetmind.memory.robots import Outcome


def as_data(record: Model) -> dict[str, JsonValue]:
    """The record as it stands in an event."""
    return cast("dict[str, JsonValue]", record.model_dump(mode="json"))


def check_lease(state: LocalState, lease: Lease | None) -> None:
    """Raise `StaleFence` unless the lease is still the newest of its name."""
    if lease is None:
        return
    held = state.leases.get(lease.name)
    if held is None or (held.fence, held.owner) != (lease.fence, lease.owner):
        raise refusal("STALE_FENCE", f"lease {lease.name!r} of {lease.owner!r} with fence {lease.fence!r} was lost: "
                                     "take it again before acting")


def known_task(state: LocalState, task_id: str) -> TaskRecord:
    """The task, or `TASK_UNKNOWN`."""
    task = state.tasks.get(task_id)
    if task is None:
        raise refusal("TASK_UNKNOWN", f"there is no task {task_id!r}")
    return task


def put_task(state: LocalState, task: TaskRecord) -> TaskRecord:
    """Store the task with a new time stamp and log it."""
    task = task.model_copy(update={"updated_s": state.clock()})
    state.tasks[task.id] = task
    state.emit("task", "", as_data(task))
    return task


def set_subtask(state: LocalState, subtask: SubtaskRecord, new: SubtaskState, **changes: object) -> SubtaskRecord:
    """Store the subtask in its new state."""
    subtask = subtask.model_copy(update={"state": new, **changes})
    state.subtasks[subtask.task][subtask.id] = subtask
    return subtask


def cancel_unclaimed(state: LocalState, task_id: str, *, below: int | None = None) -> list[str]:
    """Cancel waiting and ready subtasks (of plans older than `below`); returns their ids in the order opened."""
    out = []
    for subtask in list(state.subtasks.get(task_id, {}).values()):
        if subtask.state in ("waiting", "ready") and (below is None or subtask.plan_version < below):
            set_subtask(state, subtask, "cancelled")
            out.append(subtask.id)
    return out


def open_plan(state: LocalState, task_id: str, version: int, subtasks: tuple[SubtaskRecord, ...],
              reasoning: str, lease: Lease | None) -> None:
    """Open a checked plan version."""
    task = known_task(state, task_id)
    check_lease(state, lease)
    if version == task.plan_version:
        return
    if task.state in TERMINAL:
        raise refusal("TASK_ENDED", f"task {task_id!r} is {task.state}: it takes no further plan")
    if version < task.plan_version:
        raise refusal("PLAN_VERSION", f"plan {version!r} of task {task_id!r} is older than {task.plan_version}: "
                                      f"use {task.plan_version + 1}")
    old = state.subtasks.setdefault(task_id, {})
    new = {s.id for s in subtasks}
    for subtask in subtasks:
        if subtask.id in old:
            raise refusal("PLAN_INVALID", f"subtask {subtask.id!r} exists already in task {task_id!r}: ids are unique "
                                          "across plan versions")
        for need in subtask.depends_on:
            # What is unclaimed in an older plan is cancelled by this one, so nothing can wait for it.
            if need not in new and (need not in old or old[need].state not in ("claimed", "succeeded")):
                was = old[need].state if need in old else "unknown to the task"
                raise refusal("PLAN_DANGLING", f"subtask {subtask.id!r} depends on {need!r}, which is {was}: depend "
                                               "on subtasks of this plan, or on running or succeeded ones")
    cancelled = cancel_unclaimed(state, task_id, below=version)
    opened: list[SubtaskRecord] = []
    for subtask in subtasks:
        met = all(need in old and old[need].state == "succeeded" for need in subtask.depends_on)
        opened.append(subtask.model_copy(update={"state": "ready" if met else "waiting", "attempts": 0}))
    old.update({s.id: s for s in opened})
    state.tasks[task_id] = task.model_copy(update={"plan_version": version, "updated_s": state.clock()})
    state.emit("plan", "", {"task": task_id, "version": version, "subtasks": [as_data(s) for s in opened],
                            "reasoning": reasoning, "cancelled": list(cancelled)})


def claim(state: LocalState, task_id: str, subtask_id: str, robot: str, lease: Lease) -> AttemptRecord:
    """Give a ready subtask to an idle robot."""
    check_lease(state, lease)
    known_task(state, task_id)
    subtask = state.subtasks.get(task_id, {}).get(subtask_id)
    if subtask is None:
        raise refusal("SUBTASK_UNKNOWN", f"task {task_id!r} has no subtask {subtask_id!r}")
    if subtask.state != "ready":
        raise refusal("NOT_READY", f"subtask {subtask_id!r} of task {task_id!r} is {subtask.state}, not ready",
                      expected={subtask_id: "ready"}, actual={subtask_id: subtask.state})
    if robot in state.busy:
        raise refusal("ROBOT_BUSY", f"robot {robot!r} runs {state.busy[robot]!r}: wait for its end",
                      expected={robot: None}, actual={robot: state.busy[robot]})
    state.fence += 1
    number = subtask.attempts + 1
    attempt = AttemptRecord(id=f"{task_id}/{subtask_id}/{number}", task=task_id, subtask=subtask_id, number=number,
                            robot=robot, fence=state.fence, claimed_s=state.clock())
    state.attempts[attempt.id] = attempt
    state.busy[robot] = attempt.id
    set_subtask(state, subtask, "claimed", attempts=number)
    state.emit("attempt", lease.owner, as_data(attempt))
    return attempt


def attempt_end(code: str) -> AttemptState:
    """The state an outcome code ends an attempt in."""
    if code == "succeeded":
        return "succeeded"
    if code == "lost":
        return "unknown"
    return "cancelled" if code == "cancelled" else "failed"


def end_attempt(state: LocalState, attempt: AttemptRecord, outcome: Outcome, retry: bool) -> list[str]:
    """End an attempt and its subtask, free the robot; returns the subtasks that became ready."""
    end = attempt_end(outcome.code)
    ended = attempt.model_copy(update={"state": end, "outcome": outcome, "ended_s": state.clock()})
    state.attempts[attempt.id] = ended
    if state.busy.get(attempt.robot) == attempt.id:
        del state.busy[attempt.robot]
    subtask = state.subtasks[attempt.task][attempt.subtask]
    new: SubtaskState = cast(SubtaskState, end)
    if retry and end != "succeeded":
        new = "cancelled" if state.tasks[attempt.task].state in TERMINAL else "ready"
    set_subtask(state, subtask, new)
    ready = _release_dependents(state, attempt.task, attempt.subtask) if end == "succeeded" else []
    state.emit("attempt", attempt.robot, as_data(ended))
    return ready


def _release_dependents(state: LocalState, task_id: str, done: str) -> list[str]:
    mine = state.subtasks[task_id]
    out = []
    for subtask in list(mine.values()):
        if subtask.state == "waiting" and done in subtask.depends_on and all(
                mine[need].state == "succeeded" for need in subtask.depends_on):
            set_subtask(state, subtask, "ready")
            out.append(subtask.id)
    return out
