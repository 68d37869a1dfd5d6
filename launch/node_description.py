"""One process of a launch description, with every substitution made."""

from dataclasses import dataclass, field
from pathlib import Path

ParameterValue = bool | int | float | str | list[bool] | list[int] | list[float] | list[str]
"""What a ROS 2 parameter may hold."""


@dataclass(frozen=True)
class NodeDescription:
    """A node to start, as a launch file describes it.

    `name` and `namespace` are None where the file leaves them to the executable.  `parameters` keeps the
    file's order, because later entries override earlier ones: each is a file or a (name, value) pair.
    """

    package: str
    executable: str
    name: str | None = None
    namespace: str | None = None
    parameters: tuple[Path | tuple[str, ParameterValue], ...] = ()
    remappings: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()
    ros_arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    respawn: bool = False
    respawn_delay: float = 0.0
    """[s]"""
    respawn_max_retries: int = -1
    """-1: without end"""
    required: bool = False
    """When this one ends, all end (`on_exit: shutdown`)."""
    shown: bool = True
    """Its output goes to the screen, not only to its log."""

    @property
    def full_name(self) -> str:
        """The node's name in its namespace, without the leading slash, e.g. `jackal/explore`."""
        own = self.name or self.executable
        space = (self.namespace or "").strip("/")
        return f"{space}/{own}" if space else own
