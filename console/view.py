"""What people see while work goes on: plain lines anywhere, a live view in a terminal, replays, tables, trees."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from fleetmind.agents.protocol import fleet_pb2
from fleetmind.console.client import SiteClient
from fleetmind.memory import TERMINAL, Event, FleetmindError, RobotProfile, Scene, TaskRecord
from fleetmind.training import read_trajectory

_MARK = {"succeeded": "[green]✔[/]", "failed": "[red]✘[/]", "unknown": "[red]?[/]", "claimed": "[yellow]▶[/]",
         "ready": "○", "waiting": "[dim]·[/]", "cancelled": "[dim]–[/]"}


def safe(text: object, limit: int = 160) -> str:
    """Untrusted text for a terminal: no control characters, one line, bounded."""
    flat = "".join(c if c.isprintable() else " " for c in str(text))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


class View(Protocol):
    """Shows a task while it runs."""

    heard: list[str]
    """News that went by, for the record."""

    def say(self, line: str) -> None:
        """A line for the person who started it."""

    def news(self, line: str) -> None:
        """Something unusual: a process died, a stop."""

    def on_event(self, event: Event) -> None:
        """An event of the task."""

    def showing(self, robots: Mapping[str, tuple[RobotProfile, str]]) -> contextlib.AbstractContextManager[None]:
        """While the task runs."""


def event_line(event: Event) -> str | None:
    """One event in one line, None for those nobody needs to read."""
    data: Mapping[str, Any] = event.data
    match event.kind:
        case "task":
            reason = f": {safe(data.get('reason'), 400)}" if data.get("reason") else ""
            return f"task {data.get('state')}{reason}"
        case "plan":
            version: Any = data.get("version") or data.get("plan_version")
            subtasks: Any = data.get("subtasks") or []
            lines = [f"plan {version}: {len(subtasks)} subtasks"]
            for raw in subtasks:
                body = raw.get("body", raw)
                after = f"  after {', '.join(body['depends_on'])}" if body.get("depends_on") else ""
                lines.append(f"    {raw.get('id')} {raw.get('robot') or '?'}: {safe(body.get('goal'))}{after}")
            return "\n".join(lines)
        case "step":
            outcome: Any = data.get("outcome") or {}
            call: Any = data.get("call") or {}
            words = f"{call.get('skill')}({', '.join(f'{v}' for v in (call.get('arguments') or {}).values())})"
            result = "ok" if outcome.get("code") == "succeeded" else f"{outcome.get('code')}: {outcome.get('message')}"
            return f"{data.get('robot')}: {safe(data.get('thought'))} -> {safe(words)} {safe(result)}"
        case "attempt" if str(data.get("state")) in ("succeeded", "failed", "unknown", "cancelled"):
            ended: Any = data.get("outcome") or {}
            why = f": {safe(ended.get('message'))}" if data.get("state") != "succeeded" else ""
            return f"{data.get('robot')} {data.get('state')} {data.get('subtask')}{why}"
        case "robot":
            return f"robot {data.get('robot')} {data.get('state')} {safe(data.get('detail') or '')}".rstrip()
        case "stop":
            return f"PROTECTIVE STOP: {safe(data.get('reason'))}" if data.get("stopped") else "stop released"
        case _:
            return None


class PlainView:
    """Lines with the seconds since the start, for logs and pipes."""

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self._console = Console(highlight=False, markup=False, soft_wrap=True)
        self._write = write or self._console.print
        self._start = time.monotonic()
        self.heard: list[str] = []

    def say(self, line: str) -> None:
        """A line for the person who started it."""
        self._write(f"[{time.monotonic() - self._start:6.1f}s] {line}")

    def news(self, line: str) -> None:
        """Something unusual."""
        self.heard.append(line)
        self.say(f"! {line}")

    def on_event(self, event: Event) -> None:
        """An event of the task."""
        line = event_line(event)
        if line is not None:
            self.say(line)

    @contextlib.contextmanager
    def showing(self, robots: Mapping[str, tuple[RobotProfile, str]]) -> Iterator[None]:
        """Nothing to prepare."""
        yield


class LiveView(PlainView):
    """Task graph and robots, redrawn in place; unusual lines scroll above."""

    def __init__(self) -> None:
        self._live_console = Console()
        super().__init__(lambda line: self._live_console.print(line, markup=False, highlight=False))
        self._subtasks: dict[str, dict[str, Any]] = {}
        self._robots: dict[str, dict[str, str]] = {}
        self._live: Live | None = None
        self._state = "queued"

    @contextlib.contextmanager
    def showing(self, robots: Mapping[str, tuple[RobotProfile, str]]) -> Iterator[None]:
        """Draw until the task has ended."""
        self._robots = {name: {"state": state} for name, (_, state) in sorted(robots.items())}
        with Live(self._draw(), console=self._live_console, refresh_per_second=8) as live:
            self._live = live
            yield
            live.update(self._draw())
        self._live = None

    def on_event(self, event: Event) -> None:
        """Take an event into the picture."""
        data: Any = event.data
        match event.kind:
            case "task":
                self._state = str(data.get("state"))
            case "plan":
                for raw in data.get("subtasks") or []:
                    body = raw.get("body", raw)
                    self._subtasks[str(raw["id"])] = {
                        "goal": body.get("goal"), "after": body.get("depends_on") or [],
                        "robot": raw.get("robot") or "", "state": raw.get("state") or "waiting"}
            case "attempt":
                known = self._subtasks.setdefault(str(data.get("subtask")), {"goal": "", "after": []})
                known.update(state=data.get("state"), robot=data.get("robot"))
            case "step":
                robot = self._robots.setdefault(str(data.get("robot")), {})
                call: Any = data.get("call") or {}
                robot["doing"] = f"{call.get('skill')} {' '.join(map(str, (call.get('arguments') or {}).values()))}"
                robot["thought"] = str(data.get("thought") or "")
                robot["result"] = str((data.get("outcome") or {}).get("code") or "")
                robot["holding"] = str(data.get("holding") or "")
                robot["room"] = str(data.get("room") or "")
            case "robot":
                self._robots.setdefault(str(data.get("robot")), {})["state"] = str(data.get("state"))
                if data.get("state") != "online":
                    super().on_event(event)
            case "stop":
                super().on_event(event)
            case _:
                return
        if self._live is not None:
            self._live.update(self._draw())

    def _draw(self) -> Group:
        graph = Table(box=None, padding=(0, 1), title=f"task: {self._state}", title_justify="left")
        for column in ("", "subtask", "robot", "goal", "after"):
            graph.add_column(column, no_wrap=column in ("", "subtask", "robot"))
        for name, subtask in list(self._subtasks.items())[-24:]:
            graph.add_row(_MARK.get(str(subtask.get("state")), "·"), name, str(subtask.get("robot") or ""),
                          Text(safe(subtask["goal"], 70)), Text(", ".join(subtask["after"]), style="dim"))
        crew = Table(box=None, padding=(0, 1), title="robots", title_justify="left")
        for column in ("robot", "", "where", "holds", "does", "thinks"):
            crew.add_column(column)
        for name, robot in self._robots.items():
            crew.add_row(Text(name, style="bold"), robot.get("state", ""), robot.get("room", ""),
                         robot.get("holding", ""), Text(safe(robot.get("doing", ""), 40)),
                         Text(safe(robot.get("thought", ""), 60), style="italic"))
        return Group(graph, crew)


def make_view(*, live: bool) -> View:
    """The live view in a terminal, lines elsewhere."""
    return LiveView() if live else PlainView()


async def follow_plain(site: SiteClient, task_id: str) -> int:
    """Print a task's events until it has ended; returns the exit code."""
    view = PlainView()
    async for event in site.watch(task_id):
        view.on_event(event)
        if event.kind == "task" and str(event.data.get("state")) in TERMINAL:
            break
    # Whether the goal holds is for whoever has the world to say; the task's own end is what is known here.
    return 3 if (await site.task(task_id)).state == "succeeded" else 1


