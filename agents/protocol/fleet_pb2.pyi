from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Pose(_message.Message):
    __slots__ = ("x", "y", "z", "qx", "qy", "qz", "qw")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    QX_FIELD_NUMBER: _ClassVar[int]
    QY_FIELD_NUMBER: _ClassVar[int]
    QZ_FIELD_NUMBER: _ClassVar[int]
    QW_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    qx: float
    qy: float
    qz: float
    qw: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ..., qx: _Optional[float] = ..., qy: _Optional[float] = ..., qz: _Optional[float] = ..., qw: _Optional[float] = ...) -> None: ...

class Link(_message.Message):
    __slots__ = ("relation", "to")
    RELATION_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    relation: str
    to: str
    def __init__(self, relation: _Optional[str] = ..., to: _Optional[str] = ...) -> None: ...

class Sighting(_message.Message):
    __slots__ = ("robot", "time_s", "seen", "confidence")
    ROBOT_FIELD_NUMBER: _ClassVar[int]
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    robot: str
    time_s: float
    seen: bool
    confidence: float
    def __init__(self, robot: _Optional[str] = ..., time_s: _Optional[float] = ..., seen: _Optional[bool] = ..., confidence: _Optional[float] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("id", "kind", "type", "parent", "relation", "pose", "size", "states", "attributes", "confidence", "last_seen_s", "source", "version", "box", "links", "covariance", "sightings")
    class StatesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    POSE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_S_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    COVARIANCE_FIELD_NUMBER: _ClassVar[int]
    SIGHTINGS_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    type: str
    parent: str
    relation: str
    pose: Pose
    size: _containers.RepeatedScalarFieldContainer[float]
    states: _containers.MessageMap[str, _struct_pb2.Value]
    attributes: _containers.MessageMap[str, _struct_pb2.Value]
    confidence: float
    last_seen_s: float
    source: str
    version: int
    box: _containers.RepeatedScalarFieldContainer[float]
    links: _containers.RepeatedCompositeFieldContainer[Link]
    covariance: _containers.RepeatedScalarFieldContainer[float]
    sightings: _containers.RepeatedCompositeFieldContainer[Sighting]
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., type: _Optional[str] = ..., parent: _Optional[str] = ..., relation: _Optional[str] = ..., pose: _Optional[_Union[Pose, _Mapping]] = ..., size: _Optional[_Iterable[float]] = ..., states: _Optional[_Mapping[str, _struct_pb2.Value]] = ..., attributes: _Optional[_Mapping[str, _struct_pb2.Value]] = ..., confidence: _Optional[float] = ..., last_seen_s: _Optional[float] = ..., source: _Optional[str] = ..., version: _Optional[int] = ..., box: _Optional[_Iterable[float]] = ..., links: _Optional[_Iterable[_Union[Link, _Mapping]]] = ..., covariance: _Optional[_Iterable[float]] = ..., sightings: _Optional[_Iterable[_Union[Sighting, _Mapping]]] = ...) -> None: ...

class Fact(_message.Message):
    __slots__ = ("node", "relation", "target", "state", "value")
    NODE_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    node: str
    relation: str
    target: str
    state: str
    value: _struct_pb2.Value
    def __init__(self, node: _Optional[str] = ..., relation: _Optional[str] = ..., target: _Optional[str] = ..., state: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...

class SkillSpec(_message.Message):
    __slots__ = ("name", "description", "parameters", "preconditions", "effects", "resources", "retry_safe", "timeout_s")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    PRECONDITIONS_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    RETRY_SAFE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    parameters: _containers.MessageMap[str, _struct_pb2.Value]
    preconditions: _containers.RepeatedScalarFieldContainer[str]
    effects: _containers.RepeatedScalarFieldContainer[str]
    resources: _containers.RepeatedScalarFieldContainer[str]
    retry_safe: bool
    timeout_s: float
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., parameters: _Optional[_Mapping[str, _struct_pb2.Value]] = ..., preconditions: _Optional[_Iterable[str]] = ..., effects: _Optional[_Iterable[str]] = ..., resources: _Optional[_Iterable[str]] = ..., retry_safe: _Optional[bool] = ..., timeout_s: _Optional[float] = ...) -> None: ...

