"""Memory bench: writes, contention, replica, space, time and loading, each beside its floor or peer in the same run.

    python benchmarks/bench_memory.py                  the table, JSON in benchmarks/results/memory.json
    python benchmarks/bench_memory.py --quick          small sizes, to see that it runs
    python benchmarks/bench_memory.py --part space     one of write, writers, replica, space, scale, curve, retrieval

Subject and reference alternate round by round; writes quiet and loaded (one busy loop per core at nice 19).
Exit 1: an update was lost or doubled, or a figure was missed by more than twice.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import memory_peers
import redis
from redis.asyncio import Redis

from fleetmind.memory import (
    Change,
    EmbeddedServer,
    FollowingReplica,
    Node,
    Pose,
    RedisSceneStore,
    Retention,
    Scene,
    connect_site,
    context,
)

QUICK = False
Figure = tuple[str, float, float, str, bool]
"""Name, value, limit, what stands beside it, whether more is better."""


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def seconds(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def each_us(work: Callable[[Any], object], items: list[Any]) -> float:
    """Microseconds a call, over all items."""
    start = time.perf_counter()
    for item in items:
        work(item)
    return (time.perf_counter() - start) / len(items) * 1e6


@contextmanager
def load(on: bool) -> Iterator[None]:
    """One busy loop per core at nice 19, or nothing."""
    loops = [subprocess.Popen([sys.executable, "-c", "import os\nos.nice(19)\nwhile True: pass"])
             for _ in range(os.cpu_count() or 1 if on else 0)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def thing(number: int, rooms: int, rng: random.Random) -> Node:
    """A mug somewhere in a building of rooms of 8 x 8 metres, two things a square metre."""
    room = number % rooms
    side = math.isqrt(rooms) + 1
    return Node(
        id=f"mug-{number}", kind="object", type=f"Type{number % 120}", parent=f"room-{room}", relation="in",
        pose=Pose(x=room % side * 8 + rng.random() * 8, y=room // side * 8 + rng.random() * 8, z=rng.random()),
        size=(0.1, 0.1, 0.1), states={"dirty": False}, attributes={"pickupable": True, "source_id": f"Mug|{number}"},
        last_seen_s=1.0, source="ann")


def building(count: int) -> list[Node]:
    """So many nodes: rooms of 128 things, and robots."""
    rng, rooms = random.Random(7), max(1, count // 128)
    return [*(Node(id=f"room-{i}", kind="room", type="Room") for i in range(rooms)),
            *(Node(id=f"robot-{i}", kind="robot", type="Robot", parent="room-0", relation="in", pose=Pose(x=1, y=1))
              for i in range(3)),
            *(thing(i, rooms, rng) for i in range(max(1, count - rooms - 3)))]


def told(peers: dict[str, dict[str, float]], key: str, unit: str) -> str:
    """What the peers take for an operation, for the column beside ours."""
    factor = 1000.0 if unit == "ms" else 1.0
    return ", ".join(f"{name} {costs[key] * factor:.3g} {unit}" for name, costs in peers.items())


async def p50_p99(work: Callable[[int], Awaitable[object]], times: int) -> tuple[float, float]:
    """Microseconds."""
    out = []
    for number in range(times):
        start = time.perf_counter()
        await work(number)
        out.append((time.perf_counter() - start) * 1e6)
    return statistics.median(out), percentile(out, 0.99)


# --- write: one client, beside one HSET ---------------------------------------------------------------------------
async def write(server: EmbeddedServer) -> tuple[list[Figure], dict[str, Any]]:
    """Compare-and-set and semantic operations against HSET of the same bytes.

    The HSET is redis-py's asyncio client with hiredis, its payload made beforehand, as the change is. Told beside the
    figures: HSET over our own connections, and both writes with the payload made from a node each time.
    """
    store, _ = await connect_site(server.url, "write", server.token)
    nodes = building(400)
    await store.load(nodes)
    raw = Redis.from_url(server.url, password=server.token, protocol=2)
    mug, value = nodes[-1], nodes[-1].model_dump_json()
    change = Change(put=(mug,), source="ann")
    version = (await store.snapshot())[mug.id].version

    async def compare_and_set(number: int) -> None:
        nonlocal version
        version = await store.apply(change, {mug.id: version})

    async def made_each_time(number: int) -> None:
        nonlocal version
        version = await store.apply(Change(put=(mug,), source="ann"), {mug.id: version})

    async def grasp_place(number: int) -> None:
        if number % 2:
            await store.place("robot-0", "mug-5", "in", "room-0")
        else:
            await store.grasp("robot-0", "mug-5")

    async def hset(number: int) -> object:
        return await raw.hset("floor", "mug", value)  # type: ignore[misc]

    subjects: dict[str, Callable[[int], Awaitable[object]]] = {
        "compare and set": compare_and_set, "move": lambda i: store.move("mug-7", "in", f"room-{i % 3}"),
        "grasp, place": grasp_place, "set states": lambda i: store.set_states("mug-9", {"n": float(i)}),
    }
    beside: dict[str, Callable[[int], Awaitable[object]]] = {
        "HSET": hset, "HSET over our connections": lambda i: store.link.wire.ask("HSET", "floor", "mug", value),
        "HSET, text made each time": lambda i: raw.hset("floor", "mug", mug.model_dump_json()),
        "compare and set, change made each time": made_each_time,
    }
    figures: list[Figure] = []
    detail: dict[str, Any] = {}
    for regime in ("quiet", "loaded"):
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in (*beside, *subjects)}
        with load(regime == "loaded"):
            for _ in range(2 if QUICK else 6):
                for name, subject in {**beside, **subjects}.items():
                    await p50_p99(subject, 60)
                    rounds[name].append(await p50_p99(subject, 100 if QUICK else 1000))
        middle = {name: [statistics.median(r[i] for r in found) for i in (0, 1)] for name, found in rounds.items()}
        detail[regime] = middle
        floor = f"HSET {middle['HSET'][0]:.0f} us p50, {middle['HSET'][1]:.0f} p99"
        for name in subjects:
            figures.append((f"{regime}: {name}, x HSET p50", middle[name][0] / middle["HSET"][0], 2.0, floor, False))
        figures.append((f"{regime}: compare and set, x HSET p99", middle["compare and set"][1] / middle["HSET"][1], 3.0,
                        floor, False))
    await raw.aclose()
    await store.close()
    return figures, detail


# --- writers: many processes on the same nodes --------------------------------------------------------------------
def _children(kind: str, server: EmbeddedServer, site: str, count: int, times: int) -> tuple[float, list[Any]]:
    """Run writers from a barrier; seconds from the start to the last end, and what each says."""
    children = [subprocess.Popen(
        [sys.executable, __file__, "--child", kind, server.url, server.token, site, str(i), str(times)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for i in range(count)]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    start = time.perf_counter()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    said = [json.loads(child.communicate()[0]) for child in children]
    return time.perf_counter() - start, said


async def _child(kind: str, url: str, token: str, site: str, number: int, times: int) -> None:
    store, _ = await connect_site(url, site, token)
    raw = redis.Redis.from_url(url, password=token)
    rng, done = random.Random(number), []
    print("ready", flush=True)
    sys.stdin.readline()
    for i in range(times):
        if kind == "states":
            await store.set_states("shared", {f"w{number}": float(i)})
        elif kind == "moves":
            name, place = f"mug-{rng.randrange(20)}", f"room-{rng.randrange(3)}"
            done.append([await store.move(name, "in", place), name, place])
        else:  # as RoboOS does it: read the list, change it, write it back
            kept = json.loads(raw.hget("peer", "table"))  # type: ignore[arg-type]
            raw.hset("peer", "table", json.dumps([*kept, f"{number}-{i}"]))
    await store.close()
    print(json.dumps(done))


async def writers(server: EmbeddedServer) -> tuple[list[Figure], dict[str, Any]]:
    """Eight writers on one node, sixteen moving the same things, and RoboOS's way beside them."""
    store, _ = await connect_site(server.url, "writers", server.token)
    await store.load([*building(400), Node(id="shared", kind="object", type="Shared")])
    times = 100 if QUICK else 2000
    before = await store.version_at(None)
    took_s, _ = await asyncio.to_thread(_children, "states", server, "writers", 8, times)
    scene = await store.snapshot()
    lost = before + 8 * times - scene.version
    last_wrong = sum(scene["shared"].states.get(f"w{i}") != times - 1 for i in range(8))
    raw = redis.Redis.from_url(server.url, password=server.token)
    raw.hset("peer", "table", "[]")
    _, _ = await asyncio.to_thread(_children, "peer", server, "writers", 8, 100)
    peer_lost = 800 - len(json.loads(raw.hget("peer", "table")))  # type: ignore[arg-type]
    before = scene.version
    moves_s, said = await asyncio.to_thread(_children, "moves", server, "writers", 16, times)
    scene = await store.snapshot()
    told = {version: (name, place) for answers in said for version, name, place in answers}
    last = {name: place for _, (name, place) in sorted(told.items())}
    misplaced = sum(scene[name].parent != place for name, place in last.items())
    twice = sum(sum(name in scene.child_ids(f"room-{r}") for r in range(3)) != 1 for name in last)
    await store.close()
    return [
        ("8 writers on one node, writes/s", 8 * times / took_s, 5000, "RoboOS's way loses updates, below", True),
        ("8 writers: lost", float(lost + last_wrong), 0, f"RoboOS's way: {peer_lost} of 800 lost", False),
        ("16 writers x 2,000 moves: lost", float(16 * times - len(told) + misplaced), 0,
         f"{16 * times / moves_s:.0f} moves/s", False),
        ("16 writers: things in two places", float(twice), 0, "", False),
    ], {"writes_per_s": 8 * times / took_s, "moves_per_s": 16 * times / moves_s, "peer_lost": peer_lost}


