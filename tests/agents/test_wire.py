"""What goes over the wire comes back the same, and what is not valid is refused by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.agents.protocol import MAX_MESSAGE_BYTES, PROTOCOL_VERSION, fleet_pb2, fleet_pb2_grpc
from fleetmind.agents.protocol.convert import from_struct, from_wire, to_struct, to_wire
from fleetmind.brain import Plan, Subtask
from fleetmind.memory import (
    Fact,
    FleetmindError,
    Link,
    Node,
    Observation,
    Outcome,
    Pose,
    SeenObject,
    Sighting,
    SkillCall,
)

from .toys import TOKEN, RailBrain, ToyBody, eventually, fleet_of, subtask

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20) | st.floats(
    allow_nan=False, allow_infinity=False)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.text(max_size=8), inner, max_size=3), max_leaves=8)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return (type(a) is type(b) and a == b) or (isinstance(a, float) and not isinstance(b, (bool, str)) and a == b)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=10), values, max_size=5))
def test_json_survives(data: dict[str, Any]) -> None:
    message = to_struct(data)
    assert _same(data, from_struct(type(message).FromString(message.SerializeToString())))


@settings(max_examples=100, deadline=None)
@given(st.builds(
    Subtask, id=st.just("s1"), goal=st.text(min_size=1, max_size=50), skills=st.just(("open", "close")),
    effects=st.just((Fact(node="a", state="open", value=True), Fact(node="a", relation="on", target="b"))),
    robot=st.none() | st.just("kim"), seeks=st.lists(st.sampled_from(["Mug", "Cup"]), max_size=2).map(tuple),
    duration_s=st.floats(0.1, 1000)))
def test_subtasks_survive(value: Subtask) -> None:
    wire = to_wire(value, fleet_pb2.Subtask)
    assert from_wire(fleet_pb2.Subtask.FromString(wire.SerializeToString()), Subtask) == value


def _through(value: Any, message: Any) -> Any:
    """The value after the wire."""
    return from_wire(message.FromString(to_wire(value, message).SerializeToString()), type(value))


def test_nodes_and_observations_survive() -> None:
    node = Node(id="mug-1", kind="object", type="Mug", pose=Pose(x=1, y=-2, z=0.5), size=(0.1, 0.1, 0.12),
                states={"dirty": True, "temperature": "Hot"}, attributes={"mass_kg": 1.0, "materials": ["Ceramic"]})
    assert _through(node, fleet_pb2.Node) == node
    seen = Observation(robot="kim", pose=Pose(x=0, y=0), holding="Mug|1", objects=(
        SeenObject(source_id="Mug|1", type="Mug", reachable=True), SeenObject(source_id="Cup|1", type="Cup")))
    assert _through(seen, fleet_pb2.Observation) == seen


_names = st.text("abcdefgh123", min_size=1, max_size=6)
_metres = st.floats(-100, 100)
_three = st.tuples(_metres, _metres, _metres)
_six = st.tuples(*[_metres] * 6)
_share = st.floats(0, 1)
_poses = st.builds(Pose, x=_metres, y=_metres, z=_metres)
_sightings = st.builds(Sighting, robot=_names, time_s=_metres, seen=st.booleans(), confidence=_share)
_links = st.builds(Link, relation=st.sampled_from(["connects", "same_as"]), to=_names)
_nodes = st.builds(
    Node, id=_names, kind=st.just("object"), type=_names, pose=st.none() | _poses, size=st.none() | _three,
    box=st.none() | _three, confidence=_share, last_seen_s=st.none() | _metres, source=_names,
    links=st.lists(_links, max_size=3).map(tuple), covariance=st.none() | _six,
    sightings=st.lists(_sightings, max_size=3).map(tuple), version=st.integers(0, 2**53))
_things = st.builds(
    SeenObject, source_id=_names, type=_names, pose=st.none() | _poses, size=st.none() | _three,
    parent=st.none() | _names, relation=st.none() | st.sampled_from(["in", "on"]), covariance=st.none() | _six,
    appearance=st.none() | st.lists(_metres, min_size=1, max_size=5).map(tuple), confidence=_share,
    distance_m=st.none() | _share, reachable=st.booleans(), held=st.booleans())


@settings(max_examples=100, deadline=None)
@given(_nodes, _things)
def test_every_field_of_nodes_and_things_survives(node: Node, thing: SeenObject) -> None:
    assert _through(node, fleet_pb2.Node) == node
    assert _through(thing, fleet_pb2.SeenObject) == thing


def test_the_wire_has_every_field_of_what_it_carries() -> None:
    for model, message in ((Node, fleet_pb2.Node), (SeenObject, fleet_pb2.SeenObject), (Link, fleet_pb2.Link),
                           (Sighting, fleet_pb2.Sighting), (Observation, fleet_pb2.Observation)):
        assert set(model.model_fields) == {field.name for field in message.DESCRIPTOR.fields}


def test_what_an_older_robot_leaves_out_has_its_default() -> None:
    assert from_wire(fleet_pb2.SeenObject(source_id="Mug|1", type="Mug"), SeenObject).confidence == 1.0
    word = from_wire(fleet_pb2.Sighting(robot="kim", time_s=1), Sighting)
    assert (word.seen, word.confidence) == (True, 1.0)
    node = from_wire(fleet_pb2.Node(id="mug-1", kind="object", type="Mug", confidence=1), Node)
    assert (node.box, node.covariance, node.links, node.sightings) == (None, None, (), ())


@pytest.mark.parametrize(("message", "model", "what"), [
    (fleet_pb2.Pose(x=float("nan"), qw=1), Pose, "Pose.x"),
    (fleet_pb2.Pose(x=float("inf"), qw=1), Pose, "Pose.x"),
    (fleet_pb2.Pose(x=1), Pose, "quaternion"),
    (fleet_pb2.Outcome(code="teleported"), Outcome, "Outcome.code"),
    (fleet_pb2.SkillCall(skill="rm -rf"), SkillCall, "SkillCall.skill"),
    (fleet_pb2.Node(id="a\nb", kind="object", type="Mug"), Node, "Node.id"),
    (fleet_pb2.Observation(robot="../etc"), Observation, "Observation.robot"),
])
def test_what_parses_is_not_yet_accepted(message: Any, model: Any, what: str) -> None:
    with pytest.raises(FleetmindError, match="WIRE_INVALID") as caught:
        from_wire(message, model)
    assert what in str(caught.value)


def hello(name: str = "kim", **more: Any) -> fleet_pb2.RobotMessage:
    body = ToyBody(name)
    return fleet_pb2.RobotMessage(hello=fleet_pb2.Hello(**{
        "protocol": PROTOCOL_VERSION, "profile": to_wire(body.profile, fleet_pb2.RobotProfile), "incarnation": "i1",
        "observation": fleet_pb2.Observation(robot=name), **more}))


async def dial(port: int, *messages: fleet_pb2.RobotMessage, token: str = TOKEN) -> fleet_pb2.FleetMessage:
    async def outgoing() -> AsyncIterator[fleet_pb2.RobotMessage]:
        for message in messages:
            yield message
        await asyncio.Event().wait()

    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        call = fleet_pb2_grpc.FleetStub(channel).Connect(outgoing(), metadata=metadata, timeout=10)
        async for answer in call:
            return answer
        raise AssertionError("the stream ended without an answer")


@pytest.mark.parametrize(("message", "token", "status", "words"), [
    (hello(), "", grpc.StatusCode.UNAUTHENTICATED, "AUTH_MISSING"),
    (hello(), "wrong", grpc.StatusCode.PERMISSION_DENIED, "AUTH_DENIED"),
    (hello(protocol=0), TOKEN, grpc.StatusCode.FAILED_PRECONDITION, "PROTOCOL"),
    (hello("ann"), TOKEN, grpc.StatusCode.ALREADY_EXISTS, "ROBOT_CONNECTED"),
    (hello(observation=fleet_pb2.Observation(robot="bob")), TOKEN, grpc.StatusCode.INVALID_ARGUMENT, "BAD_ID"),
    (fleet_pb2.RobotMessage(alive=fleet_pb2.Alive()), TOKEN, grpc.StatusCode.INVALID_ARGUMENT, "HELLO_MISSING"),
    (hello(profile=fleet_pb2.RobotProfile(name="a:b")), TOKEN, grpc.StatusCode.INVALID_ARGUMENT, "WIRE_INVALID"),
    (hello(incarnation="x" * (MAX_MESSAGE_BYTES + 1)), TOKEN, grpc.StatusCode.RESOURCE_EXHAUSTED, "larger"),
])
async def test_robots_that_are_refused(tmp_path: Path, message: Any, token: str, status: Any, words: str) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"),)))
    async with fleet_of(tmp_path, brain, [ToyBody("ann")]) as (_, service, agents):
        port = int(agents[0].link.fleet.rsplit(":", 1)[1])
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await dial(port, message, token=token)
        assert caught.value.code() == status
        assert words in (caught.value.details() or "")
        # The services are alive, and the robot that was there still is.
        await eventually(lambda: service.sessions["ann"].idle)


async def test_garbage_bytes_leave_the_service_alive(tmp_path: Path) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "go:a"),)))
    async with fleet_of(tmp_path, brain, [ToyBody("ann")]) as (_, service, agents):
        async with grpc.aio.insecure_channel(agents[0].link.fleet) as channel:
            raw = channel.stream_stream("/fleetmind.v1.Fleet/Connect", request_serializer=lambda b: b,
                                        response_deserializer=lambda b: b)
            call = raw(iter([b"\xff\xfe\x00garbage"]), metadata=(("authorization", f"Bearer {TOKEN}"),), timeout=5)
            with pytest.raises(grpc.aio.AioRpcError):
                async for _ in call:
                    pass
        await eventually(lambda: service.sessions["ann"].idle)
