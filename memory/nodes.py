"""The scene graph as values: nodes with one parent relation each.

Frame `map`: right-handed, z up, metres, radians, quaternion x y z w (REP 103).
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from fleetmind.memory.model import JsonValue, Model, Name, NodeId

NodeKind = Literal["site", "building", "floor", "room", "receptacle", "object", "robot", "person"]
Relation = Literal["in", "inside", "on", "held_by"]
"""`in` a room or region, `inside` a container, `on` a support, `held_by` a robot."""
StateValue = bool | str | float
LinkKind = Literal["connects", "same_as"]
"""`connects`: one can go from one to the other (a door and its rooms); `same_as`: two names of one thing. Both ways."""


class Pose(Model, revalidate_instances="always"):
    """A pose in frame `map`."""

    x: float
    """Metres."""
    y: float
    """Metres."""
    z: float = 0.0
    """Metres, up."""
    qx: float = 0.0
    """Quaternion x."""
    qy: float = 0.0
    """Quaternion y."""
    qz: float = 0.0
    """Quaternion z."""
    qw: float = 1.0
    """Quaternion w."""

    @model_validator(mode="after")
    def _unit_quaternion(self) -> Pose:
        norm = math.sqrt(self.qx**2 + self.qy**2 + self.qz**2 + self.qw**2)
        if not 0.99 <= norm <= 1.01:
            raise ValueError(f"quaternion norm {norm!r} is not 1: normalise qx, qy, qz, qw")
        return self

    @property
    def yaw_rad(self) -> float:
        """Rotation about z, radians in (-pi, pi]."""
        return math.atan2(2 * (self.qw * self.qz + self.qx * self.qy), 1 - 2 * (self.qy**2 + self.qz**2))

    def distance_m(self, other: Pose) -> float:
        """Straight distance, metres."""
        return math.dist((self.x, self.y, self.z), (other.x, other.y, other.z))


class Link(Model):
    """A relation beside the tree. It holds both ways, and may name a node that is not known (yet)."""

    relation: LinkKind
    """What sort."""
    to: NodeId
    """The other node."""


class Sighting(Model):
    """The newest word of one robot about one node; the evidence behind `Node.confidence`."""

    robot: Name
    """Who looked."""
    time_s: float
    """When, world time."""
    seen: bool = True
    """False: it was not where it should be."""
    confidence: float = Field(1.0, ge=0, le=1)
    """How sure the robot was."""


class Node(Model, revalidate_instances="always"):
    """One thing or place in the scene graph. Checked again inside a `Change`: `model_copy` checks nothing."""

    id: NodeId
    """Ours, e.g. `mug-3`; a source's own id is `attributes["source_id"]`."""
    kind: NodeKind
    """What sort of node."""
    type: str = Field(min_length=1, max_length=64)
    """Class of thing, AI2-THOR's where it has one: `Mug`, `Kitchen`."""
    parent: NodeId | None = None
    """The node this one is in, inside, on or held by."""
    relation: Relation | None = None
    """How; None exactly when `parent` is None."""
    pose: Pose | None = None
    """Centre of the node in frame `map`."""
    size: tuple[float, float, float] | None = None
    """Extent along the map's x, y and z axes, metres."""
    box: tuple[float, float, float] | None = None
    """Extent along the node's own axes, metres (the pose turns them); None: as `size`, not turned."""
    states: dict[str, StateValue] = Field(default_factory=dict)
    """What can change without moving: `open`, `on`, `dirty`, `sliced`, `cooked`, `broken`, `filled` (liquid or
    False), `temperature` (Hot, Cold, RoomTemp), `searched` (a robot has looked in or on it)."""
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    """What does not change: `source_id`, `mass_kg`, `materials`, and the affordances as true flags:
    `pickupable`, `receptacle`, `openable`, `toggleable`, `sliceable`, `fillable`, `dirtyable`, ..."""
    confidence: float = Field(1.0, ge=0, le=1)
    """How sure the source is that this holds."""
    last_seen_s: float | None = None
    """World time at which a robot last saw it; None: known from the building plan only."""
    source: str = "plan"
    """Who said so: `plan`, a robot's name, `operator`."""
    links: tuple[Link, ...] = Field((), max_length=64)
    """Relations beside the tree."""
    covariance: tuple[float, float, float, float, float, float] | None = None
    """Of the position, square metres: xx, xy, xz, yy, yz, zz. None: not known."""
    sightings: tuple[Sighting, ...] = Field((), max_length=16)
    """The newest of each robot, ordered by robot."""
    version: int = Field(0, ge=0)
    """Set by the store: the site's version at which this node last changed."""

    @model_validator(mode="after")
    def _relation_with_parent(self) -> Node:
        if (self.parent is None) != (self.relation is None):
            raise ValueError(f"node {self.id!r}: parent={self.parent!r} and relation={self.relation!r} go together")
        if self.parent == self.id:
            raise ValueError(f"node {self.id!r} cannot be its own parent")
        return self

    def is_a(self, flag: str) -> bool:
        """True when the affordance `flag` is set, e.g. `node.is_a("openable")`."""
        return self.attributes.get(flag) is True
