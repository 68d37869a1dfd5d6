"""The graph memory as markers, which every viewer draws."""

from __future__ import annotations

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Vector3
from numpy.typing import NDArray
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from cairn.navigation.graph.outline import GraphOutline
from cairn.navigation.pose import Pose
from cairn.nodes.odometry_conversion import rotation_about_z

PLACES, DRIVEN, SEEN, GOAL, TARGET = "places", "driven", "seen", "goal", "target"
"""Namespaces of the markers."""


def graph_message(
    outline: GraphOutline, goal: Pose | None, target: tuple[float, float] | None, stamp: Time
) -> MarkerArray:
    """Places and ways; where the goal is believed to be, and where the robot goes to look next, in `map`.

    What there is none of is deleted.
    """
    return MarkerArray(
        markers=[
            _shapes(SEEN, Marker.LINE_LIST, outline.seen, 0.03, (0.55, 0.6, 0.65, 0.6), stamp),
            _shapes(DRIVEN, Marker.LINE_LIST, outline.driven, 0.08, (0.3, 0.76, 1.0, 0.9), stamp),
            _shapes(PLACES, Marker.SPHERE_LIST, outline.places, 0.25, (0.76, 0.81, 0.86, 1.0), stamp),
            _single(GOAL, Marker.ARROW, goal, Vector3(x=1.2, y=0.25, z=0.25), (1.0, 0.72, 0.22, 1.0), stamp),
            _single(
                TARGET,
                Marker.CYLINDER,
                None if target is None else Pose(*target, 0.0),
                Vector3(x=0.8, y=0.8, z=0.05),
                (0.24, 0.86, 0.52, 0.8),
                stamp,
            ),
        ]
    )


def _shapes(
    name: str,
    kind: int,
    points: NDArray[np.float64],
    size: float,
    colour: tuple[float, float, float, float],
    stamp: Time,
) -> Marker:
    """Points of shape (..., 2) as one marker of many spheres or lines."""
    marker = _marker(name, kind, colour, stamp, shown=len(points) > 0)
    marker.scale = Vector3(x=size, y=size, z=size)
    marker.points = [Point(x=x, y=y) for x, y in points.reshape(-1, 2).tolist()]
    return marker


def _single(
    name: str,
    kind: int,
    pose: Pose | None,
    scale: Vector3,
    colour: tuple[float, float, float, float],
    stamp: Time,
) -> Marker:
    marker = _marker(name, kind, colour, stamp, shown=pose is not None)
    marker.scale = scale
    if pose is not None:
        marker.pose.position = Point(x=float(pose.x), y=float(pose.y))
        marker.pose.orientation = rotation_about_z(pose.yaw)
    return marker


def _marker(
    name: str, kind: int, colour: tuple[float, float, float, float], stamp: Time, *, shown: bool
) -> Marker:
    red, green, blue, opacity = colour
    marker = Marker(
        ns=name,
        type=kind,
        action=Marker.ADD if shown else Marker.DELETE,
        color=ColorRGBA(r=red, g=green, b=blue, a=opacity),
        # The map moves under odometry when the robot corrects its idea of where it is.
        frame_locked=True,
    )
    marker.header.stamp, marker.header.frame_id = stamp, "map"
    marker.pose.orientation.w = 1.0
    return marker
