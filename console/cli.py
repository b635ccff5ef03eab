"""The command line: `fleetmind demo`, `up`, `robot`, `task`, `robots`, `scene`, `stop`, `reset`, `replay`, `eval`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from fleetmind import __version__
from fleetmind.console import past_cli
from fleetmind.console.memory_cli import memory_app
from fleetmind.memory import FleetmindError
from fleetmind.simulators.errors import WorldError

OK, FAILED, USAGE, NO_GOAL, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="fleetmind", no_args_is_help=True, add_completion=False, rich_markup_mode="markdown",
    help="One brain, a fleet of robots. Start with `fleetmind demo`.\n\nExit codes: 0 goal verified, 1 failed, refused "
         "or cancelled, 2 usage, 3 done but no goal to verify, 130 interrupted.")
task_app = typer.Typer(no_args_is_help=True, help="Hand in, watch, cancel and list tasks of a running site.")
scene_app = typer.Typer(no_args_is_help=True, help="The scene graph of a running site.")
config_app = typer.Typer(no_args_is_help=True, help="fleet.yaml.")
app.add_typer(task_app, name="task")
app.add_typer(scene_app, name="scene")
app.add_typer(config_app, name="config")
past_cli.register(memory_app)
app.add_typer(memory_app, name="memory")

Config = Annotated[Path | None, typer.Option("--config", "-c", help="fleet.yaml; without it, the defaults.")]
StateDirOption = Annotated[
    Path, typer.Option(help="State directory of the running site.", envvar="FLEETMIND_STATE_DIR")]
_DEFAULT_STATE = Path(".fleetmind")
_USAGE_CODES = ("CONFIG", "ROBOT_", "SUITE", "GOAL", "TRAJECTORY", "INSTRUCTION", "RUN_DIR")


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run asynchronous work; errors become one line and an exit code, never a traceback."""
    try:
        return asyncio.run(work)
    except FleetmindError as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(USAGE if error.code.startswith(_USAGE_CODES) else FAILED) from None
    except WorldError as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(USAGE if error.code in ("WORLD_SCENE", "WORLD_GOAL") else FAILED) from None
    except OSError as error:
        typer.secho(f"error: FILE: {error.filename or ''}: {error.strerror or error}", fg="red", err=True)
        raise typer.Exit(USAGE) from None


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"fleetmind {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True,
                                          help="Print the version.")] = False,
) -> None:
    # Strict checkpoint loading is read once, when langgraph is imported.
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")


@app.command()
def demo(
    config: Config = None,
    task: Annotated[str | None, typer.Option("--task", "-t", help="Something else to do, in plain words.")] = None,
    goal: Annotated[Path | None, typer.Option(help="JSON or YAML file with the goal to verify.")] = None,
    scene: Annotated[str | None, typer.Option(help="Scene, e.g. Kitchen3 or House2.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the scene.")] = None,
    robots: Annotated[str | None, typer.Option(help="Robots or fleets, comma separated: porter,chef,scout.")] = None,
    clock: Annotated[str | None, typer.Option(help="lockstep, real, or realx4.")] = None,
    out: Annotated[Path, typer.Option(help="Where the run's directory is made.")] = Path("runs"),
    restart: Annotated[bool, typer.Option("--restart/--no-restart", help="Restart processes that die.")] = True,
    oracle: Annotated[bool, typer.Option(help="Debugging: the fleet knows everything from the start.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures/--no-pictures", help="Robots take pictures.")] = True,
    plain: Annotated[bool, typer.Option(help="Plain lines instead of the live view.")] = False,
) -> None:
    """Three robots, each its own process, carry out a household task; leaves `runs/TIME-TASK/report.html`.

    Examples:

        fleetmind demo

        fleetmind demo --task "put the apple in the fridge" --scene Kitchen2

        fleetmind demo --task "make it dark" --scene House1 --robots scout,porter
    """
    from fleetmind.console.demo import Demo, run_demo

    overrides: dict[str, Any] = {"restart": restart, "oracle": oracle}
    world: dict[str, Any] = {"pictures": pictures}
    if clock is not None:
        world["clock"] = clock
    if seed is not None:
        world["seed"] = seed
    if robots is not None:
        overrides["robots"] = tuple(r.strip() for r in robots.split(",") if r.strip())
    overrides["world"] = world
    live = sys.stdout.isatty() and not plain
    try:
        code = _run(run_demo(Demo(config=config, overrides=overrides, task=task, goal=goal, scene=scene, out=out,
                                  live=live)))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(code)


