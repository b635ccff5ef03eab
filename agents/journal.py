"""A robot's journal: what it accepted and how it ended, so that a repeat is answered and never done again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO

from fleetmind.memory import FleetmindError, Outcome


class Journal:
    """Append-only lines in one file; a line is written before its acknowledgement leaves the robot.

    Lines are flushed to the operating system, which survives the death of the process. Survival of a power
    failure needs `durable=True`, which costs an fsync per line.

    Args:
        path: file, created with its directory.
        durable: fsync each line.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self.path = path
        self._durable = durable
        self._received: dict[str, int] = {}
        self._finished: dict[str, tuple[int, Outcome]] = {}
        self._file: IO[str] | None = None

    def open(self) -> None:
        """Read what is there (a torn last line is dropped) and be ready to append."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        for line in text.splitlines():
            self._replay(line)
        self._file = self.path.open("a", encoding="utf-8")
        if text and not text.endswith("\n"):
            self._file.write("\n")  # a torn line must not swallow the next one

    def _replay(self, line: str) -> None:
        try:
            entry = json.loads(line)
            attempt, fence = str(entry["attempt"]), int(entry["fence"])
            if "outcome" in entry:
                self._finished[attempt] = (fence, Outcome.model_validate(entry["outcome"]))
            else:
                self._received[attempt] = fence
        except (ValueError, KeyError, TypeError):
            return  # a line torn by a crash was never acknowledged

    def received(self, attempt: str, fence: int) -> None:
        """Record that an attempt was accepted, before acknowledging it."""
        self._received[attempt] = fence
        self._write({"attempt": attempt, "fence": fence})

    def finished(self, attempt: str, fence: int, outcome: Outcome) -> None:
        """Record how an attempt ended, before reporting it."""
        self._finished[attempt] = (fence, outcome)
        self._write({"attempt": attempt, "fence": fence, "outcome": outcome.model_dump(mode="json")})

    def outcome(self, attempt: str) -> tuple[int, Outcome] | None:
        """Fence and outcome of a finished attempt."""
        return self._finished.get(attempt)

    def knows(self, attempt: str) -> bool:
        """True when the attempt was accepted before, finished or not."""
        return attempt in self._received or attempt in self._finished

    def unfinished(self) -> dict[str, int]:
        """Attempts accepted and never finished: after a crash, what they did is unknown."""
        return {a: f for a, f in self._received.items() if a not in self._finished}

    def _write(self, entry: dict[str, object]) -> None:
        if self._file is None:
            raise FleetmindError("JOURNAL_CLOSED", f"journal {str(self.path)!r} is not open: call open() first")
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        if self._durable:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
