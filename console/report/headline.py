"""The top of a report: what was asked, how it truly ended, by whom, where and with which brain."""

from __future__ import annotations

import json
import time
from typing import Any

from fleetmind.console.report.digest import Digest
from fleetmind.console.report.graph import final_states
from fleetmind.console.report.markup import Html, clean, join, lines, many, seconds, tag
from fleetmind.memory import RobotProfile
from fleetmind.training.trajectory import Manifest


def verdict(manifest: Manifest) -> tuple[str, str, str]:
    """How a run ended: a tone (`good`, `bad`, `open`), a heading, and what it means."""
    holds = manifest.goal_report.get("holds") if manifest.goal_report else None
    match manifest.verdict:
        case "succeeded" if holds is True:
            return "good", "Goal verified", "The world’s ground truth confirms every condition of the goal."
        case "succeeded" if holds is False:
            return "bad", "Goal not reached", "The fleet reported success; the world’s ground truth says otherwise."
        case "succeeded" if manifest.goal is not None:
            return "open", "Done, goal not checked", "The world did not say whether the goal holds."
        case "succeeded":
            return "open", "Done, no goal to verify", "Nobody posed a goal, so the fleet’s word is all there is."
        case "failed":
            return "bad", "Failed", "The fleet could not finish the task."
        case "refused":
            return "bad", "Refused", "The task was not begun."
        case "cancelled":
            return "bad", "Cancelled", "The task was ended before it was done."
        case "running":
            return "open", "Cut off", "The record stops before the task ended."
        case other:
            return "open", clean(other, 40), ""


def headline(digest: Digest) -> Html:
    """The header of the page."""
    manifest = digest.manifest
    tone, heading, meaning = verdict(manifest)
    parts = [tag("p", "fleetmind run report", class_="kicker"),
             tag("h1", manifest.instruction or "(nothing was asked)")]
    if manifest.oracle:
        parts.append(tag("p", tag("b", "Oracle run. "), "The fleet knew every object from the start (", tag(
            "code", "--oracle"), "): not comparable with other runs.", class_="banner oracle", role="note"))
    box = [tag("p", tag("strong", heading), " ", tag("span", meaning, class_="meaning"))]
    if manifest.reason or manifest.reason_code:
        code = [tag("code", manifest.reason_code), " "] if manifest.reason_code else []
        box.append(tag("p", *code, lines(manifest.reason), class_="reason"))
    box.append(_goal(manifest))
    parts.append(tag("section", *box, class_=f"verdict {tone}", aria_label="Verdict"))
    parts += [tag("p", gap, class_="banner gap") for gap in digest.gaps]
    return tag("header", *parts, _facts(digest))


def _goal(manifest: Manifest) -> Html:
    report: Any = manifest.goal_report
    found = report.get("conditions") if isinstance(report, dict) else None
    if isinstance(found, list):
        rows = [_condition(c) for c in found if isinstance(c, dict)]
        return tag("ul", *rows, class_="conditions", aria_label="Goal, in the world’s words")
    goal: Any = manifest.goal
    posed = goal.get("conditions") if isinstance(goal, dict) else None
    if not isinstance(posed, list):
        return Html()
    rows = [tag("li", tag("span", "?", class_="mark"), tag("code", json.dumps(_said(c)))) for c in posed]
    return tag("ul", *rows, class_="conditions", aria_label="Goal, not checked")


def _condition(condition: dict[str, Any]) -> Html:
    holds = condition.get("holds") is True
    missing = condition.get("missing")
    lacking = ""
    if isinstance(missing, list) and missing and not holds:
        lacking = f" – not: {', '.join(map(str, missing[:8]))}"
    return tag("li", tag("span", "✔" if holds else "✘", class_=f"mark {'ok' if holds else 'bad'}"),
               f"{condition.get('why')}{lacking}")


def _said(value: Any) -> Any:
    """A goal without the fields nobody filled in."""
    if isinstance(value, dict):
        return {k: _said(v) for k, v in value.items() if v not in (None, {}, [], False)}
    return value


def _facts(digest: Digest) -> Html:
    manifest, states = digest.manifest, final_states(digest)
    done = sum(state == "succeeded" for state in states.values())
    scene: dict[str, Any] = dict(manifest.scene)
    name = str(scene.pop("name", "") or scene.pop("source", "") or "unnamed")
    # What was set up beforehand is long, and the goal and the maps tell it better.
    rest = ", ".join(" + ".join(map(str, v)) if isinstance(v, list) else f"{k} {v}" for k, v in scene.items()
                     if v not in (None, "", [], {}) and k != "setup")
    failed = sum(not s.outcome.ok for s in digest.steps)
    rows = [
        ("scene", name, rest), ("seed", str(manifest.seed), ""), ("brain", manifest.brain or "unnamed", ""),
        ("world time", seconds(digest.end_s) if digest.clock == "world" and digest.steps else "not known", ""),
        ("wall time", seconds(digest.wall_s), ""),
        ("plans", str(len(digest.plans)), f"{done} of {many(len(states), 'subtask')} succeeded"),
        ("steps", str(len(digest.steps)), f"{failed} did not work" if failed else ""),
        ("task", manifest.task, _date(manifest.started_s)),
    ]
    return tag("dl", *(tag("div", tag("dt", term), tag("dd", value, *([tag("small", more)] if more else [])))
                       for term, value, more in rows), class_="facts")


def _date(time_s: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time_s)) if time_s > 0 else ""
    except (ValueError, OverflowError, OSError):
        return ""


def robots(digest: Digest) -> Html:
    """The fleet: what each robot is, can do and did."""
    profiles = {p.name: p for p in digest.manifest.robots}
    if not digest.robots:
        return tag("p", "No robot was there.", class_="empty")
    heads = ("robot", "skills", "reach", "lifts", "speed", "did")
    counts: dict[str, int] = {}
    for profile in profiles.values():
        for skill in profile.skills:
            counts[skill.name] = counts.get(skill.name, 0) + 1
    rows = [_robot(name, profiles.get(name), counts, digest) for name in digest.robots]
    note = [tag("p", "Skills in bold: no other robot of this fleet has them.", class_="muted")]
    table = tag("table", tag("thead", tag("tr", *(tag("th", h, scope="col") for h in heads))), tag("tbody", *rows))
    unique = len(profiles) > 1 and 1 in counts.values()
    return join([tag("div", table, class_="scroll"), *(note if unique else [])])


def _robot(name: str, profile: RobotProfile | None, counts: dict[str, int], digest: Digest) -> Html:
    mine = [s for s in digest.steps if s.robot == name]
    busy_s = sum(digest.spans[s.seq].end_s - digest.spans[s.seq].start_s for s in mine)
    did = f"{many(len(mine), 'step')}, busy {seconds(busy_s)}" if mine else "nothing"
    head = tag("th", tag("span", class_=f"chip r{digest.number_of(name)}"), name,
               *([tag("small", profile.model)] if profile else []), scope="row")
    if profile is None:
        return tag("tr", head, tag("td", "not in the record", colspan=4, class_="muted"), tag("td", did))
    skills = [tag("b" if counts[s.name] == 1 and len(digest.manifest.robots) > 1 else "span", s.name, class_="skill",
                  title=s.description) for s in profile.skills]
    hands = "" if profile.hands == 1 else f", {profile.hands} hands"
    limits = (f"{profile.reach_m:g} m", f"{profile.payload_kg:g} kg{hands}", f"{profile.speed_mps:g} m/s")
    return tag("tr", head, tag("td", join(skills, " "), class_="skills"),
               *(tag("td", limit, class_="tight") for limit in limits), tag("td", did))
