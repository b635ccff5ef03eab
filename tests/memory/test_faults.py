"""The server is killed, the launcher is killed, answers are lost: nothing acknowledged goes, nothing doubles."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydantic import ValidationError

from fleetmind.memory.conformance import Site, refused
from fleetmind.memory.conformance.scene import replayed
from fleetmind.memory.conformance.site import kitchen
from fleetmind.memory.errors import Conflict, FleetmindError, StoreUnavailable
from fleetmind.memory.ledger import SubtaskRecord, TaskRecord
from fleetmind.memory.local import LocalSite
from fleetmind.memory.nodes import Node, Pose
from fleetmind.memory.replica import FollowingReplica
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change, SceneStore
from fleetmind.memory.valkey import StoreOptions, connect_site

LAUNCHER = """
import os, sys, time
from fleetmind.memory.server import EmbeddedServer
server = EmbeddedServer(sys.argv[1], "site")
server.start()
pid = server.server_pid
child = os.fork() if sys.argv[2] == "fork" else 0
if sys.argv[2] != "fork" or child:
    print(pid, child, flush=True)
time.sleep(60)
"""


def wait_until(condition: Callable[[], bool], deadline_s: float) -> float:
    """Seconds until the condition held."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < deadline_s, "not in time"
        time.sleep(0.01)
    return time.monotonic() - start


