"""Actions that move the agent or its camera."""

from __future__ import annotations

import math

from fleetmind.simulators.household.actions.registry import OK, Outcome, Scene, action, failed
from fleetmind.simulators.household.metadata import hand_point
from fleetmind.simulators.household.state import Agent

MIN_HORIZON_DEG = -30.0
MAX_HORIZON_DEG = 60.0


def carry(scene: Scene, agent: Agent) -> None:
    """Bring what the agent holds to its hand."""
    if agent.held is None:
        return
    x, y, z = hand_point(agent)
    cx, _, cz = agent.held.center
    agent.held.shift(x - cx, y - agent.held.lo[1], z - cz)
    room = scene.state.room_at(agent.x, agent.z)
    if room is not None:
        scene.state.set_room(agent.held, room.id)


def _move(scene: Scene, agent: Agent, bearing: float, magnitude: float | None, force: bool,
          intersect: bool) -> Outcome:
    """Drive straight towards a bearing relative to the agent's front, degrees."""
    step = scene.grid_m if magnitude is None else magnitude
    if step <= 0:
        return failed("moveMagnitude must be > 0")
    yaw = math.radians(agent.yaw + bearing)
    dx, dz = step * math.sin(yaw), step * math.cos(yaw)
    end = (round(agent.x + dx, 6), round(agent.z + dz, 6))
    by = f"({dx:.4f}, {0.0:.4f}, {dz:.4f})"
    if not scene.ground.inside(*end):
        return failed(f"Scene bounds do not contain target position: ({end[0]:.4f}, {agent.y:.4f}, {end[1]:.4f})")
    if not force:
        name = scene.ground.obstacle(agent.body.radius_m, (agent.x, agent.z), end)
        if name is not None:
            return failed(f"{name} is blocking Agent {agent.index} from moving by {by}.")
    if not (intersect or scene.agents_intersect or force):
        blocker = scene.ground.agent_in_way(agent, end)
        if blocker is not None:
            return failed(f"Agent {blocker.agent} is blocking Agent {agent.index} from moving by {by}.")
    agent.x, agent.z = end
    carry(scene, agent)
    return Outcome(success=True, amount=step)


@action("MoveAhead", cost="drive")
def move_ahead(scene: Scene, agent: Agent, *, moveMagnitude: float | None = None, forceAction: bool = False,
               allowAgentsToIntersect: bool = False, manualInteract: bool = False) -> Outcome:
    """Drive forward, metres."""
    return _move(scene, agent, 0.0, moveMagnitude, forceAction, allowAgentsToIntersect)


@action("MoveBack", cost="drive")
def move_back(scene: Scene, agent: Agent, *, moveMagnitude: float | None = None, forceAction: bool = False,
              allowAgentsToIntersect: bool = False, manualInteract: bool = False) -> Outcome:
    """Drive backward, metres."""
    return _move(scene, agent, 180.0, moveMagnitude, forceAction, allowAgentsToIntersect)


@action("MoveLeft", cost="drive")
def move_left(scene: Scene, agent: Agent, *, moveMagnitude: float | None = None, forceAction: bool = False,
              allowAgentsToIntersect: bool = False, manualInteract: bool = False) -> Outcome:
    """Drive sideways to the left, metres."""
    return _move(scene, agent, -90.0, moveMagnitude, forceAction, allowAgentsToIntersect)


@action("MoveRight", cost="drive")
def move_right(scene: Scene, agent: Agent, *, moveMagnitude: float | None = None, forceAction: bool = False,
               allowAgentsToIntersect: bool = False, manualInteract: bool = False) -> Outcome:
    """Drive sideways to the right, metres."""
    return _move(scene, agent, 90.0, moveMagnitude, forceAction, allowAgentsToIntersect)


def _turn(scene: Scene, agent: Agent, degrees: float) -> Outcome:
    agent.yaw = round((agent.yaw + degrees) % 360, 6) % 360
    carry(scene, agent)
    return Outcome(success=True, amount=abs(degrees))


@action("RotateRight", cost="turn")
def rotate_right(scene: Scene, agent: Agent, *, degrees: float = 90.0, manualInteract: bool = False,
                 forceAction: bool = False) -> Outcome:
    """Turn clockwise, degrees."""
    return _turn(scene, agent, degrees)


@action("RotateLeft", cost="turn")
def rotate_left(scene: Scene, agent: Agent, *, degrees: float = 90.0, manualInteract: bool = False,
                forceAction: bool = False) -> Outcome:
    """Turn anticlockwise, degrees."""
    return _turn(scene, agent, -degrees)


