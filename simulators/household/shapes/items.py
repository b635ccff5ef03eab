"""Shapes of what can be carried: food, dishes, tools, toys."""

from __future__ import annotations

from fleetmind.simulators.household.shapes.furniture import DARK, STEEL, WHITE
from fleetmind.simulators.household.shapes.parts import RGB, Maker, Part, ball, box, cylinder, mix, pick, tube
from fleetmind.simulators.household.things import Thing

CHINA: tuple[RGB, ...] = ((236, 236, 232), (96, 140, 190), (196, 84, 70), (226, 180, 70), (90, 150, 120))
DIRT: RGB = (104, 78, 46)
LIQUID: dict[str, RGB] = {"water": (120, 170, 220), "coffee": (70, 42, 24), "wine": (120, 20, 40)}


def tint(thing: Thing, rgb: RGB) -> RGB:
    """A colour as dirt and cooking change it."""
    if thing.dirty:
        return mix(rgb, DIRT, 0.55)
    return mix(rgb, (90, 50, 20), 0.45) if thing.cooked else rgb


def _filled(thing: Thing, u0: float, u1: float, v0: float, v1: float) -> list[Part]:
    """The liquid's surface, if there is any."""
    if thing.liquid is None:
        return []
    return [cylinder(u0, 0.7, v0, u1, 0.75, v1, LIQUID[thing.liquid])]


def block(rgb: RGB) -> Maker:
    """A plain block."""
    return lambda thing: [box(0, 0, 0, 1, 1, 1, tint(thing, rgb))]


def orb(rgb: RGB, stem: RGB | None = None) -> Maker:
    """A ball, with a stem on request."""
    def make(thing: Thing) -> list[Part]:
        parts = [ball(0, 0, 0, 1, 1, 1, tint(thing, rgb))]
        return [*parts, box(0.46, 0.92, 0.46, 0.54, 1.12, 0.54, stem)] if stem else parts
    return make


def disc(rgb: RGB) -> Maker:
    """A flat round thing."""
    return lambda thing: [cylinder(0, 0, 0, 1, 1, 1, tint(thing, rgb))]


def mug(thing: Thing) -> list[Part]:
    """A cup with a handle."""
    rgb = tint(thing, pick(thing, CHINA))
    if thing.broken:
        return shards(rgb)
    return [tube(0, 0, 0, 0.78, 1, 1, rgb), box(0.76, 0.7, 0.4, 1, 0.82, 0.6, rgb),
            box(0.92, 0.25, 0.4, 1, 0.82, 0.6, rgb), box(0.76, 0.2, 0.4, 1, 0.32, 0.6, rgb),
            *_filled(thing, 0.06, 0.72, 0.06, 0.94)]


def shards(rgb: RGB) -> list[Part]:
    """What is left of a broken dish."""
    return [box(0.05, 0, 0.1, 0.4, 0.12, 0.45, rgb), box(0.5, 0, 0.2, 0.9, 0.1, 0.4, rgb),
            box(0.25, 0, 0.6, 0.75, 0.14, 0.9, rgb)]


def bowl(thing: Thing) -> list[Part]:
    """An open dish."""
    rgb = tint(thing, pick(thing, CHINA))
    if thing.broken:
        return shards(rgb)
    return [tube(0, 0.1, 0, 1, 1, 1, rgb), cylinder(0.25, 0, 0.25, 0.75, 0.12, 0.75, rgb),
            *_filled(thing, 0.05, 0.95, 0.05, 0.95)]


def plate(thing: Thing) -> list[Part]:
    """A flat dish with a rim."""
    rgb = tint(thing, pick(thing, CHINA[:3]))
    if thing.broken:
        return shards(rgb)
    return [cylinder(0, 0.3, 0, 1, 1, 1, rgb), cylinder(0.2, 0.9, 0.2, 0.8, 1.08, 0.8, mix(rgb, WHITE, 0.5)),
            cylinder(0.3, 0, 0.3, 0.7, 0.4, 0.7, rgb)]


def pan(thing: Thing) -> list[Part]:
    """A flat pan with its handle to the front."""
    rgb = tint(thing, (48, 48, 52))
    return [tube(0, 0, 0, 1, 1, 0.6, rgb), box(0.42, 0.5, 0.6, 0.58, 0.9, 1, (30, 30, 32))]


