"""A real server per test session and kind: the embedded Valkey, and Debian's redis-server where there is one."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fleetmind.memory.conformance import Site
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.valkey import connect_site

_NUMBERS = itertools.count()


def fresh_name() -> str:
    """A site name not used before in this run."""
    return f"site-{next(_NUMBERS)}"


@pytest.fixture(scope="session", params=["valkey", "redis"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A running server of each kind."""
    binary = None
    if request.param == "redis":
        found = shutil.which("redis-server")
        if found is None:
            pytest.skip("redis-server is not installed (apt-get install redis-server)")
        binary = Path(found)
    with EmbeddedServer(tmp_path_factory.mktemp(request.param), "tests", binary=binary) as running:
        yield running


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The embedded server."""
    with EmbeddedServer(tmp_path_factory.mktemp("only-valkey"), "tests") as running:
        yield running


@pytest.fixture
async def remote(valkey: EmbeddedServer) -> AsyncIterator[Site]:
    """A fresh site on the embedded server."""
    store, ledger = await connect_site(valkey.url, fresh_name(), valkey.token)
    yield store, ledger
    await store.close()


@pytest.fixture
async def site_on(server: EmbeddedServer) -> AsyncIterator[Site]:
    """A fresh site on each kind of server."""
    store, ledger = await connect_site(server.url, fresh_name(), server.token)
    yield store, ledger
    await store.close()


@pytest.fixture
def new_site_name() -> str:
    """A site name not used before in this run."""
    return fresh_name()
