"""What a robot does next, by rules: towards the subtask's effects, one skill call at a time."""

from __future__ import annotations

from fleetmind.brain.plan import ThinkRequest, Thought
from fleetmind.brain.symbolic.doing import other_side, towards
from fleetmind.brain.symbolic.looking import look_for
from fleetmind.brain.symbolic.situation import MAX_SAME_FAILURES, Situation, act, call, done, stuck

_WAIT_S = 3.0
_MAX_SAME_SUCCESSES = 3
_HOPELESS = frozenset({"unsupported", "invalid"})


def next_step(request: ThinkRequest) -> Thought:
    """The next skill call, or that the subtask is done or stuck."""
    here = Situation(request)
    thought = look_for(here) if request.subtask.seeks else _work(here)
    return _not_again(here, thought)


def _work(here: Situation) -> Thought:
    subtask = here.subtask
    if subtask.effects and all(here.holds(fact) for fact in subtask.effects):
        return done(f"Done: {'; '.join(f.text() for f in subtask.effects)}.")
    unknown = [n for n in subtask.nodes if here.node(n) is None and n != here.robot.name]
    if unknown:
        return stuck(f"I know nothing of {', '.join(unknown)}.")
    if not subtask.effects:
        return _once(here)
    return towards(here)


def _once(here: Situation) -> Thought:
    """A subtask whose end the scene does not show: slicing, going somewhere."""
    target = here.subtask.nodes[0] if here.subtask.nodes else None
    if target is None:
        return done("There is nothing to do.")
    for skill, argument in (("slice", "object"), ("clean", "object"), ("empty", "object")):
        if skill in here.subtask.skills:
            if here.succeeded(skill, target):
                return done(f"I have done it: {skill} {target}.")
            if here.reachable(target) or here.last_was("navigate_to", target):
                return act(f"I am at {target}; now {skill}.", call(skill, **{argument: target}))
            return act(f"I go to {target}.", call("navigate_to", target=target))
    if here.succeeded("navigate_to", target):
        return done(f"I am at {target}.")
    return act(f"I go to {target}.", call("navigate_to", target=target))


def _missing(here: Situation) -> str:
    return "; ".join(f.text() for f in here.subtask.effects if not here.holds(f)) or "the end of this"


def _not_again(here: Situation, thought: Thought) -> Thought:
    """Never repeat a failing call for ever: wait when blocked, look when lost, else say that it does not work."""
    if thought.status != "act" or thought.call is None:
        return thought
    repeated = here.succeeded_exactly(thought.call) >= _MAX_SAME_SUCCESSES and thought.call.skill != "wait"
    if repeated and not here.subtask.seeks:
        return stuck(f"{thought.call.text()} works, but does not bring about {_missing(here)}.")
    count = here.failures(thought.call)
    last = here.last
    if count == 0 or last is None:
        return thought
    failure = next(s.outcome for s in reversed(here.history) if s.call == thought.call and not s.outcome.ok)
    code, message = failure.code, failure.message
    just_failed = not last.outcome.ok and last.call == thought.call
    placing = thought.call.skill == "place" and code == "failed"
    if code in _HOPELESS or count >= MAX_SAME_FAILURES or (
            code in ("failed", "unreachable") and count >= 2 and not placing):
        return stuck(f"{thought.call.text()} does not work ({code}): {message}")
    if just_failed and placing:
        way_round = other_side(here, str(thought.call.arguments.get("target")))
        if way_round is not None:
            return act(f"There is no room for it here; I come from the other side, past {way_round}.",
                       call("navigate_to", target=way_round))
    if just_failed and code == "blocked" and here.has("wait"):
        return act("Something is in the way; I wait a little.", call("wait", seconds=_WAIT_S * count))
    if just_failed and code == "not_found" and here.has("look_around"):
        return act("It is not where I thought; I look around.", call("look_around"))
    if just_failed and code == "precondition" and thought.call.skill != "navigate_to":
        target = next((str(v) for v in thought.call.arguments.values() if isinstance(v, str)), None)
        if target is not None and here.node(target) is not None:
            return act(f"I was not well placed; I go to {target} again.", call("navigate_to", target=target))
    return thought
