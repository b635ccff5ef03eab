"""What the brain should see of a scene for one instruction: the part that matters, as text and data, within a budget.

Words are matched with the types the site has, not with its nodes; of each type named the things nearest to the robots
(or to the place named) are shown with what they are in, then what is around. The cost does not grow with the scene:
spatial indexes are made when first asked and carried along, and what is not shown is only counted. Only what has no
place, neither its own nor a container's, must be looked for among its like.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from pydantic import Field

from fleetmind.memory.events import Event
from fleetmind.memory.model import JsonValue, Model, NodeId
from fleetmind.memory.nodes import Node, Pose
from fleetmind.memory.queries import nearest
from fleetmind.memory.records import node_data
from fleetmind.memory.robots import RobotProfile
from fleetmind.memory.scene import Scene

MAX_BYTES = 6000
"""The text is never longer than this, whatever the budget."""
BYTES_PER_TOKEN = 4
PER_TYPE = 6
"""Things of one named type that are looked at for each place."""
AROUND = 120
"""Things around a place that are looked at when the named ones leave room."""
ROOMS = 8
_THINGS = ("receptacle", "object", "person")
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


class Context(Model):
    """A part of a scene. `str()` gives the text."""

    text: str
    """For a prompt."""
    data: dict[str, JsonValue]
    """The same for programs: `version`, `rooms`, `robots`, `nodes`, `recent`, `not_shown`."""
    nodes: tuple[NodeId, ...]
    """Things shown, the most relevant first."""
    tokens: int = Field(ge=0)
    """Of the text, by the tokenizer given or a quarter of its bytes."""
    not_shown: dict[str, int]
    """Things that are known and not shown, by type."""

    def __str__(self) -> str:
        return self.text


def context(scene: Scene, instruction: str, robots: Mapping[str, RobotProfile] | Iterable[str] = (), *,
            token_budget: int = 1500, recent: Sequence[Event] = (),
            tokenizer: Callable[[str], int] | None = None) -> Context:
    """The part of the scene that matters for the instruction; the same for the same arguments.

    Args:
        scene: what is known.
        instruction: what the person said; ids in it name nodes.
        robots: the robots to describe, with their profiles where known.
        token_budget: for the text; a token is four bytes of UTF-8 unless there is a tokenizer.
        recent: the newest events, oldest first; those about the scene and failed attempts are told.
        tokenizer: how many tokens a text has.
    """
    names = sorted(robots)
    profiles = robots if isinstance(robots, Mapping) else {}
    limit = min(MAX_BYTES, max(0, token_budget) * BYTES_PER_TOKEN)
    found = _Finder(scene, instruction, names)
    rooms = found.rooms()
    head = [f"Scene version {scene.version}.",
            "Rooms: " + (_listed([f"{_plain(n.id)} ({_plain(n.type)})" for n in rooms], limit // 6) or "none known")
            + "."]
    head += _robot_lines(scene, names, profiles, limit // 4)
    told = _recent_lines(recent, limit // 8)
    counts = Counter({t: count for (kind, t), count in scene.types().items() if kind in _THINGS})
    chosen: list[Node] = []
    lines: list[str] = []
    left = limit - _size([*head, *told, "Things:"]) - 170  # for the counts
    for node in found.things():
        line = _thing_line(scene, node)
        left -= len(line.encode()) + 1
        if left < 0:
            break
        lines.append(line)
        chosen.append(node)
    while True:
        hidden = counts - Counter(n.type for n in chosen)
        text = _fit([*head, *told, "Things:", *(lines or ["none seen yet"]), _not_shown(hidden)], limit)
        tokens = tokenizer(text) if tokenizer is not None else -(-len(text.encode()) // BYTES_PER_TOKEN)
        if tokens <= max(0, token_budget) or not text:
            break
        if not lines:  # not even the heading fits
            text, tokens = "", 0
            break
        cut = max(1, len(lines) // 8)
        del lines[-cut:], chosen[-cut:]
    return Context(text=text, tokens=tokens, nodes=tuple(n.id for n in chosen) if lines else (), not_shown=dict(hidden),
                   data={"version": scene.version, "rooms": [n.id for n in rooms], "robots": list(names),
                         "nodes": [node_data(n) for n in chosen], "recent": list(told), "not_shown": dict(hidden)})


def words_of(text: str) -> frozenset[str]:
    """Words of a text or a type name in singular, with what they stand for: `GarbageCan` gives garbage and can."""
    words: set[str] = set()
    for word in (w.lower() for w in _WORD.findall(text)):
        single = next((one for many, one in _PLURALS if word == many), word)
        if single == word and len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
            single = word[:-2] if word.endswith(("oes", "xes", "ches", "shes")) else word[:-1]
        words |= {word, single, *_GROUPS.get(single, ()), *_GROUPS.get(word, ())}
    return frozenset(words)


class _Finder:
    """Finds what an instruction is about, the most relevant first."""

    def __init__(self, scene: Scene, instruction: str, robots: Sequence[str]) -> None:
        self._scene = scene
        words = words_of(instruction)
        said = dict.fromkeys(t.strip(".,;:!?()'\"") for t in instruction.split())
        self._named = [scene[w] for w in said if w in scene]
        kinds = scene.types()
        self._counts: Counter[str] = Counter()
        for (_, type_name), count in kinds.items():
            self._counts[type_name] += count
        self._types = [t for kind, t in kinds if kind in _THINGS and _matches(t, words)]
        self._room_types = [t for kind, t in kinds if kind == "room"]
        own = [p for r in robots[:8] if (p := scene.place(r)) is not None]
        there = [p for n in self._named if (p := scene.place(n.id)) is not None]
        meant = [t for t in self._room_types if _matches(t, words)]
        start = (there or own or [(0.0, 0.0, 0.0)])[0]
        rooms = nearest(scene, _pose(start), 2, types=meant) if meant else ()
        far = [p for room in rooms if (p := scene.place(room.id)) is not None]
        self._homes = [r for name in robots[:8] if (r := scene.room_of(name)) is not None]
        # A place that was named goes before where the robots are.
        self._places = [_pose(p) for p in list(dict.fromkeys([*there, *far, *own]))[:4]] or [_pose(start)]

    def rooms(self) -> list[Node]:
        """Rooms near the places, nearest first."""
        named = (n for n in self._named if n.kind == "room")
        near = (self._near(place, ROOMS, t) for place in self._places for t in self._room_types)
        return list(islice(_once(chain(named, self._homes, *near)), ROOMS))

    def things(self) -> Iterator[Node]:
        """Things in order of relevance, each once."""
        return (n for n in _once(chain(self._with_holders(self._named), self._of_types(), self._around()))
                if n.kind in _THINGS)

    def _of_types(self) -> Iterator[Node]:
        """Of each named type the nearest first, one of each type after the other."""
        lists = [[n for place in self._places for n in self._near(place, PER_TYPE, t)] for t in self._types]
        for rank in range(max(map(len, lists), default=0)):
            yield from self._with_holders(found[rank] for found in lists if rank < len(found))

    def _near(self, place: Pose, count: int, type_name: str) -> list[Node]:
        """The nearest of a type; after them those that are nowhere, by id."""
        found = list(nearest(self._scene, place, count, types=(type_name,)))
        grid = self._scene.grid(type_name)
        if len(found) < count and len(grid) < self._counts.get(type_name, 0):
            lost = (n for n in self._scene.of_type(type_name) if n.id not in grid)
            found += islice(lost, count - len(found))
        return found

    def _with_holders(self, nodes: Iterable[Node]) -> Iterator[Node]:
        for node in nodes:
            yield node
            yield from self._scene.ancestors(node.id)

    def _around(self) -> Iterator[Node]:
        """What is around: first where things may be (the unsearched and shut before the rest), then things."""
        found = [n for place in self._places for n in nearest(self._scene, place, AROUND)]
        fixed = [n for n in found if n.kind == "receptacle" and not n.is_a("pickupable")]
        yield from sorted(fixed, key=lambda n: n.states.get("searched") is True)
        yield from found
        for room in self._homes:  # what is in the robots' rooms and has no place
            yield from islice(self._scene.contents(room.id), AROUND)


def _once(nodes: Iterable[Node]) -> Iterator[Node]:
    seen: set[str] = set()
    for node in nodes:
        if node.id not in seen:
            seen.add(node.id)
            yield node


def _pose(point: tuple[float, float, float]) -> Pose:
    return Pose(x=point[0], y=point[1], z=point[2])


def _matches(type_name: str, words: frozenset[str]) -> bool:
    return bool({w.lower() for w in _WORD.findall(type_name)} & words) or type_name.lower() in words


def _plain(text: str) -> str:
    """Untrusted text on one line, without characters that turn or hide what stands around them."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _thing_line(scene: Scene, node: Node) -> str:
    where = f" {node.relation} {_plain(node.parent)}" if node.parent is not None else ""
    room = scene.room_of(node.id)
    in_room = f" in {_plain(room.id)}" if room is not None and room.id != node.parent else ""
    states = [_plain(k if v is True else f"{k}={v}") for k, v in sorted(node.states.items()) if v is not False]
    flags = [k for k in ("pickupable", "openable", "toggleable") if node.is_a(k)]
    return f"- {_plain(node.id)} ({_plain(node.type)}){where}{in_room}" + (
        f" [{', '.join(states)[:200]}]" if states else "") + (f" <{' '.join(flags)}>" if flags else "") + (
        f" {node.confidence:.0%} sure" if node.confidence < 0.5 else "")


