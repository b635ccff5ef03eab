"""The scene graph as values: nodes with one parent relation each, and an immutable `Scene` to read.

Frame `map`: right-handed, z up, metres, radians, quaternion x y z w (REP 103).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
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


class Scene:
    """An immutable scene graph at one version. Cheap to read: parents, children and types are indexed."""

    def __init__(self, nodes: Iterable[Node] = (), *, version: int = 0, age_s: float = 0.0) -> None:
        self._nodes = {node.id: node for node in nodes}
        self.version = version
        """The site's version this scene is of."""
        self.age_s = age_s
        """How old the reader's copy may be, seconds (0 in-process)."""
        children: dict[str, list[str]] = {}
        types: dict[str, list[str]] = {}
        for node in self._nodes.values():
            types.setdefault(node.type, []).append(node.id)
            if node.parent is not None:
                children.setdefault(node.parent, []).append(node.id)
        self._children, self._types = children, types

    def evolve(self, put: Iterable[Node], remove: Iterable[str], *, version: int, age_s: float = 0.0) -> Scene:
        """The scene after a change; unchanged nodes and index entries are shared, this scene stays as it is."""
        nodes = dict(self._nodes)
        children, types = dict(self._children), dict(self._types)
        for node_id in remove:
            gone = nodes.pop(node_id, None)
            if gone is not None:
                _reindex(children, gone.parent, None, node_id)
                _reindex(types, gone.type, None, node_id)
        for node in put:
            old = nodes.get(node.id)
            nodes[node.id] = node
            _reindex(children, old.parent if old else None, node.parent, node.id)
            _reindex(types, old.type if old else None, node.type, node.id)
        return self._handle(nodes, children, types, version, age_s)

    def aged(self, age_s: float) -> Scene:
        """The same scene, with another age; costs nothing."""
        return self._handle(self._nodes, self._children, self._types, self.version, age_s)

    @classmethod
    def _handle(cls, nodes: dict[str, Node], children: dict[str, list[str]], types: dict[str, list[str]],
                version: int, age_s: float) -> Scene:
        scene = cls.__new__(cls)
        scene._nodes, scene._children, scene._types = nodes, children, types
        scene.version, scene.age_s = version, age_s
        return scene

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All nodes by id."""
        return MappingProxyType(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node_id: str) -> bool:
        return node_id in self._nodes

    def get(self, node_id: str) -> Node | None:
        """The node, or None."""
        return self._nodes.get(node_id)

    def __getitem__(self, node_id: str) -> Node:
        return self._nodes[node_id]

    def children(self, node_id: str) -> tuple[Node, ...]:
        """Nodes whose parent is `node_id`."""
        return tuple(self._nodes[child] for child in self._children.get(node_id, ()))

    def of_type(self, *types: str) -> tuple[Node, ...]:
        """Nodes of any of the types, in insertion order."""
        return tuple(self._nodes[i] for t in types for i in self._types.get(t, ()))

    def of_kind(self, kind: NodeKind) -> tuple[Node, ...]:
        """Nodes of one kind."""
        return tuple(node for node in self._nodes.values() if node.kind == kind)

    def ancestors(self, node_id: str) -> tuple[Node, ...]:
        """Parents upwards, nearest first; stops at a cycle or an unknown parent."""
        out: list[Node] = []
        seen = {node_id}
        node = self._nodes.get(node_id)
        while node is not None and node.parent is not None and node.parent not in seen:
            seen.add(node.parent)
            node = self._nodes.get(node.parent)
            if node is not None:
                out.append(node)
        return tuple(out)

    def room_of(self, node_id: str) -> Node | None:
        """The room the node is in; a room is in itself."""
        node = self._nodes.get(node_id)
        if node is not None and node.kind == "room":
            return node
        return next((n for n in self.ancestors(node_id) if n.kind == "room"), None)

    def holding(self, robot: str) -> Node | None:
        """What the robot holds, or None."""
        return next((n for n in self.children(robot) if n.relation == "held_by"), None)

    def near(self, pose: Pose, radius_m: float) -> tuple[Node, ...]:
        """Nodes within `radius_m` of the pose, nearest first."""
        found = [(n.pose.distance_m(pose), n.id) for n in self._nodes.values() if n.pose is not None]
        return tuple(self._nodes[i] for d, i in sorted(found) if d <= radius_m)


def _reindex(index: dict[str, list[str]], was: str | None, now: str | None, node_id: str) -> None:
    """Move an id from one entry to another, never changing a list that another scene shares."""
    if was == now:
        return
    if was is not None:
        left = [i for i in index.get(was, ()) if i != node_id]
        if left:
            index[was] = left
        else:
            index.pop(was, None)
    if now is not None:
        index[now] = [*index.get(now, ()), node_id]
