"""The world server and its client, over a real gRPC connection in one process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetmind.simulators import (
    Body,
    Goal,
    HouseholdWorld,
    LockstepClock,
    SceneSpec,
    Seat,
    Tokens,
    WorldClient,
    WorldError,
    WorldServer,
)
from fleetmind.simulators.protocol import world_pb2 as pb
from fleetmind.simulators.protocol import world_pb2_grpc
from fleetmind.simulators.wire import decode, decode_object

TOKENS = Tokens(site="site-token-of-this-test", launcher="launcher-token-of-this-test")
BODIES = (Body(name="ada"), Body(name="bob", speed_mps=1.0), Body(name="eve"))


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[tuple[str, WorldClient]]:
    """A server with a kitchen, and its launcher's client."""
    server = WorldServer(HouseholdWorld(), tokens=TOKENS, **options)
    port = await server.start()
    launcher = WorldClient(f"127.0.0.1:{port}", token=TOKENS.launcher)
    await launcher.connect()
    try:
        await launcher.reset(SceneSpec(name="Kitchen1"), BODIES, seed=1)
        yield f"127.0.0.1:{port}", launcher
    finally:
        await launcher.close()
        await server.stop()


@asynccontextmanager
async def robot(address: str) -> AsyncIterator[WorldClient]:
    """A robot's client."""
    client = WorldClient(address, token=TOKENS.site)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


async def until_pending(launcher: WorldClient, *names: str) -> None:
    """Wait until those seats have an action that waits for the clock."""
    while True:
        seats = (await launcher.status())["seats"]
        if all(s["pending"] for s in seats if s["agent"] in names):
            return


async def test_a_robot_drives_and_sees() -> None:
    async with serving() as (address, launcher), robot(address) as client:
        seat = await client.seat("ada")
        result = await seat.step({"action": "RotateRight", "degrees": 90})
        assert result.success
        assert result.time_s == pytest.approx(result.duration_s)
        frame = await seat.observe(pictures=True, width=64, height=48)
        assert frame.rgb is not None
        assert frame.depth is not None
        assert frame.rgb.shape == (48, 64, 3)
        assert frame.depth.dtype.name == "float32"
        assert all(o["visible"] for o in frame.metadata["objects"])
        await seat.park()
        everything = await launcher.observe_all(top_down=True, width=64, height=64)
        assert everything["top_down_png"].startswith(b"\x89PNG")
        assert len(everything["objects"]) > len(frame.metadata["objects"])
        assert (await launcher.layout())["rooms"][0]["type"] == "Kitchen"
        report = await launcher.check(Goal.model_validate(
            {"conditions": [{"select": {"types": ["Fridge"]}, "states": {"isOpen": False}}]}))
        assert report.holds


async def test_a_seat_is_taken_once_and_freed_when_left() -> None:
    async with serving() as (address, launcher), robot(address) as one, robot(address) as two:
        seat = await one.seat("ada")
        with pytest.raises(WorldError) as caught:
            await two.seat("ada")
        assert caught.value.code == "WORLD_AGENT"
        await seat.leave()
        again = await two.seat("ada")
        assert (await again.step({"action": "Done"})).success
        with pytest.raises(WorldError):
            await seat.step({"action": "Done"})
        with pytest.raises(WorldError) as caught:
            await two.seat("mallory")
        assert "'mallory'" in caught.value.message
        status = await launcher.status()
        assert [s["taken"] for s in status["seats"]] == [True, False, False]


async def test_a_lost_connection_parks_the_seat_and_the_body_keeps_what_it_holds() -> None:
    async with serving() as (address, launcher), robot(address) as stays:
        lost = WorldClient(address, token=TOKENS.site)
        await lost.connect()
        held = next(o["objectId"] for o in (await launcher.observe_all())["objects"] if o["objectType"] == "Apple")
        bob = await stays.seat("bob")
        ada = await lost.seat("ada")
        assert (await ada.step({"action": "PickupObject", "objectId": held, "forceAction": True})).success
        waiting = asyncio.create_task(bob.step({"action": "RotateLeft"}))
        await until_pending(launcher, "bob")
        await lost.close()
        assert (await asyncio.wait_for(waiting, 5)).success
        agents = {a["name"]: a for a in (await launcher.observe_all())["agents"]}
        assert agents["ada"]["holding"] == held
        with pytest.raises(WorldError):
            await ada.step({"action": "Done"})
        again = await stays.seat("ada")
        assert (await again.observe()).metadata["inventoryObjects"][0]["objectId"] == held


async def test_a_cancelled_step_keeps_the_seat() -> None:
    async with serving() as (address, launcher), robot(address) as client:
        ada, bob = await client.seat("ada"), await client.seat("bob")
        await bob.step({"action": "RotateLeft"})
        waiting = asyncio.create_task(ada.step({"action": "RotateLeft"}))
        await until_pending(launcher, "ada")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await bob.park()
        assert (await ada.step({"action": "RotateLeft"})).success
        assert (await ada.observe()).metadata["lastActionSuccess"]


