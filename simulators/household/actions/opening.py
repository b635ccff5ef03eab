"""Actions that open, close and switch."""

from __future__ import annotations

from fleetmind.simulators.household.actions.registry import OK, Outcome, Scene, action, failed
from fleetmind.simulators.household.actions.targets import target
from fleetmind.simulators.household.state import Agent
from fleetmind.simulators.household.types import MUST_BE_OFF_TO_OPEN


@action("OpenObject", cost="manipulate", settles=True)
def open_object(scene: Scene, agent: Agent, *, objectId: str, openness: float = 1.0,
                moveMagnitude: float | None = None, forceAction: bool = False, returnToStart: bool = True,
                ignoreAgentInTransition: bool = True, stopAtNonStaticCol: bool = False,
                physicsInterval: float = 0.02, useGripper: bool = False) -> Outcome:
    """Open by a share of its way, 0 to 1."""
    # Old programs pass moveMagnitude; there 0 means all the way.
    share = openness if moveMagnitude is None else (moveMagnitude or 1.0)
    return _swing(scene, agent, objectId, share, forceAction)


@action("CloseObject", cost="manipulate", settles=True)
def close_object(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Close."""
    return _swing(scene, agent, objectId, 0.0, forceAction)


def _swing(scene: Scene, agent: Agent, object_id: str, openness: float, force: bool) -> Outcome:
    if not 0.0 <= openness <= 1.0:
        return failed("openness must be in [0:1]")
    thing = target(scene, agent, object_id, force=force)
    if isinstance(thing, Outcome):
        return thing
    if not thing.kind.openable:
        return failed(f"{object_id} is not an Openable object")
    if thing.type in MUST_BE_OFF_TO_OPEN and thing.toggled and openness > 0:
        return failed("Target must be OFF to open!")
    scene.state.set_openness(thing, openness)
    return OK


@action("ToggleObjectOn", cost="manipulate", settles=True)
def toggle_object_on(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Switch on; a stove knob lights its burner."""
    return _toggle(scene, agent, objectId, True, forceAction)


@action("ToggleObjectOff", cost="manipulate", settles=True)
def toggle_object_off(scene: Scene, agent: Agent, *, objectId: str, forceAction: bool = False) -> Outcome:
    """Switch off."""
    return _toggle(scene, agent, objectId, False, forceAction)


def _toggle(scene: Scene, agent: Agent, object_id: str, on: bool, force: bool) -> Outcome:
    thing = target(scene, agent, object_id, force=force)
    if isinstance(thing, Outcome):
        return thing
    if thing.controlled_by is not None or thing.type == "StoveBurner":
        return failed("target object is controlled by another sim object. target object cannot be turned on/off "
                      "directly")
    if not thing.kind.toggleable:
        return failed("object is not toggleable.")
    if thing.toggled == on:
        word = "on" if on else "off"
        return failed(f"can't toggle object {word} if it's already {word}!")
    if on and thing.broken:
        return failed("Target is broken and cannot be Toggled On!")
    if on and thing.type == "Microwave" and thing.is_open:
        return failed("Target must be closed to Toggle On!")
    thing.toggled = on
    for burner in thing.controls:
        burner.toggled = on
    # A glowing screen or running water changes what is drawn and hides.
    scene.state.shape_version += 1
    return OK
