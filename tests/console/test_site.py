"""A site as real processes: it runs the demo's task, and survives the death of each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetmind.console.demo import demo_entry
from fleetmind.memory import Event

from .sites import alive, demo_config, effects_twice, gone, judge, kill, run_watched, site_up

ROLES = {"world", "safety", "fleet", "planner", "robot:porter", "robot:chef", "robot:scout"}


async def test_every_part_is_a_process_and_none_stays(tmp_path: Path) -> None:
    async with site_up(demo_config(tmp_path)) as (site, news):
        pids = {role: site.pid(role) for role in site.children}
        assert set(pids) == ROLES
        assert all(pid is not None and alive(pid) for pid in pids.values())
        store_pid = site._server.server_pid if site._server else 0
        assert alive(store_pid)
        task, events = await run_watched(site, demo_entry().instruction)
        assert task.state == "succeeded", task.reason
        report = await judge(site)
        assert report.holds, report
        assert not effects_twice(events)
        assert {e.data.get("robot") for e in events if e.kind == "step"} == {"porter", "chef", "scout"}
    assert await gone([*filter(None, pids.values()), store_pid]) == []
    assert news == []


async def test_a_robot_killed_while_it_holds_something_comes_back_holding_it(tmp_path: Path) -> None:
    async with site_up(demo_config(tmp_path)) as (site, news):
        killed: list[int] = []

        def on_event(event: Event) -> None:
            data = event.data
            if event.kind == "step" and data.get("robot") == "porter" and data.get("holding") and not killed:
                killed.append(kill(site, "robot:porter"))

        task, events = await run_watched(site, demo_entry().instruction, on_event)
        assert killed
        assert any("robot:porter is started again" in line for line in news)
        assert task.state == "succeeded", task.reason
        assert (await judge(site)).holds
        assert not effects_twice(events)


@pytest.mark.parametrize("role", ["planner", "fleet"])
async def test_a_killed_service_is_taken_up_where_it_was(tmp_path: Path, role: str) -> None:
    async with site_up(demo_config(tmp_path)) as (site, _):
        killed: list[int] = []

        def on_event(event: Event) -> None:
            if event.kind == "attempt" and event.data.get("state") == "succeeded" and not killed:
                killed.append(kill(site, role))

        task, events = await run_watched(site, demo_entry().instruction, on_event)
        assert killed
        assert task.state == "succeeded", task.reason
        assert (await judge(site)).holds
        assert not effects_twice(events)


async def test_without_restart_the_task_fails_naming_the_robot(tmp_path: Path) -> None:
    async with site_up(demo_config(tmp_path, restart=False)) as (site, _):
        killed: list[int] = []

        def on_event(event: Event) -> None:
            data = event.data
            if event.kind == "step" and data.get("robot") == "porter" and data.get("holding") and not killed:
                killed.append(kill(site, "robot:porter"))

        task, _ = await run_watched(site, demo_entry().instruction, on_event)
        assert killed
        assert task.state in ("failed", "refused")
        assert "porter" in task.reason
