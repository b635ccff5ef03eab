"""Scenes from dumps of AI2-THOR object metadata: `{objectId: metadata}` with the 42 keys of 5.0.0."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.household.state import WALL_HEIGHT_M, Box, Household, Room
from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.household.types import ObjectType, Vec, object_types

MAX_BYTES = 64 * 1024 * 1024
MAX_OBJECTS = 5000
NOT_SOLID = frozenset({"CounterTop", "Floor", "Drawer", "Shelf", "Window", "Painting", "Poster", "Mirror", "Blinds",
                       "Curtains", "LightSwitch", "StoveBurner", "StoveKnob", "Faucet", "SinkBasin", "Sink",
                       "BathtubBasin", "ShowerHead", "ShowerCurtain", "TowelHolder", "HandTowelHolder",
                       "ToiletPaperHanger"})
"""Never in a robot's way. Boxes of L-shaped worktops cover free floor; what is below them blocks by itself."""
_TALL_M = 1.3
_FLAGS = (("receptacle", "receptacle"), ("openable", "openable"), ("toggleable", "toggleable"),
          ("sliceable", "sliceable"), ("breakable", "breakable"), ("cookable", "cookable"),
          ("dirtyable", "dirtyable"), ("canFillWithLiquid", "fillable"), ("isHeatSource", "heat_source"),
          ("isColdSource", "cold_source"), ("pickupable", "pickupable"), ("moveable", "moveable"),
          ("canBeUsedUp", "used_up"))


def load(path: str, name: str) -> Household:
    """Read a dump as a scene, with the ids and places of the original.

    Args:
        path: JSON file.
        name: label of the scene.

    Raises:
        WorldError: WORLD_SCENE when the file is no dump.
    """
    rows = _rows(Path(path))
    things = [_thing(key, row) for key, row in rows.items()]
    room = _room(name, rows, things)
    state = Household(name=name, rooms=[room], walls=_walls(room))
    for thing in things:
        thing.room = room.id
        state.add(thing)
    _link(state, rows)
    return state


def _rows(path: Path) -> dict[str, dict[str, Any]]:
    """The file's content, checked for its outer form."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise WorldError("WORLD_SCENE", f"dump {str(path)!r} is over {MAX_BYTES} bytes; give one scene only")
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise WorldError("WORLD_SCENE", f"dump {str(path)!r} cannot be read ({error}); give a JSON file "
                         "{objectId: metadata} of AI2-THOR 5.0.0") from error
    if not isinstance(raw, dict) or not raw or not all(isinstance(v, dict) for v in raw.values()):
        raise WorldError("WORLD_SCENE", f"dump {str(path)!r} is not {{objectId: metadata}} of AI2-THOR 5.0.0")
    if len(raw) > MAX_OBJECTS:
        raise WorldError("WORLD_SCENE", f"dump {str(path)!r} has {len(raw)} objects; at most {MAX_OBJECTS}")
    return raw


def _thing(key: str, row: dict[str, Any]) -> Thing:
    """One object of the dump."""
    try:
        center, size = row["axisAlignedBoundingBox"]["center"], row["axisAlignedBoundingBox"]["size"]
        c: Vec = (_number(center["x"]), _number(center["y"]), _number(center["z"]))
        s: Vec = (_extent(size["x"]), _extent(size["y"]), _extent(size["z"]))
        at = row["position"]
        thing = Thing(
            id=key, kind=_kind(row, s),
            lo=(c[0] - s[0] / 2, c[1] - s[1] / 2, c[2] - s[2] / 2),
            hi=(c[0] + s[0] / 2, c[1] + s[1] / 2, c[2] + s[2] / 2),
            origin=(_number(at["x"]), _number(at["y"]), _number(at["z"])),
            yaw=_number(row["rotation"]["y"]) % 360, asset=str(row.get("assetId", "")))
        _read_states(thing, row)
    except (KeyError, TypeError, ValueError) as error:
        raise WorldError("WORLD_SCENE", f"dump: object {key!r} lacks or breaks {error}; it must have the 42 keys of "
                         "AI2-THOR 5.0.0") from error
    if not thing.kind.pickupable and thing.type not in NOT_SOLID and thing.lo[1] < _TALL_M and _wide(s):
        thing.footprint = (thing.lo[0], thing.lo[2], thing.hi[0], thing.hi[2])
    return thing


def _wide(size: Vec) -> bool:
    return min(size[0], size[2]) > 0.04 and size[1] > 0.05


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or abs(value) > 1e4:
        raise ValueError(f"{value!r} where a finite number of metres is due")
    return float(value)


def _extent(value: object) -> float:
    number = _number(value)
    if number < 0:
        raise ValueError(f"{number!r} where an extent is due")
    return max(number, 1e-3)


def _kind(row: dict[str, Any], size: Vec) -> ObjectType:
    """The type with the flags that this very object has."""
    name = str(row["objectType"])
    known = object_types().get(name)
    base = known if known is not None else ObjectType(name=name, size=size, mass=0.0)
    flags: dict[str, Any] = {ours: bool(row.get(theirs, False)) for theirs, ours in _FLAGS}
    materials = row.get("salientMaterials") or ()
    return replace(base, size=size, mass=_number(row.get("mass", 0.0)), materials=tuple(str(m) for m in materials),
                   **flags)


def _read_states(thing: Thing, row: dict[str, Any]) -> None:
    thing.openness = _number(row.get("openness", 0.0)) if row.get("isOpen") else 0.0
    thing.toggled = bool(row.get("isToggled", False))
    thing.broken = bool(row.get("isBroken", False))
    thing.dirty = bool(row.get("isDirty", False))
    thing.cooked = bool(row.get("isCooked", False))
    thing.used_up = bool(row.get("isUsedUp", False))
    thing.sliced = bool(row.get("isSliced", False))
    if row.get("isFilledWithLiquid"):
        thing.liquid = str(row.get("fillLiquid") or "water")
    if row.get("temperature") in ("Hot", "Cold"):
        thing.temperature = row["temperature"]


def _room(name: str, rows: dict[str, dict[str, Any]], things: list[Thing]) -> Room:
    """One room as large as all furniture; the dump holds no walls, and its floor reaches beyond them."""
    outer = ("Floor", "Window", "Curtains", "Blinds")
    solid = [t for t in things if not t.kind.pickupable and t.type not in outer] or things
    x0, z0 = min(t.lo[0] for t in solid), min(t.lo[2] for t in solid)
    x1, z1 = max(t.hi[0] for t in solid), max(t.hi[2] for t in solid)
    kind = _room_type(name, {str(r.get("objectType")) for r in rows.values()})
    return Room(id=f"{kind}|1", type=kind, x0=x0, z0=z0, x1=x1, z1=z1)


def _room_type(name: str, types: set[str]) -> str:
    """By AI2-THOR's scene number, else by what is in it."""
    number = re.search(r"FloorPlan(\d+)", name)
    if number is not None:
        hundred = int(number.group(1)) // 100
        return {0: "Kitchen", 2: "LivingRoom", 3: "Bedroom", 4: "Bathroom"}.get(hundred, "Room")
    for marker, kind in (("Fridge", "Kitchen"), ("Toilet", "Bathroom"), ("Bed", "Bedroom"), ("Sofa", "LivingRoom")):
        if marker in types:
            return kind
    return "Room"


