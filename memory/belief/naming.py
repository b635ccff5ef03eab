"""Names for new nodes: `mug-3` for the third mug."""

from __future__ import annotations

import re
from collections.abc import Container

_NUMBERED = re.compile(r"([a-z0-9]+)-(\d+)")


def node_name(type_name: str) -> str:
    """`SinkBasin` -> `sinkbasin`; anything else than letters and digits is dropped."""
    return re.sub(r"[^a-z0-9]", "", type_name.lower()) or "thing"


class Numbers:
    """Gives out ids of the form `mug-3`, each once."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def heard(self, node_id: str) -> None:
        """Never give out this id."""
        match = _NUMBERED.fullmatch(node_id)
        if match:
            stem = match.group(1)
            self._last[stem] = max(self._last.get(stem, 0), int(match.group(2)))

    def __call__(self, type_name: str, taken: Container[str] = ()) -> str:
        """A new id for a thing of the type, none of `taken`."""
        stem = node_name(type_name)
        while True:
            self._last[stem] = self._last.get(stem, 0) + 1
            node_id = f"{stem}-{self._last[stem]}"
            if node_id not in taken:
                return node_id