def _look(agent: Agent, degrees: float) -> Outcome:
    horizon = round(agent.horizon + degrees, 6)
    if not MIN_HORIZON_DEG <= horizon <= MAX_HORIZON_DEG:
        way = "down" if degrees > 0 else "up"
        limit = MAX_HORIZON_DEG if degrees > 0 else MIN_HORIZON_DEG
        return failed(f"can't look {way} beyond {abs(limit):g} degrees {'below' if degrees > 0 else 'above'} the "
                      "forward horizon")
    agent.horizon = horizon
    return Outcome(success=True, amount=abs(degrees))


@action("LookDown", cost="look")
def look_down(scene: Scene, agent: Agent, *, degrees: float = 30.0) -> Outcome:
    """Tilt the camera down, degrees."""
    return _look(agent, degrees)


@action("LookUp", cost="look")
def look_up(scene: Scene, agent: Agent, *, degrees: float = 30.0) -> Outcome:
    """Tilt the camera up, degrees."""
    return _look(agent, -degrees)


@action("Teleport", cost="free")
def teleport(scene: Scene, agent: Agent, *, position: dict[str, float] | None = None, x: float | None = None,
             y: float | None = None, z: float | None = None, rotation: dict[str, float] | float | None = None,
             horizon: float | None = None, standing: bool | None = None, forceAction: bool = False) -> Outcome:
    """Put the agent elsewhere; what is not given stays."""
    at = position or {}
    return _teleport(
        scene, agent, x if x is not None else at.get("x", agent.x), z if z is not None else at.get("z", agent.z),
        agent.yaw if rotation is None else rotation, agent.horizon if horizon is None else horizon,
        standing, forceAction)


@action("TeleportFull", cost="free")
def teleport_full(scene: Scene, agent: Agent, *, rotation: dict[str, float] | float, horizon: float, standing: bool,
                  position: dict[str, float] | None = None, x: float | None = None, y: float | None = None,
                  z: float | None = None, forceAction: bool = False) -> Outcome:
    """Put the agent elsewhere, everything given."""
    at = position or {}
    return _teleport(
        scene, agent, x if x is not None else at.get("x", agent.x), z if z is not None else at.get("z", agent.z),
        rotation, horizon, standing, forceAction)


def _teleport(scene: Scene, agent: Agent, x: float, z: float, rotation: dict[str, float] | float, horizon: float,
              standing: bool | None, force: bool) -> Outcome:
    yaw = rotation if isinstance(rotation, float) else rotation.get("y", agent.yaw)
    if isinstance(rotation, dict) and (rotation.get("x", 0.0) or rotation.get("z", 0.0)):
        return failed("No agents currently can change in pitch or roll. So, you must set rotation(x=0, y=yaw, z=0). "
                      f"You gave {rotation!r}.")
    if not MIN_HORIZON_DEG <= horizon <= MAX_HORIZON_DEG and not force:
        return failed(f"Each horizon must be in [-30:60]. You gave {horizon:g}.")
    if not force:
        if not scene.ground.inside(x, z):
            return failed(f"Teleport position ({x:.4f}, {agent.y:.4f}, {z:.4f}) out of scene bounds! "
                          "Ignore this by setting forceAction=true.")
        name = scene.ground.occupant(x, z, agent.body.radius_m)
        if name:
            return failed(f"Collided with: {name} when teleporting to ({x:.4f}, {agent.y:.4f}, {z:.4f}).")
        for other in scene.state.agents.values():
            near = math.dist((x, z), (other.x, other.z)) < other.body.radius_m + agent.body.radius_m
            if other is not agent and near and not scene.agents_intersect:
                return failed(f"Collided with: Agent {other.index} when teleporting to "
                              f"({x:.4f}, {agent.y:.4f}, {z:.4f}).")
    agent.x, agent.z, agent.yaw, agent.horizon = x, z, yaw % 360, horizon
    if standing is not None:
        agent.standing = standing
    carry(scene, agent)
    return OK


@action("Done", "NoOp", cost="free", loose=True)
def done(scene: Scene, agent: Agent) -> Outcome:
    """Nothing."""
    return OK


@action("Pass", cost="free", loose=True)
def pass_(scene: Scene, agent: Agent, *, seconds: float = 0.5) -> Outcome:
    """Wait that many virtual seconds (ours; AI2-THOR's has no argument), at most an hour."""
    return Outcome(success=True, seconds=min(max(seconds, 0.0), 3600.0))
