"""The client of a world server: for launchers, and for robots that drive a body."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast, get_args

import grpc
import grpc.aio

from fleetmind.simulators.errors import WorldError, WorldErrorCode
from fleetmind.simulators.goal import Goal, GoalReport
from fleetmind.simulators.pictures import from_wire
from fleetmind.simulators.protocol import world_pb2 as pb
from fleetmind.simulators.protocol import world_pb2_grpc
from fleetmind.simulators.wire import MAX_REPLY_BYTES, MAX_REQUEST_BYTES, decode_reply, encode
from fleetmind.simulators.world import Action, ActionErrorCode, Body, Frame, Result, SceneSpec

_CALL_S = 60.0
"""Longest wait for a call of the launcher."""
_ACTION_S = 600.0
"""Longest wait for an action: in lockstep others may be thinking."""


class WorldClient:
    """A connection to a world server. Use within one event loop.

    Args:
        address: `host:port`.
        token: the site's or the launcher's token; None where the server asks for none.
    """

    def __init__(self, address: str, *, token: str | None = None) -> None:
        self._address = address
        self._metadata = () if token is None else (("authorization", f"Bearer {token}"),)
        self._channel: grpc.aio.Channel | None = None
        self._stub: world_pb2_grpc.WorldStub | None = None

    async def connect(self, timeout_s: float = 10.0) -> None:
        """Wait until the server answers.

        Raises:
            WorldError: WORLD_UNAVAILABLE when it does not within `timeout_s` wall seconds.
        """
        channel = grpc.aio.insecure_channel(self._address, options=[
            ("grpc.max_receive_message_length", MAX_REPLY_BYTES), ("grpc.max_send_message_length", MAX_REQUEST_BYTES),
            ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 1000)])
        try:
            await asyncio.wait_for(channel.channel_ready(), timeout_s)
        except TimeoutError as error:
            await channel.close()
            raise WorldError("WORLD_UNAVAILABLE", f"no world server answers at {self._address!r} within {timeout_s:g} "
                             "s; start one with `python -m fleetmind.simulators.server`") from error
        self._channel = channel
        self._stub = world_pb2_grpc.WorldStub(channel)

    async def reset(self, scene: SceneSpec, agents: Sequence[Body], *, seed: int = 0) -> None:
        """Build a scene; all seats are vacated. Needs the launcher's token.

        Raises:
            WorldError: WORLD_SCENE, WORLD_AGENT or WORLD_DENIED.
        """
        request = pb.ResetRequest(scene_json=scene.model_dump_json(exclude_unset=True),
                                  agents_json=[b.model_dump_json() for b in agents], seed=seed)
        await self._call("Reset", request)

    async def layout(self) -> dict[str, Any]:
        """Rooms and fixed furniture, as `World.layout`. Needs the launcher's token."""
        reply = await self._call("Layout", pb.LayoutRequest())
        return _object(reply.layout_json)

    async def check(self, goal: Goal) -> GoalReport:
        """Judge a goal on ground truth. Needs the launcher's token."""
        reply = await self._call("Check", pb.CheckRequest(goal_json=goal.model_dump_json()))
        return GoalReport.model_validate_json(reply.report_json)

    async def observe_all(self, *, top_down: bool = False, width: int = 640, height: int = 480) -> dict[str, Any]:
        """Ground truth: `{"objects", "agents", "time_s", "scene"}`, with `top_down` also `"top_down_png"` (bytes).

        Needs the launcher's token.
        """
        reply = await self._call("ObserveAll", pb.ObserveAllRequest(top_down=top_down, width=width, height=height))
        found = _object(reply.metadata_json)
        if top_down:
            found["top_down_png"] = reply.top_down_png
        return found

    async def status(self) -> dict[str, Any]:
        """What the server does: `scene` (empty before the first reset), `clock`, `factor`, `time_s`, `steps`, `seats`
        (a list of `agent`, `taken`, `parked`, `pending`) and `warnings`.
        """
        reply = await self._call("Status", pb.StatusRequest())
        seats = [{"agent": s.agent, "taken": s.taken, "parked": s.parked, "pending": s.pending} for s in reply.seats]
        return {"scene": reply.scene, "clock": reply.clock, "factor": reply.factor, "time_s": reply.time_s,
                "steps": reply.steps, "seats": seats, "warnings": list(reply.warnings)}

    async def seat(self, name: str) -> Seat:
        """Take the seat of a body.

        Raises:
            WorldError: WORLD_AGENT when it is taken or unknown.
        """
        if self._stub is None:
            raise WorldError("WORLD_STATE", "the client is not connected; call connect first")
        seat = Seat(name, self._stub.Seat(metadata=self._metadata))
        await seat.take()
        return seat

    async def close(self) -> None:
        """End the connection and all its seats."""
        if self._channel is not None:
            await self._channel.close()
            self._channel = None
            self._stub = None

    async def _call(self, method: str, request: Any) -> Any:
        if self._stub is None:
            raise WorldError("WORLD_STATE", "the client is not connected; call connect first")
        try:
            return await getattr(self._stub, method)(request, metadata=self._metadata, timeout=_CALL_S)
        except grpc.aio.AioRpcError as error:
            raise as_world_error(error) from error


