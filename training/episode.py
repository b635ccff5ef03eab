"""One episode: a task in one scene with one seed, with the whole fleet in this process.

The parts are the real ones (world server, fleet service, planner graph, robot agents, gRPC between them); only
the processes and the store server are left out, which makes an episode start in a fraction of a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleetmind.agents import (
    FleetService,
    FleetSettings,
    PlannerDeps,
    PlannerService,
    RobotAgent,
    RobotLink,
    SimBody,
    SimEmbodiment,
)
from fleetmind.agents.bodies import bodies_of, world_body
from fleetmind.agents.building import building_nodes, everything_nodes
from fleetmind.agents.fleet.tasks import new_task_id
from fleetmind.brain import Brain
from fleetmind.memory import TERMINAL, Change, Event, FleetmindError, FollowingReplica, LocalSite, Model, TaskRecord
from fleetmind.simulators import Goal, GoalReport, HouseholdWorld, SceneSpec, Tokens, WorldClient, WorldServer, clock_of
from fleetmind.training.recorder import Recorder
from fleetmind.training.suite import Entry
from fleetmind.training.trajectory import Manifest


class EpisodeResult(Model):
    """How one entry of a suite went."""

    entry: str
    """Its id."""
    task: str
    """What it is a wording of."""
    passed: bool
    """The goal holds in the world and the task says succeeded; or it was refused as it must be."""
    verdict: str
    """The task's end."""
    reason: str = ""
    """Why."""
    reason_code: str = ""
    """Stable code."""
    goal_holds: bool | None = None
    """The world's verdict; None where there is no goal."""
    goal_why: tuple[str, ...] = ()
    """The world's words on each condition."""
    plans: int = 0
    """Plan versions."""
    subtasks: int = 0
    """Subtasks that succeeded."""
    attempts: int = 0
    """Attempts made."""
    world_s: float = 0.0
    """World time at the end."""
    wall_s: float = 0.0
    """Wall time of the whole episode."""


@dataclass(kw_only=True)
class Stage:
    """A running in-process site."""

    site: LocalSite
    """Scene and ledger."""
    world: WorldClient
    """With the launcher's token."""
    service: FleetService
    """The fleet service."""
    bodies: tuple[SimBody, ...]
    """The fleet."""
    deps: PlannerDeps
    """For a planner graph of one's own."""


@asynccontextmanager
async def stage(scene: SceneSpec, robots: tuple[Any, ...], brain: Brain, *, seed: int = 0, clock: str = "lockstep",
                pictures: bool = False, oracle: bool = False, state_dir: Path | None = None,
                planner: bool = True) -> AsyncIterator[Stage]:
    """A whole site in this process, ready for tasks.

    Args:
        scene: what to build.
        robots: names of built-in robots or fleets, or descriptions.
        brain: plans and thinks.
        seed: of the scene.
        clock: of the world server.
        pictures: robots take pictures.
        oracle: debugging only: the first scene graph knows everything.
        state_dir: for journals and pictures; a temporary one when None.
        planner: run the ready planner; False leaves the planning to a graph of one's own.
    """
    async with contextlib.AsyncExitStack() as stack:
        root = state_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fleetmind-")))
        token, launcher_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        tokens = Tokens(site=token, launcher=launcher_token)
        server = WorldServer(HouseholdWorld(), tokens=tokens, clock=clock_of(clock))
        port = await server.start()
        stack.push_async_callback(server.stop)
        world = WorldClient(f"127.0.0.1:{port}", token=launcher_token)
        await world.connect()
        stack.push_async_callback(world.close)
        bodies = bodies_of(robots)
        await world.reset(scene, [world_body(b) for b in bodies], seed=seed)
        site = LocalSite()
        layout = await world.layout()
        nodes = building_nodes(layout)
        if oracle:
            nodes = everything_nodes(layout, (await world.observe_all())["objects"])
        await site.store.apply(Change(put=nodes, source="plan"))
        service = FleetService(site.store, site.ledger, brain,
                               FleetSettings(token=token, state_dir=root, pictures=pictures))
        fleet_port = await service.start()
        stack.push_async_callback(service.stop)
        await _robots(stack, bodies, f"127.0.0.1:{port}", f"127.0.0.1:{fleet_port}", token, root, service)
        replica = FollowingReplica(site.store)
        await replica.start()
        stack.push_async_callback(replica.stop)
        deps = PlannerDeps(store=site.store, ledger=site.ledger, brain=brain, replica=replica, robots_return_s=1.0)
        if planner:
            _background(stack, PlannerService(deps).run())
        yield Stage(site=site, world=world, service=service, bodies=bodies, deps=deps)


