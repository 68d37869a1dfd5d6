from dataclasses import replace

import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.gate.command_gate import SHORTEST_PERIOD, CommandGate
from cairn.hardware.gate.fault import Cause
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.settings import GateSettings
from cairn.hardware.gate.verdict import GateState
from cairn.hardware.setting import InvalidSetting
from cairn.hardware.twist import Twist

NAN = Twist(float("nan"), 0.0)
BRISK = GateSettings(linear_acceleration=20.0, angular_acceleration=50.0)


class Scene:
    """A gate with its clocks; `run` lets time pass with every source alive unless told otherwise."""

    def __init__(self, settings: GateSettings = BRISK) -> None:
        self.gate = CommandGate(settings)
        self.monotonic = 100.0
        self.ros = 5000.0
        self.frames = 0

    @property
    def now(self) -> Instant:
        return Instant(self.monotonic, self.ros)

    def pass_time(self, seconds: float) -> None:
        self.monotonic += seconds
        self.ros += seconds

    def sense(self, camera: bool = True, odometry: bool = True) -> None:
        self.frames += 1
        if camera:
            self.gate.observe_camera(self.ros, self.now, self.frames)
        if odometry:
            self.gate.observe_odometry(self.ros, self.now, True)

    def offer(self, twist: Twist, source: str = "policy", stamp: float | None = None) -> Rejection | None:
        return self.gate.offer(source, twist, self.ros if stamp is None else stamp, self.now)

    def run(self, seconds: float, policy: Twist | None = None, teleop: Twist | None = None, **senses: bool):
        verdict = None
        for _ in range(round(seconds / 0.02)):
            self.pass_time(0.02)
            self.sense(**senses)
            if policy is not None:
                self.offer(policy)
            if teleop is not None:
                self.offer(teleop, "teleop")
            verdict = self.gate.tick(self.now)
        return verdict


AHEAD = Twist(0.5, 0.2)


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def driving(scene):
    verdict = scene.run(0.5, policy=AHEAD)
    assert (verdict.state, verdict.commanded) == (GateState.DRIVING, AHEAD)
    return scene


def test_nothing_asked_is_zero_and_idle(scene):
    verdict = scene.run(0.5)

    assert (verdict.state, verdict.cause, verdict.reason) == (GateState.STOPPED, Cause.IDLE, "no command yet")
    assert verdict.commanded == Twist()


def test_a_policy_that_everything_allows_drives(driving):
    verdict = driving.run(0.1, policy=AHEAD)

    assert (verdict.source, verdict.cause, verdict.reason) == ("policy", Cause.NONE, "")
    assert not verdict.is_limited


def test_teleop_goes_before_policy_and_gives_back(driving):
    assert driving.run(0.2, policy=AHEAD, teleop=Twist(-0.1, 0.0)).source == "teleop"
    assert driving.run(0.2, policy=AHEAD).source == "policy"


def test_a_silent_policy_stops_at_once_after_its_timeout(driving):
    verdict = driving.run(0.12)
    assert verdict.commanded == AHEAD

    verdict = driving.run(0.02)
    assert (verdict.cause, verdict.commanded) == (Cause.SILENCE, Twist())
    assert verdict.reason.startswith("policy silent for 0.14 s")


@pytest.mark.parametrize(
    ("senses", "cause"),
    [({"camera": False}, Cause.CAMERA), ({"odometry": False}, Cause.ODOMETRY)],
)
def test_a_lost_sensor_stops_the_policy_but_not_teleop(driving, senses, cause):
    verdict = driving.run(0.3, policy=AHEAD, **senses)
    assert (verdict.state, verdict.cause, verdict.commanded) == (GateState.STOPPED, cause, Twist())
    assert [fault.cause for fault in driving.gate.faults(driving.now)] == [cause]

    verdict = driving.run(0.3, policy=AHEAD, teleop=AHEAD, **senses)
    assert (verdict.state, verdict.source) == (GateState.DRIVING, "teleop")


