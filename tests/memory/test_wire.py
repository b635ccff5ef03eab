"""The wire against a real server: every command gets its own answer or an error, in time, whatever happened before."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.exceptions import ResponseError

from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.valkey.connect import _connector
from fleetmind.memory.valkey.link import StoreOptions
from fleetmind.memory.valkey.wire import Wire

ANSWER_S = 0.4


@pytest.fixture
async def wire(valkey: EmbeddedServer) -> AsyncIterator[Wire]:
    made = Wire(_connector(valkey.url, valkey.token, StoreOptions(timeout_s=2)), 3, ANSWER_S)
    yield made
    await made.close()
    assert not [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]


async def test_answers_and_refusals_leave_the_connection_in_use(wire: Wire) -> None:
    assert await wire.ask("ECHO", b"\x00\xff") == b"\x00\xff"
    own = await wire.ask("CLIENT", "ID")
    with pytest.raises(ResponseError):
        await wire.ask("NO-SUCH-COMMAND")
    assert await wire.ask("CLIENT", "ID") == own


async def test_a_late_answer_is_nobodys(wire: Wire) -> None:
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=r"within 0\.4 s"):
        await wire.ask("BLPOP", "nothing-here", "1")
    assert ANSWER_S <= time.monotonic() - start < 2.5 * ANSWER_S
    for number in range(20):
        assert await wire.ask("ECHO", str(number)) == str(number).encode()


async def test_no_more_connections_than_allowed(wire: Wire) -> None:
    slow = [asyncio.create_task(wire.ask("BLPOP", f"nothing-{i}", "0.2")) for i in range(3)]
    await asyncio.sleep(0)
    others = await asyncio.gather(*(wire.ask("ECHO", str(i)) for i in range(30)))
    assert others == [str(i).encode() for i in range(30)]
    assert await asyncio.gather(*slow) == [None] * 3
    assert len(wire._idle) <= 3


async def test_waiting_for_a_connection_ends_too(wire: Wire) -> None:
    blocked = [asyncio.create_task(wire.ask("BLPOP", f"nothing-{i}", "3")) for i in range(3)]
    await asyncio.sleep(0)
    start = time.monotonic()
    answers = await asyncio.gather(*(wire.ask("PING") for _ in range(3)), *blocked, return_exceptions=True)
    assert all(isinstance(a, TimeoutError) for a in answers[3:])
    assert all(isinstance(a, TimeoutError) or a == b"PONG" for a in answers[:3])
    assert time.monotonic() - start < 4 * ANSWER_S
    assert await wire.ask("PING") == b"PONG"


async def test_a_connection_that_the_server_closed_is_made_anew(wire: Wire) -> None:
    await asyncio.gather(*(wire.ask("PING") for _ in range(3)))
    await wire.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        answers = await asyncio.gather(*(wire.ask("ECHO", str(i)) for i in range(3)), return_exceptions=True)
        if answers == [b"0", b"1", b"2"]:
            return
    pytest.fail(f"no fresh connections: {answers}")


async def test_cancelled_commands_mix_nothing_up(wire: Wire) -> None:
    chance = random.Random(3)

    async def asker(number: int) -> int:
        right = 0
        for step in range(120):
            text = f"{number}-{step}"
            task: asyncio.Task[Any] = asyncio.create_task(wire.ask("ECHO", text))
            for _ in range(chance.randrange(6)):
                await asyncio.sleep(0)
            if chance.random() < 0.4:
                task.cancel()
            try:
                assert await task == text.encode()
                right += 1
            except asyncio.CancelledError:
                pass
        return right

    assert min(await asyncio.gather(*(asker(i) for i in range(6)))) > 40
    assert len(wire._idle) <= 3
    assert not wire._due
