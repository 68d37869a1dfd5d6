"""What holds at one place of a launch file: arguments, namespace, environment."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True)
class Scope:
    """The values that substitutions see.

    As in ROS 2, an included file shares the scope of the one that includes it; a `group` has a copy.
    """

    file: Path
    arguments: dict[str, str]
    namespaces: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Scope":
        """A scope whose changes do not reach this one."""
        return replace(
            self,
            arguments=dict(self.arguments),
            namespaces=list(self.namespaces),
            environment=dict(self.environment),
        )

    def inside(self, file: Path) -> "Scope":
        """The same values seen from another file."""
        return replace(self, file=file)

    def variable(self, name: str) -> str | None:
        """An environment variable as the nodes started from here will see it."""
        return self.environment.get(name, os.environ.get(name))

    def namespace(self, own: str | None) -> str | None:
        """The namespace of a node that asks for `own`, below those pushed so far; None for none at all."""
        if own is not None and own.startswith("/"):
            return own
        parts = [part.strip("/") for part in (*self.namespaces, own or "")]
        joined = "/".join(part for part in parts if part)
        return f"/{joined}" if joined else None
