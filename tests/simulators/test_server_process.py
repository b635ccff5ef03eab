"""The world server as a process: files, signals, and the death of its parent."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleetmind.simulators import Seat, WorldClient, WorldError
from fleetmind.simulators.server import main
from fleetmind.simulators.tokens import tokens_in

START_S = 30.0


def wait_for_port(path: Path) -> int:
    """The port once the server has announced it."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if path.exists():
            return int(json.loads(path.read_text(encoding="utf-8"))["port"])
        time.sleep(0.01)
    raise AssertionError("the world server did not start")


def command(tmp_path: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "fleetmind.simulators.server", "--state-dir", str(tmp_path), "--port-file",
            str(tmp_path / "port.json"), *more]


def started(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(arguments)


async def seat_at(port: int, tmp_path: Path) -> tuple[WorldClient, Seat]:
    client = WorldClient(f"127.0.0.1:{port}", token=tokens_in(tmp_path).site)
    await client.connect()
    return client, await client.seat("ada")


async def test_it_serves_a_scene_and_ends_on_sigterm(tmp_path: Path) -> None:
    scene = tmp_path / "scene.json"
    scene.write_text(json.dumps({"scene": {"name": "Kitchen2"}, "agents": [{"name": "ada"}], "seed": 4}))
    process = started(command(tmp_path, "--scene-json", str(scene), "--clock", "realx50"))
    try:
        client, seat = await seat_at(wait_for_port(tmp_path / "port.json"), tmp_path)
        assert (await seat.step({"action": "RotateLeft"})).success
        assert (await client.status())["clock"] == "real"
        assert stat.S_IMODE((tmp_path / "launcher.token").stat().st_mode) == 0o600
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        with pytest.raises(WorldError):
            await seat.step({"action": "RotateLeft"})
        await client.close()
    finally:
        process.kill()
        process.wait()


def test_it_ends_when_its_parent_dies(tmp_path: Path) -> None:
    launch = ("import os, subprocess, sys, time; "
              "p = subprocess.Popen([*sys.argv[1:], '--parent-pid', str(os.getpid())]); print(p.pid, flush=True); "
              "time.sleep(60)")
    parent = subprocess.Popen([sys.executable, "-c", launch, *command(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for_port(tmp_path / "port.json")
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and _alive(child):
            time.sleep(0.02)
        assert not _alive(child)
    finally:
        parent.kill()
        parent.wait()
        if parent.stdout is not None:
            parent.stdout.close()


def _alive(pid: int) -> bool:
    """True for a process that runs; a zombie that nobody has collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        if Path("/proc/self").exists():
            return False
        try:
            os.kill(pid, 0)
        except OSError:
            return False
        return True
    return state not in ("Z", "X")


@pytest.mark.parametrize(("content", "offence"), [
    ("{", "not plain JSON"), ('{"scene": {"name": "Attic1"}}', "'Attic1'"), ('{"scen": 1}', "'scen'"),
    ('{"scene": {"name": "Kitchen1"}, "agents": [{"name": "A B"}]}', "is not one"), ("[]", "JSON object")])
def test_a_scene_file_that_is_none_ends_it_with_a_reason(
        tmp_path: Path, content: str, offence: str, caplog: pytest.LogCaptureFixture) -> None:
    scene = tmp_path / "scene.json"
    scene.write_text(content)
    assert main(["--state-dir", str(tmp_path), "--scene-json", str(scene)]) == 1
    assert offence in caplog.text


def test_token_files_that_others_can_read_are_refused(tmp_path: Path) -> None:
    first = tokens_in(tmp_path)
    assert tokens_in(tmp_path) == first
    (tmp_path / "site.token").chmod(0o644)
    with pytest.raises(WorldError) as caught:
        tokens_in(tmp_path)
    assert caught.value.code == "WORLD_DENIED"
    assert "chmod 600" in caught.value.message
