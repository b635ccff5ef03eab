"""Trajectories and suites: what is written can be read, what is broken says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetmind.brain import BrainConfig, make_brain
from fleetmind.memory import FleetmindError
from fleetmind.simulators import SceneSpec
from fleetmind.training import Manifest, read_trajectory
from fleetmind.training.episode import EpisodeResult, run_instruction, stage
from fleetmind.training.evaluation import rate, read_results, run_suite, summarise
from fleetmind.training.suite import Suite, load_suite

SMALL = Suite.model_validate({"name": "small", "entries": [
    {"id": "off", "task": "light", "instruction": "turn off the light", "scene": {"name": "Kitchen2"}, "fleet": "duo",
     "goal": {"conditions": [{"select": {"types": ["LightSwitch"]}, "states": {"isToggled": False}}]}},
    {"id": "fly", "task": "refuse", "instruction": "slice the fridge", "scene": {"name": "Kitchen2"}, "fleet": "duo",
     "refuse": "IMPOSSIBLE"},
]})


async def test_a_recorded_run_reads_back_whole(tmp_path: Path) -> None:
    async with stage(SceneSpec(name="Kitchen2"), ("duo",), make_brain(), pictures=True) as on:
        manifest = Manifest(task="pending", instruction="put the apple in the fridge", seed=0,
                            robots=tuple(s.profile for s in on.service.sessions.values()))
        task, _ = await run_instruction(on, manifest.instruction, record_to=tmp_path / "t", manifest=manifest)
    assert task.state == "succeeded", task.reason
    trajectory = read_trajectory(tmp_path / "t")
    assert trajectory.manifest.verdict == "succeeded"
    assert [p.version for p in trajectory.plans] == list(range(1, task.plan_version + 1))
    assert all(s.outcome.ok for s in trajectory.steps)
    assert {s.robot for s in trajectory.steps} <= {"chef", "scout"}
    apples = [n for n in trajectory.scene("after") if n.type == "Apple"]
    assert apples
    assert not [n for n in trajectory.scene("before") if n.type == "Apple"]
    assert trajectory.truth("before")
    pictures = [p for s in trajectory.steps for p in s.pictures]
    assert pictures
    assert all(trajectory.picture(p) is not None for p in pictures)


def test_a_torn_record_reads_up_to_the_tear(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(Manifest(task="t", instruction="x").model_dump_json())
    whole = {"seq": 1, "kind": "note", "time_s": 0.0}
    (tmp_path / "events.jsonl").write_text(json.dumps(whole) + "\n" + '{"seq": 2, "ki')
    assert [e.seq for e in read_trajectory(tmp_path).events] == [1]


@pytest.mark.parametrize(("manifest", "events", "words"), [
    (None, "", "cannot be read"),
    ("{", "", "cannot be read"),
    ("[]", "", "not a trajectory"),
    ('{"format": "fleetmind-trajectory", "version": 99}', "", "reads 1 to"),
    ('{"format": "fleetmind-trajectory", "version": "1; drop"}', "", "reads 1 to"),
    ('{"format": "fleetmind-trajectory", "version": 1, "task": "t"}', "", "instruction"),
    ('{"format": "fleetmind-trajectory", "version": 1, "task": "t", "instruction": "x"}', "{}\n", "line 1"),
    ('{"format": "fleetmind-trajectory", "version": 1, "task": "t", "instruction": "x"}',
     '{"seq": 2, "kind": "note", "time_s": 0}\n{"seq": 1, "kind": "note", "time_s": 0}\n', "out of order"),
])
def test_what_is_no_trajectory_is_refused(tmp_path: Path, manifest: str | None, events: str, words: str) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / "events.jsonl").write_text(events)
    with pytest.raises(FleetmindError, match="TRAJECTORY") as caught:
        read_trajectory(tmp_path)
    assert words in str(caught.value)


@given(st.integers(1, 500), st.data())
def test_intervals_hold_the_share(total: int, data: st.DataObject) -> None:
    passed = data.draw(st.integers(0, total))
    found = rate(passed, total)
    assert 0 <= found.low <= passed / total <= found.high <= 1


def test_the_built_in_suites_load() -> None:
    household = load_suite("household")
    assert len(household.entries) == 66
    assert sum(e.refuse is not None for e in household.entries) == 6
    assert len({e.task for e in household.entries if e.goal}) == 20
    assert len({e.scene.name for e in household.entries}) == 12
    assert {e.fleet for e in household.entries} == {"duo", "trio"}
    assert len(load_suite("demo").entries) == 1


@pytest.mark.parametrize(("text", "words"), [
    ("{", "not YAML"), ("[]", "SUITE"), ("{name: a, entries: []}", "entries"),
    ("{name: a, entries: [{id: x, task: y, instruction: z, scene: {name: Kitchen1}}]}", "goal"),
    ("{name: a, entries: [{id: x, task: y, instruction: z, scene: {nam: Kitchen1}, refuse: EMPTY}]}", "scene"),
])
def test_a_broken_suite_names_the_entry(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(text)
    with pytest.raises(FleetmindError, match="SUITE") as caught:
        load_suite(str(path))
    assert words in str(caught.value)


def test_a_suite_runs_resumes_and_refuses_to_mix(tmp_path: Path) -> None:
    summary = run_suite(SMALL, tmp_path, brain=BrainConfig(), workers=1, timeout_s=60)
    assert (summary.tasks.passed, summary.refusals.passed) == (1, 1), summary
    assert summary.good
    path = tmp_path / "results.jsonl"
    first = path.read_text()
    lines = first.splitlines()
    path.write_text(lines[0] + "\n" + lines[1][:20])
    seen: list[str] = []
    again = run_suite(SMALL, tmp_path, brain=BrainConfig(), workers=1, timeout_s=60,
                      on_result=lambda r, done, total: seen.append(r.entry))
    assert len(seen) == 1, "only what was missing was run again"
    assert again.good
    assert len(read_results(path)) == 2
    with pytest.raises(FleetmindError, match="SUITE_MIXED"):
        run_suite(SMALL.model_copy(update={"version": 2}), tmp_path, brain=BrainConfig())
    with pytest.raises(FleetmindError, match="SUITE_SELECT"):
        run_suite(SMALL, tmp_path, brain=BrainConfig(), only=("dance",))


def test_a_failure_counts() -> None:
    def result(entry: str, *, passed: bool) -> EpisodeResult:
        return EpisodeResult(entry=entry, task="x", passed=passed, verdict="failed")

    half = summarise(SMALL, "symbolic", [result("off", passed=False), result("fly", passed=True)])
    assert (half.tasks.passed, half.tasks.total, half.refusals.passed, half.good) == (0, 1, 1, False)
    assert half.failed == ("off",)
    wrong = summarise(SMALL, "symbolic", [result("off", passed=True), result("fly", passed=False)])
    assert not wrong.good, "one refusal that was not made is one too many"
