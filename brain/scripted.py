"""A scripted engine: canned answers and a record of what was asked. For tests, demos and replays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

from fleetmind.brain.engine import Engine, Message, Reply, Usage
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.model import JsonValue, Model

Answer = str | Reply | FleetmindError | Callable[[tuple[Message, ...]], str]
"""What to answer: a text, a whole reply, an error to raise, or a function of the conversation."""


class Asked(Model):
    """One request as it was made."""

    messages: tuple[Message, ...]
    """The conversation."""
    structured: bool
    """Whether a JSON schema was given."""
    max_tokens: int
    """Limit of the answer."""
    timeout_s: float
    """Deadline."""


class ScriptedEngine(Engine):
    """Gives the answers in order; when they run out, the last one again.

    Args:
        answers: what to answer, in order; at least one.
        repeat_last: False: running out raises `BRAIN_ERROR`.
    """

    def __init__(self, answers: Iterable[Answer], *, repeat_last: bool = True) -> None:
        self._answers = list(answers)
        if not self._answers:
            raise FleetmindError("BRAIN_CONFIG", "answers=[] is empty: a scripted engine needs at least one answer")
        self._repeat_last = repeat_last
        self.asked: list[Asked] = []
        """Every request, oldest first."""
        self.closed = False
        """True after `close`."""

    async def complete(
        self, messages: tuple[Message, ...], *, schema: dict[str, JsonValue] | None = None,
        max_tokens: int = 2048, temperature: float = 0.0, timeout_s: float = 60.0,
    ) -> Reply:
        """See `Engine.complete`."""
        index = len(self.asked)
        self.asked.append(Asked(messages=messages, structured=schema is not None, max_tokens=max_tokens,
                                timeout_s=timeout_s))
        if index >= len(self._answers) and not self._repeat_last:
            raise FleetmindError("BRAIN_ERROR", f"the script has {len(self._answers)} answers, this is request "
                                                f"{index + 1}: add one")
        answer = self._answers[min(index, len(self._answers) - 1)]
        if isinstance(answer, FleetmindError):
            raise answer
        if isinstance(answer, Reply):
            return answer
        text = answer if isinstance(answer, str) else answer(messages)
        words = sum(len(m.text.split()) for m in messages)
        return Reply(text=text, model="scripted",
                     usage=Usage(prompt_tokens=words, completion_tokens=len(text.split())))

    async def stream(
        self, messages: tuple[Message, ...], *, max_tokens: int = 2048, temperature: float = 0.0,
        timeout_s: float = 60.0,
    ) -> AsyncIterator[str]:
        """See `Engine.stream`; a word at a time."""
        reply = await self.complete(messages, max_tokens=max_tokens, temperature=temperature, timeout_s=timeout_s)
        for index, word in enumerate(reply.text.split(" ")):
            yield word if index == 0 else f" {word}"

    async def close(self) -> None:
        """See `Engine.close`."""
        self.closed = True
