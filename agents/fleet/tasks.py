"""The `Tasks` service: submit, get, list, watch and cancel, and the scene as it is known."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc

from fleetmind.agents.auth import require
from fleetmind.agents.protocol import fleet_pb2, fleet_pb2_grpc
from fleetmind.agents.protocol.convert import from_struct, to_struct, to_wire
from fleetmind.memory import TERMINAL, Conflict, FleetmindError, Ledger, SceneStore, StoreUnavailable, TaskRecord

MAX_INSTRUCTION = 20_000


def new_task_id() -> str:
    """A fresh id that sorts by time: `t-20261122-153000-7f3a`."""
    return f"t-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def check_instruction(text: str) -> str:
    """The instruction without control characters and outer blanks.

    Raises:
        FleetmindError: `INSTRUCTION`, when empty or too long.
    """
    clean = "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
    if not clean:
        raise FleetmindError("INSTRUCTION", f"the instruction {text[:40]!r} says nothing; say what you want done")
    if len(clean) > MAX_INSTRUCTION:
        raise FleetmindError("INSTRUCTION", f"{len(clean)!r} characters; at most {MAX_INSTRUCTION} are accepted")
    return clean


class TasksService(fleet_pb2_grpc.TasksServicer):
    """What people and programs talk to.

    Args:
        store: for the event feed and the scene.
        ledger: for tasks.
        token: the site's token.
    """

    def __init__(self, store: SceneStore, ledger: Ledger, *, token: str) -> None:
        self._store, self._ledger, self._token = store, ledger, token

    async def Submit(self, request: fleet_pb2.SubmitRequest, context: Any) -> fleet_pb2.Task:
        """Record a task; the planner takes it from there."""
        await require(context, self._token)
        try:
            record = TaskRecord.model_validate({
                "id": request.id or new_task_id(), "instruction": check_instruction(request.instruction),
                "goal": from_struct(request.goal) if request.HasField("goal") else None})
            return to_wire(await self._ledger.submit(record), fleet_pb2.Task)
        except FleetmindError as error:
            await _abort(context, error)
        except ValueError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"TASK: {str(error)[:500]}")
        raise AssertionError("abort does not return")

    async def Get(self, request: fleet_pb2.TaskId, context: Any) -> fleet_pb2.Task:
        """One task."""
        await require(context, self._token)
        try:
            return to_wire(await self._ledger.task(request.id), fleet_pb2.Task)
        except FleetmindError as error:
            await _abort(context, error)
        raise AssertionError("abort does not return")

    async def List(self, request: fleet_pb2.ListTasksRequest, context: Any) -> fleet_pb2.ListTasksReply:
        """All tasks, oldest first."""
        await require(context, self._token)
        return fleet_pb2.ListTasksReply(tasks=[to_wire(t, fleet_pb2.Task) for t in await self._ledger.tasks()])

    async def Watch(
        self, request: fleet_pb2.WatchTaskRequest, context: Any
    ) -> AsyncIterator[fleet_pb2.SiteEvent]:
        """Events from `since` on; for one task, until it has ended."""
        await require(context, self._token)
        try:
            async for event in self._store.watch(request.since):
                about = str(event.data.get("task") or (event.data.get("id") if event.kind == "task" else "") or "")
                if request.id and event.kind not in ("robot", "stop") and about != request.id:
                    continue
                yield fleet_pb2.SiteEvent(seq=event.seq, kind=event.kind, time_s=event.time_s, source=event.source,
                                          data=to_struct(event.data))
                if request.id and event.kind == "task" and str(event.data.get("state")) in TERMINAL:
                    return
        except FleetmindError as error:
            await _abort(context, error)

    async def Cancel(self, request: fleet_pb2.TaskId, context: Any) -> fleet_pb2.Task:
        """Cancel a task: nothing new starts, running attempts are cancelled on their robots."""
        await require(context, self._token)
        try:
            await self._ledger.cancel_open(request.id)
            task = await self._ledger.set_task(request.id, "cancelled", reason="cancelled by a person",
                                               reason_code="CANCELLED")
            return to_wire(task, fleet_pb2.Task)
        except FleetmindError as error:
            await _abort(context, error)
        raise AssertionError("abort does not return")

    async def Scene(self, request: fleet_pb2.SceneRequest, context: Any) -> fleet_pb2.SceneReply:
        """The scene graph."""
        await require(context, self._token)
        scene = await self._store.snapshot()
        return fleet_pb2.SceneReply(nodes=[to_wire(n, fleet_pb2.Node) for n in scene], version=scene.version)


async def _abort(context: Any, error: FleetmindError) -> None:
    if isinstance(error, StoreUnavailable):
        status = grpc.StatusCode.UNAVAILABLE
    elif isinstance(error, Conflict):
        status = grpc.StatusCode.FAILED_PRECONDITION
    else:
        status = {
            "TASK_UNKNOWN": grpc.StatusCode.NOT_FOUND, "TASK_EXISTS": grpc.StatusCode.ALREADY_EXISTS,
            "STORE_FULL": grpc.StatusCode.RESOURCE_EXHAUSTED, "LOG_TRIMMED": grpc.StatusCode.OUT_OF_RANGE,
        }.get(error.code, grpc.StatusCode.INVALID_ARGUMENT)
    await context.abort(status, str(error))
