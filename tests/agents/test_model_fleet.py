"""A model behind the OpenAI API drives a robot end to end: plan, thoughts with pictures, mended mistakes."""

from __future__ import annotations

import base64
import json
from typing import Any

from fleetmind.brain import BrainConfig, make_brain
from fleetmind.simulators import SceneSpec
from fleetmind.training.episode import run_instruction, stage

from .openai_stub import pictures_of, serving, words_of

PLAN = {"reasoning_explanation": "One robot can do it.", "complete": True, "subtask_list": [{
    "id": "s1", "subtask": "look into the fridge and shut it, then go to the switch", "robot_name": "chef",
    "skills": ["navigate_to", "open", "close"], "nodes": ["fridge-1", "lightswitch-1"], "depends_on": [],
    "effects": [{"node": "fridge-1", "state": "open", "value": False}]}]}
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("navigate_to", {"target": "fridge-1"}), ("open", {"target": "fridge-1"}), ("close", {"target": "fridge-1"}),
    ("look_around", {}), ("navigate_to", {"target": "lightswitch-1"})]


class Model:
    """Answers like a language model that sometimes stumbles."""

    def __init__(self) -> None:
        self.done = 0
        self.malformed = self.wrong = False
        self.thinking: list[dict[str, Any]] = []

    def __call__(self, request: dict[str, Any]) -> str:
        if "You drive one robot" not in words_of(request):
            if not self.malformed:
                self.malformed = True
                return 'Sure! Here is the plan: ```json\n{"subtask_list": [{"id": "s1", "subtask'
            return f"<think>The fridge is in the kitchen.</think>\n```json\n{json.dumps(PLAN)}\n```\nGood luck!"
        if self.done == 2 and not self.wrong:
            self.wrong = True
            return json.dumps({"text": "I fly.", "status": "act", "call": {"skill": "fly", "arguments": {}}})
        self.thinking.append(request)
        if self.done == len(STEPS):
            return json.dumps({"text": "All done.", "status": "done", "call": None})
        skill, arguments = STEPS[self.done]
        self.done += 1
        return json.dumps({"text": f"Next is {skill}.", "status": "act",
                           "call": {"skill": skill, "arguments": arguments}})


async def test_a_model_drives_a_robot_and_mends_its_mistakes() -> None:
    model = Model()
    with serving(model) as stub:
        brain = make_brain(BrainConfig(kind="model", base_url=stub.base_url, model="stub"))
        async with stage(SceneSpec(name="Kitchen2"), ("duo",), brain, pictures=True) as on:
            task, _ = await run_instruction(on, "Check the fridge.", timeout_s=60)
            (attempt,) = await on.site.ledger.attempts(task.id)
            events = await on.site.store.events(0, limit=5000)
        await brain.close()
    assert task.state == "succeeded", task.reason
    assert model.malformed
    assert model.wrong
    assert attempt.robot == "chef"
    steps = [e.data for e in events if e.kind == "step"]
    assert [s["call"] for s in steps] == [{"skill": s, "arguments": a} for s, a in STEPS]
    # Each question holds the outcome of the call before it, and a picture taken since.
    assert len(model.thinking) == len(STEPS) + 1
    pictures = [pictures_of(r)[-1] for r in model.thinking]
    for number, request in enumerate(model.thinking):
        words = words_of(request)
        assert pictures[number].startswith("data:image/png;base64,")
        assert base64.b64decode(pictures[number].split(",")[1]).startswith(b"\x89PNG")
        if number:
            skill, arguments = STEPS[number - 1]
            assert f"{skill}(" in words.split("Outcome of your last call")[1]
            assert "succeeded" in words.split("Outcome of your last call")[1]
            assert pictures[number] != pictures[number - 1], (number, skill, arguments)


async def test_a_chain_goes_on_without_its_model() -> None:
    with serving(lambda request: "I cannot answer in JSON, sorry.") as stub:
        brain = make_brain(BrainConfig(kind="chain", base_url=stub.base_url, model="stub", repairs=0))
        async with stage(SceneSpec(name="Kitchen2"), ("duo",), brain) as on:
            task, _ = await run_instruction(on, "turn off the light", timeout_s=60)
        await brain.close()
    assert task.state == "succeeded", task.reason
    assert stub.requests


async def test_a_model_that_only_babbles_ends_with_a_reason() -> None:
    with serving(lambda request: "x" * 1_000_000) as stub:
        brain = make_brain(BrainConfig(kind="model", base_url=stub.base_url, model="stub", repairs=1))
        async with stage(SceneSpec(name="Kitchen2"), ("duo",), brain) as on:
            task, _ = await run_instruction(on, "turn off the light", timeout_s=60)
        await brain.close()
    assert task.state in ("refused", "failed")
    assert task.reason_code.startswith(("PLAN", "BRAIN")), task
