"""The embedded server: private, alone in its directory, clear about what is wrong."""

from __future__ import annotations

import socket
import stat
import time
from pathlib import Path

import psutil
import pytest

from fleetmind.memory.conformance import refused
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.tokens import ensure_token, read_token


def test_the_secret_stays_in_private_files(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "with space", "site") as server:
        process = psutil.Process(server.server_pid)
        guard = process.parent()
        assert guard is not None
        assert server.token not in " ".join([*process.cmdline(), *guard.cmdline(), server.url])
        listening = {c.laddr.ip for c in process.net_connections() if c.status == psutil.CONN_LISTEN}
        assert listening == {"127.0.0.1"}
        files = list((tmp_path / "with space").glob("*"))
        assert any(f.name == "store.log" for f in files)
        for path in files:
            if path.is_file() and server.token in path.read_text("utf-8", "replace"):
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_directory_has_one_server(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, "site") as server:
        start = time.monotonic()
        with refused("STORE_DIR_BUSY"):
            EmbeddedServer(tmp_path, "site").start()
        assert time.monotonic() - start < 1
        assert server.start() == server.url


def test_a_taken_port_is_named_or_avoided(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with refused("STORE_PORT_BUSY"):
            EmbeddedServer(tmp_path, "site", port=taken).start()
        server = EmbeddedServer(tmp_path, "site")
        server.port = taken  # as after a restart when somebody took it meanwhile
        server.start()
        assert server.port != taken
        server.stop()
        assert not server.running
        server.stop()


def test_what_cannot_be_started(tmp_path: Path) -> None:
    with refused("STORE_BINARY_MISSING"):
        EmbeddedServer(tmp_path, "site", binary=tmp_path / "nothing").start()
    with refused("BAD_ID"):
        EmbeddedServer(tmp_path, "../site")
    (tmp_path / "file").write_text("x")
    with refused("STORE_DIR"):
        EmbeddedServer(tmp_path / "file", "site").start()
    broken = tmp_path / "aof"
    broken.mkdir()
    (broken / "appendonly.aof.manifest").write_text("nonsense\n")
    with refused("STORE_START"):
        EmbeddedServer(tmp_path, "site").start()


def test_tokens(tmp_path: Path) -> None:
    token = ensure_token(tmp_path / "new", "site")
    assert ensure_token(tmp_path / "new", "site") == token == read_token(tmp_path / "new", "site")
    assert ensure_token(tmp_path / "new", "reset") != token
    path = tmp_path / "new" / "site.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(FleetmindError, match=r"TOKEN_EXPOSED.*chmod 600"):
        read_token(tmp_path / "new", "site")
    path.chmod(0o600)
    for bad in ("", "short", "two words are no token", "ümlaut-ümlaut-ümlaut"):
        path.write_text(bad)
        with refused("TOKEN_INVALID"):
            read_token(tmp_path / "new", "site")
    with refused("TOKEN_MISSING"):
        read_token(tmp_path, "launcher")