async def until(condition: Callable[[], bool], deadline_s: float = 5.0) -> None:
    """Return once the condition holds."""
    for _ in range(int(deadline_s / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not in time")


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def kill_and_restart(server: EmbeddedServer) -> None:
    os.kill(server.server_pid, signal.SIGKILL)
    wait_until(lambda: not server.running, 5)
    server.start()


async def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, "site") as server:
        store, _ = await connect_site(server.url, "site", server.token)
        watching, _ = await connect_site(server.url, "site", server.token)
        await store.apply(Change(put=tuple(Node(id=f"n{i}", kind="object", type="N") for i in range(4))))
        replica = FollowingReplica(watching)
        await replica.start()
        seen: list[int] = []

        async def watch() -> None:
            async for event in replica.subscribe(since=0):
                seen.append(event.seq)

        async def write(node: str, until: float) -> float:
            last, number = -1.0, 0.0
            while time.monotonic() < until or number < 50:
                await store.set_states(node, {"count": number})
                last, number = number, number + 1
            return last

        watcher = asyncio.create_task(watch())
        writers = [asyncio.create_task(write(f"n{i}", time.monotonic() + 0.6)) for i in range(4)]
        for _ in range(2):
            await store.wait_for((await store.snapshot()).version + 30)
            await asyncio.to_thread(kill_and_restart, server)
        lasts = await asyncio.gather(*writers)
        scene = await store.snapshot()
        assert [scene[f"n{i}"].states["count"] for i in range(4)] == lasts
        assert await replayed(store) == dict(scene.nodes)
        # Repeated after a lost answer, yet written once: every number stands in the log exactly once.
        assert scene.version == 1 + sum(int(last) + 1 for last in lasts)
        followed = await replica.wait_for(scene.version)
        assert dict(followed.nodes) == dict(scene.nodes)
        await until(lambda: len(seen) >= scene.version)
        assert seen == list(range(1, scene.version + 1))
        watcher.cancel()
        await replica.stop()
        await watching.close()
        await store.close()


async def test_reads_go_stale_and_writes_fail_while_the_server_is_away(tmp_path: Path) -> None:
    patience = StoreOptions(timeout_s=0.3, deadline_s=0.5)
    with EmbeddedServer(tmp_path, "site") as server:
        store, ledger = await connect_site(server.url, "site", server.token, options=patience)
        version = await store.apply(Change(put=(Node(id="n", kind="object", type="N"),)))
        replica = FollowingReplica(store)
        await replica.start()
        assert replica.scene.age_s < 1
        os.kill(server.server_pid, signal.SIGSTOP)
        try:
            start = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await store.set_states("n", {"x": True})
            with pytest.raises(StoreUnavailable):
                await ledger.tasks()
            assert time.monotonic() - start < 4
            assert replica.scene["n"].version == version
            await until(lambda: replica.scene.age_s >= 0.6)
        finally:
            os.kill(server.server_pid, signal.SIGCONT)
        newer = await store.set_states("n", {"y": True})
        assert (await replica.wait_for(newer))["n"].states["y"] is True
        await until(lambda: replica.scene.age_s < 0.6)
        await replica.stop()
        await store.close()


async def test_a_lost_answer_is_not_written_twice(valkey: EmbeddedServer, new_site_name: str) -> None:
    store, ledger = await connect_site(valkey.url, new_site_name, valkey.token)
    client: Any = store.link.wire
    real = client.ask
    drop = {"next": False}

    async def lossy(*args: object) -> object:
        answer = await real(*args)
        if drop.pop("next", False):
            raise ConnectionError("the answer was lost")
        return answer

    client.ask = lossy
    await store.apply(Change(put=(Node(id="n", kind="object", type="N"), Node(id="m", kind="object", type="M"))))
    await ledger.submit(TaskRecord(id="t", instruction="x"))
    await ledger.open("t", 1, (SubtaskRecord(id="a", task="t"),))
    lease = await ledger.lease("d", "o", ttl_s=30)
    version = (await store.snapshot()).version
    for step, call in enumerate((
        lambda: store.set_states("n", {"x": True}, require={"x": False}),
        lambda: store.append("note", {"n": 1}),
        lambda: store.move("n", "on", "m"),
        lambda: store.apply(Change(put=(Node(id="new", kind="object", type="N"),)), {"new": 0}),
    ), 1):
        drop["next"] = True
        assert await call() == version + step
    drop["next"] = True
    attempt = await ledger.claim("t", "a", "ann", lease=lease)
    assert await ledger.attempts("t") == [attempt]
    assert (await store.snapshot()).version == version + 5
    await store.close()


async def test_another_store_behind_the_address_is_noticed(tmp_path: Path) -> None:
    first = EmbeddedServer(tmp_path / "one", "site")
    first.start()
    store, _ = await connect_site(first.url, "site", first.token)
    for number in range(5):
        await store.append("note", {"n": number})
    feed = store.watch(0)
    for _ in range(5):
        await anext(feed)
    first.stop()
    second = EmbeddedServer(tmp_path / "two", "site", port=first.port)
    (tmp_path / "two").mkdir(mode=0o700)
    os.link(tmp_path / "one" / "site.token", tmp_path / "two" / "site.token")
    second.start()
    with pytest.raises(FleetmindError, match="SITE_REPLACED"):
        await asyncio.wait_for(anext(feed), 10)
    with pytest.raises(FleetmindError, match="SITE_REPLACED"):
        await store.append("note", {})
    await store.close()
    second.stop()


@pytest.mark.parametrize("how", ["plain", "fork"])
def test_the_server_dies_with_its_launcher(tmp_path: Path, how: str) -> None:
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(tmp_path), how], stdout=subprocess.PIPE)
    assert launcher.stdout is not None
    pid, child = (int(part) for part in launcher.stdout.readline().split())
    assert not gone(pid)
    launcher.kill()
    took_s = wait_until(lambda: gone(pid), 5)
    launcher.wait()
    launcher.stdout.close()
    if child:
        os.kill(child, signal.SIGKILL)
    assert took_s < 2.0
    with EmbeddedServer(tmp_path, "site") as again:  # the directory is free at once
        assert again.running


async def test_the_next_start_resumes(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, "site") as server:
        store, _ = await connect_site(server.url, "site", server.token)
        await store.apply(Change(put=(Node(id="n", kind="object", type="N"),)))
        await store.close()
    with EmbeddedServer(tmp_path, "site") as server:
        again: SceneStore
        again, _ = await connect_site(server.url, "site", server.token)
        assert "n" in await again.snapshot()
        assert await again.set_states("n", {"x": True}) == 2
        await again.close()


