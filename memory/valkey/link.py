"""One process's link to a site on the server: bounded connections, deadlines, retries that never write twice."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import secrets
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from pydantic import Field

from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.model import Model
from fleetmind.memory.refusals import refusal
from fleetmind.memory.valkey.cluster import Node, find, is_cluster, moved_to, others
from fleetmind.memory.valkey.faults import fault_of
from fleetmind.memory.valkey.wire import Wire

INSTALL = "pip install 'fleetmind[planner]'"
Wires = Callable[[Node | None], tuple[Wire, Wire]]
"""Makes the two wires of a link, to a node of a cluster or to the address given."""
Answer = list[Any]
"""What a function returned after its `OK`: bytes, integers and lists of them."""


class StoreOptions(Model):
    """How patient a client of the store is."""

    timeout_s: float = Field(2.0, gt=0, le=60)
    """One answer may take this long."""
    deadline_s: float = Field(5.0, gt=0, le=600)
    """One operation, retries included, may take this long; then `StoreUnavailable`."""
    max_connections: int = Field(8, ge=1, le=256)
    """Connections for operations; the event feed has one more."""
    tls_ca: Path | None = None
    """File of the certificate authority for `rediss://`; None: the system's."""
    tls_cert: Path | None = None
    """Our own certificate, where the server asks for one."""
    tls_key: Path | None = None
    """Its key, a file nobody else can read."""


@cache
def library_text() -> str:
    """The server-side function library."""
    here = resources.files("fleetmind.memory.valkey")
    return "".join((here / f"{part}.lua").read_text("utf-8") for part in ("fleetmind", "scene", "put", "work", "site"))


def client_errors() -> tuple[type[BaseException], ...]:
    """What the client library raises for trouble with a server."""
    from redis.exceptions import RedisError

    return (RedisError, OSError, TimeoutError)


class Link:
    """Calls the site's functions.

    Args:
        wires: makes the one for operations and the one for blocking reads, given the node of a cluster.
        site: the site's name.
        where: address without secrets, for messages.
        options: timeouts and limits.
    """

    def __init__(self, wires: Wires, site: str, where: str, options: StoreOptions) -> None:
        self.prefix = f"{{fm:{site}}}"
        self.where = where
        self._wires = wires
        self._node: Node | None = None
        self._nodes: list[Node] = []
        self._moving = asyncio.Lock()
        self.options = options
        self.wire, self.feed = wires(None)
        self.errors = client_errors()
        self.epoch = ""
        """Identity of the site's data, set when connected; calls on other data are refused."""
        self._name = secrets.token_hex(6)
        self._count = itertools.count(1)

    async def call(self, function: str, *args: str | int | bytes) -> Answer:
        """Call a function of the library; repeats after a lost answer are recognised by their request id.

        Raises:
            FleetmindError: what the function refused, `STORE_...` for trouble with the server.
            StoreUnavailable: no answer within the deadline.
        """
        request, tries = f"{self.epoch}:{self._name}:{next(self._count)}", itertools.count(1)
        head = ("FCALL", "fm_" + function, 1, self.prefix, request)

        answer: Answer = await self._patiently(lambda: self.wire.ask(*head, next(tries), *args))
        if answer[0] == b"OK":
            return answer[1:]
        code, message, expected, actual = (part.decode() for part in answer)
        raise refusal(code, message, expected=_told(expected), actual=_told(actual))

    async def command(self, *args: str | int | bytes) -> Any:
        """Run a plain read-only command with the same patience."""
        return await self._patiently(lambda: self.wire.ask(*args))

    async def _patiently(self, once: Callable[[], Awaitable[Any]]) -> Any:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.options.deadline_s
        pause_s = 0.02
        while True:
            try:
                return await once()
            except self.errors as error:
                if loop.time() < until and await self.moved(error):
                    continue
                fault = fault_of(error, self.where)
                if fault.code == "STORE_LIBRARY":  # the server lost its data, or was flushed
                    await self.load_library()
                elif not isinstance(fault, StoreUnavailable):
                    raise fault from error
                wait_s = pause_s * (0.5 + random.random())
                if loop.time() + wait_s > until:
                    raise fault from error
            await asyncio.sleep(wait_s)
            pause_s = min(pause_s * 2, 0.5)

    async def find_node(self, own: Node) -> None:
        """In a cluster, go to the node that has the site; alone, stay.

        Args:
            own: host and port of the node we talk to now.
        """
        if await is_cluster(self.wire):
            home, self._nodes = await find(self.wire, self.prefix, own)
            self._node = own
            if home is not None and home != own:
                await self._go_to(home)

    async def moved(self, error: BaseException) -> bool:
        """After an error of a cluster: find the site's node again. True when it is another one."""
        if self._node is None:
            return False
        before = self._node
        async with self._moving:
            if self._node != before:
                return True  # somebody else has found it meanwhile
            home = moved_to(error, before)
            if home is None and isinstance(fault_of(error, self.where), StoreUnavailable):
                home = await self._ask_around()
            if home is None or home == before:
                return False
            await self._go_to(home)
            return True

    async def _ask_around(self) -> Node | None:
        for node in others(self._nodes, cast(Node, self._node)):
            wire, feed = self._wires(node)
            try:
                home, nodes = await find(wire, self.prefix, node)
            except self.errors:
                continue
            finally:
                await _close(wire, feed)
            # A node that is cut off still names the dead one: believe only who names another, or our own that lives.
            if home is not None and (home != self._node or home == node):
                self._nodes = nodes
                return home
        return None

    async def _go_to(self, node: Node) -> None:
        old = (self.wire, self.feed)
        (self.wire, self.feed), self._node = self._wires(node), node
        self.where = f"{node[0]}:{node[1]}"
        await _close(*old)

    async def load_library(self) -> None:
        """Put our functions on the server."""
        try:
            await self.wire.ask("FUNCTION", "LOAD", "REPLACE", library_text())
        except self.errors as error:
            raise fault_of(error, self.where) from error

    async def version(self) -> int:
        """The site's version now.

        Raises:
            FleetmindError: `SITE_REPLACED`.
        """
        seq, epoch = await self.command("HMGET", f"{self.prefix}:meta", "seq", "epoch")
        if self.epoch and (epoch or b"").decode() != self.epoch:
            raise replaced(f"the store at {self.where!r} holds another site of this name than at the start")
        return int(seq or 0)

    async def close(self) -> None:
        """Close every connection."""
        await _close(self.wire, self.feed)


async def _close(*wires: Wire) -> None:
    for wire in wires:
        await wire.close()


def replaced(what: str) -> FleetmindError:
    """The error for a store that is no longer the one we knew: never go on silently."""
    return FleetmindError("SITE_REPLACED", f"{what}: its data was lost or replaced; stop the site's processes, look at "
                                           "the store, and start them again")


def _told(text: str) -> dict[str, object]:
    return cast("dict[str, object]", json.loads(text)) if text else {}
