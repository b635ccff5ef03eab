"""The simulated body below its skills: a seat in a world, senses, driving and approaching.

It knows only what its seat shows and what the fleet tells it.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from typing import Any

from PIL import Image
from pydantic import Field

from fleetmind.agents.driving import GRID_M, Box2, Cell, cell_of, distances, path, stands, turn, yaw_to
from fleetmind.agents.embodiment import Embodiment, SkillFailed
from fleetmind.agents.sim_seeing import looked_into, observation_of, seen_objects
from fleetmind.memory import FleetmindError, Model, Node, Observation, OutcomeCode, Picture, RobotProfile, SeenObject
from fleetmind.simulators import Frame, Result, Seat, WorldClient
from fleetmind.simulators.frames import position_from_map

_HELD_BACK_WAIT_S = 30.0
_STRAIGHT_CELLS = 3
_LOOK_EVERY_M = 1.5
_TRIES_PER_STAND = 8


class SimBody(Model):
    """A body of the household world, as `bodies.yaml` lists it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    """Name of the robot, and of its seat."""
    model: str = "robot"
    """In words."""
    skills: tuple[str, ...]
    """Which of the embodiment's skills this body has."""
    reach_m: float = Field(1.2, gt=0, le=10)
    """Highest point of the gripper."""
    payload_kg: float = Field(1.0, ge=0, le=1000)
    """Heaviest thing it lifts."""
    speed_mps: float = Field(0.5, gt=0, le=5)
    """Drive speed."""
    manipulation_s: float = Field(2.0, gt=0, le=60)
    """World seconds per manipulation."""
    camera_height_m: float = Field(1.5, gt=0, le=3)
    """Height of the camera."""
    colour: tuple[int, int, int] = Field((90, 120, 200))
    """RGB in pictures."""


