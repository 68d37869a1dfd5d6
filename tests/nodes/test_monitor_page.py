"""The page in a real browser: what it sends, and that the robot moves and stops by it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from monitor_rig import PARAMETERS, PATIENCE, MonitorRig
from nav_msgs.msg import Odometry
from visualization_msgs.msg import MarkerArray

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode import METADATA_PREFIX, Episode, Outcome, Verdict
from cairn.navigation.graph.outline import GraphOutline
from cairn.navigation.pose import Pose
from cairn.nodes.graph_messages import graph_message
from cairn.nodes.graph_publisher import LATCHED

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"),
    pytest.mark.timeout(400),
]
LAPTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LIMIT = 0.3
"""Zero on cmd_vel after the last word of a page [s]."""
YARD = """
<mujoco model="yard">
  <worldbody>
    <light pos="0 0 10" dir="0 0 -1"/>
    <geom type="plane" size="0 0 1" rgba=".4 .5 .4 1"/>
    <geom type="box" pos="16 0 1" size=".5 6 1" rgba=".7 .3 .2 1"/>
    <geom type="box" pos="-16 0 1" size=".5 6 1" rgba=".2 .3 .7 1"/>
    <site name="start" pos="-12 1 0"/>
    <site name="goal" pos="-3 -3 0"/>
  </worldbody>
