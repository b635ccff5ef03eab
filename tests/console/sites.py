"""A real site for tests: every process of its own, in a temporary directory, on free ports."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fleetmind.agents.fleet.tasks import new_task_id
from fleetmind.console.client import SiteClient
from fleetmind.console.config import FleetConfig, load_config
from fleetmind.console.demo import demo_entry
from fleetmind.console.launcher import Launcher
from fleetmind.memory import TERMINAL, Event, TaskRecord
from fleetmind.simulators import GoalReport


def demo_config(tmp_path: Path, **overrides: Any) -> FleetConfig:
    """The demo's site without pictures."""
    entry = demo_entry()
    world = {"scene": entry.scene.model_dump(exclude_unset=True), "seed": entry.seed, "pictures": False,
             **overrides.pop("world", {})}
    return load_config(None, overrides={"state_dir": tmp_path / "state", "robots": entry.robots, "world": world,
                                        **overrides})


@asynccontextmanager
async def site_up(config: FleetConfig) -> AsyncIterator[tuple[Launcher, list[str]]]:
    """A running site, and what it had to tell."""
    news: list[str] = []
    async with Launcher(config, on_news=news.append) as site:
        yield site, news


def alive(pid: int) -> bool:
    """True while the process exists and is no zombie."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def run_watched(site: Launcher, instruction: str, on_event: Callable[[Event], None] | None = None, *,
                      timeout_s: float = 60.0) -> tuple[TaskRecord, list[Event]]:
    """Hand in a task and follow the feed until it has ended; the feed survives restarts of the services."""
    task_id = new_task_id()
    events: list[Event] = []
    position = await site.store.wait_for(0)
    async with SiteClient(site.state.root) as client:
        await client.submit(instruction, task_id=task_id)

    async def follow() -> None:
        nonlocal position
        async for event in site.store.watch(position):
            position = event.seq
            events.append(event)
            if on_event is not None:
                on_event(event)
            if event.kind == "task" and event.data.get("id") == task_id and event.data.get("state") in TERMINAL:
                return

    try:
        await asyncio.wait_for(follow(), timeout_s)
    except TimeoutError:
        raise AssertionError(f"the task did not end within {timeout_s} s; the last events: "
                             f"{[(e.kind, e.data.get('state'), e.source) for e in events[-8:]]}") from None
    return await site.ledger.task(task_id), events


async def judge(site: Launcher) -> GoalReport:
    """The world's verdict on the demo's goal."""
    goal = demo_entry().goal
    assert goal is not None
    return await site.world.check(goal)


def kill(site: Launcher, role: str) -> int:
    """SIGKILL a role's process; returns its former id."""
    pid = site.pid(role)
    assert pid is not None, role
    os.kill(pid, signal.SIGKILL)
    return pid


def effects_twice(events: list[Event]) -> list[str]:
    """Subtasks that succeeded more than once, by the log."""
    done = [f"{e.data.get('task')}/{e.data.get('subtask')}" for e in events
            if e.kind == "attempt" and e.data.get("state") == "succeeded"]
    return sorted({d for d in done if done.count(d) > 1})


async def gone(pids: list[int], *, timeout_s: float = 5.0) -> list[int]:
    """Those of the processes that are still there after the time."""
    deadline = time.monotonic() + timeout_s
    while (left := [p for p in pids if alive(p)]) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return left
