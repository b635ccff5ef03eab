"""Retrieval on labelled pairs: is what executed plans touched in contexts of 1,500 tokens, in sites of 2,000 things?

    python benchmarks/retrieval_pairs.py               the table
    python benchmarks/retrieval_pairs.py --missed      and what is missing, of the pairs one may tune on
    python benchmarks/retrieval_pairs.py --limit 40    fewer pairs, to see that it runs

The pairs are in `data/retrieval_pairs.jsonl`, made by `tools/label_retrieval.py`. A third of them, by a hash of their
id, is held out: nobody looks at what is missed there.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from retrieval_sites import HOUSES, OBJECTS, House, executed, neighbour, neighbourhood, site
from rich.progress import track

from fleetmind.memory import Scene, context

PAIRS = Path(__file__).parent / "data" / "retrieval_pairs.jsonl"
BUDGET = 1500
MAX_BYTES = 6000
SIZES = (100, 1000, 10_000, 100_000)
COMPARED = 40
"""Pairs whose text is compared between processes."""
Pair = Mapping[str, Any]
Figure = tuple[str, float, float, str, bool]
"""Name, value, limit, what stands beside it, whether more is better."""


def load_pairs(path: Path = PAIRS) -> list[Pair]:
    """The labelled pairs, by id."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def held_out(pair: Pair) -> bool:
    """True for a third of the pairs."""
    return hashlib.sha256(pair["id"].encode()).digest()[0] % 3 == 0


def scene_of(pair: Pair, around: Scene) -> Scene:
    """The site of a pair."""
    return site(around, _house(json.dumps(pair["scene"]), pair["seed"], tuple(pair["robots"])))


@cache
def _house(scene: str, seed: int, robots: tuple[str, ...]) -> House:
    return executed(json.loads(scene), seed, robots)


def missing(pair: Pair, scene: Scene, budget: int = BUDGET) -> tuple[list[str], int, float]:
    """Node ids of what is needed and not shown, bytes of the text, and seconds it took."""
    start = time.perf_counter()
    shown = context(scene, pair["instruction"], pair["robots"], token_budget=budget)
    took = time.perf_counter() - start
    there = {str(n.attributes.get("source_id")): n.id for n in scene.nodes.values()}
    return [there[s] for s in pair["needed"] if there[s] not in shown.nodes], len(shown.text.encode()), took


