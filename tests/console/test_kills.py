"""`kill -9` of a robot at ten random moments, three of them or more while it holds something."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fleetmind.console.demo import demo_entry
from fleetmind.memory import Event

from .sites import demo_config, effects_twice, judge, kill, run_watched, site_up

pytestmark = pytest.mark.slow
SEED = 20261122


def moments() -> list[tuple[str, int, bool]]:
    """Role, after how many steps of anybody, and whether to wait until the robot holds something."""
    rng = random.Random(SEED)
    holding = [("robot:porter", 1, True) for _ in range(4)]
    others = [(f"robot:{rng.choice(['porter', 'chef', 'scout'])}", rng.randint(1, 9), False) for _ in range(6)]
    return holding + others


async def one_kill(state: Path, role: str, after: int, *, holding: bool) -> tuple[bool, bool]:
    """Kill the robot at the moment; returns whether it held something, and whether the task succeeded."""
    name = role.split(":")[1]
    async with site_up(demo_config(state)) as (site, _):
        steps, held = 0, list[bool]()

        def on_event(event: Event) -> None:
            nonlocal steps
            if event.kind != "step" or held:
                return
            steps += 1
            holds = event.data.get("robot") == name and bool(event.data.get("holding"))
            if steps >= after and (holds or not holding):
                kill(site, role)
                held.append(holds)

        task, events = await run_watched(site, demo_entry().instruction, on_event, timeout_s=90)
        report = await judge(site)
        assert held, "nobody was killed"
        assert not effects_twice(events)
        # Truthful: it says succeeded exactly when the goal holds; a failure has a reason.
        assert (task.state == "succeeded") == report.holds, (task, report)
        assert task.state == "succeeded" or task.reason
        return held[0], task.state == "succeeded"


@pytest.mark.timeout(900)
async def test_ten_kills_end_truthfully_and_nine_succeed(tmp_path: Path) -> None:
    outcomes = [await one_kill(tmp_path / str(number), role, after, holding=holding)
                for number, (role, after, holding) in enumerate(moments())]
    assert len(outcomes) == 10
    assert sum(held for held, _ in outcomes) >= 3, outcomes
    assert sum(success for _, success in outcomes) >= 9, outcomes