@app.command()
def up(
    config: Config = None,
    state_dir: Annotated[Path | None, typer.Option(help="The site's state; what is there is resumed.")] = None,
    by_hand: Annotated[str, typer.Option(help="Robots you start yourself (`fleetmind robot`), comma separated.")] = "",
    restart: Annotated[bool, typer.Option("--restart/--no-restart", help="Restart processes that die.")] = True,
) -> None:
    """Start a site and keep it running until Ctrl-C; hand in tasks from another terminal.

    Examples:

        fleetmind up --config fleet.yaml

        fleetmind task submit "wash the mugs" --watch
    """
    from fleetmind.console.demo import run_up

    overrides: dict[str, Any] = {"restart": restart}
    if by_hand:
        overrides["by_hand"] = tuple(n.strip() for n in by_hand.split(",") if n.strip())
    if state_dir is not None:
        overrides["state_dir"] = state_dir
    try:
        _run(run_up(config, overrides))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def robot(
    name: Annotated[str, typer.Argument(help="Name of a robot of the site that is not running yet.")],
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """Run one robot agent in this terminal, against a site that is up.

    Example: fleetmind robot scout
    """
    import logging

    from fleetmind.console.roles import run_robot
    from fleetmind.console.site import StateDir

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")

    async def work() -> None:
        StateDir(state_dir).read()  # say at once when there is no site
        await run_robot(StateDir(state_dir), name)

    try:
        _run(work())
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


@task_app.command("submit")
def task_submit(
    instruction: Annotated[str, typer.Argument(help="What you want, in plain words.")],
    goal: Annotated[Path | None, typer.Option(help="JSON or YAML file with a goal, kept with the task.")] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow it until it has ended.")] = False,
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """Hand in a task.

    Example: fleetmind task submit "put the mug in the sink" --watch
    """
    from fleetmind.console.client import SiteClient
    from fleetmind.console.goals import read_goal
    from fleetmind.console.view import follow_plain

    async def work() -> int:
        posed = read_goal(goal).model_dump(mode="json") if goal is not None else None
        async with SiteClient(state_dir) as site:
            record = await site.submit(instruction, goal=posed)
            typer.echo(record.id)
            return await follow_plain(site, record.id) if watch else OK

    raise typer.Exit(_interruptible(work()))


@task_app.command("watch")
def task_watch(
    task_id: Annotated[str, typer.Argument(help="Id of the task.")],
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """Follow a task until it has ended; what happened before is shown first."""
    from fleetmind.console.client import SiteClient
    from fleetmind.console.view import follow_plain

    async def work() -> int:
        async with SiteClient(state_dir) as site:
            await site.task(task_id)
            return await follow_plain(site, task_id)

    raise typer.Exit(_interruptible(work()))


def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    try:
        return int(_run(work))
    except KeyboardInterrupt:
        return INTERRUPTED


@task_app.command("cancel")
def task_cancel(
    task_id: Annotated[str, typer.Argument(help="Id of the task.")],
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """Cancel a task: running skills are stopped, nothing new starts."""
    from fleetmind.console.client import SiteClient

    async def work() -> None:
        async with SiteClient(state_dir) as site:
            record = await site.cancel(task_id)
            typer.echo(f"{record.id} {record.state}")

    _run(work())


@task_app.command("list")
def task_list(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """All tasks, oldest first."""
    from fleetmind.console.client import SiteClient
    from fleetmind.console.view import print_tasks

    async def work() -> None:
        async with SiteClient(state_dir) as site:
            print_tasks(await site.tasks(), as_json=as_json)

    _run(work())


@app.command("robots")
def robots_command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """Every robot: whether it is there, what it can do, what it is doing."""
    from fleetmind.console.client import SiteClient
    from fleetmind.console.view import print_robots

    async def work() -> None:
        async with SiteClient(state_dir) as site:
            print_robots(await site.robots(), as_json=as_json)

    _run(work())


@scene_app.command("show")
def scene_show(
    room: Annotated[str | None, typer.Option(help="Only this room, by id.")] = None,
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """The scene graph as a tree."""
    from fleetmind.console.client import SiteClient
    from fleetmind.console.view import print_scene

    async def work() -> None:
        async with SiteClient(state_dir) as site:
            print_scene(await site.scene(), room=room)

    _run(work())


@scene_app.command("export")
def scene_export(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File; standard output when not given.")] = None,
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """The scene graph as documented JSON."""
    from fleetmind.console.client import SiteClient
    from fleetmind.memory import scene_to_json

    async def work() -> None:
        async with SiteClient(state_dir) as site:
            text = scene_to_json(await site.scene())
            if out is None:
                typer.echo(text)
            else:
                out.write_text(text, encoding="utf-8")

    _run(work())


@app.command()
def stop(
    reason: Annotated[str, typer.Argument(help="Why; shown to everybody.")] = "operator",
    state_dir: StateDirOption = _DEFAULT_STATE,
) -> None:
    """Protective stop: every robot stops and stays stopped until `fleetmind reset`. It is not an emergency stop."""
    from fleetmind.console.client import SiteClient

    async def work() -> None:
        async with SiteClient(state_dir) as site:
            reply = await site.stop(reason, who=os.environ.get("USER", "operator"))
            typer.echo(f"stopped ({reply.reason}); {reply.robots} listeners told")

    _run(work())


@app.command()
def reset(state_dir: StateDirOption = _DEFAULT_STATE) -> None:
    """Release the protective stop; robots do not start by themselves, work goes on when it is dispatched."""
    from fleetmind.console.client import SiteClient

    async def work() -> None:
        async with SiteClient(state_dir) as site:
            await site.reset(who=os.environ.get("USER", "operator"))
            typer.echo("released")

    _run(work())


@app.command()
def replay(
    run: Annotated[Path, typer.Argument(help="Directory of a run, or of its trajectory.")],
    speed: Annotated[float, typer.Option(help="Times faster than it happened; 0 prints at once.")] = 0.0,
) -> None:
    """Show a recorded run again: plans, thoughts, steps and outcomes.

    Example: fleetmind replay runs/20261122-153000-clear-the-table
    """
    from fleetmind.console.view import replay_plain

    _run(replay_plain(run, speed))


@app.command("eval")
def eval_command(
    suite: Annotated[str, typer.Argument(help="Built-in suite or a YAML file.")] = "household",
    out: Annotated[Path, typer.Option("--out", "-o", help="Results go here; a run that was cut off goes on.")] = Path(
        "runs/eval"),
    only: Annotated[str | None, typer.Option(help="Comma separated ids or tasks.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Episodes at the same time.")] = 2,
    timeout: Annotated[float, typer.Option(help="Wall seconds for one episode.")] = 120.0,
    record: Annotated[bool, typer.Option(help="Write every episode's trajectory.")] = False,
    config: Config = None,
) -> None:
    """Run a suite and report success with intervals. Exit 0 when every refusal and 90 % of the tasks pass.

    Examples:

        fleetmind eval household

        fleetmind eval household --only coffee,toast-2 --record
    """
    from fleetmind.console.config import load_config
    from fleetmind.console.evaluation import evaluate

    try:
        brain = load_config(config).brain
        code = evaluate(suite, out=out, only=only, workers=workers, timeout_s=timeout, record=record, brain=brain)
    except FleetmindError as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(USAGE) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(code)


@config_app.command("check")
def config_check(
    path: Annotated[Path, typer.Argument(help="fleet.yaml")] = Path("fleet.yaml"),
    show: Annotated[bool, typer.Option(help="Print what holds after defaults and environment.")] = False,
) -> None:
    """Say what is wrong with a fleet.yaml before anything starts."""
    from fleetmind.console.check import check_config

    async def work() -> None:
        config, notes = await check_config(path)
        for note in notes:
            typer.echo(note)
        if show:
            typer.echo(json.dumps(config.model_dump(mode="json"), indent=1, default=str))

    _run(work())


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
