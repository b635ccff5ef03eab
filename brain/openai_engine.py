"""The engine for any OpenAI-compatible or Azure endpoint: vLLM, SGLang, llama.cpp, Ollama, OpenAI, Azure."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from pydantic import Field

from fleetmind.brain.engine import Engine, Message, Reply, Usage
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.model import JsonValue, Model

MAX_RESPONSE_BYTES = 1_000_000
_BACKOFF_S = 0.25
_MAX_BACKOFF_S = 8.0
_NO_KEY = "none"  # the client insists on a key; servers without authentication ignore it


class EndpointConfig(Model):
    """Where a model is served, and how to call it."""

    base_url: str | None = None
    """`http://127.0.0.1:8000/v1`; None with Azure, or for OpenAI itself."""
    model: str = ""
    """Name of the model (Azure: of the deployment)."""
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable with the key; may be unset for servers without authentication."""
    api_key_file: Path | None = None
    """File with the key, readable by its owner only; wins over the environment."""
    azure_endpoint: str | None = None
    """`https://<resource>.openai.azure.com`: use Azure."""
    azure_api_version: str = "2024-10-21"
    """Azure API version."""
    retries: int = Field(3, ge=0, le=10)
    """Further tries after 429, 5xx and connection errors."""


def read_key(config: EndpointConfig) -> str:
    """The API key, or a placeholder for servers that need none.

    Raises:
        FleetmindError: `BRAIN_AUTH` for a key file that is missing, empty or readable by others.
    """
    path = config.api_key_file
    if path is None:
        return os.environ.get(config.api_key_env) or _NO_KEY
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FleetmindError("BRAIN_AUTH", f"api_key_file={str(path)!r} cannot be read: {error}") from None
    if mode & 0o077:
        raise FleetmindError("BRAIN_AUTH", f"api_key_file={str(path)!r} has mode {mode:04o}, others can read it: run "
                                           f"chmod 600 {path}")
    if not text:
        raise FleetmindError("BRAIN_AUTH", f"api_key_file={str(path)!r} is empty: put the key into it")
    return text


class OpenAIEngine(Engine):
    """Calls a chat-completions endpoint.

    Args:
        config: where and how. The key is read at the first call and never logged.
    """

    def __init__(self, config: EndpointConfig) -> None:
        self._config = config
        self._client: Any = None
        self._structured = True

    async def complete(
        self, messages: tuple[Message, ...], *, schema: dict[str, JsonValue] | None = None,
        max_tokens: int = 2048, temperature: float = 0.0, timeout_s: float = 60.0,
    ) -> Reply:
        """See `Engine.complete`."""
        started, calls = time.monotonic(), 0
        deadline = started + timeout_s
        while True:
            calls += 1
            use_schema = schema is not None and self._structured
            request = _request(self._config.model, messages, schema, use_schema, max_tokens, temperature)
            try:
                async with asyncio.timeout(max(0.01, deadline - time.monotonic())):
                    body = await self._post(request)
                return _reply(body, calls, time.monotonic() - started)
            except TimeoutError:
                raise self._late(timeout_s) from None
            except FleetmindError:
                raise
            except Exception as error:
                if use_schema and _refuses_schema(error):
                    self._structured = False  # the server cannot enforce a schema: it goes into the prompt from now on
                    continue
                pause_s = self._pause_before_retry(error, calls)
                if time.monotonic() + pause_s >= deadline:
                    raise self._late(timeout_s) from None
                await asyncio.sleep(pause_s)

    async def stream(
        self, messages: tuple[Message, ...], *, max_tokens: int = 2048, temperature: float = 0.0,
        timeout_s: float = 60.0,
    ) -> AsyncIterator[str]:
        """See `Engine.stream`; not retried once text has come."""
        request = _request(self._config.model, messages, None, False, max_tokens, temperature)
        size = 0
        try:
            async with asyncio.timeout(timeout_s):
                chunks = await self._connect().chat.completions.create(**request, stream=True)
                async for chunk in chunks:
                    text = (chunk.choices[0].delta.content or "") if chunk.choices else ""
                    size += len(text.encode())
                    if size > MAX_RESPONSE_BYTES:
                        raise _too_large(size)
                    if text:
                        yield text
        except TimeoutError:
            raise self._late(timeout_s) from None
        except FleetmindError:
            raise
        except Exception as error:
            self._pause_before_retry(error, self._config.retries + 1)

    async def close(self) -> None:
        """See `Engine.close`."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _post(self, request: dict[str, Any]) -> bytes:
        """The answer's body, read no further than the limit."""
        body = bytearray()
        create = self._connect().chat.completions.with_streaming_response.create
        async with create(**request) as response:
            async for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    raise _too_large(len(body))
        return bytes(body)

    def _connect(self) -> Any:
        if self._client is None:
            try:
                import openai
            except ImportError:
                raise FleetmindError("BRAIN_MISSING", "the package 'openai' is not installed: "
                                                      "pip install 'fleetmind[planner]'") from None
            key = read_key(self._config)
            if self._config.azure_endpoint:
                self._client = openai.AsyncAzureOpenAI(
                    azure_endpoint=self._config.azure_endpoint, api_version=self._config.azure_api_version,
                    api_key=key, max_retries=0)
            else:
                self._client = openai.AsyncOpenAI(base_url=self._config.base_url, api_key=key, max_retries=0)
        return self._client

    def _late(self, timeout_s: float) -> FleetmindError:
        return FleetmindError("BRAIN_TIMEOUT", f"model {self._config.model!r} gave no answer within {timeout_s:g} s",
                              advice="retry")

    def _pause_before_retry(self, error: Exception, calls: int) -> float:
        """Seconds to wait before the next try; raises when there is none."""
        status = getattr(error, "status_code", None)
        kind = type(error).__name__
        if status in (401, 403):
            raise FleetmindError("BRAIN_AUTH", f"the endpoint refused the key (HTTP {status}): set "
                                               f"{self._config.api_key_env} or api_key_file") from None
        transient = status in (408, 409, 429) or (isinstance(status, int) and status >= 500) or (
            kind in ("APIConnectionError", "APITimeoutError"))
        if not transient or calls > self._config.retries:
            told = f"HTTP {status}" if status else kind
            raise FleetmindError(
                "BRAIN_ERROR", f"model {self._config.model!r}: {told} after {calls} calls: {str(error)[:300]!r}",
                advice="retry" if transient else "stop") from None
        asked = getattr(getattr(error, "response", None), "headers", {}).get("retry-after", "")
        wanted = float(asked) if asked.replace(".", "", 1).isdigit() else _BACKOFF_S * 2 ** (calls - 1)
        return float(min(wanted, _MAX_BACKOFF_S) * random.uniform(0.8, 1.2))


