"""Finding one JSON object in what a model says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetmind.brain.parsing import json_object, without_thinking
from fleetmind.memory import FleetmindError

PLAN = {"subtask_list": [{"subtask": "carry {it} \"there\""}], "complete": True}
TEXT = json.dumps(PLAN)


@pytest.mark.parametrize("text", [
    TEXT, f"```json\n{TEXT}\n```", f"```\n{TEXT}\n```", f"Sure! Here is the plan:\n{TEXT}\nGood luck {{smile",
    f"<think>first {{\"a\": 1}} hm</think>{TEXT}", f"<think>x</think><answer>{TEXT}</answer>",
    f"some reasoning</think>\n<answer>\n{TEXT}", f"  \n{TEXT}\n\n", f"Plan:\n```json\n{TEXT}\n```\nand {{more}} prose",
    f"{TEXT}\n{TEXT}", json.dumps(PLAN, indent=2),
])
def test_found(text: str) -> None:
    assert json_object(text) == PLAN


@pytest.mark.parametrize("text", [
    "", "I cannot do that.", TEXT[:-5], f"```json\n{TEXT[:-10]}", '{"a": 1} or {"a": 2}', '{"a": NaN}', '{"a": 1e999}',
    '{"a": 1, "a": 2}', '{"a": ' + "9" * 5000 + "}", "[1, 2]", '{"a": ' + "[" * 60 + "]" * 60 + "}", "{" * 100_000,
    '{"a": "\\ud800"}', "{'a': 1}", '{"a": 1,}', '{"a": __import__("os")}',
])
def test_refused(text: str) -> None:
    with pytest.raises(FleetmindError) as raised:
        json_object(text)
    assert raised.value.code == "PLAN_PARSE"
    assert raised.value.advice == "retry"


def test_too_large() -> None:
    with pytest.raises(FleetmindError) as raised:
        json_object('{"a": "' + "x" * 1_000_001 + '"}')
    assert raised.value.code == "PLAN_TOO_LARGE"


def test_thinking_is_kept_apart() -> None:
    assert without_thinking("<think>a</think><answer>b</answer>") == ("b", "a")
    assert without_thinking("<think>never closed") == ("", "never closed")


@given(st.text(max_size=300))
def test_never_anything_but_an_object_or_a_typed_error(text: str) -> None:
    code = ""
    try:
        json_object(text)
    except FleetmindError as error:
        code = error.code
    assert code in ("", "PLAN_PARSE", "PLAN_TOO_LARGE")
