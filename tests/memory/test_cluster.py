"""A real cluster of three servers: sites spread over it, follow their slot when it moves, and survive their node."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError

from fleetmind.memory.conformance.scene import replayed
from fleetmind.memory.conformance.site import kitchen
from fleetmind.memory.replica import FollowingReplica
from fleetmind.memory.server_config import find_binary
from fleetmind.memory.valkey import StoreOptions, connect_site

SLOTS = 16384


class Server:
    """One node of a cluster."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        # The bus port may collide with a process of ours: the cluster bus gets a free one as well.
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.bus = int(probe.getsockname()[1])
        self.process = subprocess.Popen([
            str(find_binary(None)), "--port", str(self.port), "--cluster-port", str(self.bus), "--bind", "127.0.0.1",
            "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--dir", str(directory), "--save", "",
            "--requirepass", "pw", "--masterauth", "pw", "--loglevel", "warning",
        ], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.admin = Redis("127.0.0.1", self.port, password="pw")
        eventually(self._answers)
        self.id = self.admin.execute_command("CLUSTER", "MYID").decode()

    def _answers(self) -> bool:
        try:
            return bool(self.admin.ping())
        except (OSError, ConnectionError):
            return False


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    root = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        servers = []
        for number in range(3):
            server = Server(root / str(number))
            stack.callback(server.process.wait, 10)
            stack.callback(server.process.send_signal, signal.SIGKILL)
            servers.append(server)
        bounds = [0, 5461, 10923, SLOTS]
        for number, server in enumerate(servers):
            server.admin.execute_command("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
            server.admin.execute_command("CLUSTER", "MEET", "127.0.0.1", servers[0].port, servers[0].bus)
        for server in servers:
            eventually(lambda admin=server.admin: b"cluster_state:ok" in admin.execute_command("CLUSTER", "INFO"))
        yield servers


def home(nodes: list[Server], site: str) -> int:
    """Which node has the site."""
    slot = nodes[0].admin.execute_command("CLUSTER", "KEYSLOT", f"{{fm:{site}}}")
    return next(i for i in range(3) if slot < [5461, 10923, SLOTS][i])


def site_on(nodes: list[Server], wanted: int, taken: str) -> str:
    return next(name for n in range(1000) if home(nodes, name := f"{taken}-{n}") == wanted)


async def test_sites_spread_and_any_node_leads_to_them(nodes: list[Server]) -> None:
    for number in range(3):
        name = site_on(nodes, number, "spread")
        store, ledger = await connect_site(f"redis://127.0.0.1:{nodes[0].port}/0", name, "pw")
        await store.apply(kitchen())
        await store.grasp("ann", "mug-1")
        lease = await ledger.lease("d", "one", ttl_s=5)
        await ledger.renew(lease)
        assert store.link.where.endswith(str(nodes[number].port))
        assert await replayed(store) == dict((await store.snapshot()).nodes)
        assert (await store.history("mug-1"))[0].op == "grasp"
        assert nodes[number].admin.exists(f"{{fm:{name}}}:nodes") == 1
        await store.close()


async def test_a_site_is_followed_when_its_slot_moves(nodes: list[Server]) -> None:
    name = site_on(nodes, 0, "moving")
    store, _ = await connect_site(f"redis://127.0.0.1:{nodes[2].port}/0", name, "pw")
    await store.apply(kitchen())
    replica = FollowingReplica(store)
    await replica.start()
    slot = nodes[0].admin.execute_command("CLUSTER", "KEYSLOT", f"{{fm:{name}}}")
    stop = asyncio.Event()

    async def write() -> int:
        count = 0
        while not stop.is_set():
            await store.set_states("mug-1", {"n": float(count)})
            count += 1
        return count

    writing = asyncio.create_task(write())
    await asyncio.to_thread(migrate, nodes[0], nodes[1], slot)
    moved_at = (await store.snapshot()).version
    await store.wait_for(moved_at + 50, timeout_s=20)
    stop.set()
    count = await writing
    scene = await replica.wait_for(1 + count, timeout_s=20)
    live = await store.snapshot()
    assert live.version == 1 + count
    assert scene["mug-1"].states == live["mug-1"].states == {"n": float(count - 1)}
    assert store.link.where.endswith(str(nodes[1].port))
    assert await replayed(store) == dict(live.nodes)
    await replica.stop()
    await store.close()


def migrate(source: Server, target: Server, slot: int) -> None:
    """Move a slot with all its keys, as the cluster's own tool does it."""
    target.admin.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
    source.admin.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
    while keys := source.admin.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
        source.admin.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "AUTH", "pw", "KEYS", *keys)
    for server in (target, source):
        server.admin.execute_command("CLUSTER", "SETSLOT", slot, "NODE", target.id)


async def test_a_dead_node_is_a_typed_error_and_then_its_replica(nodes: list[Server], tmp_path: Path) -> None:
    standby = Server(tmp_path / "standby")
    try:
        standby.admin.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port, nodes[0].bus)
        await later(lambda: nodes[2].id.encode() in standby.admin.execute_command("CLUSTER", "NODES"))
        standby.admin.execute_command("CLUSTER", "REPLICATE", nodes[2].id)
        name = site_on(nodes, 2, "dying")
        store, _ = await connect_site(f"redis://127.0.0.1:{nodes[0].port}/0", name, "pw",
                                      options=StoreOptions(timeout_s=0.5, deadline_s=30))
        await store.apply(kitchen())
        await later(lambda: standby.admin.info("replication")
                    ["master_link_status"] == "up" and bool(nodes[2].admin.execute_command("WAIT", 1, 1000)))
        nodes[2].process.send_signal(signal.SIGKILL)
        version = await store.set_states("mug-1", {"dirty": True})
        assert version == 2
        assert store.link.where.endswith(str(standby.port))
        assert (await store.snapshot())["mug-1"].states == {"dirty": True}
        await store.close()
    finally:
        standby.process.kill()
        standby.process.wait(10)


async def later(condition: Callable[[], Any]) -> None:
    def true() -> bool:
        return bool(condition())

    call: Awaitable[None] = asyncio.to_thread(eventually, true)
    await call
