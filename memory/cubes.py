"""The cubes that `Grid` is made of: where a point lies among them, and the points of one cube as an immutable value.

A cube of points is a leaf, or the eight halves it was cut into when it got too full, and so on. A leaf holds its points
packed, with numbers for their ids: Python's objects lie scattered in memory, and at 100,000 points waiting for memory
is most of a search or a move.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, hypot
from struct import Struct
from typing import Any

from immutables import Map

Point = tuple[float, float, float]
Spot = tuple[int, int, int]  # a point on the lattice of the smallest cubes, counted from the corner of the largest
Key = tuple[int, int, int, int]  # of a cube: its level, and the spots in it shifted right by that
Few = bytes  # rows, one after the other
Cube = Few | Map[bytes, bytes] | list["Cube | None"]  # a leaf, a smallest cube (any number), the halves (never changed)

ROW = Struct("q3d")  # a point: the number of its id, x, y, z
PER_METRE = 64.0  # a power of two, so that going to the lattice and back is exact
TOP = 37  # levels: the edge is 2 ** level / PER_METRE; the smallest cubes 1.6 cm, the largest 2e9 m
BASE = 8  # 4 m. Measured at 2 to 40 points per square metre: 2 m is slower in sparse scenes, in dense ones the same
FULL = 48  # points in a leaf before it is cut. Measured: fewer cost `within` more, more cost `nearest`
SLACK = 1e-12  # more than rounding adds to a distance, relative: keeps a bound below the distances it bounds
# The map's origin lies a third into the largest cube, and so a third or two into the cube around it on every level:
# a scene around the origin is in one cube not much larger than itself. (With the origin in the middle, in eight.)
_ORIGIN = (1 << TOP) // 3
_LOW = -_ORIGIN / PER_METRE
_HIGH = ((1 << TOP) - 1 - _ORIGIN) / PER_METRE
_SIZES = [2.0**level / PER_METRE for level in range(TOP + 1)]  # metres
_BITS = [[bit for bit in range(8) if mask >> bit & 1] for mask in range(256)]


def clamped(x: float, y: float, z: float) -> Point:
    """The nearest place in the largest cube. No two places are further apart for it."""
    return min(max(x, _LOW), _HIGH), min(max(y, _LOW), _HIGH), min(max(z, _LOW), _HIGH)


def spot_of(x: float, y: float, z: float) -> Spot:
    """Where the place is on the lattice; ValueError when it is not a number."""
    if not (_LOW <= x <= _HIGH and _LOW <= y <= _HIGH and _LOW <= z <= _HIGH):
        x, y, z = clamped(x, y, z)
    return floor(x * PER_METRE) + _ORIGIN, floor(y * PER_METRE) + _ORIGIN, floor(z * PER_METRE) + _ORIGIN


def base_of(spot: Spot) -> Key:
    """The base cube around the spot."""
    fx, fy, fz = spot
    return BASE, fx >> BASE, fy >> BASE, fz >> BASE


def up(key: Key) -> Key:
    """The cube that this one is a half of."""
    level, ix, iy, iz = key
    return level + 1, ix >> 1, iy >> 1, iz >> 1


def bound_m(key: Key, place: Point) -> float:
    """At most the distance from the (clamped) place to any point in the cube."""
    (level, ix, iy, iz), (x, y, z) = key, place
    size = _SIZES[level]
    ax, ay, az = ix * size + _LOW, iy * size + _LOW, iz * size + _LOW
    bx, by, bz = ax + size, ay + size, az + size
    return (1 - SLACK) * hypot(ax - x if x < ax else x - bx if x > bx else 0.0,
                               ay - y if y < ay else y - by if y > by else 0.0,
                               az - z if z < az else z - bz if z > bz else 0.0)


def outside_m(key: Key, place: Point) -> float:
    """At most the distance from the (clamped) place, in the cube, to any point outside."""
    (level, ix, iy, iz), (x, y, z) = key, place
    size = _SIZES[level]
    ax, ay, az = ix * size + _LOW, iy * size + _LOW, iz * size + _LOW
    return (1 - SLACK) * min(x - ax, ax + size - x, y - ay, ay + size - y, z - az, az + size - z)


def few_of(leaf: Few | Map[bytes, bytes]) -> Few:
    """The leaf as rows."""
    return leaf if isinstance(leaf, bytes) else b"".join(leaf.values())


def rows_of(leaf: Few) -> Iterator[Any]:
    """The number and coordinates of each point."""
    return ROW.iter_unpack(leaf)


def halves_of(key: Key, cube: list[Cube | None]) -> Iterator[tuple[Key, Cube]]:
    """The halves that hold something."""
    level, ix, iy, iz = key
    for half, part in enumerate(cube):
        if part is not None:
            yield (level - 1, 2 * ix | half & 1, 2 * iy | half >> 1 & 1, 2 * iz | half >> 2), part


def collect(leaves: list[Few], key: Key, cube: Cube, box: tuple[int, int, int, int, int, int]) -> None:
    """Add the leaves of the cube that overlap the box (its low spot, then its high one)."""
    if not isinstance(cube, list):
        leaves.append(few_of(cube))
        return
    (level, ix, iy, iz), (ax, ay, az, bx, by, bz) = key, box
    level, ix, iy, iz = level - 1, 2 * ix, 2 * iy, 2 * iz
    # Which halves the box reaches, a bit each: the lower and the upper four along each axis.
    reached = ((0b01010101 if ax >> level <= ix else 0) | (0b10101010 if bx >> level > ix else 0)) & (
        (0b00110011 if ay >> level <= iy else 0) | (0b11001100 if by >> level > iy else 0)) & (
        (0b00001111 if az >> level <= iz else 0) | (0b11110000 if bz >> level > iz else 0))
    for half in _BITS[reached]:
        part = cube[half]
        if isinstance(part, bytes):
            leaves.append(part)
        elif part is not None:
            collect(leaves, (level, ix | half & 1, iy | half >> 1 & 1, iz | half >> 2), part, box)


def cube_of(rows: list[bytes], level: int) -> Cube:
    """A cube of the points, cut while there are too many."""
    if not level:
        return Map((row[:8], row) for row in rows)
    if len(rows) <= FULL:
        return b"".join(rows)
    groups: list[list[bytes]] = [[], [], [], [], [], [], [], []]
    for row in rows:
        groups[_half(spot_of(*ROW.unpack(row)[1:]), level - 1)].append(row)
    return [cube_of(group, level - 1) if group else None for group in groups]


def grown(cube: Cube | None, level: int, spot: Spot, row: bytes) -> Cube:
    """The cube with one point more."""
    if cube is None:
        return cube_of([row], level)
    if isinstance(cube, bytes):
        data = cube + row
        if len(data) <= FULL * ROW.size:
            return data
        return cube_of([data[at:at + ROW.size] for at in range(0, len(data), ROW.size)], level)
    if isinstance(cube, Map):
        return cube.set(row[:8], row)
    half, halves = _half(spot, level - 1), cube.copy()
    halves[half] = grown(halves[half], level - 1, spot, row)
    return halves


def shrunk(cube: Cube, level: int, spot: Spot, row: bytes) -> Cube | None:
    """The cube with one of its points less; None: that was the last."""
    if isinstance(cube, bytes):
        at = _offset(cube, row)
        return cube[:at] + cube[at + ROW.size:] or None
    if isinstance(cube, Map):
        return cube.delete(row[:8]) or None
    half, halves = _half(spot, level - 1), cube.copy()
    part = halves[half]
    assert part is not None, row
    left = halves[half] = shrunk(part, level - 1, spot, row)
    fewer = left is None or isinstance(left, Map) or (isinstance(part, list) and isinstance(left, bytes))
    return _joined(halves) if fewer else halves


def moved(cube: Cube, level: int, before: Spot, after: Spot, old: bytes, row: bytes) -> Cube:
    """The cube with one of its points elsewhere in it."""
    if isinstance(cube, bytes):
        at = _offset(cube, old)
        return cube[:at] + row + cube[at + ROW.size:]
    if isinstance(cube, Map):
        return cube.set(row[:8], row)
    half = _half(before, level - 1)
    part = cube[half]
    if part is None or half != _half(after, level - 1):
        return grown(shrunk(cube, level, before, old), level, after, row)
    halves = cube.copy()
    halves[half] = moved(part, level - 1, before, after, old, row)
    return halves


def rows_near(leaves: list[Few], here: Point, reach_m: float) -> Iterator[Any]:
    """The rows of the points that may be within reach; which of them are, is for their distance to say."""
    import numpy as np  # 0.1 s, which importing memory need not cost

    rows = np.frombuffer(b"".join(leaves)).reshape(-1, 4)
    with np.errstate(over="ignore"):
        away = rows[:, 1:] - here
        squares = np.einsum("ij,ij->i", away, away)
    return ROW.iter_unpack(rows[squares <= reach_m * reach_m * (1 + 1e-9) + 1e-300].tobytes())


def numbers_inside(leaves: list[Few], low: Point, high: Point) -> list[int]:
    """The numbers of the points in the box, borders included."""
    import numpy as np

    rows = np.frombuffer(b"".join(leaves)).reshape(-1, 4)
    points = rows[:, 1:]
    within = (points >= np.array(low)) & (points <= np.array(high))
    numbers: list[int] = rows[:, 0].view(np.int64)[within.all(1)].tolist()
    return numbers


def _half(spot: Spot, level: int) -> int:
    """Which half of its cube the cube of this level is that the spot is in."""
    fx, fy, fz = spot
    return (fx >> level & 1) | (fy >> level & 1) << 1 | (fz >> level & 1) << 2


def _joined(halves: list[Cube | None]) -> Cube | None:
    """The cube of the halves, a leaf again where they hold well below what a leaf may: a crowd has gone."""
    count = 0
    for part in halves:
        if isinstance(part, list):
            return halves
        if part is not None:
            count += len(part) if isinstance(part, Map) else len(part) // ROW.size
    if count > FULL // 2:
        return halves
    return b"".join([few_of(part) for part in halves if part is not None and not isinstance(part, list)]) or None


def _offset(leaf: Few, row: bytes) -> int:
    """Where the leaf holds the row; bytes also match across rows."""
    at = leaf.index(row)
    while at % ROW.size:
        at = leaf.index(row, at + 1)
    return at
