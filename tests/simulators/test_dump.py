"""Scenes from dumps of real AI2-THOR metadata, where the data is present, and files that are none."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fleetmind.simulators import Body, HouseholdWorld, SceneSpec, WorldError
from tests.simulators.hands import Home

ARCHIVE = Path(__file__).parents[3] / "shared" / "thor_data" / "rl_ai2thor" / "objects_metadata_samples.tar.gz"


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 120 dumps as files `FloorPlan1.json`."""
    if not ARCHIVE.exists():
        pytest.skip("the reference data of AI2-THOR is not beside this checkout")
    target = tmp_path_factory.mktemp("dumps")
    with tarfile.open(ARCHIVE) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            if content is not None:
                (target / Path(member.name).name.replace("_physics", "")).write_bytes(content.read())
    return target


def test_ids_and_places_are_those_of_the_dump(dumps: Path) -> None:
    path = dumps / "FloorPlan28.json"
    home = Home("FloorPlan28", dump=str(path))
    rows: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    metadata = {o["objectId"]: o for o in home.world.observe_all()["objects"]}
    assert metadata.keys() == rows.keys()
    for key, row in rows.items():
        ours = metadata[key]
        assert ours["position"] == row["position"]
        for flag in ("pickupable", "openable", "toggleable", "receptacle", "sliceable", "isToggled", "isOpen"):
            assert ours[flag] == row[flag], (key, flag)
    assert 60 < len(home.ok("GetReachablePositions").value) < 200


def test_work_can_be_done_in_it(dumps: Path) -> None:
    home = Home("FloorPlan28", dump=str(dumps / "FloorPlan28.json"))
    tomato, fridge = home.one("Tomato"), home.one("Fridge")
    home.go(tomato)
    home.ok("PickupObject", tomato, force=False)
    home.go(fridge)
    home.ok("OpenObject", fridge, force=False)
    home.go(fridge)
    home.ok("PutObject", fridge)
    assert home.meta(tomato)["temperature"] == "Cold"
    knob = home.one("StoveKnob")
    home.ok("ToggleObjectOn", knob)
    assert home.meta(knob.controls[0])["isToggled"]


@pytest.mark.parametrize("name", ["FloorPlan1", "FloorPlan3", "FloorPlan202", "FloorPlan301", "FloorPlan430"])
def test_some_dumps_load(dumps: Path, name: str) -> None:
    _load(dumps / f"{name}.json")


@pytest.mark.slow
def test_all_dumps_load(dumps: Path) -> None:
    files = sorted(dumps.glob("*.json"))
    assert len(files) == 120
    for path in files:
        _load(path)


def _load(path: Path) -> None:
    home = Home(path.stem, dump=str(path))
    assert len(home.ok("GetReachablePositions").value) >= 10
    home.world.observe("ada")
    home.world.layout()


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"{}", b'{"Mug|1": 3}', b'{"Mug|1": {}}', b"\xff\xfe", b'{"a": {"objectType": "Mug"}}',
    b'{"a": {"objectType": "Mug", "axisAlignedBoundingBox": {"center": {"x": NaN, "y": 0, "z": 0}, '
    b'"size": {"x": 1, "y": 1, "z": 1}}}}', b"[" * 100_000])
def test_files_that_are_no_dump_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dump.json"
    path.write_bytes(content)
    world = HouseholdWorld()
    with pytest.raises(WorldError) as caught:
        world.reset(SceneSpec(name="x", dump=str(path)), [Body(name="ada")])
    assert caught.value.code == "WORLD_SCENE"
    with pytest.raises(WorldError):
        world.reset(SceneSpec(name="x", dump=str(tmp_path / "absent.json")), [])
