"""The in-memory `Ledger`."""

from __future__ import annotations

from typing import Literal

from fleetmind.memory import inputs
from fleetmind.memory.ledger import (
    TERMINAL,
    AttemptRecord,
    Commit,
    Lease,
    Ledger,
    SubtaskRecord,
    TaskRecord,
    TaskState,
)
from fleetmind.memory.local import scene_ops, work
from fleetmind.memory.local.state import HeldLease, LocalState
from fleetmind.memory.model import JsonValue
from fleetmind.memory.refusals import refusal
from fleetmind.memory.robots import Outcome, RobotProfile
from fleetmind.memory.store import Change


class LocalLedger(Ledger):
    """A ledger in this process; what the Redis ledger does, without a server.

    Args:
        state: the site; share it with a `LocalSceneStore`.
    """

    def __init__(self, state: LocalState | None = None) -> None:
        self.state = state or LocalState()

    async def lease(self, name: str, owner: str, *, ttl_s: float, take_over: bool = False) -> Lease:
        inputs.lease_words(name, owner, ttl_s)
        state, now = self.state, self.state.clock()
        held = state.leases.get(name)
        if held is not None and held.owner == owner:
            held.expires_s = now + ttl_s
            return Lease(name=name, owner=owner, fence=held.fence, ttl_s=ttl_s)
        if held is not None and held.owner and held.expires_s > now and not take_over:
            raise refusal("LEASE_TAKEN", f"lease {name!r} is held by {held.owner!r}: wait for its end or take it over",
                          expected={name: owner}, actual={name: held.owner})
        state.fence += 1
        state.leases[name] = HeldLease(state.fence, owner, now + ttl_s)
        state.emit("lease", owner, {"name": name, "owner": owner, "fence": state.fence})
        return Lease(name=name, owner=owner, fence=state.fence, ttl_s=ttl_s)

    async def renew(self, lease: Lease) -> None:
        work.check_lease(self.state, lease)
        self.state.leases[lease.name].expires_s = self.state.clock() + lease.ttl_s

    async def release(self, lease: Lease) -> None:
        held = self.state.leases.get(lease.name)
        if held is not None and (held.fence, held.owner) == (lease.fence, lease.owner):
            held.owner, held.expires_s = "", 0.0
            self.state.emit("lease", lease.owner, {"name": lease.name, "owner": "", "fence": held.fence})

    async def put_robot(self, profile: RobotProfile, *, state: Literal["online", "lost", "left"],
                        detail: str = "") -> None:
        inputs.json_text([profile.model_dump(mode="json"), detail], "ROBOT_INVALID", f"robot {profile.name!r}",
                         inputs.MAX_NODE_BYTES)
        if self.state.robots.get(profile.name) != (profile, state, detail):
            self.state.robots[profile.name] = (profile, state, detail)
            self.state.emit("robot", profile.name, {"robot": profile.name, "state": state, "detail": detail,
                                                    "profile": work.as_data(profile)})

    async def robots(self) -> dict[str, tuple[RobotProfile, str]]:
        return {name: (profile, state) for name, (profile, state, _) in sorted(self.state.robots.items())}

    async def busy(self) -> dict[str, str]:
        return dict(sorted(self.state.busy.items()))

    async def leases(self) -> dict[str, Lease]:
        now = self.state.clock()
        return {name: Lease(name=name, owner=held.owner, fence=held.fence, ttl_s=held.expires_s - now)
                for name, held in sorted(self.state.leases.items()) if held.owner and held.expires_s > now}

    async def submit(self, task: TaskRecord) -> TaskRecord:
        before = self.state.tasks.get(task.id)
        if before is not None:
            if before.instruction != task.instruction:
                raise refusal("TASK_EXISTS", f"task {task.id!r} exists with another instruction: choose a new id")
            return before
        task = TaskRecord.model_validate({**task.model_dump(), "created_s": self.state.clock(), "plan_version": 0})
        return work.put_task(self.state, task)

    async def task(self, task_id: str) -> TaskRecord:
        return work.known_task(self.state, task_id)

    async def tasks(self) -> list[TaskRecord]:
        return list(self.state.tasks.values())

    async def set_task(self, task_id: str, state: TaskState, *, reason: str = "", reason_code: str = "",
                       lease: Lease | None = None) -> TaskRecord:
        task = work.known_task(self.state, task_id)
        work.check_lease(self.state, lease)
        if task.state in TERMINAL:
            if task.state != state:
                raise refusal("TASK_ENDED", f"task {task_id!r} has ended as {task.state}, it cannot become {state}",
                              expected={task_id: state}, actual={task_id: task.state})
            return task
        if (task.state, task.reason, task.reason_code) == (state, reason, reason_code):
            return task
        if state in TERMINAL:
            work.cancel_unclaimed(self.state, task_id)
        return work.put_task(self.state, task.model_copy(
            update={"state": state, "reason": reason, "reason_code": reason_code}))

    async def open(self, task_id: str, version: int, subtasks: tuple[SubtaskRecord, ...], *, reasoning: str = "",
                   lease: Lease | None = None) -> None:
        inputs.check_plan(task_id, version, subtasks)
        work.open_plan(self.state, task_id, version, subtasks, reasoning, lease)

    async def subtasks(self, task_id: str) -> list[SubtaskRecord]:
        work.known_task(self.state, task_id)
        return list(self.state.subtasks.get(task_id, {}).values())

    async def ready(self, task_id: str | None = None) -> list[SubtaskRecord]:
        return [s for task, subtasks in self.state.subtasks.items() if task_id in (None, task)
                for s in subtasks.values() if s.state == "ready"]

    async def claim(self, task_id: str, subtask_id: str, robot: str, *, lease: Lease) -> AttemptRecord:
        inputs.name(robot, "robot")
        return work.claim(self.state, task_id, subtask_id, robot, lease)

    async def commit(self, attempt_id: str, fence: int, outcome: Outcome, *, retry: bool = False,
                     change: Change | None = None, lease: Lease | None = None) -> Commit:
        state = self.state
        work.check_lease(state, lease)
        attempt = state.attempts.get(attempt_id)
        if attempt is None:
            raise refusal("ATTEMPT_UNKNOWN", f"there is no attempt {attempt_id!r}")
        if attempt.fence != fence:
            raise refusal("STALE_FENCE", f"fence {fence!r} is not that of attempt {attempt_id!r}")
        if attempt.outcome is not None:
            if attempt.outcome.code == outcome.code:
                return Commit(version=state.seq, repeated=True)
            raise refusal("ATTEMPT_ENDED", f"attempt {attempt_id!r} has ended as {attempt.outcome.code}, it cannot "
                                           f"end as {outcome.code}",
                          expected={attempt_id: outcome.code}, actual={attempt_id: attempt.outcome.code})
        if change is not None:
            scene_ops.write(state, "commit", change)
        ready = work.end_attempt(state, attempt, outcome, retry)
        return Commit(version=state.seq, repeated=False, ready=tuple(ready))

    async def cancel_open(self, task_id: str, *, lease: Lease | None = None) -> list[AttemptRecord]:
        work.known_task(self.state, task_id)
        work.check_lease(self.state, lease)
        cancelled = work.cancel_unclaimed(self.state, task_id)
        if cancelled:
            self.state.emit("note", "", {"text": "unclaimed subtasks cancelled", "task": task_id,
                                         "cancelled": list(cancelled)})
        return [a for a in self.state.attempts.values() if a.task == task_id and a.outcome is None]

    async def attempts(self, task_id: str) -> list[AttemptRecord]:
        work.known_task(self.state, task_id)
        return [a for a in self.state.attempts.values() if a.task == task_id]

    async def clear(self) -> int:
        state, now = self.state, self.state.clock()
        live = sorted(n for n, held in state.leases.items() if held.owner and held.expires_s > now)
        if live:
            raise refusal("SITE_IN_USE", f"leases are live: {live!r:.300}; stop those processes first",
                          expected={"leases": []}, actual={"leases": live})
        was: dict[str, JsonValue] = {i: state.nodes[i].version for i in sorted(state.nodes)}
        for part in (state.nodes, state.base, state.gone, state.kids, state.hands, state.leases, state.robots,
                     state.tasks, state.subtasks, state.attempts, state.busy, state.log):
            part.clear()
        # History begins anew: the empty scene after the wipe is the base.
        state.base_seq = state.emit("scene", "operator", {"op": "clear", "put": [], "remove": list(was), "was": was})
        return state.base_seq
