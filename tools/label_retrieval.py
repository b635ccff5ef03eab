"""Labels for the retrieval bench: runs instructions and writes down what each plan that worked really touched.

    python tools/label_retrieval.py                    all; goes on where it stopped
    python tools/label_retrieval.py --limit 20         the first twenty only

Every instruction runs with the whole fleet in this process. It counts when the task succeeded, the world says that its
goal holds, and the plan touched something. Every other run is made as with `--oracle` (the site knows everything, so
nothing is searched for); in the rest robots search, and what they only looked into is not a label.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from retrieval_tasks import entries
from rich.progress import Progress

from fleetmind.brain import SymbolicBrain
from fleetmind.memory import FleetmindError, Scene, SubtaskRecord
from fleetmind.training.episode import Stage, run_instruction, stage
from fleetmind.training.suite import Entry

OUT = Path(__file__).parent.parent / "benchmarks" / "data" / "retrieval_pairs.jsonl"
TIMEOUT_S = 60.0
NOT_TOUCHED = frozenset({"Floor"})


async def label(entry: Entry, *, oracle: bool) -> dict[str, Any] | str:
    """The pair of one instruction, or why there is none."""
    async with stage(entry.scene, entry.robots, SymbolicBrain(), seed=entry.seed, oracle=oracle) as on:
        before = {str(o["objectId"]): o for o in (await on.world.observe_all())["objects"]}
        task, report = await run_instruction(on, entry.instruction, goal=entry.goal, timeout_s=TIMEOUT_S)
        if task.state != "succeeded" or report is None or not report.holds:
            return f"{task.state} {task.reason_code or task.reason:.60}"
        needed = await _touched(on, task.id, before)
        if not needed:
            return "nothing to do"
        return {"id": entry.id, "instruction": entry.instruction, "scene": _small(entry), "seed": entry.seed,
                "robots": [body.name for body in on.bodies], "oracle": oracle, "needed": needed}


def _small(entry: Entry) -> dict[str, Any]:
    return entry.scene.model_dump(mode="json", exclude_defaults=True)


async def _touched(on: Stage, task: str, before: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Source ids of what was handled, and of the shut containers it was in at first."""
    scene = await on.site.store.snapshot()
    work = {r.id: r for r in await on.site.ledger.subtasks(task)
            if r.state == "succeeded" and not r.body.get("seeks")}
    nodes = {name for record in work.values() for name in _of_subtask(record)}
    for event in await on.site.store.events(0, limit=100_000):
        if event.kind == "step" and event.data.get("task") == task and event.data.get("subtask") in work:
            nodes |= set(_of_step(event.data))
    found = {source for source in (_source(scene, n) for n in nodes) if source in before}
    for source in tuple(found):
        found |= {str(p) for p in before[source].get("parentReceptacles") or ()
                  if before[str(p)]["openable"] and not before[str(p)]["isOpen"]}
    return sorted(source for source in found if before[source]["objectType"] not in NOT_TOUCHED)


def _of_subtask(record: SubtaskRecord) -> Iterable[str]:
    body: Mapping[str, Any] = record.body
    yield from body.get("nodes") or ()
    for effect in body.get("effects") or ():
        yield effect["node"]
        yield effect.get("target") or ""


def _of_step(data: Mapping[str, Any]) -> Iterable[str]:
    if (data.get("outcome") or {}).get("code") == "succeeded":
        yield from (v for v in data["call"]["arguments"].values() if isinstance(v, str))


def _source(scene: Scene, node_id: str) -> str:
    node = scene.get(node_id)
    return str(node.attributes.get("source_id", "")) if node is not None else ""


def _done(path: Path) -> dict[str, dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {pair["id"]: pair for pair in map(json.loads, lines)}


def _write(path: Path, pairs: Mapping[str, Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(pairs[i], ensure_ascii=False) + "\n" for i in sorted(pairs)), encoding="utf-8")


async def run(out: Path, limit: int | None) -> None:
    """Label what is not labelled yet, and write after each."""
    pairs, missed = _done(out), dict[str, str]()
    todo = list(entries())[:limit]
    with Progress() as bar:
        row = bar.add_task("labelling", total=len(todo))
        for number, entry in enumerate(todo):
            if entry.id not in pairs:
                try:
                    made = await label(entry, oracle=number % 2 == 0)
                except FleetmindError as error:
                    made = str(error)
                if isinstance(made, str):
                    missed[entry.id] = f"{entry.instruction} ({made})"
                else:
                    pairs[entry.id] = made
                    _write(out, pairs)
            bar.update(row, advance=1, description=f"{len(pairs)} pairs, {len(missed)} without")
        for name, why in missed.items():
            bar.console.print(f"no label: {name}: {why}", markup=False, soft_wrap=True)
        bar.console.print(f"{len(pairs)} pairs in {out}", markup=False)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    asyncio.run(run(given.out, given.limit))


if __name__ == "__main__":
    main()
