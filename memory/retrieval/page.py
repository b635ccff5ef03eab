"""A text within a budget: the head, as many things as fit, and what is not shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fleetmind.memory.nodes import Node
from fleetmind.memory.retrieval.lines import grouped, not_shown_line, thing_line

BYTES_PER_TOKEN = 4
_TYPES_SHARE = 24
"""One part in so many of the text may name the types that are not shown."""
_TYPES_LEAST = 90


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a text is made of, and its limits."""

    head: tuple[tuple[str, ...], ...]
    """Parts of the head, the most important first; the last is left out first."""
    counts: Counter[str]
    """Things there are, by type."""
    max_bytes: int
    """Limit of the text, UTF-8."""
    max_tokens: int
    """Limit of the text by the tokenizer."""
    tokenizer: Callable[[str], int] | None
    """None: by bytes alone."""

    def tokens(self, text: str) -> int:
        """How many tokens the text has."""
        return self.tokenizer(text) if self.tokenizer is not None else -(-len(text.encode()) // BYTES_PER_TOKEN)

    def fill(self, things: Iterable[tuple[Node, Node | None]]) -> tuple[str, list[Node], int]:
        """The text of things, each with its room; the things in it; how many parts of the head it has."""
        nodes, lines = self._enough(things)
        best = ("", list[Node](), 0)
        for parts in range(len(self.head), -1, -1):
            count = self._most(parts, nodes, lines)
            if count >= 0:
                best = max(best, (self._text(parts, nodes[:count], lines[:count]), nodes[:count], parts),
                           key=lambda found: (bool(found[0]), len(found[1]) > 0))
            if count > 0 or (count == 0 and not lines):
                break
        return best

    def _enough(self, things: Iterable[tuple[Node, Node | None]]) -> tuple[list[Node], list[tuple[str, str]]]:
        """More than fits."""
        nodes: list[Node] = []
        lines: list[tuple[str, str]] = []
        left = self.max_bytes
        for node, room in things if left else ():
            line = thing_line(node, room)
            left -= len(line[1].encode()) + 1
            if left < 0:
                break
            nodes.append(node)
            lines.append(line)
        return nodes, lines

    def _most(self, parts: int, nodes: Sequence[Node], lines: Sequence[tuple[str, str]]) -> int:
        """How many things fit below so many parts of the head; -1 if not even the head does.

        Bisection: a tokenizer under which a longer text has fewer tokens may get less than would fit, never more.
        """
        if not self._fits(self._text(parts, [], [])):
            return -1
        low, high = 0, len(lines)
        while low < high:
            middle = (low + high + 1) // 2
            if self._fits(self._text(parts, nodes[:middle], lines[:middle])):
                low = middle
            else:
                high = middle - 1
        return low

    def _text(self, parts: int, nodes: Sequence[Node], lines: Sequence[tuple[str, str]]) -> str:
        hidden = self.counts - Counter(node.type for node in nodes)
        shown = ["Things:", *grouped(lines)] if lines else [] if self.counts else ["Things: none seen yet."]
        types = max(_TYPES_LEAST, self.max_bytes // _TYPES_SHARE)
        head = [line for part in self.head[:parts] for line in part]
        return "\n".join([*head, *(shown if parts or lines else []), not_shown_line(hidden, types)])

    def _fits(self, text: str) -> bool:
        return len(text.encode()) <= self.max_bytes and (
            self.tokenizer is None or self.tokenizer(text) <= self.max_tokens)
