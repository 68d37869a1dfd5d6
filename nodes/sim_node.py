"""The simulated robot and its world: the topics of a real Jackal, and the clock of everybody."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from cairn_interfaces.msg import CollisionState, PolicyDecision
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Twist as TwistMessage
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry as OdometryMessage
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock as ClockMessage
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Bool
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import Odometry
from cairn.navigation.decision import Phase
from cairn.nodes.camera_info_conversion import camera_info_from_model
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.image_publisher import ImagePublisher
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.qos_profiles import LATCHED
from cairn.nodes.sim_settings import SimSettings
from cairn.nodes.single_instance import SingleInstance
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds
from cairn.nodes.twist_conversion import twist_from_message, twist_to_stamped_message

if TYPE_CHECKING:
    from cairn.hardware.camera import CameraFrame

CLOCK = "/clock"
_TICK = 0.01  # [s]; it goes out once a tick
_LONGEST_TICK = 0.012  # [s] of work, then commands are listened to
_STRIDE = 0.05  # [s] of simulated time between two odometry messages at most
_COMMANDS = 2  # after a decision: the first may have left the gate before the decision came there
_SLOW = 0.9
# A recorder that comes when the robot drives already must know how it came there.
_SINCE_THE_START = QoSProfile(depth=1000, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class SimNode(Node):
    """Lets simulated time pass, publishes what the robot senses and drives as `cmd_vel` says.

    With `lockstep` it waits at an image until the decision on it and the gate's commands after it have come,
    so that a busy machine makes a search slower but not worse.

    Raises CairnError on bad parameters, a world that can't be had, or another source of the clock.
    """

    def __init__(self) -> None:
        super().__init__("sim")
        self._declared = NodeParameters(self, SimSettings, self._change)
        settings = self._declared.value
        SingleInstance(self, CLOCK, "source of the clock", settings.discovery_time, self._begin)
        from cairn.hardware.sim.pace import Pace
        from cairn.hardware.sim.simulated_camera import OPTICAL_FRAME
        from cairn.hardware.sim.simulated_robot import SimulatedRobot

        self._pace = Pace(settings.speed)
        simulation = settings.open()
        self._robot = SimulatedRobot(simulation)
        self._start = settings.task(simulation).start
        self._robot.place(self._start)
        self._robot.base.start()
        self._robot.camera.start()
        self._unsent: list[tuple[OdometryMessage, OdometryMessage, CollisionState]] = []
        self._decided: float | None = None  # stamp of the last image decided on, while decisions come
        self._waiting_since: float | None = None
        self._commands_due = 0
        self._waited = 0.0
        self._emergency = False

        self._clock_publisher = self.create_publisher(ClockMessage, CLOCK, 10)
        self._images = ImagePublisher(self)
        self._infos = self.create_publisher(CameraInfo, "sensors/camera/camera_info", 10)
        self._odometry = self.create_publisher(OdometryMessage, "platform/odom/filtered", 50)
        self._truth = self.create_publisher(OdometryMessage, "simulation/ground_truth", 50)
        self._effects = self.create_publisher(TwistStamped, "simulation/applied_command", _SINCE_THE_START)
        self._collisions = self.create_publisher(CollisionState, "simulation/collision", 50)
        self._tf = self.create_publisher(TFMessage, "/tf", 50)
        self._static_tf = self.create_publisher(TFMessage, "/tf_static", LATCHED)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        command = TwistMessage if settings.command_type == "twist" else TwistStamped
        self.create_subscription(command, "cmd_vel", self._on_command, 1)
        self.create_subscription(Bool, "platform/emergency_stop", self._on_emergency_stop, 10)
        self.create_subscription(
            PolicyDecision, "explore/decision", self._on_decision, qos_profile_sensor_data
        )
        self.create_service(Trigger, "simulation/reset_to_start", self._on_reset)
        self._publish_mount(simulation.settings.camera, OPTICAL_FRAME)
        world = simulation.world
        self.get_logger().info(f"{world.name}, {world.conditions}, start at {_pose_text(self._start)}")

    def _begin(self) -> None:
        """Let time pass, now that nobody else's clock is there to be upset."""
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_TICK, self._tick, clock=steady)
        self.create_timer(1.0, self._diagnose, clock=steady)

    def close(self) -> None:
        """Free the OpenGL context."""
        self._robot.simulation.close()

    def _change(self, settings: SimSettings) -> None:
        if settings.speed != self._pace.speed:
            self._pace = type(self._pace)(settings.speed)

    def _tick(self) -> None:
        """Let time pass as far as the pace allows, for a few milliseconds of work at most."""
        begun = time.monotonic()
        if self._is_waiting(begun):
            return
        robot = self._robot
        until = self._pace.allowed(robot.time, begun)
        while not robot.has_reached(until) and time.monotonic() - begun < _LONGEST_TICK:
            frame = robot.advance(min(until, robot.time + _STRIDE))
            self._note_state()
            if frame is not None:
                self._publish_state()
                self._publish_frame(frame)
                if self._is_ahead():
                    self._waiting_since = time.monotonic()
                    return
        self._publish_state()

    def _is_ahead(self) -> bool:
        """Whether an image is due to be decided on before time goes on."""
        lockstep = self._declared.value.lockstep
        return bool(lockstep) and self._decided is not None and self._robot.time - self._decided >= lockstep

    def _is_waiting(self, now: float) -> bool:
        if self._waiting_since is None:
            return False
        if now - self._waiting_since < self._declared.value.patience:
            return True
        self.get_logger().warning("going on without a decision on the last image")
        self._decided = None
        self._stop_waiting()
        return False

    def _stop_waiting(self) -> None:
        self._commands_due = 0
        if self._waiting_since is not None:
            self._waited += time.monotonic() - self._waiting_since
        self._waiting_since = None

    def _on_decision(self, message: PolicyDecision) -> None:
        ended = message.phase in (Phase.IDLE, Phase.REACHED, Phase.FAILED)
        self._decided = None if ended else seconds_from_stamp(message.header.stamp)
        if self._waiting_since is None:
            return
        if self._decided is None:
            self._stop_waiting()
        elif not self._is_ahead():
            self._commands_due = _COMMANDS

    def _on_command(self, message: TwistMessage | TwistStamped) -> None:
        twist = twist_from_message(message.twist if isinstance(message, TwistStamped) else message)
        try:
            if not self._emergency:
                self._robot.base.command(twist)
        except CairnError as error:
            self.get_logger().warning(f"command ignored: {error}", throttle_duration_sec=1.0)
        if self._commands_due:
            self._commands_due -= 1
            if not self._commands_due:
                self._stop_waiting()

    def _on_emergency_stop(self, message: Bool) -> None:
        self._emergency = message.data
        if message.data:
            self._forget_command()

    def _forget_command(self) -> None:
        self._robot.base.stop()
        self._robot.base.start()

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._publish_state()
        self._forget_command()
        self._robot.place(self._start)
        self._decided = None
        self._stop_waiting()
        response.success = True
        response.message = f"the robot stands at {_pose_text(self._start)}; its odometry has restarted"
        return response

    def _note_state(self) -> None:
        """Keep what holds at this moment; it is sent after the clock that it belongs to."""
        from cairn.nodes.sim_messages import WORLD_FRAME, collision_message, odometry_message

        robot, simulation = self._robot, self._robot.simulation
        stamp = stamp_from_seconds(robot.time)
        odometry = robot.base.odometry()
        truth = Odometry(robot.time, *simulation.pose, odometry.linear, odometry.angular)
        self._unsent.append(
            (
                odometry_message(odometry, stamp),
                odometry_message(truth, stamp, WORLD_FRAME),
                collision_message(simulation.collision, robot.collisions, stamp),
            )
        )

    def _publish_state(self) -> None:
        from cairn.nodes.sim_messages import BASE_FRAME, transform_of_odometry

        if not self._unsent:
            return
        self._clock_publisher.publish(ClockMessage(clock=stamp_from_seconds(self._robot.time)))
        for since, told in self._robot.take_effects():
            self._effects.publish(twist_to_stamped_message(told, stamp_from_seconds(since), BASE_FRAME))
        for odometry, truth, collision in self._unsent:
            self._odometry.publish(odometry)
            self._truth.publish(truth)
            self._collisions.publish(collision)
        self._tf.publish(TFMessage(transforms=[transform_of_odometry(self._unsent[-1][0])]))
        self._unsent.clear()

    def _publish_frame(self, frame: CameraFrame) -> None:
        stamp = stamp_from_seconds(frame.stamp)
        self._infos.publish(camera_info_from_model(self._robot.camera.model, frame.frame_id, stamp))
        self._images.publish(frame)

    def _publish_mount(self, camera: Any, optical_frame: str) -> None:
        from cairn.nodes.sim_messages import camera_transforms

        stamp = stamp_from_seconds(self._robot.time)
        transforms = camera_transforms(camera.position, camera.pitch, optical_frame, stamp)
        self._static_tf.publish(TFMessage(transforms=transforms))

    def _diagnose(self) -> None:
        now = time.monotonic()
        asked, achieved = self._pace.speed, self._pace.achieved(self._robot.time, now)
        waited, self._waited = self._waited, 0.0
        level, message = DiagnosticStatus.OK, f"{achieved:.2f} x real time"
        if asked and achieved < _SLOW * asked:
            level = DiagnosticStatus.WARN
            cause = "waiting for decisions" if waited > 0.2 else "the machine is too busy"
            message = f"expected {asked:g} x real time, got {achieved:.2f}: {cause}"
        values = {
            "asked speed": f"{asked:g}",
            "achieved speed": f"{achieved:.2f}",
            "waited for decisions in the last second [s]": f"{waited:.2f}",
            "contacts": self._robot.collisions,
        }
        name, stamp = f"{self.get_name()}: {self._robot.simulation.world.name}", self._robot.time
        self._diagnostics.publish(diagnostics(name, level, message, values, stamp_from_seconds(stamp)))


def _pose_text(pose: tuple[float, float, float]) -> str:
    return f"({pose[0]:.1f}, {pose[1]:.1f}) m, heading {pose[2]:.2f} rad"


def main() -> int:
    """Simulate until a signal; returns the exit status."""
    return run_node(SimNode)


if __name__ == "__main__":
    sys.exit(main())