</mujoco>"""


@pytest.fixture
def rig():
    made = MonitorRig()
    yield made
    made.close()


class Browser:
    """Chromium, and what went wrong in its pages."""

    def __init__(self, playwright):
        self._chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        self.problems = []
        self.hosts = set()

    def open(self, url, viewport=LAPTOP, touch=False):
        context = self._chromium.new_context(viewport=viewport, has_touch=touch, is_mobile=touch)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", lambda message: self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        page.goto(url)
        return page

    def close(self):
        self._chromium.close()


@pytest.fixture
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        made = Browser(playwright)
        yield made
        made.close()


def with_control(rig, browser, **options):
    """A page that has control, by the link that the monitor printed."""
    page = browser.open(f"{rig.url}#token={rig.token}", **options)
    page.click("#take")
    page.wait_for_selector("#deadman:visible")
    rig.wait_for(lambda: rig.operator)
    return page


def sent(rig, **wanted):
    """Whether the newest message of the page says so."""
    message = rig.newest()
    return message is not None and all(
        getattr(message, name) == pytest.approx(value, abs=0.02) for name, value in wanted.items()
    )


def wait_for_text(rig, page, selector, text):
    """Playwright's own way evaluates code, which the page's policy forbids."""

    def shows():
        page.wait_for_timeout(50)
        return text in page.text_content(selector)

    rig.wait_for(shows, f"for {text!r} in {selector}")


def test_keys_become_hands(rig, browser):
    rig.start_monitor(control="true")
    page = with_control(rig, browser)
    keys = page.keyboard

    keys.down("Space")
    rig.wait_for(lambda: sent(rig, deadman=True, forward=0.0, turn=0.0))
    for down, forward, turn in (("KeyW", 1.0, 0.0), ("KeyA", 1.0, 1.0), ("ArrowDown", 0.0, 1.0)):
        keys.down(down)
        rig.wait_for(lambda f=forward, t=turn: sent(rig, deadman=True, forward=f, turn=t), down)
    keys.down("Shift")
    rig.wait_for(lambda: sent(rig, deadman=True, turbo=True))
    for up in ("KeyW", "KeyA", "Shift"):
        keys.up(up)
    rig.wait_for(lambda: sent(rig, deadman=True, forward=-1.0, turn=0.0, turbo=False))
    keys.down("ArrowRight")
    rig.wait_for(lambda: sent(rig, deadman=True, forward=-1.0, turn=-1.0))
    keys.up("Space")
    rig.wait_for(lambda: sent(rig, deadman=False, forward=0.0, turn=0.0))

    # A window that loses the keyboard never hears of the key that comes up.
    keys.down("Space")
    rig.wait_for(lambda: sent(rig, deadman=True))
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    rig.wait_for(lambda: sent(rig, deadman=False))
    assert browser.problems == []
    assert browser.hosts == {rig.url.split("/")[2]}
    assert "token" not in page.url


def test_keys_in_a_field_of_text_are_text(rig, browser):
    rig.start_monitor(control="true")
    page = with_control(rig, browser)
    before = len(rig.operator)
    page.fill("#task", "")
    page.type("#task", "wasd drive")
    rig.wait_for(lambda: len(rig.operator) > before + 10)

    assert page.input_value("#task") == "wasd drive"
    assert all(not message.deadman and not message.forward for _, message in rig.operator)


def test_two_thumbs_on_a_phone_hold_and_drive(rig, browser):
    rig.start_monitor(control="true")
    page = with_control(rig, browser, viewport=PHONE, touch=True)
    touch = page.context.new_cdp_session(page)

    def thumbs(kind, *places):
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def middle(selector):
        box = page.locator(selector).bounding_box()
        assert box["y"] + box["height"] <= PHONE["height"], f"{selector} is off the screen"
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"]

    hold_x, hold_y, _ = middle("#deadman")
    x, y, width = middle("#stick_right")
    reach = 0.36 * width
    thumbs("touchStart", (hold_x, hold_y))
    rig.wait_for(lambda: sent(rig, deadman=True, forward=0.0))
    thumbs("touchStart", (hold_x, hold_y), (x, y))
    thumbs("touchMove", (hold_x, hold_y), (x, y - 0.54 * reach))
    rig.wait_for(lambda: sent(rig, deadman=True, forward=0.5, turn=0.0))
    thumbs("touchMove", (hold_x, hold_y), (x - 3 * reach, y))
    rig.wait_for(lambda: sent(rig, deadman=True, forward=0.0, turn=1.0))
    thumbs("touchMove", (hold_x, hold_y), (x + 0.6 * reach, y + 0.8 * reach))
    rig.wait_for(lambda: sent(rig, deadman=True, forward=-0.783, turn=-0.565))
    thumbs("touchEnd")
    rig.wait_for(lambda: sent(rig, deadman=False))
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert browser.problems == []


def test_stop_and_deadman_are_on_the_screen_whatever_its_size(rig, browser):
    rig.start_monitor(control="true")
    page = with_control(rig, browser)
    for width, height in (
        (360, 640),
        (390, 844),
        (667, 375),
        (844, 390),
        (1024, 768),
        (1280, 720),
        (1440, 900),
    ):
        page.set_viewport_size({"width": width, "height": height})
        for selector in ("#stop", "#deadman", "#stick_left", "#stick_right", "#release"):
            box = page.locator(selector).bounding_box()
            assert box["x"] >= 0, (selector, width, height)
            assert box["y"] >= 0, (selector, width, height)
            assert box["x"] + box["width"] <= width, (selector, width, height)
            assert box["y"] + box["height"] <= height, (selector, width, height)
        assert page.locator("#stick_left").bounding_box()["width"] >= 100
        assert page.evaluate("document.documentElement.scrollHeight") == height


def test_a_hidden_page_lets_go(rig, browser):
    rig.start_monitor(control="true")
    page = with_control(rig, browser)
    page.keyboard.down("Space")
    rig.wait_for(lambda: sent(rig, deadman=True))
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    rig.wait_for(lambda: any(message.lost for _, message in rig.operator))
    rig.wait_for(lambda: sent(rig, deadman=False, lost=False))


def test_a_read_only_page_has_no_control(rig, browser):
    rig.start_monitor()
    page = browser.open(rig.url)
    page.wait_for_selector("body[data-role=read-only]")

    for selector in ("#sign_in", "#take", "#sticks", "#deadman", "#episode_form", "#arm"):
        assert not page.is_visible(selector), selector
    assert page.is_visible("#stop")
    assert page.is_disabled("#stop")
    assert page.text_content("#stop_note") == "read-only"
    assert rig.node.count_publishers("teleop/operator") == 0


def test_a_stop_that_nobody_confirms_is_an_alarm(rig, browser):
    rig.start_monitor(control="true")
    page = browser.open(rig.url)
    page.wait_for_selector("#stop:enabled")

    def is_heard():
        # What is pressed before this listener is known goes nowhere.
        page.click("#stop")
        page.wait_for_timeout(200)
        return any(message.emergency_stop for _, message in rig.operator)

    rig.wait_for(is_heard)
    page.wait_for_selector("#alarm:visible")
    assert "does not confirm the stop" in page.text_content("#alarm")


def shows_colour(page, red, green, blue):
    """Whether the map has pixels of this colour; thin lines are see-through, and rounded for it."""
    page.wait_for_timeout(100)
    return page.evaluate(
        """([red, green, blue]) => {
            const map = document.getElementById("map");
            const { data } = map.getContext("2d").getImageData(0, 0, map.width, map.height);
            for (let i = 0; i < data.length; i += 4) {
                const off = [red, green, blue].map((value, k) => Math.abs(data[i + k] - value));
                if (data[i + 3] > 60 && Math.max(...off) < 4) return true;
            }
            return false;
        }""",
        [red, green, blue],
    )


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_map_shows_places_ways_goal_and_next_viewpoint(rig, browser, viewport):
    rig.start_monitor()
    page = browser.open(rig.url, viewport=viewport)
    page.wait_for_selector("body[data-role=read-only]")
    if viewport is PHONE:
        page.click("#tabs [data-tab=map]")
    publisher = rig.node.create_publisher(MarkerArray, "explore/graph", LATCHED)
    places = np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 2.0], [2.0, 4.0]])
    outline = GraphOutline(places, places[[[0, 1], [1, 2]]], places[[[2, 3]]])
    place, way, seen, target, goal = (
        (233, 238, 243), (76, 194, 255), (85, 103, 122), (61, 220, 132), (255, 184, 56),
    )  # fmt: skip

    publisher.publish(graph_message(outline, None, (6.0, 2.0), Time()))
    for colour in (place, way, seen, target):
        rig.wait_for(lambda c=colour: shows_colour(page, *c), f"for {colour}")
    assert not shows_colour(page, *goal)
    publisher.publish(graph_message(outline, Pose(6.0, 4.0, 0.0), None, Time()))
    rig.wait_for(lambda: shows_colour(page, *goal))
    assert not shows_colour(page, *target)
    # Chromium has a word on reading pixels, which only this test does.
    assert [problem for problem in browser.problems if "getImageData" not in problem] == []


@pytest.fixture
def driven(rig, browser, tmp_path):
    """Sim, gate, teleop and monitor; a page that has control; the robot's odometry."""
    world = tmp_path / "yard.xml"
    world.write_text(YARD)
    places = []
    rig.node.create_subscription(
        Odometry, "platform/odom/filtered", lambda message: places.append(message.pose.pose.position.x), 10
    )
    rig.start("sim", world=world, camera_width=64, camera_height=48, speed=1.0)
    # Wall time throughout: the limits here are those of a real robot.
    rig.start(
        "command_gate",
        *("--params-file", str(PARAMETERS / "gate.yaml")),
        *("-p", "require_camera:=false", "-p", "require_odometry:=false", "-p", "deadman:=teleop"),
    )
    rig.start("teleop", controllers="[operator]")
    rig.start_monitor(control="true")
    page = with_control(rig, browser)
    rig.wait_for(lambda: places and rig.commands)
    page.wait_for_selector("#stage:not(.old)")
    return page, places


