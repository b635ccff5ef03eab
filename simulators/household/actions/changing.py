"""Actions that change what an object is like: slice, break, cook, dirty, clean, fill, empty, use up."""

from __future__ import annotations

from fleetmind.simulators.household.actions.registry import OK, Outcome, Scene, action, failed
from fleetmind.simulators.household.actions.targets import target
from fleetmind.simulators.household.state import Agent
from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.household.types import LIQUIDS, SLICES, object_type


@action("SliceObject", cost="manipulate", loose=True, settles=True)
def slice_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Cut up; the pieces are new objects, the source is no longer there."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.sliceable or thing.type not in SLICES:
        return failed(f"{thing.name} Does not have the CanBeSliced property!")
    if thing.held_by is not None:
        return failed("target object cannot be sliced if it is in the agent's hand")
    return Outcome(success=True, value=[piece.id for piece in split(scene, thing)])


def split(scene: Scene, thing: Thing) -> list[Thing]:
    """Replace a thing by its pieces, in a row where it lay."""
    kind_name, count = SLICES[thing.type]
    kind = object_type(kind_name)
    parent, (x, _, z) = thing.parent, thing.center
    along_x = thing.size[0] >= thing.size[2]
    span = thing.size[0] if along_x else thing.size[2]
    pieces = []
    for index in range(count):
        # Pieces lie spread over the place of the whole, so they do not need room of their own.
        off = ((index + 0.5) / count - 0.5) * span
        cx, cz = (x + off, z) if along_x else (x, z + off)
        w, h, d = kind.size
        low = thing.lo[1]
        piece = Thing(
            id=f"{thing.id}|{kind_name}_{index}", kind=kind, lo=(cx - w / 2, low, cz - d / 2),
            hi=(cx + w / 2, low + h, cz + d / 2), origin=(cx, low, cz), yaw=thing.yaw, room=thing.room,
            cooked=thing.cooked and kind.cookable, source=thing.source or thing.id, temperature=thing.temperature,
            expires_s=thing.expires_s)
        scene.state.add(piece)
        if parent is not None:
            scene.state.attach(piece, parent)
        pieces.append(piece)
    scene.state.detach(thing)
    thing.sliced = True
    thing.active = False
    return pieces


@action("BreakObject", cost="manipulate", loose=True, settles=True)
def break_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Break; an egg is cracked."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.breakable:
        return failed(f"{thing.name} does not have the CanBreak property!!")
    break_thing(scene, thing)
    return OK


def break_thing(scene: Scene, thing: Thing) -> None:
    """Break something breakable; what it held stays where it is."""
    if thing.type == "Egg" and thing.held_by is None:
        split(scene, thing)
        return
    thing.broken = True
    thing.toggled = False
    thing.liquid = None


@action("CookObject", cost="manipulate", loose=True)
def cook_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Cook."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.cookable:
        return failed("target object is not cookable")
    if thing.cooked:
        return failed(f"{objectId} is already Toasted!")
    thing.cooked = True
    return OK


@action("DirtyObject", cost="manipulate", loose=True)
def dirty_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Make dirty."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.dirtyable:
        return failed(f"{thing.name} does not have CanBeDirty property!")
    if thing.dirty:
        return failed(f"{thing.name} is already dirty!")
    thing.dirty = True
    return OK


@action("CleanObject", cost="manipulate", loose=True)
def clean_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Make clean."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.dirtyable:
        return failed(f"{thing.name} does not have dirtyable property!")
    if not thing.dirty:
        return failed(f"{thing.name} is already Clean!")
    thing.dirty = False
    return OK


@action("FillObjectWithLiquid", cost="manipulate", loose=True)
def fill_object_with_liquid(scene: Scene, agent: Agent, *, objectId: str, fillLiquid: str | None = None,
                            forceAction: bool = False) -> Outcome:
    """Fill with water, coffee or wine."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if fillLiquid is None:
        return failed("Missing Liquid string for FillObject action")
    if not thing.kind.fillable:
        return failed(f"{thing.name} does not have CanBeFilled property!")
    if fillLiquid not in LIQUIDS:
        return failed(f"{fillLiquid} is not a valid Liquid Type")
    if thing.liquid is not None:
        return failed(f"{thing.name} is already Filled!")
    thing.liquid = fillLiquid
    return OK


@action("EmptyLiquidFromObject", cost="manipulate", loose=True, settles=True)
def empty_liquid_from_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Pour out."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.fillable:
        return failed(f"{thing.name} does not have CanBeFilled property!")
    if thing.liquid is None:
        return failed("object already empty")
    thing.liquid = None
    return OK


@action("UseUpObject", cost="manipulate", loose=True)
def use_up_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Use up, e.g. a paper roll."""
    thing = target(scene, agent, objectId, force=forceAction)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.used_up:
        return failed(f"{thing.name} does not have CanBeUsedUp property!")
    if thing.used_up:
        return failed("object already used up!")
    thing.used_up = True
    return OK
