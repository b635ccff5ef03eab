"""What the brain should see of a scene for one instruction: the relevant part, as text, within a limit.

First depth: words of the instruction against types and ids, whole structure, robots, then what was seen last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from fleetmind.memory.robots import RobotProfile
from fleetmind.memory.scene import Node, Scene

_WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])|\d+")
_PLURALS = (("shelves", "shelf"), ("knives", "knife"), ("loaves", "loaf"), ("dishes", "dish"))
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "fruit": ("apple", "tomato", "banana", "orange"), "food": ("apple", "bread", "egg", "lettuce", "potato", "tomato"),
    "dish": ("plate", "bowl", "cup", "mug"), "dishware": ("plate", "bowl", "cup", "mug", "pan", "pot"),
    "cutlery": ("knife", "fork", "spoon", "spatula"), "dark": ("lamp", "light", "switch"),
    "light": ("lamp", "switch"), "wash": ("sink", "faucet"), "clean": ("sink", "faucet"),
    "rinse": ("sink", "faucet"), "coffee": ("machine", "mug"), "cook": ("stove", "microwave", "toaster", "pan"),
    "heat": ("microwave", "stove"), "hot": ("microwave", "stove"), "warm": ("microwave", "stove"),
    "cold": ("fridge",), "cool": ("fridge",), "chill": ("fridge",), "slice": ("knife",), "cut": ("knife",),
    "throw": ("garbage", "can"), "trash": ("garbage",), "bin": ("garbage",), "sofa": ("couch",),
    "tv": ("television",), "couch": ("sofa",), "cupboard": ("cabinet",),
}
ROBOT_SHARE = 0.25


def context(scene: Scene, instruction: str, robots: Mapping[str, RobotProfile] | Iterable[str] = (),
            max_chars: int = 6000) -> str:
    """The part of the scene that matters for the instruction, as text; the same for the same arguments.

    Args:
        scene: what is known.
        instruction: what the person said.
        robots: the robots to describe, with their profiles where known.
        max_chars: limit of the text.

    Returns:
        Lines for rooms, robots and things in order of relevance, and how many things of which types are not shown.
    """
    words = words_of(instruction)
    head = [f"Scene version {scene.version}."]
    rooms = sorted(scene.of_kind("room"), key=lambda node: (not _matches(node, words), node.id))
    head.append("Rooms: " + (_listed([f"{n.id} ({n.type})" for n in rooms], max_chars // 5) or "none known") + ".")
    text = "\n".join(head + _robot_lines(scene, robots, int(max_chars * ROBOT_SHARE)))
    things = [n for n in scene if n.kind in ("receptacle", "object", "person")]
    needed = _needed(scene, things, words)
    things.sort(key=lambda n: (n.id not in needed, not _fixed(n), -(n.last_seen_s or 0.0), n.id))
    lines: list[str] = []
    room_left = max_chars - len(text) - 160  # for the headings and the counts
    for shown, node in enumerate(things):
        line = _thing_line(scene, node)
        if len(line) + 1 > room_left:
            rest = Counter(n.type for n in things[shown:])
            counts = _listed([f"{count} {kind}" for kind, count in sorted(rest.items())], 90)
            return f"{text}\nThings:\n" + "\n".join(lines) + f"\nNot shown: {len(things) - shown} ({counts})."
        lines.append(line)
        room_left -= len(line) + 1
    return f"{text}\nThings:\n" + ("\n".join(lines) or "none seen yet") + "\nNot shown: 0."


def words_of(text: str) -> frozenset[str]:
    """Words of a text or a type name in singular, with what they stand for: `GarbageCan` gives garbage and can."""
    words: set[str] = set()
    for word in (w.lower() for w in _WORD.findall(text)):
        single = next((one for many, one in _PLURALS if word == many), word)
        if single == word and len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
            single = word[:-2] if word.endswith(("oes", "xes", "ches", "shes")) else word[:-1]
        words |= {word, single, *_GROUPS.get(single, ()), *_GROUPS.get(word, ())}
    return frozenset(words)


def _matches(node: Node, words: frozenset[str]) -> bool:
    names = {w.lower() for w in _WORD.findall(node.type)} | {node.type.lower()}
    return bool(names & words) or node.id.lower() in words


def _needed(scene: Scene, things: Iterable[Node], words: frozenset[str]) -> set[str]:
    """What the words name, with what it is in or on."""
    out: set[str] = set()
    for node in things:
        if _matches(node, words):
            out.add(node.id)
            out.update(a.id for a in scene.ancestors(node.id))
    return out


def _fixed(node: Node) -> bool:
    return node.kind == "receptacle" and not node.is_a("pickupable")


def _thing_line(scene: Scene, node: Node) -> str:
    where = f" {node.relation} {node.parent}" if node.parent is not None else ""
    room = scene.room_of(node.id)
    in_room = f" in {room.id}" if room is not None and room.id != node.parent else ""
    states = [k if v is True else f"{k}={v}" for k, v in sorted(node.states.items()) if v is not False]
    flags = [k for k in ("pickupable", "openable", "toggleable") if node.is_a(k)]
    return f"- {node.id} ({node.type}){where}{in_room}" + (f" [{', '.join(states)}]" if states else "") + (
        f" <{' '.join(flags)}>" if flags else "")


def _robot_lines(scene: Scene, robots: Mapping[str, RobotProfile] | Iterable[str], limit: int) -> list[str]:
    lines: list[str] = []
    profiles = robots if isinstance(robots, Mapping) else {}
    names = sorted(robots)
    for name in names:
        room, held, profile = scene.room_of(name), scene.holding(name), profiles.get(name)
        line = f"Robot {name} in {room.id if room else 'an unknown room'}, holds {held.id if held else 'nothing'}"
        if profile is not None:
            line += (f", reach {profile.reach_m} m, payload {profile.payload_kg} kg, can "
                     + ", ".join(skill.name for skill in profile.skills))
        if sum(map(len, lines)) + len(line) > limit:
            return [*lines, f"... and {len(names) - len(lines)} more robots."]
        lines.append(line + ".")
    return lines


def _listed(items: list[str], limit: int) -> str:
    text = ", ".join(items)
    if len(text) <= limit:
        return text
    kept: list[str] = []
    while items and sum(map(len, kept)) + 2 * len(kept) + len(items[len(kept)]) < limit:
        kept.append(items[len(kept)])
    return ", ".join(kept) + f" and {len(items) - len(kept)} more"
