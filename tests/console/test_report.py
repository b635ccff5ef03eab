"""The report of a run: what it shows, that nothing in a record can break out of it, and that it survives torn ones."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from PIL import Image

from fleetmind.brain import Subtask
from fleetmind.console.report import write_gif, write_report
from fleetmind.console.report.changes import changes
from fleetmind.console.report.digest import digest
from fleetmind.console.report.film import film
from fleetmind.console.report.layout import layers, layout
from fleetmind.console.report.markup import Html, clean, tag, wrap
from fleetmind.memory import FleetmindError, Node, Outcome, Picture, Pose, RobotProfile, SkillCall, SkillSpec
from fleetmind.training import read_trajectory
from fleetmind.training.trajectory import Manifest, picture_path

ZERO_S = 1_700_000_000.0
HOSTILE = "\"></svg></title></style><script>alert(1)</script><img src=x onerror=alert(2)>' & \u202e日本 ünï\x1b[31m"
ALLOWED = {"html", "head", "meta", "title", "style", "body", "main", "header", "footer", "nav", "section", "h1", "h2",
           "h3", "p", "a", "b", "strong", "small", "span", "code", "br", "div", "ul", "li", "dl", "dt", "dd", "details",
           "summary", "figure", "figcaption", "img", "table", "caption", "thead", "tbody", "tr", "th", "td", "aside",
           "svg", "g", "rect", "circle", "line", "path", "polyline", "polygon", "text", "defs", "marker"}
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """A page taken apart; it complains about elements that are not closed in order."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text, self._open = "", list[str]()
        self.feed(markup)
        self.close()
        assert self._open == []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, {k: v or "" for k, v in attributes}))
        if name not in VOID:
            self._open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self._open.pop() == name

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data

    def all(self, name: str) -> list[dict[str, str]]:
        """The attributes of every element of a name."""
        return [attributes for found, attributes in self.elements if found == name]


class Run:
    """Writes a trajectory as a recorder would."""

    def __init__(self, path: Path, **manifest: Any) -> None:
        self.path, self.events = path, list[dict[str, Any]]()
        path.mkdir(parents=True)
        skills = {"chef": ("navigate_to", "slice"), "scout": ("navigate_to", "toggle_off")}
        self.manifest = Manifest(**({
            "task": "t-1", "instruction": "slice the tomato", "verdict": "succeeded", "reason": "all done", "seed": 7,
            "brain": "symbolic", "started_s": ZERO_S, "ended_s": ZERO_S + 9, "scene": {"name": "House1"},
            "robots": tuple(RobotProfile(name=name, skills=tuple(
                SkillSpec(name=s, description="does it", parameters={"type": "object"}) for s in mine))
                for name, mine in skills.items())} | manifest))

    def add(self, kind: str, source: str = "", **data: Any) -> None:
        """An event."""
        seq = len(self.events) + 1
        self.events.append({"seq": seq, "kind": kind, "time_s": ZERO_S + seq, "source": source, "data": data})

    def plan(self, *subtasks: Subtask, version: int = 1, reasoning: str = "", **more: Any) -> None:
        """A plan event."""
        raw = [{"id": s.id, "body": s.model_dump(mode="json"), "robot": "chef", "state": "ready"} for s in subtasks]
        self.add("plan", version=version, subtasks=raw, reasoning=reasoning, **more)

    def attempt(self, subtask: str, robot: str, state: str = "succeeded", message: str = "", **more: Any) -> None:
        """An attempt event."""
        ended_s = ZERO_S + 5 if state != "claimed" else 0
        self.add("attempt", id=f"t-1/{subtask}/1", subtask=subtask, robot=robot, state=state, claimed_s=ZERO_S + 1,
                 ended_s=ended_s, outcome={"code": "failed", "message": message}, **more)

    def step(self, robot: str, subtask: str, at_s: float, *, x: float = 1.0, y: float = 1.0, thought: str = "I go.",
             outcome: Outcome | None = None, call: SkillCall | None = None, picture: bytes | None = None,
             **more: Any) -> None:
        """A step event."""
        pictures = [self.picture(picture).model_dump()] if picture is not None else []
        self.add("step", robot, **({
            "robot": robot, "subtask": subtask, "attempt": f"t-1/{subtask}/1", "number": 1, "thought": thought,
            "call": (call or SkillCall(skill="navigate_to", arguments={"target": "table-1"})).model_dump(),
            "outcome": (outcome or Outcome(code="succeeded", duration_s=2.0)).model_dump(), "started_s": ZERO_S + 1,
            "ended_s": ZERO_S + 2, "world_s": at_s, "pose": Pose(x=x, y=y).model_dump(), "pictures": pictures} | more))

    def picture(self, content: bytes) -> Picture:
        """Keep a picture."""
        picture = Picture(sha256=hashlib.sha256(content).hexdigest(), width=320, height=240)
        path = picture_path(self.path / "pictures", picture)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return picture

    def scene(self, when: str, *nodes: Node) -> None:
        """A scene file."""
        content = {"version": 1, "nodes": [n.model_dump(mode="json") for n in nodes]}
        (self.path / f"scene_{when}.json").write_text(json.dumps(content))

    def write(self) -> Path:
        """All of it."""
        (self.path / "manifest.json").write_text(self.manifest.model_dump_json())
        (self.path / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in self.events))
        return self.path

    def report(self) -> Page:
        """The page of it."""
        return Page(write_report(self.write(), self.path.parent).read_text(encoding="utf-8"))


