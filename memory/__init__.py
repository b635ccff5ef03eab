"""Facts: scene graph, event log, ledger, leases, robots; in memory and on a Redis-compatible server.

Importing this needs no store client and no server: those are loaded when one connects or starts.
"""

from __future__ import annotations

from fleetmind.memory.belief import (
    Assignment,
    Belief,
    Rates,
    associate,
    candidates_near,
    confidence_at,
    fused_confidence,
    half_life_s,
    merge_sightings,
)
from fleetmind.memory.embodiment import RobotRecord, RobotState, robot_records, state_of
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
from fleetmind.memory.queries import in_view, linked, nearest, path, within_box
from fleetmind.memory.relations import Derived, DerivedRelation, around, relations
from fleetmind.memory.replica import FollowingReplica
from fleetmind.memory.retrieval import Context, context, recent_events
from fleetmind.memory.robots import (
    Battery,
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
from fleetmind.memory.store import Change, Replica, Retention, SceneStore
from fleetmind.memory.temporal import NodeChange, NodeRecord, SceneDiff, Stay
from fleetmind.memory.tokens import ensure_token, matches, read_token, token_path, write_private
from fleetmind.memory.valkey import RedisLedger, RedisSceneStore, StoreOptions, acl_rules, connect_site

__all__ = [
    "TERMINAL",
    "Advice",
    "Assignment",
    "AttemptRecord",
    "AttemptState",
    "Battery",
    "Belief",
    "Change",
    "Commit",
    "Conflict",
    "Context",
    "Derived",
    "DerivedRelation",
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
    "NodeChange",
    "NodeId",
    "NodeKind",
    "NodeRecord",
    "Observation",
    "Outcome",
    "OutcomeCode",
    "Picture",
    "Pose",
    "Rates",
    "RedisLedger",
    "RedisSceneStore",
    "Relation",
    "Replica",
    "Retention",
    "RobotProfile",
    "RobotRecord",
    "RobotState",
    "Scene",
    "SceneDiff",
    "SceneStore",
    "SeenObject",
    "Sighting",
    "SkillCall",
    "SkillSpec",
    "StaleFence",
    "StateValue",
    "Stay",
    "StoreOptions",
    "StoreUnavailable",
    "SubtaskRecord",
    "SubtaskState",
    "TaskRecord",
    "TaskState",
    "acl_rules",
    "around",
    "associate",
    "candidates_near",
    "confidence_at",
    "connect_site",
    "context",
    "ensure_token",
    "fused_confidence",
    "half_life_s",
    "in_view",
    "linked",
    "loads_strict",
    "matches",
    "merge_sightings",
    "nearest",
    "path",
    "read_token",
    "recent_events",
    "relations",
    "robot_records",
    "scene_from_json",
    "scene_to_json",
    "state_of",
    "token_path",
    "within_box",
    "write_private",
]
