"""What both kits need: a fresh site per test, a small scene, and a way to expect a code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

import pytest
import pytest_asyncio

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.ledger import Ledger
from fleetmind.memory.scene import Node
from fleetmind.memory.store import Change, SceneStore

Site = tuple[SceneStore, Ledger]


def site_fixture(make: Callable[[], AbstractAsyncContextManager[Site]]) -> Any:
    """A fixture `site` from a factory of fresh, empty sites.

    Args:
        make: gives an async context manager of a scene store and a ledger of the same new site.
    """

    @pytest_asyncio.fixture
    async def site(self: object) -> AsyncIterator[Site]:
        async with make() as pair:
            yield pair

    return site


@contextmanager
def refused(code: str, *, actual: object = None) -> Iterator[None]:
    """Expect a refusal with this code (and, where given, with this value among what the store holds)."""
    with pytest.raises(FleetmindError) as caught:
        yield
    assert caught.value.code == code, str(caught.value)
    if actual is not None:
        assert actual in getattr(caught.value, "actual", {}).values(), caught.value


def kitchen() -> Change:
    """A kitchen with a table, a drawer, two mugs and two robots."""
    return Change(put=(
        Node(id="kitchen-1", kind="room", type="Kitchen"),
        Node(id="table-1", kind="receptacle", type="DiningTable", parent="kitchen-1", relation="in"),
        Node(id="drawer-1", kind="receptacle", type="Drawer", parent="kitchen-1", relation="in",
             states={"open": False}),
        Node(id="mug-1", kind="object", type="Mug", parent="table-1", relation="on", attributes={"pickupable": True}),
        Node(id="mug-2", kind="object", type="Mug", parent="table-1", relation="on"),
        Node(id="ann", kind="robot", type="Robot", parent="kitchen-1", relation="in"),
        Node(id="bob", kind="robot", type="Robot", parent="kitchen-1", relation="in"),
    ))
