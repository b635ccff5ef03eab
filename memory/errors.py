"""The one error type of fleetmind outside worlds: a stable code, the value, the fix, and what to do next."""

from __future__ import annotations

from typing import Literal

Advice = Literal["retry", "replan", "stop"]
"""What a caller should do: try the same again, ask for a new plan, or give up and say so."""


class FleetmindError(Exception):
    """Base of every error fleetmind raises on purpose.

    Args:
        code: stable code for programs, upper case, e.g. `SCENE_CONFLICT`.
        message: what is wrong, with the offending value in `!r`, and how to mend it.
        advice: whether to retry, replan or stop.
    """

    def __init__(self, code: str, message: str, *, advice: Advice = "stop") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.advice: Advice = advice


class Conflict(FleetmindError):
    """A compare-and-set or a precondition on the server did not hold; nothing was written.

    Attributes:
        expected: what the writer believed, by node id or name.
        actual: what the store holds.
    """

    def __init__(
        self, message: str, *, code: str = "SCENE_CONFLICT",
        expected: dict[str, object] | None = None, actual: dict[str, object] | None = None,
    ) -> None:
        super().__init__(code, message, advice="replan")
        self.expected = expected or {}
        self.actual = actual or {}


class StaleFence(FleetmindError):
    """The writer's lease was taken over; whatever it wanted to write is refused."""

    def __init__(self, message: str) -> None:
        super().__init__("STALE_FENCE", message, advice="stop")


class StoreUnavailable(FleetmindError):
    """The store server does not answer; the outcome of an unanswered write is unknown: repeat under its key."""

    def __init__(self, message: str) -> None:
        super().__init__("STORE_UNAVAILABLE", message, advice="retry")
