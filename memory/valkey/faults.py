"""From what redis-py raises to fleetmind's codes."""

from __future__ import annotations

from fleetmind.memory.errors import FleetmindError, StoreUnavailable

_RETRY = ("LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNKILLABLE", "max number of clients")
_BY_TEXT: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("Function not found",), "STORE_LIBRARY", "the fleetmind function library is not loaded"),
    (("NOAUTH", "WRONGPASS", "NOPERM", "invalid password", "invalid username", "AUTH called without", "AUTH <password>",
      "Authentication required"), "STORE_AUTH",
     "it refuses these credentials: give the password or the site's token, of a user that may run FCALL"),
    (("OOM", "command not allowed when used memory"), "STORE_FULL",
     "its memory is full: raise maxmemory or wipe old tasks; running work can still be committed"),
    (("MISCONF",), "STORE_FULL", "it cannot write its file: free disk space where it keeps its data"),
    (("READONLY", "can't write against a read only"), "STORE_READONLY",
     "it is a read-only replica: give the primary's address"),
    (("unknown command",), "STORE_OLD", "it is too old: use Valkey 7.2 or Redis 7.0 or newer"),
    (("WRONGTYPE",), "STORE_WRONG_TYPE",
     "a key of this site holds something else: another program writes there; choose another site name or database"),
)


def fault_of(error: BaseException, where: str) -> FleetmindError:
    """The fleetmind error for what the client library raised.

    Args:
        error: raised by redis-py or the operating system.
        where: address of the server, without secrets.
    """
    text = str(error) or type(error).__name__
    for needles, code, words in _BY_TEXT:
        if any(needle in text for needle in needles):
            advice = "retry" if code == "STORE_FULL" else "stop"
            return FleetmindError(code, f"store at {where!r}: {words} ({text:.200})",
                                  advice="retry" if advice == "retry" else "stop")
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower() or "[SSL" in text:
        return FleetmindError("STORE_TLS", f"store at {where!r}: the secure connection failed; check tls_ca, tls_cert, "
                                           f"tls_key and the host name ({text:.200})")
    kinds = {cls.__name__ for cls in type(error).__mro__}
    if "AuthenticationError" in kinds or "NoPermissionError" in kinds:
        return FleetmindError("STORE_AUTH", f"store at {where!r} refuses these credentials ({text:.200})")
    if "ProtocolError" in kinds or "InvalidResponse" in kinds or "Protocol error" in text or "Protocol Error" in text:
        return FleetmindError("STORE_NOT_REDIS", f"what listens at {where!r} is no Redis-compatible server: check host "
                                                 f"and port ({text:.120})")
    # In a cluster a slot may be on its way to another node: it will be there soon.
    if kinds & {"ConnectionError", "TimeoutError", "OSError", "AskError", "TryAgainError", "ClusterDownError",
                "MovedError"} or text.startswith(_RETRY):
        return StoreUnavailable(f"store at {where!r} does not answer: is it running, and is this the right address? "
                                f"({text:.200})")
    return FleetmindError("STORE_ERROR", f"store at {where!r}: {text:.400}")
