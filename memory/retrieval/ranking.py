"""In which order things matter. What is given out is looked for as it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice

from fleetmind.memory.nodes import Node
from fleetmind.memory.retrieval.places import FAR, Places
from fleetmind.memory.retrieval.words import Reading
from fleetmind.memory.scene import Scene

THINGS = ("receptacle", "object", "person")
"""Kinds that are shown as things."""
LOOKED_AT = 24
"""Nodes of a type that are looked at from each place; the best of them count."""
FEW = 64
"""Types with at most so many nodes are looked at whole."""
FIRST, MORE, MANY, TOOLS, MAYBE = 3, 8, 20, 2, 3
"""Shown of a type: in the first round, in the next, when many are meant, of tools, of types named in part."""
CONTENTS = 16
"""Shown of what is in or on one thing."""
AROUND = 160
"""Nodes around a place that are looked at."""


class Ranking:
    """Things by relevance for one instruction.

    Args:
        scene: what is known.
        reading: what the instruction names.
        places: where to look.
        alike: further types, by likeness in meaning.
    """

    def __init__(self, scene: Scene, reading: Reading, places: Places, alike: Sequence[str] = ()) -> None:
        self._scene, self._reading, self._places, self._alike = scene, reading, places, alike
        self._found: dict[str, list[Node]] = {}

    def __iter__(self) -> Iterator[Node]:
        """Each thing once, the most relevant first, each followed by what it is in."""
        seen: set[str] = set()
        for node in chain.from_iterable(self._groups()):
            one: Node | None = node
            while one is not None and one.id not in seen:
                seen.add(one.id)
                if one.kind in THINGS:
                    yield one
                one = self._scene.get(one.parent) if one.parent is not None else None

    def _groups(self) -> Iterator[Iterable[Node]]:
        reading = self._reading
        yield self._places.named
        yield from (self._scene.children(robot) for robot in self._places.robots)
        yield self._turns(reading.things, MANY if reading.many and len(reading.things) <= 2 else FIRST)
        if reading.everything:
            yield self._contents()
        yield self._turns(reading.tools, TOOLS)
        yield self._turns(reading.things, MORE)
        yield self._turns(self._alike, TOOLS)
        yield self._turns(reading.maybe, MAYBE)
        yield self._turns(reading.tools, MORE)
        yield self._turns(reading.things, MANY)
        yield self._kinds()
        yield self._contents()
        yield self._search()
        yield self._around

    def _turns(self, types: Sequence[str], count: int) -> Iterator[Node]:
        """The best of each type, then the second of each, and so on."""
        for turn in range(count):
            for type_name in types:
                found = self._of_type(type_name)
                if turn < len(found):
                    yield found[turn]

    def _of_type(self, type_name: str) -> list[Node]:
        """Nodes of a type: in the rooms that matter before others, nearest first."""
        if type_name not in self._found:
            nodes = [n for n in self._candidates(type_name) if n.kind in THINGS]
            # The sort is stable: within a room the order is that of the distances.
            self._found[type_name] = sorted(nodes, key=self._places.rank)
        return self._found[type_name]

    def _candidates(self, type_name: str) -> list[Node]:
        scene, grid = self._scene, self._scene.grid(type_name)
        found: dict[str, None] = {}
        lists = [[i for _, i in islice(grid.nearest_first(*anchor), LOOKED_AT)] for anchor in self._places.anchors]
        for turn in range(LOOKED_AT):
            found.update((ids[turn], None) for ids in lists if turn < len(ids))
        nodes = [scene[i] for i in found]
        total = self._counts.get(type_name, 0)
        if len(grid) < total:  # some are nowhere
            if total <= FEW or not nodes:
                nodes += [n for n in scene.of_type(type_name) if n.id not in found and n.id not in grid][:FEW]
            else:
                nodes += [n for n in self._unplaced if n.type == type_name]
        return nodes

    @cached_property
    def _counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for (_, type_name), count in self._scene.types().items():
            counts[type_name] = counts.get(type_name, 0) + count
        return counts

    def _contents(self) -> Iterator[Node]:
        """What is in or on the things that were named."""
        named = [n for n in self._places.named if n.kind != "room"]
        for node in chain(named, self._turns(self._reading.things, FIRST)):
            yield from islice(self._scene.contents(node.id), CONTENTS)

    def _kinds(self) -> Iterator[Node]:
        """One of each type around: what was named by a word that is not known here is mostly among them."""
        seen = {*self._reading.things, *self._reading.tools}
        for node in self._around:
            if node.type not in seen and self._places.rank(node) < FAR:
                seen.add(node.type)
                yield node

    def _search(self) -> Iterator[Node]:
        """Where a search would go: the shut and the unsearched before the rest."""
        fixed = [n for n in self._around if n.kind == "receptacle" and not n.is_a("pickupable")]
        yield from sorted(fixed, key=lambda n: (self._places.rank(n), n.states.get("searched") is True))

    @cached_property
    def _around(self) -> list[Node]:
        """What is around, the rooms that matter first."""
        grid = self._scene.grid()
        near = dict.fromkeys(i for anchor in self._places.anchors
                             for _, i in islice(grid.nearest_first(*anchor), AROUND))
        nodes = sorted((self._scene[i] for i in near), key=self._places.rank)
        return [*nodes, *self._unplaced]

    @cached_property
    def _unplaced(self) -> list[Node]:
        """What is in the rooms that matter and has no place of its own, nor has its room."""
        rooms = [r for r in self._places.rooms if self._scene.place(r.id) is None]
        return list(islice(chain.from_iterable(self._scene.contents(r.id) for r in rooms), AROUND))
