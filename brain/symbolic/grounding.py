"""From references to the things of the scene; what is not known yet has to be searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fleetmind.brain.symbolic.draft import Draft
from fleetmind.brain.symbolic.fleet import Cannot
from fleetmind.brain.symbolic.knowledge import (
    ON_FLOOR,
    SLICES,
    WHOLES,
    can,
    kind_of,
    searched_types,
    shuts,
)
from fleetmind.brain.symbolic.meaning import Place, Ref, Want
from fleetmind.brain.symbolic.past import Past
from fleetmind.memory.scene import Node

MAX_ROUNDS = 2
"""Searches for the same thing; what could not be looked into twice is given up."""
_GONE = 0.5
_NEAR_M = 1.2

Rank = Callable[[Node], object]
"""Sort key: the best candidate first."""


class NeedSearch(Exception):
    """Not enough is known: look for things of these types.

    Attributes:
        types: object types.
        count: how many suffice; 0: every place must have been looked at.
        places: nodes to look at, best first.
    """

    def __init__(self, types: tuple[str, ...], count: int, places: list[str]) -> None:
        super().__init__(types)
        self.types, self.count, self.places = types, count, places


class NeedLater(Exception):
    """What comes next depends on what the subtasks planned so far will bring to light."""


class Grounding:
    """Binds references, each once, the same way in every replan."""

    def __init__(self, draft: Draft, past: Past, wants: Iterable[Want]) -> None:
        self.draft, self.scene, self.past = draft, draft.scene, past
        self._wants_of: dict[int, list[int]] = {}
        for want in wants:
            for ref in (want.ref, want.tool, want.place.ref if want.place else None):
                if ref is not None and ref is want.ref:
                    self._wants_of.setdefault(ref.uid, []).append(want.index)
        self._bound: dict[int, list[str]] = {}
        self._anchor_ids: dict[int, set[str]] = {}

    # which things match ----------------------------------------------------------------------------------
    def present(self, node: Node, *, patience: int = 1) -> bool:
        """False for robots, for what has become slices, and for what was not where it should be when tried."""
        if node.kind in ("robot", "person", "site", "building", "floor", "room") or self.past.was_sliced(node.id):
            return False
        if node.confidence < _GONE and self.past.failed_on(node.id) >= patience:
            return False
        return not (node.states.get("sliced") is True and node.type in SLICES) and node.states.get("broken") is not True

    def candidates(self, ref: Ref, *, filtered: bool = True, excluding: bool = True) -> list[Node]:
        """Known things that the reference can mean."""
        if ref.types:
            found = [n for t in ref.types for n in self.scene.of_type(t) if self.present(n)]
        else:
            found = [n for n in self.scene if self.present(n) and can(n, "pickupable")]
        out = []
        excluded = {n.id for other in ref.excluded for n in self._excluded(other)} if excluding else set()
        for node in found:
            if node.id in excluded or (ref.room and not self._in_room(node, ref.room)):
                continue
            if ref.at is not None and not self._at(node, ref.at):
                continue
            if filtered and any(not self._has(node, key, value) for key, value in ref.filters):
                continue
            out.append(node)
        return out

    def _excluded(self, ref: Ref) -> list[Node]:
        bound = self._bound.get(ref.uid)
        if bound and not ref.many:
            return [self.scene[n] for n in bound if n in self.scene]
        return self.candidates(ref, excluding=False)

    def _in_room(self, node: Node, rooms: tuple[str, ...]) -> bool:
        room = self.scene.room_of(node.id)
        return room is not None and room.type in rooms

    def _has(self, node: Node, key: str, value: bool | str) -> bool:
        actual = node.states.get(key, False)
        if key == "filled" and value == "water":
            return bool(actual)
        return actual == value

    def _at(self, node: Node, place: Place) -> bool:
        if place.ref is None:
            return True
        anchors = self.anchors(place.ref)
        ancestors = self.scene.ancestors(node.id)
        if any(a.id in anchors for a in ancestors):
            return True
        if not place.near:
            return False
        return any(node.pose is not None and (other := self.scene[a]).pose is not None
                   and node.pose.distance_m(other.pose) < _NEAR_M for a in anchors)

    def anchors(self, ref: Ref) -> set[str]:
        """The furniture a place can mean: the first of its types that exists, unless many are meant."""
        if ref.uid not in self._anchor_ids:
            self._anchor_ids[ref.uid] = set()  # ends circles: a place that is said to be at itself
            found: list[Node] = []
            for name in ref.types:
                found = self.candidates(Ref(uid=0, words="", types=(name,), room=ref.room, at=ref.at))
                if found:
                    break
            if "SinkBasin" in ref.types:
                found = self.candidates(Ref(uid=0, words="", types=ref.types, room=ref.room))
            self._anchor_ids[ref.uid] = {n.id for n in found}
        return self._anchor_ids[ref.uid]

    # binding ---------------------------------------------------------------------------------------------
    def bound(self, ref: Ref) -> list[str]:
        """What the reference was bound to, or what earlier plans bound it to."""
        if ref.uid in self._bound:
            return self._bound[ref.uid]
        # Steps of a want also handle vessels and what is cut up for it: only things of the right type are meant.
        every = ref.many and not set(ref.types) & set(SLICES.values())  # not every slice has to find room
        return [n for n in self.past.bound(self._wants_of.get(ref.uid, ()), every=every)
                if n in self.scene and (not ref.types or self.scene[n].type in ref.types)]

    def bind(self, ref: Ref, rank: Rank | None = None, *, enough: Callable[[Node], bool] | None = None) -> list[str]:
        """The things a reference means.

        Args:
            ref: the reference.
            rank: sorts candidates when fewer are needed than known.
            enough: when given, candidates for which it is False do not count.

        Raises:
            NeedSearch: things must be looked for first.
            Cannot: there are none.
        """
        if ref.uid in self._bound:
            return self._bound[ref.uid]
        # Of `all` none is given up silently: what fails for good fails the task.
        patience = 1000 if ref.many else 3
        earlier = [n for n in self.bound(ref) if self.present(self.scene[n], patience=patience)
                   or (self.past.was_sliced(n) and self.scene[n].type in ref.types)]
        known = self.candidates(ref)
        if enough is not None:
            known = [n for n in known if enough(n)]
        if ref.many:
            chosen = self._all(ref, known, earlier)
        else:
            needed = 2 if ref.quantity == "some" else ref.wanted
            pool = [n for n in known if n.id not in earlier]
            order = {name: place for place, name in enumerate(ref.types)}
            pool.sort(key=lambda n: (n.confidence < _GONE, rank(n) if rank else 0, order.get(n.type, 0), n.id))
            chosen = (earlier + [n.id for n in pool])[:needed]
            least = 1 if ref.quantity == "some" else needed
            if len(chosen) < least:
                self._look_for(ref, needed, len(chosen))
        self._bound[ref.uid] = chosen
        return chosen

    def _all(self, ref: Ref, known: list[Node], earlier: list[str]) -> list[str]:
        rounds = self.rounds(self.movable(ref))
        # Who is asked for all looks everywhere, also where somebody looked for something else before.
        places = self.unsearched(ref, again=rounds == 0)
        if places and rounds < MAX_ROUNDS:
            raise NeedSearch(self.movable(ref), 0, places)
        if not known and not earlier and not (ref.filters and self.candidates(ref, filtered=False)):
            self._not_found(ref)
        found = earlier + [n.id for n in known if n.id not in earlier]
        return found[:max(0, len(found) - ref.less)]

    def _look_for(self, ref: Ref, needed: int, have: int) -> None:
        types = self.movable(ref)
        # People put things where they do not belong, and things are overlooked: before it is given up, the
        # unlikely places are looked into and the likely ones once more.
        places = self.unsearched(ref)
        if not places:
            places = self.unsearched(ref, everywhere=True)
            places += [p for p in self.unsearched(ref, again=True) if p not in places]
        if places and self.rounds(types) < MAX_ROUNDS:
            raise NeedSearch(types, needed + self._unsuitable(ref, have), places)
        self._not_found(ref, needed, have)

    def _unsuitable(self, ref: Ref, have: int) -> int:
        """How many things of the types are known already that do not suit: a search must find more than those."""
        return sum(1 for n in self.scene if n.type in ref.types and self.present(n)) - have

    def movable(self, ref: Ref) -> tuple[str, ...]:
        """Types of the reference that have to be seen to be known."""
        types = tuple(WHOLES.get(t, t) for t in ref.types)
        return tuple(dict.fromkeys(t for t in types if "pickupable" in kind_of(t).flags))

    def rounds(self, types: tuple[str, ...]) -> int:
        """How many searches for these types there were."""
        prefix = f"find:{'+'.join(types)}:"[:240]
        return len({k.rpartition(":")[2].partition("/")[0] for k in self.past.done | set(self.past.failures)
                    if k.startswith(prefix)})

    def round_of(self, types: tuple[str, ...]) -> int:
        """Number of the next search for these types."""
        return self.rounds(types) + 1

    def unsearched(self, ref: Ref, *, again: bool = False, everywhere: bool = False) -> list[str]:
        """Places that may hold such things and have not been looked at, best first.

        Args:
            ref: what is looked for.
            again: also those that have been looked at.
            everywhere: also those that do not usually hold such things.
        """
        if not self.movable(ref) and ref.types:
            return []
        anchors = self.anchors(ref.at.ref) if ref.at is not None and ref.at.ref is not None else None
        order: dict[str, int] = {}
        for name in self.movable(ref):
            for rank, place in enumerate(searched_types(name)):
                order[place] = min(rank, order.get(place, 99))
        found: list[tuple[int, str]] = []
        for node in self.scene:
            if (node.states.get("searched") is True and not again) or (ref.room and not self._in_room(node, ref.room)):
                continue
            if node.kind == "room":
                if anchors is None and (not ref.types or any(t in ON_FLOOR for t in self.movable(ref))):
                    found.append((6, node.id))
                continue
            if not self.present(node) or not can(node, "receptacle"):
                continue
            if anchors is not None:
                if node.id in anchors:
                    found.append((0, node.id))
            elif node.type in order or ((everywhere or not ref.types) and node.type != "Floor"):
                closed = shuts(node) and node.states.get("open") is not True
                found.append((order.get(node.type, 0) + (3 if closed else 0), node.id))
        return [node_id for _, node_id in sorted(found)]

    def _not_found(self, ref: Ref, needed: int = 1, have: int = 0) -> None:
        looked = sum(1 for n in self.scene if n.states.get("searched") is True)
        what = ref.words or "such a thing"
        if have:
            raise Cannot("NOT_FOUND", f"I found only {have} of {needed}: {what!r}, after looking in {looked} places",
                         (what,))
        state = "".join(f", {key}={value}" for key, value in ref.filters)
        raise Cannot("NOT_FOUND", f"there is no {what!r} here ({' or '.join(ref.types) or 'anything'}{state}); "
                                  f"I looked in {looked} places", (what,))
