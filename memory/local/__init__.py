"""A site in this process: `LocalSceneStore` and `LocalLedger` over one `LocalState`."""

from __future__ import annotations

import time
from collections.abc import Callable

from fleetmind.memory.local.ledger import LocalLedger
from fleetmind.memory.local.scene import LocalSceneStore
from fleetmind.memory.local.state import LocalState
from fleetmind.memory.store import Retention


class LocalSite:
    """Scene store and ledger over one shared state and one event log.

    Args:
        clock: gives Unix time; replace it for a virtual clock.
        keep: how much of the past.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, keep: Retention | None = None) -> None:
        self.state = LocalState(clock=clock, keep=keep)
        self.store = LocalSceneStore(self.state)
        """The scene."""
        self.ledger = LocalLedger(self.state)
        """The work."""


__all__ = ["LocalLedger", "LocalSceneStore", "LocalSite", "LocalState"]
