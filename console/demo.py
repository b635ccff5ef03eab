"""`fleetmind demo` and `fleetmind up`: a site from nothing to a verified goal, and a site that stays."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleetmind.agents.fleet.tasks import check_instruction, new_task_id
from fleetmind.console.client import SiteClient
from fleetmind.console.config import FleetConfig, load_config
from fleetmind.console.goals import read_goal
from fleetmind.console.launcher import Launcher
from fleetmind.console.report import write_report
from fleetmind.console.view import PlainView, View, make_view
from fleetmind.memory import TERMINAL, FleetmindError, TaskRecord
from fleetmind.simulators import Goal, GoalReport
from fleetmind.training import Manifest, Recorder
from fleetmind.training.suite import Entry, load_suite

DEMO = "demo"
"""The suite with the demo's own task."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What the command line asked for."""

    config: Path | None
    """fleet.yaml."""
    overrides: dict[str, Any]
    """From flags."""
    task: str | None
    """Instruction; None: the demo's own."""
    goal: Path | None
    """File with a goal."""
    scene: str | None
    """Name of a scene; None: the demo's, or the file's."""
    out: Path
    """Where runs are kept."""
    live: bool
    """A live view instead of lines."""


def demo_entry() -> Entry:
    """The demo's task, with its scene and goal."""
    return load_suite(DEMO).entries[0]


async def run_demo(asked: Demo) -> int:
    """Start a site, run one task, judge it, write the report, leave nothing running.

    Returns:
        The exit code: 0 goal verified, 1 not, 3 done without a goal.
    """
    entry = demo_entry()
    instruction = check_instruction(asked.task) if asked.task is not None else entry.instruction
    goal = read_goal(asked.goal) if asked.goal is not None else (entry.goal if asked.task is None else None)
    config = _config(asked, entry)
    run_dir = _run_dir(asked.out, instruction)
    config = config.model_copy(update={"state_dir": run_dir / "state"})
    view = make_view(live=asked.live)
    view.say(f"task: {instruction}")
    view.say(f"scene {config.world.scene.name}, robots {', '.join(map(str, config.robots))}, run {run_dir}")
    stopping = _stop_on_signals()
    async with _started(Launcher(config, on_news=view.news), stopping) as site:
        view.say("processes: " + ", ".join(f"{role} {child.process.pid}" for role, child in site.children.items()
                                           if child.process is not None))
        recorder = Recorder(site.store, run_dir / "trajectory", await _manifest(site, config, instruction, goal),
                            blobs=site.state.root / "blobs", on_event=view.on_event)
        await recorder.start(await site.store.snapshot(), (await site.world.observe_all())["objects"])
        with view.showing(await site.ledger.robots()):
            task = await _run_task(site, recorder.manifest.task, instruction, goal, config.limits.task_s, stopping)
            await recorder.wait(3.0)
        report = await site.world.check(goal) if goal is not None else None
        await recorder.finish(
            await site.store.snapshot(), (await site.world.observe_all())["objects"], verdict=task.state,
            reason=task.reason, reason_code=task.reason_code, ended_s=time.time(), news=tuple(view.heard),
            goal_report=report.model_dump(mode="json") if report else None)
    if stopping.is_set():
        raise KeyboardInterrupt
    return _conclude(view, run_dir, task, goal, report)


def _config(asked: Demo, entry: Entry) -> FleetConfig:
    overrides = dict(asked.overrides)
    world = dict(overrides.get("world") or {})
    if asked.scene is not None:
        world["scene"] = {"name": asked.scene}
    elif asked.config is None:
        world["scene"] = entry.scene.model_dump(exclude_unset=True)
        world.setdefault("seed", entry.seed)
    overrides["world"] = world
    if asked.config is None:
        overrides.setdefault("robots", entry.robots)
    return load_config(asked.config, overrides=overrides)


