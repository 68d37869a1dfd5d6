"""What a node says of its health."""

from __future__ import annotations

from collections.abc import Mapping

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue


def diagnostics(
    name: str, level: bytes, message: str, values: Mapping[str, object], stamp: Time, hardware_id: str = ""
) -> DiagnosticArray:
    """One status of one component.

    Args:
        name: as "node: component".
        level: of diagnostic_msgs/DiagnosticStatus.
        message: what is the matter, or that all is well.
        values: figures by what they are.
        stamp: when that was so.
        hardware_id: of the device, if it is one.
    """
    status = DiagnosticStatus(name=name, hardware_id=hardware_id, level=level, message=message)
    status.values = [KeyValue(key=key, value=str(value)) for key, value in values.items()]
    array = DiagnosticArray(status=[status])
    array.header.stamp = stamp
    return array
