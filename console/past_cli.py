"""`fleetmind memory history|where|diff|at|near|robots|load`: what a running site knows and knew, from its store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from fleetmind.console.memory_cli import DEFAULT_STATE, Force, Out, StateDirOption, errors, read_file, write_file
from fleetmind.console.site import StateDir
from fleetmind.memory import (
    FleetmindError,
    Ledger,
    Model,
    Node,
    Pose,
    SceneStore,
    nearest,
    robot_records,
    scene_to_json,
)

T = TypeVar("T")
NodeArgument = Annotated[str, typer.Argument(help="Id of a node, as `fleetmind scene show` prints it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
LimitOption = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]


def register(app: typer.Typer) -> None:
    """Add the commands to the group."""
    for name, command in (("history", history_command), ("where", where_command), ("diff", diff_command),
                          ("at", at_command), ("near", near_command), ("robots", robots_command),
                          ("load", load_command)):
        app.command(name)(command)


def history_command(node: NodeArgument, limit: LimitOption = 20, as_json: JsonOption = False,
                    state_dir: StateDirOption = DEFAULT_STATE) -> None:
    """Every change of a node, newest first: who said what.

    Example: fleetmind memory history mug-1
    """
    with errors():
        records = _ask(state_dir, lambda store, _: store.history(node, limit=limit))
        if not records:
            raise FleetmindError("SCENE_UNKNOWN", f"{node!r} has never been in the scene: see `fleetmind scene show`")
        _show(records, as_json, ("version", "when", "by", "did", "then"), lambda r: (
            str(r.version), _when(r.time_s), r.source, r.op, _described(r.node)))


def where_command(node: NodeArgument, limit: LimitOption = 20, as_json: JsonOption = False,
                  state_dir: StateDirOption = DEFAULT_STATE) -> None:
    """Where a thing has been, newest first.

    Example: fleetmind memory where apple-1
    """
    with errors():
        stays = _ask(state_dir, lambda store, _: store.where_was(node, limit=limit))
        if not stays:
            raise FleetmindError("SCENE_UNKNOWN", f"{node!r} has never been in the scene: see `fleetmind scene show`")
        _show(stays, as_json, ("place", "from", "until", "said by"), lambda s: (
            f"{s.relation} {s.parent}" if s.parent else "unknown", _when(s.from_s),
            _when(s.until_s) if s.until_s is not None else "now", s.source))


def diff_command(a: Annotated[int, typer.Argument(help="Version before.", min=0)],
                 b: Annotated[int | None, typer.Argument(help="Version after; the newest when not given.")] = None,
                 as_json: JsonOption = False, state_dir: StateDirOption = DEFAULT_STATE) -> None:
    """What changed between two versions of the site.

    Example: fleetmind memory diff 120 160
    """
    async def ask(store: SceneStore, _: Ledger) -> Any:
        return await store.diff(a, b if b is not None else await store.version_at(None))

    with errors():
        changes = _ask(state_dir, ask).changes
        _show(changes, as_json, ("node", "before", "after"), lambda c: (
            c.node, _described(c.before), _described(c.after)))


def at_command(version: Annotated[int | None, typer.Argument(help="Version of the site.", min=0)] = None,
               ago_s: Annotated[float | None, typer.Option("--ago", help="Or so many seconds ago.", min=0)] = None,
               out: Out = None, force: Force = False, state_dir: StateDirOption = DEFAULT_STATE) -> None:
    """The scene as it was, as our JSON: draw it with `fleetmind memory picture`.

    Examples:

        fleetmind memory at 120 --out then.json

        fleetmind memory at --ago 60 | fleetmind memory picture - --out then.png
    """
    async def ask(store: SceneStore, _: Ledger) -> Any:
        if (version is None) == (ago_s is None):
            raise FleetmindError("SCENE_HISTORY", "give a version or --ago, one of the two")
        if version is not None:
            return await store.at(version)
        newest = await store.version_at(None)
        events = await store.events(newest - 1, limit=1) if newest else []
        return await store.at(time_s=(events[0].time_s if events else 0.0) - (ago_s or 0.0))

    with errors():
        scene = _ask(state_dir, ask)
        write_file(out, scene_to_json(scene).encode() + b"\n", force=force, what=f"{len(scene)} nodes")


def near_command(node: NodeArgument, limit: LimitOption = 10,
                 type_name: Annotated[list[str] | None, typer.Option("--type", help="Only of this type.")] = None,
                 as_json: JsonOption = False, state_dir: StateDirOption = DEFAULT_STATE) -> None:
    """What is nearest to a node.

    Example: fleetmind memory near porter --type Mug --type Cup
    """
    async def ask(store: SceneStore, _: Ledger) -> list[tuple[Node, float]]:
        scene = await store.snapshot()
        here = scene.place(node)
        if here is None:
            raise FleetmindError("SCENE_UNKNOWN", f"nobody knows where {node!r} is: see `fleetmind scene show`")
        pose = Pose(x=here[0], y=here[1], z=here[2])
        found = nearest(scene, pose, limit + 1, types=type_name or ())
        placed = ((n, scene.place(n.id)) for n in found if n.id != node)
        return [(n, Pose(x=p[0], y=p[1], z=p[2]).distance_m(pose)) for n, p in placed if p is not None][:limit]

    with errors():
        found = _ask(state_dir, ask)
        distances = {n.id: f"{distance:.2f} m" for n, distance in found}
        _show([n for n, _ in found], as_json, ("node", "distance", "is"), lambda n: (
            n.id, distances[n.id], _described(n)))


def robots_command(as_json: JsonOption = False, state_dir: StateDirOption = DEFAULT_STATE) -> None:
    """One record per robot: what it is, whether it is there, how it is and who commands it.

    Example: fleetmind memory robots
    """
    async def ask(store: SceneStore, ledger: Ledger) -> Any:
        return await robot_records(ledger, await store.snapshot())

    with errors():
        _show(list(_ask(state_dir, ask).values()), as_json, ("robot", "there", "room", "holds", "battery", "runs"),
              lambda r: (r.profile.name, r.presence, r.state.room or "", ", ".join(r.state.holding),
                         "" if r.state.battery is None else f"{r.state.battery:.0%}", r.state.attempt or ""))


def load_command(file: Annotated[Path, typer.Argument(help="Scene file of any format, - for standard input.")],
                 given: Annotated[str, typer.Option("--format", "-f", help="auto, or one of the formats.")] = "auto",
                 state_dir: StateDirOption = DEFAULT_STATE) -> None:
    """Put every node of a file into the running site; nodes of the same id are replaced.

    Example: fleetmind memory load scene.json
    """
    with errors():
        scene = read_file(file, given)
        columns = (TextColumn("loading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=len(scene))
            version = _ask(state_dir, lambda store, _: store.load(
                scene, progress=lambda done, _total: bar.update(task, completed=done)))
        typer.echo(f"{len(scene)} nodes, version {version}", err=True)


def _ask(state_dir: Path, question: Callable[[SceneStore, Ledger], Awaitable[T]]) -> T:
    """Connect to the site's store, ask, and let go."""
    async def run() -> T:
        state = StateDir(state_dir)
        store, ledger = await state.connect(state.read().site)
        try:
            return await question(store, ledger)
        finally:
            await store.close()

    return asyncio.run(run())


def _show(items: list[T] | tuple[T, ...], as_json: bool, columns: tuple[str, ...],
          row: Callable[[T], tuple[str, ...]]) -> None:
    if as_json:
        typer.echo(json.dumps([item.model_dump(mode="json") if isinstance(item, Model) else item for item in items],
                              ensure_ascii=False, indent=2))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for item in items:
        table.add_row(*(escape(cell) for cell in row(item)))
    Console().print(table)


def _when(time_s: float | None) -> str:
    if time_s is None:
        return "earlier"
    return datetime.fromtimestamp(time_s, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _described(node: Node | None) -> str:
    if node is None:
        return "-"
    where = f"{node.relation} {node.parent}" if node.parent else "nowhere"
    pose = f" ({node.pose.x:.2f}, {node.pose.y:.2f}, {node.pose.z:.2f})" if node.pose else ""
    states = ", ".join(k if v is True else f"{k}={v}" for k, v in sorted(node.states.items()) if v is not False)
    return f"{node.type} {where}{pose}" + (f" [{states}]" if states else "") + (
        f" {node.confidence:.0%}" if node.confidence < 1 else "")
