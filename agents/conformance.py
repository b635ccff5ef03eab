"""The embodiment kit: subclass `EmbodimentConformance`, give it your body, and run pytest.

    class TestMyRobot(EmbodimentConformance):
        @pytest.fixture
        def body(self):
            return MyRobot("/dev/robot0")

        harmless = SkillCall(skill="wait", arguments={"seconds": 0.1})
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import ClassVar

import pytest

from fleetmind.agents.embodiment import Embodiment
from fleetmind.agents.protocol import MAX_MESSAGE_BYTES, fleet_pb2
from fleetmind.agents.protocol.convert import from_wire, to_wire
from fleetmind.memory import Observation, RobotProfile, SkillCall


class EmbodimentConformance:
    """What every embodiment must do. Needs the fixture `body`: an unconnected embodiment, new for each test."""

    harmless: ClassVar[SkillCall | None] = None
    """A call that must succeed right after `connect`; None skips the tests that need one."""

    def _call(self) -> SkillCall:
        if self.harmless is None:
            pytest.skip("no harmless call is given")
        return self.harmless

    def test_the_profile_is_readable_while_disconnected(self, body: Embodiment) -> None:
        """A fleet plans with robots that are not there yet."""
        profile = body.profile
        assert profile == body.profile
        assert RobotProfile.model_validate_json(profile.model_dump_json()) == profile
        assert profile.skills, "a robot without skills cannot be given work"

    def test_every_skill_is_described(self, body: Embodiment) -> None:
        """A brain reads these."""
        for spec in body.profile.skills:
            assert spec.description.strip(), spec.name
            assert spec.parameters.get("type") == "object", spec.name
            json.dumps(spec.parameters)

    def test_the_profile_survives_the_wire(self, body: Embodiment) -> None:
        """What the fleet receives is what the robot is."""
        message = to_wire(body.profile, fleet_pb2.RobotProfile)
        assert from_wire(fleet_pb2.RobotProfile.FromString(message.SerializeToString()), RobotProfile) == body.profile

    def test_stop_is_safe_before_connect(self, body: Embodiment) -> None:
        """At any time means at any time."""
        body.stop()

    async def test_it_connects_observes_and_disconnects(self, body: Embodiment) -> None:
        """The life of a body."""
        await body.connect()
        try:
            seen = await body.observe()
            assert seen.robot == body.profile.name
            wire = to_wire(seen, fleet_pb2.Observation)
            assert wire.ByteSize() < MAX_MESSAGE_BYTES
            assert from_wire(wire, Observation) == seen
        finally:
            await body.disconnect()

    async def test_pictures_can_be_fetched(self, body: Embodiment) -> None:
        """An observation refers to pictures by hash; the bytes are there."""
        await body.connect()
        try:
            seen = await body.observe(pictures=True)
            for picture in seen.pictures:
                assert body.picture(picture.sha256)
        finally:
            await body.disconnect()

    async def test_bad_calls_become_outcomes(self, body: Embodiment) -> None:
        """Nothing a brain writes may raise or move anything."""
        await body.connect()
        try:
            assert (await body.execute(SkillCall(skill="no_such_skill"))).code == "unsupported"
            name = body.profile.skills[0].name
            outcome = await body.execute(SkillCall(skill=name, arguments={"no_such_argument": 1}))
            assert outcome.code == "invalid"
            assert "no_such_argument" in outcome.message
        finally:
            await body.disconnect()

    async def test_a_harmless_call_succeeds(self, body: Embodiment) -> None:
        """The body works at all."""
        await body.connect()
        try:
            outcome = await body.execute(self._call())
            assert outcome.ok, outcome
        finally:
            await body.disconnect()

    async def test_nothing_moves_while_held_back(self, body: Embodiment) -> None:
        """A latched stop refuses every skill, and withdrawing it moves nothing by itself."""
        await body.connect()
        try:
            body.hold_back("stop", "kit")
            outcome = await body.execute(self._call())
            assert outcome.code == "stopped"
            body.let_go("stop")
            assert (await body.execute(self._call())).ok
        finally:
            await body.disconnect()

    async def test_stop_returns_at_once_from_another_thread(self, body: Embodiment) -> None:
        """The safety thread must not wait for a driver."""
        await body.connect()
        try:
            running = asyncio.create_task(body.execute(self._call()))
            took: list[float] = []

            def stop() -> None:
                started = time.monotonic()
                body.stop()
                took.append(time.monotonic() - started)

            thread = threading.Thread(target=stop)
            thread.start()
            await asyncio.to_thread(thread.join, 2.0)
            await asyncio.wait_for(running, 30.0)
            assert took
            assert took[0] < 0.5
        finally:
            await body.disconnect()

    async def test_cancelling_leaves_the_body_usable(self, body: Embodiment) -> None:
        """An operator cancels; the next subtask must run."""
        await body.connect()
        try:
            running = asyncio.create_task(body.execute(self._call()))
            await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert (await body.execute(self._call())).ok
        finally:
            await body.disconnect()
