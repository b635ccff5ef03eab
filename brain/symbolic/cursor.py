"""A cursor over tokens: what stands here, what may begin here, and what was mentioned so far."""

from __future__ import annotations

from fleetmind.brain.symbolic.meaning import Quantity, Ref
from fleetmind.brain.symbolic.nouns import PARTS
from fleetmind.brain.symbolic.words import AMBIGUOUS_ADJECTIVES, Text, Token

END = Token("", punct=".")


class Cursor:
    """A place in a tokenised text."""

    def __init__(self, text: Text) -> None:
        self.tokens = text.tokens
        self.at = 0
        self.stumbled: list[str] = []
        self.notes: list[str] = list(text.notes)
        self.said: list[tuple[int, Ref, bool]] = []
        """What was mentioned: number of the clause, reference, was it a place."""
        self.clause_no = 0
        self.contents: list[tuple[Ref, Ref]] = []
        """A cup with a spoon in it: (spoon, cup)."""
        self.ingredients: dict[int, list[Ref]] = {}
        """Of what a product is to be made, by the reference's number."""
        self._uid = 0
        self._single = False

    def peek(self, ahead: int = 0) -> Token:
        """The token so far ahead; a full stop beyond the end."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else END

    @property
    def done(self) -> bool:
        """True at the end of the text."""
        return self.at >= len(self.tokens)

    def mark(self) -> tuple[int, int, int, int, int]:
        """A place to return to with `reset`."""
        return self.at, len(self.stumbled), len(self.said), len(self.notes), len(self.contents)

    def reset(self, mark: tuple[int, int, int, int, int]) -> None:
        """Forget what was read since `mark`."""
        self.at = mark[0]
        del self.stumbled[mark[1]:], self.said[mark[2]:], self.notes[mark[3]:], self.contents[mark[4]:]

    def new_ref(self, words: str, types: tuple[str, ...], quantity: Quantity = "one", number: int = 1) -> Ref:
        """A reference of its own number."""
        self._uid += 1
        return Ref(uid=self._uid, words=words, types=types, quantity=quantity, number=number)

    def verb_here(self, ahead: int = 0) -> bool:
        """True when the token begins an imperative: it can be a verb and what follows suits one."""
        token = self.peek(ahead)
        if token.verb("base") is None or token.seq:
            return False
        if not (token.noun or token.adj or token.aux or token.prep or token.det or token.liquid or token.product
                or token.part or token.piece or token.rel):
            return True
        follower = self.peek(ahead + 1)
        if follower.aux and not follower.noun and follower.text not in ("on",):
            return False
        return bool(self.noun_starts(ahead + 1) or (follower.part and not follower.punct) or follower.people
                    or (follower.prep in ("at", "for") and token.verb("base") is not None and not token.noun))

    def noun_body(self, ahead: int = 0) -> bool:
        """True when the token can stand inside a noun phrase after its article."""
        token = self.peek(ahead)
        if token.punct or token.text in AMBIGUOUS_ADJECTIVES:
            return False
        if token.noun or token.room or token.home or token.product or token.liquid or token.piece or token.living:
            return True
        if token.num or token.text in ("one", "ones", "others") or (
                token.text in PARTS and self.peek(ahead + 1).text == "of"):
            return True
        if token.adj or token.plain:
            return self.noun_body(ahead + 1)
        return not token.known and self.noun_body(ahead + 1) and not self.peek(ahead + 1).punct

    def noun_starts(self, ahead: int = 0) -> bool:
        """True when a noun phrase can begin at the token."""
        token = self.peek(ahead)
        if token.punct or (token.seq and not token.plain):
            return False
        return bool(token.det or token.num or token.pron or token.people or self.noun_body(ahead))

    def note(self, ref: Ref, place: bool) -> None:
        """Remember a mention for pronouns."""
        self.said.append((self.clause_no, ref, place))
