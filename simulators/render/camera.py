"""Cameras: an agent's eye, and one that looks straight down on the whole scene."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fleetmind.simulators.household.state import WALL_HEIGHT_M, Agent, Household
from fleetmind.simulators.household.visibility import FOV_DEG, camera_axes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Where a picture is taken from, in AI2-THOR's frame."""

    eye: Floats
    """(3,) metres."""
    right: Floats
    """(3,) unit vector."""
    up: Floats
    """(3,) unit vector."""
    ahead: Floats
    """(3,) unit vector."""
    half_width: float
    """Half the picture at depth 1 (perspective), or in metres (orthographic)."""
    half_height: float
    orthographic: bool
    near_m: float = 0.05


def agent_camera(agent: Agent, width: int, height: int) -> Camera:
    """An agent's eye: 90 degrees high, as wide as the picture's shape makes it."""
    right, up, ahead = camera_axes(agent.yaw, agent.horizon)
    slope = math.tan(math.radians(FOV_DEG) / 2)
    return Camera(eye=np.array(agent.eye), right=right, up=up, ahead=ahead, half_width=slope * width / height,
                  half_height=slope, orthographic=False)


def top_camera(state: Household, width: int, height: int, margin_m: float = 0.3) -> Camera:
    """Straight down on the whole scene; +z is up in the picture, +x to the right."""
    x0, x1 = min(r.x0 for r in state.rooms) - margin_m, max(r.x1 for r in state.rooms) + margin_m
    z0, z1 = min(r.z0 for r in state.rooms) - margin_m, max(r.z1 for r in state.rooms) + margin_m
    half_height = max((z1 - z0) / 2, (x1 - x0) / 2 * height / width)
    return Camera(
        eye=np.array([(x0 + x1) / 2, WALL_HEIGHT_M + 1.0, (z0 + z1) / 2]), right=np.array([1.0, 0.0, 0.0]),
        up=np.array([0.0, 0.0, 1.0]), ahead=np.array([0.0, -1.0, 0.0]), half_width=half_height * width / height,
        half_height=half_height, orthographic=True)


def windows(camera: Camera, lo: Floats, hi: Floats, width: int, height: int) -> npt.NDArray[np.int32]:
    """The pixels that each box may cover: (N, 4) of first column, first row, last column + 1, last row + 1."""
    corners = np.stack([np.where(pick, hi, lo) for pick in _CORNERS], axis=1) - camera.eye
    depth = corners @ camera.ahead
    u, v = corners @ camera.right, corners @ camera.up
    if not camera.orthographic:
        # Edges that cross the near plane are cut there: their other end is behind the eye.
        starts, ends = _EDGES[:, 0], _EDGES[:, 1]
        da, db = depth[:, starts], depth[:, ends]
        crossing = (da < camera.near_m) != (db < camera.near_m)
        share = (camera.near_m - da) / np.where(crossing, db - da, 1.0)
        cut_u = u[:, starts] + share * (u[:, ends] - u[:, starts])
        cut_v = v[:, starts] + share * (v[:, ends] - v[:, starts])
        usable = np.concatenate([depth >= camera.near_m, crossing], axis=1)
        depth = np.concatenate([depth, np.full(cut_u.shape, camera.near_m)], axis=1)
        u, v = np.concatenate([u, cut_u], axis=1), np.concatenate([v, cut_v], axis=1)
        safe = np.where(usable, depth, 1.0)
        u, v = u / safe, v / safe
    else:
        usable = np.ones(u.shape, dtype=bool)
    x = (u / camera.half_width + 1) * width / 2
    y = (1 - v / camera.half_height) * height / 2
    none = ~usable.any(axis=1)
    found = np.stack([
        np.floor(np.where(usable, x, np.inf).min(axis=1, initial=np.inf)),
        np.floor(np.where(usable, y, np.inf).min(axis=1, initial=np.inf)),
        np.ceil(np.where(usable, x, -np.inf).max(axis=1, initial=-np.inf)),
        np.ceil(np.where(usable, y, -np.inf).max(axis=1, initial=-np.inf))], axis=1)
    found[none] = 0.0
    found[:, [0, 2]] = found[:, [0, 2]].clip(0, width)
    found[:, [1, 3]] = found[:, [1, 3]].clip(0, height)
    return found.astype(np.int32)


_CORNERS = [np.array([bool(i & 4), bool(i & 2), bool(i & 1)]) for i in range(8)]
_EDGES = np.array([(i, i | bit) for i in range(8) for bit in (1, 2, 4) if not i & bit])