def test_sensors_guard_teleop_on_request():
    scene = Scene(replace(BRISK, sensors_guard_teleop=True))

    verdict = scene.run(0.3, teleop=AHEAD, camera=False)

    assert (verdict.cause, verdict.reason) == (Cause.CAMERA, "camera not seen yet")


def test_a_sensor_that_is_not_required_is_not_missed():
    scene = Scene(replace(BRISK, require_camera=False, require_odometry=False))

    assert scene.run(0.3, policy=AHEAD, camera=False, odometry=False).state is GateState.DRIVING


def test_non_finite_odometry_is_no_odometry(driving):
    for _ in range(10):
        driving.pass_time(0.02)
        driving.gate.observe_camera(driving.ros, driving.now, driving.frames)
        driving.frames += 1
        driving.gate.observe_odometry(driving.ros, driving.now, is_finite=False)
        driving.offer(AHEAD)

    assert driving.gate.tick(driving.now).cause is Cause.ODOMETRY
    assert driving.gate.rejections["odometry", Rejection.NON_FINITE] == 10


def test_a_non_finite_command_withdraws_the_one_before(driving):
    assert driving.offer(NAN) is Rejection.NON_FINITE

    verdict = driving.gate.tick(driving.now)
    assert (verdict.state, verdict.cause, verdict.commanded) == (
        GateState.STOPPED,
        Cause.NON_FINITE,
        Twist(),
    )
    assert verdict.reason == "policy gave a non-finite command"
    assert driving.run(0.1, policy=AHEAD).state is GateState.DRIVING


def test_the_third_non_finite_command_latches_until_armed(driving):
    for _ in range(3):
        driving.offer(NAN)
        driving.run(0.1, policy=AHEAD)

    verdict = driving.run(1.0, policy=AHEAD, teleop=AHEAD)
    assert (verdict.state, verdict.commanded) == (GateState.LATCHED, Twist())
    assert verdict.reason == "policy gave 3 non-finite commands: arm the gate"

    assert driving.gate.arm() is None
    assert driving.gate.tick(driving.now).cause is Cause.IDLE
    assert driving.run(0.1, policy=AHEAD).state is GateState.DRIVING


def test_the_emergency_stop_latches_and_arming_is_refused_while_pressed(driving):
    driving.gate.observe_emergency_stop(True, driving.now)
    assert driving.gate.tick(driving.now).commanded == Twist()
    assert driving.gate.arm() == "the emergency stop is still pressed"

    driving.gate.observe_emergency_stop(False, driving.now)
    verdict = driving.run(0.1, policy=AHEAD)
    assert (verdict.state, verdict.reason) == (
        GateState.LATCHED,
        "emergency stop was pressed: arm the gate",
    )

    assert driving.gate.arm() is None
    assert driving.run(0.1, policy=AHEAD).state is GateState.DRIVING


def test_the_deadman_guards_whom_it_is_told_to():
    scene = Scene(replace(BRISK, deadman="teleop"))

    assert scene.run(0.3, policy=AHEAD).state is GateState.DRIVING
    verdict = scene.run(0.3, teleop=AHEAD)
    assert (verdict.cause, verdict.reason) == (Cause.DEADMAN, "deadman switch not seen yet")
    scene.gate.observe_deadman(False, scene.now)
    scene.gate.observe_deadman(True, scene.now)
    assert scene.run(0.1, teleop=AHEAD).source == "teleop"


def test_a_released_deadman_stops_the_policy_at_once():
    scene = Scene(replace(BRISK, deadman="all"))
    scene.gate.observe_deadman(False, scene.now)
    for _ in range(30):
        scene.gate.observe_deadman(True, scene.now)
        verdict = scene.run(0.02, policy=AHEAD)
    assert verdict.state is GateState.DRIVING

    scene.gate.observe_deadman(False, scene.now)
    assert scene.gate.tick(scene.now).commanded == Twist()


