"""Errors of the worlds: a stable code, the offending value, and the fix."""

from __future__ import annotations

from typing import Literal

WorldErrorCode = Literal[
    "WORLD_SCENE",  # the scene cannot be built or read
    "WORLD_GOAL",  # the goal is not one
    "WORLD_AGENT",  # no such agent, or its seat is taken
    "WORLD_ACTION",  # the action is malformed (a failed action is a Result, not an error)
    "WORLD_DENIED",  # the caller's token does not allow this
    "WORLD_STATE",  # called before reset or after close
    "WORLD_UNAVAILABLE",  # the world server does not answer
]


class WorldError(Exception):
    """A world refused a call. The state of the world is unchanged.

    Args:
        code: stable code, for programs.
        message: what is wrong and how to mend it, for people.
    """

    def __init__(self, code: WorldErrorCode, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: WorldErrorCode = code
        self.message = message
