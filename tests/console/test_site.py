"""A site as real processes: it runs the demo's task, and survives the death of each of them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fleetmind.console.demo import demo_entry
from fleetmind.memory import EmbeddedServer, Event, FleetmindError

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


async def test_a_store_of_the_users_own_serves_as_well(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "mine", "anything") as mine:
        url = mine.url.replace("redis://", f"redis://:{mine.token}@")
        config = demo_config(tmp_path, store={"url": url}, robots=("duo",))
        async with site_up(config) as (site, _):
            assert site._server is None
            shown = (site.state.root / "site.json").read_text(encoding="utf-8")
            assert mine.token not in shown
            task, _ = await run_watched(site, "make the kitchen dark")
            assert task.state == "succeeded", task.reason
        logs = "".join(p.read_text(errors="replace") for p in (site.state.root / "logs").iterdir())
        assert mine.token not in logs


async def test_a_killed_store_server_loses_nothing(tmp_path: Path) -> None:
    async with site_up(demo_config(tmp_path)) as (site, news):
        assert site._server is not None
        server, killed = site._server, []

        def on_event(event: Event) -> None:
            if event.kind == "attempt" and event.data.get("state") == "succeeded" and not killed:
                killed.append(server.server_pid)
                os.kill(server.server_pid, signal.SIGKILL)

        task, events = await run_watched(site, demo_entry().instruction, on_event)
        assert killed
        assert any("store server" in line for line in news)
        assert task.state == "succeeded", task.reason
        assert (await judge(site)).holds
        assert not effects_twice(events)


async def test_a_robot_started_by_hand_joins(tmp_path: Path) -> None:
    config = demo_config(tmp_path, robots=("duo",), by_hand=("scout",))
    async with site_up(config) as (site, _):
        assert site.pid("robot:scout") is None
        command = [sys.executable, "-m", "fleetmind.console.cli", "robot", "scout", "--state-dir", str(site.state.root)]
        robot = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
        try:
            task, _ = await run_watched(site, "make the kitchen dark")
            assert task.state == "refused", "nobody here could reach a switch yet"
            for _ in range(2000):
                if (await site.ledger.robots()).get("scout", (None, ""))[1] == "online":
                    break
                await asyncio.sleep(0.01)  # until the deadline of the loop
            task, _ = await run_watched(site, "make the kitchen dark")
            assert task.state == "succeeded", task.reason
        finally:
            robot.terminate()
            assert robot.wait(10) in (0, 143, -15)


@pytest.mark.parametrize("role", ["fleet", "safety"])
async def test_a_busy_port_is_named(tmp_path: Path, role: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(FleetmindError, match=f"PROCESS_START.*{role}.*PORT_BUSY.*{port}"):
            async with site_up(demo_config(tmp_path, ports={role: port})):
                pass
