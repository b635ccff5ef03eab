"""Who may come in: a robot's Hello is checked before anything is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import grpc

from fleetmind.agents.protocol import PROTOCOL_VERSION, fleet_pb2
from fleetmind.agents.protocol.convert import from_wire
from fleetmind.memory import FleetmindError, Observation, RobotProfile


async def admitted(incoming: AsyncIterator[fleet_pb2.RobotMessage], context: Any, *, hello_s: float,
                   max_skills: int) -> tuple[fleet_pb2.Hello, RobotProfile, Observation]:
    """The robot's Hello, its profile and its first observation; aborts the call when they are not acceptable."""

    async def refuse(code: grpc.StatusCode, text: str) -> NoReturn:
        await context.abort(code, text)
        raise AssertionError("abort does not return")

    try:
        first = await asyncio.wait_for(anext(aiter(incoming)), hello_s)
    except (TimeoutError, StopAsyncIteration):
        await refuse(grpc.StatusCode.DEADLINE_EXCEEDED, f"HELLO_MISSING: no Hello within {hello_s} s")
    if first.WhichOneof("content") != "hello":
        await refuse(grpc.StatusCode.INVALID_ARGUMENT, "HELLO_MISSING: the first message must be Hello")
    hello = first.hello
    if hello.protocol != PROTOCOL_VERSION:
        await refuse(grpc.StatusCode.FAILED_PRECONDITION,
                     f"PROTOCOL: the robot speaks version {hello.protocol!r}, this fleet {PROTOCOL_VERSION!r}; install "
                     "the same fleetmind on both")
    try:
        profile = from_wire(hello.profile, RobotProfile)
        observation = from_wire(hello.observation, Observation)
    except FleetmindError as error:
        await refuse(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    if observation.robot != profile.name:
        await refuse(grpc.StatusCode.INVALID_ARGUMENT,
                     f"BAD_ID: observation of {observation.robot!r} by {profile.name!r}")
    if len(profile.skills) > max_skills:
        await refuse(grpc.StatusCode.RESOURCE_EXHAUSTED,
                     f"LIMIT: {len(profile.skills)} skills; at most {max_skills} are accepted")
    return hello, profile, observation


def add_health_and_reflection(server: grpc.aio.Server) -> None:
    """Standard health checks, and reflection where its package is installed."""
    from grpc_health.v1 import health, health_pb2, health_pb2_grpc

    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    names = ["fleetmind.v1.Fleet", "fleetmind.v1.Tasks", health.SERVICE_NAME]
    for name in ("", *names):
        servicer._server_status[name] = health_pb2.HealthCheckResponse.SERVING
    try:
        from grpc_reflection.v1alpha import reflection
    except ImportError:  # reflection belongs to the planner extra
        return
    reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)
