"""A client in another language, a socket and JSON: what it writes everybody can read, what it gets wrong is refused."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetmind.memory.conformance import Site
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.nodes import Node, Pose
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change
from fleetmind.memory.valkey import connect_site


class PlainClient:
    """Speaks the server's protocol (RESP2) and calls the functions; knows nothing else of fleetmind."""

    def __init__(self, port: int, password: str, site: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5)
        self._file = self._socket.makefile("rb")
        self._prefix, self._number = f"{{fm:{site}}}", 0
        assert self.command("AUTH", password) == b"OK"

    def command(self, *words: str | bytes | int) -> Any:
        raw = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self._socket.sendall(b"*%d\r\n" % len(raw) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in raw))
        return self._answer()

    def _answer(self) -> Any:
        line = self._file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest

    def call(self, function: str, *args: str | bytes | int) -> Any:
        self._number += 1
        return self.command("FCALL", f"fm_{function}", 1, self._prefix, f":plain:{self._number}", 1, *args)

    def put(self, *nodes: tuple[str | bytes, str | bytes], remove: tuple[str, ...] = (), **expected: int) -> Any:
        flat = [part for node in nodes for part in node]
        versions = [part for pair in expected.items() for part in pair]
        return self.call("put", "robot7", len(nodes), *flat, len(remove), *remove, *versions)

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def plain(server: EmbeddedServer, site_on: Site, new_site_name: str) -> Iterator[PlainClient]:
    client = PlainClient(server.port, server.token, site_on[0].link.prefix[4:-1])  # type: ignore[attr-defined]
    yield client
    client.close()


async def test_it_writes_what_everybody_reads(site_on: Site, plain: PlainClient) -> None:
    store, _ = site_on
    hall = {"id": "hall", "kind": "room", "type": "Hall", "size": [4, 3, 2.5]}
    mug = {"id": "Becher \U0001f375 \"1\"", "kind": "object", "type": "Mug", "parent": "hall", "relation": "in",
           "pose": {"x": 0.1, "y": -2, "qz": 1, "qw": 0}, "states": {"open": True, "level": 0.30000000000000004},
           "confidence": 0.5, "last_seen_s": 12, "source": "robot7"}
    attributes = '{"empty":[],"none":null,"big":1180591620717411303424,"deep":[[{"a":{}}]],"text":"\\u00fc\\n"}'
    assert plain.put((json.dumps(hall), "{}"), (json.dumps(mug), attributes)) == [b"OK", b"1"]
    scene = await store.snapshot()
    assert scene["hall"] == Node(id="hall", kind="room", type="Hall", size=(4, 3, 2.5), version=1)
    assert scene[mug["id"]] == Node(  # type: ignore[index]
        id=mug["id"], kind="object", type="Mug", parent="hall", relation="in", source="robot7", confidence=0.5,
        pose=Pose(x=0.1, y=-2, qz=1, qw=0), states={"open": True, "level": 0.30000000000000004}, last_seen_s=12,
        attributes={"empty": [], "none": None, "big": 2**70, "deep": [[{"a": {}}]], "text": "ü\n"}, version=1)
    (event,) = await store.events()
    put = [Node.model_validate(raw) for raw in event.data["put"]]  # type: ignore[index, union-attr]
    assert put == list(scene)[::-1]
    assert plain.put(remove=(str(mug["id"]),), hall=1) == [b"OK", b"2"]
    assert plain.put((json.dumps(hall), "{}"), hall=7)[0] == b"SCENE_CONFLICT"
    await store.apply(Change(put=(Node(
        id="r", kind="robot", type="Robot", parent="hall", relation="in"), Node(id="c", kind="object", type="Cup"))))
    assert plain.call("grasp", "r", "c")[0] == b"OK"
    assert plain.call("move", "c", "in", "hall", "", "robot7")[0] == b"SCENE_HELD"
    assert plain.call("place", "r", "c", "in", "hall", '{"x":1,"y":1,"z":0,"qx":0,"qy":0,"qz":0,"qw":1}')[0] == b"OK"
    assert (await store.snapshot())["c"].pose == Pose(x=1, y=1)


