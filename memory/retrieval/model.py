"""What retrieval gives."""

from __future__ import annotations

from pydantic import Field

from fleetmind.memory.model import JsonValue, Model, NodeId


class Context(Model):
    """A part of a scene. `str()` gives the text."""

    text: str
    """For a prompt."""
    data: dict[str, JsonValue]
    """The same for programs: `version`, `rooms`, `robots`, `nodes`, `recent`, `not_shown`."""
    nodes: tuple[NodeId, ...]
    """Things shown, the most relevant first."""
    tokens: int = Field(ge=0)
    """Of the text, by the tokenizer given or a quarter of its bytes."""
    not_shown: dict[str, int]
    """Things that are known and not shown, by type."""

    def __str__(self) -> str:
        return self.text