async def drive(seat: Seat, log: list[tuple[str, float, bool]]) -> None:
    """Drive a while, then park."""
    for n in range(25):
        result = await seat.step({"action": ("MoveAhead", "RotateLeft", "MoveRight")[n % 3]})
        log.append((seat.name, result.time_s, result.success))
    await seat.park()


async def test_lockstep_runs_are_the_same_every_time() -> None:
    async def run() -> tuple[list[tuple[str, float, bool]], Any]:
        log: list[tuple[str, float, bool]] = []
        async with serving() as (address, launcher), robot(address) as client:
            ada, bob, eve = [await client.seat(b.name) for b in BODIES]
            # While ada thinks, the others cannot start, so all three start together.
            await ada.step({"action": "RotateLeft"})
            others = [asyncio.create_task(drive(s, log)) for s in (eve, bob)]
            await until_pending(launcher, "bob", "eve")
            await asyncio.gather(drive(ada, log), *others)
            # By robot: in which order answers to different robots arrive is the network's business.
            return sorted(log), await launcher.observe_all()

    first, second = [await run() for _ in range(2)]
    assert len(first[0]) == 75
    assert first == second


async def test_questions_are_answered_while_others_think() -> None:
    async with serving() as (address, _), robot(address) as client:
        ada, bob = await client.seat("ada"), await client.seat("bob")
        await bob.step({"action": "RotateLeft"})
        found = await asyncio.wait_for(ada.step({"action": "GetReachablePositions"}), 5)
        assert len(found.value) > 10
        assert found.duration_s == 0


async def test_reset_vacates_all_seats() -> None:
    async with serving() as (address, launcher), robot(address) as client:
        seat = await client.seat("ada")
        await seat.step({"action": "RotateLeft"})
        await launcher.reset(SceneSpec(name="Bathroom2"), [Body(name="ada")])
        with pytest.raises(WorldError) as caught:
            await seat.step({"action": "RotateLeft"})
        assert caught.value.code == "WORLD_STATE"
        assert (await launcher.status())["time_s"] == 0
        assert (await (await client.seat("ada")).step({"action": "RotateLeft"})).success


async def test_tokens_tell_robots_from_launchers() -> None:
    async with serving() as (address, _), robot(address) as client:
        for call in (client.layout(), client.observe_all(), client.reset(SceneSpec(name="Kitchen2"), BODIES),
                     client.check(Goal.model_validate({"conditions": [{"select": {}}]}))):
            with pytest.raises(WorldError) as caught:
                await call
            assert caught.value.code == "WORLD_DENIED"
        assert (await client.status())["scene"] == "Kitchen1"
        for token in (None, "", "wrong", TOKENS.site + "x"):
            stranger = WorldClient(address, token=token)
            await stranger.connect()
            with pytest.raises(WorldError) as caught:
                await stranger.seat("ada")
            assert caught.value.code == "WORLD_DENIED"
            with pytest.raises(WorldError):
                await stranger.status()
            await stranger.close()


async def test_refused_resets_change_nothing() -> None:
    async with serving() as (address, launcher), robot(address) as client:
        seat = await client.seat("ada")
        for scene, bodies in ((SceneSpec(name="Nowhere1"), BODIES), (SceneSpec(name="Kitchen2"), BODIES * 30),
                              (SceneSpec(name="x", dump="/does/not/exist"), BODIES)):
            with pytest.raises(WorldError):
                await launcher.reset(scene, bodies)
        assert (await seat.step({"action": "RotateLeft"})).success
        assert (await launcher.status())["scene"] == "Kitchen1"


async def test_a_stalled_seat_shows_in_the_status() -> None:
    async with serving(clock=LockstepClock(stall_s=0.1)) as (address, launcher), robot(address) as client:
        ada, bob = await client.seat("ada"), await client.seat("bob")
        await bob.step({"action": "RotateLeft"})
        assert (await asyncio.wait_for(ada.step({"action": "RotateLeft"}), 5)).success
        assert "'bob'" in (await launcher.status())["warnings"][0]


async def test_no_server_is_said_clearly() -> None:
    client = WorldClient("127.0.0.1:9")
    with pytest.raises(WorldError) as caught:
        await client.connect(timeout_s=0.2)
    assert caught.value.code == "WORLD_UNAVAILABLE"
    with pytest.raises(WorldError) as caught:
        await client.layout()
    assert caught.value.code == "WORLD_STATE"


async def test_a_port_that_is_taken_is_said_clearly() -> None:
    first = WorldServer(HouseholdWorld())
    port = await first.start()
    with pytest.raises(WorldError) as caught:
        await WorldServer(HouseholdWorld()).start(port=port)
    assert str(port) in caught.value.message
    await first.stop()


