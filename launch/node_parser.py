"""From a `node:` entry of a launch file to a `NodeDescription`."""

import math
import shlex
from pathlib import Path
from typing import cast

import yaml

from cairn.launch.entity import Entity
from cairn.launch.errors import LaunchError
from cairn.launch.node_description import NodeDescription, ParameterValue
from cairn.launch.scope import Scope
from cairn.launch.substitutions import substitute, truth

_OUTPUTS = ("screen", "log", "both")
_SCALARS = (bool, int, float, str)


def parse_node(entity: Entity, scope: Scope) -> NodeDescription:
    """Make every substitution and check every value of a `node:` entry.

    Raises:
        LaunchError: a value of the wrong kind, or a parameter file that does not exist.
    """

    def text(key: str) -> str | None:
        raw = entity.text(key)
        return None if raw is None else substitute(raw, scope)

    output = text("output") or "screen"
    if output not in _OUTPUTS:
        raise LaunchError(f"{entity.where}: `output`: expected one of {', '.join(_OUTPUTS)}, got `{output}`")
    on_exit = text("on_exit")
    if on_exit not in (None, "shutdown"):
        raise LaunchError(f"{entity.where}: `on_exit`: expected `shutdown`, got `{on_exit}`")
    environment = dict(scope.environment)
    for entry in entity.entries("env"):
        environment[substitute(entry.required_text("name"), scope)] = substitute(
            entry.required_text("value"), scope
        )
    return NodeDescription(
        package=substitute(entity.required_text("pkg"), scope),
        executable=substitute(entity.required_text("exec"), scope),
        name=text("name"),
        namespace=scope.namespace(text("namespace")),
        parameters=tuple(_parameter(entry, scope) for entry in entity.entries("param")),
        remappings=tuple(
            (substitute(entry.required_text("from"), scope), substitute(entry.required_text("to"), scope))
            for entry in entity.entries("remap")
        ),
        arguments=tuple(shlex.split(text("args") or "")),
        ros_arguments=tuple(shlex.split(text("ros_args") or "")),
        environment=environment,
        respawn=truth(substitute(entity.scalar("respawn") or "false", scope), "`respawn`", scope),
        respawn_delay=_number(entity, "respawn_delay", 0.0, 0.0),
        respawn_max_retries=int(_number(entity, "respawn_max_retries", -1, -1)),
        required=on_exit == "shutdown",
        shown=output != "log",
    )


def _number(entity: Entity, key: str, default: float, least: float) -> float:
    raw = entity.scalar(key)
    if raw is None:
        return default
    try:
        value = float(raw)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= least):
        raise LaunchError(f"{entity.where}: `{key}`: expected a number of at least {least:g}, got `{raw}`")
    return value


def _parameter(entry: Entity, scope: Scope) -> Path | tuple[str, ParameterValue]:
    if "from" in entry.values:
        if len(entry.values) > 1:
            raise LaunchError(f"{entry.where}: `from` excludes `name` and `value`")
        file = Path(substitute(entry.required_text("from"), scope))
        if not file.is_file():
            raise LaunchError(f"{entry.where}: the parameter file {file} does not exist")
        return file
    name = substitute(entry.required_text("name"), scope)
    if "value" not in entry.values:
        raise LaunchError(f"{entry.where}: expected `value`, or `from` with a file, got neither")
    value = entry.values["value"]
    if isinstance(value, str):
        # As in ROS 2, the text that the substitutions give is read as YAML: "$(var rate)" may be a number.
        value = yaml.safe_load(substitute(value, scope) or "''")
    if isinstance(value, list) and value:
        kinds = {type(item) for item in value}
        valid = len(kinds) == 1 and kinds <= set(_SCALARS)
    else:
        valid = isinstance(value, _SCALARS)
    if not valid:
        raise LaunchError(
            f"{entry.where}: expected a boolean, a number, a string or a list of one of them, got {value!r}"
        )
    return name, cast(ParameterValue, value)