def pot(thing: Thing) -> list[Part]:
    """A deep pot with two grips."""
    rgb = tint(thing, (168, 172, 178))
    return [tube(0.06, 0, 0, 0.94, 1, 1, rgb), box(0, 0.65, 0.35, 0.08, 0.8, 0.65, DARK),
            box(0.92, 0.65, 0.35, 1, 0.8, 0.65, DARK), *_filled(thing, 0.1, 0.9, 0.05, 0.95)]


def kettle(thing: Thing) -> list[Part]:
    """A round kettle with a spout and a bow."""
    rgb: RGB = (180, 60, 56)
    return [cylinder(0.1, 0, 0.05, 0.9, 0.65, 0.85, rgb), ball(0.2, 0.5, 0.15, 0.8, 0.8, 0.75, rgb),
            box(0.44, 0.45, 0.85, 0.56, 0.7, 1, rgb), box(0.45, 0.8, 0.2, 0.55, 1, 0.7, DARK)]


def bottle(rgb: RGB) -> Maker:
    """A body with a neck."""
    def make(thing: Thing) -> list[Part]:
        if thing.broken:
            return shards(rgb)
        return [cylinder(0, 0, 0, 1, 0.64, 1, rgb), ball(0.05, 0.55, 0.05, 0.95, 0.75, 0.95, rgb),
                cylinder(0.32, 0.65, 0.32, 0.68, 0.95, 0.68, rgb), cylinder(0.28, 0.93, 0.28, 0.72, 1, 0.72, DARK)]
    return make


def shaker(rgb: RGB) -> Maker:
    """A small pot with a lid."""
    return lambda thing: [cylinder(0.05, 0, 0.05, 0.95, 0.75, 0.95, rgb), cylinder(0, 0.75, 0, 1, 1, 1, STEEL)]


def tool(handle: RGB, head: RGB, *, wide: bool = True) -> Maker:
    """A handle with a head at the front; on end when it stands in a mug."""
    def make(thing: Thing) -> list[Part]:
        thin = 0.0 if not wide else 0.3
        if thing.upright:
            return [box(thin, 0, thin, 1 - thin, 0.65, 1 - thin, handle), box(0, 0.65, 0, 1, 1, 1, head)]
        long_u = thing.size[0] > thing.size[2] and round(thing.yaw / 90) % 2 == 0
        if long_u:
            return [box(0, 0, thin, 0.62, 1, 1 - thin, handle), box(0.62, 0, 0, 1, 1, 1, head)]
        return [box(thin, 0, 0, 1 - thin, 1, 0.62, handle), box(0, 0, 0.62, 1, 1, 1, head)]
    return make


def bread(thing: Thing) -> list[Part]:
    """A loaf."""
    return [box(0.04, 0, 0.02, 0.96, 0.6, 0.98, (196, 144, 84)), ball(0, 0.25, 0, 1, 1, 1, (178, 120, 62))]


def laptop(thing: Thing) -> list[Part]:
    """A keyboard half and, when open, a screen."""
    screen: RGB = (110, 170, 230) if thing.toggled else (30, 30, 34)
    base = [box(0, 0, 0.12, 1, 0.07, 1, STEEL)]
    if not thing.is_open:
        return [*base, box(0, 0.07, 0.12, 1, 0.1, 1, (150, 154, 160))]
    return [*base, box(0.05, 0.07, 0.35, 0.95, 0.08, 0.7, DARK), box(0, 0.05, 0.04, 1, 1, 0.1, STEEL),
            box(0.03, 0.1, 0.1, 0.97, 0.96, 0.12, screen, thing.toggled)]


def book(thing: Thing) -> list[Part]:
    """Covers and pages."""
    rgb = pick(thing, ((150, 50, 46), (50, 84, 140), (60, 120, 76), (150, 110, 40)))
    return [box(0, 0, 0, 1, 0.2, 1, rgb), box(0.03, 0.2, 0.03, 0.97, 0.8, 0.97, (238, 234, 220)),
            box(0, 0.8, 0, 1, 1, 1, (238, 234, 220) if thing.is_open else rgb)]


