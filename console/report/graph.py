"""The task graph of each plan version, as SVG: what depends on what, who did it, how it ended."""

from __future__ import annotations

from collections.abc import Mapping

from fleetmind.brain import Subtask
from fleetmind.console.report.digest import Digest
from fleetmind.console.report.layout import HEIGHT, WIDTH, Point, layout
from fleetmind.console.report.markup import Html, escape, join, lines, many, number, tag, tooltip, wrap
from fleetmind.training.trajectory import PlanRecord

SHOWN = 120
"""Boxes of one plan."""
PLANS = 30
"""Plan versions: the first, and the newest."""
_FITS = 1600
MARKS = {"succeeded": "✔", "failed": "✘", "unknown": "?", "cancelled": "–", "running": "▶", "waiting": "·"}
_KINDS = {"claimed": "running", "ready": "waiting"}


def graphs(digest: Digest) -> Html:
    """Every plan version, the newest and the first open."""
    if not digest.plans:
        return tag("p", "No plan was made.", class_="empty")
    states, done_by = final_states(digest), {a.subtask: a.robot for a in digest.attempts}
    out = []
    for place, plan in enumerate(digest.plans):
        if 0 < place <= len(digest.plans) - PLANS:
            continue
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
    if len(digest.plans) > PLANS:
        out.append(tag("p", f"{many(len(digest.plans) - PLANS, 'plan')} in between are not shown.", class_="muted"))
    return join(out)


def final_states(digest: Digest) -> dict[str, str]:
    """How every subtask of every plan ended: succeeded, failed, unknown, cancelled, running or waiting."""
    out = {s.id: "waiting" for plan in digest.plans for s in plan.subtasks}
    for event in digest.trajectory.events:
        cancelled = event.data.get("cancelled") if event.kind == "plan" else None
        out.update({str(name): "cancelled" for name in (cancelled if isinstance(cancelled, list) else ())})
    out.update({name: _KINDS.get(state, state) for name, state in digest.states().items()})
    return {name: state if state in MARKS else "waiting" for name, state in out.items()}


def _graph(plan: PlanRecord, states: Mapping[str, str], done_by: Mapping[str, str], digest: Digest, name: str) -> Html:
    subtasks = plan.subtasks[:SHOWN]
    if not subtasks:
        return tag("p", "Nothing was left to do.", class_="empty")
    drawn = layout(subtasks)
    arrows = [_arrow(points, name) for points in drawn.arrows]
    boxes = [_box(s, drawn.boxes[s.id], states.get(s.id, "waiting"), done_by.get(s.id) or plan.robots.get(s.id, ""),
                  digest) for s in {s.id: s for s in subtasks}.values()]
    head = tag("marker", tag("path", d="M0,0 L8,4 L0,8 z"), id=f"{name}-head", viewBox="0 0 8 8", refX=8, refY=4,
               markerWidth=7, markerHeight=7, orient="auto-start-reverse")
    words = f"Task graph of plan {plan.version}: {many(len(plan.subtasks), 'subtask')}, " \
            f"{many(len(arrows), 'dependency', 'dependencies')}"
    svg = tag("svg", tag("title", words), tag("defs", head), *arrows, *boxes, width=drawn.width, height=drawn.height,
              viewBox=f"0 0 {number(drawn.width)} {number(drawn.height)}", role="img",
              class_="graph fit" if drawn.width < _FITS else "graph")
    free = not drawn.ordered and len(subtasks) > 1
    note = [tag("p", "No order between these: they may run at the same time.", class_="muted")] if free else []
    if drawn.left_out:
        more = many(drawn.left_out, "more dependency", "more dependencies")
        note.append(tag("p", f"{more} not drawn.", class_="muted"))
    return join([tag("div", svg, class_="scroll", tabindex=0, role="region", aria_label=words), *note])


def _arrow(points: tuple[Point, ...], name: str) -> Html:
    """Bends between the layers, straight past them."""
    x, y = points[0]
    path = f"M{number(x)},{number(y)}"
    for x1, y1 in points[1:]:
        middle = (x + x1) / 2
        path += f" C{number(middle)},{number(y)} {number(middle)},{number(y1)} {number(x1)},{number(y1)}"
        x, y = x1, y1
    return tag("path", d=path, class_="edge", marker_end=f"url(#{name}-head)")


def _box(subtask: Subtask, at: tuple[float, float], state: str, robot: str, digest: Digest) -> Html:
    x, y = at
    goal = [tag("text", escape(line), x=12, y=40 + 16 * row, class_="goal")
            for row, line in enumerate(wrap(subtask.goal, 33, 3))]
    told = tooltip(f"{subtask.id} – {state} – {robot or 'nobody'}", subtask.goal,
                   f"skills {', '.join(subtask.skills)}" if subtask.skills else "",
                   f"after {', '.join(subtask.depends_on)}" if subtask.depends_on else "")
    dot = tag("circle", cx=x + WIDTH - 14, cy=y + 15, r=4, class_=f"dot r{digest.number_of(robot)}")
    who = [dot, tag("text", escape(robot, 16), x=x + WIDTH - 23, y=y + 19, text_anchor="end", class_="who")]
    return tag("g", told, tag("rect", x=x, y=y, width=WIDTH, height=HEIGHT, rx=8),
               tag("rect", x=x, y=y + 8, width=4, height=HEIGHT - 16, rx=2, class_="edge-mark"),
               tag("text", f"{MARKS[state]} {clip(subtask.id)}", x=x + 12, y=y + 19, class_="id"),
               *(who if robot else []),
               # an inner picture cuts off what is wider than fonts usually are
               tag("svg", *goal, x=x, y=y, width=WIDTH - 6, height=HEIGHT),
               class_=f"subtask {state}")


def clip(name: str, limit: int = 16) -> str:
    """A name short enough for a box."""
    return name if len(name) <= limit else name[: limit - 1] + "…"
