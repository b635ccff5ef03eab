"""The household world: the `World` contract over rooms, things, actions and geometry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, assert_never

from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.goal import Goal, GoalReport
from fleetmind.simulators.household import check as checking
from fleetmind.simulators.household import dump, scenes, setup
from fleetmind.simulators.household.actions import Outcome, Scene, Spec, bind
from fleetmind.simulators.household.contextual import settle
from fleetmind.simulators.household.grid import GRID_M, Ground
from fleetmind.simulators.household.metadata import Records, agent_metadata, scene_bounds
from fleetmind.simulators.household.reach import stands
from fleetmind.simulators.household.state import Agent, Household
from fleetmind.simulators.household.visibility import Eyes, Seen
from fleetmind.simulators.world import Action, Body, Frame, Result, SceneSpec, World

if TYPE_CHECKING:
    from fleetmind.simulators.render import Painter

MAX_AGENTS = 64
FAILED_MOVE_S = 0.2
FAILED_MANIPULATION_S = 0.5
LOOK_S = 0.2
TURN_ARM_M = 0.25
"""A body turns as fast as a wheel this far from its axis drives."""
MAX_PICTURE = 2048


class HouseholdWorld(World):
    """Rooms full of AI2-THOR's object types, with its actions, states and failure texts.

    Args:
        reach_m: AI2-THOR's visibilityDistance: how far, horizontally, an agent can interact with things.
        sight_m: how far an agent sees things; AI2-THOR's own worlds use `reach_m` for both.
        allow_agents_to_intersect: agents drive through each other.
    """

    def __init__(self, *, reach_m: float = 1.5, sight_m: float = 6.0, allow_agents_to_intersect: bool = False) -> None:
        self._reach_m = reach_m
        self._sight_m = sight_m
        self._intersect = allow_agents_to_intersect
        self._scene: Scene | None = None
        self._records = Records(Household(name="", rooms=[], walls=[]))
        self._paints: Painter | None = None
        self._before: checking.Snapshot = {}
        self._closed = False

    # --- the contract --------------------------------------------------------------------------------------

    def reset(self, scene: SceneSpec, agents: Sequence[Body], *, seed: int = 0) -> None:
        """See `World.reset`."""
        if self._closed:
            raise WorldError("WORLD_STATE", "the world is closed; make a new one")
        names = [body.name for body in agents]
        if len(set(names)) != len(names):
            raise WorldError("WORLD_AGENT", f"agents={names!r}: every agent needs a name of its own")
        if len(names) > MAX_AGENTS:
            raise WorldError("WORLD_AGENT", f"{len(names)} agents are too many; at most {MAX_AGENTS}")
        if scene.dump is not None:
            state = dump.load(scene.dump, scene.name)
        else:
            state = scenes.build(scene.name, scene.rooms, seed)
        setup.apply(state, scene.setup)
        ground = Ground(state)
        _seat(state, ground, agents, seed)
        settle(state)
        self._scene = Scene(state, Eyes(state, reach_m=self._reach_m, sight_m=self._sight_m), ground,
                            agents_intersect=self._intersect, grid_m=GRID_M)
        self._records, self._paints = Records(state), None
        self._before = checking.snapshot(state)

    def step(self, agent: str, action: Action, *, at_s: float | None = None) -> Result:
        """See `World.step`."""
        scene, actor = self._find(agent)
        state = scene.state
        if at_s is not None:
            state.time_s = max(state.time_s, at_s)
        bound = bind(action)
        if isinstance(bound, Outcome):
            outcome, duration = bound, 0.0
        else:
            spec, arguments = bound
            outcome = spec.handler(scene, actor, **arguments)
            if spec.settles and outcome.success:
                settle(state)
            duration = _duration(actor.body, spec, outcome)
        if at_s is None:
            state.time_s += duration
        name = action.get("action")
        actor.last_action = name if isinstance(name, str) else ""
        actor.last_success, actor.last_error = outcome.success, outcome.error
        actor.last_error_code, actor.last_value = outcome.code, outcome.value
        return Result(success=outcome.success, error=outcome.error, error_code=outcome.code, value=outcome.value,
                      duration_s=duration, time_s=state.time_s if at_s is None else state.time_s + duration)

    def observe(self, agent: str, *, pictures: bool = False, width: int = 320, height: int = 240,
                everything: bool = False) -> Frame:
        """See `World.observe`."""
        scene, actor = self._find(agent)
        if not (1 <= width <= MAX_PICTURE and 1 <= height <= MAX_PICTURE):
            raise WorldError("WORLD_ACTION", f"picture {width!r}x{height!r}: each side must be 1 to {MAX_PICTURE}")
        seen = scene.eyes.look(actor)
        records = self._records
        objects = [records.of(s, actor) for s in seen if s.visible or everything]
        metadata = agent_metadata(scene.state, actor, objects, scene.eyes.agents(actor), width, height)
        if not pictures:
            return Frame(agent=agent, time_s=scene.state.time_s, metadata=metadata)
        picture = self._painter().agent(actor, width, height)
        return Frame(agent=agent, time_s=scene.state.time_s, metadata=metadata, rgb=picture.rgb,
                     depth=picture.depth, ids=picture.ids, id_names=picture.names)

    def check(self, goal: Goal) -> GoalReport:
        """See `World.check`."""
        return checking.check(goal, checking.snapshot(self._ready().state), self._before)

    def layout(self) -> dict[str, Any]:
        """See `World.layout`."""
        state = self._ready().state
        fixed = [t for t in state.things.values() if not t.kind.pickupable and t.active]
        center, size = scene_bounds(state)["center"], scene_bounds(state)["size"]
        return {
            "rooms": [
                {"id": r.id, "type": r.type, "polygon": [[r.x0, r.z0], [r.x1, r.z0], [r.x1, r.z1], [r.x0, r.z1]]}
                for r in state.rooms],
            "doors": scenes.doors(state.rooms),
            "objects": [_without_content(self._records.of(Seen(t, False, False), None)) for t in fixed],
            "bounds": [center["x"] - size["x"] / 2, center["z"] - size["z"] / 2, center["x"] + size["x"] / 2,
                       center["z"] + size["z"] / 2],
        }

    def close(self) -> None:
        """See `World.close`."""
        self._scene = None
        self._closed = True

    # --- beyond the contract -------------------------------------------------------------------------------

    @property
    def time_s(self) -> float:
        """Virtual time of the world."""
        return self._ready().state.time_s

    @property
    def agents(self) -> list[str]:
        """Names of the agents in order of reset."""
        return list(self._ready().state.agents)

    def advance_to(self, time_s: float) -> None:
        """See `World.advance_to`."""
        state = self._ready().state
        state.time_s = max(state.time_s, time_s)

    def prepare_pictures(self) -> None:
        """See `World.prepare_pictures`."""
        from fleetmind.simulators.render import prepare  # loads numba
        prepare()

    def observe_all(self, *, top_down: bool = False, width: int = 640, height: int = 480) -> dict[str, Any]:
        """See `World.observe_all`."""
        scene = self._ready()
        state = scene.state
        found: dict[str, Any] = {
            "objects": [self._records.of(Seen(t, False, False), None) for t in state.things.values()],
            "agents": [_agent_truth(a) for a in state.agents.values()],
            "time_s": state.time_s, "scene": state.name}
        if top_down:
            found["top_down"] = self._painter().top_down(width, height).rgb
        return found

    def _painter(self) -> Painter:
        from fleetmind.simulators.render import Painter  # loads numba, so only where pictures are wanted
        state = self._ready().state
        if self._paints is None:
            self._paints = Painter(state)
        return self._paints

    def _ready(self) -> Scene:
        if self._scene is None:
            why = "closed; make a new one" if self._closed else "not reset; call reset first"
            raise WorldError("WORLD_STATE", f"the world is {why}")
        return self._scene

    def _find(self, agent: str) -> tuple[Scene, Agent]:
        scene = self._ready()
        found = scene.state.agents.get(agent)
        if found is None:
            raise WorldError("WORLD_AGENT", f"agent {agent!r} is unknown; agents: {sorted(scene.state.agents)}")
        return scene, found


def _duration(body: Body, spec: Spec, outcome: Outcome) -> float:
    """Virtual seconds an action takes a body."""
    if outcome.seconds is not None:
        return outcome.seconds
    if not outcome.success:
        if spec.cost == "free":
            return 0.0
        return FAILED_MANIPULATION_S if spec.cost == "manipulate" else FAILED_MOVE_S
    match spec.cost:
        case "free":
            return 0.0
        case "drive":
            return outcome.amount / body.speed_mps
        case "turn":
            return math.radians(outcome.amount) * TURN_ARM_M / body.speed_mps
        case "look":
            return LOOK_S
        case "manipulate":
            return body.manipulation_s
    assert_never(spec.cost)


def _seat(state: Household, ground: Ground, bodies: Sequence[Body], seed: int) -> None:
    """Put agents on free places of one connected part of the floor, well apart."""
    if not bodies:
        return
    widest = max(body.radius_m for body in bodies)
    spots = stands(state, ground, widest)
    state.rng.shuffle(spots)
    chosen: list[tuple[float, float]] = []
    for apart in (1.0, 0.75, 0.5):
        for spot in spots:
            if len(chosen) < len(bodies) and all(math.dist(spot, c) >= max(apart, 2 * widest) for c in chosen):
                chosen.append(spot)
    if len(chosen) < len(bodies):
        raise WorldError("WORLD_SCENE", f"scene {state.name!r} has room for {len(chosen)} of {len(bodies)} agents; "
                         "use fewer or a larger scene")
    for index, (body, (x, z)) in enumerate(zip(bodies, chosen, strict=True)):
        yaw = state.rng.choice((0.0, 90.0, 180.0, 270.0))
        state.agents[body.name] = Agent(body=body, index=index, x=x, z=z, yaw=yaw)


def _without_content(metadata: dict[str, Any]) -> dict[str, Any]:
    """A building plan does not say what lies where."""
    if metadata["receptacleObjectIds"] is not None:
        metadata["receptacleObjectIds"] = []
    return metadata


def _agent_truth(agent: Agent) -> dict[str, Any]:
    return {
        "name": agent.body.name, "agentId": agent.index, "position": {"x": agent.x, "y": agent.y, "z": agent.z},
        "rotation": {"x": 0.0, "y": agent.yaw, "z": 0.0}, "cameraHorizon": agent.horizon,
        "holding": None if agent.held is None else agent.held.id, "lastAction": agent.last_action,
        "lastActionSuccess": agent.last_success, "errorMessage": agent.last_error}
