from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResetRequest(_message.Message):
    __slots__ = ("scene_json", "agents_json", "seed")
    SCENE_JSON_FIELD_NUMBER: _ClassVar[int]
    AGENTS_JSON_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    scene_json: str
    agents_json: _containers.RepeatedScalarFieldContainer[str]
    seed: int
    def __init__(self, scene_json: _Optional[str] = ..., agents_json: _Optional[_Iterable[str]] = ..., seed: _Optional[int] = ...) -> None: ...

class ResetReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LayoutRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LayoutReply(_message.Message):
    __slots__ = ("layout_json",)
    LAYOUT_JSON_FIELD_NUMBER: _ClassVar[int]
    layout_json: str
    def __init__(self, layout_json: _Optional[str] = ...) -> None: ...

class CheckRequest(_message.Message):
    __slots__ = ("goal_json",)
    GOAL_JSON_FIELD_NUMBER: _ClassVar[int]
    goal_json: str
    def __init__(self, goal_json: _Optional[str] = ...) -> None: ...

class CheckReply(_message.Message):
    __slots__ = ("report_json",)
    REPORT_JSON_FIELD_NUMBER: _ClassVar[int]
    report_json: str
    def __init__(self, report_json: _Optional[str] = ...) -> None: ...

class ObserveAllRequest(_message.Message):
    __slots__ = ("top_down", "width", "height")
    TOP_DOWN_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    top_down: bool
    width: int
    height: int
    def __init__(self, top_down: _Optional[bool] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class ObserveAllReply(_message.Message):
    __slots__ = ("metadata_json", "top_down_png")
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    TOP_DOWN_PNG_FIELD_NUMBER: _ClassVar[int]
    metadata_json: str
    top_down_png: bytes
    def __init__(self, metadata_json: _Optional[str] = ..., top_down_png: _Optional[bytes] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ("scene", "clock", "factor", "time_s", "seats", "warnings", "steps")
    SCENE_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    FACTOR_FIELD_NUMBER: _ClassVar[int]
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    scene: str
    clock: str
    factor: float
    time_s: float
    seats: _containers.RepeatedCompositeFieldContainer[SeatStatus]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    steps: int
    def __init__(self, scene: _Optional[str] = ..., clock: _Optional[str] = ..., factor: _Optional[float] = ..., time_s: _Optional[float] = ..., seats: _Optional[_Iterable[_Union[SeatStatus, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ..., steps: _Optional[int] = ...) -> None: ...

class SeatStatus(_message.Message):
    __slots__ = ("agent", "taken", "parked", "pending")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    agent: str
    taken: bool
    parked: bool
    pending: bool
    def __init__(self, agent: _Optional[str] = ..., taken: _Optional[bool] = ..., parked: _Optional[bool] = ..., pending: _Optional[bool] = ...) -> None: ...

class SeatRequest(_message.Message):
    __slots__ = ("request_id", "take", "step", "observe", "park")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TAKE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    PARK_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    take: Take
    step: Step
    observe: Observe
    park: Park
    def __init__(self, request_id: _Optional[int] = ..., take: _Optional[_Union[Take, _Mapping]] = ..., step: _Optional[_Union[Step, _Mapping]] = ..., observe: _Optional[_Union[Observe, _Mapping]] = ..., park: _Optional[_Union[Park, _Mapping]] = ...) -> None: ...

class Take(_message.Message):
    __slots__ = ("agent",)
    AGENT_FIELD_NUMBER: _ClassVar[int]
    agent: str
    def __init__(self, agent: _Optional[str] = ...) -> None: ...

class Step(_message.Message):
    __slots__ = ("action_json",)
    ACTION_JSON_FIELD_NUMBER: _ClassVar[int]
    action_json: str
    def __init__(self, action_json: _Optional[str] = ...) -> None: ...

class Observe(_message.Message):
    __slots__ = ("pictures", "width", "height")
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    pictures: bool
    width: int
    height: int
    def __init__(self, pictures: _Optional[bool] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class Park(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SeatReply(_message.Message):
    __slots__ = ("request_id", "taken", "result", "frame", "parked", "refusal")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    taken: Taken
    result: StepResult
    frame: FrameReply
    parked: Parked
    refusal: Refusal
    def __init__(self, request_id: _Optional[int] = ..., taken: _Optional[_Union[Taken, _Mapping]] = ..., result: _Optional[_Union[StepResult, _Mapping]] = ..., frame: _Optional[_Union[FrameReply, _Mapping]] = ..., parked: _Optional[_Union[Parked, _Mapping]] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class Taken(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Parked(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class StepResult(_message.Message):
    __slots__ = ("success", "error", "error_code", "value_json", "duration_s", "time_s")
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    success: bool
    error: str
    error_code: str
    value_json: str
    duration_s: float
    time_s: float
    def __init__(self, success: _Optional[bool] = ..., error: _Optional[str] = ..., error_code: _Optional[str] = ..., value_json: _Optional[str] = ..., duration_s: _Optional[float] = ..., time_s: _Optional[float] = ...) -> None: ...

class FrameReply(_message.Message):
    __slots__ = ("time_s", "metadata_json", "pictures")
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    time_s: float
    metadata_json: str
    pictures: Pictures
    def __init__(self, time_s: _Optional[float] = ..., metadata_json: _Optional[str] = ..., pictures: _Optional[_Union[Pictures, _Mapping]] = ...) -> None: ...

class Pictures(_message.Message):
    __slots__ = ("width", "height", "rgb", "depth", "ids", "id_names")
    class IdNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: str
        def __init__(self, key: _Optional[int] = ..., value: _Optional[str] = ...) -> None: ...
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    RGB_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    ID_NAMES_FIELD_NUMBER: _ClassVar[int]
    width: int
    height: int
    rgb: bytes
    depth: bytes
    ids: bytes
    id_names: _containers.ScalarMap[int, str]
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ..., rgb: _Optional[bytes] = ..., depth: _Optional[bytes] = ..., ids: _Optional[bytes] = ..., id_names: _Optional[_Mapping[int, str]] = ...) -> None: ...
