"""Searches: places to look at, split over the robots that can look there."""

from __future__ import annotations

from fleetmind.brain.plan import RobotView
from fleetmind.brain.symbolic.draft import Draft
from fleetmind.brain.symbolic.fleet import Cannot, Fleet
from fleetmind.brain.symbolic.grounding import Grounding, NeedSearch
from fleetmind.brain.symbolic.knowledge import shuts
from fleetmind.memory.scene import Node

_LOOK = ("navigate_to", "look_around")
_OPEN = ("navigate_to", "look_around", "open", "close")
_OPEN_COST = 2.0
_PLACE_S = 12.0


def add_searches(draft: Draft, fleet: Fleet, grounding: Grounding, needs: list[NeedSearch]) -> None:
    """Append the subtasks of one round of searching for everything that is missing.

    Raises:
        Cannot: nobody can look anywhere.
    """
    merged = _merge(needs)
    for types, count, places in merged:
        shares = _share(draft, fleet, [draft.scene[p] for p in places])
        if not shares:
            raise Cannot("NO_SKILL", f"nobody here can look for {' or '.join(types) or 'things'}")
        number = grounding.round_of(types)
        for part, (skills, nodes) in enumerate(shares):
            closed = [n.id for n in nodes if _closed(draft, n)]
            words = " or ".join(types) or "things"
            draft.add(
                f"look for {words} in {len(nodes)} places" if len(nodes) > 3 else
                f"look for {words} at {', '.join(n.id for n in nodes)}",
                key=f"{f'find:{chr(43).join(types)}:'[:240]}{number}/{part}", skills=skills,
                nodes=tuple(n.id for n in nodes), changes=closed, seeks=types, seeks_count=count,
                duration_s=_PLACE_S * len(nodes))


def _merge(needs: list[NeedSearch]) -> list[tuple[tuple[str, ...], int, list[str]]]:
    """One search for all that must look everywhere; things looked for singly are looked for side by side."""
    out: dict[tuple[str, ...], tuple[int, list[str]]] = {}
    for need in needs:
        count, places = out.get(need.types, (need.count, []))
        places = places + [p for p in need.places if p not in places]
        out[need.types] = (0 if 0 in (count, need.count) else max(count, need.count), places)
    return [(types, count, places) for types, (count, places) in out.items()]


def _closed(draft: Draft, node: Node) -> bool:
    return shuts(node) and draft.state(node.id, "open") is not True


def _share(draft: Draft, fleet: Fleet, nodes: list[Node]) -> list[tuple[tuple[str, ...], list[Node]]]:
    """Places by robot: each takes the next place that it can look at and that costs it least so far."""
    load: dict[str, float] = {}
    share: dict[str, list[Node]] = {}
    views: dict[str, RobotView] = {v.profile.name: v for v in fleet.views if v.profile.has_skills(_LOOK[:1])}
    for node in nodes:
        closed = _closed(draft, node)
        able = [name for name, v in views.items() if not closed or v in fleet.able(("open",), (node,))]
        if not able:
            continue
        name = min(able, key=lambda n: (load.get(n, 0.0), n))
        load[name] = load.get(name, 0.0) + (_OPEN_COST if closed else 1.0)
        share.setdefault(name, []).append(node)
    found: list[tuple[tuple[str, ...], list[Node]]] = []
    for mine in share.values():
        opens = any(_closed(draft, n) for n in mine)
        found.append((_OPEN if opens else _LOOK, mine))
    return found
