"""What the report's markup needs beyond that of a scene's picture: several lines, durations, wrapped text.

Everything a report shows comes from people, models, robots or pictures. None of it is trusted.
"""

from __future__ import annotations

from fleetmind.memory.interchange.picture.markup import Html, clean, columns, escape, join, many, number, tag

__all__ = ["Html", "clean", "columns", "escape", "join", "lines", "many", "number", "seconds", "tag", "tooltip", "wrap"]


def lines(text: str, limit: int = 4000) -> Html:
    """Text with its line breaks kept."""
    return Html("<br>".join(escape(line) for line in text[:limit].splitlines()))


def tooltip(*told: str) -> Html:
    """A `<title>` with a line for everything there is to tell."""
    return tag("title", join((line for line in told if line), "\n"))


def seconds(value_s: float) -> str:
    """A duration for people: `4.2 s`, `3 min 05 s`."""
    if value_s < 100:
        return f"{value_s:.1f} s"
    minutes, rest = divmod(round(value_s), 60)
    return f"{minutes} min {rest:02d} s"


def wrap(text: str, width: int, limit: int) -> list[str]:
    """Text in at most `limit` lines of `width` columns, an ellipsis at the end of what was cut."""
    out: list[str] = [""]
    for word in clean(text).split():
        if columns(out[-1]) + columns(word) + 1 <= width:
            out[-1] = f"{out[-1]} {word}".strip()
            continue
        for piece in _pieces(word, width):
            out.append(piece)
    out = [line for line in out if line]
    if len(out) > limit:
        last = out[limit - 1]
        out = [*out[: limit - 1], (last[:-1] if columns(last) >= width else last) + "…"]
    return out


def _pieces(word: str, width: int) -> list[str]:
    out = [""]
    for character in word:
        if columns(out[-1]) + columns(character) > width:
            out.append("")
        out[-1] += character
    return out
