"""Embodiment memory: what a robot is, what it can do, what it senses, and how its work ended."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fleetmind.memory.model import JsonValue, Model, Name, NodeId
from fleetmind.memory.nodes import Pose, Relation, StateValue


class SkillSpec(Model):
    """A skill as its robot declares it."""

    name: Name
    """`navigate_to`, `pick_up`, ..."""
    description: str = Field(max_length=1000)
    """First paragraph of the skill's docstring."""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """JSON schema of the arguments (type object); units stand in each description."""
    preconditions: tuple[str, ...] = ()
    """In words, over the arguments: `{object} is within reach`."""
    effects: tuple[str, ...] = ()
    """In words: `the robot holds {object}`."""
    resources: tuple[str, ...] = ()
    """What the skill occupies exclusively while it runs: `base`, `arm`."""
    retry_safe: bool = False
    """True: repeating it after a crash does no harm."""
    timeout_s: float = Field(120.0, gt=0, le=86_400)
    """Hard limit on one execution, wall seconds."""


class Battery(Model):
    """A battery, as simple as planning needs it: so much while standing, so much more while driving."""

    capacity_wh: float = Field(gt=0, le=100_000)
    """When full and new."""
    idle_w: float = Field(20.0, ge=0, le=10_000)
    """Drawn all the time."""
    drive_w: float = Field(60.0, ge=0, le=100_000)
    """Drawn besides while driving."""
    reserve: float = Field(0.15, ge=0, lt=1)
    """State of charge below which the robot takes no work: what it needs to get home."""

    def after(self, charge: float, *, duration_s: float, driving_s: float = 0.0) -> float:
        """State of charge (0 to 1) after work of that length, of which it drives so long."""
        used_wh = (self.idle_w * duration_s + self.drive_w * driving_s) / 3600
        return max(0.0, charge - used_wh / self.capacity_wh)


class RobotProfile(Model):
    """What a robot is. Readable while the robot is disconnected."""

    name: Name
    """Unique in the site."""
    model: str = Field("robot", max_length=64)
    """Make or body plan."""
    skills: tuple[SkillSpec, ...] = Field(max_length=256)
    """What it can do."""
    reach_m: float = Field(1.2, gt=0, le=10)
    """Highest point the gripper reaches above the floor, metres."""
    payload_kg: float = Field(1.0, ge=0, le=1000)
    """Heaviest thing it can lift, kilograms."""
    speed_mps: float = Field(0.5, gt=0, le=10)
    """Drive speed."""
    hands: int = Field(1, ge=0, le=4)
    """How many things it can hold."""
    body: tuple[float, float, float] | None = None
    """Length, width and height, metres."""
    battery: Battery | None = None
    """None: mains or not modelled."""

    def skill(self, name: str) -> SkillSpec | None:
        """The skill of that name, or None."""
        return next((s for s in self.skills if s.name == name), None)

    def has_skills(self, names: tuple[str, ...] | frozenset[str]) -> bool:
        """True when it has every one of them."""
        mine = {s.name for s in self.skills}
        return all(n in mine for n in names)


class SeenObject(Model):
    """One thing a robot sees, in the source's own id."""

    source_id: str = Field(min_length=1, max_length=256)
    """The world's or the detector's id."""
    type: str = Field(min_length=1, max_length=64)
    """Class of thing."""
    pose: Pose | None = None
    """In frame `map`."""
    size: tuple[float, float, float] | None = None
    """Metres along the map's axes."""
    parent: str | None = None
    """Source id of what it is in or on, or a robot's name, where the robot can tell."""
    relation: Relation | None = None
    """How."""
    states: dict[str, StateValue] = Field(default_factory=dict)
    """As in `Node.states`."""
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    """As in `Node.attributes`."""
    covariance: tuple[float, float, float, float, float, float] | None = None
    """Of the position, as in `Node.covariance`."""
    appearance: tuple[float, ...] | None = Field(None, min_length=1, max_length=1024)
    """Features of its looks, any length that the robots of a site share; compared by cosine."""
    confidence: float = Field(1.0, ge=0, le=1)
    """How sure the detector is that this is one of `type`."""
    distance_m: float | None = Field(None, ge=0)
    """From the robot."""
    reachable: bool = False
    """True: close enough and unobstructed, it can be manipulated from here."""
    held: bool = False
    """True: it is in a robot's hand, not necessarily the observer's."""


class Picture(Model):
    """A picture as bytes, or by the hash under which it was stored."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the encoded bytes."""
    mime: Literal["image/png", "image/jpeg"] = "image/png"
    """Encoding."""
    width: int = Field(gt=0, le=8192)
    """Pixels."""
    height: int = Field(gt=0, le=8192)
    """Pixels."""


class Observation(Model):
    """What a robot senses at one moment."""

    robot: Name
    """Who."""
    pose: Pose | None = None
    """Of its base, frame `map`."""
    holding: str | None = None
    """Source id of what it holds."""
    room: NodeId | None = None
    """Room it is in, where known (source id)."""
    objects: tuple[SeenObject, ...] = Field((), max_length=5000)
    """What is visible from here, the held thing included."""
    looked_into: tuple[str, ...] = ()
    """Source ids of receptacles whose whole content this observation shows (for the search)."""
    pictures: tuple[Picture, ...] = ()
    """References; the bytes travel beside the observation."""
    battery: float | None = Field(None, ge=0, le=1)
    """State of charge."""
    monotonic_s: float = 0.0
    """The robot's monotonic clock."""
    wall_s: float = 0.0
    """Unix time, for people; never used for ordering."""
    world_s: float = 0.0
    """Time of the world the robot is in (virtual in lockstep)."""


OutcomeCode = Literal[
    "succeeded",
    "failed",  # the robot tried and the world said no
    "blocked",  # something or somebody is in the way
    "unreachable",  # no place from which it can be done
    "not_found",  # the thing is not where it should be
    "precondition",  # what must hold before does not
    "unsupported",  # the robot has no such skill, or the thing cannot be handled so
    "invalid",  # malformed call
    "timeout",
    "stopped",  # the protective stop
    "cancelled",
    "lost",  # the robot or its connection went away; what it did is unknown
]


class Outcome(Model):
    """How a skill or a subtask ended."""

    code: OutcomeCode
    """What happened."""
    message: str = Field("", max_length=4000)
    """In words, for people and for the brain; a world's failure text verbatim."""
    done: dict[str, JsonValue] = Field(default_factory=dict)
    """What was really done (not what was asked): final pose, object moved, ..."""
    advice: Literal["", "retry", "replan", "stop"] = ""
    """What the robot recommends after a failure."""
    duration_s: float = Field(0.0, ge=0)
    """World seconds."""
    steps: int = Field(0, ge=0)
    """World actions or skill calls it took."""

    @property
    def ok(self) -> bool:
        """True when it succeeded."""
        return self.code == "succeeded"


class SkillCall(Model):
    """A skill with its arguments."""

    skill: Name
    """Name of the skill."""
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    """By parameter name; validated against the skill's schema before anything moves."""

    def text(self) -> str:
        """`pick_up(object=mug-3)`."""
        return f"{self.skill}({', '.join(f'{k}={v}' for k, v in self.arguments.items())})"