async def _robots(stack: contextlib.AsyncExitStack, bodies: tuple[SimBody, ...], world: str, fleet: str, token: str,
                  root: Path, service: FleetService) -> None:
    tasks = []
    for body in bodies:
        agent = RobotAgent(SimEmbodiment(body, world, token=token),
                           RobotLink(fleet=fleet, token=token, state_dir=root / "robots"))
        task = asyncio.create_task(agent.run())
        stack.push_async_callback(_end_agent, agent, task)
        tasks.append(task)
    deadline = time.monotonic() + 30
    while len(service.sessions) < len(bodies):
        for task in tasks:
            if task.done():
                task.result()
        if time.monotonic() > deadline:
            raise FleetmindError("EPISODE_START", f"only {sorted(service.sessions)!r} of {len(bodies)} robots joined")
        await asyncio.sleep(0.005)


async def _end_agent(agent: RobotAgent, task: asyncio.Task[None]) -> None:
    agent.shut_down()
    done, _ = await asyncio.wait({task}, timeout=3.0)
    if not done:
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _background(stack: contextlib.AsyncExitStack, work: Any) -> None:
    task = asyncio.create_task(work)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


async def run_instruction(on: Stage, instruction: str, *, goal: Goal | None = None, timeout_s: float = 120.0,
                          record_to: Path | None = None, manifest: Manifest | None = None,
                          on_event: Callable[[Event], None] | None = None) -> tuple[TaskRecord, GoalReport | None]:
    """Hand in one instruction, wait for its end, and let the world judge the goal.

    A task that does not end in time is cancelled and reported as it stands then.
    """
    task_id = new_task_id()
    recorder = None
    if record_to is not None:
        known = manifest or Manifest(task=task_id, instruction=instruction)
        recorder = Recorder(on.site.store, record_to, known.model_copy(update={"task": task_id}),
                            blobs=on.service.pictures.root, on_event=on_event)
        await recorder.start(await on.site.store.snapshot(), (await on.world.observe_all())["objects"])
    await on.site.ledger.submit(TaskRecord(id=task_id, instruction=instruction))
    deadline = time.monotonic() + timeout_s
    while (task := await on.site.ledger.task(task_id)).state not in TERMINAL:
        if time.monotonic() > deadline:
            await on.site.ledger.cancel_open(task_id)
            task = await on.site.ledger.set_task(task_id, "failed", reason=f"not done within {timeout_s:.0f} s",
                                                 reason_code="TASK_TIMEOUT")
            break
        await asyncio.sleep(0.01)
    report = await on.world.check(goal) if goal is not None else None
    if recorder is not None:
        await recorder.wait(5.0)
        await recorder.finish(
            await on.site.store.snapshot(), (await on.world.observe_all())["objects"], verdict=task.state,
            reason=task.reason, reason_code=task.reason_code, ended_s=time.time(),
            goal_report=report.model_dump(mode="json") if report else None)
    return task, report


async def run_entry(entry: Entry, brain: Brain, *, timeout_s: float = 120.0, record_to: Path | None = None,
                    pictures: bool = False, oracle: bool = False) -> EpisodeResult:
    """Run one entry of a suite from an empty site to its verdict."""
    started = time.monotonic()
    async with stage(entry.scene, entry.robots, brain, seed=entry.seed, pictures=pictures, oracle=oracle) as on:
        manifest = Manifest(
            task="pending", instruction=entry.instruction, started_s=time.time(), seed=entry.seed, brain=brain.name,
            robots=tuple(s.profile for s in on.service.sessions.values()), oracle=oracle,
            scene=entry.scene.model_dump(mode="json"), goal=entry.goal.model_dump(mode="json") if entry.goal else None)
        task, report = await run_instruction(on, entry.instruction, goal=entry.goal, timeout_s=timeout_s,
                                             record_to=record_to, manifest=manifest)
        subtasks = await on.site.ledger.subtasks(task.id)
        attempts = await on.site.ledger.attempts(task.id)
        status = await on.world.status()
    if entry.refuse is not None:
        passed = task.state == "refused" and task.reason_code == entry.refuse
    else:
        passed = task.state == "succeeded" and report is not None and report.holds
    return EpisodeResult(
        entry=entry.id, task=entry.task, passed=passed, verdict=task.state, reason=task.reason,
        reason_code=task.reason_code, goal_holds=report.holds if report else None,
        goal_why=tuple(c.why for c in report.conditions) if report else (), plans=task.plan_version,
        subtasks=sum(r.state == "succeeded" for r in subtasks), attempts=len(attempts),
        world_s=float(status.get("time_s") or 0.0), wall_s=time.monotonic() - started)
