"""Where things are: an immutable index of points in frame `map` that answers "what is near" without scanning.

Space is cut into cubes that halve from level to level. A cube of `_BASE` that holds points is a leaf; one too full is cut
into its eight halves, and so on; above it every cube knows which halves hold something. All cubes lie in one hash
trie, so that a search starts at cubes of its own size, and a move touches one or two of them, wherever they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from heapq import heapify, heappop, heappush
from itertools import islice
from math import dist, floor, hypot
from struct import Struct
from typing import Any

from immutables import Map

_Point = tuple[float, float, float]
_Spot = tuple[int, int, int]  # a point on the lattice of the smallest cubes, counted from the corner of the largest
_Key = tuple[int, int, int, int]  # level, and the spot shifted right by it
_Few = tuple[tuple[str, ...], bytes]  # ids, and their points packed: read in one go, where objects lie scattered
_Leaf = _Few | Map[str, bytes]  # a Map in the smallest cubes, where any number of points may be
_Cell = _Leaf | list[_Key]  # a leaf, or the keys of the halves that hold something: a list that is never changed
_Cells = MutableMapping[_Key, _Cell]

_XYZ = Struct("3d")
_PER_METRE = 1024.0  # a power of two, so that going to the lattice and back is exact; more points than this
_TOP = 41  #           can tell apart (1 mm) lie in one leaf, found in time linear in their number
_BASE = 11  # cubes of 2 m: measured, at 2 to 40 points per square metre, against 1 m and 4 m
_FULL = 32  # points in a leaf before it is cut
# The map's origin lies a third into the largest cube, and so a third or two into the cube around it on every level:
# a scene around the origin then is within one cube not much larger than itself. (At the middle, it would be in eight.)
_ORIGIN = (1 << _TOP) // 3
_LOW = -_ORIGIN / _PER_METRE
_HIGH = ((1 << _TOP) - 1 - _ORIGIN) / _PER_METRE
_SIZES = [2.0**level / _PER_METRE for level in range(_TOP + 1)]  # edge of a cube, metres
_SLACK = 1e-12  # more than rounding adds to a distance, relative: keeps a bound below the distances it bounds
_AROUND, _CUBE, _POINT = -1, 0, 1  # what stands in the queue of `nearest_first`, in the order to take it


class Grid:
    """Points with ids in 3D, immutable: a change gives a new grid that shares what did not change.

    Coordinates are metres, finite. Beyond about 7e8 m from the origin everything counts as in the outermost cubes:
    the answers stay right, the searches there are scans. Costs are for `n` points, `m` in the answer.
    """

    __slots__ = ("_cells", "_points")

    def __init__(self) -> None:
        """An empty grid."""
        self._points: Map[str, bytes] = Map()
        self._cells: Map[_Key, _Cell] = Map()

    @classmethod
    def of(cls, points: Iterable[tuple[str, float, float, float]]) -> Grid:
        """A grid of points (id, x, y, z); of two with one id, the last. Cost: about 3 us a point."""
        places = {name: _XYZ.pack(x, y, z) for name, x, y, z in points}
        cells: dict[_Key, _Cell] = {}
        for key, group in _groups(places.items(), _BASE).items():
            _link(cells, key)
            _store(cells, key, group)
        return cls._from(Map(places), Map(cells))

    @classmethod
    def _from(cls, points: Map[str, bytes], cells: Map[_Key, _Cell]) -> Grid:
        grid = cls()
        grid._points, grid._cells = points, cells
        return grid

    def evolve(self, put: Iterable[tuple[str, float, float, float]], remove: Iterable[str] = ()) -> Grid:
        """A grid without the ids `remove` (those not here are ignored), then with the points `put` added or moved.

        Cost: some 5 us a point, whatever `n`.
        """
        points, cells = self._points.mutate(), self._cells.mutate()
        for name in remove:
            old = points.pop(name, None)
            if old is not None:
                _take(cells, name, old)
        for name, x, y, z in put:
            old, packed = points.get(name), _XYZ.pack(x, y, z)
            points[name] = packed
            key, leaf = _find(cells, _spot(x, y, z))
            if old is not None and not _holds(leaf, name):
                _take(cells, name, old)
                key, leaf = _find(cells, _spot(x, y, z))  # the cubes may have been merged
            if leaf is None:
                _link(cells, key)
                _store(cells, key, [(name, packed)])
            else:
                _put(cells, key, leaf, name, packed)
        return self._from(points.finish(), cells.finish())

    def __len__(self) -> int:
        return len(self._points)

    def __contains__(self, name: object) -> bool:
        return name in self._points

    def point(self, name: str) -> _Point | None:
        """Where the id is, metres; None when it is not here."""
        packed = self._points.get(name)
        return None if packed is None else _XYZ.unpack(packed)

    def within(self, x: float, y: float, z: float, radius_m: float) -> list[tuple[float, str]]:
        """Every (distance, id) at most `radius_m` from the place, sorted. Metres. Cost: m log m."""
        if not radius_m >= 0:
            return []
        here = (x, y, z)
        # What rounding can add to a distance: all of a scene, seen from 1e300 m.
        reach = radius_m + (abs(x) + abs(y) + abs(z) + radius_m) * _SLACK
        found: list[tuple[float, str]] = []
        for leaf in self._leaves((x - reach, y - reach, z - reach), (x + reach, y + reach, z + reach)):
            found += [(d, name) for name, point in _pairs(leaf) if (d := dist(here, point)) <= radius_m]
        found.sort()
        return found

    def inside(self, low: _Point, high: _Point) -> list[str]:
        """The ids in the box from corner `low` to corner `high`, borders included, sorted. Metres. Cost: m log m."""
        (ax, ay, az), (bx, by, bz) = low, high
        found: list[str] = []
        for leaf in self._leaves(low, high):
            found += [n for n, (x, y, z) in _pairs(leaf) if ax <= x <= bx and ay <= y <= by and az <= z <= bz]
        found.sort()
        return found

    def nearest(self, x: float, y: float, z: float, k: int) -> list[tuple[float, str]]:
        """The `k` nearest (distance, id), sorted; all of them where there are fewer. Metres. Cost: k log k."""
        return list(islice(self.nearest_first(x, y, z), max(k, 0)))

    def nearest_first(self, x: float, y: float, z: float) -> Iterator[tuple[float, str]]:
        """Every (distance, id), sorted, metres; no further looked for than is asked for. Cost: log m for the next.

        The search starts in the cube of the place and opens what lies around it only once nothing nearer is left.
        """
        here, place, spot, cells = (x, y, z), (_clamped(x), _clamped(y), _clamped(z)), _spot(x, y, z), self._cells
        key = _find(cells, spot)[0]
        while key not in cells:
            if key[0] == _TOP:
                return
            key = _up(key)
        # Of things at one distance cubes come first: what they hold may be as near, with a smaller id. A leaf stands in
        # the queue once, with its next point and the heap of its others.
        queue: list[tuple[float, int, Any]] = [(0.0, _CUBE, key), (_outside(key, place), _AROUND, key)]
        while queue:
            distance, what, item = heappop(queue)
            if what == _POINT:
                name, rest = item
                yield distance, name
                if rest:
                    further, name = heappop(rest)
                    heappush(queue, (further, _POINT, (name, rest)))
            elif what == _AROUND:
                if item[0] < _TOP:
                    up = _up(item)
                    for key in cells[up]:
                        if key != item:
                            heappush(queue, (_bound(key, place), _CUBE, key))
                    heappush(queue, (_outside(up, place), _AROUND, up))
            elif isinstance(cell := cells[item], list):
                for key in cell:
                    heappush(queue, (_bound(key, place), _CUBE, key))
            else:
                rest = [(dist(here, point), name) for name, point in _pairs(cell)]
                heapify(rest)
                further, name = heappop(rest)
                heappush(queue, (further, _POINT, (name, rest)))

    def _leaves(self, low: _Point, high: _Point) -> Iterator[_Leaf]:
        """The leaves that overlap the box."""
        (ax, ay, az), (bx, by, bz) = _spot(*low), _spot(*high)
        cells = self._cells
        level = max(_BASE, max(bx - ax, by - ay, bz - az, 0).bit_length() - 1)  # at most 3 cubes along each axis
        todo: list[_Key] = [
            (level, ix, iy, iz) for ix in range(ax >> level, (bx >> level) + 1)
            for iy in range(ay >> level, (by >> level) + 1) for iz in range(az >> level, (bz >> level) + 1)]
        while todo:
            key = todo.pop()
            cell = cells.get(key)
            if isinstance(cell, list):
                level = key[0] - 1
                cx, cy, cz, dx, dy, dz = ax >> level, ay >> level, az >> level, bx >> level, by >> level, bz >> level
                todo += [k for k in cell if cx <= k[1] <= dx and cy <= k[2] <= dy and cz <= k[3] <= dz]
            elif cell is not None:
                yield cell


def _clamped(metres: float) -> float:
    return _LOW if metres < _LOW else min(metres, _HIGH)


def _spot(x: float, y: float, z: float) -> _Spot:
    if not (_LOW <= x <= _HIGH and _LOW <= y <= _HIGH and _LOW <= z <= _HIGH):
        x, y, z = _clamped(x), _clamped(y), _clamped(z)
    return floor(x * _PER_METRE) + _ORIGIN, floor(y * _PER_METRE) + _ORIGIN, floor(z * _PER_METRE) + _ORIGIN


def _up(key: _Key) -> _Key:
    level, ix, iy, iz = key
    return level + 1, ix >> 1, iy >> 1, iz >> 1


def _bound(key: _Key, place: _Point) -> float:
    """At most the distance from the place to any point in the cube. Clamping brings no two points further apart."""
    (level, ix, iy, iz), (x, y, z) = key, place
    size = _SIZES[level]
    ax, ay, az = ix * size + _LOW, iy * size + _LOW, iz * size + _LOW
    bx, by, bz = ax + size, ay + size, az + size
    return (1 - _SLACK) * hypot(ax - x if x < ax else x - bx if x > bx else 0.0,
                                ay - y if y < ay else y - by if y > by else 0.0,
                                az - z if z < az else z - bz if z > bz else 0.0)


def _outside(key: _Key, place: _Point) -> float:
    """At most the distance from the place, in the cube, to any point that is not."""
    (level, ix, iy, iz), (x, y, z) = key, place
    size = _SIZES[level]
    x, y, z = x - _LOW, y - _LOW, z - _LOW
    ax, ay, az = ix * size, iy * size, iz * size
    return (1 - _SLACK) * min(x - ax, ax + size - x, y - ay, ay + size - y, z - az, az + size - z)


def _find(cells: Mapping[_Key, _Cell], spot: _Spot) -> tuple[_Key, _Leaf | None]:
    """The leaf that the spot belongs to, and its key; None: there is no such leaf yet."""
    fx, fy, fz = spot
    level = _BASE
    key = (level, fx >> level, fy >> level, fz >> level)
    cell = cells.get(key)
    while isinstance(cell, list):
        level -= 1
        key = (level, fx >> level, fy >> level, fz >> level)
        cell = cells.get(key)
    return key, cell


def _pairs(leaf: _Leaf) -> Iterable[tuple[str, Any]]:
    """Ids with their points."""
    if isinstance(leaf, Map):
        return zip(leaf, map(_XYZ.unpack, leaf.values()), strict=True)
    return zip(leaf[0], _XYZ.iter_unpack(leaf[1]), strict=True)


def _packed(leaf: _Leaf) -> Iterator[tuple[str, bytes]]:
    if isinstance(leaf, Map):
        yield from leaf.items()
    else:
        for i, name in enumerate(leaf[0]):
            yield name, leaf[1][i * _XYZ.size:(i + 1) * _XYZ.size]


def _holds(leaf: _Leaf | None, name: str) -> bool:
    return leaf is not None and name in (leaf if isinstance(leaf, Map) else leaf[0])


def _groups(points: Iterable[tuple[str, bytes]], level: int) -> dict[_Key, list[tuple[str, bytes]]]:
    """The points by the cube of the level that they are in."""
    groups: dict[_Key, list[tuple[str, bytes]]] = {}
    for pair in points:
        fx, fy, fz = _spot(*_XYZ.unpack(pair[1]))
        groups.setdefault((level, fx >> level, fy >> level, fz >> level), []).append(pair)
    return groups


def _store(cells: _Cells, key: _Key, points: list[tuple[str, bytes]]) -> None:
    """Make a leaf of the points, cut into halves while it is too full."""
    if not key[0]:
        cells[key] = Map(points)
    elif len(points) <= _FULL:
        cells[key] = tuple([name for name, _ in points]), b"".join([packed for _, packed in points])
    else:
        groups = _groups(points, key[0] - 1)
        cells[key] = list(groups)
        for half, group in groups.items():
            _store(cells, half, group)


def _put(cells: _Cells, key: _Key, leaf: _Leaf, name: str, packed: bytes) -> None:
    """Add or move a point within its leaf."""
    if isinstance(leaf, Map):
        cells[key] = leaf.set(name, packed)
        return
    names, data = leaf
    if name in names:
        at = names.index(name) * _XYZ.size
        cells[key] = names, data[:at] + packed + data[at + _XYZ.size:]
    elif len(names) < _FULL:
        cells[key] = (*names, name), data + packed
    else:
        _store(cells, key, [*_packed(leaf), (name, packed)])


def _link(cells: _Cells, key: _Key) -> None:
    """Make a new cube known to those above it, up to the first that was there."""
    while key[0] < _TOP:
        up = _up(key)
        known = cells.get(up, [])
        assert isinstance(known, list)
        cells[up] = [*known, key]
        if known:
            return
        key = up


def _take(cells: _Cells, name: str, packed: bytes) -> None:
    """Remove a point that is there, and the cubes that hold nothing any more."""
    key, leaf = _find(cells, _spot(*_XYZ.unpack(packed)))
    assert leaf is not None
    if isinstance(leaf, Map):
        if len(leaf) > 1:
            cells[key] = leaf.delete(name)
            return
    elif len(leaf[0]) > 1:
        names, data = leaf
        i = names.index(name)
        at = i * _XYZ.size
        cells[key] = names[:i] + names[i + 1:], data[:at] + data[at + _XYZ.size:]
        return
    _unlink(cells, key)


def _unlink(cells: _Cells, key: _Key) -> None:
    del cells[key]
    while key[0] < _TOP:
        up = _up(key)
        known = cells[up]
        assert isinstance(known, list)
        if len(known) > 1:
            cells[up] = [k for k in known if k != key]
            _merge(cells, up)
            return
        del cells[up]
        key = up


def _merge(cells: _Cells, key: _Key) -> None:
    """Make a cube that was cut one leaf again, where that is well below the limit, and the cubes above it likewise."""
    while key[0] <= _BASE:
        halves = cells[key]
        assert isinstance(halves, list)
        points: list[tuple[str, bytes]] = []
        for half in halves:
            part = cells[half]
            if isinstance(part, list) or len(points) + (len(part) if isinstance(part, Map) else len(part[0])) > _FULL // 2:
                return
            points += _packed(part)
        for half in halves:
            del cells[half]
        _store(cells, key, points)
        key = _up(key)
