"""The robot agent process: owns one embodiment, dials the fleet service, runs subtasks, survives lost links."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from fleetmind.agents.embodiment import Embodiment
from fleetmind.agents.journal import Journal
from fleetmind.agents.protocol import MAX_MESSAGE_BYTES, PROTOCOL_VERSION, fleet_pb2, fleet_pb2_grpc
from fleetmind.agents.protocol.convert import from_wire, to_wire
from fleetmind.agents.robot import RobotDeps, robot_graph, run_subtask
from fleetmind.agents.safety import SafetyListener
from fleetmind.brain import Step, Subtask, Thought
from fleetmind.memory import FleetmindError, Node, Observation, Outcome, Scene, read_token

log = logging.getLogger(__name__)
BEAT_S = 0.1
"""Interval of `Alive` messages; three missed mean lost."""


@dataclass(frozen=True, kw_only=True)
class RobotLink:
    """Where the robot dials in, and how patiently."""

    fleet: str
    """Address of the fleet service, `127.0.0.1:port`."""
    token: str
    """The site's token."""
    safety: str | None = None
    """Address of the safety service; None: none (tests only)."""
    state_dir: Path = Path(".")
    """The journal lives here."""
    give_up_s: float = 30.0
    """Stop safely and end after so long without a fleet service."""
    orphan_s: float = 10.0
    """Cancel the running attempt after so long without a fleet service."""

    @classmethod
    def of_site(cls, state_dir: Path) -> RobotLink:
        """The link to the site whose state directory is given (`fleetmind up` makes it).

        Raises:
            FleetmindError: `SITE_ABSENT`, `TOKEN_*`.
        """
        try:
            site = json.loads((state_dir / "site.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise FleetmindError("SITE_ABSENT", f"no site runs in {str(state_dir)!r}; start it: fleetmind up") from None
        return cls(fleet=str(site["fleet"]), safety=str(site["safety"]), token=read_token(state_dir, "site"),
                   state_dir=state_dir / "robots")


class RobotAgent:
    """One robot: connects, accepts one attempt at a time, streams every step.

    Args:
        embodiment: the body.
        link: where to dial in.
    """

    def __init__(self, embodiment: Embodiment, link: RobotLink) -> None:
        self.embodiment = embodiment
        self.link = link
        self.incarnation = uuid.uuid4().hex
        self._journal = Journal(link.state_dir / f"{embodiment.profile.name}.journal.jsonl")
        self._graph = robot_graph()
        self._outbox: asyncio.Queue[fleet_pb2.RobotMessage] = asyncio.Queue(maxsize=1000)
        self._nodes: dict[str, Node] = {}
        self._running: tuple[str, int, asyncio.Task[None]] | None = None
        self._unacknowledged: dict[str, fleet_pb2.AttemptDone] = {}
        self._thoughts: dict[str, asyncio.Future[Thought]] = {}
        self._wants_pictures = False
        self._lost_since: float | None = None
        self._connected = asyncio.Event()
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Connect the body, then serve until `shut_down` or until the fleet service stays away for `give_up_s`.

        Raises:
            FleetmindError: the fleet service refused this robot for good (name taken, protocol, token).
        """
        self._journal.open()
        for attempt, fence in self._journal.unfinished().items():
            outcome = Outcome(code="lost", advice="replan", message="the robot restarted during this attempt")
            self._journal.finished(attempt, fence, outcome)
        await self.embodiment.connect()
        listener = None
        if self.link.safety is not None:
            listener = SafetyListener(self.link.safety, self.embodiment, token=self.link.token)
            listener.start()
        try:
            await self._serve()
        finally:
            if listener is not None:
                listener.stop()
            await self._cancel_running("the robot is shutting down")
            self.embodiment.stop()
            await self.embodiment.disconnect()
            self._journal.close()

    def shut_down(self) -> None:
        """End `run` at the next opportunity."""
        self._ending.set()

    async def _serve(self) -> None:
        self._lost_since = time.monotonic()
        pause_s = 0.05
        while not self._ending.is_set():
            try:
                await self._one_connection()
                pause_s = 0.05
            except grpc.aio.AioRpcError as error:
                self._give_up_when_refused(error)
            if self._ending.is_set():
                return
            lost_s = time.monotonic() - (self._lost_since or time.monotonic())
            if lost_s > self.link.orphan_s:
                await self._cancel_running("no fleet service")
            if lost_s > self.link.give_up_s:
                raise FleetmindError("FLEET_UNAVAILABLE", f"no fleet service at {self.link.fleet!r} for {lost_s:.0f} s")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):  # `wait_for` of Python 3.11 may lose a cancellation
                    await self._ending.wait()
            pause_s = min(1.0, pause_s * 1.6)

    def _give_up_when_refused(self, error: grpc.aio.AioRpcError) -> None:
        final = (grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.FAILED_PRECONDITION,
                 grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT,
                 grpc.StatusCode.PERMISSION_DENIED)
        if error.code() in final:
            raise FleetmindError("FLEET_REFUSED", error.details() or error.code().name) from None

    async def _one_connection(self) -> None:
        options = [("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
                   ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES), ("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(self.link.fleet, options=options) as channel:
            stub = fleet_pb2_grpc.FleetStub(channel)
            metadata = (("authorization", f"Bearer {self.link.token}"),)
            hello = await self._hello()
            while not self._outbox.empty():
                self._outbox.get_nowait()  # steps of a broken connection; the journal has what counts
            call = stub.Connect(self._outgoing(hello), metadata=metadata)
            beats = asyncio.create_task(self._beat())
            ending = asyncio.create_task(self._ending.wait())
            reading = asyncio.create_task(self._read(call))
            try:
                await asyncio.wait({ending, reading}, return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    reading.result()
                else:
                    self._send(leaving=fleet_pb2.Leaving(reason="shut down"))
                    await asyncio.wait({reading}, timeout=0.5)
            finally:
                self._lost_since = time.monotonic()
                self._connected.clear()
                for task in (beats, ending, reading):
                    task.cancel()
                call.cancel()
                await asyncio.gather(beats, ending, reading, return_exceptions=True)

    async def _hello(self) -> fleet_pb2.RobotMessage:
        observation = await self.embodiment.observe()
        running = self._running
        return fleet_pb2.RobotMessage(hello=fleet_pb2.Hello(
            protocol=PROTOCOL_VERSION, profile=to_wire(self.embodiment.profile, fleet_pb2.RobotProfile),
            incarnation=self.incarnation, observation=to_wire(observation, fleet_pb2.Observation),
            finished=list(self._unacknowledged.values()),
            running=running[0] if running else "", running_fence=running[1] if running else 0,
        ))

    async def _outgoing(self, hello: fleet_pb2.RobotMessage) -> AsyncIterator[fleet_pb2.RobotMessage]:
        yield hello
        while True:
            yield await self._outbox.get()

    def _send(self, **content: Any) -> None:
        try:
            self._outbox.put_nowait(fleet_pb2.RobotMessage(**content))
        except asyncio.QueueFull:
            log.warning("the link is too slow; dropped a message")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self._send(alive=fleet_pb2.Alive(monotonic_s=time.monotonic()))

    async def _read(self, call: Any) -> None:
        async for message in call:
            self._lost_since = None
            self._connected.set()
            await self._handle(message)

    async def _handle(self, message: fleet_pb2.FleetMessage) -> None:
        kind = message.WhichOneof("content")
        if kind == "welcome":
            self._wants_pictures = message.welcome.wants_pictures
        elif kind == "scene":
            self._update_scene(message.scene)
        elif kind == "dispatch":
            self._accept(message.dispatch)
        elif kind == "cancel":
            if self._running is not None and self._running[0] == message.cancel.attempt:
                await self._cancel_running(message.cancel.reason)
        elif kind == "thought":
            self._thought(message.thought)
        elif kind == "done_ack":
            self._unacknowledged.pop(message.done_ack.attempt, None)
        elif kind == "make_way" and self._running is None:
            await self.embodiment.make_way(message.make_way.robot)

    def _update_scene(self, update: fleet_pb2.SceneUpdate) -> None:
        for node in update.put:
            value = from_wire(node, Node)
            self._nodes[value.id] = value
        for gone in update.remove:
            self._nodes.pop(gone, None)
        self.embodiment.scene = Scene(self._nodes.values(), version=update.version)

    def _accept(self, dispatch: fleet_pb2.Dispatch) -> None:
        recorded = self._journal.outcome(dispatch.attempt)
        if recorded is not None:
            self._report(dispatch.attempt, recorded[0], recorded[1])
            return
        if self._running is not None:
            if self._running[0] != dispatch.attempt:
                busy = Outcome(code="failed", advice="retry", message=f"busy with {self._running[0]!r}")
                self._report(dispatch.attempt, dispatch.fence, busy)
            return
        self._journal.received(dispatch.attempt, dispatch.fence)
        self._send(received=fleet_pb2.Received(attempt=dispatch.attempt, fence=dispatch.fence))
        task = asyncio.create_task(self._run(dispatch))
        self._running = (dispatch.attempt, dispatch.fence, task)

    async def _run(self, dispatch: fleet_pb2.Dispatch) -> None:
        attempt, fence = dispatch.attempt, dispatch.fence
        cancelled = False
        try:
            deps = RobotDeps(
                embodiment=self.embodiment, task=dispatch.task, instruction=dispatch.instruction,
                subtask=from_wire(dispatch.subtask, Subtask), max_steps=dispatch.max_steps or 200,
                deadline=time.monotonic() + (dispatch.deadline_s or 600.0), pictures=self._wants_pictures,
                think=lambda deps: self._ask(attempt, deps),
                on_seen=lambda seen, step, started: self._stream(attempt, fence, seen, step, started),
            )
            await self.embodiment.begin()
            outcome = await run_subtask(self._graph, deps)
        except asyncio.CancelledError:
            cancelled = True
            outcome = Outcome(code="cancelled", message="cancelled")
        except FleetmindError as error:
            outcome = Outcome(code="failed", message=str(error), advice=error.advice)
        except Exception as error:  # whatever a body or a graph raises, the fleet must learn that it ended
            log.exception("attempt %s broke", attempt)
            outcome = Outcome(code="failed", message=f"{type(error).__name__}: {error}", advice="replan")
        self._journal.finished(attempt, fence, outcome)
        self._running = None
        self._report(attempt, fence, outcome)
        with contextlib.suppress(FleetmindError):
            await self.embodiment.rest()
        if cancelled:
            raise asyncio.CancelledError

    def _report(self, attempt: str, fence: int, outcome: Outcome) -> None:
        done = fleet_pb2.AttemptDone(attempt=attempt, fence=fence, outcome=to_wire(outcome, fleet_pb2.Outcome))
        self._unacknowledged[attempt] = done
        self._send(done=done)

    async def _stream(self, attempt: str, fence: int, seen: Observation, step: Step | None, started_s: float) -> None:
        wire = to_wire(seen, fleet_pb2.Observation)
        pictures = [fleet_pb2.PictureData(sha256=p.sha256, data=data) for p in seen.pictures
                    if (data := self.embodiment.picture(p.sha256)) is not None]
        if step is None:
            self._send(seen=fleet_pb2.Seen(observation=wire, pictures=pictures))
        else:
            self._send(step=fleet_pb2.StepDone(attempt=attempt, fence=fence, step=to_wire(step, fleet_pb2.Step),
                                               observation=wire, pictures=pictures, started_s=started_s))

    async def _ask(self, attempt: str, deps: RobotDeps) -> Thought:
        """The brain's thought, through the fleet service; asked again after a reconnect."""
        deadline = min(deps.deadline, time.monotonic() + 300.0)
        while time.monotonic() < deadline:
            question = uuid.uuid4().hex
            future: asyncio.Future[Thought] = asyncio.get_running_loop().create_future()
            self._thoughts[question] = future
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.1, deadline - time.monotonic())):
                    await self._connected.wait()
            self._send(think=fleet_pb2.ThinkAsked(
                id=question, attempt=attempt, history=[to_wire(s, fleet_pb2.Step) for s in deps.history]))
            try:
                while not future.done() and self._lost_since is None and time.monotonic() < deadline:
                    await asyncio.wait({future}, timeout=0.25)
                if future.done():
                    return future.result()
            finally:
                self._thoughts.pop(question, None)
        raise FleetmindError("BRAIN_TIMEOUT", "no thought arrived in time", advice="retry")

    def _thought(self, answer: fleet_pb2.ThinkAnswer) -> None:
        future = self._thoughts.get(answer.id)
        if future is None or future.done():
            return
        if answer.error_code:
            future.set_exception(FleetmindError(answer.error_code, answer.error, advice="retry"))
            return
        try:
            future.set_result(from_wire(answer.thought, Thought))
        except FleetmindError as error:
            future.set_exception(error)

    async def _cancel_running(self, reason: str) -> None:
        if self._running is None:
            return
        log.info("cancelling %s: %s", self._running[0], reason)
        self.embodiment.stop()
        task = self._running[2]
        for _ in range(5):  # a library below may swallow a cancellation that comes at a bad moment
            task.cancel()
            await asyncio.wait({task}, timeout=1.0)
            if task.done():
                return
        log.error("the attempt did not end when cancelled")
