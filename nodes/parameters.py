"""A node's ROS parameters from a frozen dataclass of settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, replace
from typing import Any, Generic, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from cairn.hardware.errors import CairnError
from cairn.hardware.setting import (
    InvalidSetting,
    check_names,
    checked_value,
    setting_types,
    valid_values,
)

Settings = TypeVar("Settings")

# Declared by rclpy itself on every node.
_OF_RCLPY = ("use_sim_time", "start_type_description_service")


class NodeParameters(Generic[Settings]):
    """Declares one ROS parameter per setting and keeps the settings current.

    At start an unknown name or a bad value raises InvalidSetting.  While the node runs, a bad value is
    refused with its reason in the answer, and every old value is kept; a group set atomically is
    applied as a whole or not at all.  (Keep it in an attribute other than `_parameters`: rclpy's Node
    has one of that name.)

    Args:
        node: the node to declare on.
        kind: a frozen dataclass whose fields are made by `cairn.hardware.setting.setting`.
        on_change: called with the new settings after a valid change; a CairnError refuses the change.
    """

    def __init__(
        self, node: Node, kind: type[Settings], on_change: Callable[[Settings], None] | None = None
    ) -> None:
        self._fields = {declared.name: declared for declared in fields(kind)}  # type: ignore[arg-type]
        self._kinds = setting_types(kind)
        self._on_change = on_change
        given = _given_values(node)
        check_names(kind, given)
        values = {name: self._starting_value(name, given) for name in self._fields}
        self._value = kind(**values)
        for name, declared in self._fields.items():
            value = getattr(self._value, name)
            node.declare_parameter(
                name,
                list(value) if isinstance(value, tuple) else value,
                _descriptor(declared, self._kinds[name]),
                ignore_override=True,
            )
        node.add_on_set_parameters_callback(self._set)

    @property
    def value(self) -> Settings:
        """The settings in force."""
        return self._value

    def _starting_value(self, name: str, given: dict[str, Any]) -> Any:
        declared = self._fields[name]
        if name in given:
            return checked_value(declared, self._kinds[name], given[name])
        if declared.default is MISSING:
            raise InvalidSetting(
                f"parameter {name} must be given: {declared.metadata['description']}"
                f" ({self._kinds[name].__name__} {valid_values(declared)})".replace(" )", ")")
            )
        return declared.default

    def _set(self, parameters: list[Parameter[Any]]) -> SetParametersResult:
        own = {parameter.name: parameter.value for parameter in parameters if parameter.name in self._fields}
        if not own:
            return SetParametersResult(successful=True)
        try:
            changes = {
                name: checked_value(self._fields[name], self._kinds[name], value)
                for name, value in own.items()
            }
            wanted = replace(self._value, **changes)  # type: ignore[type-var]
            if self._on_change is not None:
                self._on_change(wanted)
        except CairnError as error:
            return SetParametersResult(successful=False, reason=f"{error}; the old value is kept")
        self._value = wanted
        return SetParametersResult(successful=True)


def _given_values(node: Node) -> dict[str, Any]:
    # rclpy has no public way to see overrides that nothing declares, and those are the misspelt ones.
    overrides: dict[str, Parameter[Any]] = node._parameter_overrides
    return {
        name: parameter.value
        for name, parameter in overrides.items()
        if name not in _OF_RCLPY and not name.startswith("qos_overrides.")
    }


def _descriptor(declared: Field[Any], kind: Any) -> ParameterDescriptor:
    metadata = declared.metadata
    descriptor = ParameterDescriptor(
        description=metadata["description"],
        read_only=metadata["fixed"],
        additional_constraints=valid_values(declared),
    )
    minimum, maximum = metadata["minimum"], metadata["maximum"]
    if minimum is None or maximum is None:
        return descriptor
    if kind is float:
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=float(minimum), to_value=float(maximum))
        ]
    elif kind is int:
        descriptor.integer_range = [IntegerRange(from_value=int(minimum), to_value=int(maximum), step=1)]
    return descriptor
