"""Where a site is in a cluster: all its keys share one hash slot, so one node has them, and the link talks to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from fleetmind.memory.valkey.wire import Wire

Node = tuple[str, int]
"""Host and port."""


async def is_cluster(wire: Wire) -> bool:
    """Whether the server is a node of a cluster."""
    info = cast(bytes, await wire.ask("INFO", "cluster"))
    return b"cluster_enabled:1" in info


async def find(wire: Wire, key: str, own: Node) -> tuple[Node | None, list[Node]]:
    """The primary that has a key's slot, and every node of the cluster, as the node behind `wire` sees it.

    Args:
        wire: to any node.
        key: any key of the site.
        own: its address as we know it, for nodes that do not know their own.
    """
    slot = await wire.ask("CLUSTER", "KEYSLOT", key)
    ranges = await wire.ask("CLUSTER", "SLOTS")
    nodes = list(dict.fromkeys(_address(node, own) for entry in ranges for node in entry[2:]))
    return next((_address(entry[2], own) for entry in ranges if entry[0] <= int(slot) <= entry[1]), None), nodes


def _address(node: Any, own: Node) -> Node:
    host = (node[0] or b"").decode()
    return (host if host not in ("", "?") else own[0]), int(node[1])


def moved_to(error: BaseException, own: Node) -> Node | None:
    """Where a `MOVED slot host:port` answer sends us; None for any other error."""
    words = str(error).split()
    if type(error).__name__ == "MovedError" and words:
        host, _, port = words[-1].rpartition(":")
        if port.isdecimal():
            return host or own[0], int(port)
    return None


def others(nodes: Iterable[Node], own: Node) -> list[Node]:
    """The nodes to ask when our own is gone, ours last: it may come back."""
    return [*(node for node in nodes if node != own), own]
