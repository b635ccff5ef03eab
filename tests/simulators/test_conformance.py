"""The household world passes the kit that every world must pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fleetmind.simulators import HouseholdWorld, SceneSpec, World
from fleetmind.simulators.conformance import WorldConformance


class TestHouseholdKitchen(WorldConformance):
    @pytest.fixture
    def make_world(self) -> Callable[[], World]:
        return HouseholdWorld


class TestHouseholdHouse(WorldConformance):
    scene = SceneSpec(name="House3")

    @pytest.fixture
    def make_world(self) -> Callable[[], World]:
        return HouseholdWorld
