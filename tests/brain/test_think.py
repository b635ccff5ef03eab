"""Steps of a robot by rules: recovery, patience, searches, and no endless loops."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetmind.brain import Step, Subtask, ThinkRequest, Thought
from fleetmind.brain.conformance import example_robot, example_scene, example_think
from fleetmind.brain.symbolic.think import next_step
from fleetmind.memory import Fact, Node, Observation, Outcome, OutcomeCode, SeenObject, SkillCall


def call(skill: str, **arguments: Any) -> SkillCall:
    return SkillCall(skill=skill, arguments=arguments)


def step(made: SkillCall, code: OutcomeCode = "succeeded", message: str = "") -> Step:
    return Step(thought="", call=made, outcome=Outcome(code=code, message=message))


GO, TAKE = call("navigate_to", target="mug-1"), call("pick_up", object="mug-1")
FAR = Observation(robot="r1")


def box(**states: Any) -> Node:
    return Node(id="drawer-1", kind="receptacle", type="Drawer", parent="kitchen-1", relation="in",
                states={"open": False, **states},
                attributes={"receptacle": True, "openable": True, "source_id": "Drawer|1"})


def search(nodes: tuple[str, ...] = ("drawer-1",), count: int = 1, key: str = "find:Fork:1/0") -> Subtask:
    return Subtask(id="s1", goal="look for Fork", nodes=nodes, seeks=("Fork",), seeks_count=count, key=key)


def test_it_drives_takes_and_places() -> None:
    assert next_step(example_think(observation=FAR)).call == GO
    assert next_step(example_think()).call == TAKE
    assert next_step(example_think(observation=FAR, history=(step(GO),))).call == TAKE
    held = Observation(robot="r1", holding="Mug|1")
    assert next_step(example_think(observation=held)).call == call("navigate_to", target="diningtable-1")
    there = (step(call("navigate_to", target="diningtable-1")),)
    assert next_step(example_think(observation=held, history=there)).call == call("place", target="diningtable-1")


def test_done_when_the_scene_shows_it() -> None:
    scene = tuple(n.model_copy(update={"parent": "diningtable-1"}) if n.id == "mug-1" else n for n in example_scene())
    assert next_step(example_think(scene=scene)).status == "done"


@pytest.mark.parametrize(("code", "expected"), [
    ("blocked", "wait"), ("not_found", "look_around"), ("precondition", "navigate_to")])
def test_a_failure_is_answered_by_its_kind(code: OutcomeCode, expected: str) -> None:
    thought = next_step(example_think(history=(step(TAKE, code),)))
    assert thought.call is not None
    assert thought.call.skill == expected


@pytest.mark.parametrize(("code", "times"), [("unsupported", 1), ("unreachable", 2), ("failed", 2), ("blocked", 3)])
def test_what_keeps_failing_is_given_up_with_the_reason(code: OutcomeCode, times: int) -> None:
    history = tuple(step(TAKE, code, "the arm is too short") for _ in range(times))
    thought = next_step(example_think(history=history))
    assert (thought.status, thought.advice) == ("stuck", "replan")
    assert "the arm is too short" in thought.text


def test_a_full_hand_is_freed_first() -> None:
    other = Node(id="cup-1", kind="object", type="Cup", parent="r1", relation="held_by",
                 attributes={"pickupable": True, "source_id": "Cup|1"})
    thought = next_step(example_think(scene=(*example_scene(), other), observation=Observation(
        robot="r1", holding="Cup|1")))
    assert thought.call is not None
    assert thought.call.arguments["target"] in ("countertop-1", "diningtable-1")


def test_a_closed_target_is_opened_or_reported() -> None:
    subtask = Subtask(id="s1", goal="g", nodes=("mug-1", "drawer-1"), skills=("pick_up", "place"),
                      effects=(Fact(node="mug-1", relation="inside", target="drawer-1"),))
    request = example_think(scene=(*example_scene(), box()), subtask=subtask, observation=Observation(
        robot="r1", holding="Mug|1", objects=(SeenObject(source_id="Drawer|1", type="Drawer", reachable=True),)))
    assert next_step(request).call == call("open", target="drawer-1")
    cannot = request.model_copy(update={"robot": example_robot(skills=("navigate_to", "pick_up", "place"))})
    assert next_step(cannot).status == "stuck"


def test_a_search_opens_looks_closes_and_stops_when_it_has_found() -> None:
    scene = (*example_scene(), box())
    request = example_think(scene=scene, subtask=search(), observation=FAR)
    assert next_step(request).call == call("navigate_to", target="drawer-1")
    there = request.model_copy(update={"history": (step(call("navigate_to", target="drawer-1")),)})
    assert next_step(there).call == call("open", target="drawer-1")
    fork = Node(id="fork-1", kind="object", type="Fork", parent="drawer-1", relation="inside")
    opened = there.model_copy(update={
        "scene": (*example_scene(), box(open=True, searched=True), fork),
        "history": (*there.history, step(call("open", target="drawer-1")))})
    assert next_step(opened).call == call("close", target="drawer-1")
    closed = opened.model_copy(update={"scene": (*example_scene(), box(searched=True), fork),
                                       "history": (*opened.history, step(call("close", target="drawer-1")))})
    assert next_step(closed).status == "done"
    assert "fork-1" in next_step(closed).text


def test_a_search_skips_what_it_cannot_open_and_says_so() -> None:
    request = example_think(scene=(*example_scene(), box()), subtask=search(), observation=FAR,
                            robot=example_robot(skills=("navigate_to", "look_around")))
    thought = next_step(request)
    assert thought.status == "done"
    assert "could not look into drawer-1" in thought.text


def test_a_thing_seen_by_others_ends_the_search() -> None:
    fork = Node(id="fork-1", kind="object", type="Fork", parent="countertop-1", relation="on")
    request = example_think(scene=(*example_scene(), box(), fork), subtask=search(), observation=FAR)
    assert next_step(request).status == "done"


_TAP = Node(id="faucet-1", kind="object", type="Faucet", parent="kitchen-1", relation="in", states={"on": False},
            attributes={"toggleable": True, "source_id": "Faucet|1"})


def _rinse(dirty: bool, on: bool, *history: Step) -> Thought:
    mug = next(n for n in example_scene() if n.id == "mug-1").model_copy(update={"states": {"dirty": dirty}})
    tap = _TAP.model_copy(update={"states": {"on": on}})
    scene = (*(n for n in example_scene() if n.id != "mug-1"), mug, tap)
    subtask = Subtask(id="s1", goal="rinse", skills=("toggle_on", "toggle_off"), nodes=("faucet-1", "mug-1"),
                      effects=(Fact(node="mug-1", state="dirty", value=False),
                               Fact(node="faucet-1", state="on", value=False)))
    return next_step(example_think(scene=scene, subtask=subtask, history=history, observation=Observation(
        robot="r1", objects=(SeenObject(source_id="Faucet|1", type="Faucet", reachable=True, states={"on": on}),))))


def test_a_tap_is_run_until_it_is_clean_and_turned_off() -> None:
    on = step(call("toggle_on", target="faucet-1"))
    assert _rinse(True, False).call == call("toggle_on", target="faucet-1")
    assert _rinse(True, True, on).call == call("wait", seconds=5.0)
    assert _rinse(False, True, on).call == call("toggle_off", target="faucet-1")
    assert _rinse(False, False, on).status == "done"


_CODES = st.sampled_from(["succeeded", "failed", "blocked", "unreachable", "not_found", "precondition", "timeout"])


@settings(max_examples=120, deadline=None)
@given(st.lists(_CODES, min_size=60, max_size=60), st.booleans())
def test_whatever_happens_it_ends(codes: list[OutcomeCode], searching: bool) -> None:
    request: ThinkRequest = example_think(observation=FAR)
    if searching:
        request = request.model_copy(update={
            "scene": (*example_scene(), box()), "subtask": search(("drawer-1", "kitchen-1", "countertop-1"), 2)})
    history: list[Step] = []
    for code in codes:
        thought = next_step(request.model_copy(update={"history": tuple(history)}))
        if thought.status != "act":
            return
        assert thought.call is not None
        assert request.robot.skill(thought.call.skill) is not None
        history.append(step(thought.call, code))
    raise AssertionError(f"no end after {len(history)} steps: {[s.call.text() for s in history[-6:]]}")
