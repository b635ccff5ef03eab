"""The dispatcher: starts each subtask the moment what it depends on has succeeded, and commits how it ended.

Event-driven, never a poll and never a barrier. The ledger is the truth; what is kept here is a mirror that is
rebuilt from it after a restart.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fleetmind.agents.capability import cannot
from fleetmind.agents.fleet.session import Session
from fleetmind.agents.fleet.slices import slice_for, small_scene
from fleetmind.agents.perception import Perception
from fleetmind.agents.protocol import fleet_pb2
from fleetmind.agents.protocol.convert import to_wire
from fleetmind.brain import Subtask
from fleetmind.memory import (
    AttemptRecord,
    Conflict,
    FleetmindError,
    Lease,
    Ledger,
    Outcome,
    SceneStore,
    StaleFence,
    SubtaskRecord,
)

log = logging.getLogger(__name__)
Key = tuple[str, str]
MAX_ATTEMPTS = 3
NO_ROBOT_GRACE_S = 6.0
"""How long ready work waits for a capable robot to come (back) before the planner is asked."""


@dataclass(kw_only=True)
class Work:
    """A subtask that is not over."""

    record: SubtaskRecord
    """As the ledger has it."""
    subtask: Subtask
    """As the brain wrote it."""
    instruction: str
    """The task's."""
    waiting_on: set[str]
    """Dependencies that have not succeeded yet."""
    state: str = "waiting"
    """`waiting`, `ready`, `claiming`, `claimed`, `succeeded`, `failed`, `unknown`, `cancelled`."""
    tried: list[str] = field(default_factory=list)
    """Robots that tried, in order."""
    ready_since: float = 0.0
    """Monotonic time since when nothing but a robot is missing."""
    why: str = ""
    """Why it failed."""


