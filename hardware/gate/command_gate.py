"""The last word on what the base is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cairn.hardware.errors import CairnError
from cairn.hardware.gate.candidate_source import CandidateSource
from cairn.hardware.gate.deadman import Deadman
from cairn.hardware.gate.emergency_stop import EmergencyStop
from cairn.hardware.gate.fault import Cause, Fault
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.settings import GateSettings
from cairn.hardware.gate.silence_watchdog import SilenceWatchdog
from cairn.hardware.gate.stamp_filter import StampFilter
from cairn.hardware.gate.verdict import GateState, Verdict
from cairn.hardware.gate.watched_sensor import WatchedSensor
from cairn.hardware.twist import Twist
from cairn.hardware.twist_limiter import TwistLimiter

# A tick that comes late must not allow a leap of the command [s].
LONGEST_TICK = 0.1
# Between two candidates that go out without waiting for a tick [s]: faster than anyone steers.
SHORTEST_PERIOD = 0.01


class CommandGate:
    """Chooses among candidates, checks that the robot may move, and limits what goes out.

    Messages are handed in as they arrive; `tick` decides, at a steady rate and whenever `is_tick_due`.
    Sources are tried in the order teleop, policy: the first whose command stands and that nothing blocks,
    drives.  A source that asks for less is followed at the braking limits; everything else that stops the
    robot (a fault, silence, a switch) stops it at once.
    """

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        tolerance = settings.future_tolerance
        self._sources = {
            "teleop": CandidateSource(
                "teleop", StampFilter(settings.teleop_max_age, tolerance), settings.teleop_timeout
            ),
            "policy": CandidateSource(
                "policy", StampFilter(settings.policy_max_age, tolerance), settings.policy_timeout
            ),
        }
        self._camera = WatchedSensor(
            "camera",
            StampFilter(settings.camera_max_age, tolerance),
            SilenceWatchdog("camera", settings.camera_timeout, settings.resume_frames),
            settings.camera_frozen_frames,
        )
        self._odometry = WatchedSensor(
            "odometry",
            StampFilter(settings.odometry_max_age, tolerance),
            SilenceWatchdog("odometry", settings.odometry_timeout, settings.resume_frames),
        )
        self._deadman = Deadman(settings.deadman_timeout)
        self._emergency_stop = EmergencyStop(settings.emergency_stop_timeout)
        self._limiter = TwistLimiter(settings.limits, settings.linear_braking, settings.angular_braking)
        self._latched: Fault | None = None
        self._foreign_publishers = 0
        self._rejections: Counter[tuple[str, Rejection]] = Counter()
        self._last_ros: float | None = None
        self._last_tick: float | None = None
        self._last_driver = ""
        self._passed_on: float | None = None
        self._is_tick_due = False

    @property
    def is_tick_due(self) -> bool:
        """Whether what came since the last tick should not wait for the next.

        That is a new command of the source that drives, unless it is part of a flood, and what stops the
        robot: a switch, or a driver that has gone mad.
        """
        return self._is_tick_due

    @property
    def rejections(self) -> Counter[tuple[str, Rejection]]:
        """How many messages were dropped, by who sent them and why."""
        return self._rejections

    @property
    def foreign_publishers(self) -> int:
        """Others that publish on the command topic."""
        return self._foreign_publishers

    def rejected(self, rejection: Rejection) -> int:
        """How many messages were dropped for this reason."""
        return sum(count for (_, why), count in self._rejections.items() if why is rejection)

    def change_limits(self, settings: GateSettings) -> None:
        """Adopt the speeds, accelerations and braking rates of `settings` while running."""
        self._limiter = TwistLimiter(
            settings.limits, settings.linear_braking, settings.angular_braking, self._limiter.current
        )

    def offer(self, source: str, twist: Twist, stamp: float, now: Instant) -> Rejection | None:
        """A candidate arrived: `stamp` [s, ROS clock] is that of the observation that led to it.

        Returns why it was dropped, or None.  Raises CairnError for an unknown source.
        """
        if source not in self._sources:
            raise CairnError(f"unknown source {source!r}; valid are {', '.join(self._sources)}")
        self._notice_time(now)
        candidate = self._sources[source]
        rejection = candidate.offer(twist, stamp, now)
        if rejection is None and self._may_pass_on(source, now):
            self._passed_on = now.monotonic
            self._is_tick_due = True
        if rejection is Rejection.NON_FINITE and source == self._last_driver:
            self._is_tick_due = True
        if candidate.non_finite >= self._settings.non_finite_latch:
            count = candidate.non_finite
            self._latched = Fault(
                Cause.NON_FINITE, f"{source} gave {count} non-finite commands: arm the gate"
            )
        return self._counted(source, rejection)

    def observe_camera(self, stamp: float, now: Instant, content: int | None = None) -> Rejection | None:
        """An image arrived; `content` is a checksum over a sample of its pixels."""
        self._notice_time(now)
        return self._counted("camera", self._camera.observe(stamp, now, content))

    def observe_odometry(self, stamp: float, now: Instant, is_finite: bool) -> Rejection | None:
        """Odometry arrived; `is_finite`: whether all its numbers are."""
        self._notice_time(now)
        if not is_finite:
            self._odometry.observe_invalid()
            return self._counted("odometry", Rejection.NON_FINITE)
        return self._counted("odometry", self._odometry.observe(stamp, now))

    def observe_deadman(self, pressed: bool, now: Instant) -> None:
        """The state of the deadman switch arrived."""
        self._is_tick_due |= self._deadman.is_pressed and not pressed
        self._deadman.update(pressed, now.monotonic)

    def observe_deadman_lost(self) -> None:
        """Whoever held the deadman switch went out of sight without letting go."""
        self._is_tick_due |= self._deadman.is_pressed
        self._deadman.lose()
        self._sources["teleop"].withdraw()

    def observe_emergency_stop(self, pressed: bool, now: Instant) -> None:
        """The state of the emergency stop arrived."""
        self._is_tick_due |= pressed and not self._emergency_stop.is_latched
        self._emergency_stop.update(pressed, now.monotonic)

    def observe_foreign_publishers(self, count: int) -> None:
        """How many others publish on the command topic."""
        self._foreign_publishers = count

    def arm(self) -> str | None:
        """A person releases the latches.  Returns why that is refused, or None.

        Commands from before are dropped: the robot moves again only on a new one.
        """
        if self._emergency_stop.is_pressed:
            return "the emergency stop is still pressed"
        self._emergency_stop.release()
        self._deadman.excuse()
        self._latched = None
        for source in self._sources.values():
            source.restart()
        return None

    def faults(self, now: Instant) -> list[Fault]:
        """Everything that is wrong now, the gravest first, whether or not it stops the robot."""
        return [*self._latches(), *self._foreign(), *self._switch_silence(now), *self._sensor_faults(now)]

    def tick(self, now: Instant) -> Verdict:
        """Decide what goes out now."""
        self._notice_time(now)
        elapsed = 0.0 if self._last_tick is None else now.monotonic - self._last_tick
        self._last_tick = now.monotonic
        self._is_tick_due = False
        self._last_driver = ""
        for fault in self._latches():
            return self._stop(fault, GateState.LATCHED)
        driver = self._driver(now)
        if isinstance(driver, Fault):
            return self._stop(driver)
        self._last_driver, wanted = driver
        commanded = self._limiter.limit(wanted, min(elapsed, LONGEST_TICK))
        return Verdict(GateState.DRIVING, Cause.NONE, "", self._last_driver, wanted, commanded)

    def shut(self) -> Verdict:
        """The last word: zero."""
        return self._stop(Fault(Cause.SHUTDOWN, "the gate shuts down"))

    def _driver(self, now: Instant) -> tuple[str, Twist] | Fault:
        """Who drives where nothing is latched, and what is asked for; or why nobody does."""
        if self._settings.stop_on_foreign_publisher:
            for fault in self._foreign():
                return fault
        for fault in self._switch_silence(now):
            return fault
        blocked: Fault | None = None
        for source in self._sources.values():
            wanted = source.standing(now)
            if wanted is None:
                continue
            block = next(self._blocks(source.name, now), None)
            if block is None:
                return source.name, wanted
            blocked = blocked or block
        return blocked or self._absence(now)

    def _may_pass_on(self, source: str, now: Instant) -> bool:
        """Whether the source drives and its last command that was passed on at once is long enough ago."""
        if self._passed_on is not None and now.monotonic - self._passed_on < SHORTEST_PERIOD:
            return False
        driver = self._driver(now)
        return not any(self._latches()) and not isinstance(driver, Fault) and driver[0] == source

    def _stop(self, fault: Fault, state: GateState = GateState.STOPPED) -> Verdict:
        return Verdict(state, fault.cause, fault.reason, "", Twist(), self._limiter.halt())

    def _latches(self) -> Iterator[Fault]:
        if self._emergency_stop.is_latched:
            hint = "" if self._emergency_stop.is_pressed else " was pressed: arm the gate"
            yield Fault(Cause.EMERGENCY_STOP, f"emergency stop{hint}")
        if self._latched is not None:
            yield self._latched

    def _foreign(self) -> Iterator[Fault]:
        if self._foreign_publishers:
            yield Fault(
                Cause.FOREIGN_PUBLISHER, f"{self._foreign_publishers} other publisher(s) on the command topic"
            )

    def _switch_silence(self, now: Instant) -> Iterator[Fault]:
        silence = self._emergency_stop.silence(now.monotonic)
        if silence is not None:
            yield Fault(Cause.EMERGENCY_STOP, silence)

    def _sensor_faults(self, now: Instant) -> Iterator[Fault]:
        for required, cause, sensor in (
            (self._settings.require_camera, Cause.CAMERA, self._camera),
            (self._settings.require_odometry, Cause.ODOMETRY, self._odometry),
        ):
            reason = sensor.fault(now)
            if required and reason is not None:
                yield Fault(cause, reason)

    def _blocks(self, source: str, now: Instant) -> Iterator[Fault]:
        if source == "policy" or self._settings.sensors_guard_teleop:
            yield from self._sensor_faults(now)
        if self._settings.deadman in ("all", source):
            reason = self._deadman.fault(now.monotonic)
        else:
            # Whoever held it had taken the robot from the policy, and has not let go.
            reason = self._deadman.lost(now.monotonic) if source == "policy" else None
        if reason is not None:
            yield Fault(Cause.DEADMAN, reason)

    def _absence(self, now: Instant) -> Fault:
        for fault in self._sensor_faults(now):
            return fault
        for source in reversed(self._sources.values()):
            absence = source.absence(now)
            if absence is not None:
                return absence
        return Fault(Cause.IDLE, "no command yet")

    def _notice_time(self, now: Instant) -> None:
        if self._last_ros is not None and now.ros < self._last_ros:
            # The simulation was reset or the system clock set back: old stamps mean nothing any more.
            for source in self._sources.values():
                source.forget_stamps()
            self._camera.forget_stamps()
            self._odometry.forget_stamps()
        self._last_ros = now.ros

    def _counted(self, name: str, rejection: Rejection | None) -> Rejection | None:
        if rejection is not None:
            self._rejections[name, rejection] += 1
        return rejection
