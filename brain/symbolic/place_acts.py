"""Where things are to go or to be, and wishes about places and states."""

from __future__ import annotations

from fleetmind.brain.symbolic.clauses import Clause, Group, Where
from fleetmind.brain.symbolic.knowledge import SLICES, kind_of
from fleetmind.brain.symbolic.meaning import Method, Place, Ref, State
from fleetmind.brain.symbolic.state_acts import StateActs
from fleetmind.brain.symbolic.verbs import Act

_GOING_ACTS = frozenset({"take", "fetch", "hold", "find", "look"})
_AT = ("in", "on", "at", "to", "over", "near", "under")


class PlaceActs(StateActs):
    """Reads places; turns wishes into wants."""

    def _default(self, clause: Clause, act: Act) -> Place | None:
        """Where it goes when no place was named."""
        there = self._there() if "there" in clause.parts else None
        if there is not None:
            return Place(ref=there)
        if act == "trash":
            return Place(ref=self.new_ref("bin", ("GarbageCan",), "the", 1))
        if clause.origin or "back" in clause.parts or act == "back":
            return Place(kind="away" if clause.origin == "away" else "back")
        if act == "stow" or "away" in clause.parts:
            return Place(kind="away")
        if act == "serve":
            return Place(ref=self.new_ref("table", ("DiningTable", "CoffeeTable", "CounterTop"), "the", 1))
        if act in ("fetch", "give") or clause.person:
            return Place(kind="user")
        if act in ("drop", "set", "move", "keep", "sit"):
            return Place(kind="down")
        return None

    def _there(self) -> Ref | None:
        """The place spoken of last."""
        for _, ref, _ in reversed(self.said):
            flags = kind_of(ref.types[0]).flags if ref.types else frozenset()
            if "receptacle" in flags and "pickupable" not in flags:
                return ref
        return None

    def _destination(self, group: Group, act: Act, *, bin_only: bool = False) -> tuple[Place | None, list[Where]]:
        """The last place said is where things go; what was said before it tells where they are.

        Args:
            group: things and the places said with them.
            act: what is done to them.
            bin_only: things go to a bin; whatever else was named is where they are.
        """
        rest: list[Where] = []
        place: Place | None = None
        rooms: tuple[str, ...] = ()
        for token, refs in reversed(group.where):
            goal = token.prep == "to" or (token.prep in _AT and act not in _GOING_ACTS)
            if bin_only and refs and not set(refs[0].types) & {"GarbageCan", "GarbageBag"}:
                goal = False
            if place is not None or not refs or not goal:
                rest.insert(0, (token, refs))
                continue
            if refs[0].types[:1] in (("@person",), ("@living",)):
                place = Place(kind="user")
            elif "@room" in refs[0].types:
                if not refs[0].room:
                    rest.insert(0, (token, refs))
                    continue
                if token.prep == "to" or not any(t.prep in _AT for t, _ in group.where[:-1]):
                    place = Place(kind="room", rooms=refs[0].room)
                rooms = refs[0].room
            elif refs[0].types and not refs[0].types[0].startswith("@"):
                place = Place(ref=refs[0], near=token.prep in ("near", "under"))
                place.same = refs[0].single
            elif refs[0].anaphor:
                place = Place(kind="down")
        if rooms and place is not None and place.kind == "room":
            earlier = [(t, r) for t, r in rest if t.prep in _AT and act not in _GOING_ACTS]
            if earlier and earlier[-1][1] and earlier[-1][1][0].types[:1] != ("@room",):
                token, refs = earlier[-1]
                refs[0].room = rooms
                place = Place(ref=refs[0], near=token.prep in ("near", "under"))
                rest.remove(earlier[-1])
        if place is not None:
            self._placed[id(group)] = place
        return place, rest

    def _locate_all(self, ref: Ref, where: list[Where]) -> None:
        for token, refs in where:
            if token.prep in ("in", "on", "at", "from", "near", "under") and refs and ref.at is None:
                self.locate(ref, refs, near=token.prep in ("near", "under"))

    def _wish(self, clause: Clause) -> None:
        """`every drawer is shut`, `I want the mugs clean`, `nothing should be left on the table`."""
        if not clause.demanded and not clause.negated:
            return
        if not clause.demanded:
            return
        dark = [s for s, _ in clause.states if s[0] == "dark"]
        for group in clause.groups:
            states = list(group.states or clause.states)
            place, rest = self._destination(group, "sit")
            self._placed.pop(id(group), None)
            for ref in group.things:
                self._wish_one(clause, ref, place, rest, states, bool(dark))
        if not clause.things and dark:
            self._lights(clause.words, self._room_meant(clause), on=not dark[0][1])

    def _wish_one(self, clause: Clause, ref: Ref, place: Place | None, rest: list[Where],
                  states: list[tuple[State, Method]], dark: bool) -> None:
        words = clause.words
        if ref.types[:1] == ("@room",) or (ref.anaphor and dark):
            if dark:
                self._lights(words, ref.room or self._room_meant(clause),
                             on=clause.negated is (states[0][0][1] is True))
            return
        if ref.types[:1] and ref.types[0].startswith("@product:"):
            self._to_make = (ref, place, words)
            return
        if ref.types[:1] and ref.types[0].startswith("@"):
            return
        if clause.negated:
            self._wish_not(ref, place, states, words)
            return
        self._locate_all(ref, rest)
        for state, method in states:
            if state[0] != "dark":
                self._wish_state(ref, state, method, words)
        self._demands(ref, words)
        if place is not None:
            for key, value in [f for f in ref.filters if f[0] in ("dirty", "on") and f != ("dirty", True)]:
                ref.filters.remove((key, value))
                self._wish_state(ref, (key, value), "", words)
            self.want("place", words, ref=ref, place=place)
        elif not states and not clause.origin and "away" not in clause.parts:
            self._loose.append(self.want("place", words, ref=ref, place=Place(kind="user")))
        elif not states:
            self.want("place", words, ref=ref, place=self._default(clause, "back"))

    def _wish_state(self, ref: Ref, state: State, method: Method, words: str) -> None:
        if state[0] == "sliced" and ref.types and all(t in SLICES.values() for t in ref.types):
            return
        if state == ("on", True) and "Laptop" in ref.types and ("open", True) not in ref.filters:
            pass
        if state[0] == "cooked" and method == "toaster" and "Bread" in ref.types:
            ref = self._pieces_of(ref)
        self.want("state", words, ref=ref, state=state, method=method)

    def _wish_not(self, ref: Ref, place: Place | None, states: list[tuple[State, Method]], words: str) -> None:
        ref.quantity = "all"
        for (key, value), _ in states:
            opposite: State = (key, not value) if isinstance(value, bool) else (key, False)
            if key == "temperature":
                opposite = (key, "Cold" if value == "Hot" else "Hot")
            self.want("state", words, ref=ref, state=opposite).vacuous = True
        if place is not None and not states and place.kind == "ref":
            if not ref.types:
                self.want("clear", words, ref=self.new_ref("everything", (), "all"), place=place)
            else:
                if place.ref is not None:
                    self.locate(ref, [place.ref], near=place.near)
                self.want("place", words, ref=ref, place=Place(kind="away")).vacuous = True