def png(shade: int, noise: bool = False) -> bytes:
    """A picture."""
    image = Image.effect_noise((320, 240), 120) if noise else Image.new("RGB", (320, 240), (shade % 256, 90, 60))
    out = io.BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()


def home(*more: Node) -> list[Node]:
    """A kitchen with a table and two robots."""
    return [
        Node(id="kitchen-1", kind="room", type="Kitchen", pose=Pose(x=2, y=2, z=1.2), size=(4, 4, 2.4)),
        Node(id="table-1", kind="receptacle", type="Table", parent="kitchen-1", relation="in",
             pose=Pose(x=3, y=3, z=0.4), size=(1.5, 1, 0.8)),
        Node(id="chef", kind="robot", type="Robot", parent="kitchen-1", relation="in", pose=Pose(x=0.5, y=0.5)),
        *more]


def mug(name: str = "mug-1", **fields: Any) -> Node:
    """A mug on the table."""
    return Node.model_validate({
        "id": name, "kind": "object", "type": "Mug", "parent": "table-1", "relation": "on", "pose": Pose(x=3, y=3),
        "size": (0.1, 0.1, 0.1), "attributes": {"pickupable": True}} | fields)


def subtask(name: str, *after: str, goal: str = "do something") -> Subtask:
    """A subtask."""
    return Subtask(id=name, goal=goal, depends_on=after)


