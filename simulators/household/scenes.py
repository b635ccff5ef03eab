"""Scenes by name: single rooms and houses, the same for the same name; what lies about differs by seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from fleetmind.simulators.errors import WorldError
from fleetmind.simulators.household.grid import Ground
from fleetmind.simulators.household.reach import FURNITURE_M, WIDE_RADIUS_M, bring_in_reach, clear_ways, stands
from fleetmind.simulators.household.rooms import ROOM_KINDS, NoRoomError, RoomBuilder
from fleetmind.simulators.household.state import WALL_HEIGHT_M, Box, Household, Room
from fleetmind.simulators.household.things import Thing
from fleetmind.simulators.household.visibility import Eyes, sample_points

ROOM_NUMBERS = range(1, 31)
WALL_M = 0.1
DOOR_M = 1.25
DOOR_HEIGHT_M = 2.1
_KEEP_CLEAR_M = 0.8
_ATTEMPTS = 60
_EYES_M = (1.576, 1.0)
"""Heights of the cameras that must be able to see everything."""

Opening = tuple[str, float, float]
"""A gap in a wall: side, and from where to where along it in world metres."""


def scene_names() -> list[str]:
    """The 120 single rooms by name, as `Kitchen7`."""
    return [f"{kind}{n}" for kind in ROOM_KINDS for n in ROOM_NUMBERS]


def build(name: str, rooms: Sequence[str] | None, seed: int) -> Household:
    """Build a scene by name.

    Args:
        name: `Kitchen7` and the like (1 to 30), or `House4` (any number from 1).
        rooms: kinds of the house's rooms; None lets the number decide.
        seed: decides what lies where and in which state; the furniture depends on the name alone.

    Raises:
        WorldError: WORLD_SCENE for a name or rooms that do not exist.
    """
    kinds = _kinds(name, rooms)
    label = name if rooms is None else f"{name}:{'+'.join(kinds)}"
    rooms_made, openings = _floor_plan(kinds, random.Random(f"{label}/plan"))
    walls = [wall for room, gaps in zip(rooms_made, openings, strict=True) for wall in _walls(room, gaps)]
    state = Household(name=name, rooms=rooms_made, walls=walls)
    builders = [_furnish(state, room, gaps, f"{label}/{index}")
                for index, (room, gaps) in enumerate(zip(rooms_made, openings, strict=True))]
    for index, (builder, kind) in enumerate(zip(builders, kinds, strict=True)):
        builder.rng = random.Random(f"{label}/things/{index}/{seed}")
        ROOM_KINDS[kind].fill(builder)
    clear_ways(state, random.Random(f"{label}/floor/{seed}"))
    bring_in_reach(state)
    state.rng = random.Random(f"{label}/world/{seed}")
    return state


def _kinds(name: str, rooms: Sequence[str] | None) -> list[str]:
    """The kinds of a scene's rooms by its name."""
    match = re.fullmatch(r"(Kitchen|LivingRoom|Bedroom|Bathroom|House)([1-9][0-9]{0,5})", name)
    if match is None:
        raise WorldError("WORLD_SCENE", f"scene name {name!r} is unknown; use e.g. 'Kitchen7', 'Bedroom12' or 'House4'")
    kind, number = match.group(1), int(match.group(2))
    if kind == "House":
        if rooms is not None:
            if not 1 <= len(rooms) <= 8:
                raise WorldError("WORLD_SCENE", f"rooms={list(rooms)!r}: give 1 to 8 rooms")
            return list(rooms)
        rng = random.Random(f"rooms/{name}")
        others = ["LivingRoom", "Bedroom", "Bathroom"]
        return ["Kitchen", *others[: rng.choice((1, 2, 3))]]
    if rooms is not None:
        raise WorldError("WORLD_SCENE", f"rooms={list(rooms)!r} with scene {name!r}: only a House takes rooms")
    if number not in ROOM_NUMBERS:
        raise WorldError("WORLD_SCENE", f"scene name {name!r}: the number must be 1 to 30")
    return [kind]


def _furnish(state: Household, room: Room, gaps: Sequence[Opening], label: str) -> RoomBuilder:
    """Furniture of one room, nothing that is carried; arrangements are tried until one works out."""
    doors = [_keep_clear(room, gap) for gap in gaps]
    for attempt in range(_ATTEMPTS):
        builder = RoomBuilder(state, room, random.Random(f"{label}/{attempt}"), doors)
        try:
            ROOM_KINDS[room.type].furnish(builder)
            if _all_reachable(state, room):
                return builder
        except NoRoomError:
            pass
        for thing in [t for t in state.things.values() if t.room == room.id]:
            state.things.pop(thing.id, None)
        state.shape_version += 1
    raise WorldError("WORLD_SCENE", f"scene {label!r} cannot be furnished; choose another number")


