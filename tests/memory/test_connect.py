"""Connecting: every way it can go wrong has its code, and none of them hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fleetmind.memory.conformance import refused
from fleetmind.memory.conformance.site import kitchen
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.ledger import SubtaskRecord, TaskRecord
from fleetmind.memory.robots import Outcome
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.valkey import StoreOptions, connect_site

QUICK = StoreOptions(timeout_s=0.3, deadline_s=0.6)
OLD = b"$22\r\nredis_version:6.2.14\r\n\r\n"


@asynccontextmanager
async def fake(answer: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    """A server that is none: answers every packet as told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while packet := await reader.read(65536):
            if reply := answer(packet):
                writer.write(reply)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def old_redis(packet: bytes) -> bytes:
    return b"+PONG\r\n" if b"PING" in packet else OLD


@pytest.mark.parametrize(("answer", "code"), [
    (lambda _: b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "STORE_NOT_REDIS"),
    (lambda _: b"SSH-2.0-OpenSSH_9.2\r\n", "STORE_NOT_REDIS"),
    (lambda _: b"", "STORE_UNAVAILABLE"),
    (old_redis, "STORE_OLD"),
    (lambda _: b"-NOAUTH Authentication required.\r\n", "STORE_AUTH"),
    (lambda _: b"-LOADING is loading\r\n", "STORE_UNAVAILABLE"),
])
async def test_what_answers_is_no_usable_store(answer: Callable[[bytes], bytes], code: str) -> None:
    start = time.monotonic()
    async with fake(answer) as address:
        with refused(code):
            await connect_site(address, "site", options=QUICK)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(("address", "code"), [
    ("127.0.0.1:1", "STORE_UNAVAILABLE"), ("unix:///nowhere/at/all", "STORE_UNAVAILABLE"),
    ("http://127.0.0.1", "STORE_ADDRESS"), ("redis://127.0.0.1:port", "STORE_ADDRESS"),
    ("127.0.0.1:99999", "STORE_ADDRESS"), ("", "STORE_ADDRESS"),
])
async def test_addresses(address: str, code: str) -> None:
    with refused(code):
        await connect_site(address, "site", options=QUICK)


async def test_credentials(valkey: EmbeddedServer) -> None:
    for wrong in (None, "wrong", ""):
        with refused("STORE_AUTH"):
            await connect_site(valkey.url, "site", wrong)
    with pytest.raises(FleetmindError) as caught:
        await connect_site(f"redis://user:s3cret@127.0.0.1:{valkey.port}/0", "site")
    assert caught.value.code == "STORE_AUTH"
    assert "s3cret" not in str(caught.value)
    with refused("BAD_ID"):
        await connect_site(valkey.url, "si{te}", valkey.token)


async def configured(server: EmbeddedServer, *command: str | int) -> Any:
    from redis.asyncio import Redis

    async with Redis.from_url(server.url, password=server.token) as admin:
        call: Awaitable[Any] = admin.execute_command(*command)
        return await call


async def test_a_full_server_ends_running_work_and_takes_no_new(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, "site") as server:
        store, ledger = await connect_site(server.url, "site", server.token)
        await store.apply(kitchen())
        await ledger.submit(TaskRecord(id="t", instruction="x"))
        await ledger.open("t", 1, (SubtaskRecord(id="a", task="t"),))
        lease = await ledger.lease("d", "one", ttl_s=30)
        attempt = await ledger.claim("t", "a", "ann", lease=lease)
        await configured(server, "CONFIG", "SET", "maxmemory", 1)
        with refused("STORE_FULL"):
            await ledger.submit(TaskRecord(id="u", instruction="x"))
        with refused("STORE_FULL"):
            await store.set_states("mug-1", {"x": True})
        await ledger.renew(lease)
        commit = await ledger.commit(attempt.id, attempt.fence, Outcome(code="succeeded"), lease=lease)
        assert not commit.repeated
        assert len(await store.snapshot()) == 7
        await configured(server, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        with refused("STORE_EVICTS"):
            await connect_site(server.url, "site", server.token)
        await store.close()


async def test_a_replica_and_foreign_keys(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, "site") as server:
        store, ledger = await connect_site(server.url, "site", server.token)
        await configured(server, "SET", "{fm:site}:nodes", "not ours")
        with refused("STORE_WRONG_TYPE"):
            await store.apply(kitchen())
        await configured(server, "DEL", "{fm:site}:nodes")
        await configured(server, "FUNCTION", "FLUSH")
        assert await store.apply(kitchen()) == 1
        await configured(server, "REPLICAOF", "127.0.0.1", 1)
        with refused("STORE_READONLY"):
            await ledger.submit(TaskRecord(id="t", instruction="x"))
        with refused("STORE_READONLY"):
            await connect_site(server.url, "site", server.token)
        await configured(server, "REPLICAOF", "NO", "ONE")
        await configured(server, "FLUSHALL")
        with refused("SITE_REPLACED"):
            await store.apply(kitchen())
        await store.close()


async def test_another_layout_is_left_alone(valkey: EmbeddedServer, new_site_name: str) -> None:
    await configured(valkey, "HSET", f"{{fm:{new_site_name}}}:meta", "schema", "99")
    with refused("STORE_SCHEMA"):
        await connect_site(valkey.url, new_site_name, valkey.token)
