"""Changes of a scene before the episode: `SceneSpec.setup`."""

from __future__ import annotations

from collections.abc import Sequence

from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.household.contextual import settle
from fleetmind.simulators.household.placing import find_place, place
from fleetmind.simulators.household.reach import bring_in_reach, rename
from fleetmind.simulators.household.state import Household, Room
from fleetmind.simulators.household.things import NEVER, Thing
from fleetmind.simulators.household.types import LIQUIDS, object_type
from fleetmind.simulators.world import Setup


def apply(state: Household, setup: Sequence[Setup]) -> None:
    """Apply changes in order.

    Raises:
        WorldError: WORLD_SCENE when one cannot be made; the caller throws the scene away.
    """
    before = {t.id: t.center for t in state.things.values()}
    for change in setup:
        object_type(change.type)
        if change.op == "remove":
            for thing in _of_type(state, change.type, change.room):
                if thing.id in state.things:
                    state.remove(thing)
        elif change.op == "ensure":
            _ensure(state, change)
        else:
            _set_states(state, change)
    moved = [t for t in state.things.values() if before.get(t.id) != t.center]
    if moved:
        bring_in_reach(state, moved)
    settle(state)


def set_state(state: Household, thing: Thing, key: str, value: bool | str) -> None:
    """Set one state of a thing by AI2-THOR's metadata key.

    Raises:
        WorldError: WORLD_SCENE when the thing has no such state or the value is none of it.
    """
    kind = thing.kind
    flags = {
        "isToggled": ("toggled", kind.toggleable), "isBroken": ("broken", kind.breakable),
        "isDirty": ("dirty", kind.dirtyable), "isUsedUp": ("used_up", kind.used_up),
        "isCooked": ("cooked", kind.cookable)}
    if key in flags and isinstance(value, bool):
        attribute, able = flags[key]
        if able:
            setattr(thing, attribute, value)
            for burner in thing.controls if key == "isToggled" else []:
                burner.toggled = value
            return
    elif key == "isOpen" and isinstance(value, bool) and kind.openable:
        state.set_openness(thing, 1.0 if value else 0.0)
        return
    elif key == "isFilledWithLiquid" and isinstance(value, bool) and kind.fillable:
        thing.liquid = "water" if value else None
        return
    elif key == "fillLiquid" and value in LIQUIDS and kind.fillable:
        thing.liquid = str(value)
        return
    elif key == "temperature" and value in ("RoomTemp", "Hot", "Cold"):
        thing.temperature = "Hot" if value == "Hot" else "Cold" if value == "Cold" else "RoomTemp"
        thing.expires_s = NEVER
        return
    raise WorldError("WORLD_SCENE", f"setup: {key}={value!r} is no state of {thing.type}; see its metadata")


def _of_type(state: Household, kind: str, room: str | None) -> list[Thing]:
    rooms = {r.id for r in state.rooms if room is None or r.type == room}
    return [t for t in state.things.values() if t.type == kind and t.active and t.room in rooms]


def _set_states(state: Household, change: Setup) -> None:
    """`state`: on all of the type, or on `count` when that was given."""
    found = _of_type(state, change.type, change.room)
    if change.at is not None:
        holders = _receptacles(state, change.at, None)
        found = [t for t in found if any(a in holders for a in t.ancestors())]
    if not found:
        raise WorldError("WORLD_SCENE", f"setup: there is no {change.type!r} to change; add an `ensure` before it")
    if "count" in change.model_fields_set:
        found = found[: change.count]
    for thing in found:
        for key, value in change.states.items():
            set_state(state, thing, key, value)


def _ensure(state: Household, change: Setup) -> None:
    """`ensure`: take existing ones first (moved when they are elsewhere), then create."""
    kind = object_type(change.type)
    if not kind.pickupable:
        _ensure_fixed(state, change)
        return
    holders = _receptacles(state, change.at, change.room)
    if not holders:
        raise WorldError("WORLD_SCENE", f"setup: no receptacle {change.at!r} in room {change.room!r}")
    existing = _of_type(state, change.type, None)
    if change.at is None and change.room is None:
        chosen = existing[: change.count]
    else:
        chosen = [t for t in existing if any(a in holders for a in t.ancestors())][: change.count]
        spare = [t for t in existing if t not in chosen]
        for thing in spare[: change.count - len(chosen)]:
            _put(state, thing, holders, change)
            chosen.append(thing)
    while len(chosen) < change.count:
        chosen.append(_create(state, change, holders))
    for thing in chosen:
        for key, value in change.states.items():
            set_state(state, thing, key, value)


def _ensure_fixed(state: Household, change: Setup) -> None:
    """Furniture is built in: it is there or the scene is another one."""
    found = _of_type(state, change.type, change.room)
    if len(found) < change.count or change.at is not None:
        where = f" in room {change.room!r}" if change.room else ""
        raise WorldError("WORLD_SCENE", f"setup: {state.name} has {len(found)} {change.type!r}{where}, and furniture "
                                        f"cannot be added or moved; choose a scene that has {change.count}")
    for thing in found[: change.count]:
        for key, value in change.states.items():
            set_state(state, thing, key, value)


def _create(state: Household, change: Setup, holders: list[Thing]) -> Thing:
    kind = object_type(change.type)
    w, h, d = kind.size
    thing = Thing(id="", kind=kind, lo=(0, 0, 0), hi=(w, h, d), origin=(w / 2, 0, d / 2), asset=f"{kind.name}_1")
    _put(state, thing, holders, change)
    rename(state, thing)
    return thing


def _put(state: Household, thing: Thing, holders: list[Thing], change: Setup) -> None:
    """Put a thing in or on the first receptacle that takes it."""
    order = list(holders)
    if change.at is None:
        order = [h for h in order if h.type in thing.kind.fits and h.type != "Floor"] or order
        state.rng.shuffle(order)
    for holder in order:
        if holder is thing or thing in holder.ancestors():
            continue
        where = find_place(state, thing, holder, rng=state.rng)
        if where is not None:
            place(state, thing, holder, where)
            return
    raise WorldError("WORLD_SCENE", f"setup: no room for {change.type!r} at {change.at!r}; remove something first")


def _receptacles(state: Household, at: str | None, room: str | None) -> list[Thing]:
    """Receptacles by type or exact id, in a room of that type."""
    rooms: dict[str, Room] = {r.id: r for r in state.rooms}
    found = []
    for thing in state.things.values():
        if not thing.kind.receptacle or not thing.active or (room is not None and rooms[thing.room].type != room):
            continue
        if at is None:
            if not thing.kind.pickupable:
                found.append(thing)
        elif at in (thing.type, thing.id):
            found.append(thing)
    return found
