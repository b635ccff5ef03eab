"""Robots reach the brain through here: one brain, one budget, no keys on robots."""

from __future__ import annotations

from fleetmind.agents.fleet.dispatcher import Work
from fleetmind.agents.fleet.pictures import PictureStore
from fleetmind.agents.fleet.session import Session
from fleetmind.agents.fleet.slices import slice_for
from fleetmind.agents.perception import Perception
from fleetmind.brain import Brain, ImagePart, Step, ThinkRequest, Thought
from fleetmind.memory import FleetmindError


class Thinking:
    """Builds a brain's `ThinkRequest` from what the fleet service knows.

    Args:
        brain: what answers.
        perception: the scene.
        pictures: where observations' pictures are kept.
    """

    def __init__(self, brain: Brain, perception: Perception, pictures: PictureStore) -> None:
        self._brain, self._perception, self._pictures = brain, perception, pictures

    async def think(self, session: Session, work: Work, history: tuple[Step, ...]) -> Thought:
        """The brain's decision for a robot's next step.

        Raises:
            FleetmindError: `NO_OBSERVATION`, or what the brain raises.
        """
        if session.observation is None:
            raise FleetmindError("NO_OBSERVATION", f"{session.name!r} has not reported what it senses")
        request = ThinkRequest(
            task=work.record.task, instruction=work.instruction, subtask=work.subtask, robot=session.profile,
            scene=tuple(slice_for(self._perception.nodes, work.subtask, session.name)),
            observation=session.observation, history=history,
        )
        pictures: tuple[ImagePart, ...] = ()
        if "vision" in self._brain.capabilities:
            pictures = tuple(
                ImagePart(mime=p.mime, data=data) for p in session.observation.pictures
                if (data := self._pictures.read(p)) is not None)
        return await self._brain.think(request, pictures)