@pytest.mark.parametrize("loss", ["silence", "told"])
@pytest.mark.parametrize("excuse", ["a fresh press", "arming"])
def test_a_deadman_lost_while_held_does_not_give_the_robot_to_the_policy(driving, loss, excuse):
    driving.gate.observe_deadman(False, driving.now)
    driving.gate.observe_deadman(True, driving.now)
    assert driving.run(0.1, policy=AHEAD, teleop=AHEAD).source == "teleop"

    if loss == "told":
        driving.gate.observe_deadman_lost()
        assert driving.gate.is_tick_due
        assert driving.run(0.02, policy=AHEAD).cause is Cause.DEADMAN
    verdict = driving.run(5.0, policy=AHEAD)
    told = "the deadman switch was lost while it was held: press it afresh"
    assert (verdict.cause, verdict.reason, verdict.commanded) == (Cause.DEADMAN, told, Twist())
    driving.gate.observe_deadman(False, driving.now)
    assert driving.run(0.1, policy=AHEAD).cause is Cause.DEADMAN

    if excuse == "arming":
        assert driving.gate.arm() is None
    else:
        driving.gate.observe_deadman(True, driving.now)
        driving.gate.observe_deadman(False, driving.now)
    assert driving.run(0.1, policy=AHEAD).source == "policy"


def test_a_foreign_publisher_stops_or_only_alarms(driving):
    driving.gate.observe_foreign_publishers(1)
    verdict = driving.run(0.1, policy=AHEAD)
    assert (verdict.cause, verdict.reason) == (
        Cause.FOREIGN_PUBLISHER,
        "1 other publisher(s) on the command topic",
    )
    driving.gate.observe_foreign_publishers(0)
    assert driving.run(0.1, policy=AHEAD).state is GateState.DRIVING

    tolerant = Scene(replace(BRISK, stop_on_foreign_publisher=False))
    tolerant.gate.observe_foreign_publishers(1)
    assert tolerant.run(0.3, policy=AHEAD).state is GateState.DRIVING
    assert [fault.cause for fault in tolerant.gate.faults(tolerant.now)] == [Cause.FOREIGN_PUBLISHER]


def test_a_burst_of_late_commands_is_dropped_by_stamp(scene):
    scene.run(0.2)

    assert {scene.offer(AHEAD, stamp=scene.ros - 1.0 + 0.01 * k) for k in range(20)} == {Rejection.STALE}
    assert scene.gate.tick(scene.now).commanded == Twist()
    assert scene.gate.rejected(Rejection.STALE) == 20


def test_a_command_from_an_older_observation_does_not_replace_a_newer_one(driving):
    assert driving.offer(Twist(-0.5, 0.0), stamp=driving.ros - 0.2) is Rejection.BACKWARD
    assert driving.gate.tick(driving.now).requested == AHEAD


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_jump_of_the_wall_clock_neither_trips_nor_blinds_a_watchdog(driving, jump):
    driving.ros += jump
    assert driving.gate.tick(driving.now).state is GateState.DRIVING
    assert driving.run(0.3, policy=AHEAD).state is GateState.DRIVING

    verdict = driving.run(0.2, policy=AHEAD, camera=False)
    assert verdict.cause is Cause.CAMERA


def test_a_reset_of_the_simulation_starts_the_stamps_anew(driving):
    driving.ros = 0.0

    assert driving.run(0.1, policy=AHEAD).state is GateState.DRIVING
    assert driving.gate.rejected(Rejection.BACKWARD) == 0


def test_the_command_stays_within_limits_and_says_so():
    scene = Scene(GateSettings(linear_speed=0.6, linear_acceleration=1.0, linear_braking=2.0))
    scene.run(0.2)

    speeds = []
    for _ in range(50):
        verdict = scene.run(0.02, policy=Twist(5.0, 0.0))
        assert verdict.is_limited
        speeds.append(verdict.commanded.linear)
    assert speeds == pytest.approx([min(0.02 * (k + 1), 0.6) for k in range(50)])

    braking = [scene.run(0.02, policy=Twist()).commanded.linear for _ in range(3)]
    assert braking == pytest.approx([0.56, 0.52, 0.48])


