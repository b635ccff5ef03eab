"""Goals as data, judged on ground truth."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fleetmind.simulators import Goal, GoalReport, Setup
from tests.simulators.hands import Home


def judge(home: Home, **condition: Any) -> GoalReport:
    return home.world.check(Goal.model_validate({"conditions": [condition]}))


@pytest.fixture
def home() -> Home:
    return Home("Kitchen5", Setup(op="remove", type="Mug"), Setup(op="ensure", type="Mug", count=3, at="CounterTop"),
                Setup(op="state", type="Mug", states={"isDirty": True}))


def test_all_and_at_least_and_exactly_and_none(home: Home) -> None:
    mugs = [t for t in home.things.values() if t.type == "Mug"]
    sink = home.one("Sink")
    where: dict[str, Any] = {"select": {"types": ["Mug"]}, "at": {"types": ["Sink"]}}
    assert judge(home, **where, count="none").holds
    home.move(mugs[0], sink)
    assert not judge(home, **where).holds
    assert judge(home, **where, count=1).holds
    home.move(mugs[1], sink)
    report = judge(home, **where).conditions[0]
    assert (len(report.satisfied), len(report.missing)) == (2, 1)
    assert report.why.startswith("2 of 3 Mug in or on Sink")
    assert judge(home, **where, count=1).holds
    assert not judge(home, **where, count=1, exactly=True).holds
    home.move(mugs[2], home.one("SinkBasin"))
    assert judge(home, **where).holds


def test_all_of_nothing_does_not_hold(home: Home) -> None:
    assert not judge(home, select={"types": ["TeddyBear"]}, at={"types": ["Sink"]}).holds


def test_initially_remembers_places_and_states(home: Home) -> None:
    mugs = [t for t in home.things.values() if t.type == "Mug"]
    table = home.one("DiningTable")
    from_top: dict[str, Any] = {"select": {"types": ["Mug"], "initially": {"at": {"types": ["CounterTop"]}}},
                                "at": {"types": ["DiningTable"]}}
    for mug in mugs:
        home.move(mug, table)
    assert judge(home, **from_top).holds
    home.ok("CleanObject", mugs[0])
    cleaned = {"types": ["Mug"], "initially": {"states": {"isDirty": True}}}
    assert judge(home, select=cleaned, states={"isDirty": False}, count=1).holds
    assert not judge(home, select=cleaned, states={"isDirty": False}).holds


def test_slices_stand_for_their_source(home: Home) -> None:
    tomato = home.one("Tomato")
    home.move(tomato, home.one("DiningTable"))
    home.ok("SliceObject", tomato)
    assert judge(home, select={"types": ["Tomato"]}, states={"isSliced": True}, count=1).holds
    assert judge(home, select={"types": ["TomatoSliced"]}, at={"types": ["DiningTable"]}, count=3).holds
    others = sum(t.type == "Tomato" and t.active for t in home.things.values())
    assert len(judge(home, select={"types": ["Tomato"]}, held=False).conditions[0].satisfied) == others


def test_what_is_in_an_appliance_is_not_on_the_worktop_below(home: Home) -> None:
    apple, microwave = home.one("Apple"), home.one("Microwave")
    home.move(apple, microwave)
    apples: dict[str, Any] = {"select": {"types": ["Apple"]}, "count": 1}
    assert judge(home, **apples, at={"types": ["Microwave"]}).holds
    on_top = judge(home, **apples, at={"types": ["CounterTop"]}).conditions[0]
    assert apple.id not in on_top.satisfied


def test_held_and_same_place_and_rooms(home: Home) -> None:
    fork, spoon = home.one("Fork"), home.one("Spoon")
    home.ok("PickupObject", fork)
    assert judge(home, select={"types": ["Fork"]}, held=True, count=1).holds
    assert fork.id not in judge(home, select={"types": ["Fork"]}, at={}, count=1).conditions[0].satisfied
    drawers = [t for t in home.things.values() if t.type == "Drawer"]
    home.ok("OpenObject", drawers[0])
    home.ok("PutObject", drawers[0])
    home.move(spoon, drawers[1])
    together = {"select": {"types": ["Fork", "Spoon"]}, "at": {"types": ["Drawer"]}, "count": 2}
    assert judge(home, **together).holds
    same = judge(home, **{**together, "same_place": True})
    home.ok("PickupObject", spoon)
    home.ok("PutObject", drawers[0])
    assert judge(home, **together, same_place=True).holds
    assert len(same.conditions[0].satisfied) <= 3
    assert judge(home, select={"types": ["Fridge"]}, room="Kitchen").holds
    assert not judge(home, select={"types": ["Fridge"]}, room="Bedroom").holds


def test_not_types_and_pickupable(home: Home) -> None:
    report = judge(home, select={"pickupable": True, "not_types": ["Mug"]}, held=False).conditions[0]
    assert report.holds
    assert not any(i.startswith(("Mug|", "Fridge|")) for i in report.satisfied)


@pytest.mark.parametrize("bad", [
    {"conditions": []}, {"conditions": [{"select": {}, "count": 0}]},
    {"conditions": [{"select": {}, "same_place": True}]},
    {"conditions": [{"select": {"kind": "Mug"}}]}])
def test_what_is_no_goal_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Goal.model_validate(bad)
