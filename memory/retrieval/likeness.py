"""Types by likeness in meaning, for who has a model that embeds words. Nothing here needs one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.retrieval.words import Reading, words_of

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""A vector for each text, all of one length."""
TYPES = 512
"""Types that are embedded at most."""
ALIKE = 4
"""Types that no word named which are shown all the same."""


def by_likeness(embed: Embed, instruction: str, reading: Reading,
                types: Sequence[str]) -> tuple[Reading, tuple[str, ...]]:
    """The reading with its less certain types in order of likeness, and the likest types that no word named.

    Args:
        embed: called once with the instruction and the names of the types in words.
        instruction: what the person said.
        reading: what it names.
        types: of things the site has.

    Raises:
        FleetmindError: `RETRIEVAL_EMBED`, `embed` did not give a finite vector for each text.
    """
    asked = list(types[:TYPES])
    first, *others = _vectors(embed, [instruction, *(" ".join(words_of(t)) or t for t in asked)])
    alike = {t: _cosine(first, vector) for t, vector in zip(asked, others, strict=True)}

    def likest(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=lambda t: -alike.get(t, -1.0)))

    known = {*reading.things, *reading.tools}
    new = likest([t for t in asked if t not in known and alike[t] > 0])[:ALIKE]
    return replace(reading, tools=likest(reading.tools), maybe=likest(reading.maybe)), new


def _vectors(embed: Embed, texts: list[str]) -> list[list[float]]:
    vectors = [[float(x) for x in vector] for vector in embed(texts)]
    if len(vectors) != len(texts) or len({len(v) for v in vectors}) != 1 or not all(
            math.isfinite(x) for v in vectors for x in v):
        lengths = sorted({len(v) for v in vectors})
        raise FleetmindError("RETRIEVAL_EMBED", f"`embed` gave {len(vectors)!r} vectors of lengths {lengths!r} for "
                                                f"{len(texts)!r} texts: give each one of finite numbers, all of one "
                                                "length")
    return vectors


def _cosine(one: Sequence[float], two: Sequence[float]) -> float:
    size = math.hypot(*one) * math.hypot(*two)
    return sum(a * b for a, b in zip(one, two, strict=True)) / size if size else 0.0