async def replay_plain(run: Path, speed: float) -> None:
    """Print a recorded run again."""
    path = run / "trajectory" if (run / "trajectory").is_dir() else run
    trajectory = read_trajectory(path)
    if speed < 0:
        raise FleetmindError("TRAJECTORY", f"speed {speed!r} must not be negative")
    view = PlainView(Console(highlight=False, markup=False, soft_wrap=True).print)
    view.say(f"task: {safe(trajectory.manifest.instruction, 500)}")
    before_s: float | None = None
    for event in trajectory.events:
        if speed > 0 and before_s is not None:
            await asyncio.sleep(min(5.0, max(0.0, (event.time_s - before_s) / speed)))
        before_s = event.time_s
        view.on_event(event)
    manifest = trajectory.manifest
    view.say(f"{manifest.verdict} {safe(manifest.reason_code)} {safe(manifest.reason, 500)}")
    report: Any = manifest.goal_report
    for condition in (report or {}).get("conditions", ()):
        view.say(f"  {'ok ' if condition['holds'] else 'NOT'} {safe(condition['why'])}")


def print_tasks(tasks: list[TaskRecord], *, as_json: bool) -> None:
    """Tasks as a table or as JSON lines."""
    console = Console()
    if as_json:
        for task in tasks:
            console.out(task.model_dump_json(), highlight=False)
        return
    table = Table("id", "state", "instruction", "reason")
    for task in tasks:
        table.add_row(task.id, task.state, Text(safe(task.instruction, 60)), Text(safe(task.reason, 80)))
    console.print(table)


def print_robots(robots: list[fleet_pb2.RobotStatus], *, as_json: bool) -> None:
    """Robots as a table or as JSON lines."""
    console = Console()
    if not as_json:
        table = Table("robot", "state", "where", "holds", "does", "skills", "reach", "lifts")
        for robot in robots:
            table.add_row(robot.profile.name, robot.state, robot.room, robot.holding, Text(safe(robot.doing, 40)),
                          Text(", ".join(s.name for s in robot.profile.skills)), f"{robot.profile.reach_m:g} m",
                          f"{robot.profile.payload_kg:g} kg")
        console.print(table)
        return
    for robot in robots:
        console.out(json.dumps({
            "robot": robot.profile.name, "state": robot.state, "room": robot.room, "holding": robot.holding,
            "attempt": robot.attempt, "doing": robot.doing, "skills": [s.name for s in robot.profile.skills]}),
            highlight=False)


def print_scene(scene: Scene, *, room: str | None) -> None:
    """The scene graph as a tree."""
    roots = [n for n in scene if n.parent is None] if room is None else [n for n in scene if n.id == room]
    if room is not None and not roots:
        raise FleetmindError("SCENE_UNKNOWN", f"no room {room!r}; there are {[n.id for n in scene.of_kind('room')]!r}")

    def grow(tree: Tree, node_id: str) -> None:
        for child in scene.children(node_id):
            states = " ".join(f"{k}={v}" for k, v in child.states.items()
                              if v not in (False, "RoomTemp") and k != "searched")
            doubt = "" if child.confidence >= 0.5 else " (somewhere)"
            grow(tree.add(Text(f"{child.id} {child.relation}{doubt} {states}".strip())), child.id)

    console = Console()
    for root in roots:
        tree = Tree(Text(f"{root.id} ({root.type})"))
        grow(tree, root.id)
        console.print(tree)
