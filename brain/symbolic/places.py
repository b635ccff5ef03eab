"""Choosing where things go: a receptacle that takes the thing, that somebody can reach, nearest first."""

from __future__ import annotations

from collections.abc import Iterable

from fleetmind.brain.symbolic.draft import Draft
from fleetmind.brain.symbolic.fleet import Cannot, Fleet
from fleetmind.brain.symbolic.grounding import Grounding
from fleetmind.brain.symbolic.knowledge import (
    TABLES,
    accepts,
    can,
    kind_of,
    shuts,
    storage_for,
    supports_for,
)
from fleetmind.brain.symbolic.meaning import Place, Ref
from fleetmind.brain.symbolic.past import Past
from fleetmind.memory.scene import Node

_EDGE_M = 0.05
_CARRY = ("pick_up", "place")
_FOR_A_PERSON = ("CoffeeTable", "DiningTable", *TABLES, "CounterTop", "Sofa", "Bed", "Dresser", "Shelf")


class Places:
    """Resolves places to receptacles."""

    def __init__(self, draft: Draft, fleet: Fleet, grounding: Grounding, past: Past) -> None:
        self.draft, self.scene = draft, draft.scene
        self.fleet, self.grounding, self.past = fleet, grounding, past
        self.chosen: dict[int, str] = {}
        """The one receptacle of a place that all share, by the reference's number."""

    def choose(self, thing: Node, place: Place, key: str, *, avoid: str = "") -> Node:
        """The receptacle for a thing; after failures under `key`, another one; `avoid` only if there is no other.

        Raises:
            NeedSearch: the receptacle must be found first.
            Cannot: nothing here takes it, or nobody reaches it.
        """
        options = self._ranked(thing, self.options(thing, place))
        options = [n for n in options if n.id != avoid] or options
        if not options:
            raise Cannot("IMPOSSIBLE", f"there is nothing here that {thing.type} could be put {self._words(place)}")
        usable = [n for n in options if self._usable(thing, n)]
        if not usable:
            self.fleet.require(_CARRY, (thing, options[0]), doing=f"put {thing.id} {self._words(place)}")
            self.fleet.require(("open",), (options[0],), doing=f"open {options[0].id}")
        failed = self.past.failures[key]
        return usable[failed % len(usable)]

    def options(self, thing: Node, place: Place) -> list[Node]:
        """All receptacles that would do."""
        if place.kind == "back":
            node = self.scene.get(self.past.origins.get(thing.id) or "") or self.origin_of(thing)
            if node is not None:
                return [node]
            return self._of_types(thing, supports_for(thing.type), ())
        if place.kind == "away":
            return self._of_types(thing, storage_for(thing.type), ()) or self._of_types(
                thing, supports_for(thing.type), ())
        if place.kind == "user":
            return self._of_types(thing, _FOR_A_PERSON, ())
        if place.kind in ("down", "room"):
            found = self._of_types(thing, supports_for(thing.type), place.rooms)
            if not found and place.rooms and not any(n.type in place.rooms for n in self.scene.of_kind("room")):
                raise Cannot("NOT_FOUND", f"there is no {' or '.join(place.rooms)} here", place.rooms)
            return found
        return self._named(thing, place)

    def origin_of(self, thing: Node) -> Node | None:
        """What it is in or on; where that is not known, the receptacle right under its place."""
        parent = self.scene.get(self.draft.parent(thing.id) or "")
        if parent is not None and parent.kind != "room":
            return parent if can(parent, "receptacle") else None
        if thing.pose is None:
            return None
        below: list[tuple[float, str]] = []
        for node in self.scene:
            if node.pose is None or node.size is None or not accepts(node.type, thing.type):
                continue
            inside = all(abs(a - b) <= size / 2 + _EDGE_M for a, b, size in (
                (thing.pose.x, node.pose.x, node.size[0]), (thing.pose.y, node.pose.y, node.size[1])))
            top = node.pose.z + node.size[2] / 2
            if inside and thing.pose.z >= node.pose.z - node.size[2] / 2:
                below.append((abs(thing.pose.z - top), node.id))
        return self.scene[min(below)[1]] if below else None

    def _named(self, thing: Node, place: Place) -> list[Node]:
        ref = place.ref
        if ref is None:
            return []
        if place.near:
            return self._beside(thing, ref)
        if any("pickupable" in kind_of(t).flags for t in ref.types):
            return [self.scene[n] for n in self.grounding.bind(ref, lambda n: self._container_rank(n, thing))
                    if n in self.scene]
        if ref.uid in self.chosen and place.same:
            return [self.scene[self.chosen[ref.uid]]]
        found = [n for n in self.grounding.candidates(ref) if accepts(n.type, thing.type)]
        if found:
            best = min(ref.types.index(n.type) for n in found)
            # Only the best type that exists here: "the table" is the dining table where there is one.
            return [n for n in found if ref.types.index(n.type) == best] if ref.quantity != "all" else found
        if not self.grounding.candidates(ref, filtered=False):
            self.grounding.bind(ref)
        raise Cannot("IMPOSSIBLE", f"{thing.type} cannot be put in or on {ref.words!r}; "
                                   f"it goes in or on {', '.join(sorted(kind_of(thing.type).fits)[:8])}")

    def _container_rank(self, node: Node, thing: Node) -> tuple[bool, bool, float]:
        food = thing.type in ("BreadSliced",) or thing.type.endswith("Sliced") or thing.type == "EggCracked"
        usable = bool(self.fleet.able(("pick_up", "place"), (thing,)))
        return (not usable, food and node.states.get("dirty") is True, self._distance(thing, node))

    def _beside(self, thing: Node, ref: Ref) -> list[Node]:
        """What the landmark itself stands on, or else the nearest surface."""
        marks = [self.scene[n] for n in self.grounding.bind(ref)]
        for mark in marks:
            for above in self.draft.above(mark.id):
                node = self.scene.get(above)
                if node is not None and accepts(node.type, thing.type):
                    return [node]
        found = self._of_types(thing, supports_for(thing.type), ())
        return sorted(found, key=lambda n: self._distance(marks[0], n))[:3] if marks else found

    def _of_types(self, thing: Node, types: Iterable[str], rooms: tuple[str, ...]) -> list[Node]:
        """Of the best type that exists, preferring the room the thing is in, all that take it."""
        here = self.draft.room(thing.id)
        groups: list[list[Node]] = []
        for name in dict.fromkeys(types):
            nodes = [n for n in self.scene.of_type(name) if accepts(name, thing.type) and self.grounding.present(n)]
            if rooms:
                nodes = [n for n in nodes if (room := self.scene.room_of(n.id)) is not None and room.type in rooms]
            nodes = [n for n in nodes if self._usable(thing, n)]
            if nodes:
                groups.append(nodes)
        near = [n for nodes in groups for n in nodes if here is not None and self.scene.room_of(n.id) == here]
        if near:
            return [n for n in near if n.type == near[0].type]
        return groups[0] if groups else []

    def _usable(self, thing: Node, receptacle: Node) -> bool:
        held_by = self.fleet.holder(self.draft.parent(thing.id))
        if not self.fleet.able(("place",) if held_by else _CARRY, (thing, receptacle), held_by):
            return False
        closed = shuts(receptacle) and self.draft.state(receptacle.id, "open") is not True
        return not closed or bool(self.fleet.able(("open",), (receptacle,)))

    def _ranked(self, thing: Node, nodes: list[Node]) -> list[Node]:
        room = self.draft.room(thing.id)

        def rank(node: Node) -> tuple[bool, bool, int, float, str]:
            closed = shuts(node) and self.draft.state(node.id, "open") is not True
            single = node.type in ("StoveBurner", "CoffeeMachine", "Toaster", "TowelHolder", "HandTowelHolder",
                                   "ToiletPaperHanger")
            full = single and bool([n for n in self.draft.inside(node.id) if n.id != thing.id])
            elsewhere = room is not None and self.scene.room_of(node.id) != room
            return (full, elsewhere, int(closed), self._distance(thing, node), node.id)

        return sorted(nodes, key=rank)

    def _distance(self, a: Node, b: Node) -> float:
        if a.pose is None or b.pose is None:
            return 99.0
        return a.pose.distance_m(b.pose)

    def _words(self, place: Place) -> str:
        if place.ref is not None:
            return f"in or on {place.ref.words!r}"
        return {"away": "away", "back": "back", "user": "at hand"}.get(place.kind, "down")
