"""Whole tasks in the household world, in one process: the suite's families, and hidden things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fleetmind.simulators.goal import Goal
from fleetmind.simulators.world import SceneSpec
from tests.brain.house import play

SUITE = Path(__file__).parents[2] / "training" / "suites" / "household.yaml"
ENTRIES: list[dict[str, Any]] = yaml.safe_load(SUITE.read_text(encoding="utf-8"))["entries"]
FIRST = {e["task"]: e for e in reversed(ENTRIES)}
"""The first wording of each task."""


def test_the_suite_is_whole() -> None:
    assert len(ENTRIES) == 66
    assert len({e["id"] for e in ENTRIES}) == 66
    assert len({e["scene"]["name"] for e in ENTRIES}) == 12
    assert len({e["task"] for e in ENTRIES if "goal" in e}) == 20
    for entry in ENTRIES:
        SceneSpec.model_validate(entry["scene"])
        assert ("goal" in entry) != ("refuse" in entry)
        if "goal" in entry:
            Goal.model_validate(entry["goal"])


def _run(entry: dict[str, Any]) -> None:
    goal = Goal.model_validate(entry["goal"]) if "goal" in entry else None
    ended, holds = play(SceneSpec.model_validate(entry["scene"]), [entry["fleet"]], entry["instruction"],
                        seed=entry["seed"], goal=goal)
    told = "\n".join(ended.steps[-40:])
    if goal is None:
        assert ended.verdict == entry["refuse"], ended.reason
    else:
        assert (ended.verdict, holds) == ("succeeded", True), f"{ended.reason}\n{told}"


@pytest.mark.parametrize("task", sorted(FIRST))
def test_first_wording(task: str) -> None:
    _run(FIRST[task])


@pytest.mark.slow
@pytest.mark.parametrize("entry", ENTRIES, ids=[e["id"] for e in ENTRIES])
def test_every_wording(entry: dict[str, Any]) -> None:
    _run(entry)


def test_a_mug_in_a_closed_drawer_is_found_before_any_plan_names_it() -> None:
    scene = SceneSpec.model_validate({"name": "Bedroom6", "setup": [
        {"op": "remove", "type": "KeyChain"}, {"op": "ensure", "type": "KeyChain", "at": "Drawer"},
        {"op": "ensure", "type": "Desk"}]})
    goal = Goal.model_validate({"conditions": [
        {"select": {"types": ["KeyChain"]}, "at": {"types": ["Desk"]}, "count": 1}]})
    ended, holds = play(scene, ["duo"], "Put my keys on the desk.", seed=2, goal=goal)
    assert (ended.verdict, holds) == ("succeeded", True), ended.reason
    assert all("keychain" not in n for s in ended.plans[0].subtasks for n in s.nodes)
    assert any(".open(" in s or "open(target=drawer" in s for s in ended.steps)
