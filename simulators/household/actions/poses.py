"""Questions about places: where one can drive, and from where one can work on an object."""

from __future__ import annotations

from typing import Any

import numpy as np

from fleetmind.simulators.household.actions.registry import Outcome, Scene, action, failed
from fleetmind.simulators.household.state import AGENT_Y_M, Agent
from fleetmind.simulators.household.visibility import in_frustum, sample_points

YAWS: tuple[float, ...] = (0.0, 90.0, 180.0, 270.0)
HORIZONS: tuple[float, ...] = (-30.0, 0.0, 30.0, 60.0)


@action("GetReachablePositions", cost="free")
def get_reachable_positions(scene: Scene, agent: Agent, *, gridSize: float | None = None,
                            maxStepCount: int | None = None, directionsRelativeAgent: bool = False) -> Outcome:
    """Grid points that the agent could drive to; other agents are ignored."""
    grid = scene.grid_m if gridSize is None else gridSize
    if not 0.05 <= grid <= 2.0:
        return failed(f"gridSize must be in [0.05:2]. You gave {grid:g}.")
    points = scene.ground.reachable(agent.x, agent.z, agent.body.radius_m, grid)
    return Outcome(success=True, value=[{"x": x, "y": agent.y, "z": z} for x, z in points.tolist()])


@action("GetInteractablePoses", cost="free")
def get_interactable_poses(scene: Scene, agent: Agent, *, objectId: str,
                           positions: list[dict[str, float]] | None = None, rotations: list[float] | None = None,
                           horizons: list[float] | None = None, standings: list[bool] | None = None,
                           maxDistance: float | None = None, maxPoses: int | None = None) -> Outcome:
    """Poses from which the agent could interact with an object, nearest first."""
    thing = scene.state.things.get(objectId)
    if thing is None or not thing.active:
        return failed(f"object not found: {objectId}")
    if thing.held_by is not None or thing.hidden():
        return Outcome(success=True, value=[])
    limit = scene.eyes.reach_m if maxDistance is None else maxDistance
    if positions is None:
        spots = scene.ground.reachable(agent.x, agent.z, agent.body.radius_m, scene.grid_m)
    else:
        spots = np.array([[p.get("x", 0.0), p.get("z", 0.0)] for p in positions]).reshape(-1, 2)
    dx = np.maximum(np.maximum(thing.lo[0] - spots[:, 0], spots[:, 0] - thing.hi[0]), 0.0)
    dz = np.maximum(np.maximum(thing.lo[2] - spots[:, 1], spots[:, 1] - thing.hi[2]), 0.0)
    spots = spots[dx * dx + dz * dz <= limit * limit]
    points = sample_points(thing)
    poses: list[dict[str, Any]] = []
    most = 100_000 if maxPoses is None else maxPoses
    for x, z in spots.tolist():
        eye = (x, agent.y - AGENT_Y_M + agent.body.camera_height_m, z)
        clear = points[scene.eyes.clear_from(eye, thing, points)]
        if not len(clear):
            continue
        for yaw in YAWS if rotations is None else rotations:
            for horizon in HORIZONS if horizons is None else horizons:
                if in_frustum(eye, yaw, horizon, clear).any():
                    poses.append({"x": x, "y": agent.y, "z": z, "rotation": yaw, "horizon": horizon,
                                  "standing": True})
        if len(poses) >= most:
            break
    return Outcome(success=True, value=poses[:most])
