"""From an instruction to its meaning: clauses in order, each turned into wants."""

from __future__ import annotations

from dataclasses import replace

from fleetmind.brain.symbolic.acts import Acts
from fleetmind.brain.symbolic.clauses import Clause
from fleetmind.brain.symbolic.meaning import Meaning, Ref, Want
from fleetmind.brain.symbolic.words import tokenize


def read(instruction: str) -> Meaning:
    """What the instruction means. Never raises: what it cannot read ends up in `stumbled`."""
    return Reader(instruction).read()


class Reader(Acts):
    """Reads a whole instruction."""

    def __init__(self, instruction: str) -> None:
        text = tokenize(instruction)
        super().__init__(text)
        self._share_unknown = text.unknown / text.words if text.words else 0.0
        self._sentence: list[Want] = []
        """Wants of the sentence so far."""
        self._pending: str = ""
        """`before` or `after`, said at the start of the sentence."""
        self._early: list[Want] = []
        """Wants of that subordinate clause."""
        self._if: list[Ref] = []
        """What an `if` spoke of: it need not exist."""
        self._done_last: Clause | None = None
        """The last clause that said to do something."""
        self._then = False
        """A `then` comes right before."""
        self._told: list[Clause] = []
        """Statements, in case nothing else says what to do."""

    def read(self) -> Meaning:
        """Read to the end."""
        while not self.done:
            before = self.at
            self._next()
            if self.at == before:
                self.at += 1
        self._sentence_ends()
        if not self.wants:
            for clause in self._told:
                self.mend(clause)
        return self._meaning()

    def _next(self) -> None:
        token = self.peek()
        if token.punct:
            self.at += 1
            if token.punct == ".":
                self._sentence_ends()
            elif token.punct == ":":
                self.list_follows()
        elif token.sub == "where" and (self.peek(1).aux or self.noun_starts(1)):
            self._main()
        elif token.sub and token.sub != "where" and not (token.fluff or token.text == "where"):
            self.at += 1
            self._subordinate(token.sub)
        elif token.seq and not (token.plain and self.noun_body(1) and self.peek(1).noun):
            self.at += 1
            self.barrier = list(self.wants)
            self._then = True
        elif (token.first or token.conj or token.exc) and not self.noun_body():
            self.at += 1
        elif token.neg or (token.text in ("do", "does") and self.peek(1).neg):
            self._forbidden()
        else:
            self._main()

    def _main(self) -> None:
        stumbled = len(self.stumbled)
        clause = self.clause()
        if clause is None:
            token = self.peek()
            if not token.known and not token.punct:
                self.lost.append(token.text)
                if not self.peek(1).punct and self.noun_starts(1):
                    self.stumbled.append(token.text)
            self.at += 1
            return
        if self._then and self._done_last is not None:
            self._continue(clause, self._done_last)
        self._then = False
        if clause.act is not None and clause.groups:
            where = clause.groups[-1].where
            self._done_last = replace(clause, groups=[replace(clause.groups[-1], where=list(where))])
        added = self.wants_of(clause)
        if not added and not clause.demanded and clause.act is None:
            self._told.append(clause)
        if not added and (clause.act is None or not clause.demanded):
            self.lost += self.stumbled[stumbled:]
            del self.stumbled[stumbled:]
        self._sentence += added
        if added and self._pending:
            self._order_early(added)

    @staticmethod
    def _continue(clause: Clause, last: Clause) -> None:
        """`close the fridge, then the microwave`: a mere thing takes over what is done."""
        if clause.act is not None or clause.demanded or clause.states or not clause.things or clause.negated:
            return
        clause.act, clause.base, clause.demanded = last.act, last.base, True
        clause.parts, clause.states = clause.parts or list(last.parts), list(last.states)
        for group in clause.groups:
            group.where = group.where or list(last.groups[-1].where)
            group.states = group.states or list(last.groups[-1].states)

    def _order_early(self, main: list[Want]) -> None:
        if self._pending == "before":
            for want in self._early:
                self.wants.remove(want)
                self.wants.append(want)
                self.order(want, main)
        else:
            for want in main:
                self.order(want, self._early)
        self._pending, self._early = "", []

    def _subordinate(self, kind: str) -> None:
        if kind == "without" and self.peek().text.endswith("ing") and self.noun_starts(1):
            self.at += 1
            self.leave_alone(self.noun_list())
            return
        if kind in ("purpose", "until", "without", "if"):
            if kind == "if" and self._conditional():
                return
            while not (self.peek().punct or self.peek().seq):
                self.at += 1
            return
        before = list(self._sentence)
        clause = self.clause(forms=("ing", "base", "past") if self.peek().verb("ing", "past") else ("base",))
        added = self.wants_of(clause) if clause is not None else []
        if kind == "while":
            self._sentence += added
        elif not before:
            self._pending, self._early = kind, added
            if not added:
                self._pending = ""
                self.barrier = list(self.wants)
        elif kind == "before":
            for want in added:
                self.order(want, before)
        else:
            for want in before:
                if added:
                    self.wants.remove(want)
                    self.wants.append(want)
                self.order(want, added)
        self._sentence += added

    def _conditional(self) -> bool:
        """`if there are dirty cups, wash them`: the condition only names things."""
        clause = self.clause()
        self._if = clause.things if clause is not None else []
        self.notes.append("I do what was asked only where it is needed.")
        return True

    def _forbidden(self) -> None:
        """`do not touch the vase`: leave it out; `do not leave the fridge open`: a wish."""
        while self.peek().neg or self.peek().aux == "do" or self.peek().fluff:
            self.at += 1
        clause = self.clause()
        if clause is None:
            return
        if clause.act == "keep" or clause.act is None:
            clause.negated = not clause.negated
            clause.act = None
            self._sentence += self.wants_of(clause)
            return
        self.leave_alone(clause.things)

    def _sentence_ends(self) -> None:
        self.flush()
        self._sentence, self._pending, self._early = [], "", []
        self.ensuring = False

    def _meaning(self) -> Meaning:
        self.drop_superseded()
        for want in self.wants:
            want.vacuous = want.vacuous or any(want.ref is ref for ref in self._if)
        stumbled = list(dict.fromkeys(self.stumbled))
        if not self.wants or self._share_unknown > 0.5:
            stumbled += [w for w in self.lost if w not in stumbled]
        if self._share_unknown > 0.5 and self.wants and not stumbled:
            stumbled = [t.text for t in self.tokens if not t.known and not t.punct]
        if not self.wants and not stumbled and not self.refused:
            stumbled = [t.text for t in self.tokens if not t.known and not t.punct]
        positions = {id(want): index for index, want in enumerate(self.wants)}
        for want in self.wants:
            want.index = positions[id(want)]
            earlier = self.after.get(id(want), [])
            want.after = tuple(sorted({positions[id(w)] for w in earlier if id(w) in positions} - {want.index}))
        notes = list(dict.fromkeys(self.notes))
        if self.wants and self.lost and not stumbled:
            notes.append(f"I passed over: {', '.join(dict.fromkeys(self.lost))}.")
        return Meaning(wants=self.wants, notes=notes, stumbled=stumbled, refused=self.refused)
