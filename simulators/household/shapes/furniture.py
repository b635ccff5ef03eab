"""Shapes of furniture and of what hides things: tables, seats, cabinets, drawers, beds."""

from __future__ import annotations

from fleetmind.simulators.household.shapes.parts import RGB, Maker, Part, box, cylinder, local_size, pick, share
from fleetmind.simulators.household.things import Thing

WOODS: tuple[RGB, ...] = ((150, 104, 62), (176, 132, 84), (118, 78, 48), (196, 160, 112))
FABRICS: tuple[RGB, ...] = ((96, 112, 140), (140, 92, 84), (104, 122, 96), (120, 110, 104), (168, 150, 120))
WHITE: RGB = (232, 232, 228)
STEEL: RGB = (176, 180, 186)
DARK: RGB = (58, 58, 62)
FRONTS: tuple[RGB, ...] = ((226, 220, 206), (206, 214, 218), (188, 150, 108))


def table(thing: Thing) -> list[Part]:
    """A top on four legs."""
    w, h, d = local_size(thing)
    rgb = pick(thing, WOODS)
    top, lu, lv = 1 - share(0.04, h), share(0.06, w), share(0.06, d)
    return [box(0, top, 0, 1, 1, 1, rgb)] + [
        box(u, 0, v, u + lu, top, v + lv, rgb) for u in (0.02, 0.98 - lu) for v in (0.02, 0.98 - lv)]


def case(thing: Thing) -> list[Part]:
    """A chest whose front is left to its drawers."""
    w, h, d = local_size(thing)
    rgb = pick(thing, WOODS)
    tu, ty, tv = share(0.025, w), share(0.03, h), share(0.02, d)
    return [
        box(0, 1 - ty, 0, 1, 1, 1, rgb), box(0, 0, 0, 1, ty, 0.96, rgb), box(0, 0, 0, tu, 1, 0.97, rgb),
        box(1 - tu, 0, 0, 1, 1, 0.97, rgb), box(0, 0, 0, 1, 1, tv, rgb)]


def desk(thing: Thing) -> list[Part]:
    """A top, two side panels and a back; drawers of its own fill the space."""
    w, h, d = local_size(thing)
    rgb = pick(thing, WOODS)
    top, tu = 1 - share(0.04, h), share(0.03, w)
    return [box(0, top, 0, 1, 1, 1, rgb), box(0, 0, 0.05, tu, top, 0.95, rgb),
            box(1 - tu, 0, 0.05, 1, top, 0.95, rgb), box(0, 0.4, 0, 1, top, share(0.02, d), rgb)]


def chair(thing: Thing) -> list[Part]:
    """A seat, a back and four legs."""
    rgb = pick(thing, WOODS)
    legs = [box(u, 0, v, u + 0.1, 0.46, v + 0.1, rgb) for u in (0.03, 0.87) for v in (0.03, 0.87)]
    return [box(0, 0.45, 0, 1, 0.5, 1, rgb), box(0.03, 0.5, 0, 0.97, 1, 0.09, rgb), *legs]


def stool(thing: Thing) -> list[Part]:
    """A round seat on a post."""
    rgb = pick(thing, WOODS)
    return [cylinder(0, 0.93, 0, 1, 1, 1, rgb), cylinder(0.4, 0.05, 0.4, 0.6, 0.93, 0.6, STEEL),
            cylinder(0.1, 0, 0.1, 0.9, 0.05, 0.9, STEEL)]


