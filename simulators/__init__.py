"""Worlds in which bodies act: the contract, the household world, the world server and its client.

Names are loaded when first used, so that a robot that only needs the client loads no simulator.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fleetmind.simulators.client import Seat, WorldClient
    from fleetmind.simulators.clock import Clock, LockstepClock, RealClock, clock_of
    from fleetmind.simulators.errors import WorldError, WorldErrorCode
    from fleetmind.simulators.goal import Condition, ConditionReport, Goal, GoalReport, Select
    from fleetmind.simulators.household.world import HouseholdWorld
    from fleetmind.simulators.server import WorldServer
    from fleetmind.simulators.tokens import Tokens
    from fleetmind.simulators.world import Action, Body, Frame, Result, SceneSpec, Setup, World

_HOME = {
    "Seat": "client", "WorldClient": "client", "Clock": "clock", "LockstepClock": "clock", "RealClock": "clock",
    "clock_of": "clock", "WorldError": "errors", "WorldErrorCode": "errors", "Condition": "goal",
    "ConditionReport": "goal", "Goal": "goal", "GoalReport": "goal", "Select": "goal",
    "HouseholdWorld": "household.world", "WorldServer": "server", "Tokens": "tokens", "Action": "world",
    "Body": "world", "Frame": "world", "Result": "world", "SceneSpec": "world", "Setup": "world", "World": "world",
}

__all__ = [
    "Action", "Body", "Clock", "Condition", "ConditionReport", "Frame", "Goal", "GoalReport", "HouseholdWorld",
    "LockstepClock", "RealClock", "Result", "SceneSpec", "Seat", "Select", "Setup", "Tokens", "World", "WorldClient",
    "WorldError", "WorldErrorCode", "WorldServer", "clock_of",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
