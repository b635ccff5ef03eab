"""Finding the object an action is about, with AI2-THOR's failure texts."""

from __future__ import annotations

from fleetmind.simulators.household.actions.registry import Outcome, Scene, failed
from fleetmind.simulators.household.state import Agent
from fleetmind.simulators.household.things import Thing


def target(scene: Scene, agent: Agent, object_id: str, *, force: bool) -> Thing | Outcome:
    """The thing with that id if the agent can interact with it now, else why not.

    Args:
        scene: what the action may touch.
        agent: who acts.
        object_id: AI2-THOR's objectId.
        force: skip visibility and distance, as `forceAction` does.
    """
    thing = scene.state.things.get(object_id)
    if thing is None or not thing.active:
        if object_id.count("|") < 3:
            return failed("Object ID appears to be invalid.")
        return failed(f"object not found: {object_id}")
    if thing.held_by is not None and thing.held_by != agent.body.name:
        return failed(f"{object_id} is not interactable and (perhaps it is occluded by something).")
    if force:
        return thing
    why = scene.eyes.unseen(agent, thing)
    if why == "far":
        return failed(f"{object_id} is too far away to be interacted with")
    if why == "view":
        return failed("Target object not found within the specified visibility.")
    if why == "hidden":
        return failed(f"{object_id} is not interactable and (perhaps it is occluded by something).")
    return thing
