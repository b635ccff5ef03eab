"""`context`: puts the parts together and fills the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from fleetmind.memory.events import Event
from fleetmind.memory.model import JsonValue
from fleetmind.memory.nodes import Node
from fleetmind.memory.records import node_data
from fleetmind.memory.retrieval.likeness import Embed, by_likeness
from fleetmind.memory.retrieval.lines import robot_lines, room_line
from fleetmind.memory.retrieval.model import Context
from fleetmind.memory.retrieval.page import BYTES_PER_TOKEN, Page
from fleetmind.memory.retrieval.past import past_lines
from fleetmind.memory.retrieval.places import Places
from fleetmind.memory.retrieval.ranking import THINGS, Ranking
from fleetmind.memory.retrieval.words import read
from fleetmind.memory.robots import RobotProfile
from fleetmind.memory.scene import Scene

MAX_BYTES = 6000
"""The text is never longer than this, whatever the budget."""
ROOMS = 8
"""Rooms that are listed."""


def context(scene: Scene, instruction: str, robots: Mapping[str, RobotProfile] | Iterable[str] = (), *,
            token_budget: int = 1500, recent: Sequence[Event] = (), tokenizer: Callable[[str], int] | None = None,
            embed: Embed | None = None) -> Context:
    """The part of the scene that matters for the instruction; the same for the same arguments.

    Args:
        scene: what is known.
        instruction: what the person said; ids in it name nodes.
        robots: the robots to describe, with their profiles where known.
        token_budget: for the text; a token is four bytes of UTF-8 unless there is a tokenizer.
        recent: the newest events, oldest first (`recent_events`); changes and failed attempts are told.
        tokenizer: how many tokens a text has; the limit of four bytes a token holds besides.
        embed: vectors of texts, to bring in types that are like the instruction in meaning; never needed.

    Raises:
        FleetmindError: `RETRIEVAL_EMBED`.
    """
    limit = min(MAX_BYTES, max(0, token_budget) * BYTES_PER_TOKEN)
    names = sorted(robots)
    kinds = scene.types()
    counts: Counter[str] = Counter()
    for (kind, type_name), count in kinds.items():
        if kind in THINGS:
            counts[type_name] += count
    reading = read(instruction, sorted(counts), sorted({t for kind, t in kinds if kind == "room"}))
    alike: tuple[str, ...] = ()
    if embed is not None and counts:
        reading, alike = by_likeness(embed, instruction, reading, sorted(counts))
    places = Places(scene, instruction, reading, names)
    # Robots that were named or whose surroundings count come first, should there be room for some only.
    names = list(dict.fromkeys([*places.robots, *names]))
    told = tuple(past_lines(recent, limit // 8))
    page = Page(
        head=((f"Scene version {scene.version}.",), (room_line(places.rooms[:ROOMS], limit // 6),),
              tuple(robot_lines(scene, names, robots if isinstance(robots, Mapping) else {}, limit // 4)),
              ("Recently:", *told) if told else ()),
        counts=counts, max_bytes=limit, max_tokens=max(0, token_budget), tokenizer=tokenizer)
    text, nodes, parts = page.fill((node, places.room_of(node)) for node in Ranking(scene, reading, places, alike))
    hidden = dict(counts - Counter(node.type for node in nodes))
    data: dict[str, JsonValue] = {
        "version": scene.version, "rooms": [_room_data(room) for room in places.rooms[:ROOMS]] if parts > 1 else [],
        "robots": [_robot_data(scene, robot) for robot in names] if parts > 2 else [],
        "nodes": [node_data(node) for node in nodes],
        "recent": [line.removeprefix("- ") for line in told] if parts > 3 else [], "not_shown": {**hidden}}
    return Context(text=text, tokens=page.tokens(text), nodes=tuple(node.id for node in nodes), not_shown=hidden,
                   data=data)


def _room_data(room: Node) -> JsonValue:
    return {"id": room.id, "type": room.type}


def _robot_data(scene: Scene, robot: str) -> JsonValue:
    room, held = scene.room_of(robot), scene.holding(robot)
    return {"name": robot, "room": room.id if room else None, "holding": held.id if held else None}
