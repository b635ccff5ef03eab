"""From a model's JSON to plans and thoughts, in our form and in those of RoboOS and RoboBrain."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError

from fleetmind.brain.plan import DecomposeRequest, Plan, Refusal, RefusalCode, Subtask, ThinkRequest, Thought
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.model import JsonValue
from fleetmind.memory.robots import SkillCall

MAX_SUBTASKS = 1000
_KNOWN = ("id", "goal", "skills", "nodes", "preconditions", "effects", "depends_on", "robot", "seeks", "seeks_count",
          "key", "duration_s")


def read_plan(data: dict[str, JsonValue], request: DecomposeRequest) -> Plan | Refusal:
    """A plan or a refusal from what a model answered.

    Raises:
        FleetmindError: `PLAN_SCHEMA` naming the field, `PLAN_TOO_LARGE`, `PLAN_UNKNOWN_ROBOT`, `PLAN_UNKNOWN_NODE`.
    """
    refusal = data.get("refusal")
    if isinstance(refusal, dict):
        return _refusal(refusal)
    listed = data.get("subtask_list", data.get("subtasks"))
    if not isinstance(listed, list):
        raise FleetmindError("PLAN_SCHEMA", f"subtask_list={type(listed).__name__}: give a list of subtasks",
                             advice="retry")
    if len(listed) > MAX_SUBTASKS:
        raise FleetmindError("PLAN_TOO_LARGE", f"{len(listed)} subtasks, at most {MAX_SUBTASKS} are taken",
                             advice="retry")
    rows = [_row(item, index) for index, item in enumerate(listed, 1)]
    _orders_to_edges(rows)
    _check_robots(rows, request)
    complete, notes = data.get("complete", True), data.get("notes", [])
    try:
        plan = Plan(
            subtasks=tuple(Subtask.model_validate({k: v for k, v in row.items() if k in _KNOWN}) for row in rows),
            reasoning=str(data.get("reasoning_explanation") or data.get("reasoning") or "")[:20_000],
            complete=complete if isinstance(complete, bool) else True,
            notes=tuple(str(n)[:500] for n in notes[:50]) if isinstance(notes, list) else ())
    except ValidationError as error:
        raise _schema(error) from None
    _check_nodes(plan, request)
    return plan


def read_thought(data: dict[str, JsonValue], request: ThinkRequest) -> Thought:
    """A thought from what a model answered.

    Raises:
        FleetmindError: `PLAN_SCHEMA`, or `PLAN_UNKNOWN_SKILL` for a skill the robot lacks.
    """
    call = data.get("call")
    if call is None and "name" in data:  # RoboBrain's `Action: {"name", "arguments"}`
        call = {"skill": data["name"], "arguments": data.get("arguments", {})}
    if isinstance(call, dict) and "name" in call and "skill" not in call:
        call = {"skill": call["name"], "arguments": call.get("arguments", {})}
    status = data.get("status") or ("act" if call else "stuck")
    if isinstance(call, dict) and call.get("skill") == "final_answer":
        status, call = "done", None
    try:
        thought = Thought(
            text=str(data.get("text") or data.get("thought") or data.get("reasoning") or "")[:8000],
            status=status, advice=data.get("advice") or "",
            call=SkillCall.model_validate(call) if status == "act" else None)
    except ValidationError as error:
        raise _schema(error) from None
    if thought.call is not None and request.robot.skill(thought.call.skill) is None:
        raise FleetmindError("PLAN_UNKNOWN_SKILL", f"{request.robot.name} has no skill {thought.call.skill!r}; it has "
                                                   f"{[s.name for s in request.robot.skills]!r}", advice="retry")
    return thought


def _refusal(data: dict[str, JsonValue]) -> Refusal:
    code = str(data.get("code") or "")
    if code not in get_args(RefusalCode):
        raise FleetmindError("PLAN_SCHEMA", f"refusal code {code!r} is unknown: use one of {get_args(RefusalCode)!r}",
                             advice="retry")
    message = str(data.get("message") or "the model gave no reason")[:4000]
    return Refusal(code=code, message=message)


def _row(item: JsonValue, index: int) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise FleetmindError("PLAN_SCHEMA", f"subtask {index} is {type(item).__name__}: give an object",
                             advice="retry")
    row: dict[str, Any] = dict(item)
    row["goal"] = row.pop("subtask", None) or row.get("goal") or row.get("description")
    robot = row.pop("robot_name", None) or row.pop("robot_id", None) or row.get("robot")
    row["robot"] = robot or None
    row.setdefault("id", f"s{index}")
    row["id"] = str(row["id"])
    for name in ("skills", "nodes", "preconditions", "effects", "depends_on", "seeks"):
        if row.get(name) is None:
            row[name] = []
    for name in ("preconditions", "effects"):
        if isinstance(row[name], list):
            row[name] = [{k: v for k, v in f.items() if v is not None} if isinstance(f, dict) else f for f in row[name]]
    if isinstance(row["depends_on"], list):
        row["depends_on"] = [str(d) for d in row["depends_on"]]
    return row


def _orders_to_edges(rows: list[dict[str, Any]]) -> None:
    """`subtask_order`: all of one order come after all of the order before."""
    orders: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        order = row.pop("subtask_order", None)
        if order is None or row["depends_on"]:
            continue
        if not str(order).lstrip("-").isdigit() or len(str(order)) > 9:
            raise FleetmindError("PLAN_SCHEMA", f"subtask_order={order!r} is no whole number", advice="retry")
        orders.setdefault(int(order), []).append(row)
    before: list[str] = []
    for order in sorted(orders):
        for row in orders[order]:
            row["depends_on"] = list(before)
        before = [row["id"] for row in orders[order]]


def _check_robots(rows: list[dict[str, Any]], request: DecomposeRequest) -> None:
    names = [view.profile.name for view in request.robots]
    for row in rows:
        if row["robot"] is not None and row["robot"] not in names:
            raise FleetmindError("PLAN_UNKNOWN_ROBOT", f"robot {row['robot']!r} is unknown: use one of {names!r} or "
                                                       "null", advice="retry")


def _check_nodes(plan: Plan, request: DecomposeRequest) -> None:
    known = {n.id for n in request.scene} | {v.profile.name for v in request.robots}
    for subtask in plan.subtasks:
        facts = (*subtask.preconditions, *subtask.effects)
        named = [*subtask.nodes, *(f.node for f in facts), *(f.target for f in facts if f.target and f.target != "any")]
        unknown = [n for n in named if n not in known]
        if unknown:
            raise FleetmindError("PLAN_UNKNOWN_NODE", f"subtask {subtask.id!r} names {unknown[0]!r}, which is not in "
                                                      "the scene: use listed ids, or a search", advice="retry")


def _schema(error: ValidationError) -> FleetmindError:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the answer"
    given = repr(first.get("input"))[:80]
    return FleetmindError("PLAN_SCHEMA", f"{where}={given}: {first['msg']}", advice="retry")
