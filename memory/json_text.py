"""The one parser for JSON that we did not write: strict, bounded, and clear about what it refuses."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, cast

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.model import JsonValue

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_DIGITS = 40
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def loads_strict(text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> JsonValue:
    """Parse JSON as the standard means it, within limits.

    Args:
        text: the JSON text, UTF-8 where bytes.
        max_bytes: longer text is refused unread.
        max_depth: deeper nesting is refused.

    Raises:
        FleetmindError: `JSON_TOO_LARGE`, `JSON_TOO_DEEP`, `JSON_DUPLICATE_KEY`, `JSON_NOT_FINITE`,
            `JSON_HUGE_NUMBER`, `JSON_SURROGATE`, `JSON_SYNTAX`.
    """
    plain = _decoded(text, max_bytes)
    _check_depth(plain, max_depth)
    try:
        value = json.loads(plain, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite,
                           parse_int=_bounded_int)
    except json.JSONDecodeError as error:
        raise FleetmindError("JSON_SYNTAX", f"not JSON at line {error.lineno} column {error.colno}: {error.msg}, near "
                                            f"{plain[max(0, error.pos - 20):error.pos + 20]!r}",
                             advice="retry") from None
    # Only an escape can bring a lone surrogate in: the rest of the text has been through UTF-8.
    if re.search(r"\\u[dD][89a-fA-F]", plain):
        _check_text(json.dumps(value, ensure_ascii=False))
    return cast(JsonValue, value)


def _decoded(text: str | bytes, max_bytes: int) -> str:
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > max_bytes:
            raise FleetmindError("JSON_TOO_LARGE", f"{len(raw)} bytes of JSON, at most {max_bytes} are taken")
        return text if isinstance(text, str) else raw.decode()
    except UnicodeEncodeError as error:
        raise FleetmindError("JSON_SURROGATE", f"lone surrogate at character {error.start}: send valid "
                                               "Unicode") from None
    except UnicodeDecodeError as error:
        raise FleetmindError("JSON_SYNTAX", f"not UTF-8 at byte {error.start}: send JSON as UTF-8") from None


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for match in _BRACKETS.finditer(text):
        mark = match.group()
        if mark in "[{":
            depth += 1
            if depth > max_depth:
                raise FleetmindError("JSON_TOO_DEEP", f"nested deeper than {max_depth} levels at character "
                                                      f"{match.start()}")
        elif mark in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        raise FleetmindError("JSON_DUPLICATE_KEY", f"key {twice!r:.100} stands twice in one object: keep one")
    return out


def _refuse_constant(name: str) -> NoReturn:
    raise FleetmindError("JSON_NOT_FINITE", f"{name} is no JSON number: send a finite one or null")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise FleetmindError("JSON_NOT_FINITE", f"number {digits!r:.60} is too large for a double: send a finite one")
    return value


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise FleetmindError("JSON_HUGE_NUMBER", f"integer of {len(digits)} digits, at most {MAX_DIGITS} are taken")
    return int(digits)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FleetmindError("JSON_SURROGATE", "a string holds a lone surrogate: send valid Unicode") from None
