"""The fleet service: robots dial in here; it runs the dispatcher and mediates store, ledger and brain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from fleetmind.agents.auth import bind, require
from fleetmind.agents.fleet.admission import add_health_and_reflection, admitted
from fleetmind.agents.fleet.dispatcher import Dispatcher
from fleetmind.agents.fleet.pictures import PictureStore
from fleetmind.agents.fleet.session import Session
from fleetmind.agents.fleet.slices import slice_for
from fleetmind.agents.fleet.tasks import TasksService
from fleetmind.agents.fleet.thinking import Thinking
from fleetmind.agents.perception import Perception
from fleetmind.agents.protocol import MAX_MESSAGE_BYTES, PROTOCOL_VERSION, fleet_pb2, fleet_pb2_grpc
from fleetmind.agents.protocol.convert import from_wire, to_wire
from fleetmind.agents.safety import SafetyListener
from fleetmind.brain import Brain, Step
from fleetmind.memory import (
    TERMINAL,
    Conflict,
    Event,
    FleetmindError,
    Lease,
    Ledger,
    Node,
    Observation,
    Outcome,
    Picture,
    RobotProfile,
    Scene,
    SceneStore,
    StaleFence,
    StoreUnavailable,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FleetSettings:
    """Limits and timings of a fleet service."""

    site: str = "site"
    """Name of the site."""
    state_dir: Path = Path(".")
    """Pictures go to `blobs/` here."""
    token: str = ""
    """Robots and clients present it."""
    safety: str | None = None
    """Address of the safety service; dispatching pauses while a stop is latched."""
    hello_s: float = 5.0
    """A stream that says nothing for so long is closed."""
    suspect_s: float = 0.45
    """A robot that missed beats for so long gets no work."""
    lost_s: float = 3.0
    """A robot silent or away for so long has lost its attempt."""
    lease_ttl_s: float = 2.0
    """The dispatcher's own lease."""
    max_robots: int = 2000
    """Further robots are refused."""
    max_skills: int = 128
    """Of one robot."""
    no_robot_grace_s: float = 6.0
    """How long ready work waits for a capable robot before the planner is asked."""
    pictures: bool = True
    """Ask robots for pictures."""


class _Body:
    """Lets the safety listener hold back the dispatcher."""

    def __init__(self, service: FleetService) -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()

    def hold_back(self, cause: str, reason: str) -> None:
        """A stop was latched: dispatch nothing."""
        if cause == "stop":
            self._loop.call_soon_threadsafe(self._service.on_stop, reason)

    def let_go(self, cause: str) -> None:
        """The stop was reset."""
        if cause == "stop":
            self._loop.call_soon_threadsafe(self._service.on_stop, "")


@dataclass
class _Away:
    """A robot whose stream broke while it had an attempt."""

    attempt: str
    fence: int
    since: float = field(default_factory=time.monotonic)