class Battery(_message.Message):
    __slots__ = ("capacity_wh", "idle_w", "drive_w", "reserve")
    CAPACITY_WH_FIELD_NUMBER: _ClassVar[int]
    IDLE_W_FIELD_NUMBER: _ClassVar[int]
    DRIVE_W_FIELD_NUMBER: _ClassVar[int]
    RESERVE_FIELD_NUMBER: _ClassVar[int]
    capacity_wh: float
    idle_w: float
    drive_w: float
    reserve: float
    def __init__(self, capacity_wh: _Optional[float] = ..., idle_w: _Optional[float] = ..., drive_w: _Optional[float] = ..., reserve: _Optional[float] = ...) -> None: ...

class RobotProfile(_message.Message):
    __slots__ = ("name", "model", "skills", "reach_m", "payload_kg", "speed_mps", "hands", "battery", "body")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SKILLS_FIELD_NUMBER: _ClassVar[int]
    REACH_M_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_KG_FIELD_NUMBER: _ClassVar[int]
    SPEED_MPS_FIELD_NUMBER: _ClassVar[int]
    HANDS_FIELD_NUMBER: _ClassVar[int]
    BATTERY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    name: str
    model: str
    skills: _containers.RepeatedCompositeFieldContainer[SkillSpec]
    reach_m: float
    payload_kg: float
    speed_mps: float
    hands: int
    battery: Battery
    body: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, name: _Optional[str] = ..., model: _Optional[str] = ..., skills: _Optional[_Iterable[_Union[SkillSpec, _Mapping]]] = ..., reach_m: _Optional[float] = ..., payload_kg: _Optional[float] = ..., speed_mps: _Optional[float] = ..., hands: _Optional[int] = ..., battery: _Optional[_Union[Battery, _Mapping]] = ..., body: _Optional[_Iterable[float]] = ...) -> None: ...

class SeenObject(_message.Message):
    __slots__ = ("source_id", "type", "pose", "size", "parent", "relation", "states", "attributes", "distance_m", "reachable", "held", "covariance", "appearance", "confidence")
    class StatesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    POSE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_M_FIELD_NUMBER: _ClassVar[int]
    REACHABLE_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    COVARIANCE_FIELD_NUMBER: _ClassVar[int]
    APPEARANCE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    type: str
    pose: Pose
    size: _containers.RepeatedScalarFieldContainer[float]
    parent: str
    relation: str
    states: _containers.MessageMap[str, _struct_pb2.Value]
    attributes: _containers.MessageMap[str, _struct_pb2.Value]
    distance_m: float
    reachable: bool
    held: bool
    covariance: _containers.RepeatedScalarFieldContainer[float]
    appearance: _containers.RepeatedScalarFieldContainer[float]
    confidence: float
    def __init__(self, source_id: _Optional[str] = ..., type: _Optional[str] = ..., pose: _Optional[_Union[Pose, _Mapping]] = ..., size: _Optional[_Iterable[float]] = ..., parent: _Optional[str] = ..., relation: _Optional[str] = ..., states: _Optional[_Mapping[str, _struct_pb2.Value]] = ..., attributes: _Optional[_Mapping[str, _struct_pb2.Value]] = ..., distance_m: _Optional[float] = ..., reachable: _Optional[bool] = ..., held: _Optional[bool] = ..., covariance: _Optional[_Iterable[float]] = ..., appearance: _Optional[_Iterable[float]] = ..., confidence: _Optional[float] = ...) -> None: ...

