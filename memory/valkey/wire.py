"""Connections to one server: few, kept open, with a deadline on every answer.

redis-py makes and authenticates them and reads answers; its own pool and socket deadlines would cost a write another
40 us: two locks and, in Python 3.11, one task more per command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis.asyncio.connection import AbstractConnection

Connect = Callable[[], "AbstractConnection"]
"""Makes a connection, not connected yet."""


class Wire:
    """Commands to one server, each on a connection of its own while it runs.

    Args:
        connect: makes a connection.
        limit: of connections; further commands wait for one.
        answer_s: one answer may take this long, waiting for a connection and connecting included.
    """

    def __init__(self, connect: Connect, limit: int, answer_s: float) -> None:
        from hiredis import pack_command
        from redis.exceptions import ResponseError

        self._connect, self._answer_s = connect, answer_s
        self._slots = asyncio.Semaphore(limit)
        self._idle: list[AbstractConnection] = []
        self._busy: set[AbstractConnection] = set()
        self._pack, self._refused = pack_command, ResponseError

    async def ask(self, *command: str | int | bytes) -> Any:
        """Send a command, return its answer as it came.

        Raises:
            RedisError: what the server refused, or what the client library says of the connection.
            OSError: of the connection.
            TimeoutError: no answer in time.
        """
        async with asyncio.timeout(self._answer_s), self._slots:
            connection = self._idle.pop() if self._idle else self._connect()
            self._busy.add(connection)
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
            finally:
                self._busy.discard(connection)
                if kept:
                    self._idle.append(connection)
                else:  # an answer may still be on its way: never read it as that of another command
                    await connection.disconnect(nowait=True)

    async def close(self) -> None:
        """Close every connection; commands that wait for an answer fail."""
        for connection in (*self._idle, *self._busy):
            await connection.disconnect(nowait=True)
        self._idle.clear()
