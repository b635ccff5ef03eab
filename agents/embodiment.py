"""The `Embodiment` contract: a robot's body behind one class with typed, documented skills.

An author writes `profile`, `connect`, `observe`, `stop`, `disconnect` and async methods marked `@skill`.
`execute` is provided: it validates the call, checks lease and stop before each motion, and turns every ending,
also a crash in the driver, into an `Outcome`.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ClassVar, Literal

from pydantic import ValidationError

from fleetmind.agents.skills import Skill, collect_skills
from fleetmind.memory import (
    FleetmindError,
    Observation,
    Outcome,
    OutcomeCode,
    Picture,
    RobotProfile,
    Scene,
    SkillCall,
)

_KEPT_PICTURES = 64


class SkillFailed(Exception):
    """Raise it in a skill to end with a typed outcome.

    Args:
        code: how it ended.
        message: in words; a device's own text verbatim.
        advice: what should happen now.
        done: what was really done before it failed.
    """

    def __init__(self, code: OutcomeCode, message: str, *,
                 advice: Literal["", "retry", "replan", "stop"] = "", **done: Any) -> None:
        super().__init__(message)
        self.outcome = Outcome(code=code, message=message, advice=advice, done=done)


class Stopped(Exception):
    """Motion is not allowed: the protective stop is latched, or the lease was lost."""


class Embodiment(ABC):
    """A robot's body."""

    skills: ClassVar[dict[str, Skill]] = {}
    """By name, collected from the methods marked `@skill` when the class is made."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.skills = collect_skills(cls)

    def __init__(self) -> None:
        self.scene = Scene()
        """The robot's slice of the scene graph; set by the robot agent before each skill."""
        self._held_back: dict[str, str] = {}
        self._lock = threading.Lock()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._on_progress: Callable[[float, str], None] | None = None

    # what an author writes -------------------------------------------------------------------------------
    @property
    @abstractmethod
    def profile(self) -> RobotProfile:
        """What the robot is; must work while disconnected. Use `self.skill_specs()` for its skills."""

    @abstractmethod
    async def connect(self) -> None:
        """Open the device. Called once before anything else."""

    @abstractmethod
    async def observe(self, *, pictures: bool = False) -> Observation:
        """What the robot senses now; store picture bytes with `keep_picture`."""

    @abstractmethod
    def stop(self) -> None:
        """Bring the body to a safe stop. Called at any time, from any thread; must not block or raise."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Close the device."""

    async def begin(self) -> None:
        """Called before an attempt; a body that was at rest gets ready."""
        return None

    async def rest(self) -> None:
        """Called after an attempt; a simulated body parks, so that the world's clock does not wait for it."""
        return None

    async def make_way(self, robot: str) -> None:
        """Called while idle when `robot` cannot pass; a mobile body moves aside."""
        return None

    # what is provided ------------------------------------------------------------------------------------
    def skill_specs(self, only: tuple[str, ...] | None = None) -> tuple[Any, ...]:
        """Declarations of this body's skills, or of those named in `only`, in that order."""
        names = only if only is not None else tuple(self.skills)
        return tuple(self.skills[name].spec for name in names)

    def keep_picture(self, data: bytes, *, width: int, height: int,
                     mime: Literal["image/png", "image/jpeg"] = "image/png") -> Picture:
        """Keep encoded bytes for `picture()` and return the reference for an observation."""
        sha = hashlib.sha256(data).hexdigest()
        self._pictures[sha] = data
        while len(self._pictures) > _KEPT_PICTURES:
            self._pictures.popitem(last=False)
        return Picture(sha256=sha, mime=mime, width=width, height=height)

    def picture(self, sha256: str) -> bytes | None:
        """Bytes of a recent picture, None when it is no longer kept."""
        return self._pictures.get(sha256)

    def hold_back(self, cause: str, reason: str) -> None:
        """Forbid motion for a cause (`stop`, `lease`, `beats`) and stop the body. From any thread."""
        with self._lock:
            self._held_back[cause] = reason
        self.stop()

    def let_go(self, cause: str) -> None:
        """Withdraw a cause; never starts motion by itself."""
        with self._lock:
            self._held_back.pop(cause, None)

    @property
    def held_back(self) -> str:
        """Why motion is forbidden, empty when it is allowed."""
        with self._lock:
            return "; ".join(f"{cause}: {reason}" for cause, reason in self._held_back.items())

    async def motion(self, *, wait_s: float = 0.0) -> None:
        """Call before each motion of a skill.

        Raises:
            Stopped: motion is forbidden, and still was after `wait_s`.
        """
        deadline = time.monotonic() + wait_s
        while self.held_back:
            if time.monotonic() >= deadline:
                raise Stopped(self.held_back)
            await asyncio.sleep(0.02)

    def progress(self, fraction: float, note: str = "") -> None:
        """Report progress of the running skill, 0 to 1."""
        if self._on_progress is not None:
            self._on_progress(min(1.0, max(0.0, fraction)), note)

    async def execute(self, call: SkillCall, *, timeout_s: float | None = None,
                      on_progress: Callable[[float, str], None] | None = None) -> Outcome:
        """Run one skill to its end. Never raises, except `asyncio.CancelledError` after a safe stop."""
        started = time.monotonic()
        outcome = await self._execute(call, timeout_s, on_progress)
        if outcome.duration_s == 0.0:
            outcome = outcome.model_copy(update={"duration_s": time.monotonic() - started})
        return outcome

    async def _execute(self, call: SkillCall, timeout_s: float | None,
                       on_progress: Callable[[float, str], None] | None) -> Outcome:
        declared = {spec.name for spec in self.profile.skills}
        skill = self.skills.get(call.skill)
        if skill is None or call.skill not in declared:
            return Outcome(code="unsupported", advice="replan",
                           message=f"SKILL_UNKNOWN: {call.skill!r}; this robot can {sorted(declared)!r}")
        try:
            arguments = skill.arguments(call.arguments)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(str(p) for p in first["loc"])
            return Outcome(code="invalid", advice="replan",
                           message=f"SKILL_ARGUMENTS: {call.skill} {where!r}: {first['msg']} (got {first['input']!r})")
        self._on_progress = on_progress
        try:
            await self.motion()
            async with asyncio.timeout(timeout_s or skill.spec.timeout_s):
                done = await skill.call(self, arguments)
            return Outcome(code="succeeded", done=done or {}, duration_s=float((done or {}).get("duration_s", 0.0)))
        except SkillFailed as failure:
            return failure.outcome
        except Stopped as held:
            return Outcome(code="stopped", message=str(held), advice="retry")
        except TimeoutError:
            self.stop()
            return Outcome(code="timeout", message=f"{call.skill} took longer than allowed", advice="retry")
        except asyncio.CancelledError:
            self.stop()
            raise
        except FleetmindError as error:
            return Outcome(code="failed", message=str(error), advice=error.advice)
        except Exception as error:  # a driver may raise anything; the fleet must get an outcome, not a dead robot
            self.stop()
            return Outcome(code="failed", message=f"{type(error).__name__}: {error}", advice="replan")
        finally:
            self._on_progress = None
