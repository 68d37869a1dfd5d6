"""Publishes any camera."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.clock import Clock, ClockType  # type: ignore[attr-defined]  # where all of Humble to Lyrical have it
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from sensor_msgs.msg import CameraInfo

from cairn.hardware.camera import Camera, CameraFrame
from cairn.hardware.camera_keeper import CameraKeeper
from cairn.hardware.camera_settings import CameraSettings
from cairn.hardware.setting import setting
from cairn.nodes.camera_info_conversion import camera_info_from_model
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.image_publisher import ImagePublisher
from cairn.nodes.lifetime import run_node
from cairn.nodes.mounting_publisher import MountingPublisher
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.stamps import stamp_from_seconds

_QUEUE = 10
_SLOW = 0.8


@dataclass(frozen=True)
class CameraNodeSettings(CameraSettings):
    """The camera's settings and those of its node."""

    autostart: bool = setting("configure and activate without being asked to", True, fixed=True)
    reopen: bool = setting("open the camera anew after a loss, by its id", True, fixed=True)
    silence_limit: float = setting(
        "silence after which the camera is opened anew [s]", 2.0, minimum=0.3, maximum=60.0, fixed=True
    )
    retry_period: float = setting(
        "time between attempts to open it [s]", 1.0, minimum=0.05, maximum=60.0, fixed=True
    )


class CameraNode(LifecycleNode):
    """A camera as a managed node: it streams while active and reports its health once a second.

    Frames are published by the thread that receives them, the moment they arrive, with the sensor's stamps
    and the default quality of service (REP-2003).  Raises CairnError on bad parameters.
    """

    def __init__(self) -> None:
        super().__init__("camera")
        self._settings = NodeParameters(self, CameraNodeSettings).value
        self._camera: Camera = self._settings.make_camera()
        self._keeper = CameraKeeper(
            self._camera,
            self._publish,
            silence_limit=self._settings.silence_limit,
            retry_period=self._settings.retry_period,
            reopen=self._settings.reopen,
        )
        self._images = ImagePublisher(self)
        self._infos = self.create_publisher(CameraInfo, "sensors/camera/camera_info", _QUEUE)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", _QUEUE)
        self._mounting = (
            MountingPublisher(self, self._settings.device, self._settings.frame_id)
            if self._settings.device
            else None
        )
        self._lost_before = 0
        self._fault_before = "opening"
        self.create_timer(1.0, self._diagnose, clock=Clock(clock_type=ClockType.STEADY_TIME))
        if self._settings.autostart:
            self.trigger_configure()
            self.trigger_activate()

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Start streaming; a camera that is not there is waited for."""
        self._keeper.start()
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Release the camera."""
        self._keeper.stop()
        return super().on_deactivate(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Release the camera."""
        self._keeper.stop()
        return super().on_shutdown(state)

    def close(self) -> None:
        """Release the camera while the context still stands."""
        self._keeper.stop()

    def _publish(self, frame: CameraFrame) -> None:
        self._images.publish(frame)
        stamp = stamp_from_seconds(frame.stamp)
        self._infos.publish(camera_info_from_model(self._camera.model, frame.frame_id, stamp))

    def _diagnose(self) -> None:
        health = self._keeper.health()
        if health.fault and health.fault != self._fault_before:
            self.get_logger().warning(health.fault)
        elif self._fault_before and not health.fault:
            self.get_logger().info("the camera streams")
        self._fault_before = health.fault
        lost = health.lost - self._lost_before
        self._lost_before = health.lost
        level, message = DiagnosticStatus.OK, "streaming"
        if health.fault:
            level, message = DiagnosticStatus.ERROR, health.fault
        elif lost:
            level, message = DiagnosticStatus.WARN, f"{lost} frames lost in the last second"
        elif health.rate < _SLOW * self._settings.rate:
            level = DiagnosticStatus.WARN
            message = f"expected {self._settings.rate:g} frames per second, got {health.rate:.1f}"
        values = {
            "rate [1/s]": f"{health.rate:.1f}",
            "age of the last frame [s]": f"{health.age:.3f}",
            "frames": health.received,
            "frames lost": health.lost,
            "reopened": health.reopened,
        }
        name, stamp = f"{self.get_name()}: {self._settings.driver}", self.get_clock().now().to_msg()
        self._diagnostics.publish(
            diagnostics(name, level, message, values, stamp, hardware_id=self._settings.device)
        )


def main() -> int:
    """Run the driver until a signal; returns the exit status."""
    return run_node(CameraNode)


if __name__ == "__main__":
    sys.exit(main())