def usual(path: Path, **manifest: Any) -> Run:
    """A run with everything in it."""
    run = Run(path, goal={"conditions": [{"select": {"types": ["TomatoSliced"]}}]}, goal_report={
        "holds": True, "conditions": [{"holds": True, "why": "5 of 5 TomatoSliced exist; wanted: at least 1"}]},
        news=("robot chef died (signal 9), started again",), **manifest)
    run.scene("before", *home(mug(states={"dirty": True}), mug("mug-9")))
    run.plan(subtask("a", goal="find the tomato"), subtask("b", "a"), version=1, reasoning="first a\nthen b")
    run.attempt("a", "chef", "claimed")
    run.add("scene", "chef", put=[mug("mug-2").model_dump(mode="json")])
    run.step("chef", "a", 4.0, x=3, picture=png(10))
    run.step("chef", "a", 6.0, x=3, y=3, holding="mug-2", outcome=Outcome(code="blocked", message="scout is there"))
    run.add("robot", robot="chef", state="lost", detail="no beat")
    run.attempt("a", "chef", "failed", "scout stood in the way")
    run.plan(subtask("c", goal="slice it"), version=2, cancelled=["b"])
    run.attempt("c", "scout")
    run.step("scout", "c", 12.0, x=2, picture=png(200))
    run.add("stop", stopped=True, reason="a person came in")
    floor: dict[str, Any] = {"parent": "kitchen-1", "relation": "in", "pose": Pose(x=1, y=3)}
    run.scene("after", *home(mug(states={"dirty": False}), mug("mug-2", **floor), mug("mug-3")))
    return run


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The report of the usual run."""
    return usual(tmp_path_factory.mktemp("run") / "trajectory").report()


def test_it_tells_everything(page: Page) -> None:
    for words in ("slice the tomato", "Goal verified", "5 of 5 TomatoSliced exist", "House1", "symbolic", "chef",
                  "scout", "slice", "toggle_off", "1.2 m", "12.0 s", "Plan 1: 2 subtasks – followed by plan 2",
                  "✘ a", "– b", "✔ c", "find the tomato", "first a", "kitchen-1", "table-1", "mug-1", "dirty: yes → no",
                  "gone", "on table-1 → in kitchen-1", "found on table-1", "I go.", "navigate_to(target=table-1)",
                  "✘ blocked", "scout is there", "Robot chef lost no beat", "robot chef died (signal 9)",
                  "a person came in", "scout stood in the way", "no other robot of this fleet"):
        assert words in page.text, words
    names = {s.get("id") for s in page.all("section")}
    assert {"robots", "animation", "plan", "gantt", "map", "pictures", "log", "news"} <= names
    kinds = [s.get("class") for s in page.all("svg") if s.get("role") == "img"]
    assert kinds == ["graph fit", "graph fit", "gantt", "map", "map"]
    assert any(p.get("class") == "edge" for p in page.all("path"))


def test_it_needs_nothing_from_outside(page: Page) -> None:
    assert {name for name, _ in page.elements} <= ALLOWED
    sources = [a["src"] for a in page.all("img")]
    assert len(sources) == 3
    assert all(s.startswith(("data:image/png;base64,", "data:image/gif;base64,")) for s in sources)
    assert all(a["href"].startswith("#") or a["href"] == "run.gif" for a in page.all("a"))
    assert not any(key.startswith("on") or key == "style" for _, attributes in page.elements for key in attributes)
    assert all(a.get("alt") for a in page.all("img"))


def test_the_policy_allows_its_own_style_alone(tmp_path: Path) -> None:
    markup = write_report(usual(tmp_path / "trajectory").write(), tmp_path).read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", markup, re.S)
    assert style is not None
    expected = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(m["content"] for m in Page(markup).all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{expected}'; img-src data:; ")


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    run = Run(tmp_path / "trajectory", instruction=HOSTILE, reason=HOSTILE, reason_code=HOSTILE, brain=HOSTILE,
              verdict=HOSTILE, scene={"name": HOSTILE, HOSTILE: HOSTILE}, news=(HOSTILE,), oracle=True,
              goal_report={"holds": HOSTILE, "conditions": [{"holds": False, "why": HOSTILE, "missing": [HOSTILE]}]},
              robots=(RobotProfile(name="chef", model=HOSTILE[:60], skills=()),))
    name = '"></svg><script>x'
    evil = mug(name, type=HOSTILE[:60], states={HOSTILE: HOSTILE})
    run.scene("before", *home(evil.model_copy(update={"states": {HOSTILE: "old"}})))
    ghost = Node(id="<i>", kind="robot", type="Robot", pose=Pose(x=1, y=1))
    run.scene("after", *home(evil, mug("<b>", parent=name), ghost))
    run.plan(subtask("a", goal=HOSTILE), reasoning=HOSTILE)
    run.attempt("<u>", HOSTILE, HOSTILE, HOSTILE)
    run.attempt("a", HOSTILE, "failed", HOSTILE)
    run.step(HOSTILE, HOSTILE, 3.0, thought=HOSTILE, holding=HOSTILE, picture=png(1),
             call=SkillCall(skill="go", arguments={HOSTILE: HOSTILE}), outcome=Outcome(code="failed", message=HOSTILE))
    run.add("robot", robot=HOSTILE, state=HOSTILE, detail=HOSTILE)
    run.add("stop", stopped=True, reason=HOSTILE)
    run.add("decision", point=HOSTILE, detail=HOSTILE)
    run.add("note", notes=[HOSTILE])
    page = run.report()
    assert {name for name, _ in page.elements} <= ALLOWED
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert "<script>alert(1)</script>" in page.text
    assert "\u202e" not in page.text
    assert "\x1b" not in page.text
    assert "日本" in page.text
    assert "Oracle run." in page.text


def test_a_record_that_was_cut_off(tmp_path: Path) -> None:
    run = usual(tmp_path / "trajectory", verdict="running", ended_s=0.0)
    run.manifest = run.manifest.model_copy(update={"goal_report": None})
    path = run.write()
    (path / "scene_after.json").write_text('{"version": 1, "nod')
    with (path / "events.jsonl").open("a") as log:
        log.write('{"seq": 99, "kind": "st')
    page = Page(write_report(path, tmp_path).read_text(encoding="utf-8"))
    for words in ("Cut off", "the scene after the run could not be read", '{"select": {"types": ["TomatoSliced"]}}'):
        assert words in page.text, words
    assert [s.get("class") for s in page.all("svg")].count("map") == 1


def test_a_malformed_event_costs_itself_only(tmp_path: Path) -> None:
    run = usual(tmp_path / "trajectory")
    run.step("chef", "a", 20.0, pose={"x": "east"})
    run.add("plan", version="newest", subtasks=[{"id": 3}])
    run.add("plan", subtasks="none")
    run.add("attempt", id=None, state=["odd"], claimed_s="soon")
    run.add("scene", put=[{"id": [5]}, "mug"], remove="all")
    page = run.report()
    assert "1 step record could not be read" in page.text
    assert "2 plan records could not be read" in page.text
    assert "I go." in page.text


def test_a_refused_task_has_no_plan_and_no_film(tmp_path: Path) -> None:
    (tmp_path / "run.gif").write_bytes(b"of another run")
    page = Run(tmp_path / "trajectory", verdict="refused", reason="there is no submarine here",
               reason_code="NOT_FOUND", robots=()).report()
    for words in ("Refused", "NOT_FOUND", "there is no submarine here", "No plan was made.", "There is no animation",
                  "No robot was given anything to do.", "No place of anything was recorded.", "Nothing happened."):
        assert words in page.text, words
    assert not (tmp_path / "run.gif").exists()


@pytest.mark.parametrize(("fields", "words"), [
    ({"verdict": "succeeded"}, "Done, no goal to verify"), ({"verdict": "cancelled"}, "Cancelled"),
    ({"verdict": "succeeded", "goal": {"conditions": []}}, "Done, goal not checked"), ({"verdict": "failed"}, "Failed"),
    ({"verdict": "succeeded", "goal_report": {"holds": False, "conditions": []}}, "Goal not reached")])
def test_it_says_how_a_run_ended(tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    assert words in Run(tmp_path / "trajectory", **fields).report().text


def test_pictures_that_are_gone_or_are_none(tmp_path: Path) -> None:
    run = Run(tmp_path / "trajectory")
    run.scene("before", *home())
    run.step("chef", "a", 1.0, picture=b"#!/bin/sh no picture")
    run.step("chef", "a", 2.0, picture=png(3))
    run.step("chef", "a", 3.0, picture=png(4)[:60])
    picture_path(run.path / "pictures", run.picture(png(3))).unlink()
    page = run.report()
    assert page.text.count("picture is missing") == 2
    assert (tmp_path / "run.gif").exists()


def test_many_pictures_are_linked_and_bounded(tmp_path: Path) -> None:
    run = Run(tmp_path / "odd & name" / "trajectory")
    for number in range(90):
        run.step("chef", "a", 1.0 + number, picture=png(number, noise=True))
    page = run.report()
    shown = [a["src"] for a in page.all("img") if a.get("loading") == "lazy"]
    assert len(shown) == 60
    assert "90 pictures, 30 of them not shown" in page.text
    assert all((run.path.parent / unquote(source)).is_file() for source in shown)
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert "img-src data: 'self' file:;" in policy
    assert (run.path.parent / "run.gif").stat().st_size <= 4_000_000


def test_a_long_run(tmp_path: Path) -> None:
    run = Run(tmp_path / "trajectory")
    run.scene("before", *home())
    run.plan(*(subtask(f"s{n}", *([f"s{n - 1}"] if n % 10 else [])) for n in range(150)))
    for number in range(500):
        run.step(("chef", "scout")[number % 2], f"s{number // 4}", number * 1.5, x=number % 4, y=number % 3)
    page = run.report()
    assert "500 steps in order" in page.text
    assert "30 more subtasks are not drawn." in page.text
    with Image.open(tmp_path / "run.gif") as film_of_it:
        assert 20 < film_of_it.n_frames <= 200  # type: ignore[attr-defined]


def test_the_film_moves(tmp_path: Path) -> None:
    run = usual(tmp_path / "trajectory")
    path = write_gif(read_trajectory(run.write()), tmp_path / "deep" / "run.gif")
    assert path is not None
    with Image.open(path) as gif:
        assert gif.size == (640, 480)
        frames = []
        for number in range(gif.n_frames):  # type: ignore[attr-defined]
            gif.seek(number)
            frames.append(gif.convert("RGB").tobytes())
    assert len(set(frames)) > 10
    assert path.stat().st_size <= 4_000_000


def test_the_film_follows_the_clock(tmp_path: Path) -> None:
    frames = film(digest(read_trajectory(usual(tmp_path / "trajectory").write())), 13)
    chef = [next(a for a in f.actors if a.robot == "chef") for f in frames]
    assert [f.at_s for f in frames] == list(range(13))
    assert chef[3].pose is not None
    assert chef[3].pose.x == pytest.approx(1.75)  # half-way from 0.5 to 3: the step took from 2 s to 4 s
    assert chef[3].busy
    assert not chef[12].busy
    assert chef[12].holding == "mug-2"
    assert "mug-2" not in frames[3].things
    assert "mug-2" in frames[5].things
    assert [frames[3].plan, frames[12].plan] == [1, 2]


def test_what_changed(tmp_path: Path) -> None:
    run = Run(tmp_path / "trajectory")
    floor: dict[str, Any] = {"parent": "kitchen-1", "relation": "in"}
    run.scene("before", *home(mug(), mug("lost-1"), mug("gone-1"), mug("same-1"), mug("held-1"), mug("vague-1")))
    for x in (1, 2):
        run.add("scene", put=[mug("seen-1", parent=f"shelf-{x}", pose=Pose(x=x, y=1)).model_dump(mode="json")])
    run.scene("after", *home(mug(**floor, pose=Pose(x=1, y=1)), mug("same-1", states={"searched": True}),
                             mug("lost-1", **floor, pose=Pose(x=1, y=1), confidence=0.3), mug("vague-1", **floor),
                             mug("held-1", parent="chef", relation="held_by"), mug("new-1"),
                             mug("seen-1", **floor, confidence=0.3)))
    found = changes(digest(read_trajectory(run.write())))
    assert {c.node: c.kind for c in found.values()} == {
        "mug-1": "changed", "held-1": "changed", "seen-1": "changed", "gone-1": "gone", "new-1": "found"}
    assert found["seen-1"].words == "on shelf-1 → on shelf-2 (not seen there since)"


def test_layers_follow_dependencies_and_survive_cycles() -> None:
    diamond = layers([subtask("d", "b", "c"), subtask("b", "a"), subtask("c", "a"), subtask("a", "elsewhere")])
    assert [[s.id for s in layer] for layer in diamond] == [["a"], ["b", "c"], ["d"]]
    cycle = layers([subtask("x", "y"), subtask("y", "x"), subtask("z", "z")])
    assert sorted(s.id for layer in cycle for s in layer) == ["x", "y", "z"]


def test_arrows_go_around_the_boxes_between() -> None:
    drawn = layout([subtask("a"), subtask("b", "a"), subtask("c", "b", "a"), subtask("late"),
                    subtask("d", "c", "late")])
    assert drawn.boxes["late"][0] == drawn.boxes["c"][0]  # beside what it is needed with, not far from it
    assert len(drawn.arrows) == 5
    around = next(points for points in drawn.arrows if len(points) == 4)
    top = drawn.boxes["b"][1]
    assert all(not top <= y <= top + 84 for _, y in around[1:3])
    assert not layout([subtask("x"), subtask("y")]).ordered
    every = [subtask(f"s{n}", *(f"s{before}" for before in range(n))) for n in range(100)]
    assert layout(every).left_out > 4000
    assert layout([subtask("x", "y"), subtask("y", "x")]).boxes.keys() == {"x", "y"}


def test_markup_is_safe_by_construction() -> None:
    assert tag("a", "<b>", Html("<i></i>"), class_='"x"', hidden=True, title=None) == \
        '<a class="&quot;x&quot;" hidden>&lt;b&gt;<i></i></a>'
    assert clean("a\nb\x00\ud800c" + "d" * 50, 10) == "a b  cddd…"
    assert wrap("one two three 日本語日本語", 8, 3) == ["one two", "three", "日本語…"]
    assert wrap("", 8, 3) == []


def test_it_refuses_what_is_no_trajectory(tmp_path: Path) -> None:
    with pytest.raises(FleetmindError, match="TRAJECTORY"):
        write_report(tmp_path, tmp_path / "out")
