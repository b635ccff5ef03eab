"""Shapes of what is built in, plugged in or hung up: kitchen and bathroom appliances, lamps, windows."""

from __future__ import annotations

from fleetmind.simulators.household.shapes.furniture import DARK, STEEL, WHITE
from fleetmind.simulators.household.shapes.parts import (
    RGB,
    Maker,
    Part,
    ball,
    box,
    cylinder,
    local_size,
    pick,
    share,
    tube,
)
from fleetmind.simulators.household.things import Thing

WARM: RGB = (255, 236, 170)
WATER: RGB = (120, 170, 220)


def fridge(thing: Thing) -> list[Part]:
    """A tall white box; the open door stands out at the side and shows the shelves."""
    w, h, d = local_size(thing)
    rgb: RGB = (214, 218, 222)
    t, tv = share(0.04, w), share(0.05, d)
    parts = [box(0, 0, 0, 1, 1, tv, rgb), box(0, 0, 0, t, 1, 1 - tv, rgb), box(1 - t, 0, 0, 1, 1, 1 - tv, rgb),
             box(0, 0, 0, 1, share(0.05, h), 1 - tv, rgb), box(0, 1 - share(0.04, h), 0, 1, 1, 1 - tv, rgb)]
    parts += [box(t, y - 0.012, tv, 1 - t, y, 0.88, (190, 205, 212)) for y in (0.22, 0.42, 0.64, 0.82)]
    if thing.is_open:
        return [*parts, box(-t, 0.02, 1 - tv, 0, 0.98, 1 - tv + 0.95 * (w / d) * thing.openness, rgb)]
    handle = 1 + share(0.04, d)
    return [*parts, box(0, 0.02, 1 - tv, 1, 0.64, 1, rgb), box(0, 0.655, 1 - tv, 1, 0.98, 1, rgb),
            box(0.88, 0.3, 1, 0.92, 0.6, handle, STEEL), box(0.88, 0.69, 1, 0.92, 0.9, handle, STEEL)]


def microwave(thing: Thing) -> list[Part]:
    """A dark-fronted box with a panel at the right."""
    rgb: RGB = (120, 122, 126)
    inside: RGB = (255, 220, 120) if thing.toggled else (210, 210, 206)
    parts = [box(0, 0, 0, 1, 1, 0.06, inside, thing.toggled), box(0, 0, 0, 0.06, 1, 0.96, rgb),
             box(0, 0, 0, 1, 0.08, 0.96, rgb), box(0, 0.93, 0, 1, 1, 0.96, rgb), box(0.78, 0, 0, 1, 1, 1, rgb),
             box(0.82, 0.2, 1, 0.96, 0.8, 1.02, (40, 190, 90) if thing.toggled else DARK, thing.toggled)]
    if thing.is_open:
        return [*parts, box(-0.05, 0.04, 0.96, 0, 0.96, 0.96 + 0.9 * thing.openness, DARK)]
    window: RGB = (250, 200, 90) if thing.toggled else (40, 42, 46)
    return [*parts, box(0.02, 0.05, 0.96, 0.77, 0.95, 1, window, thing.toggled)]


def toaster(thing: Thing) -> list[Part]:
    """A steel block with two slots."""
    slot: RGB = (230, 90, 30) if thing.toggled else DARK
    return [box(0, 0.08, 0, 1, 0.98, 1, STEEL), box(0.1, 0.97, 0.2, 0.9, 1, 0.4, slot, thing.toggled),
            box(0.1, 0.97, 0.6, 0.9, 1, 0.8, slot, thing.toggled), box(1, 0.5, 0.4, 1.06, 0.65, 0.6, DARK)]


def coffee_machine(thing: Thing) -> list[Part]:
    """A dark C-shape with room for a mug."""
    light: RGB = (60, 220, 90) if thing.toggled else (160, 40, 40)
    return [box(0, 0, 0, 1, 0.1, 1, DARK), box(0, 0.1, 0, 1, 1, 0.45, DARK), box(0, 0.68, 0.45, 1, 1, 1, DARK),
            box(0.42, 0.8, 1, 0.58, 0.9, 1.02, light, True), cylinder(0.44, 0.62, 0.66, 0.56, 0.68, 0.78, STEEL)]