def sofa(thing: Thing) -> list[Part]:
    """A seat, a back and two arms."""
    w, _, _ = local_size(thing)
    rgb = pick(thing, FABRICS)
    dark: RGB = (rgb[0] * 4 // 5, rgb[1] * 4 // 5, rgb[2] * 4 // 5)
    arm = share(0.2, w, 0.2)
    return [box(0, 0.08, 0.28, 1, 0.52, 1, rgb), box(0, 0.08, 0, 1, 1, 0.3, dark),
            box(0, 0.08, 0, arm, 0.7, 1, dark), box(1 - arm, 0.08, 0, 1, 0.7, 1, dark)]


def cushion(thing: Thing) -> list[Part]:
    """An upholstered block."""
    return [box(0, 0.15, 0, 1, 1, 1, pick(thing, FABRICS)), box(0.08, 0, 0.08, 0.92, 0.15, 0.92, DARK)]


def bed(thing: Thing) -> list[Part]:
    """A frame, a mattress with a blanket and a headboard."""
    blanket: RGB = (150, 140, 110) if thing.dirty else pick(thing, ((120, 142, 176), (176, 128, 120), (134, 160, 140)))
    return [box(0, 0.1, 0, 1, 0.45, 1, pick(thing, WOODS)), box(0.02, 0.45, 0.03, 0.98, 0.82, 0.98, WHITE),
            box(0.015, 0.6, 0.32, 0.985, 0.85, 0.985, blanket), box(0, 0.1, 0, 1, 1, 0.03, pick(thing, WOODS))]


def cabinet(thing: Thing) -> list[Part]:
    """A box with a door; the open door stands out at the side."""
    w, h, d = local_size(thing)
    rgb = FRONTS[0] if thing.lo[1] < 1.0 else FRONTS[1]
    tu, ty, tv = share(0.02, w), share(0.02, h), share(0.02, d)
    inner: RGB = (170, 160, 146)
    parts = [
        box(0, 0, 0, 1, 1, tv, inner), box(0, 0, 0, tu, 1, 1 - tv, inner), box(1 - tu, 0, 0, 1, 1, 1 - tv, inner),
        box(0, 0, 0, 1, ty, 1 - tv, inner), box(0, 1 - ty, 0, 1, 1, 1 - tv, inner),
        box(tu, 0.5 - ty / 2, tv, 1 - tu, 0.5 + ty / 2, 0.9, inner)]
    if not thing.is_open:
        return [*parts, box(0.01, 0.01, 1 - tv, 0.99, 0.99, 1, rgb),
                box(0.8, 0.42, 1, 0.86, 0.58, 1 + share(0.02, d), STEEL)]
    swing = 1 - tv + (w / d) * 0.9 * thing.openness
    return [*parts, box(-tu, 0.01, 1 - tv, 0, 0.99, swing, rgb)]


def drawer(thing: Thing) -> list[Part]:
    """A tray with a front and a handle."""
    w, h, d = local_size(thing)
    tu, tv = share(0.015, w), share(0.015, d)
    rgb = FRONTS[0]
    inner: RGB = (180, 168, 150)
    return [
        box(0, 0, 0, 1, 0.06, 1 - tv, inner), box(0, 0, 0, tu, 0.8, 1, inner), box(1 - tu, 0, 0, 1, 0.8, 1, inner),
        box(0, 0, 0, 1, 0.8, tv, inner), box(0, 0.01, 1 - tv, 1, 0.99, 1, rgb),
        box(0.35, 0.55, 1, 0.65, 0.55 + share(0.03, h), 1 + share(0.02, d), STEEL)]


def worktop(thing: Thing) -> list[Part]:
    """A slab with holes for its sinks."""
    rgb: RGB = (120, 116, 112)
    if not thing.holes:
        return [box(0, 0, 0, 1, 1, 1, rgb)]
    x0, z0, x1, z1 = _hole(thing)
    cuts = [(0.0, 0.0, 1.0, z0), (0.0, z1, 1.0, 1.0), (0.0, z0, x0, z1), (x1, z0, 1.0, z1)]
    return [box(u0, 0, v0, u1, 1, v1, rgb) for u0, v0, u1, v1 in cuts if u1 > u0 and v1 > v0]


def _hole(thing: Thing) -> tuple[float, float, float, float]:
    """The first hole as fractions (u0, v0, u1, v1) seen from the front."""
    x0, z0, x1, z1 = thing.holes[0]
    width, depth = thing.size[0], thing.size[2]
    a0, a1 = (x0 - thing.lo[0]) / width, (x1 - thing.lo[0]) / width
    b0, b1 = (z0 - thing.lo[2]) / depth, (z1 - thing.lo[2]) / depth
    turn = round(thing.yaw / 90) % 4
    if turn == 0:
        return (a0, b0, a1, b1)
    if turn == 1:
        return (1 - b1, a0, 1 - b0, a1)
    if turn == 2:
        return (1 - a1, 1 - b1, 1 - a0, 1 - b0)
    return (b0, 1 - a1, b1, 1 - a0)


def shelf(thing: Thing) -> list[Part]:
    """A board."""
    return [box(0, 0, 0, 1, 1, 1, pick(thing, WOODS))]


def rack(thing: Thing) -> list[Part]:
    """Two side boards and a back; its shelves are things of their own."""
    w, _, d = local_size(thing)
    rgb = pick(thing, WOODS)
    tu = share(0.02, w)
    return [box(0, 0, 0, tu, 1, 1, rgb), box(1 - tu, 0, 0, 1, 1, 1, rgb), box(0, 0, 0, 1, 1, share(0.015, d), rgb),
            box(0, 0.99, 0, 1, 1, 1, rgb)]


def safe(thing: Thing) -> list[Part]:
    """A steel box with a door."""
    rgb: RGB = (90, 94, 98)
    parts = [box(0, 0, 0, 1, 1, 0.08, rgb), box(0, 0, 0, 0.08, 1, 0.94, rgb), box(0.92, 0, 0, 1, 1, 0.94, rgb),
             box(0, 0, 0, 1, 0.08, 0.94, rgb), box(0, 0.92, 0, 1, 1, 0.94, rgb)]
    if thing.is_open:
        return [*parts, box(-0.05, 0.02, 0.94, 0, 0.98, 0.94 + 0.9 * thing.openness, rgb)]
    return [*parts, box(0.02, 0.02, 0.94, 0.98, 0.98, 1, rgb), cylinder(0.4, 0.4, 0.99, 0.6, 0.6, 1.04, STEEL)]


MAKERS: dict[str, Maker] = {
    "DiningTable": table, "CoffeeTable": table, "SideTable": table, "TVStand": table, "Desk": desk,
    "Dresser": case, "Chair": chair, "Stool": stool, "Footstool": cushion, "Sofa": sofa, "ArmChair": sofa,
    "Ottoman": cushion, "DogBed": cushion, "Bed": bed, "Cabinet": cabinet, "Drawer": drawer,
    "CounterTop": worktop, "Shelf": shelf, "ShelvingUnit": rack, "Safe": safe,
}
"""Furniture by type."""
