"""Scenes of the past that a replica keeps: dense for the newest changes, thinner further back.

Scenes share what did not change between them, so each one kept costs the nodes that changed since.
"""

from __future__ import annotations

import bisect
from collections import deque

from fleetmind.memory.events import Event
from fleetmind.memory.index import Entry
from fleetmind.memory.scene import Scene

RECENT = 4096
"""Events whose changes are kept one by one."""
DENSE = 256
"""Versions between two scenes among the recent."""
SPARSE = 1024
"""Versions between two scenes further back."""


class Timeline:
    """What a replica remembers.

    Args:
        horizon: versions that are remembered, counted from the newest.
    """

    def __init__(self, horizon: int) -> None:
        self._horizon = horizon
        self._marks: list[Scene] = []
        self._recent: deque[tuple[int, float, list[Entry], list[str]]] = deque(maxlen=min(RECENT, horizon) or 1)

    def restart(self, scene: Scene) -> None:
        """Forget everything: from here on there are no gaps."""
        self._marks = [scene]
        self._recent.clear()

    def note(self, event: Event, put: list[Entry], remove: list[str]) -> None:
        """Remember what an event changed; events come in order, without gaps."""
        self._recent.append((event.seq, event.time_s, put, remove))

    def mark(self, scene: Scene) -> None:
        """Keep a scene, if the last one kept is old enough."""
        marks = self._marks
        if marks and scene.version - marks[-1].version < DENSE:
            return
        marks.append(scene)
        oldest = scene.version - self._horizon
        if len(marks) > 2 and marks[1].version <= oldest:
            del marks[0]
        # Thin out behind the recent ones: the mark that has just left them goes when its neighbours are close.
        behind = bisect.bisect_right(marks, scene.version - RECENT - DENSE, key=lambda mark: mark.version)
        if 1 < behind < len(marks) and marks[behind].version - marks[behind - 2].version < SPARSE:
            del marks[behind - 1]

    def before(self, version: int) -> Scene | None:
        """The newest scene kept that is not newer than the version."""
        place = bisect.bisect_right(self._marks, version, key=lambda mark: mark.version)
        return self._marks[place - 1] if place else None

    def at(self, version: int) -> Scene | None:
        """The scene at a version, without asking anybody; None when that takes events which are not here."""
        start = self.before(version)
        if start is None or start.version == version:
            return start
        if not self._recent or self._recent[0][0] > start.version + 1:
            return None
        put: dict[str, Entry] = {}
        removed: dict[str, None] = {}
        first = self._recent[0][0]
        for place in range(start.version + 1 - first, version + 1 - first):
            _, _, came, went = self._recent[place]
            put.update((entry.id, entry) for entry in came)
            for node_id in went:
                put.pop(node_id, None)
                removed[node_id] = None
        return start.evolve_entries(list(put.values()), list(removed), version=version)

    def version_at(self, time_s: float) -> int | None:
        """The version at a time of the store's clock; None where the store must be asked."""
        if not self._recent or not self._recent[0][1] <= time_s < self._recent[-1][1]:
            return None
        place = bisect.bisect_right(self._recent, time_s, key=lambda change: change[1])
        return self._recent[place - 1][0]
