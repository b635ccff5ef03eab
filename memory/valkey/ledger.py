"""The Redis `Ledger`: every stage is one function call."""

from __future__ import annotations

from typing import Any, Literal

from fleetmind.memory import inputs
from fleetmind.memory.ledger import (
    AttemptRecord,
    Commit,
    Lease,
    Ledger,
    SubtaskRecord,
    TaskRecord,
    TaskState,
)
from fleetmind.memory.records import compact
from fleetmind.memory.refusals import refusal
from fleetmind.memory.robots import Outcome, RobotProfile
from fleetmind.memory.store import Change
from fleetmind.memory.valkey.codec import change_args
from fleetmind.memory.valkey.link import Link


class RedisLedger(Ledger):
    """The work of a site on a Redis-compatible server. Made by `connect_site`.

    Args:
        link: to the site.
    """

    def __init__(self, link: Link) -> None:
        self.link = link

    async def lease(self, name: str, owner: str, *, ttl_s: float, take_over: bool = False) -> Lease:
        inputs.lease_words(name, owner, ttl_s)
        (fence,) = await self.link.call("lease", name, owner, _ms(ttl_s), int(take_over))
        return Lease(name=name, owner=owner, fence=fence, ttl_s=ttl_s)

    async def renew(self, lease: Lease) -> None:
        await self.link.call("renew", *_lease_args(lease), _ms(lease.ttl_s))

    async def release(self, lease: Lease) -> None:
        await self.link.call("release", *_lease_args(lease))

    async def put_robot(self, profile: RobotProfile, *, state: Literal["online", "lost", "left"],
                        detail: str = "") -> None:
        inputs.json_text([profile.model_dump(mode="json"), detail], "ROBOT_INVALID", f"robot {profile.name!r}",
                         inputs.MAX_NODE_BYTES)
        await self.link.call("put_robot", profile.name, state, compact(detail), profile.model_dump_json())

    async def robots(self) -> dict[str, tuple[RobotProfile, str]]:
        (flat,) = await self.link.call("robots")
        out = {}
        for raw_name, record in sorted(zip(flat[::2], flat[1::2], strict=True)):
            state, _, profile = record.split(b"\n", 2)
            out[raw_name.decode()] = (RobotProfile.model_validate_json(profile), state.decode())
        return out

    async def busy(self) -> dict[str, str]:
        (flat,) = await self.link.call("busy")
        return dict(sorted((flat[i].decode(), flat[i + 1].decode()) for i in range(0, len(flat), 2)))

    async def leases(self) -> dict[str, Lease]:
        now_ms, names, records = await self.link.call("leases")
        out = {}
        for name, record in sorted(zip(names, records, strict=True)):
            fence, owner, expires_ms = record.decode().split("\n")
            out[name.decode()] = Lease(name=name.decode(), owner=owner, fence=int(fence),
                                       ttl_s=(int(expires_ms) - int(now_ms)) / 1000)
        return out

    async def submit(self, task: TaskRecord) -> TaskRecord:
        rest = task.model_dump_json(include={"id", "goal"})[1:-1]
        (raw,) = await self.link.call("submit", task.id, task.state, compact(task.reason_code), compact(task.reason),
                                      compact(task.instruction), rest)
        return TaskRecord.model_validate_json(raw)

    async def task(self, task_id: str) -> TaskRecord:
        (raw,) = await self.link.call("task", task_id)
        return TaskRecord.model_validate_json(raw)

    async def tasks(self) -> list[TaskRecord]:
        (rows,) = await self.link.call("tasks")
        return [TaskRecord.model_validate_json(raw) for raw in rows]

    async def set_task(self, task_id: str, state: TaskState, *, reason: str = "", reason_code: str = "",
                       lease: Lease | None = None) -> TaskRecord:
        (raw,) = await self.link.call("set_task", task_id, state, compact(reason), compact(reason_code),
                                      *_lease_args(lease))
        return TaskRecord.model_validate_json(raw)

    async def open(self, task_id: str, version: int, subtasks: tuple[SubtaskRecord, ...], *, reasoning: str = "",
                   lease: Lease | None = None) -> None:
        inputs.check_plan(task_id, version, subtasks)
        args: list[str | int] = []
        for subtask in subtasks:
            rest = subtask.model_dump_json(exclude={"state", "attempts"})[1:-1]
            args += (subtask.id, " ".join(dict.fromkeys(subtask.depends_on)), rest)
        await self.link.call("open", task_id, version, compact(reasoning), *_lease_args(lease), len(subtasks), *args)

    async def subtasks(self, task_id: str) -> list[SubtaskRecord]:
        return _subtasks(await self.link.call("subtasks", task_id))

    async def ready(self, task_id: str | None = None) -> list[SubtaskRecord]:
        return _subtasks(await self.link.call("ready", task_id or ""))

    async def claim(self, task_id: str, subtask_id: str, robot: str, *, lease: Lease) -> AttemptRecord:
        inputs.name(robot, "robot")
        _, raw = await self.link.call("claim", task_id, subtask_id, robot, *_lease_args(lease))
        return AttemptRecord.model_validate_json(raw)

    async def commit(self, attempt_id: str, fence: int, outcome: Outcome, *, retry: bool = False,
                     change: Change | None = None, lease: Lease | None = None) -> Commit:
        task, _, field = attempt_id.partition("/")
        if field.count("/") != 1:
            raise refusal("ATTEMPT_UNKNOWN", f"there is no attempt {attempt_id!r:.300}: ids are task/subtask/n")
        args = change_args(change) if change is not None else []
        version, repeated, *ready = await self.link.call(
            "commit", task, field, fence, outcome.code, outcome.model_dump_json(), int(retry), *_lease_args(lease),
            *args)
        names = tuple(name.decode() for name in ready[0]) if ready else ()
        return Commit(version=int(version), repeated=bool(repeated), ready=names)

    async def cancel_open(self, task_id: str, *, lease: Lease | None = None) -> list[AttemptRecord]:
        return _attempts(await self.link.call("cancel_open", task_id, *_lease_args(lease)))

    async def attempts(self, task_id: str) -> list[AttemptRecord]:
        return _attempts(await self.link.call("attempts", task_id))

    async def clear(self) -> int:
        (version,) = await self.link.call("clear")
        return int(version)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _lease_args(lease: Lease | None) -> tuple[str, str, int]:
    return (lease.name, lease.owner, lease.fence) if lease is not None else ("", "", 0)


def _subtasks(answer: list[Any]) -> list[SubtaskRecord]:
    return [SubtaskRecord.model_validate_json(raw) for raw in answer[0]]


def _attempts(answer: list[Any]) -> list[AttemptRecord]:
    return [AttemptRecord.model_validate_json(raw) for raw in answer[0]]
