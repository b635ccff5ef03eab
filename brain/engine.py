"""The `Engine` contract: messages with pictures in, text with usage out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Literal

from pydantic import Field

from fleetmind.memory.model import JsonValue, Model


class ImagePart(Model):
    """A picture in a message."""

    mime: Literal["image/png", "image/jpeg"] = "image/png"
    """Encoding of `data`."""
    data: bytes = Field(max_length=20_000_000)
    """Encoded picture."""


class Message(Model):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    """Who speaks."""
    text: str = Field("", max_length=2_000_000)
    """What is said."""
    images: tuple[ImagePart, ...] = Field((), max_length=64)
    """Pictures, before the text."""


class Usage(Model):
    """What a call cost."""

    prompt_tokens: int = 0
    """Tokens in."""
    completion_tokens: int = 0
    """Tokens out."""
    latency_s: float = 0.0
    """Wall seconds, retries included."""
    calls: int = 1
    """HTTP requests made, retries included."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            latency_s=self.latency_s + other.latency_s,
            calls=self.calls + other.calls,
        )


class Reply(Model):
    """What the engine answered."""

    text: str
    """The answer."""
    thinking: str = ""
    """Reasoning the server returned separately, if any."""
    usage: Usage = Usage()
    """What it cost."""
    model: str = ""
    """Which model answered."""


class Engine(ABC):
    """Runs a model, wherever it is."""

    @abstractmethod
    async def complete(
        self, messages: tuple[Message, ...], *, schema: dict[str, JsonValue] | None = None,
        max_tokens: int = 2048, temperature: float = 0.0, timeout_s: float = 60.0,
    ) -> Reply:
        """Answer the conversation.

        Args:
            messages: the conversation, oldest first.
            schema: a JSON schema the answer must follow; servers that cannot enforce it get it in the prompt.
            max_tokens: upper limit of the answer.
            temperature: 0 is greedy.
            timeout_s: deadline of the whole call, retries included.

        Raises:
            FleetmindError: `BRAIN_TIMEOUT`, `BRAIN_ERROR` (server or transport), `BRAIN_AUTH`, `BRAIN_BUDGET`.
        """

    @abstractmethod
    def stream(
        self, messages: tuple[Message, ...], *, max_tokens: int = 2048, temperature: float = 0.0,
        timeout_s: float = 60.0,
    ) -> AsyncIterator[str]:
        """The same, piece by piece."""

    @abstractmethod
    async def close(self) -> None:
        """Release connections."""
