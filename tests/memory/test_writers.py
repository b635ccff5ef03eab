"""Sixteen processes move the same things about at once: nothing is lost, nothing is in two places."""

from __future__ import annotations

import json
import subprocess
import sys

from fleetmind.memory.conformance import Site
from fleetmind.memory.nodes import Node
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change
from fleetmind.memory.temporal import between

WRITERS, MOVES, THINGS, PLACES = 16, 2000, 20, 10
WRITER = f"""
import asyncio, json, random, sys
from fleetmind.memory.valkey import connect_site
url, site, token, number = sys.argv[1:]
async def main():
    store, _ = await connect_site(url, site, token)
    rng, done = random.Random(int(number)), []
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range({MOVES}):
        thing, place = f"thing-{{rng.randrange({THINGS})}}", f"place-{{rng.randrange({PLACES})}}"
        done.append([await store.move(thing, "in", place, source=f"writer-{{number}}"), thing, place])
    await store.close()
    print(json.dumps(done))
asyncio.run(main())
"""


def started(url: str, site: str, token: str) -> list[subprocess.Popen[str]]:
    """The writers, connected and waiting."""
    writers = [subprocess.Popen(
        [sys.executable, "-c", WRITER, url, site, token, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True) for number in range(WRITERS)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    return writers


async def test_sixteen_writers_lose_nothing(valkey: EmbeddedServer, remote: Site) -> None:
    store, _ = remote
    await store.apply(Change(put=(
        *(Node(id=f"place-{i}", kind="room", type="Place") for i in range(PLACES)),
        *(Node(id=f"thing-{i}", kind="object", type="Thing", parent="place-0", relation="in") for i in range(THINGS)))))
    site = store.link.prefix[4:-1]  # type: ignore[attr-defined]
    writers = started(valkey.url, site, valkey.token)
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    told: dict[int, tuple[str, str]] = {}
    for writer in writers:
        answer, _unused = writer.communicate(timeout=100)
        for version, thing, place in json.loads(answer):
            assert version not in told, "two writers were told the same version"
            told[version] = (thing, place)
    assert len(told) == WRITERS * MOVES
    live = await store.snapshot()
    assert live.version == 1 + WRITERS * MOVES
    last = {thing: place for _, (thing, place) in sorted(told.items())}
    assert {n.id: n.parent for n in live.of_type("Thing")} == last
    inside = [child for i in range(PLACES) for child in live.child_ids(f"place-{i}")]
    assert sorted(inside) == sorted(last), "each thing is in one place"
    logged = {}
    async for event in between(store, 1, live.version):
        (node,) = event.data["put"]  # type: ignore[misc]
        logged[event.seq] = (node["id"], node["parent"])  # type: ignore[index, call-overload]
    assert logged == told
