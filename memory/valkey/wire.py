"""Connections to one server: few, kept open, with a deadline on every answer.

redis-py makes and authenticates them and reads answers. Its own pool and socket deadlines would cost a write another
40 us: two locks and, in Python 3.11, one task more per command. Here one timer watches all connections of a wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis.asyncio.connection import AbstractConnection

Connect = Callable[[], "AbstractConnection"]
"""Makes a connection, not connected yet, that gives up connecting by itself."""
LOOKS = 20
"""How often within a deadline the timer looks: an answer may take so much of it longer."""


class Wire:
    """Commands to one server, each on a connection of its own while it runs.

    Args:
        connect: makes a connection.
        limit: of connections; further commands wait for one.
        answer_s: one answer may take this long, and so may waiting for a connection.
    """

    def __init__(self, connect: Connect, limit: int, answer_s: float) -> None:
        from hiredis import pack_command
        from redis.exceptions import RedisError, ResponseError

        self._connect, self._answer_s = connect, answer_s
        self._slots = asyncio.Semaphore(limit)
        self._idle: list[AbstractConnection] = []
        self._due: dict[AbstractConnection, float] = {}
        self._late: set[AbstractConnection] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._pack, self._refused, self._broken = pack_command, ResponseError, (RedisError, OSError)

    async def ask(self, *command: str | int | bytes) -> Any:
        """Send a command, return its answer as it came.

        Raises:
            RedisError: what the server refused, or what the client library says of the connection.
            OSError: of the connection.
            TimeoutError: no answer in time.
        """
        if self._slots.locked():
            async with asyncio.timeout(self._answer_s):
                await self._slots.acquire()
        else:
            await self._slots.acquire()
        connection = self._idle.pop() if self._idle else self._connect()
        self._watch(connection)
        kept = False
        try:
            if not connection.is_connected or await connection.can_read():
                await connection.disconnect(nowait=True)  # closed by the server while it was idle
                await connection.connect()  # type: ignore[no-untyped-call]
            await connection.send_packed_command([self._pack(command)], check_health=False)  # type: ignore[arg-type]
            answer = await connection.read_response()
            kept = True
            return answer
        except self._refused:
            kept = True
            raise
        except self._broken as error:
            if connection in self._late:
                raise TimeoutError(f"no answer within {self._answer_s:g} s") from error
            raise
        finally:
            del self._due[connection]
            if kept and connection not in self._late:
                self._idle.append(connection)
            else:  # an answer may still be on its way: never read it as that of another command
                self._late.discard(connection)
                self._close(connection)
            self._slots.release()

    def _watch(self, connection: AbstractConnection) -> None:
        loop = asyncio.get_running_loop()
        self._due[connection] = loop.time() + self._answer_s
        if self._timer is None:
            self._timer = loop.call_later(self._answer_s / LOOKS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what is overdue, which wakes who waits for it; look again while somebody waits."""
        now = loop.time()
        for connection, due in self._due.items():
            if due < now and connection not in self._late:
                self._late.add(connection)
                self._close(connection)
        self._timer = loop.call_later(self._answer_s / LOOKS, self._look, loop) if self._due else None

    def _close(self, connection: AbstractConnection) -> None:
        task = asyncio.get_running_loop().create_task(connection.disconnect(nowait=True))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every connection; commands that wait for an answer fail."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for connection in (*self._idle, *self._due):
            await connection.disconnect(nowait=True)
        self._idle.clear()
        await asyncio.gather(*self._closing, return_exceptions=True)
