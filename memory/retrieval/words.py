"""What an instruction names, in terms of the types a site has. Costs the words and the types, not the nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from fleetmind.memory.retrieval.synonyms import EVERYTHING, IMPLIES, MANY, MEANS, NO_NAMES, SAME

Phrase = tuple[str, ...]
Hits = dict[tuple[int, int], tuple[str, ...]]
LONGEST = 4
"""Words of a phrase that are looked at together."""
PART = 3
"""Letters of each part of a compound, at least."""
_HUMP = re.compile(r"(?<=[^\W\dA-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\dA-Z_])")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SINGULAR = {"shelves": "shelf", "knives": "knife", "loaves": "loaf", "leaves": "leaf", "dishes": "dish"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was named. Types are the site's, in the order in which they were named."""

    things: tuple[str, ...]
    """Types named in full, by a synonym, or by a word for several of them."""
    tools: tuple[str, ...]
    """Types that the words imply."""
    maybe: tuple[str, ...]
    """Types of which only a part was named: of `table`, the side table."""
    rooms: tuple[str, ...]
    """Types of rooms."""
    kinds_of_room: tuple[str, ...]
    """Types of rooms that only say what sort of thing is meant, as in `the kitchen drawer`."""
    numbered: tuple[str, ...]
    """What an id may be made of: `kitchen-4` for kitchen 4."""
    many: bool
    """True: more than one of a type is meant."""
    everything: bool
    """True: what is on or in the things named is meant, too."""


def singular(word: str) -> str:
    """The word in singular, as this module compares words; it need not be English."""
    if word in _SINGULAR:
        return _SINGULAR[word]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("oes", "xes", "ches", "shes", "sses")) else word[:-1]


@lru_cache(4096)
def words_of(text: str) -> Phrase:
    """The words of a name, in singular: `GarbageCans` gives garbage and can."""
    return tuple(map(singular, _WORD.findall(_HUMP.sub(" ", text).casefold())))


def read(instruction: str, things: Sequence[str], rooms: Sequence[str]) -> Reading:
    """Find the types in an instruction, the longest phrases first.

    Args:
        instruction: what the person said.
        things: types of things the site has, sorted.
        rooms: types of rooms the site has, sorted.
    """
    raw = _WORD.findall(instruction.casefold())
    tokens = [singular(w) for w in raw]
    table = _table(tuple(things))
    hits, alone = _phrases(tokens, table)
    in_rooms, _ = _phrases(tokens, _table(tuple(rooms)))
    before_things = {end for _, end in in_rooms} & {start for start, _ in hits}
    said = [tokens[i] for i in alone]
    full = [*chain.from_iterable(hits.values()), *(t for word in said for t in _meant(MEANS, word, table))]
    known = list(dict.fromkeys(full))
    tools = _unlike(known, (t for word in said for t in _meant(IMPLIES, word, table)))
    return Reading(
        things=tuple(known), tools=tools, maybe=_unlike([*known, *tools], _in_part(said, things)),
        rooms=_unlike((), (t for (_, end), found in in_rooms.items() if end not in before_things for t in found)),
        kinds_of_room=_unlike((), (t for (_, end), found in in_rooms.items() if end in before_things for t in found)),
        numbered=tuple(_numbered(raw)),
        many=bool(MANY & set(tokens)) or any(a != tokens[i] for i, a in enumerate(raw)),
        everything=bool(EVERYTHING & set(tokens)))


def _phrases(tokens: Sequence[str], table: Mapping[Phrase, tuple[str, ...]]) -> tuple[Hits, list[int]]:
    """The types named by which words (from, to), and which words stand alone: in no phrase of several words."""
    found: Hits = {}
    alone: list[int] = []
    at = 0
    while at < len(tokens):
        types: tuple[str, ...] = ()
        for size in range(min(LONGEST, len(tokens) - at), 0, -1):
            words = tuple(tokens[at:at + size])
            types = table.get(words) or table.get(("".join(words),), ())  # `sauce pan` is a saucepan
            if types:
                break
        types = types or _compound(tokens[at], table)
        if types:
            found[at, at + size] = types
        if size == 1:
            alone.append(at)
        at += size
    return found, alone


def _compound(word: str, table: Mapping[Phrase, tuple[str, ...]]) -> tuple[str, ...]:
    """What a word names that ends with a name: of `storybook`, the book."""
    endings = (word[at:] for at in range(PART, len(word) - PART + 1))
    return next((table[(ending,)] for ending in endings if (ending,) in table), ())


@lru_cache(64)
def _table(types: tuple[str, ...]) -> Mapping[Phrase, tuple[str, ...]]:
    """Which types a phrase names, by themselves or as a synonym."""
    own: dict[Phrase, list[str]] = {}
    for name in types:
        words = words_of(name)
        for phrase in {words, ("".join(words),)} - {()}:
            own.setdefault(phrase, []).append(name)
    table = {phrase: list(names) for phrase, names in own.items()}
    for group in _groups():
        names = [name for phrase in group for name in own.get(phrase, own.get(("".join(phrase),), ()))]
        for phrase in group:
            table[phrase] = list(dict.fromkeys([*table.get(phrase, ()), *names]))
    return {phrase: tuple(names) for phrase, names in table.items() if names}


@lru_cache(1)
def _groups() -> tuple[tuple[Phrase, ...], ...]:
    return tuple(tuple(words_of(name) for name in line.split(",")) for line in SAME.strip().splitlines())


def _meant(table: Mapping[str, str], word: str, types: Mapping[Phrase, tuple[str, ...]]) -> Iterator[str]:
    for name in table.get(word, "").split(","):
        yield from types.get(words_of(name), ())


def _in_part(said: Iterable[str], things: Sequence[str]) -> Iterator[str]:
    """Types that end with one of the words, then those that have one."""
    words = [w for w in dict.fromkeys(said) if w not in NO_NAMES and len(w) > 2]
    parts = [(name, words_of(name)) for name in things]
    yield from (name for word in words for name, own in parts if own[-1:] == (word,))
    yield from (name for word in words for name, own in parts if word in own)


def _unlike(known: Sequence[str], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name not in known)


def _numbered(words: Sequence[str]) -> Iterator[str]:
    """`kitchen 4` and `living room 2` as an id would have it."""
    for at, word in enumerate(words):
        if word.isdigit() and at:
            yield f"{words[at - 1]}-{word}"
            yield f"{''.join(words[max(0, at - 2):at])}-{word}"
