"""What a launch file comes to: the arguments it takes and the processes it starts."""

from dataclasses import dataclass

from cairn.launch.node_description import NodeDescription


@dataclass(frozen=True)
class LaunchArgument:
    """An argument that a launch file declares; `default` is None where the user must give a value."""

    name: str
    default: str | None
    description: str


@dataclass(frozen=True)
class LaunchDescription:
    """Everything a launch file and its includes describe, in the order of the file."""

    arguments: tuple[LaunchArgument, ...]
    nodes: tuple[NodeDescription, ...]