def _walls(room: Room) -> list[Box]:
    h, t = WALL_HEIGHT_M, 0.05
    return [
        (room.x0 - t, 0.0, room.z0 - t, room.x1 + t, h, room.z0),
        (room.x0 - t, 0.0, room.z1, room.x1 + t, h, room.z1 + t),
        (room.x0 - t, 0.0, room.z0, room.x0, h, room.z1), (room.x1, 0.0, room.z0, room.x1 + t, h, room.z1)]


def _link(state: Household, rows: dict[str, dict[str, Any]]) -> None:
    """Who is in what, which knob lights which burner, which tap fills which basin."""
    for key, row in rows.items():
        thing = state.things[key]
        parents = [state.things[p] for p in row.get("parentReceptacles") or () if p in state.things and p != key]
        fixed = not thing.kind.pickupable
        parents = [p for p in parents if p.kind.receptacle and not (fixed and p.kind.pickupable)]
        if any(p.type == "Floor" for p in parents) and fixed:
            thing.on_floor = True
        parents = [p for p in parents if thing not in [p, *p.ancestors()] and not (fixed and p.type == "Floor")]
        if parents and (not fixed or parents[0].type != "Drawer"):
            state.attach(thing, min(parents, key=_volume))
        for burner in row.get("controlledObjects") or ():
            if burner in state.things:
                thing.controls.append(state.things[burner])
                state.things[burner].controlled_by = thing
                state.things[burner].toggled = thing.toggled
    for thing in state.things.values():
        if thing.type in ("SinkBasin", "BathtubBasin"):
            owner = state.things.get(thing.id.rsplit("|", 1)[0])
            if owner is not None and owner is not thing.parent and thing not in owner.ancestors():
                state.attach(thing, owner)
        if thing.type in ("Faucet", "ShowerHead"):
            thing.serves = _nearest_basin(state, thing)
    _read_surfaces(state)


def _volume(thing: Thing) -> float:
    x, y, z = thing.size
    return x * y * z


def _nearest_basin(state: Household, tap: Thing) -> Thing | None:
    basins = [t for t in state.things.values() if t.type in ("SinkBasin", "BathtubBasin")]
    nearest = min(basins, key=lambda b: math.dist(b.center, tap.center), default=None)
    return nearest if nearest is not None and math.dist(nearest.center, tap.center) < 1.5 else None


def _read_surfaces(state: Household) -> None:
    """Where something lies on a piece, its surface is where that something's underside is."""
    for thing in state.things.values():
        lying = [c.lo[1] for c in thing.children if c.kind.pickupable]
        if lying and not thing.kind.pickupable and not thing.kind.openable and thing.type != "Floor":
            thing.surface_y = min(lying)
        if thing.type == "Floor":
            thing.surface_y = 0.0
