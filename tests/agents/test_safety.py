"""The protective stop: latched, prompt, separately released, and survived by nothing that moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from fleetmind.agents.auth import bearer
from fleetmind.agents.protocol import fleet_pb2, fleet_pb2_grpc
from fleetmind.agents.safety import SafetyListener, serve_safety
from fleetmind.memory import FleetmindError, SkillCall

from .toys import ToyBody, eventually

SITE, RESET = "site-token-for-tests", "reset-token-for-tests"
GO = SkillCall(skill="go", arguments={"target": "a"})


@asynccontextmanager
async def safety(tmp_path: Path, port: int = 0) -> AsyncIterator[tuple[Any, int]]:
    server, port = await serve_safety(tmp_path, site_token=SITE, reset_token=RESET, port=port)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            yield fleet_pb2_grpc.SafetyStub(channel), port
        finally:
            await server.stop(grace=None)


@asynccontextmanager
async def listening(port: int, body: ToyBody) -> AsyncIterator[SafetyListener]:
    listener = SafetyListener(f"127.0.0.1:{port}", body, token=SITE)
    listener.start()
    try:
        yield listener
    finally:
        await asyncio.to_thread(listener.stop)


async def test_a_stop_is_latched_until_the_reset_token_releases_it(tmp_path: Path) -> None:
    body = ToyBody("kim")
    async with safety(tmp_path) as (stub, port), listening(port, body):
        await eventually(lambda: not body.held_back)
        assert (await body.execute(GO)).ok
        stopped = await stub.Stop(fleet_pb2.StopRequest(reason="a child", who="ann"), metadata=bearer(SITE))
        assert stopped.stopped
        assert stopped.robots == 1
        await eventually(lambda: "a child" in body.held_back)
        assert body.stops >= 1
        assert (await body.execute(GO)).code == "stopped"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Reset(fleet_pb2.ResetRequest(who="kim"), metadata=bearer(SITE))
        assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
        assert (await body.execute(GO)).code == "stopped"
        await stub.Reset(fleet_pb2.ResetRequest(who="ann"), metadata=bearer(RESET))
        await eventually(lambda: not body.held_back)
        # A reset moves nothing by itself.
        assert body.log == ["go a"]
        assert (await body.execute(GO)).ok


async def test_the_latch_survives_the_service(tmp_path: Path) -> None:
    async with safety(tmp_path) as (stub, _):
        await stub.Stop(fleet_pb2.StopRequest(reason="smoke"), metadata=bearer(SITE))
    body = ToyBody("kim")
    async with safety(tmp_path) as (_, port), listening(port, body):
        await eventually(lambda: "smoke" in body.held_back)


async def test_an_unreadable_latch_is_read_as_latched(tmp_path: Path) -> None:
    (tmp_path / "stop.json").write_text("{torn", encoding="utf-8")
    body = ToyBody("kim")
    async with safety(tmp_path) as (_, port), listening(port, body):
        await eventually(lambda: "could not be read" in body.held_back)


async def test_a_robot_alone_stops_itself_and_goes_on_when_beats_return(tmp_path: Path) -> None:
    body = ToyBody("kim")
    async with safety(tmp_path) as (_, port):
        pass
    async with listening(port, body):
        assert "beat" in body.held_back
        async with safety(tmp_path, port):
            await eventually(lambda: not body.held_back)
        await eventually(lambda: "no beat" in body.held_back, timeout_s=2)
        assert (await body.execute(GO)).code == "stopped"


async def test_nobody_stops_or_watches_without_a_token(tmp_path: Path) -> None:
    async with safety(tmp_path) as (stub, _):
        for metadata, status in ((None, "UNAUTHENTICATED"), (bearer("wrong"), "PERMISSION_DENIED")):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.Stop(fleet_pb2.StopRequest(), metadata=metadata)
            assert caught.value.code().name == status


async def test_a_busy_port_is_named(tmp_path: Path) -> None:
    async with safety(tmp_path) as (_, port):
        with pytest.raises(FleetmindError, match=f"PORT_BUSY.*{port}"):
            await serve_safety(tmp_path, site_token=SITE, reset_token=RESET, port=port)
