"""Scene store and ledger on a Redis-compatible server. Imports the client library only when connecting."""

from __future__ import annotations

from fleetmind.memory.valkey.connect import connect_site
from fleetmind.memory.valkey.ledger import RedisLedger
from fleetmind.memory.valkey.link import StoreOptions
from fleetmind.memory.valkey.rights import acl_rules
from fleetmind.memory.valkey.scene import RedisSceneStore

__all__ = ["RedisLedger", "RedisSceneStore", "StoreOptions", "acl_rules", "connect_site"]
