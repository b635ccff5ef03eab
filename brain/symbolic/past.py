"""What was already done for a task: read back from the keys of finished and running subtasks.

Keys are `want:node:what`, for searches `find:types:round`. They survive a restart of the planner, because the
ledger keeps them; a brain keeps nothing between calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fleetmind.brain.plan import DecomposeRequest

_WAS = " was at "
_UNSEEN = "reported done, but not seen"
"""How the dispatcher words a report that the scene graph does not bear out."""


def key_of(want: int | str, node: str, what: str) -> str:
    """The key of a subtask."""
    return f"{want}:{node}:{what}"


class Past:
    """The history of a task."""

    def __init__(self, request: DecomposeRequest) -> None:
        self.done: set[str] = {f.key for f in request.finished if f.ok} | {s.key for s in request.running}
        self.failures: Counter[str] = Counter(f.key for f in request.finished if not f.ok)
        self.reasons: dict[str, str] = {
            f.key: f.outcome.message for f in request.finished if not f.ok and f.outcome is not None}
        self.failed_robots: dict[str, list[str]] = {}
        """Who failed, by key: somebody else may see or reach better."""
        for f in request.finished:
            if not f.ok and f.robot:
                self.failed_robots.setdefault(f.key, []).append(f.robot)
        self._keys = [f.key for f in request.finished] + [s.key for s in request.running]
        self.origins: dict[str, str] = {}
        """Where things were when they were first dealt with."""
        for note in request.notes:
            thing, found, place = note.partition(_WAS)
            if found:
                self.origins.setdefault(thing, place)
        for key in self._keys:
            want, _, rest = key.partition(":")
            thing, found, place = rest.rpartition(":")[2].partition("@")
            if found and want.isdigit():
                self.origins.setdefault(rest.rpartition(":")[0], place)

    def bound(self, wants: Iterable[int], *, every: bool = False) -> list[str]:
        """Nodes that these wants were about so far, oldest first.

        Args:
            wants: numbers of wants.
            every: also those that failed so often that another of their kind had better be taken.
        """
        numbers = {str(w) for w in wants}
        found: list[str] = []
        for key in self._keys:
            want, _, rest = key.partition(":")
            node = rest.rpartition(":")[0]
            if want in numbers and node and node not in found:
                found.append(node)
        return [n for n in found if every or sum(self.failures[k] for k in self._keys_of(numbers, n)) < 3
                or any(k in self.done for k in self._keys_of(numbers, n))]

    def _keys_of(self, wants: set[str], node: str) -> set[str]:
        return {k for k in self._keys
                if k.partition(":")[0] in wants and k.partition(":")[2].rpartition(":")[0] == node}

    def was_sliced(self, node: str) -> bool:
        """True when a subtask has cut it up; its slices are other things."""
        return any(f":{node}:sliced" in key and "-out" not in key for key in self.done)

    def put_out_of_sight(self, key: str) -> bool:
        """True when a robot has put the thing there and nobody can see it: deep in a bin, behind other things."""
        return _UNSEEN in self.reasons.get(key, "")

    def failed_on(self, node: str) -> int:
        """How many subtasks about a node have failed."""
        return sum(count for key, count in self.failures.items() if f":{node}:" in key)

    def times(self, prefix: str) -> int:
        """How often a subtask with a key of this beginning has ended or runs."""
        return sum(1 for key in self._keys if key.startswith(prefix))

    def notes(self, origins: dict[str, str]) -> tuple[str, ...]:
        """Where things were, for the next decomposition."""
        return tuple(f"{thing}{_WAS}{place}" for thing, place in sorted(origins.items()))
