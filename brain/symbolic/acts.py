"""What clauses ask for: each doing and each wish becomes wants about things, states and places."""

from __future__ import annotations

from fleetmind.brain.symbolic.clauses import Clause, Group
from fleetmind.brain.symbolic.knowledge import LIGHTS
from fleetmind.brain.symbolic.meaning import Place, Want
from fleetmind.brain.symbolic.move_acts import MoveActs

_USUAL_PLACE_ACTS = frozenset({"move", "set", "drop", "stow", "back", "serve", "give", "keep", "trash", "sit"})
_GOING_ACTS = frozenset({"take", "fetch", "hold", "find", "look"})


class Acts(MoveActs):
    """Decides what a clause is about."""

    def wants_of(self, clause: Clause | None) -> list[Want]:
        """Turn a clause into wants; empty for statements."""
        count = len(self.wants)
        if clause is None:
            return []
        for spoon, cup in self.contents:
            self._demands(spoon, clause.words)
            self.want("place", clause.words, ref=spoon, place=Place(ref=cup))
        filled = [cup for _, cup in self.contents]
        self.contents.clear()
        if clause.act == "make" and all(ref in filled for ref in clause.things) and filled:
            return self.wants[count:]
        for ref in clause.things:
            if clause.rooms and not ref.room:
                ref.room = clause.rooms
        if not self._harmful(clause):
            self._interpret(clause)
        return self.wants[count:]

    def _harmful(self, clause: Clause) -> bool:
        named = [t for ref in [*clause.things, *(r for g in clause.groups for _, refs in g.where for r in refs)]
                 for t in ref.types]
        if clause.act == "harm":
            lights = {*LIGHTS, "Television", "Candle", "Faucet"}
            if clause.base in ("kill", "hit", "burn", "punch") and named and set(named) <= lights:
                clause.act = "on" if clause.base == "burn" else "off"
                return False
            self.refused.append(("UNSAFE", f"{clause.words!r} would do harm"))
            return True
        if clause.act == "break":
            if "Egg" in named:
                clause.act = "crack"
                return False
            self.refused.append(("UNSAFE", f"{clause.words!r} would destroy something"))
            return True
        done_to = [t for ref in clause.things for t in ref.types]
        harmless = clause.act in (None, "find", "go", "give", "look", "fetch")
        if "@living" in done_to and not harmless:
            self.refused.append(("UNSAFE", f"{clause.words!r} is about a living being, which robots must not handle"))
            return True
        if clause.base in ("throw", "chuck", "toss", "drop") and any(
                w.prep in ("at", "through", "from") and r.types[:1] in (("@living",), ("Window",), ("Television",))
                for g in clause.groups for w, refs in g.where for r in refs):
            self.refused.append(("UNSAFE", f"{clause.words!r} would endanger people or property"))
            return True
        if clause.base in ("set", "put", "light") and any(
                "fire" in words for words in (self.stumbled, self.lost, clause.words.split())):
            self.refused.append(("UNSAFE", f"{clause.words!r} would start a fire"))
            return True
        return False

    def _interpret(self, clause: Clause) -> None:
        act = clause.act
        if act is None or (act == "sit" and not clause.states):
            self._wish(clause)
        elif act == "unable":
            self.refused.append(("NO_SKILL", f"no robot here knows how to {clause.base}"))
        elif act in ("dark", "bright"):
            self._darken(clause, dark=act == "dark")
        elif act == "make":
            self._make(clause)
        elif act in ("heat", "cool", "clean", "wipe", "cook", "fry", "boil", "toast", "slice", "crack", "open",
                     "close", "on", "off", "light", "empty", "water"):
            self._state(clause, act)
        elif act == "turn":
            self._turn(clause)
        elif act in ("fill", "pour"):
            self._fill(clause)
        elif act in ("clear", "tidy"):
            self._clear(clause)
        elif act in _GOING_ACTS or act in _USUAL_PLACE_ACTS:
            self._move(clause, act)
        elif act == "contain":
            self._contain(clause)
        elif act == "go":
            self._go(clause)
        elif act == "use":
            self._use(clause)

    def _turn(self, clause: Clause) -> None:
        value = next((s[1] for s, _ in clause.states if s[0] == "on"), None)
        if value is None and clause.states:
            self._wish(clause)
        elif value is None:
            self.stumbled.append(clause.base)
        else:
            self._state(clause, "on" if value else "off")

    def _make(self, clause: Clause) -> None:
        if clause.states and clause.things:
            clause.act = None
            self._wish(clause)
            return
        if any(s[0] == "dark" for s, _ in clause.states):
            self._wish(clause)
            return
        products = [r for r in clause.things if r.types[:1] and r.types[0].startswith("@product:")]
        for group in clause.groups:
            place, _ = self._destination(group, "sit")
            self._placed.pop(id(group), None)
            if place is not None and place.ref is not None and set(place.ref.types) <= {
                    "Microwave", "CoffeeMachine", "Toaster", "StoveBurner", "Pan"}:
                place = None
            for ref in group.things:
                if ref in products:
                    self.flush()
                    self._to_make = (ref, place, clause.words)
                elif ref.types and all(t in ("Egg", "Potato", "BreadSliced", "PotatoSliced") for t in ref.types):
                    self._one_state(clause, "cook", ref, ("cooked", True), "", None)
                elif ref.types[:1] == ("@room",) or not ref.types:
                    self._special_room(clause)
                elif "Desk" in ref.types:
                    desk = self.new_ref("workspace", ("@product:workspace",), "one", 1)
                    self._to_make = (desk, Place(ref=ref), clause.words)
                elif ref.demands:
                    self._demands(ref, clause.words)
                else:
                    self.refused.append(("NO_SKILL", f"no robot here knows how to make {ref.words!r}"))
        if not clause.things:
            self._misses_object(clause)

    def list_follows(self) -> None:
        """After a colon: what a product is made of, with states; or simply the next clause."""
        if self._to_make is None or not self.noun_starts() or self.verb_here():
            if self._to_make is not None and self._to_make[0].types == ("@product:workspace",) and self.verb_here():
                self._to_make = None
            return
        product, place, words = self._to_make
        listed = self._listed()
        for clause in listed:
            for group in clause.groups:
                found, _ = self._destination(group, "sit")
                self._placed.pop(id(group), None)
                place = place or found
        self.ingredients[product.uid] = [ref for clause in listed for ref in clause.things]
        self._to_make = (product, place, words)
        self.flush()
        for clause in listed:
            for ref in clause.things:
                for state, method in clause.states:
                    if state[0] in ("on", "open"):
                        self.want("state", words, ref=ref, state=state, method=method)

    def _listed(self) -> list[Clause]:
        """Things with their states and places, up to the end of the sentence."""
        listed: list[Clause] = []
        while self.peek().punct != "." and not self.done and self.noun_starts():
            clause = Clause(None, groups=[Group(self.noun_phrase())])
            while not (self.peek().punct or (self.peek().conj and self.noun_starts(1)) or self.done):
                token = self.peek()
                if token.prep and self.noun_starts(1) and not (token.adj and not self.noun_starts(1)):
                    self.at += 1
                    clause.groups[0].where.append((token, self.noun_list(place=True)))
                    continue
                if token.adj:
                    clause.states.append(token.adj)
                self.at += 1
            listed.append(clause)
            while self.peek().text == "," or self.peek().conj:
                self.at += 1
        return listed

    def mend(self, clause: Clause) -> None:
        """A complaint with nothing asked: `the plates are dirty` asks for clean ones; or a request without a verb."""
        if clause.verbless and any(t.prep in ("in", "on", "to") for g in clause.groups for t, _ in g.where):
            clause.act, clause.base, clause.demanded = "set", "put", True
            self.wants_of(clause)
            return
        for state, _ in clause.states:
            if state[0] == "dark":
                self._lights(clause.words, clause.rooms, on=state[1] is True)
                return
        for ref in clause.things:
            if ref.types[:1] and ref.types[0].startswith("@product:") and clause.verbless:
                self._to_make = (ref, None, clause.words)
                self.flush()
            if not ref.types or ref.types[0].startswith("@"):
                continue
            for state, _ in clause.states if clause.negated else ():
                if state in (("dirty", False), ("filled", "water"), ("cooked", True)):
                    self.want("state", clause.words, ref=ref, state=state,
                              method="vessel" if "HousePlant" in ref.types else "")
            for (key, value), _ in clause.states:
                if (key, value) in (("dirty", True), ("open", True), ("on", True)):
                    self.want("state", clause.words, ref=ref, state=(key, False))
            if "HousePlant" in ref.types and {"thirsty", "dry"} & set(clause.words.split()):
                self.want("state", clause.words, ref=ref, state=("filled", "water"), method="vessel")
