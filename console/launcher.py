"""The launcher: starts a site's processes, watches and restarts them, and leaves none behind."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

from fleetmind.agents.bodies import bodies_of, world_body
from fleetmind.agents.building import building_nodes, everything_nodes
from fleetmind.console.config import FleetConfig
from fleetmind.console.site import SiteFile, StateDir
from fleetmind.memory import Change, EmbeddedServer, FleetmindError, Ledger, Retention, SceneStore
from fleetmind.simulators import WorldClient

log = logging.getLogger(__name__)
_START_S = 60.0
_MAX_RESTARTS = 10
_HEALTHY_S = 60.0
"""A process that ran for so long starts with a clean record."""


@dataclass(kw_only=True)
class Child:
    """One process of the site."""

    role: str
    """`world`, `safety`, `fleet`, `planner`, or `robot:<name>`."""
    command: list[str]
    """How it is started."""
    process: subprocess.Popen[bytes] | None = None
    """The running process."""
    restarts: int = 0
    """How often it was started again since it last ran for a while."""
    started: float = 0.0
    """Monotonic time of the last start."""
    log_file: IO[bytes] | None = field(default=None, repr=False)
    """Its output."""


class Launcher:
    """One site's processes. Use it as an async context manager.

    Args:
        config: what to start.
        on_news: told in one line what a person may want to know.
    """

    def __init__(self, config: FleetConfig, *, on_news: Callable[[str], None] | None = None) -> None:
        self.config = config
        self.state = StateDir(config.state_dir)
        self.bodies = bodies_of(config.robots)
        self.children: dict[str, Child] = {}
        self.store: SceneStore
        self.ledger: Ledger
        self.world: WorldClient
        self._news = on_news or (lambda line: log.info("%s", line))
        self._server: EmbeddedServer | None = None
        self._watching: asyncio.Task[None] | None = None
        self._lock: int | None = None
        self.dead = ""
        """Why the site cannot go on (its world is gone, or a process would not stay up); empty while it can."""
        self._closing = False
        self._site = SiteFile(site=config.site, launcher_pid=os.getpid())

    async def __aenter__(self) -> Launcher:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # start -----------------------------------------------------------------------------------------------
    async def start(self) -> None:
        """Start everything and wait until every robot is online.

        Raises:
            FleetmindError: what did not start and why, with the end of its log.
        """
        self.state.create()
        self._take_directory()
        (self.state.root / "site.json").unlink(missing_ok=True)
        config = self.config
        self._site = self._site.model_copy(update={
            "bodies": tuple(b.model_dump(mode="json") for b in self.bodies), "brain": config.brain,
            "pictures": config.world.pictures, "picture_size": config.world.picture_size, "oracle": config.oracle,
            "limits": {k: float(v) for k, v in config.limits.model_dump().items()}})
        self._spawn("world", self._world_command())
        self._spawn("safety", self._role_command("safety", config.ports.safety))
        # These wait for what they need; starting them now overlaps their imports.
        self._spawn("fleet", self._role_command("fleet", config.ports.fleet))
        self._spawn("planner", self._role_command("planner", 0))
        for name in self._started_here():
            self._spawn(f"robot:{name}", [*self._role_command("robot", 0), "--name", name])
        url = await asyncio.to_thread(self._store_url)
        self.state.keep_store_access(url, embedded=config.store.url is None, options=config.store.options())
        self.store, self.ledger = await self.state.connect(config.site)
        await self.store.retain(Retention(events=config.store.keep_events, seconds=config.store.keep_s))
        self._share(store=_without_password(url), safety=f"127.0.0.1:{await self._port_of('safety')}")
        world_port = await self._port_of("world")
        self.world = WorldClient(f"127.0.0.1:{world_port}", token=self.state.token("launcher"))
        await self.world.connect()
        await self._build_world()
        self._share(world=f"127.0.0.1:{world_port}", fleet=f"127.0.0.1:{await self._port_of('fleet')}")
        self._watching = asyncio.create_task(self._watch())
        await self._robots_online()

    def _started_here(self) -> list[str]:
        names = [b.name for b in self.bodies]
        unknown = sorted(set(self.config.by_hand) - set(names))
        if unknown:
            raise FleetmindError("CONFIG_KEY", f"by_hand: no robot {unknown[0]!r} at this site; there are {names!r}")
        return [n for n in names if n not in self.config.by_hand]

    def _take_directory(self) -> None:
        """One launcher per state directory: a second one must not touch the first one's addresses.

        Raises:
            FleetmindError: `SITE_BUSY`.
        """
        self._lock = os.open(self.state.root / "launcher.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = None
            raise FleetmindError("SITE_BUSY", f"a site runs in {str(self.state.root)!r} already; end it, or use "
                                              "another --state-dir") from None

    def _store_url(self) -> str:
        if self.config.store.url is not None:
            return self.config.store.url
        self._server = EmbeddedServer(self.state.root, self.config.site)
        return self._server.start()

    def _share(self, **fields: str) -> None:
        self._site = self._site.model_copy(update=fields)
        self.state.write(self._site)

    def _role_command(self, role: str, port: int) -> list[str]:
        return [sys.executable, "-m", "fleetmind.console.roles", role, "--state-dir", str(self.state.root),
                "--port", str(port)]

    def _world_command(self) -> list[str]:
        root = self.state.root
        return [sys.executable, "-m", "fleetmind.simulators.server", "--state-dir", str(root),
                "--port-file", str(root / "ports" / "world.json"), "--clock", self.config.world.clock,
                "--parent-pid", str(os.getpid())]

    def _spawn(self, role: str, command: list[str]) -> None:
        child = self.children.get(role) or Child(role=role, command=command)
        self.children[role] = child
        if not role.startswith("robot:"):
            self.state.clear_port(role)
        child.log_file = (self.state.root / "logs" / f"{role.replace(':', '-')}.log").open("ab")
        environment = {**os.environ, "LANGGRAPH_STRICT_MSGPACK": "true", "PYTHONUNBUFFERED": "1",
                       "GRPC_ENABLE_FORK_SUPPORT": "0"}
        # A session of its own: Ctrl-C reaches the launcher only, which then ends the others in order.
        child.started = time.monotonic()
        child.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=child.log_file, stderr=child.log_file,
                                         start_new_session=True, env=environment)

    async def _port_of(self, role: str) -> int:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            port = self.state.take_port(role)
            if port:
                self._keep_port(role, port)
                return port
            self._check_alive(role)
            await asyncio.sleep(0.02)
        raise FleetmindError("PROCESS_START", f"{role} did not start within {_START_S:.0f} s; {self._log_end(role)}")

    def _keep_port(self, role: str, port: int) -> None:
        """A process that is started again listens where its clients look for it."""
        command = self.children[role].command
        if "--port" in command:
            command[command.index("--port") + 1] = str(port)

    def _check_alive(self, role: str) -> None:
        child = self.children[role]
        if child.process is not None and child.process.poll() is not None:
            raise FleetmindError("PROCESS_START",
                                 f"{role} ended with {child.process.returncode}; {self._log_end(role)}")

    def _log_end(self, role: str) -> str:
        path = self.state.root / "logs" / f"{role.replace(':', '-')}.log"
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return f"no log in {str(path)!r}"
        return f"its log ends: {lines[-1] if lines else '(empty)'!r} (more in {str(path)!r})"

    async def _build_world(self) -> None:
        """Make the scene, and put the building plan into an empty scene graph."""
        config = self.config.world
        status = await self.world.status()
        if status.get("scene"):
            return
        await self.world.reset(config.scene, [world_body(b) for b in self.bodies], seed=config.seed)
        layout = await self.world.layout()
        nodes = building_nodes(layout, site=self.config.site)
        if self.config.oracle:
            everything = await self.world.observe_all()
            nodes = everything_nodes(layout, everything["objects"], site=self.config.site)
        known = await self.store.snapshot()
        # The world was just built: what an earlier run believed of it no longer holds.
        stale = tuple(n.id for n in known if n.id not in {m.id for m in nodes})
        await self.store.apply(Change(put=nodes, remove=stale, source="plan"))

    async def _robots_online(self) -> None:
        deadline = time.monotonic() + _START_S
        wanted = set(self._started_here())
        if not wanted:
            return
        while time.monotonic() < deadline:
            robots = await self.ledger.robots()
            if wanted <= {name for name, (_, state) in robots.items() if state == "online"}:
                return
            for role in self.children:
                self._check_alive(role)
            await asyncio.sleep(0.03)
        missing = sorted(wanted - {n for n, (_, s) in robots.items() if s == "online"})
        raise FleetmindError("PROCESS_START", f"robots {missing!r} did not come online within {_START_S:.0f} s; "
                                              f"{self._log_end(f'robot:{missing[0]}')}")

    # watch -----------------------------------------------------------------------------------------------
    async def _watch(self) -> None:
        due: dict[str, float] = {}
        while not self._closing:
            now = time.monotonic()
            for role, child in list(self.children.items()):
                if child.process is not None and child.process.poll() is not None:
                    self._buried(role, child, due)
                elif child.process is not None and now - child.started > _HEALTHY_S:
                    child.restarts = 0
                if role in due and now >= due[role]:
                    del due[role]
                    self._news(f"{role} is started again ({child.restarts})")
                    # It listens where it did before, so nobody has to be told.
                    self._spawn(role, child.command)
            await self._watch_store()
            await asyncio.sleep(0.05)

    def _buried(self, role: str, child: Child, due: dict[str, float]) -> None:
        """A process has ended: say so, and decide whether and when it is started again."""
        code = child.process.returncode if child.process is not None else None
        self._news(f"{role} ended with {code}")
        _close_pipe(child)
        child.process = None
        if role == "world":
            self.dead = "the world ended, and with it everything in it"
        elif self.config.restart and child.restarts < _MAX_RESTARTS:
            due[role] = time.monotonic() + (0.0 if child.restarts == 0 else min(5.0, 0.2 * 2**child.restarts))
            child.restarts += 1
        elif self.config.restart:
            self.dead = f"{role} ended {child.restarts + 1} times in a row; {self._log_end(role)}"
        if self.dead:
            self._news(f"this site cannot go on: {self.dead}")

    async def _watch_store(self) -> None:
        if self._server is None or self._server.running or self._closing:
            return
        self._news("the store server ended; it is started again on its data")
        try:
            await asyncio.to_thread(self._server.start)
        except FleetmindError as error:
            self._news(f"the store server did not start: {error}")
            await asyncio.sleep(1.0)

    def pid(self, role: str) -> int | None:
        """Process id of a role, None while it is down."""
        child = self.children.get(role)
        return child.process.pid if child is not None and child.process is not None else None

    # stop ------------------------------------------------------------------------------------------------
    async def close(self) -> None:
        """End every process: robots first, the store last; kills what does not end."""
        self._closing = True
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for attribute in ("world", "store"):
            client: Any = getattr(self, attribute, None)
            if client is not None:
                try:
                    await asyncio.wait_for(client.close(), 2.0)
                except (TimeoutError, Exception) as error:
                    log.debug("closing %s: %s", attribute, error)
        await asyncio.to_thread(self._end_children)
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)
        if self._lock is not None:
            (self.state.root / "site.json").unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _end_children(self) -> None:
        running = [c for c in self.children.values() if c.process is not None and c.process.poll() is None]
        for child in running:
            assert child.process is not None
            child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 3.0
        for child in running:
            assert child.process is not None
            try:
                child.process.wait(max(0.05, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait(2.0)
        for child in self.children.values():
            _close_pipe(child)


def _close_pipe(child: Child) -> None:
    if child.process is not None and child.process.stdin is not None:
        child.process.stdin.close()
    if child.log_file is not None:
        child.log_file.close()
        child.log_file = None


def _without_password(url: str) -> str:
    """The address part of a store URL, which is safe to show."""
    return url.split("@")[-1].removeprefix("redis://").removeprefix("rediss://")


