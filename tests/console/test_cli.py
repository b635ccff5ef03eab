"""The command line as people use it: exit codes, clear errors, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleetmind.training import read_trajectory

from .sites import alive

FLEETMIND = [sys.executable, "-m", "fleetmind.console.cli"]


def run(*arguments: str, cwd: Path, timeout_s: float = 90, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*FLEETMIND, *arguments], cwd=cwd, capture_output=True, text=True, timeout=timeout_s,
                          env={**os.environ, **environment}, check=False)


def children_of(directory: Path) -> list[int]:
    """Processes whose command line names the directory."""
    out = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(directory) in words:
                out.append(int(entry.name))
    return out


def wait_until_gone(directory: Path, timeout_s: float) -> list[int]:
    deadline = time.monotonic() + timeout_s
    while (left := [p for p in children_of(directory) if alive(p)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def test_demo_ends_with_a_verified_goal_and_a_record(tmp_path: Path) -> None:
    done = run("demo", "--no-pictures", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "goal verified by the world" in done.stdout
    (made,) = (tmp_path / "runs").iterdir()
    assert (made / "report.html").stat().st_size > 5000
    trajectory = read_trajectory(made / "trajectory")
    assert trajectory.manifest.verdict == "succeeded"
    assert trajectory.steps
    assert trajectory.plans
    assert trajectory.scene("before").version < trajectory.scene("after").version
    replayed = run("replay", str(made), cwd=tmp_path)
    assert replayed.returncode == 0
    assert "plan 1" in replayed.stdout
    assert wait_until_gone(tmp_path, 3) == []


def test_a_task_without_a_goal_ends_with_3_and_a_wrong_goal_with_1(tmp_path: Path) -> None:
    scene = ("--scene", "Kitchen2", "--robots", "duo", "--no-pictures")
    done = run("demo", "--task", "turn off the light", *scene, cwd=tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr
    goal = tmp_path / "goal.yaml"
    goal.write_text("goal: {conditions: [{select: {types: [LightSwitch]}, states: {isToggled: true}}]}")
    wrong = run("demo", "--task", "turn off the light", "--goal", str(goal), *scene, cwd=tmp_path)
    assert wrong.returncode == 1
    assert "does not hold" in wrong.stdout


@pytest.mark.parametrize(("instruction", "words"), [
    ("Räum bitte den Tisch ab und spül das Geschirr", "NOT_UNDERSTOOD"),
    ("frobnicate the quux", "NOT_UNDERSTOOD"),
    ("put the elephant in the fridge", "NOT"),
])
def test_what_is_not_understood_is_refused_with_the_words(tmp_path: Path, instruction: str, words: str) -> None:
    done = run("demo", "--task", instruction, "--scene", "Kitchen2", "--robots", "duo", "--no-pictures", cwd=tmp_path)
    assert done.returncode == 1
    assert words in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (("demo", "--task", "   "), 2, "INSTRUCTION"),
    (("demo", "--scene", "Castle1"), 2, "WORLD_SCENE"),
    (("demo", "--robots", "terminator"), 2, "ROBOT_UNKNOWN"),
    (("demo", "--config", "absent.yaml"), 2, "CONFIG_FILE"),
    (("demo", "--clock", "sundial"), 2, "clock"),
    (("demo", "--goal", "absent.json"), 2, "GOAL_FILE"),
    (("frobnicate",), 2, "No such command"),
    (("task", "list"), 1, "SITE_ABSENT"),
    (("stop",), 1, "SITE_ABSENT"),
    (("replay", "nowhere"), 2, "TRAJECTORY"),
    (("eval", "no-such-suite"), 2, "SUITE"),
])
def test_bad_usage_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert wait_until_gone(tmp_path, 5) == []


@pytest.mark.parametrize(("text", "words"), [
    ("robbots: [chef]", "did you mean 'robots'"),
    ("world: {sceen: {name: Kitchen1}}", "did you mean 'scene'"),
    ("robots: []", "at least one robot"),
    ("robots: [{name: kim, like: chef, wings: 2}]", "wings"),
    ("ports: {fleet: 99999}", "ports.fleet"),
    ("store: {url: 'http://127.0.0.1:1'}", "STORE"),
    ("a: &x [1]\nb: *x", "aliases"),
    ("world: {scene: {name: x, dump: fleet.yaml}}", "WORLD_SCENE"),
    ("[1, 2", "CONFIG_YAML"),
    ("- just\n- a list", "must hold keys"),
])
def test_config_check_names_the_key(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "fleet.yaml").write_text(text)
    done = run("config", "check", cwd=tmp_path)
    assert done.returncode != 0
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_config_check_accepts_what_works(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text("site: lab\nrobots: [duo, {name: kim, like: scout, reach_m: 1.8}]\n")
    done = run("config", "check", cwd=tmp_path, FLEETMIND_WORLD__SEED="7")
    assert done.returncode == 0, done.stderr
    assert "chef, scout, kim" in done.stdout
    assert "seed 7" in done.stdout


@pytest.mark.parametrize("when", ["processes", "running"])
def test_ctrl_c_leaves_no_process(tmp_path: Path, when: str) -> None:
    demo = subprocess.Popen([*FLEETMIND, "demo", "--clock", "real", "--no-pictures"], cwd=tmp_path,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert demo.stdout is not None
    for line in demo.stdout:
        if when in line:
            break
    demo.send_signal(signal.SIGINT)
    demo.stdout.read()
    demo.stdout.close()
    assert demo.wait(20) == 130
    assert wait_until_gone(tmp_path, 3) == []


def test_a_killed_launcher_takes_everything_with_it(tmp_path: Path) -> None:
    demo = subprocess.Popen([*FLEETMIND, "demo", "--clock", "real", "--no-pictures"], cwd=tmp_path,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "task running" in line:
            break
    assert len(children_of(tmp_path)) >= 7
    demo.kill()
    demo.wait(5)
    demo.stdout.close()
    assert wait_until_gone(tmp_path, 4) == []


def test_up_serves_the_other_commands_and_resumes(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(
        "robots: [duo]\nworld: {scene: {name: Kitchen2}, pictures: false}\n")

    def start() -> subprocess.Popen[str]:
        up = subprocess.Popen([*FLEETMIND, "up", "-c", "fleet.yaml"], cwd=tmp_path, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        assert up.stdout is not None
        for line in up.stdout:
            if "Ctrl-C" in line:
                return up
        raise AssertionError("up ended")

    def end(up: subprocess.Popen[str]) -> None:
        up.send_signal(signal.SIGINT)
        assert up.stdout is not None
        up.stdout.read()
        up.stdout.close()
        up.wait(20)

    up = start()
    try:
        done = run("task", "submit", "turn off the light", "--watch", cwd=tmp_path)
        assert done.returncode == 3, done.stdout + done.stderr
        assert "task succeeded" in done.stdout
        robots = [json.loads(line) for line in run("robots", "--json", cwd=tmp_path).stdout.splitlines()]
        assert {(r["robot"], r["state"]) for r in robots} == {("chef", "online"), ("scout", "online")}
        assert "lightswitch-1" in run("scene", "show", cwd=tmp_path).stdout
        exported = json.loads(run("scene", "export", cwd=tmp_path).stdout)
        assert any(n["id"] == "lightswitch-1" for n in exported["nodes"])
        twice = run("robot", "scout", cwd=tmp_path)
        assert twice.returncode == 1
        assert "Traceback" not in twice.stderr
        assert "stopped" in run("stop", "a test", cwd=tmp_path).stdout
        held = run("task", "submit", "turn on the light", cwd=tmp_path).stdout.strip()
        assert "released" in run("reset", cwd=tmp_path).stdout
        assert run("task", "watch", held, cwd=tmp_path).returncode == 3
        assert run("task", "cancel", "t-unknown", cwd=tmp_path).returncode == 1
        second = run("up", "-c", "fleet.yaml", cwd=tmp_path)
        assert second.returncode == 1
        assert "SITE_BUSY" in second.stderr
        assert run("robots", cwd=tmp_path).returncode == 0, "the first site is still reachable"
    finally:
        end(up)
    assert wait_until_gone(tmp_path, 4) == []
    up = start()
    try:
        tasks = [json.loads(line) for line in run("task", "list", "--json", cwd=tmp_path).stdout.splitlines()]
        assert [t["state"] for t in tasks] == ["succeeded", "succeeded"]
    finally:
        end(up)
