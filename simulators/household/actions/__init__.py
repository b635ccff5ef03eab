"""The actions of the household world, by AI2-THOR's names."""

from __future__ import annotations

from fleetmind.simulators.household.actions import changing, hands, navigation, opening, poses
from fleetmind.simulators.household.actions.registry import ACTIONS, Outcome, Scene, Spec, bind

__all__ = ["ACTIONS", "Outcome", "Scene", "Spec", "bind", "changing", "hands", "navigation", "opening", "poses"]
