"""World bench: steps, sight, metadata, pictures, start, memory and cost curves of the household world, one core.

    python benchmarks/bench_sim.py                the table, JSON in benchmarks/results/sim.json
    python benchmarks/bench_sim.py --quick        short rounds, to see that it runs
    python benchmarks/bench_sim.py --part steps   one of steps, pictures, start, curves, same

The process pins itself to one core. Exit 1: runs with one seed differed, or a figure was missed by more than twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack

from fleetmind.simulators import Body, HouseholdWorld, SceneSpec

QUICK = False
Figure = tuple[str, float, float, str, bool]
"""Name, value, limit, what stands beside it, whether more is better."""
ROOMS = ("Kitchen", "LivingRoom", "Bedroom", "Bathroom")


def world_of(scene: str, agents: int = 1, *, rooms: tuple[Any, ...] | None = None, seed: int = 1) -> HouseholdWorld:
    """A world after reset."""
    world = HouseholdWorld()
    world.reset(SceneSpec(name=scene, rooms=rooms), [Body(name=f"r{i}") for i in range(agents)], seed=seed)
    return world


class Player:
    """Plays a fixed mix: two thirds driving, turning and looking, one third work on things near by."""

    def __init__(self, world: HouseholdWorld, seed: int = 5) -> None:
        self.world, self.rng = world, random.Random(seed)
        self.names, self.turn = world.agents, 0
        self.ids = [o["objectId"] for o in world.observe_all()["objects"]]
        self.seen: dict[str, list[str]] = {name: [] for name in self.names}

    def action(self, name: str) -> dict[str, Any]:
        """The next action of an agent."""
        draw = self.rng.random()
        if draw < 0.67 or not self.seen[name]:
            return {"action": self.rng.choice(("MoveAhead", "MoveAhead", "MoveBack", "RotateLeft", "RotateRight",
                                               "LookDown", "LookUp"))}
        verb = self.rng.choice(("PickupObject", "PutObject", "OpenObject", "CloseObject", "ToggleObjectOn",
                                "ToggleObjectOff", "SliceObject"))
        return {"action": verb, "objectId": self.rng.choice(self.seen[name])}

    def step(self) -> bool:
        """One action of the agent whose turn it is, then what it sees."""
        name = self.names[self.turn % len(self.names)]
        self.turn += 1
        done = self.world.step(name, self.action(name)).success
        scene = self.world._ready()
        self.seen[name] = scene.eyes.visible_ids(scene.state.agents[name])
        return done


def rate(work: Callable[[], object], seconds: float) -> float:
    """How often a second, the median of five rounds after a warm-up."""
    for _ in range(150):
        work()
    found = []
    for _ in range(2 if QUICK else 5):
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < (0.2 if QUICK else seconds):
            for _ in range(10):
                work()
            count += 10
        found.append(count / (time.perf_counter() - start))
    return statistics.median(found)


# --- steps ----------------------------------------------------------------------------------------------------------
def steps() -> tuple[list[Figure], dict[str, Any]]:
    """Steps with the exact visible set, alone and with four agents; with metadata packed."""
    world = world_of("Kitchen8")
    count = len(world.observe_all()["objects"])
    alone = rate(Player(world).step, 1.0)
    four = rate(Player(world_of("Kitchen8", 4)).step, 1.0)
    packing = world_of("Kitchen8")
    player = Player(packing)

    def packed() -> bytes:
        player.step()
        return msgpack.packb(packing.observe("r0", everything=True).metadata)

    told = rate(packed, 1.0)
    return [
        ("steps/s, visible set each step", alone, 5000, f"{count} objects; goal 20,000", True),
        ("steps/s, 4 agents", four, 2000, "one agent's step and its visible set", True),
        ("steps/s, full metadata built and packed", told, 1000, f"{len(packed())} bytes of msgpack", True),
    ], {"objects": count, "alone": alone, "four": four, "packed": told}


# --- pictures -------------------------------------------------------------------------------------------------------
def pictures() -> tuple[list[Figure], dict[str, Any]]:
    """RGB, depth and ids after each step."""
    from fleetmind.simulators.render import primitives
    figures: list[Figure] = []
    detail: dict[str, Any] = {}
    world = max((world_of(name) for name in ("Kitchen8", "Kitchen3", "LivingRoom4", "Bedroom2")),
                key=lambda w: len(primitives(w._ready().state).shape))
    count = len(primitives(world._ready().state).shape)
    player = Player(world)
    for width, height, wanted in ((128, 96, 1000), (300, 300, 200)):
        def drawn(width: int = width, height: int = height) -> None:
            player.step()
            world.observe("r0", pictures=True, width=width, height=height)

        found = rate(drawn, 1.0)
        detail[f"{width}x{height}"] = found
        figures.append((f"steps/s with a picture of {width}x{height}", found, wanted,
                        f"RGB, depth, ids, {count} primitives, metadata of what is visible", True))
    return figures, detail | {"primitives": count}


# --- start ----------------------------------------------------------------------------------------------------------
_START = """
import time
start = time.perf_counter()
from fleetmind.simulators import Body, HouseholdWorld, SceneSpec
world = HouseholdWorld()
world.reset(SceneSpec(name="Kitchen8"), [Body(name="r0")], seed=1)
world.step("r0", {"action": "MoveAhead"})
world.observe("r0")
first = time.perf_counter() - start
start = time.perf_counter()
for number in range(1, 6):
    world.reset(SceneSpec(name=f"Kitchen{number}"), [Body(name="r0")], seed=1)
