"""The kinds of rooms: each furnishes itself and fills itself with things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fleetmind.simulators.household.rooms import bathroom, bedroom, kitchen, living_room
from fleetmind.simulators.household.rooms.builder import NoRoomError, RoomBuilder


@dataclass(frozen=True, slots=True)
class RoomKind:
    """How one kind of room is made."""

    furnish: Callable[[RoomBuilder], None]
    fill: Callable[[RoomBuilder], None]
    widths: tuple[float, ...]
    """Usual extents in metres, along x."""
    depths: tuple[float, ...]
    """Usual extents in metres, along z."""


ROOM_KINDS: dict[str, RoomKind] = {
    "Kitchen": RoomKind(kitchen.furnish, kitchen.fill, (5.0, 5.5, 6.0), (5.0, 5.5)),
    "LivingRoom": RoomKind(living_room.furnish, living_room.fill, (5.0, 5.5, 6.0), (5.0, 5.5, 6.0)),
    "Bedroom": RoomKind(bedroom.furnish, bedroom.fill, (4.5, 5.0), (4.5, 5.0)),
    "Bathroom": RoomKind(bathroom.furnish, bathroom.fill, (3.5, 4.0), (3.5, 4.0)),
}
"""Room kinds by AI2-THOR's names."""

__all__ = ["ROOM_KINDS", "NoRoomError", "RoomBuilder", "RoomKind"]
