"""The example robot passes the embodiment kit and works in a fleet, on a real TCP device."""

from __future__ import annotations

import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fleetmind.agents.conformance import EmbodimentConformance
from fleetmind.brain import Plan
from fleetmind.memory import SkillCall

from ..agents.test_fleet import run_task
from ..agents.toys import RailBrain, fleet_of, subtask

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class _Device(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.visited: list[str] = []
        super().__init__(("127.0.0.1", 0), _Line)


class _Line(socketserver.StreamRequestHandler):
    server: _Device

    def handle(self) -> None:
        for raw in self.rfile:
            verb, _, station = raw.decode().strip().partition(" ")
            if verb == "GO" and station != "moon":
                self.server.visited.append(station)
                self.wfile.write(f"OK {station}\n".encode())
            else:
                self.wfile.write(f"NO way to {station}\n".encode())


@pytest.fixture
def device() -> Iterator[_Device]:
    with _Device() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture
def cart(device: _Device, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    sys.modules.pop("own_robot", None)
    import own_robot

    return own_robot.Cart(f"127.0.0.1:{device.server_address[1]}")


class TestCart(EmbodimentConformance):
    harmless: ClassVar[SkillCall | None] = SkillCall(skill="navigate_to", arguments={"target": "dock"})

    @pytest.fixture
    def body(self, cart: Any) -> Any:
        return cart


def test_it_is_short() -> None:
    assert len((EXAMPLES / "own_robot.py").read_text(encoding="utf-8").splitlines()) <= 60


async def test_it_runs_in_a_fleet(tmp_path: Path, cart: Any, device: _Device) -> None:
    plan = Plan(subtasks=(subtask("s1", "navigate_to:shelf", skills=("navigate_to",)),
                          subtask("s2", "navigate_to:dock", skills=("navigate_to",), after=["s1"])))
    brain = RailBrain(plan)
    async with fleet_of(tmp_path, brain, [cart]) as (site, _, _):
        state = await run_task(site, brain)
    assert state["verdict"] == "succeeded"
    assert device.visited == ["shelf", "dock"]


async def test_a_refusal_of_the_device_is_the_tasks_reason(tmp_path: Path, cart: Any, device: _Device) -> None:
    brain = RailBrain(Plan(subtasks=(subtask("s1", "navigate_to:moon", skills=("navigate_to",)),)))
    async with fleet_of(tmp_path, brain, [cart]) as (site, _, _):
        state = await run_task(site, brain, max_replans=0)
    assert state["verdict"] == "failed"
    assert "NO way to moon" in state["reason"]
