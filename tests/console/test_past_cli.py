"""The past of a running site on the command line: a real store, no other process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleetmind.console.cli import app
from fleetmind.console.site import SiteFile, StateDir
from fleetmind.memory import Change, EmbeddedServer, Node, Pose, RobotProfile, connect_site
from fleetmind.memory.conformance.site import kitchen


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state directory whose store has a little past."""
    root = tmp_path_factory.mktemp("site")
    state = StateDir(root)
    state.create()

    async def live(url: str, token: str) -> None:
        store, ledger = await connect_site(url, "home", token)
        await store.apply(kitchen())
        await store.apply(Change(put=(Node(id="odd [red]", kind="object", type="Cup", parent="table-1", relation="on",
                                           pose=Pose(x=1, y=0)),)))
        await store.move("mug-1", "on", "table-1", pose=Pose(x=0, y=0))
        await store.grasp("ann", "mug-1")
        await store.place("ann", "mug-1", "inside", "drawer-1", pose=Pose(x=3, y=0))
        await ledger.put_robot(RobotProfile(name="ann", skills=()), state="online")
        await store.close()

    with EmbeddedServer(root, "home") as server:
        state.write(SiteFile(site="home", launcher_pid=1))
        state.keep_store_access(server.url, embedded=True)
        asyncio.run(live(server.url, server.token))
        yield root


def run(site: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["memory", *words, "--state-dir", str(site)])


def data(site: Path, *words: str) -> Any:
    result = run(site, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_history_and_places(site: Path) -> None:
    assert [r["op"] for r in data(site, "history", "mug-1")] == ["place", "grasp", "move", "apply"]
    assert [(s["relation"], s["parent"]) for s in data(site, "where", "mug-1")] == [
        ("inside", "drawer-1"), ("held_by", "ann"), ("on", "table-1")]
    shown = run(site, "where", "mug-1").stdout
    assert "inside drawer-1" in shown
    assert "now" in shown


def test_diff_and_the_scene_as_it_was(site: Path, tmp_path: Path) -> None:
    assert {c["after"]["id"] for c in data(site, "diff", "1", "5")} == {"mug-1", "odd [red]"}
    out = tmp_path / "then.json"
    assert run(site, "at", "4", "--out", str(out)).exit_code == 0
    then = {n["id"]: n for n in json.loads(out.read_text())["nodes"]}
    assert then["mug-1"]["relation"] == "held_by"
    assert run(site, "at", "--ago", "0").exit_code == 0
    assert run(site, "at", "4", "--out", str(out)).exit_code == 2, "it is there already"


def test_near_and_robots(site: Path) -> None:
    assert [n["id"] for n in data(site, "near", "mug-1", "--type", "Cup")] == ["odd [red]"]
    assert "odd [red]" in run(site, "near", "mug-1").stdout
    assert [r["profile"]["name"] for r in data(site, "robots")] == ["ann"]


def test_loading_a_file(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.json"
    file.write_text(json.dumps({"format": "fleetmind-scene", "schema": 2, "nodes": [
        {"id": "attic", "kind": "room", "type": "Attic"},
        {"id": "box", "kind": "object", "type": "Box", "parent": "attic", "relation": "in"}]}))
    result = run(site, "load", str(file))
    assert result.exit_code == 0, result.output
    assert [s["parent"] for s in data(site, "where", "box")] == ["attic"]


@pytest.mark.parametrize("words", [
    ("history", "ghost"), ("where", "ghost"), ("history", "a{b}"), ("diff", "3", "999"), ("at", "999"), ("at",),
    ("at", "1", "--ago", "5"), ("near", "ghost"), ("load", "/nowhere.json")])
def test_what_is_wrong_is_said_in_one_line(site: Path, words: tuple[str, ...]) -> None:
    result = run(site, *words)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


def test_no_site(tmp_path: Path) -> None:
    result = run(tmp_path, "history", "mug-1")
    assert result.exit_code == 1
    assert "SITE_ABSENT" in result.stderr
