"""Untrusted names and texts, so shown that they cannot be taken for anything else."""

from __future__ import annotations

import json
import re

_BARE = re.compile(r"[\w.:+/|-]+")
_ESCAPED = re.compile(r"[<>]")
HIDDEN = "\N{REPLACEMENT CHARACTER}"


def name(text: str) -> str:
    """An id or type: as it is where it is plain, else as a JSON string.

    Blanks, brackets and what would end a line, turn the text's direction or close a fence are in the string or
    escaped, so the line keeps its form and whoever reads it can have the exact name back.
    """
    if _BARE.fullmatch(text) and text.isprintable():
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    if not quoted.isprintable():
        quoted = "".join(c if c.isprintable() else _escaped(c) for c in quoted)
    return _ESCAPED.sub(lambda mark: _escaped(mark[0]), quoted)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else json.dumps(char)[1:-1]


def words(text: str, limit: int) -> str:
    """Free text on one line, without characters that turn or hide what stands around them, cut to so many."""
    plain = "".join(c if c.isprintable() else HIDDEN for c in text[:limit])
    return plain.replace("<", "‹").replace(">", "›") + ("…" if len(text) > limit else "")


def listed(items: list[str], limit: int) -> str:
    """As many of the items as fit into so many bytes, and how many more there are."""
    kept, size = [], 12  # for what is left
    for item in items:
        size += len(item.encode()) + 2
        if size > limit:
            break
        kept.append(item)
    rest = len(items) - len(kept)
    return ", ".join(kept) + (f" and {rest} more" if rest and kept else f"{rest} more" if rest else "")
