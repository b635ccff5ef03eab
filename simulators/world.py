"""The `World` contract: a simulated (or real) place in which bodies act, one small action at a time.

Coordinates here are AI2-THOR's: left-handed, y up, metres, degrees, yaw clockwise from +z. Only this room and
the simulated embodiment know them; everything else uses frame `map` (`simulators/frames.py` converts).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from fleetmind.simulators.goal import Goal, GoalReport

Action = Mapping[str, Any]
"""An action as AI2-THOR's client sends it: `{"action": "MoveAhead", "moveMagnitude": 0.25}`."""

ActionErrorCode = Literal["", "InvalidAction", "MissingArguments", "InvalidArgument", "AmbiguousAction"]


class Body(BaseModel):
    """The body a seat drives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    """Name of the agent, unique in the world."""
    radius_m: float = Field(0.2, gt=0, le=1)
    """Radius of the collision capsule, metres."""
    camera_height_m: float = Field(1.576, gt=0, le=3)
    """Height of the camera above the floor, metres (AI2-THOR: 1.576)."""
    speed_mps: float = Field(0.5, gt=0, le=5)
    """Drive speed; an action's virtual duration follows from it."""
    manipulation_s: float = Field(2.0, gt=0, le=60)
    """Virtual seconds one manipulation action takes."""
    colour: tuple[int, int, int] = (90, 120, 200)
    """RGB of the body in pictures of others."""


class Setup(BaseModel):
    """One change of a generated scene before the episode begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["ensure", "remove", "state"]
    """`ensure`: at least `count` objects of `type` exist, each placed at `at` if given (moved there or created);
    `remove`: all objects of `type` are taken away; `state`: the states are set on all (or `count`) of `type`."""
    type: str
    """Object type."""
    count: int = Field(1, ge=1, le=20)
    """How many (`state` without an explicit count means all)."""
    at: str | None = None
    """Receptacle type (`Fridge`) or exact object id in or on which to put it; None leaves the place to the scene."""
    room: str | None = None
    """Room type that the receptacle (or the object, for `state`) must be in."""
    states: dict[str, bool | str] = Field(default_factory=dict)
    """States by AI2-THOR metadata key, e.g. `{"isDirty": true}`."""


class SceneSpec(BaseModel):
    """What to build: a named scene and changes to it, or a dump of AI2-THOR object metadata."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """`Kitchen7`, `LivingRoom3`, `Bedroom12`, `Bathroom1` (1 to 30), `House4` (any number; rooms by seed)."""
    rooms: tuple[Literal["Kitchen", "LivingRoom", "Bedroom", "Bathroom"], ...] | None = None
    """For houses: the rooms wanted; None lets the number decide (2 to 4)."""
    dump: str | None = None
    """Path of a JSON file `{objectId: metadata}` (AI2-THOR 5.0.0); `name` is then only a label."""
    setup: tuple[Setup, ...] = ()
    """Changes applied in order."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one action did."""

    success: bool
    """True when the world accepted and carried out the action."""
    error: str = ""
    """AI2-THOR's failure text, empty on success."""
    error_code: ActionErrorCode = ""
    """Set when the action was malformed rather than impossible."""
    value: Any = None
    """AI2-THOR's actionReturn, e.g. a list of reachable positions."""
    duration_s: float = 0.0
    """Virtual seconds the action took."""
    time_s: float = 0.0
    """Virtual time of the world after the action."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What one agent senses: pictures are None where not asked for."""

    agent: str
    """Name of the agent."""
    time_s: float
    """Virtual time of the world."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """AI2-THOR 5.0.0 per-agent metadata (objects: see `World.observe`)."""
    rgb: npt.NDArray[np.uint8] | None = None
    """HxWx3 uint8."""
    depth: npt.NDArray[np.float32] | None = None
    """HxW float32, metres along the optical axis; inf where nothing is hit."""
    ids: npt.NDArray[np.int32] | None = None
    """HxW int32 instance ids; 0 is background; `id_names` maps the rest."""
    id_names: dict[int, str] = field(default_factory=dict)
    """Instance id to objectId (or agent name)."""


class World(ABC):
    """One place, several agents. Methods are synchronous and not thread-safe; one owner calls them."""

    @abstractmethod
    def reset(self, scene: SceneSpec, agents: Sequence[Body], *, seed: int = 0) -> None:
        """Build the scene and put the agents on free, distinct places. Same arguments, same world, bit for bit.

        Raises:
            WorldError: WORLD_SCENE when the scene cannot be built.
        """

    @abstractmethod
    def step(self, agent: str, action: Action, *, at_s: float | None = None) -> Result:
        """Carry out one action of one agent. Impossible actions are a Result with `success=False`.

        Args:
            agent: name of the agent.
            action: what to do, by AI2-THOR's names.
            at_s: virtual time at which the action starts; the world's time is set to it and does not advance,
                because the caller keeps the time. None: the action starts now and time advances by its duration.

        Raises:
            WorldError: WORLD_AGENT when there is no such agent.
        """

    @abstractmethod
    def observe(self, agent: str, *, pictures: bool = False, width: int = 320, height: int = 240,
                everything: bool = False) -> Frame:
        """What the agent senses now. Metadata may share nested values with frames given before: do not change them.

        Args:
            agent: name of the agent.
            pictures: also render RGB, depth and instance ids.
            width: picture width in pixels.
            height: picture height in pixels.
            everything: metadata of all objects instead of the visible ones (for the launcher, not for robots).
        """

    @abstractmethod
    def check(self, goal: Goal) -> GoalReport:
        """Judge the goal on ground truth."""

    @abstractmethod
    def layout(self) -> dict[str, Any]:
        """What a building plan would show: rooms and fixed furniture.

        Returns:
            `{"rooms": [{"id", "type", "polygon": [[x, z], ...]}], "doors": [[room id, room id], ...], "objects":
            [object metadata without what moves or is inside], "bounds": [xmin, zmin, xmax, zmax]}` in AI2-THOR
            coordinates; each object carries a `room` key beside the 42 of AI2-THOR.
        """

    @abstractmethod
    def observe_all(self, *, top_down: bool = False, width: int = 640, height: int = 480) -> dict[str, Any]:
        """Ground truth, for launchers and reports.

        Args:
            top_down: also draw the scene from above.
            width: width of that picture in pixels.
            height: height of that picture in pixels.

        Returns:
            `{"objects": [...], "agents": [...], "time_s": seconds, "scene": name}`, and on request `"top_down"`:
            uint8 array HxWx3.
        """

    @abstractmethod
    def advance_to(self, time_s: float) -> None:
        """Let virtual time pass; it never runs backwards."""

    def prepare_pictures(self) -> None:  # noqa: B027  (a world without a slow start has nothing to prepare)
        """Do whatever makes the first picture slow, e.g. compile. Safe in another thread, at any time."""

    @abstractmethod
    def close(self) -> None:
        """Release everything. Further calls raise WORLD_STATE."""