# --- replica: how fast it reads and how far it is behind ------------------------------------------------------------
async def replica(server: EmbeddedServer) -> tuple[list[Figure], dict[str, Any]]:
    """Typed reads at 10,000 objects; lag at 2,000 writes a second from 100 writers."""
    store, _ = await connect_site(server.url, "replica", server.token)
    nodes = building(500 if QUICK else 10_000)
    await store.load(nodes)
    local = FollowingReplica(store)
    await local.start()
    rng = random.Random(1)
    ids = [rng.choice(nodes).id for _ in range(5000)]
    cold = each_us(lambda i: local.scene[i], ids)
    warm = statistics.median(each_us(lambda i: local.scene[i], ids) for _ in range(5))
    peers = memory_peers.measure(local.scene)
    lags: list[float] = []
    first = local.version

    async def listen(until: int) -> None:
        async for event in local.subscribe(first):
            lags.append((time.time() - event.time_s) * 1000)
            if event.seq >= until:
                return

    per_writer, rate = (3, 2000.0) if QUICK else (60, 2000.0)
    other, _ = await connect_site(server.url, "replica", server.token)
    listening = asyncio.create_task(listen(first + 100 * per_writer))
    start = time.perf_counter()

    async def writer(number: int) -> None:
        for i in range(per_writer):
            due = start + (i * 100 + number) / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await other.set_states(f"mug-{number}", {"n": float(i)})

    await asyncio.gather(*(writer(i) for i in range(100)))
    reached = 100 * per_writer / (time.perf_counter() - start)
    await asyncio.wait_for(listening, 30)
    await local.stop()
    for opened in (store, other):
        await opened.close()
    return [
        ("typed read at 10,000 objects, us", warm, 5.0,
         f"first read of a node {cold:.1f} us; {told(peers, 'read_us', 'us')}", False),
        ("replica lag p99, ms", percentile(lags, 0.99), 10.0,
         f"{reached:.0f} writes/s from 100 writers in the same process; p50 {statistics.median(lags):.2f} ms", False),
        ("events lost on the way", float(100 * per_writer - len(lags)), 0, "", False),
    ], {"peers_at_10000": peers, "warm_us": warm, "cold_us": cold,
        "lag_ms": [statistics.median(lags), percentile(lags, 0.99)]}


