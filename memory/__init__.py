"""Facts: scene graph, event log, ledger, leases, robots; in memory and on a Redis-compatible server.

Importing this needs no store client and no server: those are loaded when one connects or starts.
"""

from __future__ import annotations

from fleetmind.memory.errors import Advice, Conflict, FleetmindError, StaleFence, StoreUnavailable
from fleetmind.memory.events import Event, EventKind
from fleetmind.memory.facts import Fact
from fleetmind.memory.interchange import scene_from_json, scene_to_json
from fleetmind.memory.json_text import loads_strict
from fleetmind.memory.ledger import (
    TERMINAL,
    AttemptRecord,
    AttemptState,
    Commit,
    Lease,
    Ledger,
    SubtaskRecord,
    SubtaskState,
    TaskRecord,
    TaskState,
)
from fleetmind.memory.local import LocalLedger, LocalSceneStore, LocalSite, LocalState
from fleetmind.memory.model import JsonValue, Model, Name, NodeId
from fleetmind.memory.replica import FollowingReplica
from fleetmind.memory.retrieval import context
from fleetmind.memory.robots import (
    Observation,
    Outcome,
    OutcomeCode,
    Picture,
    RobotProfile,
    SeenObject,
    SkillCall,
    SkillSpec,
)
from fleetmind.memory.scene import Link, LinkKind, Node, NodeKind, Pose, Relation, Scene, Sighting, StateValue
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change, Replica, SceneStore
from fleetmind.memory.tokens import ensure_token, matches, read_token, token_path, write_private
from fleetmind.memory.valkey import RedisLedger, RedisSceneStore, StoreOptions, connect_site

__all__ = [
    "TERMINAL",
    "Advice",
    "AttemptRecord",
    "AttemptState",
    "Change",
    "Commit",
    "Conflict",
    "EmbeddedServer",
    "Event",
    "EventKind",
    "Fact",
    "FleetmindError",
    "FollowingReplica",
    "JsonValue",
    "Lease",
    "Ledger",
    "Link",
    "LinkKind",
    "LocalLedger",
    "LocalSceneStore",
    "LocalSite",
    "LocalState",
    "Model",
    "Name",
    "Node",
    "NodeId",
    "NodeKind",
    "Observation",
    "Outcome",
    "OutcomeCode",
    "Picture",
    "Pose",
    "RedisLedger",
    "RedisSceneStore",
    "Relation",
    "Replica",
    "RobotProfile",
    "Scene",
    "SceneStore",
    "SeenObject",
    "Sighting",
    "SkillCall",
    "SkillSpec",
    "StaleFence",
    "StateValue",
    "StoreOptions",
    "StoreUnavailable",
    "SubtaskRecord",
    "SubtaskState",
    "TaskRecord",
    "TaskState",
    "connect_site",
    "context",
    "ensure_token",
    "loads_strict",
    "matches",
    "read_token",
    "scene_from_json",
    "scene_to_json",
    "token_path",
    "write_private",
]