class Dispatcher:
    """Matches ready subtasks with idle robots.

    Args:
        ledger: the truth about work.
        store: for decision points.
        perception: the scene, for slices and for judging effects.
        lease: gives the dispatcher's current lease.
    """

    def __init__(self, ledger: Ledger, store: SceneStore, perception: Perception, lease: Callable[[], Lease],
                 *, no_robot_grace_s: float = NO_ROBOT_GRACE_S) -> None:
        self._ledger, self._store, self._perception, self._lease = ledger, store, perception, lease
        self._grace_s = no_robot_grace_s
        self.works: dict[Key, Work] = {}
        self.sessions: dict[str, Session] = {}
        # Work of each task that has not succeeded: what matching and decisions look at, so that neither grows
        # with what is done.
        self._open: dict[str, dict[str, Work]] = {}
        self._attempts: dict[str, Key] = {}
        self._fences: dict[str, int] = {}
        self._dependents: dict[Key, list[Key]] = {}
        self._decided: dict[str, tuple[int, str]] = {}
        self._kick = asyncio.Event()
        self._starting: set[asyncio.Task[None]] = set()
        self._versions: dict[str, int] = {}
        self.held_back = ""
        """Why nothing is dispatched (a latched stop), empty when it is."""

    # what comes in ---------------------------------------------------------------------------------------
    async def load_task(self, task_id: str) -> None:
        """Read a task's subtasks from the ledger: after a new plan, or after a restart."""
        task = await self._ledger.task(task_id)
        records = await self._ledger.subtasks(task_id)
        attempts = await self._ledger.attempts(task_id)
        self._versions[task_id] = task.plan_version
        done = {r.id for r in records if r.state == "succeeded"}
        for record in records:
            key = (task_id, record.id)
            known = self.works.get(key)
            if known is not None:
                if record.state == "cancelled" and known.state in ("waiting", "ready"):
                    known.state = "cancelled"
                known.record = record
                continue
            work = Work(record=record, subtask=Subtask.model_validate(record.body), instruction=task.instruction,
                        waiting_on=set(record.depends_on) - done, state=record.state)
            if work.state == "waiting" and not work.waiting_on:
                work.state = "ready"
            work.ready_since = time.monotonic()
            self.works[key] = work
            if work.state != "succeeded":
                self._open.setdefault(task_id, {})[record.id] = work
            for dependency in record.depends_on:
                self._dependents.setdefault((task_id, dependency), []).append(key)
        for attempt in attempts:
            self._attempts[attempt.id] = (task_id, attempt.subtask)
            work = self.works[(task_id, attempt.subtask)]
            if attempt.robot not in work.tried:
                work.tried.append(attempt.robot)
        self.kick()
        await self._decide(task_id)

    def drop_task(self, task_id: str) -> None:
        """Forget a task that has ended."""
        for key in [k for k in self.works if k[0] == task_id]:
            del self.works[key]
            self._dependents.pop(key, None)
        for attempt in [a for a, k in self._attempts.items() if k[0] == task_id]:
            del self._attempts[attempt]
            self._fences.pop(attempt, None)
        self._open.pop(task_id, None)
        self._decided.pop(task_id, None)
        self._versions.pop(task_id, None)

    def kick(self) -> None:
        """Something changed: look for a match at the next turn of the loop."""
        self._kick.set()

    def work_of(self, attempt_id: str) -> Work | None:
        """The work an attempt belongs to."""
        key = self._attempts.get(attempt_id)
        return self.works.get(key) if key else None

    # matching --------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """Match for ever."""
        while True:
            try:
                async with asyncio.timeout(0.5):  # `wait_for` of Python 3.11 may lose a cancellation
                    await self._kick.wait()
            except TimeoutError:
                await self._complain()
            self._kick.clear()
            if not self.held_back:
                self._match()

    def _match(self) -> None:
        idle = {name for name, session in self.sessions.items() if session.idle}
        if not idle:
            return
        ready = [w for works in self._open.values() for w in works.values() if w.state == "ready"]
        # Work goes to whom the allocation chose; a robot with nothing of its own takes over what is capable of.
        owned = {w.record.robot for w in ready}
        for work in ready:
            if not idle:
                return
            chosen = self._choose(work, idle, owned)
            if chosen is not None:
                idle.discard(chosen)
                self._begin(work, self.sessions[chosen])

    def _choose(self, work: Work, idle: set[str], owned: set[str | None]) -> str | None:
        pinned = work.subtask.robot
        if pinned is not None:
            return pinned if pinned in idle else None
        hint = work.record.robot
        failed_by_hint = hint in work.tried
        if hint in idle and not failed_by_hint:
            return hint
        able = [name for name in sorted(idle) if self._able(work, name)]
        fresh = [name for name in able if name not in work.tried]
        if failed_by_hint or hint not in self.sessions:
            others_exist = any(n not in work.tried and self._able(work, n) for n in self.sessions)
            choice = fresh or ([] if others_exist else able)
            return choice[0] if choice else None
        return next((name for name in fresh if name not in owned), None)

    def _able(self, work: Work, name: str) -> bool:
        return not cannot(self.sessions[name].profile, work.subtask, self._perception.nodes)

    def _begin(self, work: Work, session: Session) -> None:
        work.state = "claiming"
        session.begin(f"{work.record.task}/{work.record.id}/?", 0, work.subtask)
        task = asyncio.create_task(self._start(work, session))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, work: Work, session: Session) -> None:
        record = work.record
        try:
            attempt = await self._ledger.claim(record.task, record.id, session.name, lease=self._lease())
        except FleetmindError as error:
            log.warning("claim of %s/%s for %s refused: %s", record.task, record.id, session.name, error)
            session.end()
            work.state = "ready" if error.code == "STORE_UNAVAILABLE" else "waiting"
            await self._refresh(record.task, record.id)
            return
        self._attempts[attempt.id], self._fences[attempt.id] = (record.task, record.id), attempt.fence
        work.state = "claimed"
        work.tried.append(session.name)
        session.begin(attempt.id, attempt.fence, work.subtask)
        if self.sessions.get(session.name) is not session:
            # Its stream broke while the claim was under way: nobody else knows of this attempt.
            await self.finish(attempt.id, attempt.fence, Outcome(
                code="lost", advice="replan", message=f"{session.name} was lost before it got the subtask"))
            return
        self.send(session, attempt.id, attempt.fence, work)

    async def _refresh(self, task_id: str, subtask_id: str) -> None:
        """Take the ledger's word after a refused claim."""
        try:
            records = {r.id: r for r in await self._ledger.subtasks(task_id)}
        except FleetmindError:
            return
        work = self.works.get((task_id, subtask_id))
        if work is not None and subtask_id in records:
            work.record = records[subtask_id]
            work.state = records[subtask_id].state

    def orphans(self, spoken_for: set[str]) -> list[tuple[str, int]]:
        """Attempts that are claimed here and that no session and no absent robot answers for."""
        held = spoken_for | {s.attempt for s in self.sessions.values() if s.attempt is not None}
        return [(attempt, fence) for attempt, fence in self._fences.items()
                if attempt not in held and (work := self.work_of(attempt)) is not None and work.state == "claimed"]

    def send(self, session: Session, attempt_id: str, fence: int, work: Work) -> None:
        """Put the subtask on the robot's stream, with the slice of the scene it needs."""
        nodes = self._perception.nodes
        session.tell(slice_for(nodes, work.subtask, session.name), version=self._perception.version)
        session.send(dispatch=fleet_pb2.Dispatch(
            attempt=attempt_id, fence=fence, task=work.record.task, instruction=work.instruction,
            subtask=to_wire(work.subtask, fleet_pb2.Subtask)))

    # how attempts end ------------------------------------------------------------------------------------
    async def finish(self, attempt_id: str, fence: int, outcome: Outcome) -> tuple[bool, str]:
        """Judge and commit how an attempt ended.

        Returns:
            Whether it counted, and the code of the refusal if not.
        """
        work = self.work_of(attempt_id)
        if work is None:
            return False, "ATTEMPT_UNKNOWN"
        outcome = self._judge(work, outcome)
        retry = self._should_retry(work, outcome)
        try:
            commit = await self._ledger.commit(attempt_id, fence, outcome, retry=retry, lease=self._lease())
        except (StaleFence, Conflict) as error:
            return False, error.code
        except FleetmindError as error:
            if error.code == "STORE_UNAVAILABLE":
                raise
            return False, error.code
        self._fences.pop(attempt_id, None)
        if not commit.repeated or work.state == "claimed":
            self._ended(work, outcome, retry)
            await self._decide(work.record.task)
        self.kick()
        return True, ""

    def _judge(self, work: Work, outcome: Outcome) -> Outcome:
        """Work is judged by what is known, not by what was promised."""
        if not outcome.ok or not work.subtask.effects:
            return outcome
        ids = [i for fact in work.subtask.effects for i in (fact.node, fact.target) if i]
        scene = small_scene(self._perception.nodes, ids)
        missing = [fact.text() for fact in work.subtask.effects if not fact.holds(scene)]
        if not missing:
            return outcome
        return outcome.model_copy(update={
            "code": "failed", "advice": "replan",
            "message": f"reported done, but not seen: {'; '.join(missing[:5])}. {outcome.message}"[:4000]})

    def _should_retry(self, work: Work, outcome: Outcome) -> bool:
        if outcome.ok or outcome.code in ("cancelled", "lost", "unsupported", "invalid", "unreachable"):
            return False
        return outcome.advice == "retry" and len(work.tried) < MAX_ATTEMPTS

    def _ended(self, work: Work, outcome: Outcome, retry: bool) -> None:
        key = (work.record.task, work.record.id)
        if outcome.ok:
            work.state = "succeeded"
            self._open.get(work.record.task, {}).pop(work.record.id, None)
            for dependent in self._dependents.get(key, ()):
                after = self.works.get(dependent)
                if after is not None:
                    after.waiting_on.discard(work.record.id)
                    if after.state == "waiting" and not after.waiting_on:
                        after.state, after.ready_since = "ready", time.monotonic()
        elif retry:
            work.state, work.ready_since = "ready", time.monotonic()
        else:
            work.state = {"lost": "unknown", "cancelled": "cancelled"}.get(outcome.code, "failed")
            work.why = outcome.message

    # decision points -------------------------------------------------------------------------------------
    async def _decide(self, task_id: str) -> None:
        """Tell the planner when it is needed again; each point of a plan version once."""
        version = self._versions.get(task_id, 0)
        if not version or task_id not in self._versions:
            return
        left: list[Work] = []
        for work in self._open.get(task_id, {}).values():
            if work.record.plan_version == version:
                if work.state in ("claimed", "claiming", "ready"):
                    return
                left.append(work)
        bad = [w for w in left if w.state in ("failed", "unknown")]
        if not left:
            await self._tell_planner(task_id, version, "done", "")
        elif bad:
            await self._tell_planner(task_id, version, "failed", "; ".join(w.why for w in bad)[:2000])

    async def _tell_planner(self, task_id: str, version: int, point: str, detail: str) -> None:
        if self._decided.get(task_id) == (version, point):
            return
        self._decided[task_id] = (version, point)
        await self._store.append("decision", {"task": task_id, "plan_version": version, "point": point,
                                              "detail": detail}, source="dispatcher")

    async def _complain(self) -> None:
        """Ready work that no robot here can do is the planner's business after a while."""
        now = time.monotonic()
        for work in [w for works in self._open.values() for w in works.values()]:
            if work.state != "ready" or now - work.ready_since < self._grace_s:
                continue
            if any(self._fits(work, name) for name in self.sessions):
                continue
            version = self._versions.get(work.record.task, 0)
            if work.record.plan_version == version:
                await self._tell_planner(work.record.task, version, "failed",
                                         f"no robot that is here can do {work.subtask.goal!r}")

    def _fits(self, work: Work, name: str) -> bool:
        if work.subtask.robot is not None:
            return work.subtask.robot == name
        return self._able(work, name)

    async def attempt_of(self, attempt_id: str) -> AttemptRecord | None:
        """The ledger's record of an attempt."""
        task_id = attempt_id.split("/")[0]
        try:
            return next((a for a in await self._ledger.attempts(task_id) if a.id == attempt_id), None)
        except FleetmindError:
            return None
