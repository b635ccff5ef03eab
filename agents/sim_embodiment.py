"""The simulated embodiment: what a robot of the household world can do.

Reach and payload are enforced here, as a real driver would: the world itself would let any agent lift anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetmind.agents.embodiment import SkillFailed
from fleetmind.agents.sim_motion import SimBody, SimMotion
from fleetmind.agents.skills import skill

__all__ = ["SimBody", "SimEmbodiment"]


class SimEmbodiment(SimMotion):
    """One simulated robot, with every skill; which of them it has is the body's business.

    Args:
        body: what it is.
        address: of the world server.
        token: the site's token.
        size: picture width and height, pixels.
    """

    @skill(effects=("the robot can see and reach {target}",), resources=("base",), retry_safe=True, timeout_s=300)
    async def navigate_to(self, target: str) -> dict[str, Any]:
        """Drive to where the target can be seen and handled.

        Args:
            target: scene-graph id of a room, a piece of furniture, an object or a robot.
        """
        node = self._node(target)
        await self._look()
        if node.kind == "room":
            await self._drive_to(self._room_cells(node))
            await self._glimpse()
            return {"at": target}
        if self._in_hand_range(node):
            await self._glimpse()
            return {"at": target}
        await self._approach(node)
        return {"at": target}

    @skill(effects=("everything around the robot has been looked at",), resources=("base",), retry_safe=True)
    async def look_around(self) -> dict[str, Any]:
        """Turn once around, looking at everything."""
        start = self._yaw
        await self._tilt_to(15.0)
        for quarter in range(4):
            await self._turn_to((start + 90.0 * (quarter + 1)) % 360.0)
            await self._glimpse()
        return {}

    @skill(preconditions=("{object} is within reach", "the hand is empty"), effects=("the robot holds {object}",),
           resources=("arm",))
    async def pick_up(self, object: str) -> dict[str, Any]:
        """Take an object into the hand.

        Args:
            object: scene-graph id of the object.
        """
        held = self._holding()
        if held is not None and held["objectId"] == self._source(object):
            return {"held": object}
        metadata = await self._within_reach(object)
        mass = self._mass(metadata)
        if mass > self._body.payload_kg + 1e-6:
            raise SkillFailed("unsupported", f"TOO_HEAVY: {object} weighs {mass:.2f} kg; {self._body.name} lifts "
                                             f"{self._body.payload_kg:.2f} kg", advice="replan")
        await self._manipulate(action="PickupObject", objectId=metadata["objectId"])
        return {"held": object}

    def _mass(self, metadata: Mapping[str, Any]) -> float:
        """Of the thing and what is visibly in it, kilograms."""
        inside = [self._object(str(i)) for i in metadata.get("receptacleObjectIds") or ()]
        return float(metadata.get("mass") or 0.0) + sum(float(m.get("mass") or 0.0) for m in inside if m is not None)

    @skill(preconditions=("the robot holds something", "{target} is within reach, and open if it can be closed"),
           effects=("what was held is in or on {target}",), resources=("arm",))
    async def place(self, target: str) -> dict[str, Any]:
        """Put what the hand holds in or on something.

        Args:
            target: scene-graph id of a receptacle, e.g. a table, a fridge, a plate.
        """
        metadata = await self._within_reach(target)
        held = self._holding()
        if held is None:
            raise SkillFailed("precondition", "the hand is empty", advice="replan")
        try:
            await self._manipulate(action="PutObject", objectId=metadata["objectId"])
        except SkillFailed as failure:
            if "No valid positions" not in failure.outcome.message:
                raise
            # What is free may be out of reach from here: once more from another side.
            await self._approach(self._node(target), elsewhere=True)
            await self._manipulate(action="PutObject", objectId=metadata["objectId"])
        return {"placed": str(held["objectId"]), "target": target}

    @skill(preconditions=("the robot holds something",), effects=("what was held lies on the floor",),
           resources=("arm",))
    async def drop(self) -> dict[str, Any]:
        """Let go of what the hand holds."""
        await self._manipulate(action="DropHandObject")
        return {}

    @skill(preconditions=("{target} is within reach",), effects=("{target} is open",), resources=("arm",),
           retry_safe=True)
    async def open(self, target: str) -> dict[str, Any]:
        """Open a door, a drawer, a box or a lid.

        Args:
            target: scene-graph id of what to open.
        """
        metadata = await self._within_reach(target)
        if not metadata.get("isOpen"):
            await self._manipulate(action="OpenObject", objectId=metadata["objectId"])
        else:
            await self._glimpse()
        return {"open": target}

    @skill(preconditions=("{target} is within reach",), effects=("{target} is closed",), resources=("arm",),
           retry_safe=True)
    async def close(self, target: str) -> dict[str, Any]:
        """Close a door, a drawer, a box or a lid.

        Args:
            target: scene-graph id of what to close.
        """
        metadata = await self._within_reach(target)
        if metadata.get("isOpen"):
            await self._manipulate(action="CloseObject", objectId=metadata["objectId"])
        return {"closed": target}

    @skill(preconditions=("{target} is within reach",), effects=("{target} is on",), resources=("arm",),
           retry_safe=True)
    async def toggle_on(self, target: str) -> dict[str, Any]:
        """Switch something on: a lamp, a tap, an appliance, a stove knob.

        Args:
            target: scene-graph id of what to switch on.
        """
        metadata = await self._within_reach(target)
        if not metadata.get("isToggled"):
            await self._manipulate(action="ToggleObjectOn", objectId=metadata["objectId"])
        return {"on": target}

    @skill(preconditions=("{target} is within reach",), effects=("{target} is off",), resources=("arm",),
           retry_safe=True)
    async def toggle_off(self, target: str) -> dict[str, Any]:
        """Switch something off.

        Args:
            target: scene-graph id of what to switch off.
        """
        metadata = await self._within_reach(target)
        if metadata.get("isToggled"):
            await self._manipulate(action="ToggleObjectOff", objectId=metadata["objectId"])
        return {"off": target}

    @skill(preconditions=("{object} is within reach, not in a hand",), effects=("{object} is in slices",),
           resources=("arm",))
    async def slice(self, object: str) -> dict[str, Any]:
        """Cut food into slices with the robot's own blade; an egg is cracked.

        Args:
            object: scene-graph id of the food.
        """
        metadata = await self._within_reach(object)
        await self._manipulate(action="SliceObject", objectId=metadata["objectId"])
        return {"sliced": object}

    @skill(preconditions=("the robot holds a filled vessel", "{target} is within reach"),
           effects=("{target} holds the liquid", "the vessel is empty"), resources=("arm",))
    async def pour(self, target: str) -> dict[str, Any]:
        """Pour what the held vessel contains into another vessel, or onto a plant.

        Args:
            target: scene-graph id of the vessel or plant.
        """
        metadata = await self._within_reach(target)
        held = self._holding()
        vessel = self._object(str(held["objectId"])) if held is not None else None
        if vessel is None or not vessel.get("isFilledWithLiquid"):
            raise SkillFailed("precondition", "the robot holds no filled vessel", advice="replan")
        liquid = str(vessel.get("fillLiquid") or "water")
        await self._manipulate(action="FillObjectWithLiquid", objectId=metadata["objectId"], fillLiquid=liquid)
        await self._manipulate(action="EmptyLiquidFromObject", objectId=vessel["objectId"])
        return {"poured": liquid, "target": target}

    @skill(preconditions=("{object} is held or within reach",), effects=("{object} holds no liquid",),
           resources=("arm",))
    async def empty(self, object: str) -> dict[str, Any]:
        """Pour away what a vessel contains.

        Args:
            object: scene-graph id of the vessel.
        """
        held = self._holding()
        source = self._source(object)
        if held is None or held["objectId"] != source:
            await self._within_reach(object)
        await self._manipulate(action="EmptyLiquidFromObject", objectId=source)
        return {"empty": object}

    @skill(preconditions=("{object} is within reach",), effects=("{object} is clean",), resources=("arm",),
           retry_safe=True)
    async def clean(self, object: str) -> dict[str, Any]:
        """Wipe something clean.

        Args:
            object: scene-graph id of what is dirty.
        """
        metadata = await self._within_reach(object)
        if metadata.get("isDirty"):
            await self._manipulate(action="CleanObject", objectId=metadata["objectId"])
        return {"clean": object}

    @skill(retry_safe=True)
    async def wait(self, seconds: float = 1.0) -> dict[str, Any]:
        """Do nothing for a while.

        Args:
            seconds: world seconds, at most 60.
        """
        start_s = self._frame.time_s if self._frame is not None else 0.0
        for _ in range(120):
            result = await self._do(action="Pass")
            await self._look()
            if result.duration_s <= 0 or result.time_s - start_s >= min(60.0, seconds):
                break
        return {}
