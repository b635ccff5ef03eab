"""`fleetmind eval`: a suite with a progress bar and a table."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from fleetmind.brain import BrainConfig
from fleetmind.console.view import safe
from fleetmind.training.episode import EpisodeResult
from fleetmind.training.evaluation import read_results, run_suite, select
from fleetmind.training.suite import load_suite


def evaluate(suite_name: str, *, out: Path, only: str | None, workers: int, timeout_s: float, record: bool,
             brain: BrainConfig) -> int:
    """Run a suite and print what passed, what did not, and why; returns the exit code."""
    suite = load_suite(suite_name)
    wanted = tuple(o.strip() for o in (only or "").split(",") if o.strip())
    entries = {e.id: e for e in select(suite, wanted)}
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not sys.stdout.isatty()) as progress:
        bar = progress.add_task(suite.name, total=len(entries))

        def show(result: EpisodeResult, done: int, total: int) -> None:
            progress.update(bar, completed=done)
            mark = "ok  " if result.passed else "FAIL"
            why = "" if result.passed else f"  {result.verdict} {result.reason_code} {safe(result.reason, 200)}"
            console.print(f"{done:3}/{total} {mark} {result.entry:16} {result.wall_s:5.1f}s{why}", markup=False,
                          highlight=False, soft_wrap=True)

        summary = run_suite(suite, out, brain=brain, only=wanted, workers=workers, timeout_s=timeout_s, record=record,
                            on_result=show)
    _table(console, {i: r for i, r in read_results(out / "results.jsonl").items() if i in entries})
    console.print(f"tasks    {summary.tasks.text()}", highlight=False, markup=False)
    console.print(f"refusals {summary.refusals.text()}", highlight=False, markup=False)
    console.print(f"brain {summary.brain}, world time {summary.world_s:.0f} s, wall time {summary.wall_s:.0f} s "
                  f"(summed over episodes); results in {out}", highlight=False, markup=False)
    return 0 if summary.good else 1


def _table(console: Console, results: dict[str, EpisodeResult]) -> None:
    by_task: dict[str, list[EpisodeResult]] = {}
    for result in results.values():
        by_task.setdefault(result.task, []).append(result)
    table = Table("task", "passed", "plans", "attempts", "world s", "what failed")
    for task, group in by_task.items():
        failed = "; ".join(f"{r.entry}: {r.verdict} {r.reason_code} {' / '.join(r.goal_why)}"
                           for r in group if not r.passed)
        table.add_row(task, f"{sum(r.passed for r in group)}/{len(group)}",
                      f"{sum(r.plans for r in group) / len(group):.1f}",
                      f"{sum(r.attempts for r in group) / len(group):.1f}",
                      f"{sum(r.world_s for r in group) / len(group):.0f}", Text(safe(failed, 300)))
    console.print(table)
