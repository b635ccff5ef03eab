"""A client of a running site: what the command line asks of the fleet and safety services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from fleetmind.agents.auth import bearer
from fleetmind.agents.protocol import MAX_MESSAGE_BYTES, fleet_pb2, fleet_pb2_grpc
from fleetmind.agents.protocol.convert import from_struct, from_wire, to_struct
from fleetmind.console.site import StateDir
from fleetmind.memory import Event, FleetmindError, Node, Scene, TaskRecord

_DEADLINE_S = 10.0


class SiteClient:
    """Talks to the services of the site whose state directory is given. An async context manager.

    Args:
        state_dir: where the site runs.

    Raises:
        FleetmindError: `SITE_ABSENT`, `TOKEN_*`; calls raise `SITE_CALL` with the service's own words.
    """

    def __init__(self, state_dir: Path) -> None:
        self._state = StateDir(state_dir)
        self._site = self._state.read()
        self._metadata = bearer(self._state.token("site"))
        options = [("grpc.max_receive_message_length", MAX_MESSAGE_BYTES)]
        self._channel = grpc.aio.insecure_channel(self._site.fleet, options=options)
        self._safety_channel = grpc.aio.insecure_channel(self._site.safety, options=options)
        self._tasks = fleet_pb2_grpc.TasksStub(self._channel)
        self._fleet = fleet_pb2_grpc.FleetStub(self._channel)
        self._safety = fleet_pb2_grpc.SafetyStub(self._safety_channel)

    async def __aenter__(self) -> SiteClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self._channel.close()
        await self._safety_channel.close()

    async def _call(self, method: Any, request: Any, *, metadata: Any = None) -> Any:
        try:
            return await method(request, metadata=metadata or self._metadata, timeout=_DEADLINE_S)
        except grpc.aio.AioRpcError as error:
            raise _from_service(error) from None

    async def submit(self, instruction: str, *, goal: Mapping[str, Any] | None = None, task_id: str = "") -> TaskRecord:
        """Hand in a task."""
        request = fleet_pb2.SubmitRequest(instruction=instruction, id=task_id)
        if goal is not None:
            request.goal.CopyFrom(to_struct(goal))
        return from_wire(await self._call(self._tasks.Submit, request), TaskRecord)

    async def task(self, task_id: str) -> TaskRecord:
        """One task."""
        return from_wire(await self._call(self._tasks.Get, fleet_pb2.TaskId(id=task_id)), TaskRecord)

    async def tasks(self) -> list[TaskRecord]:
        """All tasks, oldest first."""
        reply = await self._call(self._tasks.List, fleet_pb2.ListTasksRequest())
        return [from_wire(t, TaskRecord) for t in reply.tasks]

    async def cancel(self, task_id: str) -> TaskRecord:
        """Cancel a task."""
        return from_wire(await self._call(self._tasks.Cancel, fleet_pb2.TaskId(id=task_id)), TaskRecord)

    async def watch(self, task_id: str = "", *, since: int = 0) -> AsyncIterator[Event]:
        """Events of a task until it has ended, or of everything for ever."""
        request = fleet_pb2.WatchTaskRequest(id=task_id, since=since)
        try:
            async for event in self._tasks.Watch(request, metadata=self._metadata):
                yield Event(seq=event.seq, kind=event.kind, time_s=event.time_s, source=event.source,
                            data=from_struct(event.data))
        except grpc.aio.AioRpcError as error:
            raise _from_service(error) from None

    async def robots(self) -> list[fleet_pb2.RobotStatus]:
        """Every robot with what it is doing."""
        return list((await self._call(self._fleet.List, fleet_pb2.ListRobotsRequest())).robots)

    async def scene(self) -> Scene:
        """The scene graph as it is known."""
        reply = await self._call(self._tasks.Scene, fleet_pb2.SceneRequest())
        return Scene([from_wire(n, Node) for n in reply.nodes], version=reply.version)

    async def stop(self, reason: str, *, who: str = "operator") -> fleet_pb2.StopReply:
        """Latch the protective stop."""
        reply: fleet_pb2.StopReply = await self._call(
            self._safety.Stop, fleet_pb2.StopRequest(reason=reason, who=who))
        return reply

    async def reset(self, *, who: str = "operator") -> fleet_pb2.StopReply:
        """Release the protective stop; needs the reset token, which only its owner can read."""
        reply: fleet_pb2.StopReply = await self._call(
            self._safety.Reset, fleet_pb2.ResetRequest(who=who), metadata=bearer(self._state.token("reset")))
        return reply


def _from_service(error: grpc.aio.AioRpcError) -> FleetmindError:
    """The service's own code and words; a service that does not answer gets ours."""
    details = error.details() or ""
    code, _, words = details.partition(": ")
    if error.code() == grpc.StatusCode.UNAVAILABLE and not code.isupper():
        return FleetmindError("SITE_UNREACHABLE", "the site's services do not answer; is `fleetmind up` still running?")
    if code and code.replace("_", "").isalpha() and code.isupper():
        return FleetmindError(code, words)
    return FleetmindError("SITE_CALL", details or error.code().name)