class Seat:
    """The right to drive one body, as long as the stream lasts. Made by `WorldClient.seat`.

    A cancelled call does not end the stream: its action goes on in the world, and its result is dropped.
    """

    def __init__(self, name: str, stream: Any) -> None:
        self.name = name
        self._stream = stream
        self._count = 0
        self._waiting: dict[int, asyncio.Future[pb.SeatReply]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._lost: WorldError | None = None

    async def take(self) -> None:
        """Ask for the seat; `WorldClient.seat` does this."""
        self._reader = asyncio.create_task(self._read())
        await self._ask(pb.SeatRequest(take=pb.Take(agent=self.name)), _CALL_S)

    async def step(self, action: Action) -> Result:
        """Carry out one action; returns when it is over in virtual time.

        Raises:
            WorldError: WORLD_ACTION for a malformed request, WORLD_UNAVAILABLE or WORLD_STATE when the seat is lost.
        """
        reply = await self._ask(pb.SeatRequest(step=pb.Step(action_json=_action_json(action))), _ACTION_S)
        r = reply.result
        code = r.error_code if r.error_code in get_args(ActionErrorCode) else "InvalidAction"
        return Result(success=r.success, error=r.error, error_code=cast("ActionErrorCode", code),
                      value=decode_reply(r.value_json), duration_s=r.duration_s, time_s=r.time_s)

    async def observe(self, *, pictures: bool = False, width: int = 320, height: int = 240) -> Frame:
        """What the body senses now: metadata of what is visible, and on request pictures."""
        asked = pb.Observe(pictures=pictures, width=width, height=height)
        reply = (await self._ask(pb.SeatRequest(observe=asked), _CALL_S)).frame
        metadata = _object(reply.metadata_json)
        if not reply.HasField("pictures"):
            return Frame(agent=self.name, time_s=reply.time_s, metadata=metadata)
        rgb, depth, ids = from_wire(reply.pictures)
        return Frame(agent=self.name, time_s=reply.time_s, metadata=metadata, rgb=rgb, depth=depth, ids=ids,
                     id_names=dict(reply.pictures.id_names))

    async def park(self) -> None:
        """Let the clock run without this body until its next action."""
        await self._ask(pb.SeatRequest(park=pb.Park()), _CALL_S)

    async def leave(self) -> None:
        """Give the seat up; the body stays where it is."""
        if self._lost is None:
            self._lost = WorldError("WORLD_STATE", f"seat {self.name!r} was left; take it again")
            await self._stream.done_writing()
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=_CALL_S)
        self._stream.cancel()

    async def _ask(self, request: pb.SeatRequest, timeout_s: float) -> pb.SeatReply:
        """Send a request and wait for its reply."""
        if self._lost is not None:
            raise self._lost
        self._count += 1
        request.request_id = self._count
        future: asyncio.Future[pb.SeatReply] = asyncio.get_running_loop().create_future()
        self._waiting[self._count] = future
        try:
            # Cancelling a write in gRPC would end the stream, and the seat with it.
            await asyncio.shield(self._write(request))
            reply = await asyncio.wait_for(future, timeout_s)
        except TimeoutError as error:
            raise WorldError("WORLD_UNAVAILABLE", f"seat {self.name!r}: no reply within {timeout_s:g} s; "
                             "see the server's status for who is thinking") from error
        finally:
            self._waiting.pop(request.request_id, None)
        if reply.WhichOneof("kind") == "refusal":
            raise WorldError(_code(reply.refusal.code), reply.refusal.message)
        return reply

    async def _write(self, request: pb.SeatRequest) -> None:
        async with self._writing:
            try:
                await self._stream.write(request)
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                return  # the reader learns why, and tells whoever waits

    async def _read(self) -> None:
        """Hand replies to those who wait until the stream ends."""
        lost = WorldError("WORLD_UNAVAILABLE", f"seat {self.name!r}: the server ended the stream; take the seat again")
        try:
            while True:
                reply = await self._stream.read()
                if reply is grpc.aio.EOF:
                    break
                future = self._waiting.get(reply.request_id)
                if future is not None and not future.done():
                    future.set_result(reply)
        except grpc.aio.AioRpcError as error:
            lost = as_world_error(error)
        except asyncio.CancelledError:
            lost = WorldError("WORLD_STATE", f"seat {self.name!r}: the connection was closed")
        if self._lost is None:
            self._lost = lost
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._lost)


def as_world_error(error: grpc.aio.AioRpcError) -> WorldError:
    """The world's error behind a gRPC status."""
    details = error.details() or ""
    code, _, message = details.partition(": ")
    if code in get_args(WorldErrorCode):
        return WorldError(_code(code), message)
    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED):
        return WorldError("WORLD_UNAVAILABLE", f"the world server does not answer: {details or error.code().name}")
    if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return WorldError("WORLD_ACTION", f"the message is too large: {details}")
    return WorldError("WORLD_UNAVAILABLE", f"the world server failed: {error.code().name}: {details}")


def _code(code: str) -> WorldErrorCode:
    return cast("WorldErrorCode", code) if code in get_args(WorldErrorCode) else "WORLD_UNAVAILABLE"


def _action_json(action: Action) -> str:
    try:
        return encode(dict(action))
    except (TypeError, ValueError) as error:
        raise WorldError("WORLD_ACTION", f"action {action!r:.200} cannot be sent: {error}; use plain values") from error


def _object(text: str) -> dict[str, Any]:
    found = decode_reply(text)
    if not isinstance(found, dict):
        raise WorldError("WORLD_UNAVAILABLE", f"the world server sent {text[:80]!r} where an object is due")
    return found
