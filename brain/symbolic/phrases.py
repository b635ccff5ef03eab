"""Noun phrases: from tokens to references, with pronouns and repeated mentions resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fleetmind.brain.symbolic.cursor import Cursor
from fleetmind.brain.symbolic.knowledge import PORTABLE_RECEPTACLES, SLICES, kind_of
from fleetmind.brain.symbolic.meaning import Method, Place, Quantity, Ref
from fleetmind.brain.symbolic.nouns import PARTS
from fleetmind.brain.symbolic.roles import can_take
from fleetmind.brain.symbolic.words import AMBIGUOUS_ADJECTIVES, Token

Fits = Callable[[Ref], bool]
"""Whether a reference can play a part, for choosing what a pronoun means."""

_CLEANERS = frozenset({"DishSponge", "Cloth", "SprayBottle", "SoapBottle", "SoapBar", "ScrubBrush", "PaperTowelRoll"})
"""`a bowl with the sponge` is no bowl that holds a sponge."""


class Phrases(Cursor):
    """Reads noun phrases."""

    # noun phrases ----------------------------------------------------------------------------------------
    def noun_list(self, fits: Fits | None = None, *, place: bool = False) -> list[Ref]:
        """Noun phrases joined by commas, `and`, `or`; empty when none begins here."""
        found = self.noun_phrase(fits, place=place)
        while found:
            mark = self.mark()
            joined = either = False
            while self.peek().text == "," or self.peek().conj or self.peek().prep == "and":
                either = self.peek().text == "or"
                joined, self.at = True, self.at + 1
            if not joined or self.verb_here() or self.peek().exc or not self.noun_starts():
                self.reset(mark)
                return found
            more = self.noun_phrase(fits, place=place)
            gap = place and self.peek().prep in ("in", "on", "to", "at", "near")
            if not more or gap or (self.peek().aux and not place):
                self.reset(mark)
                return found
            self._share(found[-1], more[0])
            if either and len(more) == 1 and _alternatives(found[-1], more[0]):
                found[-1].types += more[0].types
                found[-1].words += f" or {more[0].words}"
                self.said = [s for s in self.said if s[1] is not more[0]]
                continue
            found += more
        return found

    def _share(self, first: Ref, second: Ref) -> None:
        """`all plates and cups`: the second has no article of its own and takes the first's."""
        if second.plain and first.quantity in ("all", "plural", "the"):
            second.quantity = first.quantity
            second.negated = first.negated
            if not second.filters:
                second.filters += first.filters

    def noun_phrase(self, fits: Fits | None = None, *, place: bool = False) -> list[Ref]:
        """One noun phrase; a pronoun may stand for several references."""
        start = self.at
        token = self.peek()
        if token.people and not self.noun_body(1):
            self.at += 1
            return [self.new_ref(token.text, ("@person",), "the")]
        if token.pron and not (token.det and self.noun_body(1)):
            self.at += 1
            return self._pronoun(token, fits, place=place)
        self._single = False
        quantity, number, negated, other, plain = self._quantity()
        refs = self._body(quantity, number, place=place)
        if not refs:
            if self.at > start and (quantity, number) != ("the", 1) and quantity in ("all", "count", "one", "some"):
                return self._bare(quantity, number, negated, fits)
            if self.at > start and not self.peek().known and not self.peek().punct:
                self.stumbled.append(self.peek().text)
                self.at += 1
                return []
            return []
        for one in refs:
            one.negated, one.plain, one.single = one.negated or negated, plain, self._single and one.quantity == "one"
            if other:
                one.excluded += [r for _, r, _ in self.said if set(r.types) & set(one.types)][-1:]
            self.note(one, place)
            self._after_noun(one, place=place)
        return refs

    def _quantity(self) -> tuple[Quantity | None, int, bool, bool, bool]:
        quantity: Quantity | None = None
        number, negated, other, plain = 1, False, False, True
        while True:
            token = self.peek()
            if not token.det and not token.num:
                return quantity, number, negated, other, plain
            if token.verb("base") and not self.noun_body(1):
                return quantity, number, negated, other, plain
            plain = False
            if token.num:
                quantity, number = ("all" if quantity == "all" else "count"), token.num
            elif token.det == "both":
                quantity, number = "count", 2
            elif token.det in ("all", "any", "no"):
                other = "other" in token.text or "remaining" in token.text or "rest" in token.text
                quantity = "all"
                negated = negated or token.det == "no"
                if token.det == "any":
                    quantity = "some"
            elif token.det in ("a", "one"):
                quantity = "one" if quantity is None else quantity
                self._single = token.det == "one"
                other = token.text == "another"
            elif token.det == "some":
                quantity = "some"
            elif quantity is None:
                quantity = "the"
            self.at += 1
            if self.peek().text == "of" and (self.peek(1).det or self.peek(1).pron):
                self.at += 1

    def _body(self, quantity: Quantity | None, number: int, *, place: bool) -> list[Ref]:
        adjectives: list[tuple[tuple[str, bool | str], Method]] = []
        rooms: tuple[str, ...] = ()
        words: list[str] = []
        while True:
            token = self.peek()
            words.append(token.text)
            if token.adj and token.text not in AMBIGUOUS_ADJECTIVES and self.noun_body(1) and not token.noun:
                adjectives.append(token.adj)
            elif (token.plain or (not token.known and not token.punct)) and self.noun_body(1) and not token.noun:
                if not token.known:
                    self.notes.append(f"I passed over the word {token.text!r}.")
            elif token.room and self.peek(1).noun is not None:
                rooms = (token.room,)
            elif token.fluff and self.noun_body(1) and words[:-1]:
                pass
            else:
                words.pop()
                break
            self.at += 1
        if self.peek().piece and self.peek(1).text == "of":
            return self._pieces(quantity or "one", number)
        ref = self._head(quantity, number, words)
        if ref is None:
            return []
        ref.room = ref.room or rooms
        for state, method in adjectives:
            if state == ("sliced", True) and ref.types and all(t in SLICES for t in ref.types):
                ref.types = tuple(SLICES[t] for t in ref.types)
            elif method or state[0] in ("cooked", "temperature", "filled"):
                ref.demands.append((state, method))
            else:
                ref.filters.append(state)
        return [ref if adjectives else self._same_as_before(ref, place)]

    def _head(self, quantity: Quantity | None, number: int, words: list[str]) -> Ref | None:
        token = self.peek()
        text = " ".join([*words, token.text])
        if token.text in PARTS and self.peek(1).text == "of":
            self.at += 2
            return next(iter(self.noun_phrase()), None)
        if token.living:
            self.at += 1
            return self.new_ref(text, ("@living",), "the")
        if token.room or (token.home and not token.noun):
            self.at += 1
            ref = self.new_ref(text, ("@room",), "the")
            ref.room = (token.room,) if token.room else ()
            return ref
        if (token.product and not (token.noun and self.peek(1).text != "of")) or (token.product and token.noun is None):
            return self._product(token, quantity, number, text)
        if token.liquid and token.noun is None:
            self.at += 1
            return self.new_ref(text, (f"@liquid:{token.liquid}",), "the")
        if token.piece:
            self.at += 1
            return self._slices_said_before(quantity, number, text)
        if token.noun is None:
            return self._ones(quantity, number)
        self.at += 1
        while self.peek().noun is not None and not self.verb_here() and not self.peek().adj:
            token = self.peek()
            text += f" {token.text}"
            self.at += 1
        types, plural = token.noun or ((), False)
        if self.peek().text in PARTS:
            self.at += 1
        return self.new_ref(text, types, _quantity_of(quantity, plural), number)

    def _product(self, token: Token, quantity: Quantity | None, number: int, text: str) -> Ref:
        self.at += 1
        ref = self.new_ref(text, (f"@product:{token.product}",), "count" if quantity == "count" else "one", number)
        if self.peek().text in ("of", "with", "from") and self.noun_starts(1):
            self.at += 1
            self.ingredients[ref.uid] = self.noun_list()
        return ref

    def _pieces(self, quantity: Quantity, number: int) -> list[Ref]:
        """`two slices of the bread`, `a slice of each`."""
        plural = self.peek().text.endswith("s")
        self.at += 2
        found: list[Ref] = []
        for whole in self.noun_list():
            if whole.types and all(t in SLICES for t in whole.types):
                wanted: Quantity = "some" if quantity == "one" and plural else quantity
                ref = self.new_ref(f"slice of {whole.words}", tuple(SLICES[t] for t in whole.types), wanted, number)
                ref.whole, ref.demands = whole, list(whole.demands)
                found.append(ref)
                continue
            if quantity == "all" or (whole.many and quantity == "one"):
                whole.quantity = quantity
            found.append(whole)
        return found

    def _slices_said_before(self, quantity: Quantity | None, number: int, text: str) -> Ref | None:
        """`a slice`, `the pieces`: of what was spoken of last."""
        for _, ref, _ in reversed(self.said):
            if ref.types and all(t in SLICES for t in ref.types):
                sliced = self.new_ref(text, tuple(SLICES[t] for t in ref.types),
                                      _quantity_of(quantity, text.endswith("s")), number)
                sliced.whole = ref
                return sliced
            if ref.types and all(t in SLICES.values() for t in ref.types):
                return ref
        return None

    def _ones(self, quantity: Quantity | None, number: int) -> Ref | None:
        """`the dirty ones`, `the other two`: things as those spoken of last."""
        if self.peek().text not in ("one", "ones", "others"):
            return None
        plural = self.peek().text != "one"
        self.at += 1
        for _, ref, place in reversed(self.said):
            if not place and ref.types[:1] != ("@person",):
                return self.new_ref(ref.words, ref.types, _quantity_of(quantity, plural), number)
        return None

    def _bare(self, quantity: Quantity | None, number: int, negated: bool, fits: Fits | None) -> list[Ref]:
        """A number or `all` without a noun."""
        for _, ref, place in reversed(self.said):
            if not place and (fits is None or fits(ref)):
                copy = self.new_ref(ref.words, ref.types, quantity or "all", number)
                copy.negated = negated
                return [copy]
        return []

    def _same_as_before(self, ref: Ref, place: bool) -> Ref:
        """A definite phrase said again means the same things."""
        if ref.quantity not in ("the", "plural") or not ref.types or ref.types[0].startswith("@"):
            return ref
        for _, earlier, _ in reversed(self.said):
            if earlier.types == ref.types and not earlier.negated and (not ref.room or ref.room == earlier.room):
                return earlier
            if ref.quantity == "the" and set(ref.types) > set(earlier.types) and earlier.types and place:
                return earlier
        return ref

    # pronouns --------------------------------------------------------------------------------------------
    def _pronoun(self, token: Token, fits: Fits | None, *, place: bool) -> list[Ref]:
        kind = token.pron
        if kind in ("everything", "anything", "nothing", "something", "everything that"):
            ref = self.new_ref(token.text, (), "one" if kind == "something" else "all")
            ref.negated = kind == "nothing"
            self.note(ref, place)
            self._after_noun(ref, relative=kind == "everything that")
            return [ref]
        if kind == "rest":
            ref = self.new_ref(token.text, (), "one" if token.text in ("the other", "the other one") else "all")
            for _, earlier, was_place in reversed(self.said):
                if not was_place:
                    ref.types = ref.types or earlier.types
                    ref.excluded.append(earlier)
            self.note(ref, place)
            return [ref]
        found = self._antecedents(kind, fits)
        if not found:
            ref = self.new_ref(token.text, (), "the")
            ref.anaphor = True
            return [ref]
        if kind == "one":
            one = self.new_ref(found[0].words, found[0].types, "one")
            one.whole, one.excluded = found[0].whole, [found[0]] if token.text == "one" else []
            found = [one]
        if token.text in ("the one", "the ones") and self.peek().prep in (
                "in", "on", "at", "from", "under", "near") and self.noun_starts(1):
            found = [self.new_ref(found[-1].words, found[-1].types, "the" if token.text == "the one" else "plural")]
        for ref in found:
            if kind == "each" and ref.quantity in ("some", "plural"):
                ref.quantity = "all"
            if kind == "none":
                ref.negated, ref.quantity = True, "all"
            self.note(ref, place)
        self._after_noun(found[-1])
        return found

    def _antecedents(self, kind: str, fits: Fits | None) -> list[Ref]:
        usable = [(c, r, p) for c, r, p in self.said if r.types[:1] not in (("@person",), ("@living",), ("@room",))]
        suited = [(c, r, p) for c, r, p in usable if fits is None or fits(r)]
        if not suited:
            return []
        if kind in ("it", "one"):
            for clause in sorted({c for c, _, _ in suited}, reverse=True):
                here = [(r, p) for c, r, p in suited if c == clause]
                things = [r for r, p in here if not p]
                return [(things or [r for r, _ in here])[-1]]
        for clause in sorted({c for c, _, _ in suited}, reverse=True):
            things = _unique(r for c, r, p in suited if c == clause and not p)
            carried = _unique(r for c, r, p in suited
                              if c == clause and p and r.types and set(r.types) <= PORTABLE_RECEPTACLES)
            if kind == "both" and len(things) == 1 and carried and things[0].quantity in ("one", "the"):
                return [*carried, *things]
            if len(things) > 1 or (things and (things[0].quantity not in ("one", "the"))):
                return things
        latest = max(c for c, _, _ in suited)
        last = _unique(r for c, r, p in suited if c == latest and not p)
        gathered = _unique(r for _, r, p in suited if not p)
        if kind in ("them", "both", "each", "none") and len(last) == 1 and len(gathered) > 1:
            return gathered
        return last or [suited[-1][1]]

    # after the noun --------------------------------------------------------------------------------------
    def _after_noun(self, ref: Ref, *, relative: bool = False, place: bool = False) -> None:
        token = self.peek()
        if token.text == "of" and self.noun_starts(1):
            self._of(ref)
        elif token.text in ("with", "containing") and self.noun_starts(1) and ref.types \
                and set(ref.types) <= PORTABLE_RECEPTACLES:
            self._with_inside(ref)
        token = self.peek()
        if relative or (token.rel and not self.verb_here() and self._relative_follows()):
            self._relative(ref)
        if self.peek().text == "else":
            self.at += 1
        whole = place and not ref.many  # `everything on the bed except the pillow`: not a part of the bed
        if self.peek().exc and self.noun_starts(1) and not self.verb_here(1) and not whole:
            mark = self.mark()
            self.at += 1
            if self.all_but(ref):
                return
            excluded = self.noun_list()
            if self.peek().aux:
                self.reset(mark)
            else:
                ref.excluded += [other for other in excluded if other is not ref]
                self.said = self.said[:mark[2]]

    def all_but(self, ref: Ref) -> bool:
        """Read `one` or `two` after `except`: so many are left, whichever."""
        token = self.peek()
        if not (token.num or token.text == "one") or self.noun_body(1):
            return False
        ref.less, ref.quantity = token.num or 1, "all"
        self.at += 1
        return True

    def _relative_follows(self) -> bool:
        follower = self.peek(1)
        return bool(follower.prep or follower.adj or follower.fluff or follower.rel or follower.here)

    def _of(self, ref: Ref) -> None:
        mark = self.mark()
        self.at += 1
        method: Method = "boil" if self.peek().text == "boiling water" else ""
        parts = self.noun_list()
        names = parts[0].types[:1] if parts else ()
        if names and names[0].startswith("@liquid:"):
            ref.demands.append((("filled", names[0].partition(":")[2]), method))
        elif names == ("@product:coffee",):
            ref.demands.append((("filled", "coffee"), ""))
        elif parts and set(ref.types) >= {"FloorLamp", "DeskLamp"} and kind_of(parts[0].types[0]).name:
            ref.types = parts[0].types
        elif parts and parts[0].types and "@room" in parts[0].types:
            ref.room = parts[0].room
        elif not parts:
            self.reset(mark)

    def _with_inside(self, ref: Ref) -> None:
        """`a cup with a spoon in it`."""
        mark = self.mark()
        self.at += 1
        inside = self.noun_list()
        token = self.peek()
        if any(r.types[:1] and (r.types[0].startswith("@") or r.types[0] in _CLEANERS) for r in inside):
            self.reset(mark)
        elif inside and token.prep in ("in", "on") and self.peek(1).pron in ("it", "them"):
            self.at += 2
            self.contents += [(one, ref) for one in inside]
        elif inside and can_take(ref, inside):
            self.at += 1 if token.text in ("inside", "in") and not self.noun_starts(1) else 0
            self.contents += [(one, ref) for one in inside]
        else:
            self.reset(mark)

    def _relative(self, ref: Ref) -> None:
        while self.peek().rel or (self.peek().fluff and not self.peek().people):
            self.at += 1
        while True:
            token = self.peek()
            if (token.fluff and not token.conj) or token.here:
                self.at += 1
            elif token.adj and not (token.prep and self.noun_starts(1)):
                ref.filters.append(token.adj[0])
                self.at += 1
            elif token.prep in ("in", "on", "at", "under", "near", "from", "over") and self.noun_starts(1):
                self.at += 1
                self.locate(ref, self.noun_phrase(place=True), near=token.prep == "near")
                return
            else:
                return

    def locate(self, ref: Ref, where: list[Ref], *, near: bool = False) -> None:
        """Narrow a reference to what is at a place."""
        for place in where[:1]:
            if leads_to(place, ref):
                continue
            if "@room" in place.types:
                ref.room = place.room
            elif place.types and not place.types[0].startswith("@"):
                ref.at = Place(ref=place, near=near)


def _alternatives(first: Ref, second: Ref) -> bool:
    """`a pen or a pencil`: one thing of either kind."""
    return all(r.quantity == "one" and r.types and not r.types[0].startswith("@") and not r.filters and not r.demands
               and r.at is None and not r.room for r in (first, second))


def leads_to(place: Ref, ref: Ref) -> bool:
    """True when the place is itself said to be at the thing: such circles mean nothing."""
    seen: list[Ref] = []
    if place is ref:
        return True
    at = place.at
    while at is not None and at.ref is not None and at.ref not in seen:
        if at.ref is ref:
            return True
        seen.append(at.ref)
        at = at.ref.at
    return False


def _quantity_of(quantity: Quantity | None, plural: bool) -> Quantity:
    if quantity is None:
        return "plural" if plural else "one"
    if quantity == "the":
        return "plural" if plural else "the"
    if quantity == "some" and not plural:
        return "one"
    return quantity


def _unique(refs: Iterable[Ref]) -> list[Ref]:
    found: list[Ref] = []
    for ref in refs:
        if not any(ref is known for known in found):
            found.append(ref)
    return found
