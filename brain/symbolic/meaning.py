"""What an instruction means: references to things and places, and the conditions wanted of them, in order.

The parser writes these, the planner reads them. References are compared by identity: the same phrase, or a
pronoun for it, is the same object, so it is bound to the same things of the scene.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = tuple[str, bool | str]
"""State of a thing as in `Node.states`: (`dirty`, False), (`temperature`, `Hot`), (`filled`, `coffee`)."""
Quantity = Literal["one", "the", "plural", "all", "count", "some"]
"""a mug; the mug; the mugs; all mugs; two mugs; mugs."""
Method = Literal["", "microwave", "stove", "boil", "toaster", "sink", "wipe", "fridge", "vessel"]
"""How a state is to be brought about; empty: as is usual."""
WantKind = Literal["place", "state", "held", "clear", "find", "go"]
PlaceKind = Literal["ref", "room", "back", "away", "user", "down"]


@dataclass(eq=False, slots=True, kw_only=True)
class Ref:
    """What a noun phrase names."""

    uid: int
    """Number in the order of the text; stable when the text is parsed again."""
    words: str
    """As it was said."""
    types: tuple[str, ...] = ()
    """Object types, best first; empty: anything that can be carried."""
    quantity: Quantity = "the"
    """How many are meant."""
    number: int = 1
    """With `count`."""
    filters: list[State] = field(default_factory=list)
    """States that select."""
    demands: list[tuple[State, Method]] = field(default_factory=list)
    """States that it must be brought to."""
    at: Place | None = None
    """Where it is now."""
    room: tuple[str, ...] = ()
    """Types of the rooms it is in now; empty: any."""
    excluded: list[Ref] = field(default_factory=list)
    """What is left out."""
    less: int = 0
    """all but so many."""
    negated: bool = False
    """no mug, none of the mugs, nothing."""
    anaphor: bool = False
    """Made from a pronoun that had nothing to refer to."""
    whole: Ref | None = None
    """For slices: the reference to what is sliced, where the text names it."""
    single: bool = False
    """one drawer, the same drawer: one and the same for all."""
    plain: bool = False
    """Named without article or number: it may share its neighbour's."""

    @property
    def many(self) -> bool:
        """True when every matching thing is meant."""
        return self.quantity in ("all", "plural")

    @property
    def wanted(self) -> int:
        """How many things are needed when not all are."""
        return self.number if self.quantity == "count" else 1


@dataclass(eq=False, slots=True, kw_only=True)
class Place:
    """Where something is to be, or is."""

    kind: PlaceKind = "ref"
    """`ref`: in or on `ref`; `room`: anywhere sensible in a room; `back`: where it was; `away`: where such things
    are kept; `user`: where the person can take it; `down`: anywhere sensible."""
    ref: Ref | None = None
    """The receptacle, with kind `ref`."""
    rooms: tuple[str, ...] = ()
    """Types of rooms, with kind `room`."""
    near: bool = False
    """Beside the thing rather than in or on it."""
    same: bool = False
    """One single receptacle for all."""


@dataclass(eq=False, slots=True, kw_only=True)
class Want:
    """One thing that must come about."""

    index: int
    """Position; keys of subtasks begin with it."""
    kind: WantKind
    """`place`: `ref` is at `place`; `state`: `ref` has `state`; `held`: a robot holds `ref`; `clear`: nothing is
    left in or on `place`, it goes to `to`; `find`: `ref` has been seen; `go`: a robot is at `ref`."""
    ref: Ref | None = None
    """What it is about."""
    place: Place | None = None
    """Where."""
    to: Place | None = None
    """With `clear`: where the things go; None: wherever they fit."""
    state: State = ("", False)
    """With `state`."""
    method: Method = ""
    """With `state`."""
    vacuous: bool = False
    """Nothing to be found is as good as done: `there should be no mugs on the table`."""
    demand: bool = False
    """With `state`: not a doing but a property asked for in passing (`a cold apple`): what has it already is best."""
    tool: Ref | None = None
    """The vessel or appliance named for it."""
    after: tuple[int, ...] = ()
    """Wants that must be fulfilled before this one begins."""
    words: str = ""
    """The clause, for people."""


@dataclass(slots=True, kw_only=True)
class Meaning:
    """The whole instruction."""

    wants: list[Want] = field(default_factory=list)
    """In the order of doing."""
    notes: list[str] = field(default_factory=list)
    """Assumptions, corrections, words that were passed over."""
    stumbled: list[str] = field(default_factory=list)
    """Words that were needed and are unknown."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Refusal code and reason for what was understood and will not or cannot be done."""
