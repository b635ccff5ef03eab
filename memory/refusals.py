"""From a stable code to the right exception: one table for the in-memory and the Redis store."""

from __future__ import annotations

from collections.abc import Mapping

from fleetmind.memory.errors import Advice, Conflict, FleetmindError, StaleFence

CONFLICTS: frozenset[str] = frozenset({
    "SCENE_CONFLICT", "SCENE_HELD", "SCENE_HAND_FULL", "SCENE_NOT_HELD", "LEASE_TAKEN", "TASK_ENDED", "NOT_READY",
    "ROBOT_BUSY", "ATTEMPT_ENDED", "SITE_IN_USE",
})
"""Codes that are raised as `Conflict`: what the writer believed is not so."""

_ADVICE: dict[str, Advice] = {"SCENE_UNKNOWN": "replan", "SCENE_INVARIANT": "replan", "PLAN_DANGLING": "replan",
                              "PLAN_CYCLE": "replan", "LOG_TRIMMED": "retry"}


def refusal(code: str, message: str, *, expected: Mapping[str, object] | None = None,
            actual: Mapping[str, object] | None = None) -> FleetmindError:
    """The exception for a refused operation.

    Args:
        code: stable code.
        message: what is wrong and how to mend it.
        expected: what the writer believed.
        actual: what the store holds.
    """
    if code == "STALE_FENCE":
        return StaleFence(message)
    if code in CONFLICTS:
        return Conflict(message, code=code, expected=dict(expected or {}), actual=dict(actual or {}))
    return FleetmindError(code, message, advice=_ADVICE.get(code, "stop"))
