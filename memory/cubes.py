"""The cubes that `Grid` is made of: where a point lies among them, and the points of one cube as an immutable value.

A cube of points is a leaf, or the eight halves it was cut into when it got too full, and so on. A leaf holds its points
packed: Python's objects lie scattered in memory, and at 100,000 points waiting for memory is most of a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from math import floor, hypot
from struct import Struct
from typing import Any

from immutables import Map

Point = tuple[float, float, float]
Spot = tuple[int, int, int]  # a point on the lattice of the smallest cubes, counted from the corner of the largest
Key = tuple[int, int, int, int]  # of a cube: its level, and the spots in it shifted right by that
Few = tuple[tuple[str, ...], bytes]  # ids, and their points packed
Cube = Few | Map[str, bytes] | list["Cube | None"]  # a leaf, a smallest cube (any number), the halves (never changed)

XYZ = Struct("3d")
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


def few_of(leaf: Few | Map[str, bytes]) -> Few:
    """The leaf as ids and packed points."""
    return leaf if isinstance(leaf, tuple) else (tuple(leaf), b"".join(leaf.values()))


def points_of(leaf: Few) -> Iterable[tuple[str, Any]]:
    """Ids with their points."""
    return zip(leaf[0], XYZ.iter_unpack(leaf[1]), strict=True)


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
        if isinstance(part, tuple):
            leaves.append(part)
        elif part is not None:
            collect(leaves, (level, ix | half & 1, iy | half >> 1 & 1, iz | half >> 2), part, box)


def cube_of(points: list[tuple[str, bytes]], level: int) -> Cube:
    """A cube of the points, cut while there are too many."""
    if not level:
        return Map(points)
    if len(points) <= FULL:
        return tuple([name for name, _ in points]), b"".join([packed for _, packed in points])
    groups: list[list[tuple[str, bytes]]] = [[], [], [], [], [], [], [], []]
    for pair in points:
        groups[_half(spot_of(*XYZ.unpack(pair[1])), level - 1)].append(pair)
    return [cube_of(group, level - 1) if group else None for group in groups]


def grown(cube: Cube | None, level: int, spot: Spot, name: str, packed: bytes) -> Cube:
    """The cube with one point more."""
    if cube is None:
        return cube_of([(name, packed)], level)
    if isinstance(cube, Map):
        return cube.set(name, packed)
    if isinstance(cube, list):
        half, halves = _half(spot, level - 1), cube.copy()
        halves[half] = grown(halves[half], level - 1, spot, name, packed)
        return halves
    names, data = (*cube[0], name), cube[1] + packed
    if len(names) <= FULL:
        return names, data
    return cube_of([(name, data[i * XYZ.size:(i + 1) * XYZ.size]) for i, name in enumerate(names)], level)


def shrunk(cube: Cube, level: int, spot: Spot, name: str, packed: bytes) -> Cube | None:
    """The cube with one of its points less; None: that was the last."""
    if isinstance(cube, Map):
        return cube.delete(name) or None
    if isinstance(cube, list):
        half, halves = _half(spot, level - 1), cube.copy()
        part = halves[half]
        assert part is not None, name
        left = halves[half] = shrunk(part, level - 1, spot, name, packed)
        fewer = left is None or isinstance(left, Map) or (isinstance(part, list) and isinstance(left, tuple))
        return _joined(halves) if fewer else halves
    names, data = cube
    at = _offset(cube, name, packed)
    i = at // XYZ.size
    return (names[:i] + names[i + 1:], data[:at] + data[at + XYZ.size:]) if len(names) > 1 else None


def moved(cube: Cube, level: int, before: Spot, after: Spot, name: str, old: bytes, packed: bytes) -> Cube:
    """The cube with one of its points elsewhere in it."""
    if isinstance(cube, Map):
        return cube.set(name, packed)
    if isinstance(cube, tuple):
        at = _offset(cube, name, old)
        return cube[0], cube[1][:at] + packed + cube[1][at + XYZ.size:]
    half = _half(before, level - 1)
    part = cube[half]
    if part is None or half != _half(after, level - 1):
        return grown(shrunk(cube, level, before, name, old), level, after, name, packed)
    halves = cube.copy()
    halves[half] = moved(part, level - 1, before, after, name, old, packed)
    return halves


def near_points(leaves: list[Few], here: Point, reach_m: float) -> Iterable[tuple[str, Any]]:
    """The points that may be within reach, with their ids; which of them are, is for `dist` to say."""
    import numpy as np  # 0.1 s, which importing memory need not cost

    points = np.frombuffer(b"".join([data for _, data in leaves])).reshape(-1, 3)
    with np.errstate(over="ignore"):
        away = points - here
        squares = np.einsum("ij,ij->i", away, away)
    kept = np.flatnonzero(squares <= reach_m * reach_m * (1 + 1e-9) + 1e-300)
    return zip(_named(leaves, kept.tolist()), XYZ.iter_unpack(points[kept].tobytes()), strict=True)


def ids_inside(leaves: list[Few], low: Point, high: Point) -> list[str]:
    """The ids of the points in the box, borders included."""
    import numpy as np

    points = np.frombuffer(b"".join([data for _, data in leaves])).reshape(-1, 3)
    within = (points >= np.array(low)) & (points <= np.array(high))
    return _named(leaves, np.flatnonzero(within.all(1)).tolist())


def _named(leaves: list[Few], places: list[int]) -> list[str]:
    """The ids at the places (sorted), where the leaves stand one after the other. Touches no other id: that is slow."""
    found: list[str] = []
    first = end = 0
    names: tuple[str, ...] = ()
    others = iter(leaves)
    for place in places:
        while place >= end:
            names = next(others)[0]
            first, end = end, end + len(names)
        found.append(names[place - first])
    return found


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
            count += len(part if isinstance(part, Map) else part[0])
    if count > FULL // 2:
        return halves
    leaves = [few_of(part) for part in halves if part is not None and not isinstance(part, list)]
    names = tuple(chain.from_iterable([names for names, _ in leaves]))
    return (names, b"".join([data for _, data in leaves])) if names else None


def _offset(leaf: Few, name: str, packed: bytes) -> int:
    """Where the leaf's bytes hold the point. Others may lie at the same place, and bytes match across points."""
    names, data = leaf
    at = data.index(packed)
    while names[at // XYZ.size] != name:
        at = data.index(packed, (at // XYZ.size + 1) * XYZ.size)
    return at
