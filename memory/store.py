"""The `SceneStore` contract: the scene graph of one site, shared by all its processes.

A write is one atomic round trip and returns the site's new version. Semantic operations check their
preconditions where the data is, so that two robots can never both grasp one cup.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

from pydantic import Field

from fleetmind.memory import loading, temporal
from fleetmind.memory.events import Event
from fleetmind.memory.model import Model, NodeId
from fleetmind.memory.nodes import Node, Pose, Relation, StateValue
from fleetmind.memory.scene import Scene
from fleetmind.memory.temporal import NodeRecord, SceneDiff, Stay


class Change(Model):
    """Several nodes written as one: all of it or nothing."""

    put: tuple[Node, ...] = Field((), max_length=100_000)
    """Nodes to create or replace whole (their `version` is ignored and set by the store)."""
    remove: tuple[NodeId, ...] = ()
    """Nodes to take away; their children must be moved or removed in the same change."""
    source: str = "plan"
    """Who says so."""


class Retention(Model):
    """How much of the past a site keeps: an event goes when it is beyond both limits. Then `at` ends where it was."""

    events: int = Field(200_000, ge=64, le=100_000_000)
    """The newest so many events are kept."""
    seconds: float = Field(0.0, ge=0, le=10 * 365 * 86_400)
    """And whatever is younger than this."""


class SceneStore(ABC):
    """The facts of a site. Every method may raise `StoreUnavailable`; refused writes change nothing."""

    @abstractmethod
    async def apply(self, change: Change, expected: Mapping[NodeId, int] | None = None) -> int:
        """Write the change if every node in `expected` has that version (0: does not exist).

        Returns:
            The site's version after the write (unchanged if the change is empty).

        Raises:
            Conflict: `SCENE_CONFLICT`, a version differs; both values are in the error.
            Conflict: `SCENE_HELD`, a put would take from one robot what another holds.
            FleetmindError: `SCENE_INVARIANT`: unknown parent, containment cycle, an orphaned child, a node twice in
                one change, a change of kind. `SCENE_TOO_LARGE`, `SCENE_INVALID`. Removing an unknown node is
                harmless.
        """

    @abstractmethod
    async def move(self, node: NodeId, relation: Relation, parent: NodeId, *, pose: Pose | None = None,
                   source: str = "plan") -> int:
        """Give the node a new parent; what it contains comes along, and keeps its pose relative to the node.

        Without `pose` the node has none afterwards, nor has what it contains: readers take the container's.

        Raises:
            Conflict: `SCENE_HELD`, a robot holds it.
            FleetmindError: `SCENE_UNKNOWN` node or parent, `SCENE_INVARIANT` cycle.
        """

    @abstractmethod
    async def grasp(self, robot: NodeId, node: NodeId) -> int:
        """The robot takes the node with all it contains; they lose their poses. Idempotent for who already holds it.

        Raises:
            Conflict: `SCENE_HELD` by another robot, `SCENE_HAND_FULL` when the robot holds something else.
            FleetmindError: `SCENE_UNKNOWN`; `SCENE_INVARIANT`, a room cannot be taken, a table cannot grasp.
        """

    @abstractmethod
    async def place(self, robot: NodeId, node: NodeId, relation: Relation, parent: NodeId, *,
                    pose: Pose | None = None) -> int:
        """The robot puts down what it holds.

        Raises:
            Conflict: `SCENE_NOT_HELD`, the robot does not hold the node.
            FleetmindError: `SCENE_UNKNOWN`, `SCENE_INVARIANT`.
        """

    @abstractmethod
    async def set_states(self, node: NodeId, states: Mapping[str, StateValue], *,
                         require: Mapping[str, StateValue] | None = None, source: str = "plan") -> int:
        """Merge states into the node if those in `require` hold (an unset state counts as False).

        Raises:
            Conflict: `SCENE_CONFLICT` with both values.
            FleetmindError: `SCENE_UNKNOWN`.
        """

    @abstractmethod
    async def set_open(self, node: NodeId, opened: bool, *, source: str = "plan") -> int:
        """Open or close what is openable. Idempotent: what is so already is not written.

        Raises:
            FleetmindError: `SCENE_UNKNOWN`; `SCENE_INVARIANT`, the node is not openable.
        """

    @abstractmethod
    async def snapshot(self) -> Scene:
        """The whole scene, consistent, at one version."""

    async def at(self, version: int | None = None, *, time_s: float | None = None) -> Scene:
        """The scene as it was at a version, or at a time of the store's clock (Unix seconds).

        Costs the scene and the events since the oldest version; a `Replica` answers from memory.

        Raises:
            FleetmindError: `SCENE_HISTORY` when it is before what the site keeps, or in the future.
        """
        if (version is None) == (time_s is None):
            raise temporal.one_of(version, time_s)
        return await temporal.rebuild(self, await self.version_at(time_s) if version is None else version)

    async def load(self, nodes: Iterable[Node], *, source: str = "import", batch: int = 500,
                   progress: Callable[[int, int], None] | None = None) -> int:
        """Put many nodes in batches, containers first, so that other writers get their turn; returns the version.

        Not atomic: when it fails some batches are written, and repeating it is harmless.

        Args:
            nodes: what to put, in any order; parents are among them or in the scene.
            source: who says so.
            batch: nodes in one write.
            progress: called after each batch with how many are written, and of how many.

        Raises:
            FleetmindError: as `apply`; `SCENE_INVARIANT` for nodes that contain each other.
        """
        return await loading.load(self, nodes, source=source, batch=batch, progress=progress)

    @abstractmethod
    async def version_at(self, time_s: float | None) -> int:
        """The version the site had at a time of its clock; the newest for None or a time to come.

        Raises:
            FleetmindError: `SCENE_HISTORY` before the oldest version that is kept.
        """

    @abstractmethod
    async def base(self, ids: Sequence[NodeId] | None = None) -> tuple[int, dict[str, Node]]:
        """The oldest version that can be rebuilt, and the nodes (all, or those asked for) as they were then."""

    @abstractmethod
    async def last_change(self, node: NodeId) -> int:
        """The version at which the node was last written or removed; 0 if it never was."""

    @abstractmethod
    async def retain(self, keep: Retention) -> None:
        """Set how much of the past the site keeps, for all its processes."""

    async def diff(self, a: int, b: int) -> SceneDiff:
        """What changed from version `a` to version `b`; costs the events between them.

        Raises:
            FleetmindError: `SCENE_HISTORY`.
        """
        return await temporal.diff(self, a, b)

    async def history(self, node: NodeId, *, limit: int = 100) -> list[NodeRecord]:
        """The node's changes, newest first, as far back as the site keeps; costs the answer."""
        return await temporal.history(self, node, limit=limit)

    async def where_was(self, node: NodeId, *, limit: int = 20) -> list[Stay]:
        """Where the node has been, newest first: in, inside, on or held by what, from when until when."""
        return await temporal.where_was(self, node, limit=limit)

    @abstractmethod
    def watch(self, since: int = 0) -> AsyncIterator[Event]:
        """Events after sequence number `since`, for ever, in order, without gaps.

        Raises:
            FleetmindError: `LOG_TRIMMED` when `since` is older than the log: take a new snapshot.
        """

    @abstractmethod
    async def events(self, since: int = 0, *, limit: int = 1000) -> list[Event]:
        """Up to `limit` events after `since`, without waiting."""

    @abstractmethod
    async def append(self, event_kind: str, data: Mapping[str, object], *, source: str = "") -> int:
        """Append a `step`, `robot`, `decision`, `stop` or `note` event; returns its sequence number."""

    @abstractmethod
    async def wait_for(self, version: int, *, timeout_s: float = 5.0) -> int:
        """Return once the site's version is at least `version` (read your writes through a replica).

        Raises:
            StoreUnavailable: not within `timeout_s`.
        """

    async def near(self, pose: Pose, radius_m: float) -> tuple[Node, ...]:
        """Nodes within a radius, nearest first. Takes a snapshot: who asks often follows with a `Replica`."""
        return (await self.snapshot()).near(pose, radius_m)

    def silence_s(self) -> float:
        """Seconds since the store last answered the feed; 0 for a store in this process."""
        return 0.0

    @abstractmethod
    async def close(self) -> None:
        """Release connections."""


class Replica(ABC):
    """A local copy that follows the feed; reads cost no round trip. Planner, fleet service and console have one."""

    @abstractmethod
    async def start(self) -> None:
        """Take a snapshot and follow the feed from there."""

    @property
    @abstractmethod
    def scene(self) -> Scene:
        """The newest scene known here; `version` and `age_s` say how new."""

    @abstractmethod
    async def at(self, version: int | None = None, *, time_s: float | None = None) -> Scene:
        """The scene as it was at a version or a time, from the scenes this replica has kept; else from the store.

        Raises:
            FleetmindError: `SCENE_HISTORY`.
        """

    @abstractmethod
    async def wait_for(self, version: int, *, timeout_s: float = 5.0) -> Scene:
        """The scene once it is at least at `version`."""

    @abstractmethod
    def subscribe(self, since: int | None = None) -> AsyncIterator[Event]:
        """Every event (all kinds) after `since` or after the scene as it is known here now.

        An event is given out when `scene` shows what it changed.
        """

    @abstractmethod
    async def stop(self) -> None:
        """Stop following."""