def carton(thing: Thing) -> list[Part]:
    """An open or closed cardboard box."""
    rgb: RGB = (190, 150, 100)
    parts = [box(0, 0, 0, 1, 0.05, 1, rgb), box(0, 0, 0, 0.04, 1, 1, rgb), box(0.96, 0, 0, 1, 1, 1, rgb),
             box(0, 0, 0, 1, 1, 0.04, rgb), box(0, 0, 0.96, 1, 1, 1, rgb)]
    if thing.is_open:
        return [*parts, box(-0.25, 0.94, 0, 0, 1, 1, (170, 132, 86)), box(1, 0.94, 0, 1.25, 1, 1, (170, 132, 86))]
    return [*parts, box(0, 0.96, 0, 1, 1, 1, (200, 160, 108)), box(0.46, 1, 0, 0.54, 1.01, 1, (226, 210, 170))]


def phone(thing: Thing) -> list[Part]:
    """A slab with a screen."""
    return [box(0, 0, 0, 1, 0.8, 1, DARK),
            box(0.06, 0.8, 0.05, 0.94, 1, 0.95, (110, 180, 240) if thing.toggled else (20, 20, 24), thing.toggled)]


def clock(thing: Thing) -> list[Part]:
    """A round face on feet."""
    return [ball(0, 0.05, 0.2, 1, 1, 0.8, (190, 60, 60)), ball(0.15, 0.2, 0.6, 0.85, 0.85, 0.9, WHITE)]


def candle(thing: Thing) -> list[Part]:
    """Wax with a wick, and a flame when lit."""
    parts = [cylinder(0, 0, 0, 1, 0.85, 1, (240, 228, 196)), box(0.46, 0.85, 0.46, 0.54, 1, 0.54, DARK)]
    return [*parts, ball(0.3, 0.92, 0.3, 0.7, 1.3, 0.7, (255, 190, 60), True)] if thing.toggled else parts


def teddy(thing: Thing) -> list[Part]:
    """A belly, a head, two ears and paws."""
    rgb: RGB = (160, 110, 66)
    return [ball(0.15, 0, 0.15, 0.85, 0.6, 0.85, rgb), ball(0.22, 0.5, 0.22, 0.78, 0.95, 0.8, rgb),
            ball(0.12, 0.82, 0.35, 0.38, 1, 0.65, rgb), ball(0.62, 0.82, 0.35, 0.88, 1, 0.65, rgb),
            ball(0.42, 0.6, 0.7, 0.58, 0.72, 0.9, (220, 180, 140)), ball(0, 0.25, 0.4, 0.25, 0.5, 0.75, rgb),
            ball(0.75, 0.25, 0.4, 1, 0.5, 0.75, rgb)]


def statue(thing: Thing) -> list[Part]:
    """A figure on a plinth."""
    rgb: RGB = (150, 148, 140)
    if thing.broken:
        return shards(rgb)
    return [box(0.05, 0, 0.05, 0.95, 0.12, 0.95, DARK), cylinder(0.25, 0.12, 0.25, 0.75, 0.72, 0.75, rgb),
            ball(0.28, 0.7, 0.28, 0.72, 1, 0.72, rgb)]


def vase(thing: Thing) -> list[Part]:
    """A belly with a neck."""
    rgb = pick(thing, ((70, 110, 160), (170, 90, 70), (90, 140, 120)))
    if thing.broken:
        return shards(rgb)
    return [ball(0, 0, 0, 1, 0.7, 1, rgb), tube(0.3, 0.55, 0.3, 0.7, 1, 0.7, rgb)]


def roll(thing: Thing) -> list[Part]:
    """A paper roll; only its core once used up."""
    core = cylinder(0.35, 0, 0.35, 0.65, 1, 0.65, (170, 140, 100))
    return [core] if thing.used_up else [cylinder(0, 0, 0, 1, 0.98, 1, (246, 246, 242)), core]


def tissue(thing: Thing) -> list[Part]:
    """A box with a tissue in its slot."""
    parts = [box(0, 0, 0, 1, 0.85, 1, (120, 170, 190))]
    return parts if thing.used_up else [*parts, box(0.35, 0.85, 0.4, 0.65, 1.1, 0.6, WHITE)]


def can(thing: Thing) -> list[Part]:
    """A watering can."""
    rgb: RGB = (70, 130, 110)
    return [cylinder(0, 0, 0, 1, 0.8, 0.6, rgb), box(0.42, 0.5, 0.6, 0.58, 0.7, 1, rgb),
            box(0.44, 0.8, 0.05, 0.56, 1, 0.55, rgb)]