# --- space: the index beside scipy's tree ---------------------------------------------------------------------------
async def space(server: EmbeddedServer) -> tuple[list[Figure], dict[str, Any]]:
    """Radius, nearest and moves at 100,000 objects."""
    import numpy
    from scipy.spatial import cKDTree

    scene = Scene(building(2000 if QUICK else 100_000))
    grid, rng = scene.grid(), random.Random(3)
    points = [e.place for e in scene.entries if e.place is not None]
    tree = cKDTree(numpy.array(points))
    asked = [rng.choice(points) for _ in range(300 if QUICK else 2000)]
    ours, theirs, near, knn = [], [], [], []
    for _ in range(5):
        ours.append(each_us(lambda p: grid.within(*p, 1.0), asked))
        theirs.append(each_us(lambda p: tree.query_ball_point(p, 1.0), asked))
        near.append(each_us(lambda p: grid.nearest(*p, 5), asked))
        knn.append(each_us(lambda p: tree.query(p, 5), asked))
    moved = []
    names = [n for n in scene.nodes if n.startswith("mug")]

    def beside(name: str) -> tuple[float, float, float]:
        x, y, z = grid.point(name) or (0.0, 0.0, 0.0)
        return x + rng.random() / 10, y + rng.random() / 10, z

    for _ in range(60):  # what robots do: each thing goes to the side of another
        batch = [(name, *beside(rng.choice(names))) for name in rng.sample(names, 100)]
        start = time.perf_counter()
        grid = grid.evolve(batch)
        moved.append((time.perf_counter() - start) / 100 * 1e6)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    tree_us = f"cKDTree {statistics.median(knn):.1f} us"
    ratio_knn = statistics.median(a / b for a, b in zip(near, knn, strict=True))
    return [
        ("radius 1 m at 100,000, x cKDTree", ratio, 5.0, f"cKDTree {statistics.median(theirs):.1f} us", False),
        ("5 nearest at 100,000, x cKDTree", ratio_knn, 5.0, tree_us, False),
        ("a move in the index, us", statistics.median(moved), 5.0, "in batches of 100; cKDTree is built anew", False),
    ], {"radius_us": statistics.median(ours), "nearest_us": statistics.median(near),
        "move_us": statistics.median(moved)}


