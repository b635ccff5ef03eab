"""Connecting to a site: find out what is wrong before anything depends on it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from fleetmind.memory import inputs
from fleetmind.memory.errors import FleetmindError, StoreUnavailable
from fleetmind.memory.valkey.cluster import Node
from fleetmind.memory.valkey.ledger import RedisLedger
from fleetmind.memory.valkey.link import INSTALL, Link, StoreOptions, library_text
from fleetmind.memory.valkey.scene import RedisSceneStore
from fleetmind.memory.valkey.wire import Connect, Wire

SCHEMA = "2"
"""Layout of a site's keys, as `fleetmind.lua` writes it."""


async def connect_site(address: str, site: str, password: str | None = None, *,
                       options: StoreOptions | None = None) -> tuple[RedisSceneStore, RedisLedger]:
    """Connect to a site on a Redis-compatible server; closing the store closes both.

    Args:
        address: `redis://host:port/db`, `rediss://...`, `unix:///path` or `host:port`.
        site: the site's name.
        password: the site's token, or the password of the user named in the address.
        options: timeouts and limits.

    Raises:
        StoreUnavailable: nobody answers there within the deadline.
        FleetmindError: `STORE_ADDRESS`, `STORE_AUTH`, `STORE_NOT_REDIS`, `STORE_OLD`, `STORE_FULL`,
            `STORE_READONLY`, `STORE_EVICTS`, `STORE_SCHEMA`, `STORE_TLS`, `STORE_CLIENT_MISSING`.
    """
    inputs.name(site, "site")
    options = options or StoreOptions()
    url, where = _parse(address)
    _check_files(options)

    def wires(node: Node | None) -> tuple[Wire, Wire]:
        connect = _connector(url if node is None else _at(url, node), password, options)
        return Wire(connect, options.max_connections, options.timeout_s), Wire(connect, 1, options.timeout_s + 1)

    link = Link(wires, site, where, options)
    try:
        async with asyncio.timeout(options.deadline_s + options.timeout_s):
            await _check_server(link)
            await link.find_node(_own(url))
            await _check_site(link)
    except TimeoutError:
        await link.close()
        raise StoreUnavailable(f"store at {where!r} took longer than {options.deadline_s} s to connect") from None
    except BaseException:
        await link.close()
        raise
    return RedisSceneStore(link), RedisLedger(link)


def _parse(address: str) -> tuple[str, str]:
    url = address if "://" in address else f"redis://{address}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FleetmindError("STORE_ADDRESS", f"{address.split('@')[-1]!r} is no store address: {error}; write "
                                              "redis://host:port/0") from None
    if parts.scheme not in ("redis", "rediss", "unix") or (parts.scheme != "unix" and not parts.hostname):
        raise FleetmindError("STORE_ADDRESS", f"{address.split('@')[-1]!r} is no store address: write "
                                              "redis://host:port/0, rediss://host:port/0 or unix:///path")
    where = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{port or 6379}"
    return url, where


def _check_files(options: StoreOptions) -> None:
    for path in (options.tls_ca, options.tls_cert, options.tls_key):
        if path is not None and not path.is_file():
            raise FleetmindError("STORE_TLS", f"there is no file {str(path)!r}: give tls_ca, tls_cert and tls_key as "
                                              "PEM files")


def _own(url: str) -> Node:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 6379


def _at(url: str, node: Node) -> str:
    """The same address at another node."""
    parts = urlsplit(url)
    user = parts.netloc.rpartition("@")[0]
    host = f"[{node[0]}]" if ":" in node[0] else node[0]
    return urlunsplit(parts._replace(netloc=f"{user}{'@' if user else ''}{host}:{node[1]}"))


def _connector(url: str, password: str | None, options: StoreOptions) -> Connect:
    """Makes connections without retries or deadlines of their own: the link knows what may be repeated."""
    try:
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise FleetmindError("STORE_CLIENT_MISSING", f"the store client is not installed: {INSTALL}") from None
    extra: dict[str, Any] = {"password": password} if password is not None else {}
    if url.startswith("rediss:"):
        files = {"ssl_ca_certs": options.tls_ca, "ssl_certfile": options.tls_cert, "ssl_keyfile": options.tls_key}
        extra |= {name: str(path) for name, path in files.items() if path is not None}
        extra |= {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    pool = ConnectionPool.from_url(
        url, socket_timeout=None, socket_connect_timeout=options.timeout_s, protocol=2, retry=Retry(NoBackoff(), 0),
        driver_info=None, **extra)
    return lambda: pool.connection_class(**pool.connection_kwargs)


async def _check_server(link: Link) -> None:
    await link.command("PING")
    info = _info(await link.command("INFO"))
    version = info.get("redis_version", "0")
    if int(version.split(".")[0]) < 7:
        raise FleetmindError("STORE_OLD", f"store at {link.where!r} is version {version!r}, without functions: use "
                                          "Valkey 7.2 or Redis 7.0 or newer")
    if info.get("role") == "slave" and info.get("slave_read_only", "1") == "1":
        raise FleetmindError("STORE_READONLY", f"store at {link.where!r} is a read-only replica: give the address of "
                                               f"its primary, {info.get('master_host')}:{info.get('master_port')}")
    policy = info.get("maxmemory_policy", "noeviction")
    if info.get("maxmemory", "0") != "0" and policy.startswith("allkeys"):
        raise FleetmindError("STORE_EVICTS", f"store at {link.where!r} has maxmemory-policy {policy!r} and would "
                                             "forget the scene when full: set noeviction")


def _info(raw: object) -> dict[str, str]:
    if isinstance(raw, dict):
        return {str(k): str(v) for k, v in raw.items()}
    lines = raw.decode("utf-8", "replace").splitlines() if isinstance(raw, bytes) else []
    return dict(line.split(":", 1) for line in lines if ":" in line)


async def _check_site(link: Link) -> None:
    listed = await link.command("FUNCTION", "LIST", "LIBRARYNAME", "fleetmind", "WITHCODE")
    if library_text().encode() not in _flat(listed):
        await link.load_library()
    schema, epoch = await link.call("begin", secrets.token_hex(4))
    link.epoch = epoch.decode()
    if schema.decode() != SCHEMA:
        raise FleetmindError("STORE_SCHEMA", f"site at {link.where!r} has layout {schema.decode()!r}, this version "
                                             f"writes {SCHEMA!r}: use the fleetmind that made it, or another site")


def _flat(answer: object) -> list[bytes]:
    if isinstance(answer, bytes):
        return [answer]
    if isinstance(answer, list):
        return [leaf for item in answer for leaf in _flat(item)]
    if isinstance(answer, dict):
        return [leaf for item in answer.values() for leaf in _flat(item)]
    return []