async def test_before_the_first_reset_there_is_nothing_to_do() -> None:
    server = WorldServer(HouseholdWorld())
    client = WorldClient(f"127.0.0.1:{await server.start()}")
    await client.connect()
    assert (await client.status())["scene"] == ""
    for call in (client.layout(), client.observe_all()):
        with pytest.raises(WorldError) as caught:
            await call
        assert caught.value.code == "WORLD_STATE"
    with pytest.raises(WorldError) as caught:
        await client.seat("ada")
    assert caught.value.code == "WORLD_AGENT"
    await client.close()
    await server.stop()


BAD_TEXTS = ["", "{", "[]", "7", '"x"', '{"action": NaN}', '{"a": 1, "a": 2}', '{"a": 1e999}', "{" * 5000,
             '{"action": "MoveAhead", "x": ' + "[" * 40 + "]" * 40 + "}", '{"action": "' + "x" * 300_000 + '"}',
             '{"a": ' + "9" * 5000 + "}", "\x00", '{"action": "MoveAhead"} trailing']


async def raw_seat(address: str, *requests: pb.SeatRequest) -> list[pb.SeatReply]:
    """Speak the wire by hand."""
    async with grpc.aio.insecure_channel(address) as channel:
        stream = world_pb2_grpc.WorldStub(channel).Seat(metadata=(("authorization", f"Bearer {TOKENS.site}"),))
        replies = []
        for request in requests:
            await stream.write(request)
            replies.append(await stream.read())
        await stream.done_writing()
        await stream.read()
        return replies


async def test_bad_texts_are_refused_one_by_one_and_the_seat_stays() -> None:
    async with serving() as (address, launcher):
        steps = [pb.SeatRequest(request_id=n, step=pb.Step(action_json=text)) for n, text in enumerate(BAD_TEXTS)]
        replies = await raw_seat(address, pb.SeatRequest(take=pb.Take(agent="ada")), *steps,
                                 pb.SeatRequest(request_id=99),
                                 pb.SeatRequest(observe=pb.Observe(pictures=True, width=9999, height=1)),
                                 pb.SeatRequest(take=pb.Take(agent="bob")),
                                 pb.SeatRequest(step=pb.Step(action_json='{"action": "RotateLeft"}')))
        assert [r.WhichOneof("kind") for r in replies] == ["taken"] + ["refusal"] * (len(BAD_TEXTS) + 3) + ["result"]
        assert {r.refusal.code for r in replies[1:-1]} == {"WORLD_ACTION"}
        assert (await launcher.status())["scene"] == "Kitchen1"


async def test_streams_and_messages_that_are_none_leave_the_server_alive() -> None:
    async with serving() as (address, launcher):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await raw_seat(address, pb.SeatRequest(park=pb.Park()), pb.SeatRequest(park=pb.Park()))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await raw_seat(address, pb.SeatRequest(take=pb.Take(agent="x" * 2_000_000)))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        async with grpc.aio.insecure_channel(address) as channel:
            metadata = (("authorization", f"Bearer {TOKENS.launcher}"),)
            stub = world_pb2_grpc.WorldStub(channel)
            for text in [*BAD_TEXTS[:8], '{"name": "Kitchen1", "colour": 3}', '{"name": 3}']:
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await stub.Reset(pb.ResetRequest(scene_json=text), metadata=metadata)
                assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await stub.Check(pb.CheckRequest(goal_json=text), metadata=metadata)
                assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            nonsense: Any = channel.unary_unary("/fleetmind.simulators.v1.World/Check")
            with pytest.raises(grpc.aio.AioRpcError):
                await nonsense(b"\xff\xff\xff", metadata=metadata)
        assert (await launcher.status())["scene"] == "Kitchen1"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(WorldError):
        decode(text, "text", "WORLD_ACTION")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["action", "objectId", "moveMagnitude", "position", "rotation", "horizon",
                                        "openness", "degrees", "forceAction", "maxPoses", "gridSize", "positions"]),
                       json_values | st.sampled_from(["MoveAhead", "Teleport", "GetInteractablePoses", "OpenObject",
                                                      "GetReachablePositions", "ThrowObject", "Pass"]), max_size=4))
def test_any_action_gets_a_result(action: dict[str, Any]) -> None:
    result = WORLD.step("ada", action)
    assert result.success or result.error
    assert result.duration_s >= 0


def test_texts_on_the_wire_are_objects() -> None:
    with pytest.raises(WorldError) as caught:
        decode_object("[1]", "goal", "WORLD_GOAL")
    assert "must be a JSON object" in caught.value.message


WORLD = HouseholdWorld()
WORLD.reset(SceneSpec(name="Bathroom1"), [Body(name="ada")])