def test_the_server_dies_with_its_guard(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent died")
    server = EmbeddedServer(tmp_path, "site")
    server.start()
    pid = server.server_pid
    os.kill(psutil.Process(pid).ppid(), signal.SIGKILL)
    wait_until(lambda: gone(pid), 2)
    server.stop()


async def test_a_cancellation_is_not_lost(remote: Site) -> None:
    """`asyncio.wait_for` of Python 3.11, which the client sends with, swallows one that comes as the sending ends."""
    store, _ = remote
    for rounds in range(300):
        for steps in range(6):  # into the call, one step of the event loop further each time
            reading = asyncio.create_task(store.events(0))
            for _ in range(steps):
                await asyncio.sleep(0)
            if not reading.cancel():
                continue
            with contextlib.suppress(asyncio.CancelledError):
                await reading
            assert reading.cancelled(), (rounds, steps)


async def test_a_clock_set_back_by_an_hour(valkey: EmbeddedServer, new_site_name: str) -> None:
    """The site's time goes on: events stay in order, leases lapse, nobody waits an hour."""
    store, ledger = await connect_site(valkey.url, new_site_name, valkey.token)
    ahead = round(time.time() + 3600, 6)
    await store.append("note", {})
    meta = f"{store.link.prefix}:meta"
    await store.link.command("HSET", meta, "time", f"{ahead:.6f}")  # what a clock that was an hour ahead has left
    await store.append("note", {})
    await ledger.lease("dispatcher", "one", ttl_s=0.05)

    async def taken() -> None:
        while True:
            with contextlib.suppress(Conflict):
                await ledger.lease("dispatcher", "two", ttl_s=5)
                return
            await asyncio.sleep(0.01)

    await asyncio.wait_for(taken(), 5)
    times = [event.time_s for event in await store.events()][1:]
    assert times == sorted(times)
    assert ahead <= times[0] < times[-1] < ahead + 60
    assert (await store.version_at(times[0])) == 2
    await store.close()


def test_a_local_clock_set_back() -> None:
    now = [5000.0]
    state = LocalSite(clock=lambda: now[0]).state
    assert state.clock() == 5000
    now[0] = 1400
    assert state.clock() == 5000
    now[0] = 1410
    assert state.clock() == 5010


@pytest.mark.parametrize("name", ["a/b", "../../x", "ü", "杯子", "🍵", "a\u202eb", "a\u2028b", "\"'`", "$(x)", "a b",
                                  ":", "fm:site", "'; DROP", "%s", "\\n", "x" * 128, "\U0010ffff"])
async def test_ids_of_any_unicode(site_on: Site, name: str) -> None:
    store, _ = site_on
    await store.apply(Change(put=(Node(id="hall", kind="room", type="Hall"), Node(
        id=name, kind="object", type=name[:64], parent="hall", relation="in", attributes={"openable": True}))))
    await store.set_open(name, True, source=name)
    await store.move(name, "on", "hall", pose=Pose(x=1, y=1))
    scene = await store.snapshot()
    assert [n.id for n in scene.children("hall")] == [name]
    assert await replayed(store) == dict(scene.nodes)
    assert [r.op for r in await store.history(name)] == ["move", "open", "apply"]
    await store.apply(Change(remove=(name,)))
    assert (await store.history(name))[0].op == "removed"


@pytest.mark.parametrize("name", ["", "\x00", "a\nb", "a{b}", "*", "x" * 129, "\x7f"])
async def test_ids_that_are_none(site_on: Site, name: str) -> None:
    store, _ = site_on
    with pytest.raises(ValidationError):
        Node(id=name, kind="object", type="T")
    for call in (store.move(name, "in", "hall"), store.grasp("ann", name), store.history(name),
                 store.set_open(name, True)):
        with refused("BAD_ID"):
            await call


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
async def test_numbers_that_are_none(site_on: Site, value: float) -> None:
    store, _ = site_on
    await store.apply(kitchen())
    with pytest.raises(ValidationError):
        Pose(x=value, y=0)
    broken = Pose.model_construct(x=value, y=0.0, z=0.0, qx=0.0, qy=0.0, qz=0.0, qw=1.0)
    mug = (await store.snapshot())["mug-1"]
    with pytest.raises(ValidationError):
        Change(put=(mug.model_copy(update={"pose": broken}),))
    for call in (store.move("mug-1", "on", "table-1", pose=broken), store.at(time_s=value),
                 store.set_states("mug-1", {"level": value})):
        with refused("SCENE_INVALID"):
            await call
    assert (await store.snapshot()).version == 1


async def test_ten_megabytes_of_attributes(site_on: Site) -> None:
    store, _ = site_on
    await store.apply(kitchen())
    huge = Node(id="huge", kind="object", type="T", attributes={"blob": "x" * (10 << 20)})
    with refused("SCENE_TOO_LARGE"):
        await store.apply(Change(put=(huge,)))
    with refused("SCENE_TOO_LARGE"):
        await store.set_states("mug-1", {"text": "x" * (10 << 20)})
    with refused("EVENT_INVALID"):
        await store.append("note", {"blob": "x" * (10 << 20)})
    assert (await store.snapshot()).version == 1


@pytest.mark.parametrize("away_s", [2.0, pytest.param(30.0, marks=pytest.mark.slow)])
async def test_the_server_is_away(tmp_path: Path, away_s: float) -> None:
    """Readers go on with what they know and say how old it is; writers fail in time, or wait as asked."""
    with EmbeddedServer(tmp_path, "away") as server:
        patient, _ = await connect_site(server.url, "away", server.token, options=StoreOptions(deadline_s=away_s + 30))
        hasty, _ = await connect_site(server.url, "away", server.token,
                                      options=StoreOptions(timeout_s=0.2, deadline_s=0.5))
        await patient.apply(kitchen())
        replica = FollowingReplica(patient)
        await replica.start()
        seen: list[int] = []

        async def listen() -> None:
            async for event in replica.subscribe(0):
                seen.append(event.seq)

        listening = asyncio.create_task(listen())
        os.kill(server.server_pid, signal.SIGKILL)
        wait_until(lambda: not server.running, 5)
        waiting = asyncio.create_task(patient.set_states("mug-1", {"dirty": True}))
        gone_at = time.monotonic()
        with refused("STORE_UNAVAILABLE"):
            await hasty.set_states("mug-1", {"dirty": False})
        assert time.monotonic() - gone_at < 5
        while time.monotonic() - gone_at < away_s:
            assert replica.scene["mug-1"].version == 1
            await asyncio.sleep(0.05)
        assert replica.scene.age_s > away_s / 2
        assert not waiting.done()
        await asyncio.to_thread(server.start)
        assert await waiting == 2
        for value in range(50):
            version = await hasty.set_states("mug-2", {"n": float(value)})
        scene = await replica.wait_for(version, timeout_s=20)
        assert dict(scene.nodes) == dict((await patient.snapshot()).nodes)
        assert scene.age_s < 5
        await until(lambda: len(seen) >= version)
        assert seen == list(range(1, version + 1)), "no gap, no duplicate"
        listening.cancel()
        await replica.stop()
        for store in (patient, hasty):
            await store.close()


async def test_no_half_change_survives_a_kill(tmp_path: Path) -> None:
    """Changes of a hundred nodes, and the server killed among them: all hundred have it, or none."""
    with EmbeddedServer(tmp_path, "half") as server:
        store, _ = await connect_site(server.url, "half", server.token)

        def hundred(value: float) -> Change:
            return Change(put=tuple(Node(id=f"n{i}", kind="object", type="N", states={"value": value})
                                    for i in range(100)))

        for number in range(3):
            done, ended = [-1.0], asyncio.Event()

            async def write(base: float, done: list[float] = done, ended: asyncio.Event = ended) -> None:
                while not ended.is_set():
                    await store.apply(hundred(base + done[0] + 1))
                    done[0] += 1

            writing = asyncio.create_task(write(number * 10_000.0))
            await until(lambda done=done: done[0] >= 5)  # type: ignore[misc]
            await asyncio.to_thread(kill_and_restart, server)
            ended.set()
            await writing
            scene = await store.snapshot()
            assert {node.states["value"] for node in scene} == {number * 10_000.0 + done[0]}
            assert {node.version for node in scene} == {scene.version}
            assert await replayed(store) == dict(scene.nodes)
        await store.close()