class Picture(_message.Message):
    __slots__ = ("sha256", "mime", "width", "height")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    MIME_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    mime: str
    width: int
    height: int
    def __init__(self, sha256: _Optional[str] = ..., mime: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class Observation(_message.Message):
    __slots__ = ("robot", "pose", "holding", "room", "objects", "looked_into", "pictures", "battery", "monotonic_s", "wall_s", "world_s")
    ROBOT_FIELD_NUMBER: _ClassVar[int]
    POSE_FIELD_NUMBER: _ClassVar[int]
    HOLDING_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    LOOKED_INTO_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    BATTERY_FIELD_NUMBER: _ClassVar[int]
    MONOTONIC_S_FIELD_NUMBER: _ClassVar[int]
    WALL_S_FIELD_NUMBER: _ClassVar[int]
    WORLD_S_FIELD_NUMBER: _ClassVar[int]
    robot: str
    pose: Pose
    holding: str
    room: str
    objects: _containers.RepeatedCompositeFieldContainer[SeenObject]
    looked_into: _containers.RepeatedScalarFieldContainer[str]
    pictures: _containers.RepeatedCompositeFieldContainer[Picture]
    battery: float
    monotonic_s: float
    wall_s: float
    world_s: float
    def __init__(self, robot: _Optional[str] = ..., pose: _Optional[_Union[Pose, _Mapping]] = ..., holding: _Optional[str] = ..., room: _Optional[str] = ..., objects: _Optional[_Iterable[_Union[SeenObject, _Mapping]]] = ..., looked_into: _Optional[_Iterable[str]] = ..., pictures: _Optional[_Iterable[_Union[Picture, _Mapping]]] = ..., battery: _Optional[float] = ..., monotonic_s: _Optional[float] = ..., wall_s: _Optional[float] = ..., world_s: _Optional[float] = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("code", "message", "done", "advice", "duration_s", "steps")
    class DoneEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    done: _containers.MessageMap[str, _struct_pb2.Value]
    advice: str
    duration_s: float
    steps: int
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., done: _Optional[_Mapping[str, _struct_pb2.Value]] = ..., advice: _Optional[str] = ..., duration_s: _Optional[float] = ..., steps: _Optional[int] = ...) -> None: ...

class SkillCall(_message.Message):
    __slots__ = ("skill", "arguments")
    class ArgumentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _struct_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...
    SKILL_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    skill: str
    arguments: _containers.MessageMap[str, _struct_pb2.Value]
    def __init__(self, skill: _Optional[str] = ..., arguments: _Optional[_Mapping[str, _struct_pb2.Value]] = ...) -> None: ...

class Subtask(_message.Message):
    __slots__ = ("id", "goal", "skills", "nodes", "preconditions", "effects", "depends_on", "robot", "seeks", "seeks_count", "key", "duration_s")
    ID_FIELD_NUMBER: _ClassVar[int]
    GOAL_FIELD_NUMBER: _ClassVar[int]
    SKILLS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    PRECONDITIONS_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    ROBOT_FIELD_NUMBER: _ClassVar[int]
    SEEKS_FIELD_NUMBER: _ClassVar[int]
    SEEKS_COUNT_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    id: str
    goal: str
    skills: _containers.RepeatedScalarFieldContainer[str]
    nodes: _containers.RepeatedScalarFieldContainer[str]
    preconditions: _containers.RepeatedCompositeFieldContainer[Fact]
    effects: _containers.RepeatedCompositeFieldContainer[Fact]
    depends_on: _containers.RepeatedScalarFieldContainer[str]
    robot: str
    seeks: _containers.RepeatedScalarFieldContainer[str]
    seeks_count: int
    key: str
    duration_s: float
    def __init__(self, id: _Optional[str] = ..., goal: _Optional[str] = ..., skills: _Optional[_Iterable[str]] = ..., nodes: _Optional[_Iterable[str]] = ..., preconditions: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ..., effects: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ..., depends_on: _Optional[_Iterable[str]] = ..., robot: _Optional[str] = ..., seeks: _Optional[_Iterable[str]] = ..., seeks_count: _Optional[int] = ..., key: _Optional[str] = ..., duration_s: _Optional[float] = ...) -> None: ...

class Step(_message.Message):
    __slots__ = ("thought", "call", "outcome")
    THOUGHT_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    thought: str
    call: SkillCall
    outcome: Outcome
    def __init__(self, thought: _Optional[str] = ..., call: _Optional[_Union[SkillCall, _Mapping]] = ..., outcome: _Optional[_Union[Outcome, _Mapping]] = ...) -> None: ...

class Thought(_message.Message):
    __slots__ = ("text", "status", "call", "advice")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    text: str
    status: str
    call: SkillCall
    advice: str
    def __init__(self, text: _Optional[str] = ..., status: _Optional[str] = ..., call: _Optional[_Union[SkillCall, _Mapping]] = ..., advice: _Optional[str] = ...) -> None: ...

class PictureData(_message.Message):
    __slots__ = ("sha256", "data")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    data: bytes
    def __init__(self, sha256: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...

class RobotMessage(_message.Message):
    __slots__ = ("hello", "alive", "received", "step", "seen", "think", "done", "leaving")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ALIVE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    THINK_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    alive: Alive
    received: Received
    step: StepDone
    seen: Seen
    think: ThinkAsked
    done: AttemptDone
    leaving: Leaving
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., alive: _Optional[_Union[Alive, _Mapping]] = ..., received: _Optional[_Union[Received, _Mapping]] = ..., step: _Optional[_Union[StepDone, _Mapping]] = ..., seen: _Optional[_Union[Seen, _Mapping]] = ..., think: _Optional[_Union[ThinkAsked, _Mapping]] = ..., done: _Optional[_Union[AttemptDone, _Mapping]] = ..., leaving: _Optional[_Union[Leaving, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("protocol", "profile", "incarnation", "observation", "finished", "running", "running_fence")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FENCE_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    profile: RobotProfile
    incarnation: str
    observation: Observation
    finished: _containers.RepeatedCompositeFieldContainer[AttemptDone]
    running: str
    running_fence: int
    def __init__(self, protocol: _Optional[int] = ..., profile: _Optional[_Union[RobotProfile, _Mapping]] = ..., incarnation: _Optional[str] = ..., observation: _Optional[_Union[Observation, _Mapping]] = ..., finished: _Optional[_Iterable[_Union[AttemptDone, _Mapping]]] = ..., running: _Optional[str] = ..., running_fence: _Optional[int] = ...) -> None: ...

class Alive(_message.Message):
    __slots__ = ("monotonic_s",)
    MONOTONIC_S_FIELD_NUMBER: _ClassVar[int]
    monotonic_s: float
    def __init__(self, monotonic_s: _Optional[float] = ...) -> None: ...

class Received(_message.Message):
    __slots__ = ("attempt", "fence")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    attempt: str
    fence: int
    def __init__(self, attempt: _Optional[str] = ..., fence: _Optional[int] = ...) -> None: ...

class StepDone(_message.Message):
    __slots__ = ("attempt", "fence", "number", "step", "observation", "pictures", "started_s")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    STARTED_S_FIELD_NUMBER: _ClassVar[int]
    attempt: str
    fence: int
    number: int
    step: Step
    observation: Observation
    pictures: _containers.RepeatedCompositeFieldContainer[PictureData]
    started_s: float
    def __init__(self, attempt: _Optional[str] = ..., fence: _Optional[int] = ..., number: _Optional[int] = ..., step: _Optional[_Union[Step, _Mapping]] = ..., observation: _Optional[_Union[Observation, _Mapping]] = ..., pictures: _Optional[_Iterable[_Union[PictureData, _Mapping]]] = ..., started_s: _Optional[float] = ...) -> None: ...

class Seen(_message.Message):
    __slots__ = ("observation", "pictures")
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    observation: Observation
    pictures: _containers.RepeatedCompositeFieldContainer[PictureData]
    def __init__(self, observation: _Optional[_Union[Observation, _Mapping]] = ..., pictures: _Optional[_Iterable[_Union[PictureData, _Mapping]]] = ...) -> None: ...

class ThinkAsked(_message.Message):
    __slots__ = ("id", "attempt", "observation", "history", "pictures")
    ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    id: str
    attempt: str
    observation: Observation
    history: _containers.RepeatedCompositeFieldContainer[Step]
    pictures: _containers.RepeatedCompositeFieldContainer[PictureData]
    def __init__(self, id: _Optional[str] = ..., attempt: _Optional[str] = ..., observation: _Optional[_Union[Observation, _Mapping]] = ..., history: _Optional[_Iterable[_Union[Step, _Mapping]]] = ..., pictures: _Optional[_Iterable[_Union[PictureData, _Mapping]]] = ...) -> None: ...

class AttemptDone(_message.Message):
    __slots__ = ("attempt", "fence", "outcome", "observation")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    attempt: str
    fence: int
    outcome: Outcome
    observation: Observation
    def __init__(self, attempt: _Optional[str] = ..., fence: _Optional[int] = ..., outcome: _Optional[_Union[Outcome, _Mapping]] = ..., observation: _Optional[_Union[Observation, _Mapping]] = ...) -> None: ...

class Leaving(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class FleetMessage(_message.Message):
    __slots__ = ("welcome", "scene", "dispatch", "cancel", "thought", "done_ack", "alive", "make_way")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    SCENE_FIELD_NUMBER: _ClassVar[int]
    DISPATCH_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    THOUGHT_FIELD_NUMBER: _ClassVar[int]
    DONE_ACK_FIELD_NUMBER: _ClassVar[int]
    ALIVE_FIELD_NUMBER: _ClassVar[int]
    MAKE_WAY_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    scene: SceneUpdate
    dispatch: Dispatch
    cancel: CancelAttempt
    thought: ThinkAnswer
    done_ack: DoneAck
    alive: Alive
    make_way: MakeWay
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., scene: _Optional[_Union[SceneUpdate, _Mapping]] = ..., dispatch: _Optional[_Union[Dispatch, _Mapping]] = ..., cancel: _Optional[_Union[CancelAttempt, _Mapping]] = ..., thought: _Optional[_Union[ThinkAnswer, _Mapping]] = ..., done_ack: _Optional[_Union[DoneAck, _Mapping]] = ..., alive: _Optional[_Union[Alive, _Mapping]] = ..., make_way: _Optional[_Union[MakeWay, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("protocol", "site", "fence", "ttl_s", "wants_pictures")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    SITE_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    TTL_S_FIELD_NUMBER: _ClassVar[int]
    WANTS_PICTURES_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    site: str
    fence: int
    ttl_s: float
    wants_pictures: bool
    def __init__(self, protocol: _Optional[int] = ..., site: _Optional[str] = ..., fence: _Optional[int] = ..., ttl_s: _Optional[float] = ..., wants_pictures: _Optional[bool] = ...) -> None: ...

class SceneUpdate(_message.Message):
    __slots__ = ("put", "remove", "version")
    PUT_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    put: _containers.RepeatedCompositeFieldContainer[Node]
    remove: _containers.RepeatedScalarFieldContainer[str]
    version: int
    def __init__(self, put: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., remove: _Optional[_Iterable[str]] = ..., version: _Optional[int] = ...) -> None: ...

class Dispatch(_message.Message):
    __slots__ = ("attempt", "fence", "task", "instruction", "subtask", "deadline_s", "max_steps")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    SUBTASK_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_S_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    attempt: str
    fence: int
    task: str
    instruction: str
    subtask: Subtask
    deadline_s: float
    max_steps: int
    def __init__(self, attempt: _Optional[str] = ..., fence: _Optional[int] = ..., task: _Optional[str] = ..., instruction: _Optional[str] = ..., subtask: _Optional[_Union[Subtask, _Mapping]] = ..., deadline_s: _Optional[float] = ..., max_steps: _Optional[int] = ...) -> None: ...

class CancelAttempt(_message.Message):
    __slots__ = ("attempt", "reason")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    attempt: str
    reason: str
    def __init__(self, attempt: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ThinkAnswer(_message.Message):
    __slots__ = ("id", "thought", "error_code", "error")
    ID_FIELD_NUMBER: _ClassVar[int]
    THOUGHT_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    id: str
    thought: Thought
    error_code: str
    error: str
    def __init__(self, id: _Optional[str] = ..., thought: _Optional[_Union[Thought, _Mapping]] = ..., error_code: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...

class DoneAck(_message.Message):
    __slots__ = ("attempt", "accepted", "code")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    attempt: str
    accepted: bool
    code: str
    def __init__(self, attempt: _Optional[str] = ..., accepted: _Optional[bool] = ..., code: _Optional[str] = ...) -> None: ...

class MakeWay(_message.Message):
    __slots__ = ("robot", "pose")
    ROBOT_FIELD_NUMBER: _ClassVar[int]
    POSE_FIELD_NUMBER: _ClassVar[int]
    robot: str
    pose: Pose
    def __init__(self, robot: _Optional[str] = ..., pose: _Optional[_Union[Pose, _Mapping]] = ...) -> None: ...

class ListRobotsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RobotStatus(_message.Message):
    __slots__ = ("profile", "state", "attempt", "subtask", "room", "holding", "pose", "doing", "thinking")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SUBTASK_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    HOLDING_FIELD_NUMBER: _ClassVar[int]
    POSE_FIELD_NUMBER: _ClassVar[int]
    DOING_FIELD_NUMBER: _ClassVar[int]
    THINKING_FIELD_NUMBER: _ClassVar[int]
    profile: RobotProfile
    state: str
    attempt: str
    subtask: str
    room: str
    holding: str
    pose: Pose
    doing: str
    thinking: str
    def __init__(self, profile: _Optional[_Union[RobotProfile, _Mapping]] = ..., state: _Optional[str] = ..., attempt: _Optional[str] = ..., subtask: _Optional[str] = ..., room: _Optional[str] = ..., holding: _Optional[str] = ..., pose: _Optional[_Union[Pose, _Mapping]] = ..., doing: _Optional[str] = ..., thinking: _Optional[str] = ...) -> None: ...

class ListRobotsReply(_message.Message):
    __slots__ = ("robots",)
    ROBOTS_FIELD_NUMBER: _ClassVar[int]
    robots: _containers.RepeatedCompositeFieldContainer[RobotStatus]
    def __init__(self, robots: _Optional[_Iterable[_Union[RobotStatus, _Mapping]]] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("robot",)
    ROBOT_FIELD_NUMBER: _ClassVar[int]
    robot: str
    def __init__(self, robot: _Optional[str] = ...) -> None: ...

class Beat(_message.Message):
    __slots__ = ("number", "monotonic_s", "stopped", "reason", "stop_id")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    MONOTONIC_S_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STOP_ID_FIELD_NUMBER: _ClassVar[int]
    number: int
    monotonic_s: float
    stopped: bool
    reason: str
    stop_id: int
    def __init__(self, number: _Optional[int] = ..., monotonic_s: _Optional[float] = ..., stopped: _Optional[bool] = ..., reason: _Optional[str] = ..., stop_id: _Optional[int] = ...) -> None: ...

class StopRequest(_message.Message):
    __slots__ = ("reason", "who")
    REASON_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    reason: str
    who: str
    def __init__(self, reason: _Optional[str] = ..., who: _Optional[str] = ...) -> None: ...

class ResetRequest(_message.Message):
    __slots__ = ("who",)
    WHO_FIELD_NUMBER: _ClassVar[int]
    who: str
    def __init__(self, who: _Optional[str] = ...) -> None: ...

class StopReply(_message.Message):
    __slots__ = ("stopped", "reason", "stop_id", "robots")
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STOP_ID_FIELD_NUMBER: _ClassVar[int]
    ROBOTS_FIELD_NUMBER: _ClassVar[int]
    stopped: bool
    reason: str
    stop_id: int
    robots: int
    def __init__(self, stopped: _Optional[bool] = ..., reason: _Optional[str] = ..., stop_id: _Optional[int] = ..., robots: _Optional[int] = ...) -> None: ...

class SubmitRequest(_message.Message):
    __slots__ = ("instruction", "id", "goal")
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    GOAL_FIELD_NUMBER: _ClassVar[int]
    instruction: str
    id: str
    goal: _struct_pb2.Struct
    def __init__(self, instruction: _Optional[str] = ..., id: _Optional[str] = ..., goal: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("id", "instruction", "state", "reason", "reason_code", "plan_version", "created_s", "updated_s")
    ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_S_FIELD_NUMBER: _ClassVar[int]
    UPDATED_S_FIELD_NUMBER: _ClassVar[int]
    id: str
    instruction: str
    state: str
    reason: str
    reason_code: str
    plan_version: int
    created_s: float
    updated_s: float
    def __init__(self, id: _Optional[str] = ..., instruction: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., reason_code: _Optional[str] = ..., plan_version: _Optional[int] = ..., created_s: _Optional[float] = ..., updated_s: _Optional[float] = ...) -> None: ...

class TaskId(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class ListTasksRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTasksReply(_message.Message):
    __slots__ = ("tasks",)
    TASKS_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedCompositeFieldContainer[Task]
    def __init__(self, tasks: _Optional[_Iterable[_Union[Task, _Mapping]]] = ...) -> None: ...

class WatchTaskRequest(_message.Message):
    __slots__ = ("id", "since")
    ID_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    id: str
    since: int
    def __init__(self, id: _Optional[str] = ..., since: _Optional[int] = ...) -> None: ...

class SiteEvent(_message.Message):
    __slots__ = ("seq", "kind", "time_s", "source", "data")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    seq: int
    kind: str
    time_s: float
    source: str
    data: _struct_pb2.Struct
    def __init__(self, seq: _Optional[int] = ..., kind: _Optional[str] = ..., time_s: _Optional[float] = ..., source: _Optional[str] = ..., data: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class SceneRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SceneReply(_message.Message):
    __slots__ = ("nodes", "version")
    NODES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[Node]
    version: int
    def __init__(self, nodes: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., version: _Optional[int] = ...) -> None: ...