GOOD: dict[str, Any] = {"id": "a", "kind": "object", "type": "Mug"}
WRONG: list[tuple[str | bytes, str | bytes, bytes]] = [
    ("", "{}", b"SCENE_INVALID"), ("[]", "{}", b"SCENE_INVALID"), ("{", "{}", b"SCENE_INVALID"),
    ('{"id":5,"kind":"object","type":"Mug"}', "{}", b"SCENE_INVALID"),
    *((json.dumps({**GOOD, **more}), "{}", code) for more, code in (
        ({"id": ""}, b"BAD_ID"), ({"id": "a{b}"}, b"BAD_ID"), ({"id": "a*"}, b"BAD_ID"), ({"id": "x" * 129}, b"BAD_ID"),
        ({"kind": "thing"}, b"SCENE_INVALID"), ({"type": ""}, b"SCENE_INVALID"), ({"colour": "red"}, b"SCENE_INVALID"),
        ({"parent": "b"}, b"SCENE_INVALID"), ({"parent": "b", "relation": "under"}, b"SCENE_INVALID"),
        ({"parent": "b", "relation": "on"}, b"SCENE_INVARIANT"),
        ({"parent": "a", "relation": "on"}, b"SCENE_INVARIANT"),
        ({"pose": {"x": 1}}, b"SCENE_INVALID"), ({"pose": {"x": 1, "y": 2, "w": 3}}, b"SCENE_INVALID"),
        ({"pose": {"x": 1, "y": 2, "qw": 0.5}}, b"SCENE_INVALID"), ({"size": [1, 2]}, b"SCENE_INVALID"),
        ({"states": {"x": [1]}}, b"SCENE_INVALID"), ({"states": {"x": None}}, b"SCENE_INVALID"),
        ({"confidence": 1.5}, b"SCENE_INVALID"), ({"source": 5}, b"SCENE_INVALID"))),
    ('{"id":"a","kind":"object","type":"Mug","pose":{"x":NaN,"y":1}}', "{}", b"SCENE_INVALID"),
    ('{"id":"a","kind":"object","type":"Mug","pose":{"x":1e999,"y":1}}', "{}", b"SCENE_INVALID"),
    ('{"id":"a","kind":"object","type":"Mug","last_seen_s":0x10}', "{}", b"SCENE_INVALID"),
    (b'{"id":"a\xff","kind":"object","type":"Mug"}', "{}", b"SCENE_INVALID"),
    (b'{"id":"a\xed\xa0\x80","kind":"object","type":"Mug"}', "{}", b"SCENE_INVALID"),
    *((json.dumps(GOOD), attributes, b"SCENE_INVALID") for attributes in (
        "", "[]", "1", "null", '{"a":}', '{"a":NaN}', '{"a":Infinity}', '{"a":1e999}', '{"a":+1}', '{"a":01}',
        '{"a":1.}',
        '{"a":\n1}', '{"a":"\\ud800"}', "{" + '"a":[' * 40 + "1" + "]" * 40 + "}", b'{"a":"\xc0\xaf"}', '{"a":1}}')),
    (json.dumps(GOOD), '{"a":"' + "x" * (1 << 20) + '"}', b"SCENE_TOO_LARGE"),
]


@pytest.mark.parametrize(("head", "attributes", "code"), WRONG)
async def test_what_it_gets_wrong_is_refused(site_on: Site, plain: PlainClient, head: str | bytes,
                                             attributes: str | bytes, code: bytes) -> None:
    store, _ = site_on
    assert plain.put((head, attributes))[0] == code
    assert (await store.snapshot()).version == 0


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text(), inner, max_size=3), max_leaves=8)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(attributes=st.dictionaries(st.text(), json_values(), max_size=4), raw=st.booleans())
async def test_any_json_comes_through_whole(valkey: EmbeddedServer, remote: Site, attributes: dict[str, Any],
                                            raw: bool) -> None:
    store, _ = remote
    plain = PlainClient(valkey.port, valkey.token, store.link.prefix[4:-1])  # type: ignore[attr-defined]
    try:
        answer = plain.put((json.dumps(GOOD), json.dumps(attributes, ensure_ascii=raw)))
    finally:
        plain.close()
    assert answer[0] == b"OK", answer
    stored = (await store.snapshot())["a"].attributes
    assert json.dumps(stored, sort_keys=True) == json.dumps(attributes, sort_keys=True)


async def test_what_bypasses_the_functions_is_found(valkey: EmbeddedServer, new_site_name: str) -> None:
    store, _ = await connect_site(valkey.url, new_site_name, valkey.token)
    await store.apply(Change(put=(Node(id="a", kind="room", type="R"),)))
    for record in (b"garbage", b"1\nroom\n\n\n\"source\":1", b"1\nroom\n\n\nnot json"):
        await store.link.command("HSET", f"{store.link.prefix}:nodes", "b", record)
        with pytest.raises(FleetmindError, match="SCENE_CORRUPT"):
            await store.snapshot()
    await store.close()