def basin(rgb: RGB) -> Maker:
    """A hollow block; water stands in it where a tap runs."""
    def make(thing: Thing) -> list[Part]:
        w, h, d = local_size(thing)
        tu, tv, ty = share(0.03, w), share(0.03, d), share(0.02, h)
        return [box(0, 0, 0, 1, ty, 1, rgb), box(0, 0, 0, tu, 1, 1, rgb), box(1 - tu, 0, 0, 1, 1, 1, rgb),
                box(0, 0, 0, 1, 1, tv, rgb), box(0, 0, 1 - tv, 1, 1, 1, rgb)]
    return make


def faucet(thing: Thing) -> list[Part]:
    """A post with a spout; water falls when it runs."""
    parts = [cylinder(0.2, 0, 0, 0.8, 1, 0.3, STEEL), box(0.3, 0.85, 0.1, 0.7, 1, 1, STEEL)]
    return [*parts, cylinder(0.35, -0.5, 0.8, 0.65, 0.85, 0.98, WATER)] if thing.toggled else parts


def burner(thing: Thing) -> list[Part]:
    """A flat ring that glows when lit."""
    rgb: RGB = (240, 90, 30) if thing.toggled else (50, 50, 52)
    return [cylinder(0, 0, 0, 1, 1, 1, rgb, thing.toggled)]


def knob(thing: Thing) -> list[Part]:
    """A knob with a mark."""
    return [ball(0, 0, 0, 1, 1, 1, (210, 60, 40) if thing.toggled else DARK)]


def toilet(thing: Thing) -> list[Part]:
    """A bowl, a lid and a tank."""
    parts = [box(0.05, 0.45, 0, 0.95, 1, 0.28, WHITE), cylinder(0.08, 0, 0.25, 0.92, 0.5, 1, WHITE)]
    if thing.is_open:
        return [*parts, box(0.1, 0.5, 0.28, 0.9, 0.95, 0.33, WHITE),
                cylinder(0.25, 0.5, 0.4, 0.75, 0.505, 0.9, WATER)]
    return [*parts, cylinder(0.06, 0.5, 0.25, 0.94, 0.54, 1, (216, 218, 220))]


def television(thing: Thing) -> list[Part]:
    """A flat screen on a foot."""
    screen: RGB = (70, 140, 220) if thing.toggled else (24, 24, 28)
    return [box(0, 0.08, 0.3, 1, 1, 0.7, (30, 30, 32)), box(0.02, 0.11, 0.7, 0.98, 0.97, 0.74, screen, thing.toggled),
            box(0.3, 0, 0, 0.7, 0.03, 1, DARK), box(0.46, 0, 0.35, 0.54, 0.1, 0.65, DARK)]


def lamp(thing: Thing) -> list[Part]:
    """A foot, a pole and a shade."""
    w, h, _ = local_size(thing)
    shade: RGB = WARM if thing.toggled else (196, 184, 160)
    pole = share(0.03, w)
    return [cylinder(0.2, 0, 0.2, 0.8, share(0.03, h), 0.8, DARK),
            cylinder(0.5 - pole / 2, 0, 0.5 - pole / 2, 0.5 + pole / 2, 0.75, 0.5 + pole / 2, STEEL),
            cylinder(0, 0.72, 0, 1, 1, 1, shade, thing.toggled)]


def switch(thing: Thing) -> list[Part]:
    """A plate with a rocker."""
    y = 0.5 if thing.toggled else 0.2
    rgb: RGB = (250, 210, 80) if thing.toggled else DARK
    return [box(0, 0, 0, 1, 1, 0.5, WHITE), box(0.3, y, 0.5, 0.7, y + 0.3, 1, rgb)]


def window(thing: Thing) -> list[Part]:
    """A frame and sky."""
    return [box(0, 0, 0, 1, 1, 0.6, WHITE), box(0.06, 0.06, 0.6, 0.94, 0.94, 0.7, (170, 206, 240), True),
            box(0.48, 0, 0.6, 0.52, 1, 1, WHITE)]


