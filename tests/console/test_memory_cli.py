"""`fleetmind memory`: conversions, pictures, clear errors; and the examples of the page about it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetmind.console.cli import app
from fleetmind.memory.conformance.site import kitchen
from fleetmind.memory.interchange import scene_from_json, scene_to_json
from fleetmind.memory.scene import Pose, Scene

PAGE = Path(__file__).resolve().parents[2] / "docs" / "interchange.md"
PROFILE = "scene: [{name: table, type: table, contains: [apple]}]"
FULL = Path("/dev/full")
SCENE = Scene([node.model_copy(update={"pose": Pose(x=place, y=0)}) for place, node in enumerate(kitchen().put)],
              version=4)


def run(*arguments: str, given: bytes | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["memory", *arguments], input=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLEETMIND_STATE_DIR", raising=False)
    (tmp_path / "scene.json").write_text(scene_to_json(SCENE), encoding="utf-8")
    (tmp_path / "profile.yaml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["fleetmind", "graphml", "networkx", "spark-dsg", "thor", "roboos"])
def test_out_and_in_again(here: Path, name: str) -> None:
    code, out, _ = run("export", "scene.json", "--format", name)
    assert code == 0
    told = f"there: {len(SCENE)} nodes, {len(out.encode())} bytes\n"
    assert run("export", "scene.json", "-f", name, "-o", "there") == (0, "", told)
    assert (here / "there").read_text(encoding="utf-8") == out
    code, back, _ = run("import", "there")
    assert code == 0
    scene = scene_from_json(back)
    if name not in ("thor", "roboos"):
        assert dict(scene.nodes) == dict(SCENE.nodes)
    assert run("import", "-", "--format", name, given=out.encode())[1] == back


def test_pictures(here: Path) -> None:
    for name, start in (("map.png", b"\x89PNG"), ("map.svg", b"<svg"), ("map.HTML", b"<!DOCTYPE html>")):
        code, out, err = run("picture", "scene.json", "--out", name, "--within", "kitchen-1")
        assert (code, out) == (0, "")
        assert name in err
        assert (here / name).read_bytes().startswith(start)


def test_the_schema() -> None:
    code, out, _ = run("schema")
    assert code == 0
    assert json.loads(out)["title"] == "fleetmind scene"


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (("import", "absent.json"), 2, "absent.json: No such file"), (("import", "."), 2, "Is a directory"),
    (("import", "garbage"), 2, "FORMAT_UNKNOWN"), (("import", "cut.json"), 2, "JSON_SYNTAX"),
    (("import", "profile.yaml", "-f", "docx"), 2, "FORMAT_UNKNOWN"),
    (("import", "scene.json", "-f", "thor"), 2, "IMPORT_"),
    (("import", "evil.graphml"), 2, "XML_DOCTYPE"), (("import", "profile.yaml", "-o", "scene.json"), 2, "--force"),
    (("import", "profile.yaml", "-o", "."), 2, "FILE_KIND"), (("import", "profile.yaml", "-o", "no/x"), 2, "FILE_KIND"),
    (("import", "profile.yaml", "-o", "/dev/null", "--force"), 2, "FILE_KIND"),
    (("import", "profile.yaml", "-o", "x" * 255), 2, "FILE"),
    (("export", "scene.json", "-f", "docx"), 2, "FORMAT_UNKNOWN"),
    (("export", "--format", "graphml"), 1, "SITE_ABSENT"), (("picture", "scene.json", "-o", "map.bmp"), 2, ".svg"),
    (("picture", "scene.json", "-o", "a.png", "--within", "cellar"), 2, "SCENE_UNKNOWN"), (("picture",), 2, "--out"),
    (("picture", "-o", "a.png"), 1, "SITE_ABSENT"),
])
def test_what_goes_wrong_is_one_clear_line(here: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    (here / "garbage").write_bytes(bytes(range(256)))
    (here / "cut.json").write_text('{"format": "fleetmind-scene"', encoding="utf-8")
    (here / "evil.graphml").write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><graphml/>", encoding="utf-8")
    before = sorted(here.iterdir())
    got, out, err = run(*arguments)
    assert got == code, err
    assert words in err
    assert out == ""
    assert sorted(here.iterdir()) == before
    assert scene_from_json((here / "scene.json").read_bytes()).version == 4


def test_force_replaces(here: Path) -> None:
    assert run("import", "profile.yaml", "-o", "scene.json", "--force")[0] == 0
    assert "apple" in scene_from_json((here / "scene.json").read_bytes())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_without_permission(here: Path) -> None:
    (here / "scene.json").chmod(0)
    assert run("import", "scene.json")[0] == 2


def test_a_full_device_and_a_closed_pipe_are_no_tracebacks(here: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m fleetmind.console.cli memory export scene.json"
    for rest in ("| head -c 1", *(["> /dev/full"] if FULL.exists() else [])):
        done = subprocess.run(f"{command} {rest}", shell=True, cwd=here, capture_output=True, text=True, timeout=60,
                              check=False)
        assert "Traceback" not in done.stderr
    (here / "full").symlink_to(FULL)
    assert "FILE_KIND" in run("export", "scene.json", "-o", "full")[2]


def test_the_pages_commands_run(here: Path) -> None:
    (block,) = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (here / "scene.json").unlink()
    for line in block.splitlines():
        words = shlex.split(line)
        assert words[:2] == ["fleetmind", "memory"]
        assert run(*words[2:])[0] == 0, line
    assert {"scene.graphml", "dsg.json", "map.html", "map.png", "scene.schema.json"} <= {p.name for p in here.iterdir()}


def test_the_pages_python_runs(here: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), {})
