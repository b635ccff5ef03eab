"""Conformance kits: subclass them in your tests, give the fixture, and your brain or engine is checked.

    class TestMyBrain(BrainConformance):
        @pytest.fixture
        def brain(self): return MyBrain()
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable
from typing import Any

import pytest

from fleetmind.brain.brain import Brain
from fleetmind.brain.engine import Engine, ImagePart, Message
from fleetmind.brain.plan import DecomposeRequest, Plan, Refusal, RobotView, Subtask, ThinkRequest, Thought
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.facts import Fact
from fleetmind.memory.robots import Observation, RobotProfile, SeenObject, SkillSpec
from fleetmind.memory.scene import Node, Pose

_SKILLS = ("navigate_to", "look_around", "pick_up", "place", "open", "close", "toggle_on", "toggle_off", "slice",
           "wait")
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a34617d0000000049454e44ae426082")
PICTURE = ImagePart(data=_PIXEL)
"""A picture of one pixel."""


def example_robot(name: str = "r1", skills: tuple[str, ...] = _SKILLS) -> RobotProfile:
    """A robot that can do most things."""
    return RobotProfile(name=name, skills=tuple(SkillSpec(name=s, description=s) for s in skills), reach_m=2.0,
                        payload_kg=5.0)


def example_scene() -> tuple[Node, ...]:
    """A kitchen with a counter, a table and a mug."""
    def fixed(node_id: str, kind: str, x: float) -> Node:
        return Node(id=node_id, kind="receptacle", type=kind, parent="kitchen-1", relation="in",
                    pose=Pose(x=x, y=0.0, z=0.8), size=(1.0, 0.6, 0.1), states={"searched": True},
                    attributes={"receptacle": True, "source_id": f"{kind}|1"})

    return (
        Node(id="kitchen-1", kind="room", type="Kitchen", pose=Pose(x=0.0, y=0.0, z=1.2), size=(4.0, 4.0, 2.5)),
        fixed("countertop-1", "CounterTop", 0.0), fixed("diningtable-1", "DiningTable", 2.0),
        Node(id="mug-1", kind="object", type="Mug", parent="countertop-1", relation="on",
             pose=Pose(x=0.1, y=0.0, z=0.9), attributes={"pickupable": True, "mass_kg": 0.4, "source_id": "Mug|1"},
             states={"dirty": False}),
        Node(id="r1", kind="robot", type="Robot", parent="kitchen-1", relation="in", pose=Pose(x=1.0, y=1.0)),
    )


def example_request(instruction: str = "Put the mug on the dining table.", **changes: Any) -> DecomposeRequest:
    """A request that every planning brain should answer with a plan."""
    fields: dict[str, Any] = {"task": "t1", "instruction": instruction, "scene": example_scene(),
                              "robots": (RobotView(profile=example_robot(), room="kitchen-1"),)}
    return DecomposeRequest(**{**fields, **changes})


def example_think(**changes: Any) -> ThinkRequest:
    """A request whose next step is to take the mug, or to drive to it."""
    effect = Fact(node="mug-1", relation="on", target="diningtable-1")
    fields: dict[str, Any] = {
        "task": "t1", "instruction": "Put the mug on the dining table.", "robot": example_robot(),
        "scene": example_scene(),
        "subtask": Subtask(id="s1", goal="carry mug-1 to diningtable-1", skills=("pick_up", "place"),
                           nodes=("mug-1", "diningtable-1"), effects=(effect,)),
        "observation": Observation(robot="r1", objects=(
            SeenObject(source_id="Mug|1", type="Mug", parent="CounterTop|1", relation="on", reachable=True),)),
    }
    return ThinkRequest(**{**fields, **changes})


class BrainConformance:
    """What every brain must do. Capabilities it does not list are checked to be refused."""

    @pytest.fixture
    def brain(self) -> Brain:
        """Override: the brain to check."""
        raise NotImplementedError("override the fixture `brain`")

    def _needs(self, brain: Brain, capability: str) -> None:
        if capability not in brain.capabilities:
            pytest.skip(f"{brain.name} cannot {capability}")

    def test_capabilities_are_frozen(self, brain: Brain) -> None:
        assert isinstance(brain.capabilities, frozenset)
        assert isinstance(brain.name, str)
        assert brain.name

    async def test_what_it_lacks_raises_unsupported(self, brain: Brain) -> None:
        calls: dict[str, Awaitable[Any]] = {
            "decompose": brain.decompose(example_request()), "think": brain.think(example_think()),
            "perceive": brain.perceive(PICTURE), "answer": brain.answer("what is there?"),
            "ground": brain.ground("the mug", PICTURE), "point": brain.point("the mug", PICTURE),
            "afford": brain.afford("grasp the mug", PICTURE), "trace": brain.trace("reach the mug", PICTURE)}
        for capability, call in calls.items():
            if capability in brain.capabilities:
                if inspect.iscoroutine(call):
                    call.close()
                continue
            with pytest.raises(FleetmindError) as raised:
                await call
            assert raised.value.code == "BRAIN_UNSUPPORTED"

    async def test_a_plan_is_acyclic_and_names_known_things(self, brain: Brain) -> None:
        self._needs(brain, "decompose")
        proposal = await brain.decompose(example_request())
        assert isinstance(proposal, Plan)
        assert proposal.subtasks
        check_plan(proposal, example_request())

    async def test_an_empty_instruction_is_refused(self, brain: Brain) -> None:
        self._needs(brain, "decompose")
        proposal = await brain.decompose(example_request(" \n\t "))
        assert isinstance(proposal, Refusal)
        assert proposal.code == "EMPTY"

    async def test_a_thought_calls_a_skill_the_robot_has(self, brain: Brain) -> None:
        self._needs(brain, "think")
        request = example_think()
        thought = await brain.think(request, (PICTURE,))
        assert isinstance(thought, Thought)
        assert (thought.call is not None) == (thought.status == "act")
        if thought.call is not None:
            assert request.robot.skill(thought.call.skill) is not None

    async def test_usage_never_shrinks(self, brain: Brain) -> None:
        self._needs(brain, "think")
        before = brain.usage("t1").calls
        await brain.think(example_think())
        assert brain.usage("t1").calls >= before

    async def test_close_can_be_repeated(self, brain: Brain) -> None:
        await brain.close()
        await brain.close()


def check_plan(plan: Plan, request: DecomposeRequest) -> None:
    """Assert that a plan's dependencies exist without a cycle and that its nodes are in the scene."""
    known = {n.id for n in request.scene} | {v.profile.name for v in request.robots}
    allowed = {f.id for f in request.finished} | {s.id for s in request.running}
    ids = [s.id for s in plan.subtasks]
    assert len(set(ids)) == len(ids), f"ids repeat: {ids}"
    done: set[str] = set(allowed)
    waiting = {s.id: set(s.depends_on) for s in plan.subtasks}
    for subtask in plan.subtasks:
        facts = (*subtask.preconditions, *subtask.effects)
        named = {*subtask.nodes, *(f.node for f in facts), *(f.target for f in facts if f.target not in (None, "any"))}
        assert named <= known, f"{subtask.id} names unknown nodes {sorted(n for n in named - known if n)}"
        assert waiting[subtask.id] <= set(ids) | allowed, f"{subtask.id} waits for {subtask.depends_on}"
    while waiting:
        ready = [i for i, needs in waiting.items() if needs <= done]
        assert ready, f"cycle among {sorted(waiting)}"
        for subtask_id in ready:
            done.add(subtask_id)
            del waiting[subtask_id]


