"""What answers the calls of the world server's clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NoReturn, TypeVar

import grpc
import grpc.aio
from pydantic import BaseModel, ValidationError

from fleetmind.simulators import pictures
from fleetmind.simulators.clock import Clock, is_query
from fleetmind.simulators.errors import WorldError, WorldErrorCode
from fleetmind.simulators.goal import Goal
from fleetmind.simulators.protocol import world_pb2 as pb
from fleetmind.simulators.protocol import world_pb2_grpc
from fleetmind.simulators.tokens import Right, Tokens
from fleetmind.simulators.wire import decode_object, encode
from fleetmind.simulators.world import Action, Body, Result, SceneSpec, World

_MAX_AGENTS_ON_WIRE = 64
Context = grpc.aio.ServicerContext[Any, Any]
ModelT = TypeVar("ModelT", bound=BaseModel)
ReplyT = TypeVar("ReplyT")

_STATUS: dict[WorldErrorCode, grpc.StatusCode] = {
    "WORLD_SCENE": grpc.StatusCode.INVALID_ARGUMENT, "WORLD_GOAL": grpc.StatusCode.INVALID_ARGUMENT,
    "WORLD_ACTION": grpc.StatusCode.INVALID_ARGUMENT, "WORLD_AGENT": grpc.StatusCode.FAILED_PRECONDITION,
    "WORLD_DENIED": grpc.StatusCode.PERMISSION_DENIED, "WORLD_STATE": grpc.StatusCode.FAILED_PRECONDITION,
    "WORLD_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
}


class WorldService(world_pb2_grpc.WorldServicer):
    """The `World` service over one world and one clock. All calls run in one event loop, so none overlap.

    Args:
        world: the world.
        tokens: who may do what; None allows everything.
        clock: decides when actions start and end.
    """

    def __init__(self, world: World, tokens: Tokens | None, clock: Clock) -> None:
        self._world = world
        self._tokens = tokens
        self._clock = clock
        self._scene = ""
        self._names: list[str] = []
        self._taken: dict[str, asyncio.Event] = {}
        """Seats that are taken; the event is set when the seat is vacated by a reset."""
        self._steps = 0

    # --- launcher's calls ----------------------------------------------------------------------------------

    def reset(self, scene: SceneSpec, agents: Sequence[Body], seed: int = 0) -> None:
        """Build a scene and vacate all seats; on an error the running episode goes on untouched.

        Raises:
            WorldError: WORLD_SCENE or WORLD_AGENT.
        """
        self._world.reset(scene, agents, seed=seed)
        self._clock.begin(self._world.advance_to)
        for vacated in self._taken.values():
            vacated.set()
        self._taken = {}
        self._scene = scene.name
        self._names = [body.name for body in agents]

    async def Reset(self, request: pb.ResetRequest, context: Context) -> pb.ResetReply:
        """See world.proto."""
        async def answer() -> pb.ResetReply:
            if len(request.agents_json) > _MAX_AGENTS_ON_WIRE:
                raise WorldError("WORLD_AGENT", f"{len(request.agents_json)} agents; at most {_MAX_AGENTS_ON_WIRE}")
            scene = parse(SceneSpec, request.scene_json, "WORLD_SCENE")
            agents = [parse(Body, text, "WORLD_AGENT") for text in request.agents_json]
            self.reset(scene, agents, request.seed)
            return pb.ResetReply()
        return await self._call(context, "launcher", answer)

    async def Layout(self, request: pb.LayoutRequest, context: Context) -> pb.LayoutReply:
        """See world.proto."""
        async def answer() -> pb.LayoutReply:
            return pb.LayoutReply(layout_json=encode(self._world.layout()))
        return await self._call(context, "launcher", answer)

    async def Check(self, request: pb.CheckRequest, context: Context) -> pb.CheckReply:
        """See world.proto."""
        async def answer() -> pb.CheckReply:
            goal = parse(Goal, request.goal_json, "WORLD_GOAL")
            self._sync()
            return pb.CheckReply(report_json=self._world.check(goal).model_dump_json())
        return await self._call(context, "launcher", answer)

    async def ObserveAll(self, request: pb.ObserveAllRequest, context: Context) -> pb.ObserveAllReply:
        """See world.proto."""
        async def answer() -> pb.ObserveAllReply:
            if request.top_down:
                pictures.check_size(request.width, request.height)
            self._sync()
            found = self._world.observe_all(top_down=request.top_down, width=request.width or 1,
                                            height=request.height or 1)
            picture = found.pop("top_down", None)
            return pb.ObserveAllReply(metadata_json=encode(found),
                                      top_down_png=b"" if picture is None else pictures.png(picture))
        return await self._call(context, "launcher", answer)

    async def Status(self, request: pb.StatusRequest, context: Context) -> pb.StatusReply:
        """See world.proto."""
        async def answer() -> pb.StatusReply:
            seats = [pb.SeatStatus(agent=n, taken=n in self._taken, parked=self._clock.is_parked(n),
                                   pending=self._clock.is_pending(n)) for n in self._names]
            return pb.StatusReply(
                scene=self._scene, clock=self._clock.name, factor=self._clock.factor,
                time_s=self._clock.now_s() if self._scene else 0.0, seats=seats, warnings=self._clock.warnings,
                steps=self._steps)
        return await self._call(context, "seat", answer)

    # --- a robot's call ------------------------------------------------------------------------------------

    async def Seat(self, requests: AsyncIterator[pb.SeatRequest], context: Context) -> AsyncIterator[pb.SeatReply]:
        """See world.proto. However the stream ends, the seat is parked and free, and its body stays."""
        name = ""
        vacated = asyncio.Event()
        try:
            self._authorise(context, "seat")
            first = await anext(requests, None)
            if first is None:
                return
            name, vacated = self._take(first)
            yield pb.SeatReply(request_id=first.request_id, taken=pb.Taken())
            async for request in requests:
                yield await self._seated(name, vacated, request)
        except WorldError as error:
            await _refuse(context, error)
        finally:
            if name and self._taken.get(name) is vacated:
                del self._taken[name]
                self._clock.leave(name)

    def _take(self, first: pb.SeatRequest) -> tuple[str, asyncio.Event]:
        name = first.take.agent
        if first.WhichOneof("kind") != "take":
            raise WorldError("WORLD_ACTION", "the first message on a seat's stream must be `take`")
        if name not in self._names:
            raise WorldError("WORLD_AGENT", f"agent {name[:80]!r} is unknown; agents: {self._names!r}")
        if name in self._taken:
            raise WorldError("WORLD_AGENT", f"seat {name!r} is taken; end the process that has it first")
        vacated = asyncio.Event()
        self._taken[name] = vacated
        self._clock.take(name, self._names.index(name))
        return name, vacated

    async def _seated(self, name: str, vacated: asyncio.Event, request: pb.SeatRequest) -> pb.SeatReply:
        """Answer one request; what is wrong with it is said without ending the stream."""
        if vacated.is_set():
            raise WorldError("WORLD_STATE", f"the world was reset; take seat {name!r} again")
        reply = pb.SeatReply(request_id=request.request_id)
        try:
            await self._do(name, request, reply)
        except WorldError as error:
            if vacated.is_set():
                raise
            reply.refusal.CopyFrom(pb.Refusal(code=error.code, message=error.message))
        return reply

    async def _do(self, name: str, request: pb.SeatRequest, reply: pb.SeatReply) -> None:
        kind = request.WhichOneof("kind")
        if kind == "step":
            action = decode_object(request.step.action_json, "action", "WORLD_ACTION")
            result = await self._act(name, action)
            reply.result.CopyFrom(pb.StepResult(
                success=result.success, error=result.error, error_code=result.error_code,
                value_json=encode(result.value), duration_s=result.duration_s, time_s=result.time_s))
        elif kind == "observe":
            reply.frame.CopyFrom(await self._look(name, request.observe))
        elif kind == "park":
            self._clock.park(name)
            reply.parked.CopyFrom(pb.Parked())
        else:
            raise WorldError("WORLD_ACTION", f"request {kind!r} is not one a seat can make; use step, observe or park")

    async def _act(self, name: str, action: Action) -> Result:
        self._steps += 1
        if is_query(action):
            return self._world.step(name, action, at_s=self._clock.now_s())
        return await self._clock.act(name, lambda at_s: self._world.step(name, action, at_s=at_s))

    async def _look(self, name: str, asked: pb.Observe) -> pb.FrameReply:
        if not asked.pictures:
            self._sync()
            frame = self._world.observe(name)
        else:
            pictures.check_size(asked.width, asked.height)
            await asyncio.to_thread(self._world.prepare_pictures)
            self._sync()
            frame = self._world.observe(name, pictures=True, width=asked.width, height=asked.height)
        return pb.FrameReply(time_s=frame.time_s, metadata_json=encode(frame.metadata),
                             pictures=pictures.to_wire(frame))

    def _sync(self) -> None:
        """Tell the world the time before it is looked at."""
        if self._scene:
            self._world.advance_to(self._clock.now_s())

    # --- common --------------------------------------------------------------------------------------------

    def _authorise(self, context: Context, right: Right) -> None:
        if self._tokens is None:
            return
        offered = dict(context.invocation_metadata() or ()).get("authorization", "")
        token = offered.removeprefix("Bearer ") if isinstance(offered, str) else ""
        if not self._tokens.allows(token, right):
            file = "launcher.token" if right == "launcher" else "site.token"
            raise WorldError("WORLD_DENIED", f"this token does not allow {right!r} calls; use the one in {file}")

    async def _call(self, context: Context, right: Right, answer: Callable[[], Awaitable[ReplyT]]) -> ReplyT:
        """Authorise and answer one unary call; nothing but clean statuses leaves the server."""
        try:
            self._authorise(context, right)
            return await answer()
        except WorldError as error:
            await _refuse(context, error)


async def _refuse(context: Context, error: WorldError) -> NoReturn:
    """End a call with a status a client can tell apart."""
    await context.abort(_STATUS[error.code], str(error))
    raise AssertionError("abort always raises")


def parse(model: type[ModelT], text: str, code: WorldErrorCode) -> ModelT:
    """Read a pydantic model from a client's JSON.

    Raises:
        WorldError: with that code when it is not one.
    """
    raw = decode_object(text, model.__name__, code)
    try:
        return model.model_validate(raw, strict=None)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or model.__name__
        raise WorldError(code, f"{model.__name__}: {where}: {first['msg']} (got {first.get('input')!r:.80})") from error
