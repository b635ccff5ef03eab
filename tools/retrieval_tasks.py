"""Instructions for `label_retrieval`: the household suite's, and templates filled with what a scene really holds.

Words come from the symbolic brain's table of nouns, so that one type has several names. Each instruction has a goal,
which the world judges.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from fleetmind.brain.symbolic.knowledge import BASINS, DISHES, FOOD, SLICES, kinds
from fleetmind.brain.symbolic.nouns import noun_senses
from fleetmind.simulators import Goal, HouseholdWorld, SceneSpec
from fleetmind.simulators.goal import Condition, Select
from fleetmind.simulators.world import Setup
from fleetmind.training.suite import Entry, load_suite

SCENES = (*(f"{kind}{n}" for n in (1, 4, 8, 14, 19, 26) for kind in ("Kitchen", "LivingRoom", "Bedroom", "Bathroom")),
          *(f"House{n}" for n in range(21, 41)))
PER_SCENE = {"Kitchen": 9, "LivingRoom": 6, "Bedroom": 6, "Bathroom": 5, "House": 9}
PLAIN = 0.6
"""Share of things called by their commonest name."""
MAX_KG = 1.5
"""Heavier things are left out: not every fleet lifts them."""
ROOM_WORDS = {"Kitchen": "kitchen", "LivingRoom": "living room", "Bedroom": "bedroom", "Bathroom": "bathroom"}
LIGHTS = ("DeskLamp", "FloorLamp", "LightSwitch")
DEVICES = ("Television", "Laptop", "Faucet", "Microwave", "Toaster", "CoffeeMachine", "ShowerHead", *LIGHTS)
Draft = tuple[str, list[Condition], list[Setup]]
"""What is said, what must hold, how the scene is changed before."""


class Stock:
    """What a scene holds, and words for it."""

    def __init__(self, objects: Sequence[Mapping[str, Any]], rng: random.Random) -> None:
        self.rng = rng
        self.objects = [o for o in objects if o["objectType"] in kinds()]
        self.types = sorted({str(o["objectType"]) for o in self.objects})
        self.rooms = sorted({str(o.get("room") or "").split("|")[0] for o in self.objects} - {""})

    def pick(self, wanted: Callable[[str], bool]) -> str:
        """One of the types that are here.

        Raises:
            LookupError: there is none.
        """
        found = [t for t in self.types if wanted(t)]
        if not found:
            raise LookupError
        return self.rng.choice(found)

    def thing(self, among: Sequence[str] = ()) -> str:
        """Something to carry."""
        return self.pick(lambda t: "pickupable" in kinds()[t].flags and kinds()[t].mass_kg <= MAX_KG
                         and (not among or t in among))

    def target(self, *types: str) -> str:
        """Where all these may be put, and where none of them is."""
        taken = {_kind_of(str(p)) for o in self.objects if o["objectType"] in types
                 for p in o.get("parentReceptacles") or ()}
        return self.pick(lambda r: r not in taken and r != "Floor" and r not in types
                         and all(r in kinds()[t].fits for t in types))

    def word(self, type_name: str) -> str:
        """A name of the type."""
        names = _names()[type_name]
        return names[0] if self.rng.random() < PLAIN else self.rng.choice(names)


@cache
def _names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for phrase, (types, plural) in noun_senses().items():
        if types and not plural and (len(types) == 1 or types[0] in BASINS) and phrase.isascii() and "'" not in phrase:
            names.setdefault(types[0], []).append(phrase)
    return {**{t: [t.lower()] for t in kinds()}, **names}


def _kind_of(source_id: str) -> str:
    return source_id.split("|")[-1].rstrip("0123456789") if source_id.count("|") > 3 else source_id.split("|")[0]


def _at(thing: str, target: str) -> Condition:
    return Condition(select=Select(types=(thing,)), at=Select(types=(target,)), count=1)


def _is(thing: str, **states: bool | str) -> Condition:
    return Condition(select=Select(types=(thing,)), states=dict(states), count=1)


def _set(thing: str, **states: bool | str) -> Setup:
    return Setup(op="state", type=thing, states=dict(states))


def put(stock: Stock) -> Draft:
    """Carry one thing."""
    thing = stock.thing()
    target = stock.target(thing)
    said = stock.rng.choice(("Put the {} {} the {}.", "Please bring the {} and put it {} the {}.",
                             "Move the {} so that it is {} the {}.", "Can you place the {} {} the {}?"))
    return said.format(stock.word(thing), _into(target), stock.word(target)), [_at(thing, target)], []


def two(stock: Stock) -> Draft:
    """Carry two things."""
    first = stock.thing()
    second = stock.pick(lambda t: t != first and "pickupable" in kinds()[t].flags and kinds()[t].mass_kg <= MAX_KG
                        and bool(kinds()[t].fits & kinds()[first].fits))
    target = stock.target(first, second)
    said = f"Put the {stock.word(first)} and the {stock.word(second)} {_into(target)} the {stock.word(target)}."
    return said, [_at(first, target), _at(second, target)], []


def wash(stock: Stock) -> Draft:
    """Clean a dish."""
    stock.pick(lambda t: t in BASINS)
    thing = stock.thing(DISHES)
    said = stock.rng.choice(("Wash the {}.", "Rinse the dirty {}, please.", "Could you clean the {}?"))
    return said.format(stock.word(thing)), [_is(thing, isDirty=False)], [_set(thing, isDirty=True)]


def wash_and_put(stock: Stock) -> Draft:
    """Two steps with one thing."""
    said, goal, setup = wash(stock)
    thing = goal[0].select.types[0]
    target = stock.target(thing)
    return (f"{said.rstrip('.?').removesuffix(', please')} and then put it {_into(target)} the {stock.word(target)}.",
            [*goal, _at(thing, target)], setup)


def heat(stock: Stock) -> Draft:
    """Make food hot."""
    stock.pick(lambda t: t in ("Microwave", "StoveBurner"))
    thing = stock.thing([f for f in FOOD if f not in ("Lettuce",)])
    said = stock.rng.choice(("Heat the {}.", "Warm up the {}, please.", "I would like the {} hot."))
    return said.format(stock.word(thing)), [_is(thing, temperature="Hot")], []


def cool(stock: Stock) -> Draft:
    """Make food cold."""
    stock.pick(lambda t: t == "Fridge")
    thing = stock.thing(FOOD)
    said = stock.rng.choice(("Chill the {}.", "Cool the {} down."))
    return said.format(stock.word(thing)), [_is(thing, temperature="Cold")], []


def cut(stock: Stock) -> Draft:
    """Cut food."""
    stock.pick(lambda t: t == "Knife")
    thing = stock.thing(tuple(SLICES))
    said = stock.rng.choice(("Slice the {}.", "Cut the {} into slices."))
    return said.format(stock.word(thing)), [_is(thing, isSliced=True)], []


def switch(stock: Stock) -> Draft:
    """Turn a device on or off."""
    device, on = stock.pick(lambda t: t in DEVICES), stock.rng.random() < 0.5
    said = stock.rng.choice(("Turn {} the {}.", "Please switch {} the {}."))
    return (said.format("on" if on else "off", stock.word(device)), [_is(device, isToggled=on)],
            [_set(device, isToggled=not on)])


def dark(stock: Stock) -> Draft:
    """Everything that shines goes off."""
    lights = [t for t in stock.types if t in LIGHTS]
    stock.pick(lambda t: t in LIGHTS)
    said = stock.rng.choice(("Make it dark in here.", "Turn off all the lights.", "Switch every lamp off."))
    return said, [_is(t, isToggled=False) for t in lights], [_set(t, isToggled=True) for t in lights]


def lid(stock: Stock) -> Draft:
    """Open or close something."""
    thing, opened = stock.pick(lambda t: t in ("Fridge", "Microwave", "Drawer", "Cabinet", "Laptop", "Book", "Box",
                                               "Blinds", "Toilet")), stock.rng.random() < 0.5
    said = f"{'Open' if opened else 'Close'} the {stock.word(thing)}."
    return said, [_is(thing, isOpen=opened)], [_set(thing, isOpen=not opened)]


def errands(stock: Stock) -> Draft:
    """Two things that have nothing to do with each other."""
    (one, goal, setup), (other, goals, setups) = (stock.rng.choice((put, switch, lid, cut))(stock) for _ in range(2))
    if {t for c in goal for t in c.select.types} & {t for c in goals for t in c.select.types}:
        raise LookupError
    return f"{one} {other}", goal + goals, setup + setups


def in_room(stock: Stock) -> Draft:
    """Carry a thing to a piece of furniture in a room that is named."""
    if len(stock.rooms) < 2:
        raise LookupError
    thing, room = stock.thing(), stock.rng.choice(stock.rooms)
    here = {str(o["objectType"]) for o in stock.objects if str(o.get("room") or "").startswith(f"{room}|")}
    target = stock.pick(lambda r: r in here and r != "Floor" and r in kinds()[thing].fits)
    goal = Condition(select=Select(types=(thing,)), at=Select(types=(target,)), room=room, count=1)
    return f"Take the {stock.word(thing)} to the {stock.word(target)} in the {ROOM_WORDS[room]}.", [goal], []


TEMPLATES = (in_room, put, two, in_room, wash, heat, cut, switch, wash_and_put, in_room,
             errands, cool, lid, in_room, put, dark, two)


def _into(target: str) -> str:
    return "in" if "openable" in kinds()[target].flags or target in (
        "SinkBasin", "Sink", "GarbageCan", "Bowl", "Mug", "Cup", "Pot", "LaundryHamper", "Bathtub") else "on"


def entries() -> Iterator[Entry]:
    """Every instruction, in a fixed order."""
    yield from (entry for entry in load_suite("household").entries if entry.goal is not None)
    world = HouseholdWorld()
    for number, scene in enumerate(SCENES):
        world.reset(SceneSpec(name=scene), [], seed=number)
        yield from _of_scene(scene, number, world.observe_all()["objects"])


def _of_scene(scene: str, number: int, objects: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    rng = random.Random(f"retrieval/{scene}")
    stock, said = Stock(objects, rng), set[str]()
    start, wanted, turn = rng.randrange(len(TEMPLATES)), PER_SCENE[scene.rstrip("0123456789")], 0
    while len(said) < wanted and turn < 200:
        make = TEMPLATES[(start + turn) % len(TEMPLATES)]
        turn += 1
        try:
            words, goal, setup = make(stock)
        except LookupError:
            continue
        if words not in said:
            said.add(words)
            yield Entry(id=f"{scene.lower()}-{len(said)}-{make.__name__}".replace("_", "-"), task=make.__name__,
                        instruction=words, scene=SceneSpec(name=scene, setup=tuple(setup)), seed=number,
                        fleet=("duo", "trio")[turn % 2], goal=Goal(conditions=tuple(goal)))
