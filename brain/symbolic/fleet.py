"""The fleet as the symbolic brain weighs it: who can do what, and the reason when nobody can."""

from __future__ import annotations

from collections.abc import Iterable

from fleetmind.brain.plan import Refusal, RefusalCode, RobotView
from fleetmind.brain.symbolic.knowledge import can, kind_of, mass_kg
from fleetmind.memory.scene import Node


class Cannot(Exception):
    """Something asked for cannot be done; `refusal` says so to the person."""

    def __init__(self, code: RefusalCode, message: str, words: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.refusal = Refusal(code=code, message=message[:4000], words=words)


_DOING = {
    "pick_up": "pick things up", "place": "put things down", "open": "open things", "close": "close things",
    "toggle_on": "switch things on", "toggle_off": "switch things off", "slice": "slice", "pour": "pour",
    "clean": "wipe things clean", "empty": "empty vessels", "navigate_to": "drive",
}


class Fleet:
    """The robots that are there."""

    def __init__(self, robots: Iterable[RobotView]) -> None:
        views = tuple(robots)
        self.views = tuple(v for v in views if v.online)
        self.missing = tuple(v.profile.name for v in views if not v.online)

    def holder(self, parent: str | None) -> str | None:
        """The parent of a thing, if it is a robot's hand."""
        return parent if any(v.profile.name == parent for v in self.views) else None

    def able(self, skills: tuple[str, ...], touched: Iterable[Node] = (), robot: str | None = None) -> list[RobotView]:
        """Robots that have the skills, reach everything touched, and lift what of it can be lifted."""
        nodes = tuple(touched)
        return [v for v in self.views
                if (robot is None or v.profile.name == robot) and v.profile.has_skills(skills)
                and not any(_too_high(v, n) for n in nodes)
                and not ("pick_up" in skills and any(_too_heavy(v, n) for n in nodes))]

    def require(self, skills: tuple[str, ...], touched: Iterable[Node] = (), *, doing: str,
                robot: str | None = None) -> None:
        """Raise `Cannot` with the reason when no robot can."""
        nodes = tuple(touched)
        if self.able(skills, nodes, robot):
            return
        skilled = self.able(skills, (), robot)
        if not skilled:
            raise Cannot("NO_SKILL", f"I cannot {doing}: {self._who_lacks(skills)}{self._away()}")
        reaching = [v for v in skilled if not any(_too_high(v, n) for n in nodes)]
        if reaching or not any(_too_high(v, n) for v in skilled for n in nodes):
            node = max((n for n in nodes if can(n, "pickupable")), key=mass_kg)
            raise Cannot("TOO_HEAVY", f"I cannot {doing}: {node.id} weighs {mass_kg(node):g} kg, and "
                                      f"{_payloads(skilled)}{self._away()}")
        node = max((n for n in nodes if n.pose is not None), key=lambda n: n.pose.z if n.pose else 0.0)
        reach = ", ".join(f"{v.profile.name} reaches {v.profile.reach_m:g} m" for v in skilled)
        height = node.pose.z if node.pose else 0.0
        raise Cannot("OUT_OF_REACH", f"I cannot {doing}: {node.id} is at {height:.1f} m, and {reach}{self._away()}")

    def require_type(self, type_name: str, skills: tuple[str, ...], *, doing: str) -> None:
        """The same before anything of the type has been seen, by what such things usually weigh."""
        self.require(skills, doing=doing)
        mass = kind_of(type_name).mass_kg
        if "pick_up" in skills and not any(v.profile.payload_kg >= mass for v in self.able(skills)):
            raise Cannot("TOO_HEAVY", f"I cannot {doing}: such a thing weighs about {mass:g} kg, and "
                                      f"{_payloads(self.able(skills))}{self._away()}")

    def _who_lacks(self, skills: tuple[str, ...]) -> str:
        if not self.views:
            return "no robot is there"
        nobody = [s for s in skills if not any(v.profile.skill(s) for v in self.views)]
        names = ", ".join(v.profile.name for v in self.views)
        if nobody:
            return f"none of {names} can {' or '.join(_DOING.get(s, s) for s in nobody)}"
        return f"no single robot of {names} can {', '.join(_DOING.get(s, s) for s in skills)}"

    def _away(self) -> str:
        return f" ({', '.join(self.missing)} is not there)" if self.missing else ""


def _payloads(views: list[RobotView]) -> str:
    return ", ".join(f"{v.profile.name} lifts {v.profile.payload_kg:g} kg" for v in views)


def _too_high(view: RobotView, node: Node) -> bool:
    return node.pose is not None and node.kind != "room" and node.pose.z > view.profile.reach_m


def _too_heavy(view: RobotView, node: Node) -> bool:
    return can(node, "pickupable") and mass_kg(node) > view.profile.payload_kg
