"""The one parser for YAML that we did not write: plain data only, bounded, every key once."""

from __future__ import annotations

from typing import Any

import yaml

from fleetmind.memory.errors import FleetmindError

MAX_BYTES = 8 << 20
MAX_DEPTH = 16
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_strict(text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Parse one YAML document within limits.

    Args:
        text: YAML, UTF-8 where bytes.
        max_bytes: longer text is refused unread.
        max_depth: deeper nesting is refused.

    Raises:
        FleetmindError: `YAML_TOO_LARGE`, `YAML_TOO_DEEP`, `YAML_ALIAS` (aliases and merge keys repeat what is written
            once, without end), `YAML_DUPLICATE_KEY`, `YAML_SYNTAX`.
    """
    plain = _decoded(text, max_bytes)
    try:
        _check_events(plain, max_depth)
        loader = _Loader(plain)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _check_keys(node)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise FleetmindError("YAML_SYNTAX", f"not YAML: {_short(error)}") from None
    except (ValueError, OverflowError) as error:  # 2024-13-99 looks like a date, and is none
        raise FleetmindError("YAML_SYNTAX", f"a value cannot be read: {error}; put it in quotes") from None


def _decoded(text: str | bytes, max_bytes: int) -> str:
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > max_bytes:
            raise FleetmindError("YAML_TOO_LARGE", f"{len(raw)} bytes of YAML, at most {max_bytes} are taken")
        return raw.decode("utf-8-sig")
    except UnicodeError as error:
        raise FleetmindError("YAML_SYNTAX", f"not UTF-8 ({error}): send YAML as UTF-8") from None


def _check_events(text: str, max_depth: int) -> None:
    """Aliases and depth, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise FleetmindError("YAML_ALIAS", f"anchor or alias at line {line}: write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > max_depth:
                raise FleetmindError("YAML_TOO_DEEP", f"nested deeper than {max_depth} levels at line {line}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_keys(root: yaml.Node) -> None:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                line = key.start_mark.line + 1
                if key.tag == "tag:yaml.org,2002:merge":
                    raise FleetmindError("YAML_ALIAS", f"merge key '<<' at line {line}: write the values out")
                if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                    raise FleetmindError("YAML_DUPLICATE_KEY", f"key {str(key.value)!r:.100} at line {line} stands "
                                                               "twice or is no text: keep one")
                seen.add(key.value)
                waiting.append(value)


def _short(error: yaml.YAMLError) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    where = f" at line {mark.line + 1} column {mark.column + 1}" if mark is not None else ""
    return f"{problem or str(error):.200}{where}"
