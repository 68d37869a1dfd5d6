"""What a bag says of a drive: commands, odometry and, from a simulator, the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_source import BagMessage
from cairn.evaluation.replay.time_window import TimeWindow
from cairn.hardware.errors import CairnError

COMMAND, ODOMETRY, TRUTH = "cmd_vel", "platform/odom/filtered", "simulation/ground_truth"
EFFECT = "simulation/applied_command"

_TOPICS = (COMMAND, ODOMETRY, TRUTH, EFFECT)
_FASTEST = 5.0  # [m/s] what moves faster was carried
_OLDEST = 5.0  # [s] from a command's stamp to when the recorder heard it
_CARRIED = 0.3  # [m] and at least so far
_OUT_OF_ORDER = 2  # publishers may restart once; more often, two runs lie over each other

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RecordedDrive:
    """One drive without interruption; times in seconds of the recording's clock.

    Attributes:
        commands: shape (N, 4): when it was given, when the recorder heard it, forward [m/s], turn [rad/s].
        odometry: shape (M, 6): stamp, x, y [m], yaw [rad], forward [m/s], turn [rad/s].
        truth: shape (M, 3): x, y [m], yaw [rad] in the world at the same stamps; NaN where it is not known,
            but never in the first row alone.
        effects: shape (K, 3): from when [s] on the simulated wheels were told forward [m/s] and turn [rad/s];
            empty where the bag does not say.
        carried: the robot was put here at the end of the drive before.
    """

    commands: Array
    odometry: Array
    truth: Array
    effects: Array = field(default_factory=lambda: np.zeros((0, 3)))
    carried: bool = False

    @property
    def has_truth(self) -> bool:
        """Whether a simulator recorded where the robot truly was."""
        return bool(np.isfinite(self.truth[0, 0]))

    @property
    def distance(self) -> Array:
        """Metres travelled by odometry up to each of its stamps, shape (M,)."""
        steps = np.hypot(*np.diff(self.odometry[:, 1:3], axis=0).T)
        return np.concatenate([[0.0], np.cumsum(steps)])


def find_namespace(reader: BagReader, topic: str) -> str:
    """The namespace of the only topic of this relative name, such as "/j100"; empty for the root.

    Raises CairnError when there is no such topic, or more than one.
    """
    found = [name for name in reader.topics if name == f"/{topic}" or name.endswith(f"/{topic}")]
    if not found:
        known = ", ".join(sorted(reader.topics)) or "none"
        raise CairnError(f"expected a topic {topic} in the bag; it has {known}")
    if len(found) > 1 and f"/{topic}" not in found:
        raise CairnError(f"several robots in the bag ({', '.join(sorted(found))}): choose by --namespace")
    return "" if f"/{topic}" in found else found[0].removesuffix(f"/{topic}")


def read_drives(reader: BagReader, window: TimeWindow, namespace: str = "") -> list[RecordedDrive]:
    """The drives in a part of a bag; a new one begins where the robot was carried elsewhere.

    Raises CairnError when commands or odometry are missing, or time goes back in the bag.
    """
    prefix = namespace.rstrip("/") + "/"
    for topic in (COMMAND, ODOMETRY):
        if not reader.topics.get(prefix + topic, (None, 0))[1]:
            raise CairnError(
                f"expected messages on {prefix + topic}, which a drive is replayed from and judged by; the "
                f"bag has {', '.join(sorted(name for name, (_, count) in reader.topics.items() if count))}"
            )
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in _TOPICS}
    order = _Order()
    wanted = [prefix + name for name in rows if prefix + name in reader.topics]
    for message in reader.messages(wanted):
        if message.log_time not in window:
            continue
        order.check(message)
        name = message.topic.name.removeprefix(prefix)
        content = reader.decode(message)
        if name == COMMAND:
            rows[name].append(_command(content, message))
        elif name == EFFECT:
            rows[name].append(_effect(content))
        else:
            rows[name].append(_odometry(content))
    return _split(*(np.array(rows[name], float) for name in _TOPICS))


class _Order:
    """Refuses a bag in which the clock went back."""

    def __init__(self) -> None:
        self._last: dict[str, BagMessage] = {}
        self._back = 0

    def check(self, message: BagMessage) -> None:
        last = self._last.get(message.topic.name)
        self._last[message.topic.name] = message
        if last is None:
            return
        self._back += 0 < message.sequence < last.sequence
        if message.log_time < last.log_time or self._back > _OUT_OF_ORDER:
            raise CairnError(
                f"time goes back on {message.topic.name} at {message.log_time * 1e-9:.3f} s: the clock was "
                "reset while the bag was recorded; choose a part of it by --start and --duration"
            )


def _command(content: Any, message: BagMessage) -> tuple[float, ...]:
    """Of a Twist or TwistStamped."""
    heard = message.log_time * 1e-9
    given = _seconds(content.header.stamp) if hasattr(content, "header") else 0.0
    twist = content.twist if hasattr(content, "twist") else content
    values = (twist.linear.x, twist.angular.z)
    if not np.isfinite(values).all():
        raise CairnError(f"expected finite commands, got {values} at {heard:.3f} s")
    return (given or heard, heard, *values)


def _effect(content: Any) -> tuple[float, ...]:
    row = (_seconds(content.header.stamp), content.twist.linear.x, content.twist.angular.z)
    if not np.isfinite(row).all():
        raise CairnError(f"expected finite commands that took effect, got {row[1:]} at {row[0]:.3f} s")
    return row


def _odometry(content: Any) -> tuple[float, ...]:
    pose, twist = content.pose.pose, content.twist.twist
    q = pose.orientation
    yaw = np.arctan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
    row = (pose.position.x, pose.position.y, float(yaw), twist.linear.x, twist.angular.z)
    stamp = _seconds(content.header.stamp)
    if not np.isfinite(row).all():
        raise CairnError(f"expected finite odometry, got x, y, yaw, forward, turn = {row} at {stamp:.3f} s")
    return (stamp, *row)


def _seconds(stamp: Any) -> float:
    return float(stamp.sec * 1_000_000_000 + stamp.nanosec) * 1e-9


def _split(commands: Array, odometry: Array, truth: Array, effects: Array) -> list[RecordedDrive]:
    if not len(commands) or len(odometry) < 2:
        raise CairnError(
            f"expected commands and odometry in this part of the bag, got {len(commands)} and {len(odometry)}"
        )
    effects = effects.reshape(-1, 3)
    if not len(effects):
        # Robots whose clocks differ stamp with another time than the recorder's; a simulation has one clock.
        age = commands[:, 1] - commands[:, 0]
        commands[:, 0] = np.where((age >= 0) & (age < _OLDEST), commands[:, 0], commands[:, 1])
    commands = commands[np.argsort(commands[:, 0], kind="stable")]
    odometry = odometry[np.unique(odometry[:, 0], return_index=True)[1]]
    known = {row[0]: row[1:4] for row in truth}
    true = np.array([known.get(stamp, (np.nan,) * 3) for stamp in odometry[:, 0]])
    step = np.hypot(*np.diff(odometry[:, 1:3], axis=0).T)
    with np.errstate(invalid="ignore"):
        step = np.fmax(step, np.hypot(*np.diff(true[:, :2], axis=0).T))
    jumps = step > np.maximum(_FASTEST * np.diff(odometry[:, 0]), _CARRIED)
    edges = [0, *(np.flatnonzero(jumps) + 1).tolist(), len(odometry)]
    drives = []
    for first, last in pairwise(edges):
        if last - first < 2:
            continue
        begin = odometry[first - 1, 0] if first else -np.inf
        end = odometry[last, 0] if last < len(odometry) else np.inf
        given, told = (table[(table[:, 0] >= begin) & (table[:, 0] < end)] for table in (commands, effects))
        # The recorder hears of one topic sooner than of the other.
        known_rows = np.flatnonzero(np.isfinite(true[first:last, 0]))
        rows = slice(first + (int(known_rows[0]) if len(known_rows) else 0), last)
        drives.append(RecordedDrive(given, odometry[rows], true[rows], told, bool(first)))
    return drives