def picture(thing: Thing) -> list[Part]:
    """A framed picture."""
    w, h, _ = local_size(thing)
    rgb = pick(thing, ((96, 140, 170), (176, 120, 80), (110, 150, 100), (170, 90, 110)))
    u, y = share(0.05, w), share(0.05, h)
    return [box(0, 0, 0, 1, 1, 0.7, (90, 64, 40)), box(u, y, 0.7, 1 - u, 1 - y, 1, rgb),
            box(0.3, 0.2, 1, 0.6, 0.55, 1.02, (236, 210, 140))]


def mirror(thing: Thing) -> list[Part]:
    """A framed pale pane."""
    return [box(0, 0, 0, 1, 1, 0.6, STEEL),
            box(0.04, 0.04, 0.6, 0.96, 0.96, 1, (150, 160, 150) if thing.dirty else (196, 216, 226))]


def cloth_panel(thing: Thing) -> list[Part]:
    """A hanging sheet; drawn aside when open."""
    rgb = pick(thing, ((190, 200, 214), (206, 188, 170), (170, 196, 180)))
    width = 1 - 0.75 * thing.openness
    return [box(0, 0, 0.2, width, 1, 0.8, rgb)]


def pane(thing: Thing) -> list[Part]:
    """A glass door's frame."""
    glass: RGB = (190, 214, 222)
    return [box(0, 0, 0, 0.04, 1, 1, glass), box(0.96, 0, 0, 1, 1, 1, glass), box(0, 0.97, 0, 1, 1, 1, glass),
            box(0, 0, 0, 1, 0.03, 1, glass)]


def bar(thing: Thing) -> list[Part]:
    """A rail on the wall."""
    return [box(0, 0.3, 0.4, 1, 0.7, 0.7, STEEL), box(0, 0, 0, 0.06, 1, 0.5, STEEL), box(0.94, 0, 0, 1, 1, 0.5, STEEL)]


def shower_head(thing: Thing) -> list[Part]:
    """A rose on an arm."""
    parts = [box(0.4, 0.7, 0, 0.6, 0.9, 0.7, STEEL), cylinder(0.1, 0.4, 0.4, 0.9, 0.7, 1, STEEL)]
    return [*parts, cylinder(0.3, -3.5, 0.55, 0.7, 0.4, 0.85, WATER)] if thing.toggled else parts


def bin_(thing: Thing) -> list[Part]:
    """An open bin."""
    return [tube(0, 0, 0, 1, 1, 1, pick(thing, ((86, 92, 98), (60, 96, 84), (130, 132, 136))))]


def plant(thing: Thing) -> list[Part]:
    """A pot with leaves."""
    return [cylinder(0.2, 0, 0.2, 0.8, 0.38, 0.8, (170, 100, 70)), ball(0.05, 0.35, 0.05, 0.95, 1, 0.95, (70, 130, 60)),
            ball(0.0, 0.5, 0.3, 0.5, 0.85, 0.8, (84, 148, 70))]


def floor(thing: Thing) -> list[Part]:
    """Nothing: the room draws its own floor."""
    return []


MAKERS: dict[str, Maker] = {
    "Fridge": fridge, "Microwave": microwave, "Toaster": toaster, "CoffeeMachine": coffee_machine,
    "Sink": basin((206, 208, 210)), "SinkBasin": basin(STEEL), "Bathtub": basin(WHITE),
    "BathtubBasin": basin((220, 226, 230)), "Faucet": faucet, "StoveBurner": burner, "StoveKnob": knob,
    "Toilet": toilet, "Television": television, "Desktop": television, "FloorLamp": lamp, "DeskLamp": lamp,
    "LightSwitch": switch, "Window": window, "Painting": picture, "Poster": picture, "Mirror": mirror,
    "Blinds": cloth_panel, "Curtains": cloth_panel, "ShowerCurtain": cloth_panel, "ShowerDoor": pane,
    "ShowerGlass": pane, "TowelHolder": bar, "HandTowelHolder": bar, "ToiletPaperHanger": bar,
    "ShowerHead": shower_head, "GarbageCan": bin_, "LaundryHamper": bin_, "HousePlant": plant, "RoomDecor": plant,
    "Floor": floor,
}
"""Appliances and fittings by type."""
