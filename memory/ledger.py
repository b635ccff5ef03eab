"""The `Ledger` contract: the durable truth about tasks, plans, attempts and leases.

Delivery is at least once, commits are exactly once: a claim and a commit each are one atomic server-side
operation with a fence, and a commit may carry the scene change it belongs to.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from pydantic import Field

from fleetmind.memory.model import JsonValue, Model, Name
from fleetmind.memory.robots import Outcome, RobotProfile
from fleetmind.memory.store import Change

TaskState = Literal["queued", "planning", "running", "waiting", "succeeded", "failed", "refused", "cancelled"]
AttemptState = Literal["ready", "claimed", "running", "succeeded", "failed", "unknown", "cancelled"]
SubtaskState = Literal["waiting", "ready", "claimed", "succeeded", "failed", "unknown", "cancelled"]
TERMINAL: frozenset[str] = frozenset({"succeeded", "failed", "refused", "cancelled"})


class TaskRecord(Model):
    """A task as the ledger keeps it."""

    id: Name
    """Given at submission, e.g. `t-20261122-7f3a`."""
    instruction: str = Field(max_length=20_000)
    """What the person said."""
    state: TaskState = "queued"
    """Where it stands."""
    reason: str = ""
    """Why it ended so, or what it waits for."""
    reason_code: str = ""
    """Stable code of the reason, e.g. `NO_ROBOT`, `NOT_UNDERSTOOD`."""
    goal: dict[str, JsonValue] | None = None
    """The goal as data where one was given; the planner never sees it."""
    plan_version: int = 0
    """Version of the newest plan; 0 before the first."""
    created_s: float = 0.0
    """Unix time at the store."""
    updated_s: float = 0.0
    """Unix time at the store."""


class SubtaskRecord(Model):
    """A subtask as the ledger keeps it: the graph is here, the content is the brain's, opaque."""

    id: Name
    """Unique within the task and across plan versions, e.g. `v1-s3`."""
    task: Name
    """Its task."""
    plan_version: int = Field(1, ge=1)
    """The plan it came with."""
    depends_on: tuple[Name, ...] = ()
    """Subtasks of the same task that must have succeeded."""
    body: dict[str, JsonValue] = Field(default_factory=dict)
    """The brain's `Subtask` as JSON."""
    robot: Name | None = None
    """Whom the allocation chose; a hint to the dispatcher."""
    state: SubtaskState = "waiting"
    """`waiting` until its dependencies have succeeded."""
    attempts: int = 0
    """How many were claimed."""


class AttemptRecord(Model):
    """One try of a subtask by one robot."""

    id: str
    """`task/subtask/n`."""
    task: Name
    """Its task."""
    subtask: Name
    """Its subtask."""
    number: int = Field(ge=1)
    """1, 2, ..."""
    robot: Name
    """Who tries."""
    fence: int
    """Only a commit with this fence counts."""
    state: AttemptState = "claimed"
    """Where it stands."""
    outcome: Outcome | None = None
    """How it ended."""
    claimed_s: float = 0.0
    """Unix time at the store."""
    ended_s: float = 0.0
    """Unix time at the store."""


class Lease(Model):
    """The time-limited right of one process to act under a name."""

    name: str
    """`dispatcher`, `task/<id>`, `robot/<name>`."""
    owner: str
    """Incarnation of the process."""
    fence: int
    """Grows with every change of owner."""
    ttl_s: float
    """Lapses after this long without renewal."""


class Commit(Model):
    """Answer to a commit."""

    version: int
    """The site's version after it."""
    repeated: bool
    """True when this very outcome had been committed before; nothing was written again."""
    ready: tuple[str, ...] = ()
    """Ids of the task's subtasks that this commit made ready."""