def _run_dir(out: Path, instruction: str) -> Path:
    words = re.sub(r"[^a-z0-9]+", "-", instruction.lower()).strip("-")[:40].strip("-") or "task"
    path = out / f"{time.strftime('%Y%m%d-%H%M%S')}-{words}"
    try:
        path.mkdir(parents=True, exist_ok=False)
    except FileExistsError:
        path = path.with_name(f"{path.name}-{new_task_id()[-4:]}")
        path.mkdir(parents=True)
    except OSError as error:
        raise FleetmindError("RUN_DIR", f"cannot make {str(path)!r}: {error}; choose another with --out") from None
    return path


async def _manifest(site: Launcher, config: FleetConfig, instruction: str, goal: Goal | None) -> Manifest:
    profiles = tuple(profile for profile, _ in (await site.ledger.robots()).values())
    return Manifest(
        task=new_task_id(), instruction=instruction, robots=profiles, scene=config.world.scene.model_dump(mode="json"),
        seed=config.world.seed, brain=config.brain.kind, oracle=config.oracle, started_s=time.time(),
        goal=goal.model_dump(mode="json") if goal else None)


async def _run_task(site: Launcher, task_id: str, instruction: str, goal: Goal | None, limit_s: float,
                    stopping: asyncio.Event) -> TaskRecord:
    """Hand the task in as any client would, and wait for its end."""
    async with SiteClient(site.state.root) as client:
        await client.submit(instruction, goal=goal.model_dump(mode="json") if goal else None, task_id=task_id)
    deadline = time.monotonic() + limit_s
    while True:
        try:
            task = await site.ledger.task(task_id)
        except FleetmindError as error:
            if error.code != "STORE_UNAVAILABLE":
                raise
            task = None
        if task is not None and task.state in TERMINAL:
            return task
        if stopping.is_set() or site.dead or time.monotonic() > deadline:
            why = "interrupted" if stopping.is_set() else site.dead or f"not done within {limit_s:.0f} s"
            state = "cancelled" if stopping.is_set() else "failed"
            await site.ledger.cancel_open(task_id)
            return await site.ledger.set_task(task_id, state, reason=why,  # type: ignore[arg-type]
                                              reason_code="CANCELLED" if stopping.is_set() else (
                                                  "SITE_DEAD" if site.dead else "TASK_TIMEOUT"))
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _started(site: Launcher, stopping: asyncio.Event) -> AsyncIterator[Launcher]:
    """A running site; a signal during its start ends the start."""
    starting = asyncio.create_task(site.start())
    signalled = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({starting, signalled}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            raise KeyboardInterrupt
        starting.result()
        yield site
    finally:
        signalled.cancel()
        await site.close()


def _stop_on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _conclude(view: View, run_dir: Path, task: TaskRecord, goal: Goal | None, report: GoalReport | None) -> int:
    path = write_report(run_dir / "trajectory", run_dir)
    if task.state != "succeeded":
        view.say(f"{task.state}: {task.reason_code} {task.reason}")
        code = 1
    elif goal is None:
        view.say(f"done: {task.reason}; no goal to verify")
        code = 3
    else:
        assert report is not None
        for condition in report.conditions:
            view.say(f"  {'ok ' if condition.holds else 'NOT'} {condition.why}")
        view.say("goal verified by the world" if report.holds else "the task says done, but the goal does not hold")
        code = 0 if report.holds else 1
    view.say(f"report: {path}")
    return code


async def run_up(config_path: Path | None, overrides: dict[str, Any]) -> None:
    """Keep a site running until a signal arrives; never returns normally."""
    config = load_config(config_path, overrides=overrides)
    stopping = _stop_on_signals()
    view = PlainView()
    async with _started(Launcher(config, on_news=view.news), stopping) as site:
        view.say(f"site {config.site!r} is up in {site.state.root}")
        for role, child in site.children.items():
            view.say(f"  {role}: process {child.process.pid if child.process else '-'}")
        view.say('hand in a task: fleetmind task submit "..." --watch --state-dir ' + str(site.state.root))
        view.say("Ctrl-C ends it")
        while not stopping.is_set() and not site.dead:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await stopping.wait()
        view.say("ending")
    if site.dead:
        raise FleetmindError("SITE_DEAD", site.dead)
    raise KeyboardInterrupt

