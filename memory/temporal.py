"""The past of a site, read from its log: what was, what changed, where a thing has been.

Every scene event says which version each of its nodes had before, or at which it was removed (`was`), so that the
changes of a node are a chain through the log. What is older than the log is in the base, the nodes at the oldest
version that is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, cast

from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.events import Event
from fleetmind.memory.fold import changes, fold
from fleetmind.memory.model import Model, NodeId
from fleetmind.memory.nodes import Node, Pose, Relation
from fleetmind.memory.refusals import refusal
from fleetmind.memory.scene import Scene

if TYPE_CHECKING:
    from fleetmind.memory.store import SceneStore

PAGE = 1000
TRIES = 5


class NodeRecord(Model):
    """One change of a node."""

    version: int
    """The site's version it made."""
    time_s: float | None
    """Unix time at the store; None: at or before the oldest version that is kept."""
    source: str
    """Who said so."""
    op: str
    """`apply`, `move`, `grasp`, `place`, `set_states`, `open`, `close`, `commit`, `clear`, `removed` or `base`."""
    node: Node | None
    """The node after the change; None: it was removed."""


class Stay(Model):
    """A time during which a node was in one place."""

    parent: NodeId | None
    """What it was in, inside, on or held by; None: nothing known."""
    relation: Relation | None
    """How."""
    pose: Pose | None
    """Its last pose there, frame `map`."""
    from_version: int
    """The site's version at which it came."""
    from_s: float | None
    """Unix time at the store at which it came; None: before the oldest version that is kept."""
    until_s: float | None
    """When it left; None: it is there now."""
    source: str
    """Who said so first."""


class NodeChange(Model):
    """A node before and after."""

    before: Node | None
    """None: it was not there."""
    after: Node | None
    """None: it is gone."""

    @property
    def node(self) -> NodeId:
        """Its id."""
        return cast(Node, self.after or self.before).id

    @property
    def moved(self) -> bool:
        """True when it was there before and after, in another place."""
        one, two = self.before, self.after
        return one is not None and two is not None and (
            (one.parent, one.relation, one.pose) != (two.parent, two.relation, two.pose))


class SceneDiff(Model):
    """What changed between two versions, by node."""

    a: int
    """The version before."""
    b: int
    """The version after."""
    changes: tuple[NodeChange, ...]
    """Nodes that differ, by id; a node written again as it was is not among them."""

    @property
    def added(self) -> tuple[Node, ...]:
        """Nodes that were not there at `a`."""
        return tuple(c.after for c in self.changes if c.before is None and c.after is not None)

    @property
    def removed(self) -> tuple[Node, ...]:
        """Nodes that are gone at `b`."""
        return tuple(c.before for c in self.changes if c.after is None and c.before is not None)

    @property
    def moved(self) -> tuple[NodeChange, ...]:
        """Nodes that are in another place."""
        return tuple(c for c in self.changes if c.moved)


def one_of(version: int | None, time_s: float | None) -> FleetmindError:
    """The error for a moment that is named twice or not at all."""
    return refusal("SCENE_HISTORY", f"give either a version or a time, not version={version!r} and time_s={time_s!r}")


async def rebuild(store: SceneStore, version: int) -> Scene:
    """The scene at a version: the base, and the events from there folded over it."""
    for _ in range(TRIES):
        oldest, nodes = await store.base()
        await check_kept(store, version, oldest)
        try:
            await replay(store, nodes, oldest, version)
        except FleetmindError as error:
            if error.code != "LOG_TRIMMED":
                raise
            continue  # the base has moved on while we read
        return Scene(nodes.values(), version=version)
    raise refusal("SCENE_HISTORY", f"version {version!r} is being forgotten: `retain` more or ask for a newer one")


async def check_kept(store: SceneStore, version: int, oldest: int) -> None:
    """Refuse a version outside what the site keeps."""
    if version < oldest:
        raise refusal("SCENE_HISTORY", f"version {version!r} is older than {oldest}, the oldest this site keeps: "
                                       "`retain` more from now on")
    newest = await store.version_at(None)
    if version > newest:
        raise refusal("SCENE_HISTORY", f"version {version!r} is not reached, the site is at {newest}")


async def replay(store: SceneStore, nodes: dict[str, Node], since: int, version: int) -> None:
    """Bring nodes from the version `since` to `version`."""
    async for event in between(store, since, version):
        fold(nodes, event)


