"""JSON texts on the world server's wire: written compactly, read with suspicion."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from fleetmind.simulators.errors import WorldError, WorldErrorCode

MAX_TEXT = 256 * 1024
"""Longest JSON text in bytes that the server reads from a client."""
MAX_DEPTH = 16
MAX_REQUEST_BYTES = 1024 * 1024
"""Largest message that the server accepts."""
MAX_REPLY_BYTES = 64 * 1024 * 1024
"""Largest message that a client accepts: metadata and pictures of the largest size."""


def encode(value: object) -> str:
    """Compact JSON; numbers are finite."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def decode(text: str, what: str, code: WorldErrorCode) -> Any:
    """Read a JSON text of a client.

    Args:
        text: the text.
        what: what it should be, for the message.
        code: error code to refuse it with.

    Raises:
        WorldError: too long, too deep, not JSON, a key twice, or a number that is not finite.
    """
    if len(text) > MAX_TEXT or len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise WorldError(code, f"{what} of {len(text)} characters is too long; at most {MAX_TEXT} bytes")
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        _check(value)
    except (ValueError, RecursionError) as error:
        raise WorldError(code, f"{what} {text[:80]!r} is not plain JSON: {error}") from error
    return value


def decode_object(text: str, what: str, code: WorldErrorCode) -> dict[str, Any]:
    """Read a JSON object of a client; refusals as in `decode`."""
    value = decode(text, what, code)
    if not isinstance(value, dict):
        raise WorldError(code, f"{what} {text[:80]!r} must be a JSON object")
    return value


def decode_reply(text: str) -> Any:
    """Read a JSON text of the server; it is not limited in length, since whole scenes are long.

    Raises:
        WorldError: WORLD_UNAVAILABLE when it is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WorldError("WORLD_UNAVAILABLE", f"the world server sent {text[:80]!r}, which is not JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is given twice")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that can be used")


def _check(value: object) -> None:
    """Depth and numbers, without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, float) and not math.isfinite(item):
                raise ValueError("a number is not finite")
            elif isinstance(item, int) and abs(item) >= 2**63:
                raise ValueError("a number is too large")
        if not below:
            return
        level = below
    raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