def _robot_lines(scene: Scene, names: Sequence[str], profiles: Mapping[str, RobotProfile], limit: int) -> list[str]:
    lines: list[str] = []
    for name in names:
        room, held, profile = scene.room_of(name), scene.holding(name), profiles.get(name)
        line = (f"Robot {_plain(name)} in {_plain(room.id) if room else 'an unknown room'}, holds "
                f"{_plain(held.id) if held else 'nothing'}")
        if profile is not None:
            line += (f", reach {profile.reach_m} m, payload {profile.payload_kg} kg, can "
                     + ", ".join(skill.name for skill in profile.skills))
        if _size([*lines, line]) > limit:
            return [*lines, f"... and {len(names) - len(lines)} more robots."]
        lines.append(line + ".")
    return lines


def _recent_lines(recent: Sequence[Event], limit: int) -> list[str]:
    """What happened last, newest first."""
    lines: list[str] = []
    for line in filter(None, map(_told, reversed(recent))):
        if _size([*lines, line]) > limit:
            break
        if line not in lines:
            lines.append(line)
    return ["Recently:", *lines] if lines else []


def _told(event: Event) -> str:
    outcome = event.data.get("outcome")
    if event.kind == "attempt" and isinstance(outcome, dict) and outcome.get("code") != "succeeded":
        failed = f"- {event.data.get('robot')} failed at {event.data.get('subtask')}: {outcome.get('message')}"
        return _plain(failed)[:160]
    put = event.data.get("put")
    if event.kind == "scene" and isinstance(put, list) and 0 < len(put) <= 3:
        moved = [f"{n.get('id')} {n.get('relation')} {n.get('parent')}" for n in put if isinstance(n, dict)]
        return _plain(f"- {event.data.get('op')} by {event.source}: {', '.join(moved)}")[:160]
    return ""


def _not_shown(hidden: Counter[str]) -> str:
    total = hidden.total()
    most = sorted(hidden.items(), key=lambda entry: (-entry[1], entry[0]))
    counts = _listed([f"{count} {_plain(name)}" for name, count in most[:20]], 90)
    return f"Not shown: {total}" + (f" ({counts})" if total else "") + "."


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _fit(lines: list[str], limit: int) -> str:
    """The lines as a text of at most so many bytes; cut at a line."""
    while lines and _size(lines) - 1 > limit:
        del lines[-2 if len(lines) > 1 else -1]
    return "\n".join(lines)


def _listed(items: list[str], limit: int) -> str:
    kept: list[str] = []
    for item in items:
        if _size([*kept, item]) + 1 > limit:
            break
        kept.append(item)
    rest = len(items) - len(kept)
    return ", ".join(kept) + (f" and {rest} more" if rest and kept else f"{rest} more" if rest else "")