def _request(model: str, messages: tuple[Message, ...], schema: dict[str, JsonValue] | None, use_schema: bool,
             max_tokens: int, temperature: float) -> dict[str, Any]:
    request: dict[str, Any] = {"model": model, "messages": [_message(m) for m in messages], "max_tokens": max_tokens,
                               "temperature": temperature}
    if use_schema:
        request["response_format"] = {
            "type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": False}}
    return request


def _message(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = [
        {"type": "image_url",
         "image_url": {"url": f"data:{image.mime};base64,{base64.b64encode(image.data).decode('ascii')}"}}
        for image in message.images]
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}


def _refuses_schema(error: Exception) -> bool:
    status, text = getattr(error, "status_code", None), str(error).lower()
    return status in (400, 404, 415, 422, 501) and any(
        word in text for word in ("response_format", "json_schema", "schema", "grammar", "guided"))


def _too_large(size: int) -> FleetmindError:
    return FleetmindError("BRAIN_ERROR", f"the server's answer has {size} bytes or more, at most {MAX_RESPONSE_BYTES} "
                                         "are read: limit max_tokens", advice="retry")


def _reply(body: bytes, calls: int, latency_s: float) -> Reply:
    try:
        parsed: Any = loads_strict(body, max_bytes=MAX_RESPONSE_BYTES)
        message = parsed["choices"][0]["message"]
        text = message["content"] or ""
        if not isinstance(text, str):
            raise TypeError(f"content is {type(text).__name__}")
    except (FleetmindError, LookupError, TypeError) as error:
        raise FleetmindError("BRAIN_ERROR", f"the endpoint did not answer as a chat-completions server "
                                            f"({type(error).__name__}): {body[:120]!r}", advice="retry") from None
    usage = parsed.get("usage") if isinstance(parsed, dict) else None
    thinking = message.get("reasoning_content") if isinstance(message, dict) else None
    return Reply(
        text=text, thinking=thinking if isinstance(thinking, str) else "",
        model=str(parsed.get("model") or "") if isinstance(parsed, dict) else "",
        usage=Usage(prompt_tokens=_count(usage, "prompt_tokens"), completion_tokens=_count(usage, "completion_tokens"),
                    latency_s=latency_s, calls=calls))


def _count(usage: JsonValue, key: str) -> int:
    value = usage.get(key) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