def _floor_plan(kinds: list[str], rng: random.Random) -> tuple[list[Room], list[list[Opening]]]:
    """Rooms on a grid of two rows, with a doorway between each two neighbours."""
    columns = 1 if len(kinds) == 1 else (len(kinds) + 1) // 2 if len(kinds) > 2 else 2
    cells = [(i % columns, i // columns) for i in range(len(kinds))]
    widths = [max(rng.choice(ROOM_KINDS[k].widths) for k, c in zip(kinds, cells, strict=True) if c[0] == column)
              for column in range(columns)]
    depths = [max(rng.choice(ROOM_KINDS[k].depths) for k, c in zip(kinds, cells, strict=True) if c[1] == row)
              for row in range(max(c[1] for c in cells) + 1)]
    rooms: list[Room] = []
    counts: dict[str, int] = {}
    # Single rooms are centred on the origin, as AI2-THOR's mostly are.
    x_origin = -widths[0] / 2 if columns == 1 else 0.0
    z_origin = -depths[0] / 2 if columns == 1 else 0.0
    for kind, (column, row) in zip(kinds, cells, strict=True):
        counts[kind] = counts.get(kind, 0) + 1
        x0 = x_origin + sum(widths[:column]) + column * WALL_M
        z0 = z_origin + sum(depths[:row]) + row * WALL_M
        rooms.append(Room(id=f"{kind}|{counts[kind]}", type=kind, x0=round(x0, 4), z0=round(z0, 4),
                          x1=round(x0 + widths[column], 4), z1=round(z0 + depths[row], 4)))
    return rooms, _doorways(rooms, cells, rng)


def _doorways(rooms: list[Room], cells: list[tuple[int, int]], rng: random.Random) -> list[list[Opening]]:
    """For each room its openings; neighbours share theirs."""
    openings: list[list[Opening]] = [[] for _ in rooms]
    for i, a in enumerate(rooms):
        for j, b in enumerate(rooms):
            if cells[j] == (cells[i][0] + 1, cells[i][1]):
                at = _door_at(max(a.z0, b.z0), min(a.z1, b.z1), rng)
                openings[i].append(("east", *at))
                openings[j].append(("west", *at))
            elif cells[j] == (cells[i][0], cells[i][1] + 1):
                at = _door_at(max(a.x0, b.x0), min(a.x1, b.x1), rng)
                openings[i].append(("north", *at))
                openings[j].append(("south", *at))
    return openings


def doors(rooms: Sequence[Room]) -> list[list[str]]:
    """Which rooms one can walk between: the floor plan gives each two that share a wall a doorway."""
    def share(a: Room, b: Room) -> bool:
        gap_x, gap_z = max(a.x0, b.x0) - min(a.x1, b.x1), max(a.z0, b.z0) - min(a.z1, b.z1)
        return max(gap_x, gap_z) <= 1.01 * WALL_M and min(gap_x, gap_z) < -DOOR_M

    return [[a.id, b.id] for i, a in enumerate(rooms) for b in rooms[i + 1:] if share(a, b)]


def _door_at(low: float, high: float, rng: random.Random) -> tuple[float, float]:
    start = round(low + 0.2 + rng.random() * (high - low - DOOR_M - 0.4), 2)
    return start, start + DOOR_M


def _keep_clear(room: Room, gap: Opening) -> tuple[float, float, float, float]:
    """The floor before a doorway that stays free."""
    side, start, end = gap
    d = _KEEP_CLEAR_M
    if side == "east":
        return (room.x1 - d, start, room.x1, end)
    if side == "west":
        return (room.x0, start, room.x0 + d, end)
    if side == "north":
        return (start, room.z1 - d, end, room.z1)
    return (start, room.z0, end, room.z0 + d)


def _walls(room: Room, gaps: Sequence[Opening]) -> list[Box]:
    """The room's half of its walls as boxes, with a lintel over each doorway."""
    h, t = WALL_HEIGHT_M, WALL_M / 2
    found: list[Box] = []
    for side in ("south", "north", "west", "east"):
        along_x = side in ("south", "north")
        low, high = (room.x0 - t, room.x1 + t) if along_x else (room.z0, room.z1)
        cut = sorted((start, end) for s, start, end in gaps if s == side)
        edges = [low, *(e for gap in cut for e in gap), high]
        pieces = [(edges[k], edges[k + 1], 0.0) for k in range(0, len(edges), 2)]
        pieces += [(start, end, DOOR_HEIGHT_M) for start, end in cut]
        for start, end, bottom in pieces:
            if side == "south":
                found.append((start, bottom, room.z0 - t, end, h, room.z0))
            elif side == "north":
                found.append((start, bottom, room.z1, end, h, room.z1 + t))
            elif side == "west":
                found.append((room.x0 - t, bottom, start, room.x0, h, end))
            else:
                found.append((room.x1, bottom, start, room.x1 + t, h, end))
    return found


def _all_reachable(state: Household, room: Room) -> bool:
    """True when a wide robot can get to all furniture of a room from anywhere it can stand."""
    spots = [(x, z) for x, z in stands(state, Ground(state), WIDE_RADIUS_M) if room.contains(x, z)]
    if len(spots) < 12:
        return False
    eyes = Eyes(state, reach_m=FURNITURE_M, sight_m=FURNITURE_M)
    wanted = [t for t in state.things.values() if t.room == room.id
              and (t.kind.receptacle or t.kind.toggleable or t.kind.openable)]
    return all(_in_reach(thing, spots, eyes) for thing in wanted)


def _in_reach(thing: Thing, spots: list[tuple[float, float]], eyes: Eyes) -> bool:
    """True when a thing can be seen from some spot within arm's reach, by a tall and by a low robot."""
    points = sample_points(thing)
    near = []
    for x, z in spots:
        dx = max(thing.lo[0] - x, x - thing.hi[0], 0.0)
        dz = max(thing.lo[2] - z, z - thing.hi[2], 0.0)
        if dx * dx + dz * dz <= FURNITURE_M * FURNITURE_M:
            near.append((x, z))
    return all(any(eyes.clear_from((x, height, z), thing, points).any() for x, z in near) for height in _EYES_M)
