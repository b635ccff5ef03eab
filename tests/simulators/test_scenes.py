"""Generated scenes: complete, reachable, without overlaps, the same every time."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from fleetmind.simulators import Body, HouseholdWorld, SceneSpec, Setup, WorldError
from fleetmind.simulators.conformance import view
from fleetmind.simulators.household.grid import Ground
from fleetmind.simulators.household.placing import SHRINK
from fleetmind.simulators.household.reach import stands
from fleetmind.simulators.household.scenes import build, scene_names
from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.household.types import object_types
from tests.simulators.hands import Home

HOUSES = [f"House{n}" for n in range(1, 21)]
SAMPLE = ["Kitchen1", "Kitchen17", "LivingRoom8", "Bedroom21", "Bathroom30", "House2", "House5"]

EXPECTED = {
    "Kitchen": {"CounterTop", "Cabinet", "Drawer", "Fridge", "Microwave", "Toaster", "CoffeeMachine", "Sink",
                "SinkBasin", "Faucet", "StoveBurner", "StoveKnob", "DiningTable", "Chair", "GarbageCan", "Apple",
                "Tomato", "Potato", "Lettuce", "Bread", "Egg", "Mug", "Cup", "Bowl", "Plate", "Pot", "Pan", "Knife",
                "ButterKnife", "Fork", "Spoon", "Spatula", "DishSponge", "SoapBottle", "SaltShaker", "PepperShaker"},
    "LivingRoom": {"Sofa", "ArmChair", "CoffeeTable", "TVStand", "Television", "SideTable", "Dresser", "Drawer",
                   "FloorLamp", "DeskLamp", "HousePlant", "GarbageCan", "Laptop", "RemoteControl", "KeyChain",
                   "CreditCard", "Box", "Book", "Newspaper", "Watch", "Pillow", "Vase", "Statue"},
    "Bedroom": {"Bed", "Desk", "Chair", "Dresser", "Drawer", "SideTable", "DeskLamp", "AlarmClock", "Book", "CD",
                "CellPhone", "CreditCard", "KeyChain", "Laptop", "Pen", "Pencil", "Pillow", "GarbageCan"},
    "Bathroom": {"Toilet", "Sink", "SinkBasin", "Faucet", "Bathtub", "BathtubBasin", "CounterTop", "Cabinet",
                 "Mirror", "Candle", "Cloth", "HandTowel", "Towel", "Plunger", "ScrubBrush", "SoapBar",
                 "SoapBottle", "SprayBottle", "ToiletPaper", "GarbageCan"},
}


def check(name: str) -> None:
    """A scene must be complete, in its rooms, free of overlaps, and reachable."""
    state = build(name, None, 0)
    for room in state.rooms:
        types = {t.type for t in state.things.values() if t.room == room.id}
        assert {"LightSwitch", "Floor"} <= types
        missing = EXPECTED[room.type] - types
        # A small thing may find no room now and then; furniture never.
        assert not {m for m in missing if not object_types()[m].pickupable}, (name, room.id, missing)
        assert len(missing) <= 2, (name, room.id, missing)
    standing = [t for t in state.things.values() if t.on_floor and t.type not in ("Chair", "CounterTop")]
    for i, a in enumerate(standing):
        assert not [b.id for b in standing[:i] if _overlap(a, b)], a.id
    for thing in state.things.values():
        assert state.things[thing.id] is thing
        for other in thing.children:
            siblings = [s for s in thing.children if s is not other and other.kind.pickupable and s.kind.pickupable]
            assert thing.type in SHRINK or not [s.id for s in siblings if _overlap(other, s)], other.id
    spots = stands(state, Ground(state), 0.3)
    for thing in state.things.values():
        if thing.kind.receptacle or thing.kind.toggleable or thing.kind.pickupable:
            assert min(_gap(thing, x, z) for x, z in spots) <= 1.3, thing.id


def _overlap(a: Thing, b: Thing) -> bool:
    return all(a.lo[i] < b.hi[i] - 1e-6 and b.lo[i] < a.hi[i] - 1e-6 for i in range(3))


def _gap(thing: Thing, x: float, z: float) -> float:
    dx = max(thing.lo[0] - x, x - thing.hi[0], 0.0)
    dz = max(thing.lo[2] - z, z - thing.hi[2], 0.0)
    return float((dx * dx + dz * dz) ** 0.5)


@pytest.mark.parametrize("name", SAMPLE)
def test_sample_scenes(name: str) -> None:
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*scene_names(), *HOUSES])
def test_all_scenes(name: str) -> None:
    check(name)


@pytest.mark.slow
def test_there_are_120_scenes_with_4000_objects() -> None:
    assert len(scene_names()) == 120
    assert sum(len(build(name, None, 0).things) for name in scene_names()) >= 4000


def test_names_decide_the_furniture_and_seeds_what_lies_about() -> None:
    a, b, c = (build("LivingRoom4", None, seed).things for seed in (1, 2, 1))
    fixed = [sorted(t.id for t in things.values() if not t.kind.pickupable) for things in (a, b, c)]
    loose = [sorted(t.id for t in things.values() if t.kind.pickupable) for things in (a, b, c)]
    assert fixed[0] == fixed[1] == fixed[2]
    assert loose[0] == loose[2] != loose[1]


def test_houses_have_the_rooms_asked_for_and_doorways() -> None:
    state = build("House7", ("Kitchen", "LivingRoom", "Bathroom", "Kitchen"), 0)
    assert Counter(r.type for r in state.rooms) == {"Kitchen": 2, "LivingRoom": 1, "Bathroom": 1}
    spots = stands(state, Ground(state), 0.3)
    assert all(any(r.contains(x, z) for x, z in spots) for r in state.rooms)
    assert {r.id for r in state.rooms} == {"Kitchen|1", "LivingRoom|1", "Bathroom|1", "Kitchen|2"}


@pytest.mark.parametrize(("spec", "offence"), [
    (SceneSpec(name="Attic1"), "'Attic1'"), (SceneSpec(name="Kitchen31"), "'Kitchen31'"),
    (SceneSpec(name="Kitchen1", rooms=("Kitchen",)), "only a House"), (SceneSpec(name="House1", rooms=()), "1 to 8"),
    (SceneSpec(name="Kitchen1", setup=(Setup(op="ensure", type="Dragon"),)), "'Dragon'"),
    (SceneSpec(name="Kitchen1", setup=(Setup(op="ensure", type="Fridge", count=2),)), "cannot be added"),
    (SceneSpec(name="Kitchen1", setup=(Setup(op="state", type="Watch", states={"isDirty": True}),)), "no 'Watch'"),
    (SceneSpec(name="Kitchen1", setup=(Setup(op="state", type="Mug", states={"isHappy": True}),)), "isHappy"),
    (SceneSpec(name="Kitchen1", setup=(Setup(op="ensure", type="Mug", at="Bed"),)), "'Bed'"),
    (SceneSpec(name="Kitchen1", setup=(Setup(op="ensure", type="Bread", count=20, at="StoveBurner"),)), "no room"),
])
def test_what_cannot_be_built_is_refused(spec: SceneSpec, offence: str) -> None:
    with pytest.raises(WorldError) as caught:
        HouseholdWorld().reset(spec, [Body(name="ada")])
    assert caught.value.code == "WORLD_SCENE"
    assert offence in caught.value.message


def test_setup_moves_creates_removes_and_changes() -> None:
    home = Home(
        "House3", Setup(op="remove", type="Mug"), Setup(op="ensure", type="Mug", count=3, at="Fridge"),
        Setup(op="ensure", type="TeddyBear", room="Kitchen"),
        Setup(op="state", type="Mug", count=2, states={"isDirty": True}),
        Setup(op="state", type="LightSwitch", room="Kitchen", states={"isToggled": False}))
    mugs = [t for t in home.things.values() if t.type == "Mug"]
    assert [m.parent.type for m in mugs if m.parent] == ["Fridge"] * 3
    assert sum(m.dirty for m in mugs) == 2
    assert home.meta(mugs[0])["temperature"] == "Cold"
    assert home.one("TeddyBear").room == "Kitchen|1"
    assert [t.toggled for t in home.things.values() if t.type == "LightSwitch" and t.room == "Kitchen|1"] == [False]


def test_a_world_starts_in_half_a_second() -> None:
    world = HouseholdWorld()
    start = time.monotonic()
    world.reset(SceneSpec(name="House3"), [Body(name="ada")])
    assert time.monotonic() - start < 2.0
    assert view(world)


def test_the_table_has_all_types() -> None:
    table = object_types()
    assert len(table) == 125
    assert table["Mug"].fillable
    assert "CoffeeMachine" in table["Mug"].fits
    assert all(t.pickupable == bool(t.fits) for t in table.values())
