"""A site in this process: `LocalSceneStore` and `LocalLedger` over one `LocalState`."""

from __future__ import annotations

import time
from collections.abc import Callable

from fleetmind.memory.local.ledger import LocalLedger
from fleetmind.memory.local.scene import LocalSceneStore
from fleetmind.memory.local.state import LOG_LIMIT, LocalState


class LocalSite:
    """Scene store and ledger over one shared state and one event log.

    Args:
        clock: gives Unix time; replace it for a virtual clock.
        log_limit: how many events are kept.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, log_limit: int = LOG_LIMIT) -> None:
        self.state = LocalState(clock=clock, log_limit=log_limit)
        self.store = LocalSceneStore(self.state)
        """The scene."""
        self.ledger = LocalLedger(self.state)
        """The work."""


__all__ = ["LocalLedger", "LocalSceneStore", "LocalSite", "LocalState"]
