"""Facts: scene graph, event log, ledger, leases, robots; in memory and on a Redis-compatible server."""
from fleetmind.memory.errors import Conflict, FleetmindError, StaleFence, StoreUnavailable
from fleetmind.memory.events import Event, EventKind
from fleetmind.memory.facts import Fact
from fleetmind.memory.ledger import TERMINAL, AttemptRecord, Commit, Lease, Ledger, SubtaskRecord, TaskRecord, TaskState
from fleetmind.memory.local import LocalSite
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
from fleetmind.memory.scene import Node, NodeKind, Pose, Relation, Scene, StateValue
from fleetmind.memory.server import EmbeddedServer
from fleetmind.memory.store import Change, Replica, SceneStore
from fleetmind.memory.tokens import ensure_token, read_token, write_private
from fleetmind.memory.valkey.connect import connect_site