def stick(pole: RGB, foot: RGB, *, foot_height: float = 0.25) -> Maker:
    """A foot with a stick in it: plunger, brush."""
    return lambda thing: [cylinder(0.4, foot_height, 0.4, 0.6, 1, 0.6, pole),
                          cylinder(0.05, 0, 0.05, 0.95, foot_height, 0.95, foot)]


def racket(thing: Thing) -> list[Part]:
    """A grip and a head."""
    return [box(0.4, 0, 0.2, 0.6, 0.45, 0.8, DARK), ball(0, 0.4, 0.2, 1, 1, 0.8, (230, 220, 120))]


def egg_cracked(thing: Thing) -> list[Part]:
    """White with a yolk."""
    return [cylinder(0, 0, 0, 1, 0.5, 1, tint(thing, (244, 244, 236))),
            ball(0.3, 0.3, 0.3, 0.7, 1.2, 0.7, tint(thing, (250, 190, 40)))]


MAKERS: dict[str, Maker] = {
    "Apple": orb((200, 40, 36), (90, 60, 30)), "AppleSliced": disc((244, 232, 190)),
    "Tomato": orb((214, 50, 30), (70, 130, 50)),
    "TomatoSliced": disc((226, 80, 60)), "Potato": orb((180, 140, 86)), "PotatoSliced": disc((236, 216, 150)),
    "Egg": orb((240, 226, 204)), "EggCracked": egg_cracked, "Lettuce": orb((110, 170, 60)),
    "LettuceSliced": disc((150, 200, 96)), "Bread": bread, "BreadSliced": block((226, 190, 130)),
    "Mug": mug, "Cup": bowl, "Bowl": bowl, "Plate": plate, "Pan": pan, "Pot": pot, "Kettle": kettle,
    "WineBottle": bottle((40, 76, 46)), "Bottle": bottle((110, 160, 180)), "SoapBottle": bottle((230, 150, 60)),
    "SprayBottle": bottle((90, 140, 210)), "SaltShaker": shaker((240, 240, 240)), "PepperShaker": shaker((70, 62, 56)),
    "Fork": tool(STEEL, STEEL), "Spoon": tool(STEEL, STEEL), "Knife": tool((40, 36, 34), STEEL, wide=False),
    "ButterKnife": tool(STEEL, STEEL, wide=False), "Spatula": tool((60, 56, 54), (40, 40, 44)),
    "Ladle": tool(STEEL, STEEL), "DishSponge": block((240, 220, 80)), "Cloth": block((150, 190, 210)),
    "Towel": block((206, 150, 150)), "HandTowel": block((160, 190, 160)), "Laptop": laptop, "Book": book,
    "Box": carton, "CellPhone": phone, "AlarmClock": clock, "Candle": candle, "TeddyBear": teddy, "Statue": statue,
    "Vase": vase, "PaperTowelRoll": roll, "ToiletPaper": roll, "TissueBox": tissue, "WateringCan": can,
    "Plunger": stick((170, 120, 70), (140, 40, 36)), "ScrubBrush": stick((220, 220, 226), (90, 150, 190)),
    "TennisRacket": racket, "BasketBall": orb((222, 120, 50)), "Pillow": orb((214, 204, 190)),
    "BaseballBat": stick((190, 140, 90), (190, 140, 90), foot_height=0.55), "Newspaper": block((206, 204, 196)),
    "RemoteControl": tool(DARK, (60, 60, 66), wide=False), "KeyChain": tool((210, 170, 60), STEEL),
    "CreditCard": block((60, 110, 180)), "Watch": disc((60, 56, 50)), "CD": disc((200, 206, 220)),
    "Pen": block((30, 50, 140)), "Pencil": block((230, 180, 50)), "SoapBar": block((236, 220, 206)),
    "AluminumFoil": block((196, 200, 206)), "Boots": block((90, 60, 40)), "Dumbbell": block((70, 70, 76)),
    "Footstool": block((150, 110, 90)), "TableTopDecor": orb((160, 190, 200)), "GarbageBag": orb((40, 40, 44)),
    "VacuumCleaner": stick(DARK, (170, 50, 50)),
}
"""What can be carried, by type."""
