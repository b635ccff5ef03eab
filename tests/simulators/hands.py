"""Shorthands with which tests act in a household world."""

from __future__ import annotations

from typing import Any

from fleetmind.simulators import Body, HouseholdWorld, Result, SceneSpec, Setup
from fleetmind.simulators.household.things import Thing

ADA = "ada"


class Home:
    """A household with two agents, and short words for what tests do in it."""

    def __init__(self, name: str = "Kitchen1", *setup: Setup, seed: int = 3, dump: str | None = None) -> None:
        self.world = HouseholdWorld()
        self.world.reset(SceneSpec(name=name, setup=setup, dump=dump), [Body(name=ADA), Body(name="bob")], seed=seed)

    @property
    def things(self) -> dict[str, Thing]:
        """The world's things, for arranging a test."""
        return self.world._ready().state.things

    def one(self, kind: str) -> Thing:
        """The first thing of a type."""
        return next(t for t in self.things.values() if t.type == kind and t.active)

    def do(self, action: str, thing: Thing | None = None, *, force: bool = True, **arguments: Any) -> Result:
        """Act on a thing, by default wherever it is."""
        request: dict[str, Any] = {"action": action, **arguments}
        if thing is not None:
            request |= {"objectId": thing.id, "forceAction": force}
        return self.world.step(ADA, request)

    def ok(self, action: str, thing: Thing | None = None, **arguments: Any) -> Result:
        """Act, and it must work."""
        result = self.do(action, thing, **arguments)
        assert result.success, result.error
        return result

    def move(self, thing: Thing, receptacle: Thing) -> None:
        """Carry a thing to a receptacle, opening it if need be."""
        if receptacle.kind.openable and not receptacle.is_open:
            self.ok("OpenObject", receptacle)
        self.ok("PickupObject", thing)
        self.ok("PutObject", receptacle)

    def go(self, thing: Thing) -> dict[str, Any]:
        """Stand where the thing can be worked on."""
        poses = self.ok("GetInteractablePoses", objectId=thing.id).value
        assert poses, f"no pose for {thing.id}"
        for pose in poses:
            if self.do("TeleportFull", **pose).success:
                return dict(pose)
        raise AssertionError(f"no free pose for {thing.id}")

    def meta(self, thing: Thing) -> dict[str, Any]:
        """A thing's metadata."""
        return next(o for o in self.world.observe_all()["objects"] if o["objectId"] == thing.id)