def drive(rig, page, places):
    """Hold the deadman and go forward until the robot has moved."""
    start = places[-1]

    def moving():
        # A busy machine may starve the browser for longer than the deadman allows: press afresh.
        if not rig.newest().deadman:
            page.keyboard.up("Space")
            rig.wait_for(lambda: sent(rig, deadman=False))
            page.keyboard.down("Space")
        page.wait_for_timeout(100)
        return places[-1] > start + 0.3 and rig.commands[-1][1] > 0.3

    page.keyboard.down("KeyW")
    rig.wait_for(moving)


def zero_after(rig, moment):
    """Seconds from a moment to the first of the zeros that follow it on cmd_vel."""
    rig.wait_for(lambda: rig.commands[-1][0] > moment + 1.0)
    last = max((at for at, forward, turn in rig.commands if forward or turn), default=moment)
    return next(at for at, _, _ in rig.commands if at > last) - moment


def test_the_page_drives_and_the_robot_stands_when_it_is_closed(rig, driven, record_property):
    page, places = driven
    drive(rig, page, places)
    closing = time.monotonic()
    page.close()
    closed = time.monotonic()

    took = zero_after(rig, closing)
    record_property("zero after closing [s]", took)
    assert took < LIMIT + (closed - closing)
    assert rig.commands[-1][1:] == (0.0, 0.0)