def test_a_late_tick_does_not_allow_a_leap():
    scene = Scene(GateSettings(linear_acceleration=1.0))
    scene.run(0.2)
    scene.pass_time(0.15)
    scene.offer(Twist(1.0, 0.0))

    assert scene.gate.tick(scene.now).commanded.linear == pytest.approx(0.1)


def test_limits_change_while_driving(driving):
    driving.gate.change_limits(replace(BRISK, linear_speed=0.2))

    assert driving.run(0.5, policy=AHEAD).commanded == Twist(0.2, 0.2)


def test_the_last_word_is_zero(driving):
    verdict = driving.gate.shut()

    assert (verdict.state, verdict.cause, verdict.commanded) == (GateState.STOPPED, Cause.SHUTDOWN, Twist())


def test_an_unknown_source_is_refused_with_the_valid_ones(scene):
    with pytest.raises(CairnError, match="unknown source 'joystick'; valid are teleop, policy"):
        scene.offer(AHEAD, "joystick")


def test_settings_out_of_range_are_refused():
    with pytest.raises(
        InvalidSetting, match=r"parameter policy_timeout: expected float from 0.02 to 2, got 60"
    ):
        GateSettings(policy_timeout=60)


def test_a_command_of_the_driver_is_due_at_once_even_right_after_a_tick(driving):
    driving.pass_time(0.02)
    driving.gate.tick(driving.now)
    assert not driving.gate.is_tick_due
    driving.pass_time(0.0005)
    driving.offer(Twist(0.4, 0.2))
    assert driving.gate.is_tick_due
    assert driving.gate.tick(driving.now).commanded.linear < 0.5
    assert not driving.gate.is_tick_due


def test_of_a_flood_few_are_due(driving):
    due = 0
    for _ in range(1000):
        driving.pass_time(0.001)
        driving.sense()
        driving.offer(AHEAD)
        if driving.gate.is_tick_due:
            due += 1
            driving.gate.tick(driving.now)
    assert due == pytest.approx(1.0 / SHORTEST_PERIOD, rel=0.1)


def test_what_comes_from_others_than_the_driver_waits_for_a_tick():
    scene = Scene(replace(BRISK, deadman="teleop"))
    scene.run(0.2, policy=AHEAD)
    for _ in range(50):
        scene.pass_time(0.02)
        scene.gate.observe_deadman(False, scene.now)
        scene.offer(Twist(), "teleop")
        scene.offer(NAN, "teleop")
        assert not scene.gate.is_tick_due


def test_who_takes_over_is_due_at_once(driving):
    driving.pass_time(0.02)
    driving.offer(AHEAD, "teleop")
    assert driving.gate.is_tick_due
    assert driving.gate.tick(driving.now).source == "teleop"


def test_what_stops_the_robot_is_due_at_once_and_once(driving):
    driving.offer(NAN)
    assert driving.gate.is_tick_due
    assert driving.gate.tick(driving.now).cause is Cause.NON_FINITE
    driving.offer(NAN)
    assert not driving.gate.is_tick_due
    for due in (True, False):
        driving.gate.observe_emergency_stop(True, driving.now)
        assert driving.gate.is_tick_due == due
        driving.gate.tick(driving.now)
    driving.offer(AHEAD)
    assert not driving.gate.is_tick_due


def test_a_released_deadman_is_due_at_once_and_once():
    scene = Scene(replace(BRISK, deadman="all"))
    for pressed in (False, True):
        scene.gate.observe_deadman(pressed, scene.now)
        assert not scene.gate.is_tick_due
    for due in (True, False):
        scene.gate.observe_deadman(False, scene.now)
        assert scene.gate.is_tick_due == due
        scene.gate.tick(scene.now)
