"""Which topics of a bag are published again, and under which names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cairn.episodes.topic import Topic
from cairn.episodes.topic_selection import TopicSelection
from cairn.hardware.errors import CairnError

CLOCK = "/clock"

_COMMAND_TYPES = frozenset(
    {
        "ackermann_msgs/msg/AckermannDrive",
        "ackermann_msgs/msg/AckermannDriveStamped",
        "control_msgs/msg/JointJog",
        "geometry_msgs/msg/Twist",
        "geometry_msgs/msg/TwistStamped",
        "cairn_interfaces/msg/OperatorInput",
        "sensor_msgs/msg/Joy",
        "trajectory_msgs/msg/JointTrajectory",
        "trajectory_msgs/msg/JointTrajectoryPoint",
    }
)
_COMMAND_PARTS = frozenset({"gate", "cmd_vel", "joy", "teleop", "emergency_stop"})


def moves_hardware(name: str, type_name: str) -> bool:
    """Whether publishing this may move a robot, or keep it from stopping.

    The gate's topics, whatever is a command by its type or its name, and what a person at the controls says.
    """
    parts = name.strip("/").split("/")
    return (
        type_name in _COMMAND_TYPES
        or not _COMMAND_PARTS.isdisjoint(parts)
        or parts[-1].startswith(("cmd_", "command"))
        or parts[-1].endswith(("_cmd", "commands", "_command"))
    )


@dataclass(frozen=True)
class PlaybackSelection:
    """What to publish of a bag.

    Attributes:
        names: the name to publish under, by the recorded one.
        withheld: recorded topics that were chosen but can move hardware, and were not asked for by name.
    """

    names: dict[str, str]
    withheld: tuple[str, ...]

    @classmethod
    def of(
        cls,
        topics: Iterable[Topic],
        wanted: Iterable[str] = ("*",),
        excluded: Iterable[str] = (),
        remaps: Iterable[str] = (),
        commands: Iterable[str] = (),
        namespace: str = "/",
    ) -> PlaybackSelection:
        """Choose.

        Args:
            wanted, excluded: names or patterns, relative ones in any namespace of the bag.
            remaps: "old:=new", each a topic or a namespace.
            commands: topics that may be published although they can move hardware, by recorded name.
            namespace: in which relative names of `remaps` and `commands` are taken.

        Raises CairnError for a remap that can't be read or puts two topics on one name, and for a command
        that the bag lacks.
        """
        known = {topic.name: topic for topic in topics}
        allowed = {_absolute(name, namespace) for name in commands if name}
        if unknown := sorted(allowed - known.keys()):
            raise CairnError(
                f"the bag has no topic {', '.join(unknown)} to publish; it has {', '.join(known)}"
            )
        patterns = [*_anywhere(wanted), *allowed]
        selection = TopicSelection(patterns, _anywhere(excluded))
        rules = [_rule(text, namespace) for text in remaps if text]
        names: dict[str, str] = {}
        withheld: list[str] = []
        for name, topic in known.items():
            if name == CLOCK or not selection.matches(name):
                continue
            target = _renamed(name, rules)
            if name not in allowed and (
                moves_hardware(name, topic.type) or moves_hardware(target, topic.type)
            ):
                withheld.append(name)
            elif target in names.values():
                raise CairnError(f"remapping puts two topics of the bag on {target}")
            else:
                names[name] = target
        return cls(names, tuple(sorted(withheld)))


def _anywhere(patterns: Iterable[str]) -> list[str]:
    """A relative pattern means the topic in the root or in whichever namespace it was recorded."""
    found = []
    for pattern in filter(None, patterns):
        found += [pattern] if pattern.startswith("/") else [f"/{pattern}", f"/*/{pattern}"]
    return found


def _rule(text: str, namespace: str) -> tuple[str, str]:
    old, sign, new = text.partition(":=")
    if not sign or not old.strip("/") or not new.strip("/"):
        raise CairnError(f"expected a remap of the form old:=new, got {text!r}")
    return _absolute(old, namespace).rstrip("/"), _absolute(new, namespace).rstrip("/")


def _renamed(name: str, rules: list[tuple[str, str]]) -> str:
    for old, new in rules:
        if name == old or name.startswith(f"{old}/"):
            return new + name.removeprefix(old)
    return name


def _absolute(name: str, namespace: str) -> str:
    return name if name.startswith("/") else f"{namespace.rstrip('/')}/{name}"