again = (time.perf_counter() - start) / 5
world.observe("r0", pictures=True, width=300, height=300)
import resource
print(first, again, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def start() -> tuple[list[Figure], dict[str, Any]]:
    """A fresh process: imports to the first observation, a reset, memory after a picture."""
    runs = []
    for _ in range(2 if QUICK else 5):
        out = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True).stdout
        runs.append([float(v) for v in out.split()])
    first, again, memory = (statistics.median(run[i] for run in runs) for i in range(3))
    return [("start to the first observation, s", first, 0.5, "imports included, no picture", False),
            ("reset, s", again, 0.2, "mean of five kitchens", False),
            ("memory after a picture, MB", memory, 250, "the whole process at its peak", False)], {"runs": runs}


# --- curves ---------------------------------------------------------------------------------------------------------
def curves() -> tuple[list[Figure], dict[str, Any]]:
    """What a step with its visible set costs over objects and over agents, with log-log slopes."""
    by_objects, by_agents = [], []
    for rooms in (("Bathroom",), ("Kitchen",), ROOMS[:2], ROOMS, (*ROOMS, *ROOMS)):
        world = world_of("House1", rooms=rooms)
        by_objects.append((len(world.observe_all()["objects"]), 1e6 / rate(Player(world).step, 0.3)))
    for agents in (1, 2, 4, 8, 16, 32):
        by_agents.append((agents, 1e6 / rate(Player(world_of("House1", agents, rooms=ROOMS)).step, 0.3)))
    found: list[Figure] = []
    detail: dict[str, Any] = {}
    for name, rows in (("objects", by_objects), ("agents", by_agents)):
        detail[name] = {"rows": rows, "slope": slope(rows)}
        found.append((f"cost of a step over {name}: slope", slope(rows), 1.0,
                      "us: " + ", ".join(f"{n} {us:.0f}" for n, us in rows), False))
    return found, detail


def slope(rows: list[tuple[int, float]]) -> float:
    """Theil-Sen slope of log cost over log size."""
    return statistics.median(math.log(c / b) / math.log(n / m)
                             for i, (m, b) in enumerate(rows) for n, c in rows[i + 1:])


# --- same -----------------------------------------------------------------------------------------------------------
def fingerprint(seed: int) -> str:
    """A hash of every state and every tenth picture of a played game."""
    world = world_of("House4", 4, seed=seed)
    player, hashed = Player(world, seed), hashlib.sha256()
    for number in range(60 if QUICK else 400):
        player.step()
        if number % 10 == 0:
            frame = world.observe("r0", pictures=True, width=128, height=96)
            hashed.update(frame.rgb.tobytes() + frame.depth.tobytes() + frame.ids.tobytes())  # type: ignore[union-attr]
        hashed.update(json.dumps(world.observe_all(), sort_keys=True).encode() if number % 20 == 0 else b"")
    return hashed.hexdigest()


def same() -> tuple[list[Figure], dict[str, Any]]:
    """One seed, three processes with different hash seeds: bit-identical states and pictures."""
    hashes = []
    for salt in ("0", "1", "random"):
        out = subprocess.run([sys.executable, __file__, "--child", "11", *(["--quick"] if QUICK else [])],
                             env=os.environ | {"PYTHONHASHSEED": salt}, capture_output=True, text=True, check=True)
        hashes.append(out.stdout.strip())
    return [("processes whose states or pictures differ", float(len(set(hashes)) - 1), 0,
             "4 agents, 400 steps, 40 pictures, 3 processes", False)], {"hashes": hashes}


PARTS = {"steps": steps, "pictures": pictures, "start": start, "curves": curves, "same": same}


def table(figures: list[Figure]) -> tuple[list[str], int, bool]:
    """Lines, how many are met, and whether something is beyond tolerance."""
    lines, met, broken = ["| what | value | figure | beside it | met |", "|---|---|---|---|---|"], 0, False
    for name, value, limit, beside, more in figures:
        good = value >= limit if more else value <= limit
        far = value < limit / 2 if more else value > 2 * limit
        met, broken = met + good, broken or far
        lines.append(f"| {name} | {value:.3g} | {'>=' if more else '<='} {limit:g} | {beside} | "
                     f"{'yes' if good else 'NO'} |")
    return lines, met, broken


def main() -> int:
    """Run, print, write."""
    global QUICK
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "sim.json")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    QUICK = given.quick
    if given.child:
        print(fingerprint(int(given.child)))
        return 0
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    figures: list[Figure] = []
    detail: dict[str, Any] = {}
    for part in given.part or PARTS:
        print(f"{part} ...", file=sys.stderr, flush=True)
        found, detail[part] = PARTS[part]()
        figures += found
    lines, met, broken = table(figures)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    if not QUICK:
        given.out.parent.mkdir(exist_ok=True)
        given.out.write_text(json.dumps({"machine": machine, "figures": figures, "detail": detail}, indent=1) + "\n",
                             "utf-8")
    print("\n".join(lines))
    print(f"{met} of {len(figures)} figures met")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
