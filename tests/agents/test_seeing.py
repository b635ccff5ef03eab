"""From a world's metadata to what a robot can tell."""

from __future__ import annotations

from typing import Any

from fleetmind.agents.sim_seeing import looked_into, seen_objects


def thing(name: str, kind: str, side_m: float, parents: list[str] | None = None, **more: Any) -> dict[str, Any]:
    size = {"x": side_m, "y": side_m, "z": side_m}
    return {"objectId": name, "objectType": kind, "position": {"x": 0, "y": 0, "z": 0}, "parentReceptacles": parents,
            "axisAlignedBoundingBox": {"center": {"x": 1.0, "y": 0.9, "z": 2.0}, "size": size}, "distance": 1.0, **more}


def test_the_innermost_receptacle_is_the_parent_whatever_its_size() -> None:
    """A burner is thinner than the pot that stands on it."""
    seen = {o.source_id: o for o in seen_objects([
        thing("Burner|1", "StoveBurner", 0.1, receptacle=True),
        thing("Pot|1", "Pot", 0.3, ["Burner|1"], receptacle=True, pickupable=True),
        thing("Potato|1", "Potato", 0.1, ["Burner|1", "Pot|1"], pickupable=True)])}
    assert (seen["Potato|1"].parent, seen["Potato|1"].relation) == ("Pot|1", "inside")
    assert (seen["Pot|1"].parent, seen["Pot|1"].relation) == ("Burner|1", "on")


def test_states_flags_and_frame() -> None:
    (mug,) = seen_objects([thing("Mug|1", "Mug", 0.1, ["Table|1"], pickupable=True, dirtyable=True, isDirty=True,
                                 canFillWithLiquid=True, isFilledWithLiquid=True, fillLiquid="coffee",
                                 temperature="Hot", mass=1.0, isPickedUp=True, isInteractable=True)])
    assert mug.states == {"dirty": True, "filled": "coffee", "temperature": "Hot"}
    assert mug.attributes == {"pickupable": True, "dirtyable": True, "fillable": True, "mass_kg": 1.0}
    assert mug.held
    assert mug.reachable
    assert mug.pose is not None
    assert (mug.pose.x, mug.pose.y, mug.pose.z) == (2.0, -1.0, 0.9)


def test_only_what_is_open_and_near_is_looked_into() -> None:
    drawer = {"receptacle": True, "openable": True, "isInteractable": True}
    found = looked_into([
        thing("D|1", "Drawer", 0.3, **drawer, isOpen=False), thing("D|2", "Drawer", 0.3, **drawer, isOpen=True),
        thing("T|1", "DiningTable", 1.0, receptacle=True, isInteractable=False)])
    assert found == ("D|2",)
