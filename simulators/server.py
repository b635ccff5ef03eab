"""The world server: hosts one world, seats bodies, keeps the clock.

Run as `python -m fleetmind.simulators.server --state-dir DIR --port-file FILE`; it listens on loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc
import grpc.aio

from fleetmind.simulators.clock import Clock, LockstepClock, clock_of
from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.protocol import world_pb2_grpc
from fleetmind.simulators.service import WorldService
from fleetmind.simulators.tokens import Tokens, tokens_in
from fleetmind.simulators.wire import MAX_REPLY_BYTES, MAX_REQUEST_BYTES, decode_object
from fleetmind.simulators.world import Body, SceneSpec, World

_GRACE_S = 0.5
_PARENT_POLL_S = 0.25
_log = logging.getLogger(__name__)


class WorldServer:
    """A gRPC server around one world.

    Args:
        world: the world; the server is its only owner while it runs.
        tokens: who may do what; None lets everybody do everything (tests).
        clock: lockstep by default.
    """

    def __init__(self, world: World, *, tokens: Tokens | None = None, clock: Clock | None = None) -> None:
        self._service = WorldService(world, tokens, clock if clock is not None else LockstepClock())
        self._server: grpc.aio.Server | None = None

    @property
    def service(self) -> WorldService:
        """What answers the calls; a launcher in the same process may use it directly."""
        return self._service

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen and return the port.

        Raises:
            WorldError: WORLD_UNAVAILABLE when the port is taken.
        """
        server = grpc.aio.server(options=[
            ("grpc.max_receive_message_length", MAX_REQUEST_BYTES), ("grpc.max_send_message_length", MAX_REPLY_BYTES),
            ("grpc.so_reuseport", 0), ("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.http2.min_ping_interval_without_data_ms", 5_000), ("grpc.keepalive_permit_without_calls", 1)])
        world_pb2_grpc.add_WorldServicer_to_server(self._service, server)
        try:
            bound = server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise WorldError("WORLD_UNAVAILABLE",
                             f"cannot listen on {host}:{port} ({error}); choose another port") from error
        await server.start()
        self._server = server
        return bound

    async def stop(self) -> None:
        """End all streams and stop listening."""
        if self._server is not None:
            await self._server.stop(_GRACE_S)
            self._server = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run a world server as a process; returns its exit code."""
    arguments = _arguments(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    try:
        return asyncio.run(_serve(arguments))
    except WorldError as error:
        _log.error("%s", error)
        return 1
    except KeyboardInterrupt:
        return 130


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fleetmind.simulators.server", description="Host the household world.")
    parser.add_argument("--state-dir", type=Path, required=True, help="directory of site.token and launcher.token")
    parser.add_argument("--port-file", type=Path, help="write {\"port\": n, \"pid\": n} here once listening")
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--scene-json", type=Path, help="file {\"scene\", \"agents\", \"seed\"} to reset to at once")
    parser.add_argument("--clock", default="lockstep", help="lockstep, real or e.g. realx4")
    parser.add_argument("--parent-pid", type=int, help="exit when this process is no longer the parent")
    return parser.parse_args(argv)


async def _serve(arguments: argparse.Namespace) -> int:
    from fleetmind.simulators.household.world import HouseholdWorld
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    world = HouseholdWorld()
    server = WorldServer(world, tokens=tokens_in(arguments.state_dir), clock=clock_of(arguments.clock))
    if arguments.scene_json is not None:
        server.service.reset(*_episode(arguments.scene_json))
    port = await server.start(port=arguments.port)
    if arguments.port_file is not None:
        _write_port(arguments.port_file, port)
    _log.info("world server on 127.0.0.1:%d, clock %s", port, arguments.clock)
    watcher = asyncio.create_task(_watch_parent(arguments.parent_pid, stopped))
    await stopped.wait()
    watcher.cancel()
    await server.stop()
    world.close()
    return 0


def _episode(path: Path) -> tuple[SceneSpec, list[Body], int]:
    """Scene, bodies and seed of a JSON file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorldError("WORLD_SCENE", f"scene file {str(path)!r} cannot be read: {error}") from error
    raw = decode_object(text, "scene file", "WORLD_SCENE")
    unknown = sorted(raw.keys() - {"scene", "agents", "seed"})
    if unknown:
        raise WorldError("WORLD_SCENE",
                         f"scene file {str(path)!r} has unknown keys {unknown!r}; it has scene, agents, seed")
    try:
        bodies = [Body.model_validate(body) for body in raw.get("agents", [])]
        return SceneSpec.model_validate(raw.get("scene")), bodies, int(raw.get("seed", 0))
    except (ValueError, TypeError) as error:
        raise WorldError("WORLD_SCENE", f"scene file {str(path)!r} is not one: {error}") from error


def _write_port(path: Path, port: int) -> None:
    """Announce the port in one step, so that no reader sees half a file."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps({"port": port, "pid": os.getpid()}), encoding="utf-8")
    part.replace(path)


async def _watch_parent(pid: int | None, stopped: asyncio.Event) -> None:
    """Stop when the launcher has died: its children are handed to another parent then."""
    if pid is None:
        return
    while os.getppid() == pid:  # noqa: ASYNC110  (nothing tells of a parent's death but asking)
        await asyncio.sleep(_PARENT_POLL_S)
    _log.info("parent %d is gone; stopping", pid)
    stopped.set()


if __name__ == "__main__":
    sys.exit(main())
