"""What the planner's nodes work with: store, ledger, brain, and the leases that make a task one planner's own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from fleetmind.agents.fleet.tasks import check_instruction, new_task_id
from fleetmind.brain import Brain, DecomposeRequest, Plan, Refusal, RobotView
from fleetmind.memory import (
    TERMINAL,
    FleetmindError,
    Lease,
    Ledger,
    Replica,
    Scene,
    SceneStore,
    StaleFence,
    SubtaskRecord,
    TaskRecord,
    TaskState,
    context,
)
from fleetmind.memory.retrieval import recent_events

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A proposal that is not in the ledger yet; lost with the process, and then made again."""

    proposal: Plan | Refusal
    """What the brain answered."""
    request: DecomposeRequest
    """What it was asked."""


@dataclass(frozen=True, kw_only=True)
class _PlanNote:
    version: int
    complete: bool
    notes: tuple[str, ...]


@dataclass(kw_only=True)
class PlannerDeps:
    """Context of the planner graph. One per planner process, shared by all its tasks."""

    store: SceneStore
    """The scene and the log."""
    ledger: Ledger
    """The work."""
    brain: Brain
    """What decomposes."""
    replica: Replica
    """The local copy of the scene; started by whoever makes these deps."""
    owner: str = field(default_factory=lambda: f"planner-{uuid.uuid4().hex}")
    """Incarnation of this planner."""
    max_tries: int = 3
    """Proposals per plan version before the task is refused."""
    max_replans: int = 12
    """Plans after the first before the task is given up."""
    lease_ttl_s: float = 3.0
    """A task's lease."""
    robots_return_s: float = 8.0
    """How long a replan waits for lost robots to come back."""
    look_again_s: float = 5.0
    """How long to trust the feed alone while waiting for a decision point."""
    drafts: dict[str, Draft] = field(default_factory=dict)
    """By task."""
    _leases: dict[str, Lease] = field(default_factory=dict)
    _renewals: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _plans: dict[str, _PlanNote] = field(default_factory=dict)

    def scene(self) -> Scene:
        """The scene as known here."""
        return self.replica.scene

    async def scene_text(self, instruction: str) -> str:
        """What of the scene and of the recent past matters for the instruction, within a prompt's budget."""
        recent = await recent_events(self.store)
        scene = self.scene()
        return context(scene, instruction, tuple(n.id for n in scene.of_kind("robot")), recent=recent).text

    async def robots(self) -> tuple[RobotView, ...]:
        """The fleet, the lost ones included."""
        scene = self.scene()
        views = []
        for name, (profile, state) in sorted((await self.ledger.robots()).items()):
            if state == "left":
                continue
            room, held = scene.room_of(name), scene.holding(name)
            views.append(RobotView(profile=profile, online=state == "online", room=room.id if room else None,
                                   holding=held.id if held else None))
        return tuple(views)

    # ownership -------------------------------------------------------------------------------------------
    async def submit(self, instruction: str) -> str:
        """Record a task for a graph that was started with an instruction only; returns its id."""
        task = TaskRecord(id=new_task_id(), instruction=check_instruction(instruction))
        await self.own(task.id)
        return (await self.ledger.submit(task)).id

    async def own(self, task_id: str) -> Lease:
        """Take the task's lease and keep it.

        Raises:
            Conflict: another planner has it.
        """
        held = self._leases.get(task_id)
        if held is not None:
            return held
        lease = await self.ledger.lease(f"task/{task_id}", self.owner, ttl_s=self.lease_ttl_s)
        self._leases[task_id] = lease
        self._renewals[task_id] = asyncio.create_task(self._keep(task_id, lease))
        return lease

    async def _keep(self, task_id: str, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self.lease_ttl_s / 4)
            try:
                await self.ledger.renew(lease)
            except StaleFence:
                try:
                    lease = await self.ledger.lease(f"task/{task_id}", self.owner, ttl_s=self.lease_ttl_s)
                    self._leases[task_id] = lease
                except FleetmindError:
                    return  # another planner has the task; the next fenced write of this one is refused
            except FleetmindError as error:
                log.warning("lease of task %s not renewed: %s", task_id, error)

    def lease_of(self, task_id: str) -> Lease | None:
        """The lease of a task this planner owns."""
        return self._leases.get(task_id)

    def forget(self, task_id: str) -> None:
        """The task has ended: let go of what was kept for it."""
        renewal = self._renewals.pop(task_id, None)
        if renewal is not None:
            renewal.cancel()
        self._leases.pop(task_id, None)
        self._plans.pop(task_id, None)
        self.drafts.pop(task_id, None)

    async def set_task(self, task_id: str, state: TaskState, *, reason: str = "", reason_code: str = "") -> None:
        """Change the task's state under this planner's lease; a task that was cancelled stays cancelled."""
        with contextlib.suppress(FleetmindError) if state in TERMINAL else contextlib.nullcontext():
            await self.ledger.set_task(task_id, state, reason=reason[:4000], reason_code=reason_code,
                                       lease=self.lease_of(task_id))

    # what must be remembered across plans ----------------------------------------------------------------
    async def remember(self, task_id: str, plan: Plan) -> None:
        """Keep a plan's notes durably: whether it is complete, and the brain's own notes."""
        task = await self.ledger.task(task_id)
        kept = await self.notes(task_id) or plan.notes
        note = _PlanNote(version=task.plan_version + 1, complete=plan.complete, notes=kept)
        self._plans[task_id] = note
        await self.store.append("note", {"task": task_id, "plan_version": note.version, "complete": note.complete,
                                         "notes": list(note.notes)}, source=self.owner)

    async def _plan_note(self, task_id: str) -> _PlanNote | None:
        if task_id not in self._plans:
            seq = await self._before(task_id)
            while events := await self.store.events(seq, limit=2000):
                for event in events:
                    if event.kind == "note" and event.data.get("task") == task_id and "complete" in event.data:
                        notes: Any = event.data.get("notes") or []
                        version: Any = event.data.get("plan_version") or 0
                        self._plans[task_id] = _PlanNote(version=int(version), complete=bool(event.data["complete"]),
                                                         notes=tuple(str(n) for n in notes))
                seq = events[-1].seq
        return self._plans.get(task_id)

    async def _before(self, task_id: str) -> int:
        """A version from before the task, as far back as the log goes."""
        try:
            return await self.store.version_at((await self.ledger.task(task_id)).created_s - 1.0)
        except FleetmindError as error:
            if error.code != "SCENE_HISTORY":
                raise
            oldest, _ = await self.store.base(())
            return oldest

    async def notes(self, task_id: str) -> tuple[str, ...]:
        """The brain's notes of the task's first plan."""
        note = await self._plan_note(task_id)
        return note.notes if note else ()

    async def plan_is_complete(self, task_id: str, version: int) -> bool:
        """False when the newest plan was only a step (a search) towards a plan."""
        note = await self._plan_note(task_id)
        return note is None or note.version != version or note.complete

    # waiting ---------------------------------------------------------------------------------------------
    async def settle(self, task_id: str) -> None:
        """Before a new plan: give robots that were lost a while to come back, and let the replica catch up."""
        deadline = time.monotonic() + self.robots_return_s
        while time.monotonic() < deadline:
            if all(state != "lost" for _, state in (await self.ledger.robots()).values()):
                break
            await asyncio.sleep(0.1)
        await self.replica.wait_for(await self.store.wait_for(0))

    async def wait_for_decision(self, task_id: str, version: int) -> str:
        """Wait until the planner is needed again: `done`, `failed` or `cancelled`."""
        while True:
            position = await self.store.wait_for(0)
            if point := await self._point_now(task_id, version):
                await self.replica.wait_for(position)
                return point
            try:
                # Look at the ledger again now and then: an event that was missed must not be waited for.
                return await asyncio.wait_for(self._next_point(task_id, version, position), self.look_again_s)
            except TimeoutError:
                continue

    async def _next_point(self, task_id: str, version: int, position: int) -> str:
        async for event in self.store.watch(position):
            about = event.data.get("task") or event.data.get("id")
            if about != task_id:
                continue
            if event.kind == "decision" and event.data.get("plan_version") == version:
                await self.replica.wait_for(event.seq)
                return str(event.data.get("point"))
            if event.kind == "task" and str(event.data.get("state")) in TERMINAL:
                return "cancelled"
        return "failed"

    async def _point_now(self, task_id: str, version: int) -> str:
        if (await self.ledger.task(task_id)).state in TERMINAL:
            return "cancelled"
        records = [r for r in await self.ledger.subtasks(task_id) if r.plan_version == version]
        return decision_of(records)


def decision_of(records: list[SubtaskRecord]) -> str:
    """The decision point a plan has reached, judged by its subtasks alone; empty while it goes on."""
    states = {r.state for r in records}
    if records and states == {"succeeded"}:
        return "done"
    if states & {"failed", "unknown"} and not states & {"ready", "claimed"}:
        return "failed"
    return ""
