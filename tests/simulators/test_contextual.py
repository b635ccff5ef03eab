"""What happens by itself."""

from __future__ import annotations

import pytest

from fleetmind.simulators import Setup
from fleetmind.simulators.household.contextual import FADES_AFTER_S
from tests.simulators.hands import Home


@pytest.fixture
def home() -> Home:
    return Home("Kitchen2", Setup(op="ensure", type="Mug", count=2, at="DiningTable"),
                Setup(op="ensure", type="Potato", at="DiningTable"))


def test_a_running_tap_washes_and_fills(home: Home) -> None:
    mug = home.one("Mug")
    mug.dirty = True
    home.move(mug, home.one("SinkBasin"))
    assert mug.dirty
    home.ok("ToggleObjectOn", home.one("Faucet"))
    assert not mug.dirty
    assert mug.liquid == "water"
    plate = home.one("Plate")
    plate.dirty = True
    home.move(plate, home.one("Sink"))
    assert not plate.dirty


def test_the_microwave_heats_and_cooks(home: Home) -> None:
    microwave, potato = home.one("Microwave"), home.one("Potato")
    home.move(potato, microwave)
    home.ok("CloseObject", microwave)
    assert not potato.cooked
    home.ok("ToggleObjectOn", microwave)
    assert potato.cooked
    assert home.meta(potato)["temperature"] == "Hot"


def test_heat_fades_away_from_the_source(home: Home) -> None:
    fridge, apple = home.one("Fridge"), home.one("Apple")
    home.move(apple, fridge)
    home.ok("Pass", seconds=3000)
    assert home.meta(apple)["temperature"] == "Cold"
    home.ok("PickupObject", apple)
    home.ok("Pass", seconds=FADES_AFTER_S - 30)
    assert home.meta(apple)["temperature"] == "Cold"
    home.ok("Pass", seconds=60)
    assert home.meta(apple)["temperature"] == "RoomTemp"


def test_a_lit_burner_cooks_what_is_in_the_pan(home: Home) -> None:
    knob = home.one("StoveKnob")
    pan, egg = home.one("Pan"), home.one("Egg")
    home.ok("SliceObject", egg)
    home.move(home.one("EggCracked"), pan)
    for other in list(knob.controls[0].children):
        home.move(other, home.one("DiningTable"))
    home.move(pan, knob.controls[0])
    assert not home.one("EggCracked").cooked
    home.ok("ToggleObjectOn", knob)
    assert home.one("EggCracked").cooked
    assert home.meta(pan)["temperature"] == "Hot"


def test_the_toaster_toasts_bread_only_when_on(home: Home) -> None:
    bread, toaster = home.one("Bread"), home.one("Toaster")
    home.ok("SliceObject", bread)
    piece = home.one("BreadSliced")
    home.move(piece, toaster)
    assert not piece.cooked
    home.ok("ToggleObjectOn", toaster)
    assert piece.cooked


def test_the_coffee_machine_fills_a_mug(home: Home) -> None:
    machine, mug = home.one("CoffeeMachine"), home.one("Mug")
    home.ok("ToggleObjectOn", machine)
    home.move(mug, machine)
    assert mug.liquid == "coffee"
    assert home.meta(mug)["temperature"] == "Hot"
