"""A robot's journal answers repeats and survives a torn line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetmind.agents.journal import Journal
from fleetmind.memory import FleetmindError, Outcome


def test_it_remembers_across_restarts(tmp_path: Path) -> None:
    path = tmp_path / "kim.journal.jsonl"
    first = Journal(path)
    first.open()
    first.received("t/s1/1", 7)
    first.received("t/s2/1", 8)
    first.finished("t/s1/1", 7, Outcome(code="succeeded", message="äö"))
    first.close()
    path.write_text(path.read_text(encoding="utf-8") + '{"attempt": "t/s3/1", "fen', encoding="utf-8")
    second = Journal(path)
    second.open()
    assert second.outcome("t/s1/1") == (7, Outcome(code="succeeded", message="äö"))
    assert second.unfinished() == {"t/s2/1": 8}
    assert not second.knows("t/s3/1")
    second.received("t/s4/1", 9)
    second.close()
    third = Journal(path)
    third.open()
    assert third.unfinished() == {"t/s2/1": 8, "t/s4/1": 9}
    third.close()


def test_a_closed_journal_refuses(tmp_path: Path) -> None:
    with pytest.raises(FleetmindError, match="JOURNAL_CLOSED"):
        Journal(tmp_path / "x").received("t/s/1", 1)
