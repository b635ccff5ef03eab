"""Markup that is safe by construction: a string that is not `Html` is escaped when it is put into markup.

What is drawn comes from people, models, robots or files. None of it is trusted.
"""

from __future__ import annotations

import html
import math
import unicodedata
from collections.abc import Iterable

_VOID = frozenset({"br", "img", "link", "meta", "input"})


class Html(str):
    """Markup that is safe already. Only `tag`, `join` and constants of fleetmind make it."""

    __slots__ = ()


def clean(text: object, limit: int = 2000) -> str:
    """One bounded line without control, surrogate or direction-changing characters."""
    raw = str(text)[: limit + 1]
    flat = raw if raw.isprintable() else "".join(c if c.isprintable() else " " for c in raw)
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def escape(text: object, limit: int = 2000) -> Html:
    """Text as markup; what is markup already stays."""
    return text if isinstance(text, Html) else Html(html.escape(clean(text, limit), quote=True))


def join(parts: Iterable[str], separator: str = "") -> Html:
    """Parts one after another, each escaped unless it is markup."""
    return Html(separator.join(escape(part) for part in parts))


def tag(name: str, /, *children: str, **attributes: object) -> Html:
    """An element. `class_` is `class`, `_` in a name is `-`; None and False leave an attribute out."""
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        content = number(value) if isinstance(value, float) else value
        written.append(f" {attribute}" if value is True else f' {attribute}="{escape(content)}"')
    opening = f"<{name}{''.join(written)}>"
    return Html(opening if name in _VOID else f"{opening}{join(children)}</{name}>")


def number(value: float) -> str:
    """A short number; what is not finite becomes 0."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if math.isfinite(value) else "0"


def columns(text: str) -> int:
    """How many columns of a fixed-width font a text takes; East Asian characters take two."""
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def many(count: int, thing: str, things: str = "") -> str:
    """`1 step`, `2 steps`; `things` where an s does not do."""
    return f"{count} {thing}" if count == 1 else f"{count} {things or f'{thing}s'}"