def measure(*, limit: int | None = None, progress: bool = True, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Recall, size, determinism and cost.

    Args:
        limit: so many pairs only.
        progress: show bars.
        sizes: nodes of the sites whose cost is compared.
    """
    pairs = load_pairs()[:limit]
    around = _around(OBJECTS, progress)
    rows: list[dict[str, Any]] = []
    blind = 0
    for pair in track(pairs, "pairs", disable=not progress):
        scene = scene_of(pair, around)
        lost, size, took = missing(pair, scene)
        blind += not missing({**pair, "instruction": ""}, scene)[0]
        rows.append({"pair": pair, "lost": lost, "bytes": size, "ms": took * 1000,
                     "objects": sum(n for (kind, _), n in scene.types().items() if kind in ("object", "receptacle"))})
    out: dict[str, Any] = {
        "pairs": len(rows), "objects_least": min(r["objects"] for r in rows),
        "bytes_most": max(r["bytes"] for r in rows), "p50_ms": statistics.median(r["ms"] for r in rows),
        "recall_without_words": blind / len(rows), "rows": rows, **_recall(rows)}
    out["same_text"] = len({digest(seed, min(COMPARED, len(pairs))) for seed in ("1", "2")}) == 1
    out["cost_ms"] = dict(_costs(sizes, progress))
    out["slope"] = slope(list(out["cost_ms"]), list(out["cost_ms"].values()))
    return out


def _around(objects: int, progress: bool) -> Scene:
    for number in track(range(min(HOUSES, objects // 200 + 2)), "houses", disable=not progress):
        neighbour(number)
    return neighbourhood(objects)


def _recall(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Shares of pairs with all they need, and of things needed."""
    out = {}
    for name, chosen in (("all", rows), ("tuned", [r for r in rows if not held_out(r["pair"])]),
                         ("held_out", [r for r in rows if held_out(r["pair"])]),
                         ("oracle", [r for r in rows if r["pair"]["oracle"]]),
                         ("searched", [r for r in rows if not r["pair"]["oracle"]])):
        if chosen:
            needed = sum(len(r["pair"]["needed"]) for r in chosen)
            out[f"recall_{name}"] = sum(not r["lost"] for r in chosen) / len(chosen)
            out[f"recall_{name}_things"] = 1 - sum(len(r["lost"]) for r in chosen) / needed
    return out


def digest(seed: str, count: int) -> str:
    """Hash of the texts of the first pairs, from a process with another order of hashes."""
    ran = subprocess.run([sys.executable, __file__, "--digest", str(count)], check=True, capture_output=True, text=True,
                         env={**os.environ, "PYTHONHASHSEED": seed})
    return ran.stdout.strip()


def _digest(count: int) -> str:
    around, hashed = neighbourhood(OBJECTS), hashlib.sha256()
    for pair in load_pairs()[:count]:
        hashed.update(context(scene_of(pair, around), pair["instruction"], pair["robots"]).text.encode())
    return hashed.hexdigest()


def _costs(sizes: Sequence[int], progress: bool) -> Iterator[tuple[int, float]]:
    """Milliseconds of a context in one kitchen with more and more around it, indexes made."""
    house = executed({"name": "Kitchen3"}, 1, ("chef", "scout"))
    asked = ("Put the mug in the cabinet.", "Slice the tomato.", "Wash the plate and put it on the counter.",
             "Turn off all the lights.", "Open the fridge.")
    scenes = [site(neighbourhood(max(0, size - len(house.nodes))), house)
              for size in track(sizes, "sizes", disable=not progress)]
    took: list[list[float]] = [[] for _ in scenes]
    gc.collect()
    gc.freeze()
    for words in asked * 9:  # in turns, so that a slow moment of the machine is not one size's
        for scene, times in zip(scenes, took, strict=True):
            start = time.perf_counter()
            context(scene, words, ("chef", "scout"))
            times.append((time.perf_counter() - start) * 1000)
    gc.unfreeze()
    for scene, times in zip(scenes, took, strict=True):
        yield len(scene), statistics.median(times[len(asked):])


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Theil-Sen slope of log cost over log size."""
    points = [(math.log(x), math.log(y)) for x, y in zip(sizes, costs, strict=True)]
    return statistics.median((d - b) / (c - a) for (a, b), (c, d) in itertools.combinations(points, 2))


def figures(out: Mapping[str, Any]) -> list[Figure]:
    """What `measure` found, beside what it should be."""
    return [
        ("retrieval: pairs", out["pairs"], 200, f"{out['objects_least']}+ things in each site", True),
        ("retrieval: pairs with all they need", out["recall_all"], 0.98,
         f"{BUDGET} tokens; without the instruction {out['recall_without_words']:.3f}", True),
        ("retrieval: the same, held out", out["recall_held_out"], 0.98,
         f"things {out['recall_held_out_things']:.4f}", True),
        ("retrieval: bytes at most", out["bytes_most"], MAX_BYTES, "", False),
        ("retrieval: texts that differ between processes", float(not out["same_text"]), 0,
         "PYTHONHASHSEED 1, 2", False),
        ("retrieval: slope over nodes", out["slope"], 0.1,
         "ms: " + ", ".join(f"{n} {ms:.2f}" for n, ms in out["cost_ms"].items()), False)]


def _print_missed(out: Mapping[str, Any]) -> None:
    for row in out["rows"]:
        if row["lost"] and not held_out(row["pair"]):
            print(f"{row['pair']['id']}: {row['pair']['instruction']!r} lacks {row['lost']}")


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--digest", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.digest is not None:
        print(_digest(given.digest))
        return
    out = measure(limit=given.limit)
    if given.missed:
        _print_missed(out)
    for name, value in out.items():
        if isinstance(value, float):
            print(f"{name}: {value:.4f}")
    met = 0
    for name, value, bound, beside, more in figures(out):
        good = value >= bound if more else value <= bound
        met += good
        print(f"{'ok  ' if good else 'MISS'} {name}: {value:.4g} ({'>=' if more else '<='} {bound:g}; {beside})")
    print(f"{met} of {len(figures(out))} figures met")


if __name__ == "__main__":
    main()
