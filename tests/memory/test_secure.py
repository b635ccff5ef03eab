"""TLS and users with few rights, on real connections: what is allowed works, what is not says why."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from redis.asyncio import Redis

from fleetmind.memory.conformance import Site, refused
from fleetmind.memory.conformance.scene import replayed
from fleetmind.memory.conformance.site import kitchen
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.replica import FollowingReplica
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.valkey import StoreOptions, acl_rules, connect_site

QUICK = StoreOptions(timeout_s=1, deadline_s=2)


class Certificates:
    """An authority with a server's and a client's certificate, as files."""

    def __init__(self, where: Path) -> None:
        authority = trustme.CA()
        self.ca, self.other_ca = where / "ca.pem", where / "other.pem"
        self.cert, self.key = where / "cert.pem", where / "key.pem"
        authority.cert_pem.write_to_path(self.ca)
        trustme.CA().cert_pem.write_to_path(self.other_ca)
        issued = authority.issue_cert("localhost", "127.0.0.1")
        issued.private_key_pem.write_to_path(self.key)
        for part in issued.cert_chain_pems:
            part.write_to_path(self.cert, append=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def front(port: int, files: Certificates, *, ask_client: bool = False) -> AsyncIterator[int]:
    """A TLS front before a plain server, as stunnel would be; gives its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(files.ca))
    context.load_cert_chain(files.cert, files.key)
    context.verify_mode = ssl.CERT_REQUIRED if ask_client else ssl.CERT_NONE

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(65536):
                writer.write(part)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, outside = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, outside), pump(inside, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def works(site: Site) -> None:
    """Writing, reading, following, replaying."""
    store, _ = site
    await store.apply(kitchen())
    replica = FollowingReplica(store)
    await replica.start()
    version = await store.grasp("ann", "mug-1")
    assert (await replica.wait_for(version)).holding("ann") is not None
    assert await replayed(store) == dict((await store.snapshot()).nodes)
    await replica.stop()


async def test_tls(valkey: EmbeddedServer, certificates: Certificates, new_site_name: str) -> None:
    async with front(valkey.port, certificates) as port:
        site = await connect_site(f"rediss://localhost:{port}/0", new_site_name, valkey.token,
                                  options=StoreOptions(tls_ca=certificates.ca))
        await works(site)
        await site[0].close()
        for options, code in ((QUICK, "STORE_TLS"),
                              (QUICK.model_copy(update={"tls_ca": certificates.other_ca}), "STORE_TLS"),
                              (QUICK.model_copy(update={"tls_ca": Path("/nowhere.pem")}), "STORE_TLS")):
            with refused(code):
                await connect_site(f"rediss://localhost:{port}/0", new_site_name, valkey.token, options=options)
        with refused("STORE_UNAVAILABLE"):  # plain text at a secure port
            await connect_site(f"redis://localhost:{port}/0", new_site_name, valkey.token, options=QUICK)
        with pytest.raises(FleetmindError, match=r"STORE_TLS|STORE_UNAVAILABLE"):  # TLS at a plain port
            await connect_site(f"rediss://localhost:{valkey.port}/0", new_site_name, valkey.token,
                               options=QUICK.model_copy(update={"tls_ca": certificates.ca}))


async def test_tls_with_our_own_certificate(valkey: EmbeddedServer, certificates: Certificates,
                                            new_site_name: str) -> None:
    async with front(valkey.port, certificates, ask_client=True) as port:
        url = f"rediss://localhost:{port}/0"
        ours = StoreOptions(tls_ca=certificates.ca, tls_cert=certificates.cert, tls_key=certificates.key)
        store, _ = await connect_site(url, new_site_name, valkey.token, options=ours)
        assert await store.apply(kitchen()) == 1
        await store.close()
        with pytest.raises(FleetmindError, match=r"STORE_TLS|STORE_UNAVAILABLE"):  # TLS 1.3 only hangs up
            await connect_site(url, new_site_name, valkey.token,
                               options=QUICK.model_copy(update={"tls_ca": certificates.ca}))


@pytest.fixture
def tls_redis(tmp_path: Path, certificates: Certificates) -> Iterator[int]:
    """Debian's server, which speaks TLS itself."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([
        "redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--tls-cert-file",
        str(certificates.cert), "--tls-key-file", str(certificates.key), "--tls-ca-cert-file", str(certificates.ca),
        "--dir", str(tmp_path), "--requirepass", "pw"], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        assert time.monotonic() < until
        time.sleep(0.02)
    yield port
    process.kill()
    process.wait(10)


async def test_a_server_that_speaks_tls_itself(tls_redis: int, certificates: Certificates) -> None:
    options = StoreOptions(tls_ca=certificates.ca, tls_cert=certificates.cert, tls_key=certificates.key)
    site = await connect_site(f"rediss://localhost:{tls_redis}/0", "secure", "pw", options=options)
    await works(site)
    await site[0].close()


async def test_a_user_for_one_site(server: EmbeddedServer, new_site_name: str) -> None:
    admin = Redis.from_url(server.url, password=server.token)
    name = f"user-{new_site_name}"
    await admin.execute_command("ACL", "SETUSER", name, "reset", "on", ">secret", *acl_rules(new_site_name))
    url = server.url.replace("redis://", f"redis://{name}@")
    site = await connect_site(url, new_site_name, "secret")
    await works(site)
    for other, wrong in ((f"{new_site_name}0", "secret"), ("other", "secret"), (new_site_name, "wrong")):
        with refused("STORE_AUTH"):
            await connect_site(url, other, wrong, options=QUICK)
    for command in (("FLUSHALL",), ("CONFIG", "GET", "*"), ("KEYS", "*"), ("GET", "x"), ("ACL", "LIST"),
                    ("EVAL", "return 1", "0"), ("SCRIPT", "FLUSH"), ("FUNCTION", "FLUSH")):
        with refused("STORE_AUTH"):
            await site[0].link.command(*command)  # type: ignore[attr-defined]
    await site[0].close()
    await admin.aclose()
