"""The task graph of each plan version, as SVG: what depends on what, who did it, how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fleetmind.brain import Subtask
from fleetmind.console.report.digest import Digest
from fleetmind.console.report.markup import Html, escape, join, lines, many, number, tag, tooltip, wrap
from fleetmind.training.trajectory import PlanRecord

SHOWN = 120
"""Boxes of one plan."""
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 236, 84, 56, 16
MARKS = {"succeeded": "✔", "failed": "✘", "unknown": "?", "cancelled": "–", "running": "▶", "waiting": "·"}
_KINDS = {"claimed": "running", "ready": "waiting"}


def graphs(digest: Digest) -> Html:
    """Every plan version, the newest and the first open."""
    if not digest.plans:
        return tag("p", "No plan was made.", class_="empty")
    states, done_by = final_states(digest), {a.subtask: a.robot for a in digest.attempts}
    out = []
    for place, plan in enumerate(digest.plans):
        last = place == len(digest.plans) - 1
        superseded = "" if last else f" – followed by plan {digest.plans[place + 1].version}"
        heading = f"Plan {plan.version}: {many(len(plan.subtasks), 'subtask')}{superseded}"
        parts = [tag("summary", heading)]
        if plan.reasoning:
            parts.append(tag("p", lines(plan.reasoning), class_="reasoning"))
        parts.append(_graph(plan, states, done_by, digest, f"plan-{place}"))
        if len(plan.subtasks) > SHOWN:
            parts.append(tag("p", f"{len(plan.subtasks) - SHOWN} more subtasks are not drawn.", class_="muted"))
        out.append(tag("details", *parts, open=last or place == 0 or len(digest.plans) <= 4))
    return join(out)


def final_states(digest: Digest) -> dict[str, str]:
    """How every subtask of every plan ended: succeeded, failed, unknown, cancelled, running or waiting."""
    out = {s.id: "waiting" for plan in digest.plans for s in plan.subtasks}
    for event in digest.trajectory.events:
        cancelled = event.data.get("cancelled") if event.kind == "plan" else None
        out.update({str(name): "cancelled" for name in (cancelled if isinstance(cancelled, list) else ())})
    out.update({name: _KINDS.get(state, state) for name, state in digest.states().items()})
    return {name: state if state in MARKS else "waiting" for name, state in out.items()}


def layers(subtasks: Sequence[Subtask]) -> list[list[Subtask]]:
    """Subtasks by the longest chain before them; each layer ordered by what it hangs on. Cycles are cut."""
    by_id = {s.id: s for s in subtasks}
    depth: dict[str, int] = {}
    waiting = list(subtasks)
    while waiting:
        ready = [s for s in waiting if all(d in depth or d not in by_id for d in s.depends_on)]
        for subtask in ready or waiting[:1]:
            depth[subtask.id] = 1 + max((depth[d] for d in subtask.depends_on if d in depth), default=-1)
        waiting = [s for s in waiting if s.id not in depth]
    out: list[list[Subtask]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for subtask in by_id.values():
        out[depth[subtask.id]].append(subtask)
    row: dict[str, float] = {}
    for layer in out:
        layer.sort(key=lambda s: sum(row.get(d, 0.0) for d in s.depends_on) / max(1, len(s.depends_on)))
        row.update({subtask.id: float(place) for place, subtask in enumerate(layer)})
    return out


def _graph(plan: PlanRecord, states: Mapping[str, str], done_by: Mapping[str, str], digest: Digest, name: str) -> Html:
    subtasks = plan.subtasks[:SHOWN]
    if not subtasks:
        return tag("p", "Nothing was left to do.", class_="empty")
    columns = layers(subtasks)
    free = len(columns) == 1
    if free:  # nothing waits for anything: rows of four read better than one tall column
        across = min(4, len(subtasks))
        columns = [list(columns[0][place::across]) for place in range(across)]
    tallest = max(map(len, columns))
    height = tallest * (_HEIGHT + _GAP_Y) + _GAP_Y
    at: dict[str, tuple[float, float]] = {}
    pitch = _WIDTH + (_GAP_Y if free else _GAP_X)
    for x, column in enumerate(columns):
        spare = 0.0 if free else (tallest - len(column)) * (_HEIGHT + _GAP_Y) / 2
        for y, subtask in enumerate(column):
            at[subtask.id] = (2.0 + x * pitch, spare + _GAP_Y / 2 + y * (_HEIGHT + _GAP_Y))
    width = max(x for x, _ in at.values()) + _WIDTH + 2
    arrows = [_edge(at[d], at[s.id], name) for s in subtasks for d in s.depends_on if d in at and d != s.id]
    boxes = [_box(s, at[s.id], states.get(s.id, "waiting"), done_by.get(s.id) or plan.robots.get(s.id, ""), digest)
             for s in subtasks]
    head = tag("marker", tag("path", d="M0,0 L8,4 L0,8 z"), id=f"{name}-head", viewBox="0 0 8 8", refX=8, refY=4,
               markerWidth=7, markerHeight=7, orient="auto-start-reverse")
    words = f"Task graph of plan {plan.version}: {many(len(plan.subtasks), 'subtask')}, " \
            f"{many(len(arrows), 'dependency', 'dependencies')}"
    svg = tag("svg", tag("title", words), tag("defs", head), *arrows, *boxes, viewBox=f"0 0 {number(width)} {height}",
              width=width, height=height, role="img", class_="graph")
    note = [tag("p", "No order between these: they may run at the same time.", class_="muted")] if free else []
    return join([tag("div", svg, class_="scroll", tabindex=0, role="region", aria_label=words), *note])


def _edge(start: tuple[float, float], end: tuple[float, float], name: str) -> Html:
    x0, y0, x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT / 2, end[0] - 1, end[1] + _HEIGHT / 2
    bend = max(24.0, (x1 - x0) / 2)
    path = f"M{number(x0)},{number(y0)} C{number(x0 + bend)},{number(y0)} {number(x1 - bend)},{number(y1)} " \
           f"{number(x1)},{number(y1)}"
    return tag("path", d=path, class_="edge", marker_end=f"url(#{name}-head)")


def _box(subtask: Subtask, at: tuple[float, float], state: str, robot: str, digest: Digest) -> Html:
    x, y = at
    goal = [tag("text", escape(line), x=x + 12, y=y + 40 + 16 * row, class_="goal")
            for row, line in enumerate(wrap(subtask.goal, 34, 3))]
    told = tooltip(f"{subtask.id} – {state} – {robot or 'nobody'}", subtask.goal,
                   f"skills {', '.join(subtask.skills)}" if subtask.skills else "",
                   f"after {', '.join(subtask.depends_on)}" if subtask.depends_on else "")
    dot = tag("circle", cx=x + _WIDTH - 14, cy=y + 15, r=4, class_=f"dot r{digest.number_of(robot)}")
    who = [dot, tag("text", escape(robot, 16), x=x + _WIDTH - 23, y=y + 19, text_anchor="end", class_="who")]
    return tag("g", told, tag("rect", x=x, y=y, width=_WIDTH, height=_HEIGHT, rx=8),
               tag("rect", x=x, y=y + 8, width=4, height=_HEIGHT - 16, rx=2, class_="edge-mark"),
               tag("text", f"{MARKS[state]} {clip(subtask.id)}", x=x + 12, y=y + 19, class_="id"),
               *(who if robot else []), *goal,
               class_=f"subtask {state}")


def clip(name: str, limit: int = 16) -> str:
    """A name short enough for a box."""
    return name if len(name) <= limit else name[: limit - 1] + "…"
