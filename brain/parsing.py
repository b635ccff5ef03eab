"""Model output is untrusted text: find the one JSON object in it, within limits, and never evaluate anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.model import JsonValue

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
_SHOWN = 160
_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_ANSWER = re.compile(r"<answer>(.*?)(?:</answer>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[ \t]*(?:json|JSON|json5)?[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL)


def without_thinking(text: str) -> tuple[str, str]:
    """Split an answer from the reasoning around it.

    Returns:
        The answer, and the reasoning (`<think>`), either possibly empty.
    """
    thinking = " ".join(m.group()[len("<think>"):].removesuffix("</think>").strip() for m in _THINKING.finditer(text))
    rest = _THINKING.sub("", text)
    if "</think>" in rest:  # some servers swallow the opening tag
        before, _, rest = rest.rpartition("</think>")
        thinking = f"{thinking} {before}".strip()
    answer = _ANSWER.search(rest)
    return (answer.group(1) if answer else rest).strip(), thinking


def json_object(text: str) -> dict[str, JsonValue]:
    """The one JSON object in a model's answer: bare, fenced, or with prose around it.

    Raises:
        FleetmindError: `PLAN_TOO_LARGE`, or `PLAN_PARSE` when there is none, it is cut off, breaks a limit, or there
            are several that differ.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise FleetmindError("PLAN_TOO_LARGE", f"the answer has {size} bytes, at most {MAX_BYTES} are read: "
                                               "answer with one short JSON object", advice="retry")
    answer, _ = without_thinking(text)
    if answer.startswith("{"):
        whole = _strict(answer) if answer.endswith("}") else None
        if whole is not None:
            return whole
    found: list[dict[str, JsonValue]] = []
    problem = ""
    for candidate in _candidates(answer):
        try:
            value = loads_strict(candidate, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
        except FleetmindError as error:
            problem = problem or error.message
            continue
        if isinstance(value, dict) and value not in found:
            found.append(value)
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise _unreadable(f"there are {len(found)} different JSON objects: give exactly one", answer)
    raise _unreadable(problem or "there is no JSON object", answer)


def _strict(text: str) -> dict[str, JsonValue] | None:
    """The text as one object; None when it is not, so that other readings are tried."""
    try:
        value = loads_strict(text, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except FleetmindError as error:
        if error.code == "JSON_SYNTAX":
            return None
        raise _unreadable(error.message, text) from None
    return value if isinstance(value, dict) else None


def _candidates(text: str) -> Iterator[str]:
    fenced = [m.group(1).strip() for m in _FENCE.finditer(text)]
    whole = [f for f in fenced if f.startswith("{")]
    if whole:
        yield from whole
        return
    yield from _objects(text)


def _objects(text: str) -> Iterator[str]:
    """Outermost `{...}` spans, found in one pass that knows strings; a cut-off one is yielded as it is."""
    depth, start, quoted, escaped = 0, 0, False, False
    for index, char in enumerate(text):
        if depth and quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == "{":
            if depth == 0:
                start = index
            depth += 1
        elif depth and char == '"':
            quoted = True
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                yield text[start:index + 1]
    if depth:
        yield text[start:]


def _unreadable(why: str, text: str) -> FleetmindError:
    shown = text[:_SHOWN] + ("..." if len(text) > _SHOWN else "")
    return FleetmindError("PLAN_PARSE", f"{why}; the answer begins {shown!r}: answer with one JSON object and "
                                        "nothing else", advice="retry")