class FleetService(fleet_pb2_grpc.FleetServicer):
    """One per site is active; a second waits for the lease.

    Args:
        store: the scene.
        ledger: the work.
        brain: answers robots' `think`.
        settings: limits and timings.
    """

    def __init__(self, store: SceneStore, ledger: Ledger, brain: Brain, settings: FleetSettings) -> None:
        self.settings = settings
        self._store, self._ledger = store, ledger
        self.perception = Perception(store)
        self.sessions: dict[str, Session] = {}
        self.dispatcher = Dispatcher(ledger, store, self.perception, self.lease,
                                     no_robot_grace_s=settings.no_robot_grace_s)
        self.dispatcher.sessions = self.sessions
        self.pictures = PictureStore(settings.state_dir / "blobs")
        self._thinking = Thinking(brain, self.perception, self.pictures)
        self._wants_pictures = settings.pictures
        self._owner = f"fleet-{uuid.uuid4().hex}"
        self._lease: Lease | None = None
        self._away: dict[str, _Away] = {}
        self._orphans: dict[str, float] = {}
        self._ended_tasks: set[str] = set()
        self._server: grpc.aio.Server | None = None
        self._listener: SafetyListener | None = None
        self._loops: list[asyncio.Task[Any]] = []
        self._background: set[asyncio.Task[Any]] = set()
        self.failed: asyncio.Future[None] | None = None
        """Resolved with an error when the service cannot go on (its lease was taken)."""

    def lease(self) -> Lease:
        """The dispatcher's lease.

        Raises:
            StaleFence: there is none.
        """
        if self._lease is None:
            raise StaleFence("this fleet service does not hold the dispatcher's lease")
        return self._lease

    # life ------------------------------------------------------------------------------------------------
    async def start(self, *, port: int = 0, lease_wait_s: float = 30.0) -> int:
        """Take the lease, rebuild from the ledger, listen on 127.0.0.1; returns the port."""
        self.failed = asyncio.get_running_loop().create_future()
        self._lease = await self._take_lease(lease_wait_s)
        self.perception.load(await self._store.snapshot())
        since = self.perception.version
        for task in await self._ledger.tasks():
            if task.state not in TERMINAL and task.plan_version:
                await self.dispatcher.load_task(task.id)
                await self._adopt(task.id)
        self._server = grpc.aio.server(options=[
            ("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES)])
        fleet_pb2_grpc.add_FleetServicer_to_server(self, self._server)
        tasks = TasksService(self._store, self._ledger, token=self.settings.token)
        fleet_pb2_grpc.add_TasksServicer_to_server(tasks, self._server)
        add_health_and_reflection(self._server)
        bound = bind(self._server, port, "fleet service")
        await self._server.start()
        if self.settings.safety is not None:
            self._listener = SafetyListener(self.settings.safety, _Body(self), token=self.settings.token)
            self._listener.start()
        for loop in (self.dispatcher.run(), self._renew(), self._follow(since), self._watch_beats()):
            running = asyncio.create_task(loop)
            running.add_done_callback(self._loop_ended)
            self._loops.append(running)
        return bound

    def _loop_ended(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or self.failed is None or self.failed.done():
            return
        error = task.exception()
        if error is not None:
            self.failed.set_exception(error)

    async def _take_lease(self, wait_s: float) -> Lease:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                return await self._ledger.lease("dispatcher", self._owner, ttl_s=self.settings.lease_ttl_s)
            except Conflict:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def _adopt(self, task_id: str) -> None:
        """Attempts that were claimed before a restart: their robots have a while to come back with them."""
        for attempt in await self._ledger.attempts(task_id):
            if attempt.state in ("claimed", "running"):
                self._away[attempt.robot] = _Away(attempt=attempt.id, fence=attempt.fence)

    async def stop(self) -> None:
        """Close every stream and give the lease back."""
        if self._listener is not None:
            await asyncio.to_thread(self._listener.stop)
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for session in list(self.sessions.values()):
            session.close()
        if self._server is not None:
            await self._server.stop(grace=0.5)
        if self._lease is not None:
            with contextlib.suppress(FleetmindError):
                await self._ledger.release(self._lease)

    async def _renew(self) -> None:
        """Keep the dispatcher's lease; losing it ends this service, because another one is active now."""
        while True:
            await asyncio.sleep(self.settings.lease_ttl_s / 4)
            try:
                await self._ledger.renew(self.lease())
            except StaleFence:
                try:
                    # Lapsed (this process was suspended, or the server was away), not taken: take it again.
                    self._lease = await self._ledger.lease("dispatcher", self._owner, ttl_s=self.settings.lease_ttl_s)
                except Conflict:
                    self._lease = None
                    raise StaleFence("another fleet service has taken over this site") from None
            except FleetmindError as error:
                log.warning("lease not renewed: %s", error)

    # following the site ----------------------------------------------------------------------------------
    async def _follow(self, since: int) -> None:
        while True:
            try:
                async for event in self._store.watch(since):
                    await self._on_event(event)
                    since = event.seq  # only now: an event that could not be handled comes again
            except StoreUnavailable as error:
                log.warning("feed interrupted: %s", error)
                await asyncio.sleep(0.1)
            except FleetmindError as error:
                log.warning("event after %d not handled: %s", since, error)
                since = await self._catch_up() if error.code == "LOG_TRIMMED" else since + 1
                await asyncio.sleep(0.1)

    async def _catch_up(self) -> int:
        """The log was folded behind us: read what it has led to; returns the version to follow from."""
        await self.perception.recover()
        for task in await self._ledger.tasks():
            if task.state in TERMINAL:
                await self._task_ended(task.id)
            elif task.plan_version:
                await self.dispatcher.load_task(task.id)
        return self.perception.version

    async def _on_event(self, event: Event) -> None:
        task_id = str(event.data.get("task") or event.data.get("id") or "")
        if event.kind == "plan":
            await self.dispatcher.load_task(task_id)
        elif event.kind == "task" and str(event.data.get("state")) in TERMINAL:
            await self._task_ended(str(event.data.get("id")))
        elif event.kind == "scene":
            self._merge(event)

    async def _task_ended(self, task_id: str) -> None:
        for attempt in await self._ledger.cancel_open(task_id, lease=self._lease):
            session = self.sessions.get(attempt.robot)
            if session is not None and session.attempt == attempt.id:
                session.send(cancel=fleet_pb2.CancelAttempt(attempt=attempt.id, reason="the task has ended"))
        self._ended_tasks.add(task_id)
        self._drop_ended()

    def _drop_ended(self) -> None:
        """Forget tasks that have ended, once no robot works on them any more."""
        for task_id in list(self._ended_tasks):
            if not any(s.attempt and s.attempt.startswith(f"{task_id}/") for s in self.sessions.values()):
                self.dispatcher.drop_task(task_id)
                self._ended_tasks.discard(task_id)

    def _merge(self, event: Event) -> None:
        """Take over what others wrote; what this service wrote itself is known already."""
        removed = event.data.get("remove")
        for node_id in removed if isinstance(removed, list) else ():
            self.perception.nodes.pop(str(node_id), None)
        put = event.data.get("put")
        fresh: list[Node] = []
        for raw in put if isinstance(put, list) else ():
            node = Node.model_validate(raw)
            known = self.perception.nodes.get(node.id)
            if known is None or known.version < node.version:
                fresh.append(node)
        if fresh:
            self.perception.load(self._merged(fresh, event.seq))
        for session in self.sessions.values():
            if session.attempt is not None:
                session.tell(fresh, version=event.seq)

    def _merged(self, fresh: list[Node], version: int) -> Scene:
        return Scene((self.perception.nodes | {n.id: n for n in fresh}).values(),
                     version=max(version, self.perception.version))

    def on_stop(self, reason: str) -> None:
        """A protective stop was latched (`reason`) or reset (empty)."""
        self.dispatcher.held_back = reason
        self.dispatcher.kick()
        self._spawn(self._store.append("stop", {"stopped": bool(reason), "reason": reason}, source="safety"))

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._finish_background)

    def _finish_background(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("background work failed: %s", task.exception())

    # robots ----------------------------------------------------------------------------------------------
    async def List(
        self, request: fleet_pb2.ListRobotsRequest, context: Any
    ) -> fleet_pb2.ListRobotsReply:
        """Every robot known, with what it is doing."""
        await require(context, self.settings.token)
        reply = fleet_pb2.ListRobotsReply()
        for name, (profile, state) in sorted((await self._ledger.robots()).items()):
            status = reply.robots.add(profile=to_wire(profile, fleet_pb2.RobotProfile), state=state)
            session = self.sessions.get(name)
            node = self.perception.nodes.get(name)
            if node is not None:
                status.room = node.parent or ""
                if node.pose is not None:
                    status.pose.CopyFrom(to_wire(node.pose, fleet_pb2.Pose))
            if session is not None:
                status.attempt = session.attempt or ""
                status.subtask = session.subtask.goal if session.subtask else ""
                status.doing, status.thinking = session.doing, session.thinking
                held = self.perception.node_id(session.observation.holding) if session.observation else None
                status.holding = held or ""
        return reply

    async def Connect(
        self, request_iterator: AsyncIterator[fleet_pb2.RobotMessage], context: Any
    ) -> AsyncIterator[fleet_pb2.FleetMessage]:
        """One robot's stream, from Hello to the end."""
        await require(context, self.settings.token)
        session = await self._welcome(request_iterator, context)
        reader = asyncio.create_task(self._read(session, request_iterator))
        # However the reader ends, the writer below must wake up.
        reader.add_done_callback(lambda _: session.close())
        try:
            while (message := await session.outbox.get()) is not None:
                yield message
            error = reader.exception() if reader.done() and not reader.cancelled() else None
            if isinstance(error, StoreUnavailable):
                await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
            elif isinstance(error, FleetmindError):
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await self._gone(session)

    async def _welcome(self, incoming: AsyncIterator[fleet_pb2.RobotMessage], context: Any) -> Session:
        hello, profile, observation = await admitted(incoming, context, hello_s=self.settings.hello_s,
                                                     max_skills=self.settings.max_skills)
        if len(self.sessions) >= self.settings.max_robots:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"LIMIT: {len(self.sessions)} robots are connected")
        if not await self._name_is_free(profile.name, hello.incarnation):
            await context.abort(grpc.StatusCode.ALREADY_EXISTS,
                                f"ROBOT_CONNECTED: a robot named {profile.name!r} is connected; choose another name")
        return await self._join(profile, observation, hello)

    async def _name_is_free(self, name: str, incarnation: str) -> bool:
        """A robot that comes back fast may find its old stream still dying: give that a moment."""
        deadline = time.monotonic() + 1.5
        while (old := self.sessions.get(name)) is not None:
            if old.incarnation == incarnation:
                old.close()  # its own former stream
            elif time.monotonic() > deadline and not old.suspect:
                return False
            elif old.suspect:
                await self._gone(old)
            await asyncio.sleep(0.02)
        return True

    async def _join(self, profile: RobotProfile, observation: Observation, hello: fleet_pb2.Hello) -> Session:
        lease = await self._ledger.lease(f"robot/{profile.name}", hello.incarnation, ttl_s=86_400, take_over=True)
        session = Session(profile=profile, incarnation=hello.incarnation, lease=lease, observation=observation)
        session.send(welcome=fleet_pb2.Welcome(
            protocol=PROTOCOL_VERSION, site=self.settings.site, fence=lease.fence, ttl_s=self.settings.lost_s,
            wants_pictures=self._wants_pictures))
        await self._ledger.put_robot(profile, state="online")
        self.sessions[profile.name] = session
        await self._ingest(session, observation)
        for done in hello.finished:
            await self._on_done(session, done)
        await self._reconcile(session, hello)
        session.tell(slice_for(self.perception.nodes, None, session.name), version=self.perception.version)
        self.dispatcher.kick()
        return session

    async def _reconcile(self, session: Session, hello: fleet_pb2.Hello) -> None:
        """What the robot says it runs, against what the ledger says it should."""
        away = self._away.pop(session.name, None)
        if away is not None and hello.running == away.attempt and hello.running_fence == away.fence:
            work = self.dispatcher.work_of(away.attempt)
            if work is not None:
                session.begin(away.attempt, away.fence, work.subtask)
                session.acknowledged = True
                return
        if away is not None:
            await self.dispatcher.finish(away.attempt, away.fence, Outcome(
                code="lost", advice="replan", message=f"{session.name} restarted or lost its work"))
        if hello.running:
            session.send(cancel=fleet_pb2.CancelAttempt(attempt=hello.running, reason="the fleet gave it up"))

    async def _gone(self, session: Session) -> None:
        """The stream ended: the robot is lost at once, its attempt after a while."""
        if self.sessions.get(session.name) is not session:
            return
        del self.sessions[session.name]
        if session.attempt is not None and session.fence:
            self._away[session.name] = _Away(attempt=session.attempt, fence=session.fence)
        state, detail = ("left", "") if session.doing == "leaving" else ("lost", "the connection ended")
        with contextlib.suppress(FleetmindError):
            await self._ledger.put_robot(session.profile, state=state, detail=detail)  # type: ignore[arg-type]
        self.dispatcher.kick()

    async def _watch_beats(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            now = time.monotonic()
            for session in list(self.sessions.values()):
                silent_s = now - session.last_heard
                if silent_s > self.settings.lost_s:
                    session.close()
                    await self._gone(session)
                elif (silent_s > self.settings.suspect_s) != session.suspect:
                    session.suspect = not session.suspect
                    state = "lost" if session.suspect else "online"
                    self._spawn(self._ledger.put_robot(session.profile, state=state,  # type: ignore[arg-type]
                                                       detail="beats are missing" if session.suspect else ""))
                    self.dispatcher.kick()
            await self._find_orphans(now)
            for name, away in list(self._away.items()):
                if now - away.since > self.settings.lost_s and self._away.pop(name, None) is not None:
                    await self.dispatcher.finish(away.attempt, away.fence, Outcome(
                        code="lost", advice="replan", message=f"{name} was lost during this attempt"))

    async def _find_orphans(self, now: float) -> None:
        """Attempts that nobody answers for, for a while, are lost: every task comes to an end."""
        known = self.dispatcher.orphans({away.attempt for away in self._away.values()})
        since = {attempt: self._orphans.get(attempt, now) for attempt, _ in known}
        self._orphans = since
        for attempt, fence in known:
            if now - since[attempt] > self.settings.lost_s:
                await self.dispatcher.finish(attempt, fence, Outcome(
                    code="lost", advice="replan", message="no robot answers for this attempt"))

    # messages --------------------------------------------------------------------------------------------
    async def _read(self, session: Session, incoming: AsyncIterator[fleet_pb2.RobotMessage]) -> None:
        async for message in incoming:
            session.last_heard = time.monotonic()
            kind = message.WhichOneof("content")
            if kind == "done":
                await self._on_done(session, message.done)
            elif kind == "received":
                session.acknowledged = session.acknowledged or message.received.attempt == session.attempt
            elif kind == "think":
                self._spawn(self._on_think(session, message.think))
            elif kind == "step":
                await self._on_step(session, message.step)
            elif kind == "seen":
                self._keep_pictures(message.seen.observation, message.seen.pictures)
                await self._ingest(session, from_wire(message.seen.observation, Observation))
            elif kind == "leaving":
                session.doing = "leaving"
                return

    async def _ingest(self, session: Session, seen: Observation, *, placed_in: str | None = None) -> None:
        if seen.robot != session.name:
            raise FleetmindError("BAD_ID", f"{session.name!r} may not report for {seen.robot!r}")
        session.observation = seen
        before = self.perception.version
        try:
            version, refused = await self.perception.ingest_or_recover(seen, placed_in=placed_in)
        except FleetmindError as error:
            log.warning("observation of %s not written: %s", session.name, error)
            return
        if refused:
            log.warning("observation of %s refused: %s", session.name, refused)
        if version != before:
            for other in self.sessions.values():
                if other.attempt is not None or other is session:
                    nodes = slice_for(self.perception.nodes, other.subtask, other.name)
                    other.tell([n for n in nodes if n.version > before], version=version)

    def _keep_pictures(self, observation: fleet_pb2.Observation, data: Any) -> None:
        references = {p.sha256: from_wire(p, Picture) for p in observation.pictures}
        for item in data:
            if item.sha256 in references:
                self.pictures.keep(references[item.sha256], item.data)

    async def _on_step(self, session: Session, message: fleet_pb2.StepDone) -> None:
        step = from_wire(message.step, Step)
        seen = from_wire(message.observation, Observation)
        self._keep_pictures(message.observation, message.pictures)
        await self._ingest(session, seen, placed_in=_placed_in(step))
        if message.attempt != session.attempt or message.fence != session.fence:
            return  # a step of an attempt that is no longer this robot's
        session.history.append(step)
        session.doing, session.thinking = step.call.text(), step.thought
        task_id, subtask_id, _ = message.attempt.split("/")
        await self._store.append("step", {
            "task": task_id, "subtask": subtask_id, "attempt": message.attempt, "robot": session.name,
            "number": len(session.history), "thought": step.thought, "call": step.call.model_dump(mode="json"),
            "outcome": step.outcome.model_dump(mode="json"), "started_s": message.started_s, "ended_s": time.time(),
            "world_s": seen.world_s, "pose": seen.pose.model_dump(mode="json") if seen.pose else None,
            "room": self.perception.node_id(seen.room), "holding": self.perception.node_id(seen.holding),
            "visible": sorted(i for o in seen.objects if (i := self.perception.node_id(o.source_id)))[:200],
            "pictures": [p.model_dump(mode="json") for p in seen.pictures],
        }, source=session.name)
        self._make_way(session, step)

    def _make_way(self, session: Session, step: Step) -> None:
        """An idle robot that stands in the way is asked to move aside."""
        blocker = step.outcome.done.get("blocked_by")
        other = self.sessions.get(str(blocker)) if blocker else None
        if other is not None and other.idle:
            wire = to_wire(session.observation.pose, fleet_pb2.Pose) if (
                session.observation and session.observation.pose) else fleet_pb2.Pose(qw=1)
            other.send(make_way=fleet_pb2.MakeWay(robot=session.name, pose=wire))

    async def _on_think(self, session: Session, message: fleet_pb2.ThinkAsked) -> None:
        answer = fleet_pb2.ThinkAnswer(id=message.id)
        work = self.dispatcher.work_of(message.attempt)
        if work is None or message.attempt != session.attempt:
            answer.error_code, answer.error = "ATTEMPT_UNKNOWN", f"{message.attempt!r} is not this robot's attempt"
        else:
            try:
                history = tuple(from_wire(s, Step) for s in message.history)
                thought = await self._thinking.think(session, work, history)
                session.thinking = thought.text
                session.doing = thought.call.text() if thought.call else thought.status
                session.tell(slice_for(self.perception.nodes, work.subtask, session.name),
                             version=self.perception.version)
                answer.thought.CopyFrom(to_wire(thought, fleet_pb2.Thought))
            except FleetmindError as error:
                answer.error_code, answer.error = error.code, error.message[:2000]
            except Exception as error:  # a brain may raise anything; the robot must not wait for an answer in vain
                log.exception("the brain broke")
                answer.error_code, answer.error = "BRAIN_ERROR", f"{type(error).__name__}: {error}"[:2000]
        session.send(thought=answer)

    async def _on_done(self, session: Session, done: fleet_pb2.AttemptDone) -> None:
        mine = done.attempt == session.attempt
        try:
            outcome = from_wire(done.outcome, Outcome)
        except FleetmindError as error:
            outcome = Outcome(code="failed", message=f"unreadable outcome: {error}", advice="replan")
        record = None if mine else await self.dispatcher.attempt_of(done.attempt)
        if not mine and (record is None or record.robot != session.name):
            session.send(done_ack=fleet_pb2.DoneAck(attempt=done.attempt, accepted=False, code="ATTEMPT_UNKNOWN"))
            return
        accepted, code = await self.dispatcher.finish(done.attempt, done.fence, outcome)
        if mine:
            session.end()
        away = self._away.get(session.name)
        if away is not None and away.attempt == done.attempt:
            del self._away[session.name]
        session.send(done_ack=fleet_pb2.DoneAck(attempt=done.attempt, accepted=accepted, code=code))
        self._drop_ended()
        self.dispatcher.kick()


def _placed_in(step: Step) -> str | None:
    """Where a step that worked has put what the robot held."""
    target = step.call.arguments.get("target")
    return str(target) if step.call.skill == "place" and step.outcome.ok and target else None