class SimMotion(Embodiment):
    """A simulated body without skills; `SimEmbodiment` has them.

    Args:
        body: what it is.
        address: of the world server.
        token: the site's token.
        size: picture width and height, pixels.
    """

    def __init__(self, body: SimBody, address: str, *, token: str, size: tuple[int, int] = (320, 240)) -> None:
        super().__init__()
        self._body = body
        self._client = WorldClient(address, token=token)
        self._size = size
        self._seat: Seat | None = None
        self._frame: Frame | None = None
        self._free: set[Cell] = set()
        # Where the body is: read when looking, carried on by dead reckoning between looks.
        self._x = self._z = self._yaw = self._horizon = 0.0
        self._glimpses: dict[str, SeenObject] = {}
        self._looked: set[str] = set()
        self._profile = RobotProfile(
            name=body.name, model=body.model, skills=self.skill_specs(body.skills), reach_m=body.reach_m,
            payload_kg=body.payload_kg, speed_mps=body.speed_mps)

    @property
    def profile(self) -> RobotProfile:
        """What the robot is."""
        return self._profile

    async def connect(self) -> None:
        """Take the seat; a body left behind by a dead process is taken over as it stands, holding what it holds."""
        await self._client.connect()
        self._seat = await self._client.seat(self._body.name)
        reachable = await self._do(action="GetReachablePositions")
        self._free = {cell_of(p["x"], p["z"]) for p in reachable.value or ()}
        await self._look()
        self._free.add(self._cell())
        await self._seat.park()

    async def disconnect(self) -> None:
        """Leave the seat; the body stays where it is."""
        if self._seat is not None:
            await self._seat.leave()
            self._seat = None
        await self._client.close()

    def stop(self) -> None:
        """Nothing moves between actions in a simulated world, and each action asks first."""

    async def rest(self) -> None:
        """Park, so that the world's clock does not wait for this robot."""
        if self._seat is not None:
            await self._seat.park()

    async def observe(self, *, pictures: bool = False) -> Observation:
        """What is visible now, and what was glimpsed since the last observation."""
        frame = await self._look(pictures=pictures)
        kept: tuple[Picture, ...] = ()
        if frame.rgb is not None:
            buffer = io.BytesIO()
            Image.fromarray(frame.rgb).save(buffer, format="PNG", compress_level=3)
            kept = (self.keep_picture(buffer.getvalue(), width=self._size[0], height=self._size[1]),)
        seen = observation_of(self._body.name, frame.metadata, time_s=frame.time_s, nodes=self.scene, pictures=kept)
        now = {thing.source_id for thing in seen.objects}
        earlier = tuple(thing for source, thing in self._glimpses.items() if source not in now)
        looked = tuple(sorted(self._looked | set(seen.looked_into)))
        self._glimpses, self._looked = {}, set()
        return seen.model_copy(update={"objects": seen.objects + earlier, "looked_into": looked})

    async def make_way(self, robot: str) -> None:
        """Drive to a free place away from here and from the other robot."""
        if self._seat is None or self.held_back:
            return
        here = self._cell()
        other = self._agent_cells().get(robot, here)
        reach = distances(here, self._free, self._blocked())
        away = [c for c, steps in reach.items()
                if 3 <= steps <= 14 and abs(c[0] - other[0]) + abs(c[1] - other[1]) >= 4]
        if away:
            # The most open place nearby: the one with the most free cells around it.
            def open_cells(cell: Cell) -> int:
                return sum((cell[0] + i, cell[1] + k) in self._free for i in range(-2, 3) for k in range(-2, 3))

            goal = max(away, key=lambda c: (open_cells(c), -reach[c], c))
            try:
                await self._drive_to({goal})
            except (SkillFailed, FleetmindError):
                pass
        await self.rest()

    # senses ----------------------------------------------------------------------------------------------
    async def _look(self, *, pictures: bool = False) -> Frame:
        if self._seat is None:
            raise FleetmindError("BODY_CLOSED", f"{self._body.name!r} is not connected: call connect() first")
        self._frame = await self._seat.observe(pictures=pictures, width=self._size[0], height=self._size[1])
        agent = self._frame.metadata["agent"]
        self._x, self._z = float(agent["position"]["x"]), float(agent["position"]["z"])
        self._yaw, self._horizon = float(agent["rotation"]["y"]), float(agent["cameraHorizon"])
        return self._frame

    async def _glimpse(self) -> None:
        """Look, and remember what was seen until the next observation."""
        frame = await self._look()
        objects = frame.metadata.get("objects") or ()
        for thing in seen_objects(objects, self.scene):
            self._glimpses[thing.source_id] = thing
        self._looked.update(looked_into(objects))

    def _cell(self) -> Cell:
        return cell_of(self._x, self._z)

    def _agent_cells(self) -> dict[str, Cell]:
        others = (self._frame.metadata.get("otherAgents") if self._frame else None) or ()
        return {str(o["name"]): cell_of(o["position"]["x"], o["position"]["z"]) for o in others}

    def _blocked(self) -> set[Cell]:
        """Cells in which this body would touch another that it sees."""
        return {(x + i, z + k) for x, z in self._agent_cells().values() for i in (-1, 0, 1) for k in (-1, 0, 1)}

    def _object(self, source_id: str) -> Mapping[str, Any] | None:
        objects = (self._frame.metadata.get("objects") if self._frame else None) or ()
        return next((m for m in objects if m["objectId"] == source_id), None)

    def _holding(self) -> Mapping[str, Any] | None:
        inventory = (self._frame.metadata.get("inventoryObjects") if self._frame else None) or ()
        return inventory[0] if inventory else None

    def _node(self, node_id: str) -> Node:
        node = self.scene.get(node_id)
        if node is None:
            raise SkillFailed("not_found", f"{node_id!r} is not in this robot's part of the scene", advice="replan")
        return node

    def _source(self, node_id: str) -> str:
        return str(self._node(node_id).attributes.get("source_id", node_id))

    # motion ----------------------------------------------------------------------------------------------
    async def _do(self, **action: Any) -> Result:
        """One world action, if motion is allowed. The frame is of before it: look when that matters."""
        if self._seat is None:
            raise FleetmindError("BODY_CLOSED", f"{self._body.name!r} is not connected: call connect() first")
        await self.motion(wait_s=_HELD_BACK_WAIT_S)
        return await self._seat.step(action)

    async def _turn_to(self, yaw_deg: float) -> None:
        delta = turn(self._yaw, yaw_deg)
        if abs(delta) < 0.01:
            return
        result = await self._do(action="RotateRight" if delta > 0 else "RotateLeft", degrees=abs(delta))
        if result.success:
            self._yaw = (self._yaw + delta) % 360.0
        else:
            await self._look()

    async def _tilt_to(self, horizon_deg: float) -> None:
        delta = min(60.0, max(-30.0, horizon_deg)) - self._horizon
        if abs(delta) > 4.0:
            result = await self._do(action="LookDown" if delta > 0 else "LookUp", degrees=abs(delta))
            self._horizon += delta if result.success else 0.0

    async def _drive_to(self, goals: set[Cell]) -> None:
        """Drive to the nearest of the cells, around robots, waiting a little for those that move on."""
        in_the_way = ""
        found: set[Cell] = set()
        for attempt in range(12):
            here = self._cell()
            if here in goals:
                return
            way = path(here, goals, self._free, self._blocked() | found) or path(here, goals, self._free, found)
            if not way:
                if not found:
                    raise SkillFailed("unreachable", "no way leads there", advice="replan")
                found.clear()
                await self._do(action="Pass")
                await self._look()
                continue
            in_the_way = await self._follow(way)
            if not in_the_way:
                return
            blocker = self._agent_cells().get(in_the_way)
            if attempt % 3 == 2:
                await self._do(action="Pass")
                await self._look()
            if blocker is not None:
                found |= {(blocker[0] + i, blocker[1] + k) for i in (-1, 0, 1) for k in (-1, 0, 1)} - {here}
            else:
                found.add(way[0])
        raise SkillFailed("blocked", f"{in_the_way or 'something'} is in the way", advice="retry",
                          blocked_by=in_the_way)

    async def _follow(self, way: list[Cell]) -> str:
        """Drive along a path; returns who or what stopped it, empty when it ended well."""
        index, unseen_m = 0, 0.0
        while index < len(way):
            here = self._cell()
            step = (way[index][0] - here[0], way[index][1] - here[1])
            run = 1
            while run < _STRAIGHT_CELLS and index + run < len(way) and (
                    way[index + run][0] - way[index + run - 1][0],
                    way[index + run][1] - way[index + run - 1][1]) == step:
                run += 1
            await self._turn_to(yaw_to(float(step[0]), float(step[1])))
            result = await self._do(action="MoveAhead", moveMagnitude=run * GRID_M)
            if not result.success:
                await self._look()
                return self._blocker(result.error)
            self._x, self._z = way[index + run - 1][0] * GRID_M, way[index + run - 1][1] * GRID_M
            index, unseen_m = index + run, unseen_m + run * GRID_M
            if unseen_m >= _LOOK_EVERY_M:
                await self._glimpse()
                unseen_m = 0.0
        return ""

    def _blocker(self, error: str) -> str:
        """Name of the robot the world's text speaks of by number, or the text itself."""
        named = re.search(r"Agent (\d+) is blocking", error)
        others = (self._frame.metadata.get("otherAgents") if self._frame else None) or ()
        known = {str(o["agentId"]): str(o["name"]) for o in others}
        return known.get(named.group(1), error[:80]) if named else error[:80] or "something"

    def _box(self, node: Node) -> Box2:
        if node.pose is None:
            raise SkillFailed("unreachable", f"nobody knows where {node.id!r} is", advice="replan")
        x, _, z = position_from_map(node.pose.x, node.pose.y, node.pose.z)
        sx, sy = (node.size[1], node.size[0]) if node.size else (0.1, 0.1)
        return Box2(x=x, z=z, half_x=sx / 2, half_z=sy / 2)

    async def _face(self, node: Node) -> None:
        """Turn and tilt so that the thing is in the middle of the picture."""
        box = self._box(node)
        x, z = box.nearest(self._cell())
        dx, dz = x - self._x, z - self._z
        await self._turn_to(yaw_to(dx, dz))
        height = node.pose.z if node.pose else 0.8
        down = math.degrees(math.atan2(self._body.camera_height_m - height, max(0.25, math.hypot(dx, dz))))
        await self._tilt_to(round(down / 10) * 10)

    def _in_hand_range(self, node: Node) -> bool:
        """True when the thing, or the closed thing around it, can be handled from here."""
        for candidate in (node, *self.scene.ancestors(node.id)):
            if candidate.kind == "room":
                return False
            metadata = self._object(str(candidate.attributes.get("source_id", "")))
            if metadata is not None and metadata.get("isInteractable"):
                return candidate is node or (bool(metadata.get("openable")) and not metadata.get("isOpen"))
        return False

    # towards things -------------------------------------------------------------------------------------------
    def _room_cells(self, node: Node) -> set[Cell]:
        box = self._box(node)
        inside = [c for c in self._free if box.distance_m(c) == 0.0]
        if not inside:
            raise SkillFailed("unreachable", f"no free place in {node.id!r}", advice="replan")
        nearest = sorted(inside, key=lambda c: (abs(c[0] * GRID_M - box.x) + abs(c[1] * GRID_M - box.z), c))
        return set(nearest[:6])

    async def _approach(self, node: Node, *, elsewhere: bool = False) -> None:
        """Drive to where the thing can be handled; `elsewhere`: not from where the body stands now."""
        box, here = self._box(node), self._cell()
        reach = distances(self._cell(), self._free, self._blocked() - {self._cell()})
        # Close by, or, where furniture keeps a body away, from as far as an arm goes.
        candidates = stands(box, reach, limit=_TRIES_PER_STAND)
        candidates += [c for c in stands(box, reach, limit=_TRIES_PER_STAND, near_m=1.3) if c not in candidates]
        candidates = candidates or stands(box, distances(self._cell(), self._free), limit=_TRIES_PER_STAND, near_m=1.3)
        if elsewhere:
            candidates = [c for c in candidates if abs(c[0] - here[0]) + abs(c[1] - here[1]) >= 2]
        blocked: SkillFailed | None = None
        for number, cell in enumerate(candidates):
            self.progress(number / len(candidates), f"towards {node.id}")
            try:
                await self._drive_to({cell})
            except SkillFailed as failure:
                blocked = failure if failure.outcome.code == "blocked" else blocked
                continue
            await self._face(node)
            await self._glimpse()
            if self._in_hand_range(node) or await self._tilted_view(node):
                return
            metadata = self._object(str(node.attributes.get("source_id", "")))
            if metadata is None and number >= 2 and node.kind == "object" and node.is_a("pickupable"):
                raise SkillFailed("not_found", f"{node.id!r} is not where it was", advice="replan")
        if blocked is not None:
            raise blocked
        raise SkillFailed("unreachable", f"{node.id!r} cannot be handled from any place nearby", advice="replan")

    async def _tilted_view(self, node: Node) -> bool:
        """Low drawers and high cabinets may need another tilt of the camera."""
        for horizon in (30.0, 0.0):
            if abs(self._horizon - horizon) > 12.0:
                await self._tilt_to(horizon)
                await self._glimpse()
                if self._in_hand_range(node):
                    return True
        return False

    def _check_height(self, metadata: Mapping[str, Any], what: str) -> None:
        box = metadata.get("axisAlignedBoundingBox") or {}
        height = float((box.get("center") or metadata["position"])["y"])
        if height > self._body.reach_m + 1e-6:
            raise SkillFailed("unsupported", f"OUT_OF_REACH: {what} is {height:.2f} m high; {self._body.name} reaches "
                                             f"{self._body.reach_m:.2f} m", advice="replan")

    async def _within_reach(self, node_id: str) -> Mapping[str, Any]:
        """Metadata of a thing in front of the robot; turns to it once if it must."""
        source = self._source(node_id)
        if self._frame is None:
            await self._look()
        metadata = self._object(source)
        if metadata is None or not metadata.get("isInteractable"):
            node = self._node(node_id)
            if node.pose is not None and self._box(node).distance_m(self._cell()) < 1.3:
                await self._face(node)
                await self._glimpse()
                metadata = self._object(source)
        if metadata is None or not metadata.get("isInteractable"):
            raise SkillFailed("precondition", f"{node_id!r} is not within reach and in view: navigate_to it first",
                              advice="retry")
        self._check_height(metadata, node_id)
        return metadata

    async def _manipulate(self, **action: Any) -> Result:
        """One manipulation; a refusal of the world becomes the skill's outcome, in the world's words."""
        result = await self._do(**action)
        await self._glimpse()
        if not result.success:
            raise SkillFailed(_code_of(result.error), result.error, advice="replan")
        return result


def _code_of(error: str) -> OutcomeCode:
    """What a world's failure text means for the fleet."""
    text = error.lower()
    if "not found" in text or ("invalid" in text and "object" in text):
        return "not_found"
    if "already" in text or "isn't holding" in text or "closed" in text:
        return "precondition"
    if "blocking" in text or "collide" in text:
        return "blocked"
    return "failed"