class EngineConformance:
    """What every engine must do."""

    @pytest.fixture
    def engine(self) -> Engine:
        """Override: the engine to check; it may answer anything."""
        raise NotImplementedError("override the fixture `engine`")

    async def test_complete_answers_with_usage(self, engine: Engine) -> None:
        reply = await engine.complete((Message(role="user", text="Say hello."),), max_tokens=64)
        assert isinstance(reply.text, str)
        assert reply.usage.calls >= 1

    async def test_pictures_and_schema_are_accepted(self, engine: Engine) -> None:
        message = Message(role="user", text="What is this?", images=(PICTURE,))
        reply = await engine.complete((message,), schema={"type": "object"}, max_tokens=64)
        assert isinstance(reply.text, str)

    async def test_stream_yields_text(self, engine: Engine) -> None:
        pieces = [p async for p in engine.stream((Message(role="user", text="Say hello."),), max_tokens=64)]
        assert all(isinstance(p, str) for p in pieces)

    async def test_calls_run_side_by_side(self, engine: Engine) -> None:
        ask = (Message(role="user", text="Say hello."),)
        replies = await asyncio.gather(*(engine.complete(ask, max_tokens=64) for _ in range(4)))
        assert len(replies) == 4

    async def test_close_can_be_repeated(self, engine: Engine) -> None:
        await engine.close()
        await engine.close()
