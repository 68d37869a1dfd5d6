"""The standard YAML launch format of ROS 2, the part of it that needs no full ROS 2.

What this understands, `ros2 launch` understands too; what it does not, it refuses by name.
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

from cairn.launch.entity import Entity
from cairn.launch.errors import LaunchError
from cairn.launch.launch_description import LaunchArgument, LaunchDescription
from cairn.launch.node_description import NodeDescription
from cairn.launch.node_parser import parse_node
from cairn.launch.scope import Scope
from cairn.launch.share import share_directory
from cairn.launch.substitutions import substitute, truth


def find_launch_file(name: str) -> Path:
    """A launch file by its path, or by its name among those that Cairn ships (`explore` is enough).

    Raises:
        LaunchError: there is no such file.
    """
    if Path(name).is_file():
        return Path(name).resolve()
    shipped = share_directory("cairn") / "launch"
    for candidate in (name, f"{name}.launch.yaml"):
        if (shipped / candidate).is_file():
            return shipped / candidate
    known = ", ".join(sorted(path.name for path in shipped.glob("*.launch.yaml"))) or "none"
    raise LaunchError(f"no launch file `{name}`, neither here nor among those of Cairn: {known}")


def declared_arguments(file: Path) -> tuple[LaunchArgument, ...]:
    """The arguments that `file` itself declares, their defaults as written."""
    entities = [Entity.parse(raw, file) for raw in _entries(file)]
    return tuple(_argument(entity) for entity in entities if entity.kind == "arg")


def read_launch_file(file: Path, arguments: Mapping[str, str] | None = None) -> LaunchDescription:
    """Read a launch file and all it includes, with the values that the user gives to its arguments.

    Raises:
        LaunchError: the file, one it includes, or an argument is not as it must be; nothing is started.
    """
    given = dict(arguments or {})
    reader = _Reader()
    file = file.resolve()
    reader.read(Scope(file, dict(given)))
    declared = [argument.name for argument in reader.arguments]
    if unknown := sorted(set(given) - set(declared)):
        raise LaunchError(
            f"{file}: unknown launch argument `{', '.join(unknown)}`; valid: {', '.join(declared) or 'none'}"
        )
    names = [node.full_name for node in reader.nodes]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise LaunchError(f"{file}: two nodes have the name `{', '.join(twice)}`; give each its own `name`")
    return LaunchDescription(tuple(reader.arguments), tuple(reader.nodes))


class _Reader:
    """Walks the entries in order, as ROS 2 does: an argument holds for all that follows it."""

    def __init__(self) -> None:
        self.arguments: list[LaunchArgument] = []
        self.nodes: list[NodeDescription] = []
        self._open: list[Path] = []

    def read(self, scope: Scope) -> None:
        file = scope.file
        if file in self._open:
            circle = " → ".join(path.name for path in [*self._open[self._open.index(file) :], file])
            raise LaunchError(f"{file}: the files include each other in a circle: {circle}")
        self._open.append(file)
        self._all([Entity.parse(raw, file) for raw in _entries(file)], scope)
        self._open.pop()

    def _all(self, entities: list[Entity], scope: Scope) -> None:
        for entity in entities:
            if _applies(entity, scope):
                self._one(entity, scope)

    def _one(self, entity: Entity, scope: Scope) -> None:
        if entity.kind == "arg":
            self._declare(entity, scope)
        elif entity.kind == "let":
            name = substitute(entity.required_text("name"), scope)
            scope.arguments[name] = substitute(entity.required_text("value"), scope)
        elif entity.kind == "set_env":
            name = substitute(entity.required_text("name"), scope)
            scope.environment[name] = substitute(entity.required_text("value"), scope)
        elif entity.kind in ("push_ros_namespace", "push-ros-namespace"):
            scope.namespaces.append(substitute(entity.required_text("namespace"), scope))
        elif entity.kind == "group":
            scoped = truth(substitute(entity.scalar("scoped") or "true", scope), "`scoped`", scope)
            self._all(entity.children(), scope.copy() if scoped else scope)
        elif entity.kind == "include":
            self._include(entity, scope)
        else:
            self.nodes.append(parse_node(entity, scope))

    def _declare(self, entity: Entity, scope: Scope) -> None:
        argument = _argument(entity)
        if argument.name not in [known.name for known in self.arguments]:
            self.arguments.append(argument)
        if argument.name not in scope.arguments:
            if argument.default is None:
                raise LaunchError(
                    f"{entity.where}: this launch argument has no default; give `{argument.name}:=VALUE`"
                    + (f" ({argument.description})" if argument.description else "")
                )
            scope.arguments[argument.name] = substitute(argument.default, scope)
        choices = [choice.required_text("value") for choice in entity.entries("choice")]
        value = scope.arguments[argument.name]
        if choices and value not in choices:
            raise LaunchError(f"{entity.where}: expected one of {', '.join(choices)}, got `{value}`")

    def _include(self, entity: Entity, scope: Scope) -> None:
        file = Path(substitute(entity.required_text("file"), scope))
        if not file.is_absolute():
            raise LaunchError(
                f"{entity.where}: expected an absolute path; for a file beside this one: `$(dirname)/{file}`"
            )
        for entry in entity.entries("arg"):
            name = substitute(entry.required_text("name"), scope)
            scope.arguments[name] = substitute(entry.required_text("value"), scope)
        self.read(scope.inside(file))


def _entries(file: Path) -> list[object]:
    if file.suffix not in (".yaml", ".yml"):
        raise LaunchError(
            f"{file}: expected a YAML launch file (.yaml); XML and Python ones need a full ROS 2"
        )
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise LaunchError(f"{file}: the launch file cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LaunchError(f"{file}: not YAML: {error}") from error
    if not isinstance(content, dict) or list(content) != ["launch"]:
        got = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise LaunchError(f"{file}: expected the one key `launch` at the top, got: {got}")
    entries = content["launch"]
    if not isinstance(entries, list):
        raise LaunchError(f"{file}: `launch`: expected a list of entries, got `{entries}`")
    return entries


def _argument(entity: Entity) -> LaunchArgument:
    return LaunchArgument(
        entity.required_text("name"), entity.text("default"), entity.text("description") or ""
    )


def _applies(entity: Entity, scope: Scope) -> bool:
    if "if" in entity.values and "unless" in entity.values:
        raise LaunchError(f"{entity.where}: expected `if` or `unless`, got both")
    for key, wanted in (("if", True), ("unless", False)):
        if key in entity.values:
            value = substitute(entity.required_text(key), scope)
            return truth(value, f"{entity.kind}: `{key}`", scope) is wanted
    return True