class Ledger(ABC):
    """The truth about work. Every method may raise `StoreUnavailable`."""

    # leases ----------------------------------------------------------------------------------------------
    @abstractmethod
    async def lease(self, name: str, owner: str, *, ttl_s: float, take_over: bool = False) -> Lease:
        """Take a free, lapsed or one's own lease (or anybody's with `take_over`); a new owner gets a higher fence.

        Raises:
            Conflict: `LEASE_TAKEN`, somebody else holds it.
        """

    @abstractmethod
    async def renew(self, lease: Lease) -> None:
        """Prolong by the lease's ttl. A lapsed lease that nobody else took is still the newest: it revives.

        Raises:
            StaleFence: somebody else took it, or it was released.
        """

    @abstractmethod
    async def release(self, lease: Lease) -> None:
        """Give it back; harmless when already lost."""

    # robots ----------------------------------------------------------------------------------------------
    @abstractmethod
    async def put_robot(self, profile: RobotProfile, *, state: Literal["online", "lost", "left"],
                        detail: str = "") -> None:
        """Record a robot's profile and whether it is there; appends a `robot` event when something changed."""

    @abstractmethod
    async def robots(self) -> dict[str, tuple[RobotProfile, str]]:
        """Every robot known, with its state (`online`, `lost`, `left`)."""

    @abstractmethod
    async def busy(self) -> dict[str, str]:
        """The attempt each working robot runs, by robot."""

    @abstractmethod
    async def leases(self) -> dict[str, Lease]:
        """Every live lease, by name; `ttl_s` is what is left of it."""

    # tasks -----------------------------------------------------------------------------------------------
    @abstractmethod
    async def submit(self, task: TaskRecord) -> TaskRecord:
        """Record a new task. Repeating the same id with the same instruction returns the first record.

        Raises:
            FleetmindError: `TASK_EXISTS` when the id is taken by another instruction.
        """

    @abstractmethod
    async def task(self, task_id: str) -> TaskRecord:
        """Raises FleetmindError `TASK_UNKNOWN`."""

    @abstractmethod
    async def tasks(self) -> list[TaskRecord]:
        """All, oldest first."""

    @abstractmethod
    async def set_task(self, task_id: str, state: TaskState, *, reason: str = "", reason_code: str = "",
                       lease: Lease | None = None) -> TaskRecord:
        """Change a task's state. A terminal state is final: setting it again to the same is harmless.

        Ending a task cancels its unclaimed subtasks in the same operation; running attempts go on.

        Raises:
            StaleFence: `lease` (of `task/<id>`) was given and is no longer the newest.
            Conflict: `TASK_ENDED`, it has ended otherwise.
        """

    # plans and attempts ----------------------------------------------------------------------------------
    @abstractmethod
    async def open(self, task_id: str, version: int, subtasks: tuple[SubtaskRecord, ...], *,
                   reasoning: str = "", lease: Lease | None = None) -> None:
        """Open a plan version: unclaimed subtasks of older versions become cancelled, running ones go on.

        Opening the same version again is harmless. Dependencies may name subtasks of older versions that run or
        have succeeded.

        Raises:
            StaleFence: as in `set_task`.
            Conflict: `TASK_ENDED`.
            FleetmindError: `PLAN_CYCLE`, `PLAN_DANGLING`, `PLAN_VERSION` (older than the newest), `PLAN_INVALID`
                (a subtask of another task or version, an id used before), `PLAN_TOO_LARGE`.
        """

    @abstractmethod
    async def subtasks(self, task_id: str) -> list[SubtaskRecord]:
        """All subtasks of a task, all plan versions, in the order opened."""

    @abstractmethod
    async def ready(self, task_id: str | None = None) -> list[SubtaskRecord]:
        """Subtasks whose dependencies have succeeded and that nobody has claimed."""

    @abstractmethod
    async def claim(self, task_id: str, subtask_id: str, robot: str, *, lease: Lease) -> AttemptRecord:
        """Claim a ready subtask for a robot under the dispatcher's lease; the attempt gets a new fence.

        Raises:
            StaleFence: the dispatcher's lease was lost.
            Conflict: `NOT_READY` (somebody has claimed it, or it ended), `ROBOT_BUSY` (it runs another attempt).
            FleetmindError: `TASK_UNKNOWN`, `SUBTASK_UNKNOWN`.
        """

    @abstractmethod
    async def commit(self, attempt_id: str, fence: int, outcome: Outcome, *, retry: bool = False,
                     change: Change | None = None, lease: Lease | None = None) -> Commit:
        """End an attempt, and write the scene change with it, exactly once.

        `retry`: a failed subtask becomes ready again, else it is failed for good. Code `lost` makes the attempt
        `unknown`. Committing the same outcome code again returns `repeated=True`.

        Raises:
            StaleFence: the fence is not the attempt's.
            Conflict: `ATTEMPT_ENDED`, it had ended with another outcome.
            FleetmindError: `ATTEMPT_UNKNOWN`, and what `SceneStore.apply` raises for `change`; nothing is written.
        """

    @abstractmethod
    async def cancel_open(self, task_id: str, *, lease: Lease | None = None) -> list[AttemptRecord]:
        """Cancel every unclaimed subtask of the task; returns the attempts that are still running."""

    @abstractmethod
    async def attempts(self, task_id: str) -> list[AttemptRecord]:
        """All attempts of a task in the order claimed."""

    # the site ---------------------------------------------------------------------------------------------
    @abstractmethod
    async def clear(self) -> int:
        """Wipe the site: scene, work, robots and log. Versions and fences go on growing.

        Returns:
            The version of the wipe, the first event of the new log.

        Raises:
            Conflict: `SITE_IN_USE`, a lease is live.
        """