async def between(store: SceneStore, since: int, version: int) -> AsyncIterator[Event]:
    """Events after `since` up to `version`, in pages."""
    while since < version:
        page = await store.events(since, limit=min(PAGE, version - since))
        for event in page:
            since = event.seq
            yield event
        if not page:
            return


def _was(event: Event) -> dict[str, int]:
    return cast("dict[str, int]", event.data.get("was") or {})


async def diff(store: SceneStore, a: int, b: int) -> SceneDiff:
    """What changed from `a` to `b`."""
    for _ in range(TRIES):
        oldest, _unused = await store.base(())
        await check_kept(store, min(a, b), oldest)
        await check_kept(store, max(a, b), oldest)
        try:
            found = await _diff(store, min(a, b), max(a, b), oldest)
        except FleetmindError as error:
            if error.code != "LOG_TRIMMED":
                raise
            continue
        if a > b:
            found = {i: (after, before) for i, (before, after) in found.items()}
        return SceneDiff(a=a, b=b, changes=tuple(
            NodeChange(before=before, after=after) for _, (before, after) in sorted(found.items())
            if not _same(before, after)))
    raise refusal("SCENE_HISTORY", f"version {min(a, b)!r} is being forgotten: keep more (`retain`)")


def _same(before: Node | None, after: Node | None) -> bool:
    if before is None or after is None:
        return before is after
    return before.model_copy(update={"version": after.version}) == after


async def _diff(store: SceneStore, a: int, b: int, oldest: int) -> dict[str, tuple[Node | None, Node | None]]:
    first: dict[str, int] = {}
    after: dict[str, Node | None] = {}
    async for event in between(store, a, b):
        if event.kind != "scene":
            continue
        for node_id, version in _was(event).items():
            first.setdefault(node_id, version)
        put, remove = changes(event)
        after.update({node.id: node for node in put} | dict.fromkeys(remove))
    in_base = [i for i, version in first.items() if 0 < version <= oldest]
    _, old = await _base_of(store, in_base)
    before = {i: old.get(i) for i in in_base}
    for node_id, version in first.items():
        if version > oldest:
            before[node_id] = _node_in(await _event(store, version), node_id)
    return {i: (before.get(i), after[i]) for i in after}


async def _base_of(store: SceneStore, ids: list[str]) -> tuple[int, dict[str, Node]]:
    version, nodes = 0, dict[str, Node]()
    for start in range(0, len(ids), PAGE):
        version, page = await store.base(ids[start:start + PAGE])
        nodes.update(page)
    return version, nodes


async def _event(store: SceneStore, version: int) -> Event:
    (event,) = await store.events(version - 1, limit=1)
    return event


def _node_in(event: Event, node_id: str) -> Node | None:
    return next((node for node in changes(event)[0] if node.id == node_id), None)


async def history(store: SceneStore, node: NodeId, *, limit: int) -> list[NodeRecord]:
    """The node's changes, newest first."""
    out: list[NodeRecord] = []
    version = await store.last_change(node)
    while version and len(out) < limit:
        oldest, kept = await store.base((node,))
        if version <= oldest:
            old = kept.get(node)
            if old is not None:
                out.append(NodeRecord(version=old.version, time_s=None, source=old.source, op="base", node=old))
            break
        try:
            event = await _event(store, version)
        except FleetmindError as error:
            if error.code != "LOG_TRIMMED":
                raise
            continue  # folded into the base meanwhile
        after = _node_in(event, node)
        out.append(NodeRecord(version=version, time_s=event.time_s, source=event.source, node=after,
                              op="removed" if after is None else str(event.data.get("op", ""))))
        version = _was(event).get(node, 0)
    return out


async def where_was(store: SceneStore, node: NodeId, *, limit: int) -> list[Stay]:
    """Where the node has been, newest first."""
    stays: list[Stay] = []
    until, here = None, False
    for record in await history(store, node, limit=limit * 50):
        if record.node is None:
            until, here = record.time_s, False
            continue
        place = (record.node.parent, record.node.relation)
        if here and place == (stays[-1].parent, stays[-1].relation):
            stays[-1] = stays[-1].model_copy(update={
                "from_version": record.version, "from_s": record.time_s, "source": record.source})
            continue
        if here:
            until = stays[-1].from_s
        if len(stays) == limit:
            break
        stays.append(Stay(parent=place[0], relation=place[1], pose=record.node.pose, from_version=record.version,
                          from_s=record.time_s, until_s=until, source=record.source))
        here = True
    return stays
