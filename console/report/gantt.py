"""Who did what when, as SVG: a row for each robot, a bar for each attempt, a finer one for each skill call."""

from __future__ import annotations

import math

from fleetmind.console.report.digest import Attempt, Digest, Span
from fleetmind.console.report.graph import clip
from fleetmind.console.report.markup import Html, escape, join, number, seconds, tag, tooltip
from fleetmind.memory import Event
from fleetmind.training.trajectory import RecordedStep

_LEFT, _RIGHT, _TOP, _ROW, _WIDTH = 132, 18, 46, 58, 1150
STEPS = 2000
"""Beyond so many only those that did not work are drawn."""
_MOVES = frozenset({"navigate_to", "look_around", "wait"})
_OPEN_STATES = frozenset({"claimed", "running", "ready"})


def gantt(digest: Digest) -> Html:
    """The chart."""
    if not digest.attempts:
        return tag("p", "No robot was given anything to do.", class_="empty")
    end_s = max(digest.end_s, 0.1)
    per_s = (_WIDTH - _LEFT - _RIGHT) / end_s
    height = _TOP + _ROW * len(digest.robots) + 8
    drawn = [*_ticks(end_s, per_s, height), *_plans(digest, per_s, height)]
    for row, robot in enumerate(digest.robots):
        drawn.append(_row(digest, robot, _TOP + row * _ROW, per_s, end_s))
    drawn += _stops(digest, per_s, height)
    words = f"Gantt chart of {len(digest.robots)} robots over {seconds(end_s)} of {digest.clock} time"
    svg = tag("svg", tag("title", words), *drawn, viewBox=f"0 0 {_WIDTH} {height}", width=_WIDTH, height=height,
              role="img", class_="gantt")
    return join([tag("div", svg, class_="scroll", tabindex=0, role="region", aria_label=words), _legend(digest)])


def _x(at_s: float, per_s: float) -> float:
    return _LEFT + at_s * per_s


def _ticks(end_s: float, per_s: float, height: int) -> list[Html]:
    every_s = _nice(end_s / 10)
    out = []
    for place in range(int(end_s / every_s) + 1):
        x = _x(place * every_s, per_s)
        out.append(tag("line", x1=x, x2=x, y1=_TOP - 6, y2=height - 8, class_="tick"))
        out.append(tag("text", f"{place * every_s:g} s", x=x, y=_TOP - 12, text_anchor="middle", class_="tick-name"))
    return out


