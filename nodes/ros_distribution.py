"""Which ROS 2 this is."""

from __future__ import annotations

import os
from importlib.metadata import distributions


def ros_distribution() -> str:
    """Name of the ROS distribution, e.g. "kilted"; empty when unknown.

    Wheels set no ROS_DISTRO, but carry it in their names: ros-kilted-rclpy.
    """
    if distribution := os.environ.get("ROS_DISTRO"):
        return distribution
    names = ((found.metadata["Name"] or "").split("-") for found in distributions())
    return next((name[1] for name in names if len(name) == 3 and name[::2] == ["ros", "rclpy"]), "")
