"""Doings that move things: put, take, bring, clear, serve, throw away."""

from __future__ import annotations

from fleetmind.brain.symbolic.clauses import Clause
from fleetmind.brain.symbolic.knowledge import LIGHTS, kind_of
from fleetmind.brain.symbolic.meaning import Place, Ref, WantKind
from fleetmind.brain.symbolic.place_acts import PlaceActs
from fleetmind.brain.symbolic.verbs import Act
from fleetmind.brain.symbolic.words import NUMBERS

_AT = ("in", "on", "at", "to", "over", "near", "under")


class MoveActs(PlaceActs):
    """Turns such clauses into wants."""

    def _move(self, clause: Clause, act: Act) -> None:
        if act == "give" and self._gives_liquid(clause):
            return
        if clause.base in ("set", "lay") and self._sets_table(clause):
            return
        if act == "serve":
            self._with_it(clause)
        if act == "keep" and self._kept(clause):
            return
        shown = act in ("look", "hold", "take") and self._in_light(clause)
        if shown or self._made_ready(clause):
            return
        if (clause.states and act in ("move", "fetch", "serve")) or (
                act == "set" and clause.states and not any(g.where for g in clause.groups)):
            self._wish(clause)
            return
        if any("@room" in r.types or not r.types for r in clause.things) and act == "look":
            return
        self._bring(clause, act)

    def _kept(self, clause: Clause) -> bool:
        """`leave the vase where it is`, `keep the fridge closed`; `leave it on the table` is a placing."""
        placed = any(g.where for g in clause.groups)
        if clause.states and not placed and not clause.origin:
            self._wish(clause)
        elif clause.origin or not placed:
            self.leave_alone(clause.things)
        else:
            return False
        return True

    def _bring(self, clause: Clause, act: Act) -> None:
        """Bring the things of each group to the place said with it, or to the last place said, or to the usual."""
        last: Place | None = None
        thrown = clause.base in ("throw", "toss", "chuck", "dump") and not {"away", "out"} & set(clause.words.split())
        for group in reversed(clause.groups):
            place, rest = self._destination(group, act, bin_only=act == "trash" and not thrown)
            last = place or last
            group.where = rest
            for ref in group.things:
                self._locate_all(ref, rest)
        default = self._default(clause, act)
        for group in clause.groups:
            place = self._placed.pop(id(group), None) or last or default
            for ref in group.things:
                self._place_one(clause, act, ref, place)
        if not clause.things and act not in ("look", "find"):
            self._misses_object(clause)

    @staticmethod
    def _with_it(clause: Clause) -> None:
        """`serve them with a slice of tomato on a plate`: that is served, too."""
        for group in clause.groups:
            for token, refs in list(group.where):
                if token.prep == "with":
                    group.where.remove((token, refs))
                    group.things += refs

    def _sets_table(self, clause: Clause) -> bool:
        """`set the table for two`."""
        tables = [r for r in clause.things if "DiningTable" in r.types]
        if not tables or len(clause.things) > 1 or any(
                t.prep in _AT for g in clause.groups for t, _ in g.where):
            return False
        number = next((NUMBERS[w] for w in clause.words.split() if w in NUMBERS), 1)
        for kind in ("Plate", "Fork", "Knife", "Cup"):
            things = self.new_ref(kind.lower(), (kind,), "count" if number > 1 else "one", number)
            self.want("place", clause.words, ref=things, place=Place(ref=tables[0]))
        return True

    def _made_ready(self, clause: Clause) -> bool:
        """`get the desk ready`: what that takes may follow after a colon."""
        desks = [r for r in clause.things if set(r.types) & {"Desk", "DiningTable"}]
        if "ready" not in clause.words.split() or not desks:
            return False
        self._to_make = (self.new_ref("workspace", ("@product:workspace",), "one"), Place(ref=desks[0]), clause.words)
        return True

    def _place_one(self, clause: Clause, act: Act, ref: Ref, place: Place | None) -> None:
        if ref.types[:1] and ref.types[0].startswith("@product:"):
            self._to_make = (ref, place, clause.words)
            self.flush()
            return
        if ref.types[:1] and ref.types[0].startswith("@"):
            if act not in ("find", "look"):
                self.stumbled.append(ref.words)
            return
        cleared = next((w for w in self.wants if w.kind == "clear" and w.to is None), None)
        if cleared is not None and not ref.types and ref.many and ref.at is None and place is not None:
            cleared.to = place
            return
        self._demands(ref, clause.words)
        if place is not None and place.ref is not None and place.ref.at is not None and place.ref.quantity == "one":
            self.want("place", clause.words, ref=place.ref, place=place.ref.at)
            place.ref.at = None
        if place is None and ref.many and act == "take":
            self._loose.append(self.want("place", clause.words, ref=ref, place=Place(kind="away")))
            return
        if place is None:
            kind: WantKind = "find" if act in ("find", "look") else "held"
            self._loose.append(self.want(kind, clause.words, ref=ref))
            return
        made = self.want("place", clause.words, ref=ref, place=place)
        if (place.kind == "user" and act in ("fetch", "take")) or (place.kind == "down" and act == "move"):
            self._loose.append(made)

    def _gives_liquid(self, clause: Clause) -> bool:
        liquids = [r for r in clause.things if (r.types[:1] and r.types[0].startswith("@liquid:"))
                   or r.words.endswith("drink")]
        others = [r for r in clause.things if r not in liquids]
        others += [r for g in clause.groups for t, refs in g.where if t.prep == "to" for r in refs]
        for ref in others if liquids else []:
            self.want("state", clause.words, ref=ref, state=("filled", "water"),
                      method="vessel" if "HousePlant" in ref.types else "")
        return bool(liquids and others)

    def _in_light(self, clause: Clause) -> bool:
        """`look at the book under the lamp`: hold it, and the lamp is on."""
        found = False
        for group in clause.groups:
            for token, refs in list(group.where):
                lamps = [r for r in refs if r.types and set(r.types) & set(LIGHTS)]
                if not lamps or token.prep not in ("in", "under", "by", "near", "with", "at", "to", "on"):
                    continue
                found = True
                group.where.remove((token, refs))
                for ref in group.things:
                    self.want("held", clause.words, ref=ref)
                for lamp in lamps:
                    lamp.filters = [f for f in lamp.filters if f[0] != "on"]
                    self.want("state", clause.words, ref=lamp, state=("on", True))
        if found:
            for group in clause.groups:
                group.things = []
            clause.act = None
        return found

    def _clear(self, clause: Clause) -> None:
        for group in clause.groups:
            to: Place | None = None
            away: Ref | None = None
            for token, refs in group.where:
                if token.prep == "from" and refs:
                    away = refs[0]
                elif token.prep in _AT and refs and "@room" not in refs[0].types:
                    to = Place(ref=refs[0])
                elif refs and "@room" in refs[0].types and group.things:
                    group.things[0].room = refs[0].room
            if away is not None:
                for ref in group.things:
                    self.locate(ref, [away])
                    self.want("place", clause.words, ref=ref, place=to or Place(kind="away"))
                continue
            for ref in group.things:
                if "@room" in ref.types or not ref.types:
                    self._special_room(clause)
                elif any("receptacle" in kind_of(t).flags for t in ref.types):
                    everything = self.new_ref("everything", (), "all")
                    everything.excluded, ref.excluded = list(ref.excluded), []
                    self.want("clear", clause.words, ref=everything, place=Place(ref=ref), to=to)
                else:
                    self.want("place", clause.words, ref=ref, place=to or Place(kind="away"))
            if not group.things:
                self.stumbled.append(clause.base)

    def _special_room(self, clause: Clause) -> None:
        self.refused.append(("NOT_UNDERSTOOD",
                             f"{clause.words!r} is too general: say what goes where, e.g. 'clear the coffee table'"))

    def _contain(self, clause: Clause) -> None:
        boxes, loads = clause.groups[0].things[:1], clause.groups[0].things[1:]
        loads += [r for g in clause.groups[1:] for r in g.things]
        for box in boxes:
            for load in loads:
                self._demands(load, clause.words)
                self.want("place", clause.words, ref=load, place=Place(ref=box))

    def _go(self, clause: Clause) -> None:
        places = [r for g in clause.groups for _, refs in g.where for r in refs] + clause.things
        if clause.groups and clause.groups[0].things and clause.groups[0].where:
            self._wish(clause)
            return
        for ref in places[:1]:
            if "@room" in ref.types or kind_of(ref.types[0] if ref.types else "").name:
                self._loose.append(self.want("go", clause.words, ref=ref))

    def _use(self, clause: Clause) -> None:
        """`use a clean mug`: says more about what was asked for before."""
        self.flush()
        for said in clause.things:
            for want in self.wants:
                if want.ref is not None and said.types and set(said.types) & set(want.ref.types):
                    for state in said.filters:
                        if not any(w.ref is want.ref and w.state == state for w in self.wants):
                            want.ref.demands.append((state, ""))