def _nice(value: float) -> float:
    """The next larger of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= value * 0.999)


def _plans(digest: Digest, per_s: float, height: int) -> list[Html]:
    out = []
    for plan in digest.plans[1:]:
        x = _x(digest.at(plan.seq), per_s)
        out.append(tag("g", tag("title", f"plan {plan.version} at {seconds(digest.at(plan.seq))}"),
                       tag("line", x1=x, x2=x, y1=6, y2=height - 8),
                       tag("text", f"plan {plan.version}", x=x + 5, y=14), class_="replan"))
    return out


def _stops(digest: Digest, per_s: float, height: int) -> list[Html]:
    out = []
    for event in digest.trajectory.events:
        if event.kind == "stop" and event.data.get("stopped"):
            x = _x(digest.at(event.seq), per_s)
            out.append(tag("g", tag("title", f"protective stop: {event.data.get('reason')}"),
                           tag("line", x1=x, x2=x, y1=6, y2=height - 8),
                           tag("text", "stop", x=x + 5, y=14), class_="stop"))
    return out


def _row(digest: Digest, robot: str, top: float, per_s: float, end_s: float) -> Html:
    mine = [a for a in digest.attempts if a.robot == robot]
    drawn = [tag("text", escape(clip(robot, 13)), x=8, y=top + 24, class_="row-name"),
             tag("line", x1=8, x2=_WIDTH - _RIGHT, y1=top + _ROW - 4, y2=top + _ROW - 4, class_="tick")]
    free_x = 0.0
    for attempt in mine:
        until_s = end_s if not attempt.ended and attempt.state in _OPEN_STATES else attempt.span.end_s
        x, wide = _x(attempt.span.start_s, per_s), (until_s - attempt.span.start_s) * per_s
        if wide < 3:  # over before it began: a mark beside the one before, so that none hides another
            x, wide = max(x, free_x), 5.0
        free_x = x + wide + 2
        drawn.append(_bar(attempt, x, wide, top))
        drawn += [_step(step, digest.spans[step.seq], per_s, top) for step in attempt.steps
                  if len(digest.steps) <= STEPS or not step.outcome.ok]
    drawn += [_away(event, _x(digest.at(event.seq), per_s), top) for event in digest.trajectory.events
              if event.kind == "robot" and event.data.get("robot") == robot
              and event.data.get("state") not in ("online", "joined")]
    return tag("g", *drawn, class_=f"row r{digest.number_of(robot)}")


def _bar(attempt: Attempt, x: float, wide: float, top: float) -> Html:
    told = tooltip(f"{attempt.subtask} – {attempt.robot} – {attempt.state}",
                   f"{seconds(attempt.span.start_s)} to {seconds(attempt.span.end_s)}", attempt.message)
    bad = attempt.state in ("failed", "unknown", "cancelled")
    name = f"{'✘ ' if bad else ''}{attempt.subtask}"
    fits = len(name) * 6.8 + 8 <= wide
    text = [tag("text", escape(name), x=x + 5, y=top + 19, class_="bar-name")] if fits else []
    if bad and not fits:
        text = [tag("text", "✘", x=x + wide / 2, y=top + 19, text_anchor="middle", class_="bar-name")]
    return tag("g", told, tag("rect", x=x, y=top + 4, width=wide, height=22, rx=4), *text,
               class_=f"attempt {'bad' if bad else 'open' if not attempt.ended else 'good'}")


def _step(step: RecordedStep, span: Span, per_s: float, top: float) -> Html:
    x, wide = _x(span.start_s, per_s), max(2.0, (span.end_s - span.start_s) * per_s - 1)
    told = tooltip(f"{step.call.text()} – {step.outcome.code}", f"{seconds(span.start_s)} to {seconds(span.end_s)}",
                   step.thought, step.outcome.message)
    kind = "bad" if not step.outcome.ok else "move" if step.call.skill in _MOVES else "act"
    parts = [told, tag("rect", x=x, y=top + 30, width=wide, height=9, rx=2)]
    if kind == "bad":
        parts.append(tag("text", "✘", x=x + wide / 2, y=top + 51, text_anchor="middle"))
    elif len(step.call.skill) * 5.6 + 2 <= wide:
        parts.append(tag("text", step.call.skill, x=x, y=top + 50))
    return tag("g", *parts, class_=f"step {kind}")


def _away(event: Event, x: float, top: float) -> Html:
    words = f"{event.data.get('robot')} {event.data.get('state')}: {event.data.get('detail') or ''}"
    return tag("g", tag("title", words), tag("text", "⚡", x=x, y=top + 20, text_anchor="middle"), class_="away")


def _legend(digest: Digest) -> Html:
    def item(kind: str, words: str) -> Html:
        return tag("li", tag("svg", tag("g", tag("rect", x=0, y=2, width=22, height=9, rx=2), class_=f"step {kind}"),
                             width=24, height=14, aria_hidden="true"), " ", words)
    left_out = [tag("li", "too many skill calls: only those that failed are drawn")]
    time = "world time" if digest.clock == "world" else "wall time"
    return tag("ul", tag("li", f"upper bars: subtasks by {time}; lower bars: skill calls"),
               item("move", "going and looking"), item("act", "handling"), item("bad", "✘ did not work"),
               tag("li", f"the whole: {number(digest.end_s)} s"),
               *(left_out if len(digest.steps) > STEPS else []), class_="legend")
