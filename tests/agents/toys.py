"""A small body and a brain on rails, for tests of what lies between them: real gRPC, real ledger, no world."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

from fleetmind.agents import Embodiment, FleetService, FleetSettings, RobotAgent, RobotLink, SkillFailed, skill
from fleetmind.brain import Brain, DecomposeRequest, ImagePart, Plan, Refusal, Subtask, ThinkRequest, Thought
from fleetmind.memory import (
    LocalSite,
    Observation,
    Pose,
    RobotProfile,
    SeenObject,
    SkillCall,
)

TOKEN = "a-test-token-of-some-length"


class ToyBody(Embodiment):
    """Holds things by name; knows nothing of worlds.

    Args:
        name: of the robot.
        only: skills it declares; None: all.
        fails: called with skill and argument; returns a message when that call fails.
    """

    def __init__(self, name: str, *, only: tuple[str, ...] | None = None, delay_s: float = 0.0,
                 fails: Callable[[str, str], str] = lambda skill, argument: "") -> None:
        super().__init__()
        self._profile = RobotProfile(name=name, skills=self.skill_specs(only), reach_m=2.0, payload_kg=5.0)
        self._delay_s, self._fails = delay_s, fails
        self.held: str | None = None
        self.places: dict[str, str] = {}
        self.log: list[str] = []
        self.stops = 0

    @property
    def profile(self) -> RobotProfile:
        return self._profile

    async def connect(self) -> None:
        self.log.append("connect")

    async def disconnect(self) -> None:
        self.log.append("disconnect")

    def stop(self) -> None:
        self.stops += 1

    async def observe(self, *, pictures: bool = False) -> Observation:
        objects = [SeenObject(source_id=f"src-{n}", type="Mug", parent=p, relation="on",
                              attributes={"pickupable": True}) for n, p in self.places.items() if n != self.held]
        if self.held:
            objects.append(SeenObject(source_id=f"src-{self.held}", type="Mug", attributes={"pickupable": True}))
        return Observation(robot=self._profile.name, pose=Pose(x=0, y=0), objects=tuple(objects),
                           holding=f"src-{self.held}" if self.held else None, monotonic_s=time.monotonic())

    async def _act(self, what: str, argument: str) -> None:
        await self.motion()
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        message = self._fails(what, argument)
        if message:
            raise SkillFailed("failed", message, advice="retry")
        self.log.append(f"{what} {argument}")

    @skill(retry_safe=True)
    async def go(self, target: str) -> dict[str, Any]:
        """Go somewhere.

        Args:
            target: where.
        """
        await self._act("go", target)
        return {"at": target}

    @skill()
    async def take(self, object: str) -> dict[str, Any]:
        """Take something.

        Args:
            object: what.
        """
        await self._act("take", object)
        self.held = object
        return {}

    @skill()
    async def put(self, target: str) -> dict[str, Any]:
        """Put down what is held.

        Args:
            target: where.
        """
        await self._act("put", target)
        if self.held:
            self.places[self.held] = target
        self.held = None
        return {}


class RailBrain(Brain):
    """Returns given plans, and for each subtask runs its goal's words as calls: `go:table take:mug-1`."""

    name: ClassVar[str] = "rails"
    capabilities = frozenset({"decompose", "think"})

    def __init__(self, *plans: Plan | Refusal) -> None:
        self.plans = list(plans)
        self.requests: list[DecomposeRequest] = []
        self.thoughts: list[ThinkRequest] = []

    async def decompose(self, request: DecomposeRequest) -> Plan | Refusal:
        self.requests.append(request)
        return self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]

    async def think(self, request: ThinkRequest, pictures: tuple[ImagePart, ...] = ()) -> Thought:
        self.thoughts.append(request)
        words = request.subtask.goal.split()
        done = len([s for s in request.history if s.outcome.ok])
        if request.history and not request.history[-1].outcome.ok:
            return Thought(text=request.history[-1].outcome.message, status="stuck", advice="retry")
        if done >= len(words):
            return Thought(text="all done", status="done")
        name, _, argument = words[done].partition(":")
        parameter = {"go": "target", "take": "object", "put": "target"}.get(name, "target")
        return Thought(text=f"next is {words[done]}", status="act",
                       call=SkillCall(skill=name, arguments={parameter: argument} if argument else {}))


def subtask(name: str, goal: str, *, after: Sequence[str] = (), skills: tuple[str, ...] = ("go",),
            **more: Any) -> Subtask:
    """A subtask in one line."""
    return Subtask(id=name, goal=goal, skills=skills, depends_on=tuple(after), **more)


async def eventually(check: Callable[[], Any], *, timeout_s: float = 10.0) -> Any:
    """Wait until `check` (plain or async) returns something true; fails after the deadline."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = check()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {check}"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def fleet_of(tmp_path: Path, brain: Brain, bodies: Sequence[Embodiment], *, site: LocalSite | None = None,
                   settings: dict[str, Any] | None = None,
                   ) -> AsyncIterator[tuple[LocalSite, FleetService, list[RobotAgent]]]:
    """A fleet service with robots, all in this process but over real gRPC."""
    site = site or LocalSite()
    service = FleetService(site.store, site.ledger, brain, FleetSettings(
        token=TOKEN, state_dir=tmp_path, **{"lost_s": 1.0, "no_robot_grace_s": 1.0, **(settings or {})}))
    port = await service.start()
    agents, tasks = [], []
    for body in bodies:
        agent = RobotAgent(body, RobotLink(fleet=f"127.0.0.1:{port}", token=TOKEN, state_dir=tmp_path / "robots"))
        agents.append(agent)
        tasks.append(asyncio.create_task(agent.run()))
    try:
        await eventually(lambda: len(service.sessions) == len(bodies))
        yield site, service, agents
    finally:
        for agent in agents:
            agent.shut_down()
        await asyncio.gather(*tasks, return_exceptions=True)
        await service.stop()
