"""Whole episodes with the whole fleet in this process: what the fleet can do, must refuse, and does not know."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from fleetmind.brain import make_brain
from fleetmind.memory import TERMINAL
from fleetmind.simulators import Condition, Goal, SceneSpec, Select, Setup
from fleetmind.training.episode import run_entry, run_instruction, stage
from fleetmind.training.suite import load_suite

SHARED = Path(__file__).resolve().parents[3] / "shared"
DUMPS = SHARED / "thor_data" / "rl_ai2thor" / "objects_metadata_samples.tar.gz"
DEMO = load_suite("demo").entries[0]


async def test_the_demos_task_is_done_by_all_three() -> None:
    result = await run_entry(DEMO, make_brain())
    assert result.passed, result


@pytest.mark.parametrize(("missing", "codes"), [
    ("porter", {"TOO_HEAVY"}), ("chef", {"NO_SKILL"}), ("scout", {"NO_SKILL", "OUT_OF_REACH"})])
async def test_no_two_robots_can_do_it_and_the_refusal_says_why(missing: str, codes: set[str]) -> None:
    others = tuple(n for n in ("porter", "chef", "scout") if n != missing)
    result = await run_entry(DEMO.model_copy(update={"fleet": others}), make_brain())
    assert not result.passed
    assert result.verdict == "refused", result
    assert result.reason_code in codes, result


async def test_a_mug_in_a_closed_drawer_is_found_by_opening_drawers() -> None:
    """No plan names the mug before a robot has seen it."""
    setup = (Setup(op="remove", type="Mug"), Setup(op="ensure", type="Mug", at="Drawer"))
    scene = SceneSpec(name="Kitchen4", setup=setup)
    async with stage(scene, ("duo",), make_brain(), seed=4) as on:
        drawers = [n.id for n in (await on.site.store.snapshot()).of_type("Drawer")]
        goal = Goal(conditions=(Condition(select=Select(types=("Mug",)), at=Select(types=("DiningTable", "CounterTop")),
                                          count=1),))
        before = await on.world.observe_all()
        (mug,) = [o for o in before["objects"] if o["objectType"] == "Mug"]
        assert "Drawer" in mug["parentReceptacles"][0]
        task, report = await run_instruction(on, "put the mug on the counter", goal=goal)
        events = await on.site.store.events(0, limit=10_000)
    assert task.state == "succeeded", task.reason
    assert report is not None
    assert report.holds
    seen = min(e.seq for e in events if e.kind == "scene" and any(
        n["type"] == "Mug" for n in e.data.get("put") or ()))  # type: ignore[union-attr, index, call-overload]
    named = min(e.seq for e in events if e.kind == "plan" and "mug-1" in json.dumps(e.data))
    opened = [e for e in events if e.kind == "step" and e.seq < seen
              and e.data["call"]["skill"] == "open" and e.data["call"]["arguments"]["target"] in drawers]  # type: ignore[index, call-overload]
    assert seen < named
    assert opened, "a drawer was opened before the mug was known"


async def test_the_first_scene_graph_knows_no_movable_thing() -> None:
    async with stage(SceneSpec(name="House2"), ("trio",), make_brain(), planner=False) as on:
        events = await on.site.store.events(0, limit=10)
        first = events[0].data["put"]
    assert isinstance(first, list)
    assert len(first) > 40
    assert not [n for n in first if n.get("attributes", {}).get("pickupable")]  # type: ignore[index, call-overload, union-attr]


async def test_a_dump_of_ai2thor_metadata_is_a_scene(tmp_path: Path) -> None:
    if not DUMPS.exists():
        pytest.skip("no AI2-THOR reference data beside the checkout")
    with tarfile.open(DUMPS) as archive:
        member = archive.extractfile("objects_metadata_samples/FloorPlan1_physics.json")
        assert member is not None
        (tmp_path / "FloorPlan1.json").write_bytes(member.read())
    scene = SceneSpec(name="FloorPlan1", dump=str(tmp_path / "FloorPlan1.json"))
    goal = Goal(conditions=(Condition(select=Select(types=("Apple",)), at=Select(types=("Fridge",)), count=1),))
    async with stage(scene, ("trio",), make_brain()) as on:
        task, report = await run_instruction(on, "put the apple in the fridge", goal=goal)
    assert task.state == "succeeded", task.reason
    assert report is not None
    assert report.holds, report


async def test_two_tasks_do_not_see_each_others_work() -> None:
    async with stage(SceneSpec(name="Kitchen2"), ("duo",), make_brain()) as on:
        first, _ = await run_instruction(on, "turn off the light")
        second, _ = await run_instruction(on, "turn on the light")
        assert {first.state, second.state} == {"succeeded"}
        assert {a.task for a in await on.site.ledger.attempts(second.id)} == {second.id}
        assert all(t.state in TERMINAL for t in await on.site.ledger.tasks())
