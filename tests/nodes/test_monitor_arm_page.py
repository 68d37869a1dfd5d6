"""The page moves the simulated arm in a real browser, and the arm holds when the page goes."""

from __future__ import annotations

import time

import numpy as np
import pytest
from arm_hands_rig import LENIENT
from arm_rig import ArmRig
from cairn_interfaces.msg import ArmOperatorInput
from monitor_rig import MonitorRig
from test_kinematics import KINEMATICS
from test_monitor_page import CHROMIUM, LAPTOP, PHONE, Browser

from cairn.hardware.arm.bridge_pose import bridge_state

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"),
    pytest.mark.timeout(400),
]
STANDS = 0.05
"""Of joints that count as standing [rad/s]."""
LIMIT = 0.3
"""From the page's last word to joints that stand [s]."""


class PageRig(ArmRig):
    """Simulated arm, gate, teleoperation and monitor; a page that has control."""

    def __init__(self) -> None:
        super().__init__()
        self.monitor = MonitorRig()
        self.said: list[tuple[float, ArmOperatorInput]] = []
        self.node.create_subscription(ArmOperatorInput, "arm_teleop/operator", self._keep(self.said), 100)

    def start_all(self, control: str = "true") -> None:
        self.start_both()
        self.start(
            "arm_teleop",
            **({"discovery_time": 0.0, "use_sim_time": True, "controllers": "[operator]"} | LENIENT),
        )
        self.monitor.start_monitor(control=control, use_sim_time="true")

    @property
    def hand(self) -> np.ndarray:
        return bridge_state(KINEMATICS.pose(self.state.positions), self.state.opening)

    def close(self) -> None:
        self.monitor.close()
        super().close()


@pytest.fixture
def rig():
    made = PageRig()
    yield made
    made.close()


@pytest.fixture
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        made = Browser(playwright)
        yield made
        made.close()


def with_control(rig, browser, **options):
    page = browser.open(f"{rig.monitor.url}#token={rig.monitor.token}", **options)
    page.wait_for_selector("body[data-robot=arm]")
    page.click("#take")
    page.wait_for_selector("#deadman:visible")
    rig.wait_for(lambda: rig.said)
    return page


def hold(rig, page, done, what):
    """Hold the clutch until something is so; pressed afresh where a busy machine starved the browser."""
    page.keyboard.down("Space")
    since = time.monotonic()

    def is_done():
        nonlocal since
        page.wait_for_timeout(50)
        if not rig.said[-1][1].clutch and time.monotonic() - since > 0.5:
            page.keyboard.up("Space")
            page.wait_for_timeout(300)
            page.keyboard.down("Space")
            since = time.monotonic()
        return done()

    rig.wait_for(is_done, what)


KEYS = (
    ("KeyW", 0, 1),
    ("KeyD", 1, -1),
    ("KeyR", 2, 1),
    ("ArrowLeft", 3, 1),
    ("ArrowUp", 4, -1),
    ("KeyQ", 5, 1),
)


def test_keys_become_shares(rig, browser):
    rig.start_all()
    page = with_control(rig, browser)
    page.keyboard.down("Space")
    for name, place, wanted in KEYS:
        page.keyboard.down(name)

        def says(place=place, wanted=wanted):
            page.wait_for_timeout(20)
            message = rig.said[-1][1]
            linear, angular = message.linear, message.angular
            shares = (linear.x, linear.y, linear.z, angular.x, angular.y, angular.z)
            return shares[place] == wanted and sum(map(abs, shares)) == 1

        rig.wait_for(says, name)
        page.keyboard.up(name)
    assert browser.problems == []


def test_the_page_moves_the_arm_and_it_stands_when_the_page_is_closed(rig, browser, record_property):
    rig.start_all()
    page = with_control(rig, browser)
    begun = rig.hand
    page.keyboard.down("KeyA")
    hold(rig, page, lambda: rig.hand[1] - begun[1] > 0.04, "for the hand to go left")
    page.keyboard.up("KeyA")
    page.keyboard.press("KeyG")
    hold(rig, page, lambda: abs(rig.state.opening - begun[6]) > 0.3, "for the gripper")
    page.click("[data-grip='1']")
    hold(rig, page, lambda: rig.state.opening > 0.9, "for the gripper to open")
    assert "gripper" in page.text_content("#hand")
    assert page.text_content("#gate_state") == "Driving · teleop"
    page.keyboard.down("KeyD")
    middle = rig.hand[1]
    hold(rig, page, lambda: middle - rig.hand[1] > 0.03, "for the hand to go right")
    closing = time.monotonic()
    page.close()
    closed = time.monotonic()
    rig.wait_for(lambda: rig.states[-1][0] > closed + 2.0)
    moving = [at for at, state in rig.states if np.abs(state.velocities).max() > STANDS]
    took = max(moving) - closing
    record_property("joints stand after closing the page [s]", round(took, 3))
    record_property("of which the browser took to close [s]", round(closed - closing, 3))
    assert took < LIMIT + (closed - closing)
    assert browser.problems == []


def test_stop_latches_the_arms_gate_and_the_page_arms_it(rig, browser):
    rig.start_all()
    page = with_control(rig, browser)
    page.click("#stop")
    page.wait_for_selector("#gate_state.latched")
    page.wait_for_selector("#arm:visible")

    def is_armed():
        page.wait_for_timeout(300)
        if page.is_visible("#arm"):
            page.click("#arm")
        return page.text_content("#gate_state").startswith("Driving")

    rig.wait_for(is_armed, "for the gate")


def test_without_the_token_the_page_only_shows(rig, browser):
    rig.start_all(control="false")
    page = browser.open(rig.monitor.url)
    page.wait_for_selector("body[data-robot=arm][data-role=read-only]")
    for selector in ("#take", "#sticks", "#deadman", "[data-grip='1']"):
        assert not page.is_visible(selector), selector
    assert rig.node.count_publishers("arm_teleop/operator") == 0
    page.wait_for_selector("#gate_state.driving")


def test_all_controls_are_on_the_screen(rig, browser):
    rig.start_all()
    page = with_control(rig, browser)
    for size in (LAPTOP, PHONE, {"width": 360, "height": 640}, {"width": 844, "height": 390}):
        page.set_viewport_size(size)
        for selector in (
            "#stop",
            "#deadman",
            "#stick_left",
            "#stick_right",
            "[data-grip='0']",
            "[data-turn]",
        ):
            box = page.locator(selector).first.bounding_box()
            assert box["x"] >= 0, (selector, size)
            assert box["x"] + box["width"] <= size["width"], (selector, size)
            assert box["y"] + box["height"] <= size["height"], (selector, size)
