"""The protective stop: beats and stops on their own connection, received in a thread of their own.

This is a protective stop request in software. It is not an emergency stop: that one is hard-wired and outside
software (ISO 13850, IEC 60204-1). It needs neither planner, brain nor store, it is latched, and a reset never
restarts motion.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import grpc

from fleetmind.agents.auth import bearer, bind, require
from fleetmind.agents.protocol import fleet_pb2, fleet_pb2_grpc

log = logging.getLogger(__name__)
BEAT_S = 0.1
"""Interval of beats."""
DEAD_MAN_S = 0.45
"""A robot without a beat for this long stops itself (required: within 500 ms)."""


class Holdable(Protocol):
    """What a stop acts on; an `Embodiment` is one."""

    def hold_back(self, cause: str, reason: str) -> None:
        """Forbid motion for a cause and stop the body."""

    def let_go(self, cause: str) -> None:
        """Withdraw a cause; motion is not restarted."""


class SafetyService(fleet_pb2_grpc.SafetyServicer):
    """Latches the stop, beats, and tells every watcher at once.

    Args:
        state_dir: the latch is kept in `stop.json` there and survives a restart.
        site_token: lets a client watch and stop.
        reset_token: lets a client reset; robots do not have it.
    """

    def __init__(self, state_dir: Path, *, site_token: str, reset_token: str) -> None:
        self._path = state_dir / "stop.json"
        self._site_token, self._reset_token = site_token, reset_token
        self._stopped, self._reason, self._stop_id = False, "", 0
        self._number = 0
        self._watchers: set[asyncio.Event] = set()
        self._load()

    def _load(self) -> None:
        if not self._path.exists():
            return
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._stopped, self._reason = bool(kept["stopped"]), str(kept["reason"])
            self._stop_id = int(kept["stop_id"])
        except (ValueError, KeyError, TypeError):
            # An unreadable latch is read as latched: the safe side.
            self._stopped, self._reason = True, "the record of the last stop could not be read"

    def _save(self) -> None:
        kept = {"stopped": self._stopped, "reason": self._reason, "stop_id": self._stop_id}
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(kept), encoding="utf-8")
        part.replace(self._path)

    def _beat(self) -> fleet_pb2.Beat:
        self._number += 1
        return fleet_pb2.Beat(number=self._number, monotonic_s=time.monotonic(), stopped=self._stopped,
                              reason=self._reason, stop_id=self._stop_id)

    async def Watch(
        self, request: fleet_pb2.WatchRequest, context: grpc.aio.ServicerContext[object, object]
    ) -> AsyncIterator[fleet_pb2.Beat]:
        """Beats for ever; a stop is sent the moment it is latched."""
        await require(context, self._site_token)
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while True:
                changed.clear()
                yield self._beat()
                try:
                    async with asyncio.timeout(BEAT_S):  # `wait_for` of Python 3.11 may lose a cancellation
                        await changed.wait()
                except TimeoutError:
                    continue
        finally:
            self._watchers.discard(changed)

    async def Stop(
        self, request: fleet_pb2.StopRequest, context: grpc.aio.ServicerContext[object, object]
    ) -> fleet_pb2.StopReply:
        """Latch the stop and tell every watcher; saved after, because telling must not wait for a disk."""
        await require(context, self._site_token)
        self._stopped, self._stop_id = True, self._stop_id + 1
        self._reason = f"{request.who or 'somebody'}: {request.reason or 'no reason given'}"[:500]
        for watcher in self._watchers:
            watcher.set()
        try:
            self._save()
        except OSError as error:
            log.error("the stop is latched but could not be saved: %s", error)
        return self._reply()

    async def Reset(
        self, request: fleet_pb2.ResetRequest, context: grpc.aio.ServicerContext[object, object]
    ) -> fleet_pb2.StopReply:
        """Release the latch; needs the reset token."""
        await require(context, self._reset_token)
        self._stopped, self._reason = False, ""
        self._save()
        for watcher in self._watchers:
            watcher.set()
        return self._reply()

    def _reply(self) -> fleet_pb2.StopReply:
        return fleet_pb2.StopReply(stopped=self._stopped, reason=self._reason, stop_id=self._stop_id,
                                   robots=len(self._watchers))


class SafetyListener:
    """Follows the safety service in its own thread and holds a body back.

    Two causes: `stop` (latched there) and `beats` (none arrived for `DEAD_MAN_S`; withdrawn when they return).

    Args:
        address: of the safety service.
        body: what to hold back.
        token: the site's token.
    """

    def __init__(self, address: str, body: Holdable, *, token: str, robot: str = "") -> None:
        self._address, self._body, self._token, self._robot = address, body, token, robot
        self._last_beat = time.monotonic()
        self._ending = threading.Event()
        self._silent = False
        self._call: Any = None
        self.stopped = False
        """True while a stop is latched, as far as this listener knows."""
        self._threads = [threading.Thread(target=target, name=target.__name__, daemon=True)
                         for target in (self._follow, self._dead_man)]

    def start(self) -> None:
        """Begin; motion is held back until the first beat."""
        self._silent = True
        self._body.hold_back("beats", "no beat yet")
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads."""
        self._ending.set()
        if self._call is not None:
            self._call.cancel()
        for thread in self._threads:
            thread.join(timeout=2.0)

    def _follow(self) -> None:
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 100),
                   ("grpc.min_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
        with grpc.insecure_channel(self._address, options=options) as channel:
            stub = fleet_pb2_grpc.SafetyStub(channel)
            while not self._ending.is_set():
                try:
                    self._call = stub.Watch(fleet_pb2.WatchRequest(robot=self._robot), metadata=bearer(self._token),
                                            wait_for_ready=True)
                    for beat in self._call:
                        self._on_beat(beat)
                except grpc.RpcError:
                    self._ending.wait(0.05)

    def _on_beat(self, beat: fleet_pb2.Beat) -> None:
        self._last_beat = time.monotonic()
        if beat.stopped and not self.stopped:
            self.stopped = True
            self._body.hold_back("stop", beat.reason)
        elif self.stopped and not beat.stopped:
            self.stopped = False
            self._body.let_go("stop")
        if self._silent:
            self._silent = False
            self._body.let_go("beats")

    def _dead_man(self) -> None:
        while not self._ending.wait(0.02):
            if not self._silent and time.monotonic() - self._last_beat > DEAD_MAN_S:
                self._silent = True
                self._body.hold_back("beats", f"no beat for {DEAD_MAN_S:.2f} s")


async def serve_safety(state_dir: Path, *, site_token: str, reset_token: str,
                       port: int = 0) -> tuple[grpc.aio.Server, int]:
    """Start the safety service on 127.0.0.1; returns the server and its port.

    Raises:
        FleetmindError: `PORT_BUSY`.
    """
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    fleet_pb2_grpc.add_SafetyServicer_to_server(
        SafetyService(state_dir, site_token=site_token, reset_token=reset_token), server)
    bound = bind(server, port, "safety service")
    await server.start()
    return server, bound
