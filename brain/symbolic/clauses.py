"""Clauses: who is to do what with what, where; commands, wishes, statements, and the order between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from fleetmind.brain.symbolic.knowledge import LIGHTS, PORTABLE_RECEPTACLES
from fleetmind.brain.symbolic.meaning import Method, Place, Ref, State
from fleetmind.brain.symbolic.phrases import Fits, Phrases, leads_to
from fleetmind.brain.symbolic.roles import can_be_done_to, can_take
from fleetmind.brain.symbolic.verbs import PHRASAL, Act, Form, Verb
from fleetmind.brain.symbolic.words import Text, Token

Where = tuple[Token, list[Ref]]
"""A preposition and what follows it."""


@dataclass(eq=False, slots=True)
class Group:
    """Things said together, with the places said after them."""

    things: list[Ref] = field(default_factory=list)
    where: list[Where] = field(default_factory=list)
    states: list[tuple[State, Method]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Clause:
    """One doing or one wish, before it is turned into wants."""

    act: Act | None
    """None: a wish or statement about states and places."""
    base: str = ""
    groups: list[Group] = field(default_factory=list)
    states: list[tuple[State, Method]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    person: bool = False
    """It is for somebody."""
    origin: str = ""
    """`back` for 'where it was', `away` for 'where it belongs'."""
    negated: bool = False
    demanded: bool = True
    """False: it only tells how things are."""
    verbless: bool = False
    """Nothing but things and places: `two newspapers on the armchair, please`."""
    words: str = ""
    rooms: tuple[str, ...] = ()
    """Said before the clause: 'in the kitchen, ...'."""

    @property
    def things(self) -> list[Ref]:
        """All things of all groups."""
        return [thing for group in self.groups for thing in group.things]


class Clauses(Phrases):
    """Reads one clause at a time."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.rooms: tuple[str, ...] = ()
        self.ensuring = False
        """After `make sure` every statement of the sentence is a demand."""

    # the kinds of clauses --------------------------------------------------------------------------------
    def clause(self, *, demanded: bool = False, forms: tuple[Form, ...] = ("base",)) -> Clause | None:
        """The clause at the cursor, or None when none can be read there."""
        self._skip_fluff()
        start = self.at
        self.clause_no += 1
        token = self.peek()
        if token.ensure:
            self.at += 1
            self.ensuring = True
            return self.clause(demanded=True)
        demanded = demanded or self.ensuring
        if token.text == "there" and self.peek(1).aux:
            self.at += 1
            return self._existing(start, demanded)
        if token.sub == "where" and (self.peek(1).aux or self.noun_starts(1)):
            self.at += 2 if self.peek(1).aux else 1
            clause = Clause("find", "find")
            self._collect(clause, "find")
            return self._finish(clause, start)
        if token.aux == "want" or (token.aux == "must" and token.text in ("need", "needs", "require")
                                   and self.noun_starts(1)):
            self.at += 1
            return self._wishing(start)
        if token.text in ("get", "have", "has", "had") and self._asked_for(start) and self.noun_starts(1):
            self.at += 1
            return self._wishing(start)
        verb = token.verb(*forms)
        if verb is not None and verb.form == "base" and not self.verb_here():
            verb = token.verb(*(f for f in forms if f != "base")) if len(forms) > 1 else None
        if verb is None and not token.noun and not token.adj and self.noun_starts(1) and self.at > 0:
            verb = token.verb("ing")  # would you mind heating ...
        if token.text == "do" and (self.peek(1).noun or (self.peek(1).det and self.peek(2).noun)):
            verb = Verb("clean", "wash", "base")  # do the dishes
        if verb is not None and not self._is_subject(token):
            self.at += 1
            return self._doing(verb, start)
        if token.prep and self.noun_starts(1) and token.prep not in ("and",):
            return self._said_first(token, demanded)
        if token.rel and self.noun_starts(1):
            self.at += 1
            return self._about(start, demanded)
        if self.noun_starts():
            return self._about(start, demanded)
        return None

    def _skip_fluff(self) -> None:
        while (self.peek().fluff and not self.peek().noun) or (
                self.peek().people and self.peek(1).aux) or self.peek().text in ("please", "to"):
            self.at += 1

    def _asked_for(self, start: int) -> bool:
        """`could i get a slice`: the pronoun before tells a wish from a command."""
        before = self.tokens[start - 1].text if start else ""
        return before in ("i", "we") or self.peek().text in ("have", "has", "had")

    def _is_subject(self, token: Token) -> bool:
        """`Clean plates should be ...`, `Water is ...`: a word that could be a verb but is not."""
        if not (token.adj or token.noun or token.liquid or token.product):
            return False
        mark = self.mark()
        number = self.clause_no
        self.noun_list()
        subject = bool(self.peek().aux) and self.at > mark[0] and not self.peek().noun
        self.reset(mark)
        self.clause_no = number
        return subject

    def _said_first(self, token: Token, demanded: bool) -> Clause | None:
        """`In the kitchen, ...`; `for a romantic bath, ...` says nothing to do."""
        if token.prep in ("for", "about", "with", "as"):
            while not self.peek().punct:
                self.at += 1
            return self.clause(demanded=demanded) if self.peek().text == "," and self._past_comma() else None
        self.at += 1
        before = self.rooms
        for ref in self.noun_phrase(place=True):
            if "@room" in ref.types and ref.room:
                self.rooms = ref.room
        if self.peek().text == ",":
            self.at += 1
        clause = self.clause(demanded=demanded)
        if clause is not None:
            clause.rooms = clause.rooms or self.rooms
        self.rooms = before
        return clause

    def _past_comma(self) -> bool:
        self.at += 1
        return True

    def _existing(self, start: int, demanded: bool) -> Clause:
        """`there should be a mug on the desk`."""
        clause = Clause(None, demanded=demanded)
        self._auxiliaries(clause, demanded)
        self._collect(clause, None, wish=True)
        clause.negated = clause.negated or any(ref.negated for ref in clause.things)
        return self._finish(clause, start)

    def _wishing(self, start: int) -> Clause:
        if self.peek().ensure or self.peek().text == "to":
            self.at += 1
        clause = Clause(None)
        if self.peek().text == "there":
            self.at += 1
        self._collect(clause, None, wish=True)
        return self._finish(clause, start)

    def _given(self) -> Verb | None:
        """`give the pot a good scrub`: the verb said as a noun, taken out of the text."""
        end = self.at
        while end < len(self.tokens) and not self.tokens[end].punct and not self.tokens[end].seq:
            end += 1
        for first in range(self.at, end):
            if self.tokens[first].text not in ("a", "an", "another"):
                continue
            last = first + 1
            while last < end and (self.tokens[last].plain or self.tokens[last].fluff) and not self.tokens[last].noun:
                last += 1
            verb = self.tokens[last].verb("base") if last < end and not self.tokens[last].noun else None
            if verb is not None and verb.act in ("clean", "wipe", "heat", "cool", "fry", "boil", "slice"):
                del self.tokens[first:last + 1]
                return verb
        return None

    def _doing(self, verb: Verb, start: int) -> Clause:
        if verb.base == "give":
            verb = self._given() or verb
        clause = Clause(verb.act, verb.base)
        part = self.peek()
        if (verb.base, part.text) in PHRASAL and self._particle_here(verb, part):
            clause.act = PHRASAL[(verb.base, part.text)]
            self.at += 1
        if self.peek().text == "of":  # get rid of, dispose of
            self.at += 1
        self._collect(clause, clause.act)
        if clause.act == verb.act:
            for text in clause.parts:
                clause.act = PHRASAL.get((verb.base, text), clause.act)
        if verb.base in ("draw", "pull") and clause.things and clause.act not in ("open", "close") and all(
                set(r.types) & {"Curtains", "ShowerCurtain", "Blinds"} for r in clause.things):
            clause.act = "open" if {"up", "back", "open", "apart", "aside"} & set(clause.parts) else "close"
        return self._finish(clause, start)

    def _particle_here(self, verb: Verb, part: Token) -> bool:
        if part.text in ("on", "off", "out") and verb.base in ("put", "set", "take", "get") and self.noun_starts(1):
            mark = self.mark()
            self.at += 1
            refs = self.noun_phrase()
            self.reset(mark)
            lights = {*LIGHTS, "Television", "Faucet", "Candle", "CoffeeMachine", "StoveKnob", "StoveBurner"}
            return bool(refs and refs[0].types and set(refs[0].types) <= lights)
        return not (part.prep in ("to",) and self.noun_starts(1))

    def _about(self, start: int, demanded: bool) -> Clause | None:
        """A clause with a subject: `every plate has to be rinsed`, `the box should contain ...`."""
        mark = self.mark()
        clause = Clause(None, demanded=demanded)
        subjects = self.noun_list()
        if not subjects:
            if self.at == mark[0]:
                return None
            self._remark(demanded)
            return self._finish(clause, start)
        group = Group(subjects)
        clause.groups.append(group)
        clause.negated = any(ref.negated for ref in subjects)
        while self.peek().fluff and self.peek(1).prep:
            self.at += 1
        said = self._subjects_where(subjects)
        if self.peek().exc and self.noun_starts(1):
            self.at += 1
            self._leave_out(clause, self.noun_list())
        if not self._auxiliaries(clause, demanded):
            verb = self.peek().verb("s", "base") if self.peek().verbs else None
            if verb is None or verb.act not in ("sit", "go", "contain"):
                self._collect(clause, None, wish=True)
                self._without_verb(clause, group, said, start)
                # "Lights off!" says what is wanted as well as a whole sentence does.
                clause.demanded = clause.demanded or (bool(clause.states) and not self.tokens[start].rel)
                return self._finish(clause, start)
        token = self.peek()
        verb = token.verb("past", "ing", "base", "s")
        if verb is not None and not token.adj and (clause.demanded or verb.form != "past"):
            self.at += 1
            clause.act, clause.base = "sit" if verb.act == "wait" else verb.act, verb.base
            clause.demanded = clause.demanded or verb.base == "belong" or (verb.act == "go" and verb.form != "past")
            part = self.peek()
            if (verb.base, part.text) in PHRASAL and not (part.prep and self.noun_starts(1)):
                clause.act = PHRASAL[(verb.base, part.text)]
                self.at += 1
            if verb.act in ("keep", "find", "trash") and verb.base in ("leave", "keep", "find"):
                clause.act = None
        self._collect(clause, clause.act, wish=True)
        return self._finish(clause, start)

    def _remark(self, demanded: bool) -> None:
        """`the sun is in my eyes`: nothing that anybody here knows of, and nothing to do."""
        if self.peek().aux == "is" and not demanded:
            while not (self.peek().punct or self.peek().seq or self.done):
                self.at += 1

    def _subjects_where(self, subjects: list[Ref]) -> list[Where]:
        """`the mug on the desk ...`: where the subject is."""
        said: list[Where] = []
        while self.peek().prep in ("in", "on", "at", "near", "under", "from") and self.noun_starts(1):
            token = self.peek()
            self.at += 1
            for place in self.noun_phrase(place=True)[:1]:
                said.append((token, [place]))
                for ref in subjects:
                    self.locate(ref, [place])
        return said

    def _without_verb(self, clause: Clause, group: Group, said: list[Where], start: int) -> None:
        """`two newspapers on the armchair, please`: the place is where they are to be."""
        clause.verbless = not clause.states and not self.tokens[start].rel
        if said and clause.verbless and not group.where and group.things[0].quantity != "the":
            group.where = said
            for ref in group.things:
                ref.at, ref.room = None, ()

    def _auxiliaries(self, clause: Clause, demanded: bool) -> bool:
        """Read `should not all be`; note whether it is a demand and whether negated."""
        seen = False
        while True:
            token = self.peek()
            if token.aux:
                seen = True
                if token.aux in ("must", "want"):
                    clause.demanded = True
                elif token.aux in ("was", "had") and not demanded:
                    clause.demanded = False
            elif token.neg:
                clause.negated = not clause.negated
            elif token.text == "all" or token.det == "both" or (token.text == "each" and seen):
                for ref in clause.things:
                    ref.quantity = "all" if ref.quantity in ("plural", "some") else ref.quantity
            elif not ((token.fluff and not token.adj) or token.first or (token.plain and self.peek(1).adj)
                      or token.text == "to"):
                return seen
            self.at += 1

    def _finish(self, clause: Clause, start: int) -> Clause:
        clause.words = " ".join(t.text for t in self.tokens[start:self.at] if not t.punct)
        clause.rooms = clause.rooms or self.rooms
        return clause

    # what belongs to the doing ---------------------------------------------------------------------------
    def _collect(self, clause: Clause, act: Act | None, *, wish: bool = False) -> None:
        """Read things, places, particles and states up to the end of the clause."""
        if not clause.groups:
            clause.groups.append(Group())
        while not self._clause_ends():
            token = self.peek()
            group = clause.groups[-1]
            if token.text == "," or token.conj or token.here:
                self.at += 1
            elif token.prep == "and" and self.noun_starts(1):
                self.at += 1
                group.things += self.noun_list(suits(act))
            elif token.sub == "where":
                self._origin(clause)
            elif token.exc and self.noun_starts(1):
                self.at += 1
                self._except(clause, group)
            elif token.rel and self._relative_follows() and group.things and not token.verb("past"):
                self._relative(group.things[-1])
            elif token.prep and self.noun_starts(1) and not (token.adj and token.text == "out"):
                self.at += 1
                self._where(group, token, self.noun_list(holds(clause), place=token.prep not in ("with", "for")))
            elif token.adj and not self._adjective_of_noun(token):
                if (token.adj[0][0], token.adj[0][1] is False) in [state for state, _ in group.states]:
                    group = self._again(clause)
                clause.states.append(token.adj)
                group.states.append(token.adj)
                clause.parts += [token.text] if token.part else []
                self.at += 1
            elif token.part or token.text.startswith("back "):
                clause.parts.append(token.text.split()[0])
                self.at += 1
            elif self.noun_starts():
                self._more_things(clause, act)
            else:
                self._pass_over(clause, wish=wish)

    def _state_said(self, clause: Clause, said: tuple[State, Method]) -> None:
        """A state wanted of the things; its opposite, said later, is for others of them."""
        group = clause.groups[-1]
        if (said[0][0], said[0][1] is False) in [state for state, _ in group.states]:
            group = self._again(clause)
        clause.states.append(said)
        group.states.append(said)
        if self.peek().part:
            clause.parts.append(self.peek().text)
        self.at += 1

    def _again(self, clause: Clause) -> Group:
        """`the lights on in the living room and off in the kitchen`: the same words for other things."""
        copies = []
        for thing in clause.groups[-1].things:
            copies.append(self.new_ref(thing.words, thing.types, thing.quantity, thing.number))
            copies[-1].filters = list(thing.filters)
        clause.groups.append(Group(copies))
        return clause.groups[-1]

    @staticmethod
    def _where(group: Group, token: Token, refs: list[Ref]) -> None:
        """`on the table in the kitchen`: the room tells which table."""
        before = group.where[-1][1] if group.where else []
        if refs and "@room" in refs[0].types and token.prep in ("in", "at") and before and (
                before[-1].types and not before[-1].types[0].startswith("@") and not before[-1].room):
            before[-1].room = refs[0].room
            return
        carried = before and before[-1].types and set(before[-1].types) <= PORTABLE_RECEPTACLES
        furniture = refs and refs[0].types and not refs[0].types[0].startswith("@")
        nested = carried and token.prep in ("in", "on") and group.where[-1][0].prep in ("in", "on", "to")
        beside = before and token.prep == "near" and not carried and group.where[-1][0].prep in ("in", "on", "to")
        if furniture and before and before[-1].at is None and (nested or beside) and not leads_to(refs[0], before[-1]):
            before[-1].at = Place(ref=refs[0], near=token.prep == "near")
            return
        group.where.append((token, refs))

    def _adjective_of_noun(self, token: Token) -> bool:
        return (token.text not in ("on", "off", "out") and self.noun_body(1)) or bool(token.noun)

    def _more_things(self, clause: Clause, act: Act | None) -> None:
        group = clause.groups[-1]
        before = self.at
        found = self.noun_list(suits(act))
        if self.at == before:
            self.at += 1
            return
        people = [ref for ref in found if ref.types[:1] == ("@person",)]
        clause.person = clause.person or bool(people)
        found = [ref for ref in found if ref not in people]
        if found and (group.where or (group.states and act in (None, "on", "off", "turn", "open", "close"))):
            clause.groups.append(Group(found))
        else:
            group.things += found

    def _pass_over(self, clause: Clause, *, wish: bool) -> None:
        token = self.peek()
        self.at += 1
        verb = token.verb()
        if token.fluff or token.plain or token.rel or token.first or token.aux or token.people:
            return
        if token.known and (verb is not None or token.prep or token.det or token.neg or token.pron):
            if wish and verb is not None and verb.act in ("harm", "break"):
                clause.act = verb.act
            return
        if not token.known:
            self.stumbled.append(token.text)

    def _except(self, clause: Clause, group: Group) -> None:
        """`but not the one in the bedroom`: what is left out may have a place of its own."""
        if clause.things and self.all_but(clause.things[-1]):
            return
        excluded = self.noun_list()
        token = self.peek()
        if group.where and excluded and token.prep in ("in", "on", "at", "from", "under", "near") \
                and self.noun_starts(1):
            self.at += 1
            self.locate(excluded[-1], self.noun_phrase(place=True), near=token.prep == "near")
        self._leave_out(clause, excluded)

    def _leave_out(self, clause: Clause, excluded: list[Ref]) -> None:
        for ref in clause.things:
            if ref not in excluded:
                ref.excluded += excluded

    def _origin(self, clause: Clause) -> None:
        """`where it was`, `where you found it`, `where it belongs`."""
        clause.origin = "back"
        self.at += 1
        while not (self.peek().punct or self.peek().conj or self.peek().seq or self.peek().sub):
            if self.peek().text in ("belong", "belongs", "goes", "go"):
                clause.origin = "away"
            self.at += 1

    def _clause_ends(self) -> bool:
        token = self.peek()
        if self.done or token.punct in (".", ":") or token.ensure:
            return True
        if token.seq and not token.plain and not token.prep:
            return True
        if token.sub and token.sub != "where":
            return True
        if token.text == "," or token.conj:
            ahead = 1
            while self.peek(ahead).conj or self.peek(ahead).text == "," or (
                    self.peek(ahead).fluff and not self.peek(ahead).seq):
                ahead += 1
            follower = self.peek(ahead)
            return bool(self.verb_here(ahead) or follower.seq or follower.neg or follower.ensure
                        or (follower.sub and follower.sub != "where") or follower.aux == "want"
                        or follower.text in ("please", "do", "i", "we") or follower.first
                        or self._subject_ahead(ahead) or self._unknown_verb(ahead))
        return False

    def _unknown_verb(self, ahead: int) -> bool:
        token = self.peek(ahead)
        return not token.known and not token.punct and bool(self.peek(ahead + 1).det) and not self.noun_body(ahead)

    def _subject_ahead(self, ahead: int) -> bool:
        """True when a clause with its own subject follows: `and the plates should be clean`."""
        mark, number = self.mark(), self.clause_no
        self.at += ahead
        uid = self._uid
        unknown = 1 if self.peek().det else 0
        while unknown and not self.peek(unknown).known and not self.peek(unknown).punct:
            unknown += 1
        if unknown > 1 and self.peek(unknown).aux == "is":  # a remark about who knows what
            self.reset(mark)
            return True
        found = self.noun_starts() and bool(self.noun_list())
        while found and self.peek().prep in ("in", "on", "at") and self.noun_starts(1):
            self.at += 1
            self.noun_phrase(place=True)
        follows = found and bool(self.peek().aux) and self.peek().aux != "want" and not self.peek().noun
        self.reset(mark)
        self.clause_no, self._uid = number, uid
        return follows


def suits(act: Act | None) -> Fits | None:
    """Which references can be the object of an act, for pronouns."""
    return None if act is None else lambda ref: can_be_done_to(act, ref)


def holds(clause: Clause) -> Fits:
    """Which references can take the things of a clause, for pronouns after a preposition."""
    return lambda ref: can_take(ref, clause.things)
