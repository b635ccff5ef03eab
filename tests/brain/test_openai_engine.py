"""The engine against a real HTTP server that misbehaves in all the usual ways."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleetmind.brain import EndpointConfig, Engine, Message, OpenAIEngine
from fleetmind.brain.conformance import PICTURE, EngineConformance
from fleetmind.memory import FleetmindError
from tests.brain.stub_server import Say, serving

ASK = (Message(role="user", text="hi"),)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleetmind.brain.openai_engine._BACKOFF_S", 0.01)


class TestOpenAIEngine(EngineConformance):
    @pytest.fixture
    async def engine(self) -> AsyncIterator[Engine]:
        with serving(Say("hello there")) as stub:
            engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m"))
            yield engine
            await engine.close()


async def test_answer_usage_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-secret")
    with serving(Say("fine")) as stub:
        engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m", api_key_env="MY_KEY"))
        reply = await engine.complete(ASK)
        await engine.close()
    assert (reply.text, reply.model, reply.usage.prompt_tokens, reply.usage.completion_tokens) == (
        "fine", "stub", 11, 7)
    assert stub.keys == ["Bearer sk-secret"]


async def test_key_file_must_be_private(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-from-file\n")
    path.chmod(0o644)
    config = EndpointConfig(base_url="http://127.0.0.1:1/v1", model="m", api_key_file=path, retries=0)
    with pytest.raises(FleetmindError, match="chmod 600") as raised:
        await OpenAIEngine(config).complete(ASK)
    assert raised.value.code == "BRAIN_AUTH"
    assert "sk-from-file" not in str(raised.value)
    path.chmod(0o600)
    with serving(Say()) as stub:
        engine = OpenAIEngine(config.model_copy(update={"base_url": stub.url}))
        await engine.complete(ASK)
        await engine.close()
    assert stub.keys == ["Bearer sk-from-file"]


async def test_pictures_go_as_data_urls_and_schema_as_response_format() -> None:
    with serving(Say("{}")) as stub:
        engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m"))
        await engine.complete((Message(role="user", text="look", images=(PICTURE,)),), schema={"type": "object"})
        await engine.close()
    content = stub.requests[0]["messages"][0]["content"]
    assert content[0]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert content[1]["text"] == "look"
    assert stub.requests[0]["response_format"]["json_schema"]["schema"] == {"type": "object"}


async def test_falls_back_when_the_server_knows_no_schema() -> None:
    with serving(Say("unknown parameter: response_format", status=400), Say("ok")) as stub:
        engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m"))
        assert (await engine.complete(ASK, schema={"type": "object"})).text == "ok"
        assert (await engine.complete(ASK, schema={"type": "object"})).text == "ok"
        await engine.close()
    assert ["response_format" in r for r in stub.requests] == [True, False, False]


@pytest.mark.parametrize("bad", [Say("busy", status=429, headers={"retry-after": "0"}), Say("oops", status=500),
                                 Say(status=503), Say(drop=True)])
async def test_transient_failures_are_retried(bad: Say) -> None:
    with serving(bad, Say("at last")) as stub:
        engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m"))
        reply = await engine.complete(ASK)
        await engine.close()
    assert reply.text == "at last"
    assert reply.usage.calls == 2


async def test_retries_are_bounded() -> None:
    with serving(Say("down", status=500)) as stub:
        engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m", retries=2))
        with pytest.raises(FleetmindError) as raised:
            await engine.complete(ASK)
        await engine.close()
    assert (raised.value.code, raised.value.advice, len(stub.requests)) == ("BRAIN_ERROR", "retry", 3)


@pytest.mark.parametrize(("say", "code"), [
    (Say("no such model", status=404), "BRAIN_ERROR"), (Say("who are you", status=401), "BRAIN_AUTH"),
    (Say(raw=b"<html>not an API</html>"), "BRAIN_ERROR"), (Say(raw=b'{"choices": []}'), "BRAIN_ERROR"),
    (Say(raw=b'{"choices": [{"message": {"content": 5}}]}'), "BRAIN_ERROR"),
    (Say("x" * 1_100_000), "BRAIN_ERROR"),
])
async def test_hopeless_answers_fail_at_once(say: Say, code: str) -> None:
    with serving(say) as stub:
        engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m"))
        with pytest.raises(FleetmindError) as raised:
            await engine.complete(ASK)
        await engine.close()
    assert raised.value.code == code
    assert len(stub.requests) == 1


async def test_a_slow_server_times_out_in_time() -> None:
    with serving(Say(delay_s=0.6)) as stub:
        engine = OpenAIEngine(EndpointConfig(base_url=stub.url, model="m"))
        started = time.monotonic()
        with pytest.raises(FleetmindError) as raised:
            await engine.complete(ASK, timeout_s=0.15)
        assert time.monotonic() - started < 0.5
        await engine.close()
    assert raised.value.code == "BRAIN_TIMEOUT"


async def test_nobody_listens() -> None:
    engine = OpenAIEngine(EndpointConfig(base_url="http://127.0.0.1:9/v1", model="m", retries=1))
    with pytest.raises(FleetmindError) as raised:
        await engine.complete(ASK)
    await engine.close()
    assert raised.value.code == "BRAIN_ERROR"
