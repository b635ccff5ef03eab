"""What a user of the server needs to be allowed to work on one site, and no more."""

from __future__ import annotations

from fleetmind.memory import inputs

_CONNECT = ("auth", "hello", "ping", "info", "select", "fcall", "function|list",
            "function|load", "cluster|keyslot", "cluster|slots")
_IN_FUNCTIONS = ("time", "exists", "del", "hset", "hsetnx", "hget", "hmget", "hgetall", "hkeys", "hvals", "hdel",
                 "hincrby", "hexists", "sadd", "srem", "scard", "smembers", "zadd", "zrem", "zrange", "xadd", "xtrim",
                 "xrange", "xrevrange", "xread")


def acl_rules(site: str) -> tuple[str, ...]:
    """Rules for `ACL SETUSER name reset on >password ...`: the user can work on this site and see no other.

    The functions check what they are asked; a user who may run them could also run their commands, on this site's keys.

    Args:
        site: the site's name.

    Raises:
        FleetmindError: `BAD_ID`.
    """
    inputs.name(site, "site")
    return (f"~{{fm:{site}}}", f"~{{fm:{site}}}:*", "resetchannels", "-@all",
            *(f"+{command}" for command in (*_CONNECT, *_IN_FUNCTIONS)))
