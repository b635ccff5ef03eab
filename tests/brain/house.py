"""A whole household in one process: the real world and bodies, and a planner's loop without wire or store server.

Robots work one after another, in the order of the plan's dependencies.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fleetmind.agents.allocate import allocate
from fleetmind.agents.bodies import bodies_of
from fleetmind.agents.building import building_nodes
from fleetmind.agents.perception import Perception
from fleetmind.agents.sim_embodiment import SimBody, SimEmbodiment
from fleetmind.agents.verify import in_order, verify
from fleetmind.brain.brain import Brain
from fleetmind.brain.plan import DecomposeRequest, Finished, Plan, Refusal, RobotView, Step, Subtask, ThinkRequest
from fleetmind.brain.symbolic import SymbolicBrain
from fleetmind.memory import Change, LocalSceneStore, LocalState, Outcome, RobotProfile
from fleetmind.simulators import Body
from fleetmind.simulators.goal import Goal
from fleetmind.simulators.household.world import HouseholdWorld
from fleetmind.simulators.world import SceneSpec

MAX_STEPS = 150
MAX_PLANS = 14


class _Seat:
    """A seat in a world of the same process."""

    def __init__(self, world: HouseholdWorld, name: str) -> None:
        self._world, self.name = world, name

    async def step(self, action: dict[str, Any]) -> Any:
        return self._world.step(self.name, action)

    async def observe(self, *, pictures: bool = False, width: int = 320, height: int = 240) -> Any:
        return self._world.observe(self.name)

    async def park(self) -> None:
        return None

    async def leave(self) -> None:
        return None


class _Client:
    def __init__(self, world: HouseholdWorld) -> None:
        self._world = world

    async def connect(self) -> None:
        return None

    async def seat(self, name: str) -> _Seat:
        return _Seat(self._world, name)

    async def close(self) -> None:
        return None


@dataclass
class Ended:
    """How a task ended."""

    verdict: str
    """`succeeded`, `failed` or a refusal code."""
    reason: str
    plans: list[Plan] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    """What was called, for reading."""


class House:
    """One scene with its fleet."""

    def __init__(self, spec: SceneSpec, fleet: list[str], *, seed: int = 0) -> None:
        self.world = HouseholdWorld()
        self.bodies: list[SimBody] = list(bodies_of(fleet))
        self.world.reset(spec, [Body(
            name=b.name, camera_height_m=b.camera_height_m, speed_mps=b.speed_mps, manipulation_s=b.manipulation_s)
            for b in self.bodies], seed=seed)
        self.robots: dict[str, SimEmbodiment] = {}
        self.online: set[str] = {b.name for b in self.bodies}
        store = LocalSceneStore(LocalState())
        self.store, self.perception = store, Perception(store)

    async def start(self) -> None:
        """Load the building plan and let every robot look once."""
        await self.store.apply(Change(put=building_nodes(self.world.layout())))
        self.perception.load(await self.store.snapshot())
        for body in self.bodies:
            robot = SimEmbodiment(body, "nowhere", token="t")
            robot._client = _Client(self.world)  # type: ignore[assignment]
            robot.scene = self.perception.scene()
            await robot.connect()
            self.robots[body.name] = robot
            await self.perception.ingest_or_recover(await robot.observe())

    def views(self) -> tuple[RobotView, ...]:
        """The fleet as a planner sees it."""
        scene = self.perception.scene()
        views = []
        for name, robot in self.robots.items():
            held, room = scene.holding(name), scene.room_of(name)
            views.append(RobotView(profile=robot.profile, online=name in self.online,
                                   room=room.id if room else None, holding=held.id if held else None))
        return tuple(views)

    def profile(self, name: str) -> RobotProfile:
        """A robot's profile."""
        return self.robots[name].profile

    def check(self, goal: Goal) -> bool:
        """The world's verdict."""
        return self.world.check(goal).holds

    async def run(self, instruction: str, brain: Brain | None = None) -> Ended:
        """Plan and carry out one instruction to its end."""
        brain = brain or SymbolicBrain()
        ended = Ended("failed", "too many plans")
        finished: list[Finished] = []
        notes: tuple[str, ...] = ()
        for version in range(1, MAX_PLANS + 1):
            scene = self.perception.scene()
            proposal = await brain.decompose(DecomposeRequest(
                task="t1", instruction=instruction, scene=tuple(scene), robots=self.views(),
                finished=tuple(finished), notes=notes))
            if isinstance(proposal, Refusal):
                return Ended(proposal.code, proposal.message, ended.plans, ended.steps)
            ended.plans.append(proposal)
            notes = notes or proposal.notes
            faults = verify(proposal, scene, self.views(), finished=[f.id for f in finished if f.ok])
            if faults:
                return Ended("failed", "; ".join(f.text() for f in faults), ended.plans, ended.steps)
            if not proposal.subtasks:
                verdict = "succeeded" if proposal.complete else "failed"
                return Ended(verdict, f"nothing left: {proposal.reasoning}", ended.plans, ended.steps)
            ok = await self._carry_out(brain, instruction, proposal, version, finished, ended)
            if ok and proposal.complete:
                return Ended("succeeded", "", ended.plans, ended.steps)
        return ended

    async def _carry_out(self, brain: Brain, instruction: str, plan: Plan, version: int, finished: list[Finished],
                         ended: Ended) -> bool:
        owners = allocate(plan.subtasks, self.perception.scene(), self.views()).robot_of()
        failed: set[str] = set()
        for subtask in in_order(plan.subtasks):
            if failed & set(subtask.depends_on):
                failed.add(subtask.id)
                continue
            robot = subtask.robot or owners[subtask.id]
            outcome = await self.attempt(brain, instruction, subtask, robot, ended)
            ended.steps.append(f"== v{version} {robot}: {subtask.goal}: {outcome.code} {outcome.message}")
            finished.append(Finished(id=f"v{version}-{subtask.id}", key=subtask.key, goal=subtask.goal, robot=robot,
                                     ok=outcome.ok, outcome=outcome))
            if not outcome.ok:
                failed.add(subtask.id)
        return not failed

    async def attempt(self, brain: Brain, instruction: str, subtask: Subtask, name: str, ended: Ended) -> Outcome:
        """One attempt of a subtask by a robot."""
        robot = self.robots[name]
        robot.scene = self.perception.scene()
        history: list[Step] = []
        for _ in range(MAX_STEPS):
            seen = await robot.observe()
            await self.perception.ingest_or_recover(seen)
            robot.scene = self.perception.scene()
            thought = await brain.think(ThinkRequest(
                task="t1", instruction=instruction, subtask=subtask, robot=robot.profile,
                scene=tuple(robot.scene), observation=seen, history=tuple(history)))
            if thought.status != "act" or thought.call is None:
                return self._judge(subtask, thought.status == "done", thought.text)
            outcome = await robot.execute(thought.call)
            ended.steps.append(f"   {name}: {thought.text} -> {thought.call.text()}: {outcome.code} {outcome.message}")
            history.append(Step(thought=thought.text, call=thought.call, outcome=outcome))
            if outcome.code == "blocked":
                await self._make_way(name)
        return Outcome(code="timeout", message=f"not done after {MAX_STEPS} steps")

    async def _make_way(self, name: str) -> None:
        for other, robot in self.robots.items():
            if other != name:
                await robot.make_way(name)

    def _judge(self, subtask: Subtask, ok: bool, text: str) -> Outcome:
        if not ok:
            return Outcome(code="failed", message=text, advice="replan")
        scene = self.perception.scene()
        missing = [f.text() for f in subtask.effects if not f.holds(scene)]
        if missing:
            message = f"reported done, but not seen: {'; '.join(missing)}. {text}"
            return Outcome(code="failed", message=message, advice="replan")
        return Outcome(code="succeeded", message=text)


def play(spec: SceneSpec, fleet: list[str], instruction: str, *, seed: int = 0, goal: Goal | None = None,
         away: tuple[str, ...] = ()) -> tuple[Ended, bool | None]:
    """Run one instruction in a fresh scene; returns how it ended and the world's verdict."""

    async def whole() -> tuple[Ended, bool | None]:
        house = House(spec, fleet, seed=seed)
        await house.start()
        house.online -= set(away)
        ended = await house.run(instruction)
        return ended, house.check(goal) if goal is not None else None

    return asyncio.run(whole())
