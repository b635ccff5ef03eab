"""The `SceneStore` contract: the scene graph of one site, shared by all its processes.

A write is one atomic round trip and returns the site's new version. Semantic operations check their
preconditions where the data is, so that two robots can never both grasp one cup.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping

from pydantic import Field

from fleetmind.memory.events import Event
from fleetmind.memory.model import Model, NodeId
from fleetmind.memory.scene import Node, Pose, Relation, Scene, StateValue


class Change(Model):
    """Several nodes written as one: all of it or nothing."""

    put: tuple[Node, ...] = Field((), max_length=100_000)
    """Nodes to create or replace whole (their `version` is ignored and set by the store)."""
    remove: tuple[NodeId, ...] = ()
    """Nodes to take away; their children must be moved or removed in the same change."""
    source: str = "plan"
    """Who says so."""


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
        """Give the node a new parent; what it contains comes along. Without `pose` the node has none afterwards.

        Raises:
            Conflict: `SCENE_HELD`, a robot holds it.
            FleetmindError: `SCENE_UNKNOWN` node or parent, `SCENE_INVARIANT` cycle.
        """

    @abstractmethod
    async def grasp(self, robot: NodeId, node: NodeId) -> int:
        """The robot takes the node, which loses its pose. Idempotent for the robot that already holds it.

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
    async def snapshot(self) -> Scene:
        """The whole scene, consistent, at one version."""

    @abstractmethod
    async def at(self, version: int) -> Scene:
        """The scene as it was at a version.

        Raises:
            FleetmindError: `SCENE_HISTORY` when the log no longer reaches back that far.
        """

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

    @abstractmethod
    async def near(self, pose: Pose, radius_m: float) -> tuple[Node, ...]:
        """Nodes within a radius, nearest first."""

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
