"""Where things are: an immutable index of points in frame `map` that answers "what is near" without scanning.

Space is cut into cubes that double from level to level. The cubes of one level, the base, lie in a hash trie, so that a
small search finds them at once and a move touches one or two of them, wherever they are; within, crowded ones are cut
(`cubes`). Above the base every cube knows which of its halves hold something, for searches through empty space.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import chain, count, islice
from math import hypot
from typing import TYPE_CHECKING, Any

from immutables import Map

from fleetmind.memory.cubes import (
    BASE,
    ROW,
    SLACK,
    TOP,
    Cube,
    Few,
    Key,
    Point,
    Spot,
    base_of,
    bound_m,
    clamped,
    collect,
    cube_of,
    few_of,
    grown,
    halves_of,
    moved,
    numbers_inside,
    outside_m,
    rows_near,
    rows_of,
    shrunk,
    spot_of,
    up,
)

if TYPE_CHECKING:
    from immutables._protocols import MapMutation

_Halves = tuple[Key, ...]  # those that hold something, of a cube above the base
_MANY = 48  # points to look at, from which numpy is faster
_SPARE = 1024  # names of points that are gone may stand there, beside as many as there are points
_Item = tuple[float, int, Any]  # in the queue of `nearest_first`: least distance, which of these, and it
_AROUND, _CUBE, _POINT = -1, 0, 1


class Grid:
    """Points with ids in 3D, immutable: a change gives a new grid that shares what did not change.

    Coordinates are metres, finite. Beyond about 7e8 m from the origin everything counts as in the outermost cubes:
    the answers stay right, the searches there are scans. Costs are for `m` points in the answer.
    """

    __slots__ = ("_count", "_cubes", "_names", "_points", "_tree")

    def __init__(self) -> None:
        """An empty grid."""
        self._points: Map[str, bytes] = Map()
        self._cubes: Map[Key, Cube] = Map()
        self._tree: Map[Key, _Halves] = Map()
        # Shared by the grids made from one another, whichever thread makes them: a number is given once.
        self._names: dict[int, str] = {}
        self._count = count()

    @classmethod
    def of(cls, points: Iterable[tuple[str, float, float, float]]) -> Grid:
        """A grid of points (id, x, y, z); of two with one id, the last. Cost: 3 us a point."""
        grid = cls()
        places = {name: (x, y, z) for name, x, y, z in points}
        grid._names.update(enumerate(places))
        grid._count = count(len(places))
        rows = {name: ROW.pack(number, *place) for number, (name, place) in enumerate(places.items())}
        groups: dict[Key, list[bytes]] = {}
        for row in rows.values():
            groups.setdefault(base_of(spot_of(*ROW.unpack(row)[1:])), []).append(row)
        tree = Map[Key, _Halves]().mutate()
        for key in groups:
            _link(tree, key)
        cubes = Map((key, cube_of(group, BASE)) for key, group in groups.items())
        return grid._next(Map(rows), cubes, tree.finish())

    def _next(self, points: Map[str, bytes], cubes: Map[Key, Cube], tree: Map[Key, _Halves]) -> Grid:
        grid = Grid()
        grid._points, grid._cubes, grid._tree, grid._names, grid._count = points, cubes, tree, self._names, self._count
        return grid

    def evolve(self, put: Iterable[tuple[str, float, float, float]], remove: Iterable[str] = ()) -> Grid:
        """A grid without the ids `remove` (those not here are ignored), then with the points `put` added or moved.

        Cost: 3 to 6 us a point, however many there are.
        """
        points, cubes, tree = self._points.mutate(), self._cubes.mutate(), self._tree.mutate()
        for name in remove:
            old = points.pop(name, None)
            if old is not None:
                _, *place = ROW.unpack(old)
                before = spot_of(*place)
                _take(cubes, tree, base_of(before), before, old)
        for name, x, y, z in put:
            spot, old = spot_of(x, y, z), points.get(name)
            key = base_of(spot)
            if old is None:
                number = next(self._count)
                points[name] = row = ROW.pack(number, x, y, z)
                self._names[number] = name
            else:
                number, ox, oy, oz = ROW.unpack(old)
                points[name] = row = ROW.pack(number, x, y, z)
                before = spot_of(ox, oy, oz)
                left = base_of(before)
                if left == key:
                    cubes[key] = moved(cubes[key], BASE, before, spot, old, row)
                    continue
                _take(cubes, tree, left, before, old)
            cube = cubes.get(key)
            if cube is None:
                _link(tree, key)
            cubes[key] = grown(cube, BASE, spot, row)
        grid = self._next(points.finish(), cubes.finish(), tree.finish())
        if len(self._names) > 2 * len(grid) + _SPARE:
            return Grid.of((name, *ROW.unpack(row)[1:]) for name, row in grid._points.items())
        return grid

    def __len__(self) -> int:
        return len(self._points)

    def __contains__(self, name: object) -> bool:
        return name in self._points

    def point(self, name: str) -> Point | None:
        """Where the id is, metres; None when it is not here."""
        row = self._points.get(name)
        return None if row is None else ROW.unpack(row)[1:]

    def within(self, x: float, y: float, z: float, radius_m: float) -> list[tuple[float, str]]:
        """Every (distance, id) at most `radius_m` from the place, sorted. Metres. Cost: m log m."""
        if not radius_m >= 0:
            return []
        # What rounding can add to a distance: all of a scene, seen from 1e300 m.
        reach = radius_m + (abs(x) + abs(y) + abs(z) + radius_m) * SLACK
        leaves = self._overlapping((x - reach, y - reach, z - reach), (x + reach, y + reach, z + reach))
        many = sum(map(len, leaves)) > _MANY * ROW.size
        near = rows_near(leaves, (x, y, z), reach) if many else chain.from_iterable(map(rows_of, leaves))
        names = self._names
        return sorted([(d, names[number]) for number, px, py, pz in near
                       if (d := hypot(px - x, py - y, pz - z)) <= radius_m])

    def inside(self, low: Point, high: Point) -> list[str]:
        """The ids in the box from corner `low` to corner `high`, borders included, sorted. Metres. Cost: m log m."""
        return sorted([self._names[number] for number in numbers_inside(self._overlapping(low, high), low, high)])

    def nearest(self, x: float, y: float, z: float, k: int) -> list[tuple[float, str]]:
        """The `k` nearest (distance, id), sorted; all of them where there are fewer. Metres. Cost: k log k."""
        return list(islice(self.nearest_first(x, y, z), max(k, 0)))

    def nearest_first(self, x: float, y: float, z: float) -> Iterator[tuple[float, str]]:
        """Every (distance, id), sorted, metres; no further looked for than is asked for. Cost: log m for the next.

        The search starts in the cube of the place and opens what lies around it only once nothing nearer is left.
        """
        if not self._points:
            return
        names, place, key = self._names, clamped(x, y, z), base_of(spot_of(x, y, z))
        if key not in self._cubes:
            key = up(key)
            while key not in self._tree:
                key = up(key)
        # Of things at one distance cubes come first: what they hold may be as near, with a smaller id. A leaf stands in
        # the queue once, with its next point and the heap of its others.
        queue: list[_Item] = [(0.0, _CUBE, (key, None)), (outside_m(key, place), _AROUND, key)]
        while queue:
            distance, what, item = heappop(queue)
            rest: list[tuple[float, str]] = []
            if what == _POINT:
                name, rest = item
                yield distance, name
            elif what == _AROUND:
                self._widen(queue, item, place)
            elif isinstance(opened := self._opened(*item), list):
                _push(queue, opened, place)
            else:
                rest = [(hypot(px - x, py - y, pz - z), names[number]) for number, px, py, pz in rows_of(opened)]
                heapify(rest)
            if rest:
                distance, name = heappop(rest)
                heappush(queue, (distance, _POINT, (name, rest)))

    def _widen(self, queue: list[_Item], key: Key, place: Point) -> None:
        """Go from what is around the cube to its sisters, and what is around them all."""
        if key[0] < TOP:
            whole = up(key)
            heappush(queue, (outside_m(whole, place), _AROUND, whole))
            _push(queue, [(half, None) for half in self._tree[whole] if half != key], place)

    def _opened(self, key: Key, cube: Cube | None) -> Few | list[tuple[Key, Cube | None]]:
        """What the cube holds: its points, or its halves."""
        if key[0] > BASE:
            return [(half, None) for half in self._tree[key]]
        cube = cube or self._cubes[key]
        return [*halves_of(key, cube)] if isinstance(cube, list) else few_of(cube)

    def _overlapping(self, low: Point, high: Point) -> list[Few]:
        """The leaves that overlap the box."""
        box = ax, ay, az, bx, by, bz = *spot_of(*low), *spot_of(*high)
        level = max(BASE, max(bx - ax, by - ay, bz - az, 0).bit_length() - 1)  # at most 3 cubes along each axis
        keys: list[Key] = [
            (level, ix, iy, iz) for ix in range(ax >> level, (bx >> level) + 1)
            for iy in range(ay >> level, (by >> level) + 1) for iz in range(az >> level, (bz >> level) + 1)]
        while level > BASE:
            level -= 1
            cx, cy, cz, dx, dy, dz = ax >> level, ay >> level, az >> level, bx >> level, by >> level, bz >> level
            keys = [half for key in keys for half in self._tree.get(key, ())
                    if cx <= half[1] <= dx and cy <= half[2] <= dy and cz <= half[3] <= dz]
        leaves: list[Few] = []
        for key in keys:
            cube = self._cubes.get(key)
            if cube is not None:
                collect(leaves, key, cube, box)
        return leaves


def _push(queue: list[_Item], cubes: list[tuple[Key, Cube | None]], place: Point) -> None:
    for cube in cubes:
        heappush(queue, (bound_m(cube[0], place), _CUBE, cube))


def _take(cubes: MapMutation[Key, Cube], tree: MapMutation[Key, _Halves], key: Key, spot: Spot, row: bytes) -> None:
    """Remove a point from its base cube, and the cubes that hold nothing any more."""
    left = shrunk(cubes[key], BASE, spot, row)
    if left is not None:
        cubes[key] = left
        return
    del cubes[key]
    while key[0] < TOP:
        known = tuple(half for half in tree[up(key)] if half != key)
        key = up(key)
        if known:
            tree[key] = known
            return
        del tree[key]


def _link(tree: MapMutation[Key, _Halves], key: Key) -> None:
    """Make a new base cube known to those above it, up to the first that was there."""
    known: _Halves = ()
    while key[0] < TOP and not known:
        known = tree.get(up(key), ())
        tree[up(key)] = (*known, key)
        key = up(key)