def test_the_robot_stands_when_the_page_falls_silent_and_waits_for_a_fresh_press(
    rig, driven, record_property
):
    page, places = driven
    drive(rig, page, places)
    # The page's only thread is busy: no timer, no socket, as on a phone that hangs.
    page.evaluate(
        "() => { const end = performance.now() + 1500; while (performance.now() < end) Math.random(); }"
    )
    silent = time.monotonic() - 1.5

    took = zero_after(rig, silent)
    record_property("zero after silence [s]", took)
    assert took < LIMIT
    # The space bar is still down, and counts for nothing.
    rig.wait_for(lambda: rig.operator[-1][0] > silent + 2.0)
    assert all(forward == 0.0 for at, forward, _ in rig.commands if at > silent + LIMIT)
    wait_for_text(rig, page, "#obstacle", "fresh press")

    drive(rig, page, places)


def test_the_stop_button_latches_the_gate_until_it_is_armed(rig, driven, record_property):
    page, places = driven
    drive(rig, page, places)
    pressed = time.monotonic()
    page.click("#stop")
    clicked = time.monotonic()

    took = zero_after(rig, pressed)
    record_property("zero after the stop button [s]", took)
    assert took < LIMIT + (clicked - pressed)
    page.wait_for_selector("#gate_state.latched")
    assert "emergency stop" in page.text_content("#gate_reason")
    page.keyboard.up("Space")
    # Once the tap is over the gate says so itself.
    wait_for_text(rig, page, "#gate_reason", "was pressed: arm the gate")
    page.click("#arm")
    page.wait_for_selector("#gate_state:not(.latched)")
    drive(rig, page, places)


def test_episodes_are_labelled_from_the_page_and_end_in_the_bag(rig, browser, tmp_path):
    recorder = rig.start("recorder", directory=tmp_path, name="drive", min_free_mb=0.0)
    rig.start_monitor(control="true")
    page = with_control(rig, browser)
    page.wait_for_selector("#episode_form .primary:enabled")
    page.fill("#task", "to the gâte")
    page.click("#episode_form .primary")
    wait_for_text(rig, page, "#recorder_facts", "000 · to the gâte")
    page.click("[data-kind=intervention]")
    wait_for_text(rig, page, "#toast", "intervention")
    page.click("[data-kind=success]")
    wait_for_text(rig, page, "#recorder_facts", "no episode")
    page.click("[data-kind=keep]")
    wait_for_text(rig, page, "#recorder_facts", "1 kept")
    recorder.terminate()
    recorder.wait(timeout=PATIENCE)

    (episode,) = [
        Episode.from_metadata(entries)
        for name, entries in BagReader(tmp_path / "drive").metadata.items()
        if name.startswith(METADATA_PREFIX)
    ]
    assert (episode.task, episode.verdict, episode.outcome) == ("to the gâte", Verdict.KEPT, Outcome.SUCCESS)
    assert len(episode.interventions) == 1
    assert episode.operator.startswith("page ")


def test_the_page_is_kept_small():
    folder = Path(__file__).parents[2] / "monitor" / "web"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 64_000
