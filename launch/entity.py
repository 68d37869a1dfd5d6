"""One entry of a YAML launch file, with its keys checked against those the format has."""

from dataclasses import dataclass
from pathlib import Path

from cairn.launch.errors import LaunchError

_CONDITIONS = ("if", "unless")

KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "arg": (("name",), ("default", "description", "choice", *_CONDITIONS)),
    "let": (("name", "value"), _CONDITIONS),
    "include": (("file",), ("arg", *_CONDITIONS)),
    "group": (("children",), ("scoped", *_CONDITIONS)),
    "push_ros_namespace": (("namespace",), _CONDITIONS),
    "push-ros-namespace": (("namespace",), _CONDITIONS),
    "set_env": (("name", "value"), _CONDITIONS),
    "node": (
        ("pkg", "exec"),
        (
            "name",
            "namespace",
            "param",
            "remap",
            "args",
            "ros_args",
            "env",
            "output",
            "respawn",
            "respawn_delay",
            "respawn_max_retries",
            "on_exit",
            *_CONDITIONS,
        ),
    ),
    # Entries of the lists inside the above.
    "node.param": ((), ("name", "value", "from")),
    "node.remap": (("from", "to"), ()),
    "node.env": (("name", "value"), ()),
    "include.arg": (("name", "value"), ()),
    "arg.choice": (("value",), ()),
}
"""Each kind of entry: the keys it must have and those it may have."""

ENTRIES = tuple(kind for kind in KEYS if "." not in kind)


@dataclass(frozen=True)
class Entity:
    """One entry: its kind, its values by key, and the file for messages.

    Raises:
        LaunchError: at construction, for an unknown kind, an unknown key or a missing one.
    """

    kind: str
    values: dict[str, object]
    file: Path

    def __post_init__(self) -> None:
        """Refuse what the format does not have."""
        if self.kind not in KEYS:
            raise LaunchError(f"{self.file}: unknown entry `{self.kind}`; valid: {', '.join(ENTRIES)}")
        required, optional = KEYS[self.kind]
        valid = (*required, *optional)
        if unknown := [str(key) for key in self.values if key not in valid]:
            raise LaunchError(
                f"{self.where}: unknown key `{', '.join(unknown)}`; valid: {', '.join(sorted(valid))}"
            )
        if missing := [key for key in required if key not in self.values]:
            raise LaunchError(f"{self.where}: the key `{', '.join(missing)}` is missing")

    @classmethod
    def parse(cls, raw: object, file: Path) -> "Entity":
        """One item of a list of entries: a mapping of one kind to its values."""
        if not isinstance(raw, dict) or len(raw) != 1:
            raise LaunchError(f"{file}: expected one entry such as `node:` with its keys, got `{raw}`")
        kind, values = next(iter(raw.items()))
        if kind == "group" and isinstance(values, list):
            values = {"children": values}
        if not isinstance(values, dict):
            raise LaunchError(f"{file}: `{kind}`: expected keys and values, got `{values}`")
        return cls(str(kind), values, file)

    @property
    def where(self) -> str:
        """The file and the entry, e.g. `explore.launch.yaml: node `gate``."""
        name = self.values.get("name") or self.values.get("exec") or self.values.get("file")
        return f"{self.file}: {self.kind}" + (f" `{name}`" if name else "")

    def text(self, key: str) -> str | None:
        """The string under `key`, substitutions not yet made; None when absent.

        ROS 2 takes strings here and nothing else, so `value: true` has to be written `value: "true"`.
        """
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        raise LaunchError(f'{self.where}: `{key}`: expected a string, got {value!r}; write "{value}"')

    def required_text(self, key: str) -> str:
        """The string under a key that the format requires."""
        value = self.text(key)
        if value is None:
            raise LaunchError(f"{self.where}: `{key}`: expected a string, got nothing")
        return value

    def scalar(self, key: str) -> str | None:
        """The text of a string, a number or a boolean; None when absent."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            return str(value)
        raise LaunchError(f"{self.where}: `{key}`: expected one value, got {value!r}")

    def entries(self, key: str) -> list["Entity"]:
        """The list of entries under `key`, empty when absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise LaunchError(f"{self.where}: `{key}`: expected a list of entries, got `{value}`")
        return [Entity(f"{self.kind}.{key}", item, self.file) for item in value]

    def children(self) -> list["Entity"]:
        """The entries inside a group."""
        value = self.values["children"]
        if not isinstance(value, list):
            raise LaunchError(f"{self.where}: expected a list of entries, got `{value}`")
        return [Entity.parse(item, self.file) for item in value]
