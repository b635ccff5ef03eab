"""`kill -9` of a robot at ten random moments, three of them or more while it holds something."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fleetmind.console.demo import demo_entry
from fleetmind.memory import Event

from .sites import demo_config, effects_twice, judge, kill, run_watched, site_up

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kills")]
SEED = 20261122
OUTCOMES: list[tuple[str, bool, bool]] = []
"""Role killed, whether it held something, whether the task succeeded."""


def moments() -> list[tuple[str, int, bool]]:
    """Role, after how many steps of anybody, and whether to wait until the robot holds something."""
    rng = random.Random(SEED)
    holding = [("robot:porter", 1, True) for _ in range(4)]
    others = [(f"robot:{rng.choice(['porter', 'chef', 'scout'])}", rng.randint(1, 9), False) for _ in range(6)]
    return holding + others


@pytest.mark.parametrize(("role", "after", "holding"), moments())
async def test_a_kill_ends_truthfully(tmp_path: Path, role: str, after: int, holding: bool) -> None:
    name = role.split(":")[1]
    async with site_up(demo_config(tmp_path)) as (site, _):
        steps, killed = 0, []

        def on_event(event: Event) -> None:
            nonlocal steps
            if event.kind != "step" or killed:
                return
            steps += 1
            holds = event.data.get("robot") == name and bool(event.data.get("holding"))
            if steps >= after and (holds or not holding):
                killed.append(kill(site, role))
                OUTCOMES.append((role, holds, False))

        task, events = await run_watched(site, demo_entry().instruction, on_event, timeout_s=90)
        report = await judge(site)
        assert killed
        assert not effects_twice(events)
        # Truthful: it says succeeded exactly when the goal holds; a failure has a reason.
        assert (task.state == "succeeded") == report.holds, (task, report)
        assert task.state == "succeeded" or task.reason
        OUTCOMES[-1] = (*OUTCOMES[-1][:2], task.state == "succeeded")


def test_nine_of_ten_succeed_and_three_held_something() -> None:
    """Runs last in this file, in the same process."""
    if len(OUTCOMES) < len(moments()):
        pytest.skip("the kills ran in other processes: run this file with one worker")
    assert sum(held for _, held, _ in OUTCOMES) >= 3, OUTCOMES
    assert sum(success for _, _, success in OUTCOMES) >= 9, OUTCOMES
