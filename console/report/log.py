"""What happened, in order: every step with its thought, every new plan, and the news in between."""

from __future__ import annotations

from typing import Any

from fleetmind.console.report.digest import Digest
from fleetmind.console.report.markup import Html, join, many, seconds, tag
from fleetmind.memory import Event
from fleetmind.training.trajectory import RecordedStep

SHOWN = 1000
"""Rows."""
_HEADS = ("time", "robot", "subtask", "thought", "skill call", "outcome")
_ENDED_BADLY = ("failed", "unknown", "cancelled")


def news(digest: Digest) -> Html:
    """Processes that died, and whatever else the launcher heard."""
    if not digest.manifest.news:
        return Html()
    rows = [tag("li", line) for line in digest.manifest.news[:200]]
    return tag("section", tag("h2", "News"), tag("ul", *rows, class_="news"), id="news")


def log(digest: Digest) -> Html:
    """The table."""
    steps = {s.seq: s for s in digest.steps}
    rows: list[Html] = []
    for event in digest.trajectory.events:
        step = steps.get(event.seq)
        row = _step(step, digest) if step is not None else _other(event, digest)
        if row is not None:
            rows.append(row)
    if not rows:
        return tag("p", "Nothing happened.", class_="empty")
    time = "world time, at the end of the step" if digest.clock == "world" else "wall time, at the end of the step"
    table = tag("table", tag("caption", f"{many(len(digest.steps), 'step')} in order; time is {time}"),
                tag("thead", tag("tr", *(tag("th", h, scope="col") for h in _HEADS))), tag("tbody", *rows[:SHOWN]),
                class_="log")
    more = [tag("p", f"{many(len(rows) - SHOWN, 'more row')} are not shown; the trajectory has them.", class_="muted")]
    return join([tag("div", table, class_="scroll"), *(more if len(rows) > SHOWN else [])])


def _step(step: RecordedStep, digest: Digest) -> Html:
    outcome = [tag("span", "✔ ok" if step.outcome.ok else f"✘ {step.outcome.code}",
                   class_="ok" if step.outcome.ok else "bad")]
    if step.outcome.message:
        outcome += [Html(" "), tag("span", step.outcome.message, class_="muted")]
    return tag("tr", _time(digest, step.seq),
               tag("td", tag("span", class_=f"chip r{digest.number_of(step.robot)}"), step.robot, class_="who"),
               tag("td", f"{step.subtask} · {step.number}", class_="tight"), tag("td", step.thought, class_="thought"),
               tag("td", tag("code", step.call.text())), tag("td", *outcome))


def _other(event: Event, digest: Digest) -> Html | None:
    told = _words(event)
    if told is None:
        return None
    kind, words = told
    return tag("tr", _time(digest, event.seq), tag("td", words, colspan=5), class_=f"other {kind}")


def _words(event: Event) -> tuple[str, str] | None:
    """A kind of row and what it says; None for events that other rows tell already."""
    data: Any = event.data
    match event.kind:
        case "plan":
            subtasks = data.get("subtasks")
            count = many(len(subtasks) if isinstance(subtasks, list) else 0, "subtask")
            return "plan", f"Plan {data.get('version') or data.get('plan_version') or 1}: {count}"
        case "attempt" if data.get("state") in _ENDED_BADLY:
            outcome = data.get("outcome")
            why = (outcome if isinstance(outcome, dict) else {}).get("message") or "no word from the robot"
            return "bad", f"{data.get('robot')} – {data.get('subtask')} {data.get('state')}: {why}"
        case "robot":
            return "news", f"Robot {data.get('robot')} {data.get('state')} {data.get('detail') or ''}"
        case "stop" if data.get("stopped"):
            return "bad", f"Protective stop: {data.get('reason')}"
        case "stop":
            return "news", "Protective stop released"
        case "decision" if data.get("point") != "done":
            return "news", f"Decision point: {data.get('point')} {data.get('detail') or ''}"
        case "note":
            notes = data.get("notes")
            text = "; ".join(map(str, notes)) if isinstance(notes, list) else str(data.get("text") or "")
            return ("note", f"Note: {text}") if text else None
        case _:
            return None


def _time(digest: Digest, seq: int) -> Html:
    span = digest.spans.get(seq)
    return tag("td", seconds(span.end_s if span else digest.at(seq)), class_="tight time")