# --- scale: 100,000 nodes ---------------------------------------------------------------------------------------------
def rss_mb() -> float:
    """Memory of this process, MB."""
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def scale(server: EmbeddedServer) -> tuple[list[Figure], dict[str, Any]]:
    """Loading, handles, export, the past, and memory at 100,000 nodes with 100,000 events."""
    import orjson

    count, history = (2000, 3000) if QUICK else (100_000, 100_000)
    store, _ = await connect_site(server.url, "scale", server.token)
    await store.retain(Retention(events=1_000_000))
    nodes = building(count)
    server_before = await _used_mb(store)
    start = time.perf_counter()
    await store.load(nodes)
    put_s = time.perf_counter() - start
    server_mb = await _used_mb(store) - server_before
    del nodes
    gc.collect()
    before = rss_mb()
    local = FollowingReplica(store, horizon=2 * history)
    start = time.perf_counter()
    await local.start()
    start_s = time.perf_counter() - start
    ours_mb = rss_mb() - before
    scene = local.scene
    handle = each_us(lambda _: local.scene, list(range(1000)))
    plain = [json.loads(entry.json) for entry in scene.entries]
    exports = [(seconds(scene.to_json), seconds(lambda: orjson.dumps(plain))) for _ in range(5)]
    peers = memory_peers.measure(scene)
    first = local.version
    rng = random.Random(5)
    for batch in range(history // 500):
        await asyncio.gather(*(store.move(f"mug-{rng.randrange(count // 2)}", "in", f"room-{batch % 8}")
                               for _ in range(500)))
    await local.wait_for(first + history, timeout_s=60)
    near_ms, far_ms = [], []
    for _ in range(9):
        start = time.perf_counter()
        await local.at(local.version - min(1000, history // 2) - rng.randrange(100))
        near_ms.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        await local.at(first + 1 + rng.randrange(history // 10))
        far_ms.append((time.perf_counter() - start) * 1000)
    export = statistics.median(a / b for a, b in exports)
    await local.stop()
    figures: list[Figure] = [
        ("replica loads 100,000 nodes, s", start_s, 3.0, f"from the server; {told(peers, 'load_s', 's')} from a text",
         False),
        ("store.load of 100,000 nodes, s", put_s, 3.0, "checked and written in batches of 500", False),
        ("snapshot handle at 100,000, us", handle, 1000.0, f"copies: {told(peers, 'copy_s', 'ms')}", False),
        ("export of 100,000, x orjson", export, 2.0,
         f"orjson {statistics.median(b for _, b in exports) * 1000:.0f} ms, {told(peers, 'export_s', 'ms')}", False),
        ("as of 1,000 events back, ms", statistics.median(near_ms), 10.0, "from the replica", False),
        ("far back in 100,000 events, ms", statistics.median(far_ms), 100.0, "from the replica and the log", False),
    ]
    figures += await _restart(server, store, local.version)
    await store.close()
    per_node = {"replica_bytes": ours_mb * 1e6 / count, "server_bytes": server_mb * 1e6 / count}
    return figures, {"put_s": put_s, "start_s": start_s, "export_s": exports, "peers": peers, "at_ms": near_ms,
                     "far_ms": far_ms, "memory_per_node": per_node}


async def _used_mb(store: RedisSceneStore) -> float:
    info = await store.link.command("INFO", "memory")
    text = info.decode() if isinstance(info, bytes) else str(info)
    return int(next(line for line in text.splitlines() if line.startswith("used_memory:")).split(":")[1]) / 1e6


async def _restart(server: EmbeddedServer, store: RedisSceneStore, version: int) -> list[Figure]:
    def kill() -> None:
        os.kill(server.server_pid, 9)
        while server.running:
            time.sleep(0.005)

    await asyncio.to_thread(kill)
    start = time.perf_counter()
    await asyncio.to_thread(server.start)
    up_s = time.perf_counter() - start
    lost = version - await store.version_at(None)
    return [("kill -9 at 100,000 nodes: acknowledged lost", float(lost), 0, f"{up_s:.2f} s until it answered", False)]


# --- curve: cost over size ----------------------------------------------------------------------------------
async def curve(server: EmbeddedServer) -> tuple[list[Figure], dict[str, Any]]:
    """What each operation costs at 10 to 100,000 nodes, with its log-log slope (Theil-Sen)."""
    sizes = [10, 100, 1000] if QUICK else [10, 100, 1000, 10_000, 100_000]
    rows: dict[str, list[float]] = {}
    rng = random.Random(9)
    for size in sizes:
        nodes = building(max(size, 10))
        scene = Scene(nodes)
        names = [n.id for n in nodes if n.kind == "object"]
        asked = [rng.choice(names) for _ in range(400)]
        poses = [scene[n].pose or Pose(x=0, y=0) for n in asked]
        scene.near(poses[0], 1.0)
        spots = [(p.x, p.y, p.z) for p in poses]
        rows.setdefault("typed read", []).append(each_us(lambda i, s=scene: s[i], asked))
        rows.setdefault("radius 1 m", []).append(each_us(lambda p, s=scene: s.grid().within(*p, 1.0), spots))
        rows.setdefault("5 nearest", []).append(each_us(lambda p, s=scene: s.grid().nearest(*p, 5), spots))
        rows.setdefault("one change", []).append(each_us(
            lambda i, s=scene: s.evolve((s[i].model_copy(update={"states": {"n": 1.0}}),), (), version=2), asked))
        rows.setdefault("context", []).append(each_us(
            lambda _, s=scene: context(s, "put the Type7 in room-0", ("robot-0",)), list(range(6)))
            if context(scene, "put the Type7 in room-0", ("robot-0",)).text else 0.0)
        store, _ = await connect_site(server.url, f"curve-{size}", server.token)
        await store.load(nodes)
        took = []
        for i in range(100 if QUICK else 600):
            start = time.perf_counter()
            await store.set_states(asked[i % 400], {"n": float(i)})
            took.append((time.perf_counter() - start) * 1e6)
        rows.setdefault("write", []).append(statistics.median(took))
        await store.close()
    slopes = {name: slope(sizes, costs) for name, costs in rows.items()}
    # Below a hundred nodes a context is not full: there it grows with the scene because it shows all of it.
    slopes["context"] = slope(sizes[1:], rows["context"][1:])
    beside = "us: " + ", ".join(f"{cost:.3g}" for cost in rows["write"])
    # The slope of `context` is a figure of the part retrieval.
    return [("write: slope over size", slopes["write"], 0.05, beside, False)], {
        "sizes": sizes, "us": rows, "slopes": slopes}


def slope(sizes: list[int], costs: list[float]) -> float:
    """Theil-Sen slope of log cost over log size."""
    pairs = [(math.log(b / a), math.log(y / x)) for i, (a, x) in enumerate(zip(sizes, costs, strict=True))
             for b, y in list(zip(sizes, costs, strict=True))[i + 1:]]
    return statistics.median(rise / run for run, rise in pairs)


async def retrieval(server: EmbeddedServer) -> tuple[list[Figure], dict[str, Any]]:
    """Recall on labelled pairs in sites of 2,000 things; see `retrieval_pairs.py`."""
    import retrieval_pairs

    out = await asyncio.to_thread(retrieval_pairs.measure, progress=False)
    return retrieval_pairs.figures(out), {key: value for key, value in out.items() if key != "rows"}


PARTS = {"write": write, "writers": writers, "replica": replica, "space": space, "scale": scale, "curve": curve,
         "retrieval": retrieval}


def table(figures: list[Figure]) -> tuple[list[str], int, bool]:
    """Lines, how many are met, and whether something is beyond tolerance."""
    lines, met, broken = ["| what | value | figure | beside it | met |", "|---|---|---|---|---|"], 0, False
    for name, value, limit, beside, more in figures:
        good = value >= limit if more else value <= limit
        far = value < limit / 2 if more else value > 2 * limit and limit > 0
        met, broken = met + good, broken or far or (limit == 0 and value > 0)
        lines.append(f"| {name} | {value:.3g} | {'>=' if more else '<='} {limit:g} | {beside} | "
                     f"{'yes' if good else 'NO'} |")
    return lines, met, broken


async def measure(parts: list[str]) -> tuple[list[Figure], dict[str, Any]]:
    """Each part on a server of its own."""
    figures: list[Figure] = []
    detail: dict[str, Any] = {}
    for part in parts:
        print(f"{part} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as state, EmbeddedServer(state, "bench") as server:
            found, detail[part] = await PARTS[part](server)
        figures += found
    return figures, detail


def main() -> int:
    """Run, print, write."""
    global QUICK
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "memory.json")
    parser.add_argument("--child", nargs=6, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        kind, url, token, site, number, times = given.child
        asyncio.run(_child(kind, url, token, site, int(number), int(times)))
        return 0
    QUICK = given.quick
    figures, detail = asyncio.run(measure(given.part or list(PARTS)))
    lines, met, broken = table(figures)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    if not QUICK:
        given.out.parent.mkdir(exist_ok=True)
        out = {"machine": machine, "figures": figures, "detail": detail}
        given.out.write_text(json.dumps(out, indent=1) + "\n", "utf-8")
    print("\n".join(lines))
    print(f"{met} of {len(figures)} figures met")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
