"""A process that behaves like Interbotix's xs_sdk with a WidowX 250s.

By its public interfaces and configuration: joint states at 100 Hz with the fingers behind the motors, groups
`arm` and `all`, modes and profile as in its default mode_configs, registers by name, motors that obey only
with torque, and a bus whose failure reads as 0 ticks.

    python xs_sdk_emulator.py --ros-args -r __ns:=/wx250s -p gripper_mode:=pwm

The services below `emulator/` are the hands of a test.  `emulator/reset` (Trigger): as after switching on,
the arm at its neutral pose.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import asin, cos, isfinite, pi, sin, sqrt

import rclpy
from interbotix_xs_msgs.msg import JointGroupCommand, JointSingleCommand
from interbotix_xs_msgs.srv import RegisterValues, RobotInfo, TorqueEnable
from rclpy.clock import Clock, ClockType
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool, Trigger

ARM = ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate")
ALL = (*ARM, "gripper")
SHADOWS = ("shoulder_shadow", "elbow_shadow")
NEUTRAL = (0.0, -0.762, 0.445, 0.0, 1.74, 0.0)
HORN, ROD = 0.014, 0.024
NARROW, WIDE = 0.015, 0.037
UNIT = 2.69
PERIOD = 0.01


def finger(angle: float) -> float:
    """Way of a finger from the middle [m] at an angle of the gripper's motor."""
    return HORN * sin(angle) + sqrt(ROD**2 - (HORN * cos(angle)) ** 2)


def angle(way: float) -> float:
    return asin((HORN**2 + way**2 - ROD**2) / (2 * HORN * way))


@dataclass
class Motor:
    """One motor in position mode."""

    model: int
    position: float
    goal: float = 0.0
    start: float = 0.0
    since: float = 0.0
    velocity: float = 0.0
    sag: float = 0.0
    torque: int = 1
    error: int = 0
    profile_velocity: int = 2000
    profile_acceleration: int = 300

    def go(self, goal: float) -> None:
        self.start, self.goal, self.since = self.position, goal, 0.0

    def step(self, seconds: float) -> None:
        before = self.position
        if not self.torque:
            self.goal = self.position
            return
        self.since += seconds
        span = 1e-3 * self.profile_velocity
        share = min(1.0, self.since / span) if span else 1.0
        wanted = self.start + share * (self.goal - self.start) - self.sag
        fastest = 4.8 * seconds  # what the motor can do at 12 V
        self.position += max(-fastest, min(fastest, 0.3 * (wanted - self.position)))
        self.velocity = (self.position - before) / seconds


class XsSdkEmulator(Node):
    def __init__(self) -> None:
        super().__init__("xs_sdk")
        declare = self.declare_parameter
        self._gripper_mode = str(declare("gripper_mode", "pwm").value)
        self._arm_mode = str(declare("arm_mode", "position").value)
        self._shoulder_model = int(declare("shoulder_model", 1020).value)
        self._joints = list(declare("joints", list(ARM)).value)
        self._unplugged = self._deaf_registers = False
        self._reset()
        self._states = self.create_publisher(JointState, "joint_states", 10)
        self.create_subscription(JointGroupCommand, "commands/joint_group", self._on_group, 10)
        self.create_subscription(JointSingleCommand, "commands/joint_single", self._on_single, 10)
        self.create_service(TorqueEnable, "torque_enable", self._on_torque)
        self.create_service(RobotInfo, "get_robot_info", self._on_info)
        self.create_service(RegisterValues, "get_motor_registers", self._on_get)
        self.create_service(RegisterValues, "set_motor_registers", self._on_set)
        self.create_service(Trigger, "emulator/reset", self._on_reset)
        self._hand("unplug", lambda on: setattr(self, "_unplugged", on))
        self._hand("unplug_wrist", lambda on: setattr(self, "_wrist_unplugged", on))
        self._hand("overload_shoulder", lambda on: self._overload("shoulder", on))
        self._hand("overload_shadow", lambda on: self._overload("elbow_shadow", on))
        self._hand("let_go", lambda on: setattr(self.motors["waist"], "torque", int(not on)))
        self._hand("ignore_profile", lambda on: setattr(self, "_deaf_registers", on))
        self._hand("put_object", lambda on: setattr(self, "_narrow", 0.022 if on else NARROW))
        self._hand("sag", lambda on: setattr(self.motors["shoulder"], "sag", 0.05 if on else 0.0))
        self._last = time.monotonic()
        self.create_timer(PERIOD, self._step, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _hand(self, name: str, act: Callable[[bool], None]) -> None:
        def on_call(request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
            act(request.data)
            response.success = True
            return response

        self.create_service(SetBool, f"emulator/{name}", on_call)

    def _reset(self) -> None:
        self.motors = {name: Motor(1020, at, at, at) for name, at in zip(ARM, NEUTRAL, strict=True)}
        self.motors["shoulder"].model = self._shoulder_model
        self.motors["wrist_rotate"].model = 1060
        self.motors["gripper"] = Motor(1060, angle((NARROW + WIDE) / 2))
        for shadow in SHADOWS:
            self.motors[shadow] = Motor(1020, 0.0)
        self._push = 0.0
        self._narrow = NARROW
        self._unplugged = self._wrist_unplugged = self._deaf_registers = False

    def _overload(self, name: str, on: bool) -> None:
        self.motors[name].error = 0x20 if on else 0
        self.motors[name].torque = int(not on)

    # -- time passes

    def _step(self) -> None:
        now = time.monotonic()
        seconds, self._last = min(0.1, now - self._last), now
        if seconds <= 0:
            return
        for name in ARM:
            self.motors[name].step(seconds)
        shoulder, gripper = self.motors["shoulder"], self.motors["gripper"]
        if not shoulder.torque:  # it falls
            shoulder.position = max(-1.85, shoulder.position - 0.4 * seconds)
            shoulder.velocity = -0.4
        if gripper.torque:
            least, free = (100.0, 885.0) if self._gripper_mode == "pwm" else (250.0, 2300.0)
            speed = 6.0 * max(0.0, abs(self._push) - least) / free
            turned = gripper.position + (speed if self._push > 0 else -speed) * seconds
            gripper.position = max(angle(self._narrow), min(angle(WIDE), turned))
        self._publish()

    def _publish(self) -> None:
        positions = [self.motors[name].position for name in ALL]
        velocities = [self.motors[name].velocity for name in ALL]
        efforts = [200.0 * UNIT * self.motors[name].sag for name in ARM]
        efforts.append(self._push / 885 * 1000 * UNIT if self._gripper_mode == "pwm" else self._push)
        for index, name in enumerate(ALL):
            if self._unplugged or (self._wrist_unplugged and name in ("wrist_rotate", "gripper")):
                positions[index], velocities[index], efforts[index] = -pi, 0.0, 0.0
        way = finger(positions[-1])
        message = JointState(
            name=[*ALL, "left_finger", "right_finger"],
            position=[*positions, way, -way],
            velocity=[*velocities, 0.0, 0.0],
            effort=[*efforts, 0.0, 0.0],
        )
        message.header.stamp = self.get_clock().now().to_msg()
        self._states.publish(message)

    # -- xs_sdk's interface

    def _on_group(self, message: JointGroupCommand) -> None:
        assert message.name == "arm", message.name
        assert len(message.cmd) == len(ARM), message.cmd
        assert all(map(isfinite, message.cmd)), message.cmd
        for name, goal in zip(ARM, message.cmd, strict=True):
            if self.motors[name].torque:
                self.motors[name].go(goal)

    def _on_single(self, message: JointSingleCommand) -> None:
        assert message.name == "gripper", message.name
        assert abs(message.cmd) <= (350 if self._gripper_mode == "pwm" else 900), message.cmd
        self._push = message.cmd

    def _named(self, kind: str, name: str) -> tuple[str, ...]:
        if kind == "single":
            return (name,) if name in self.motors else ()
        return {"arm": ARM, "all": ALL}.get(name, ())

    def _on_torque(self, request: TorqueEnable.Request, response: TorqueEnable.Response) -> object:
        for name in self._named(request.cmd_type, request.name):
            motor = self.motors[name]
            motor.torque = int(request.enable and not motor.error)
            motor.go(motor.position)
        return response

    def _on_info(self, request: RobotInfo.Request, response: RobotInfo.Response) -> object:
        single = request.cmd_type == "single"
        response.mode = self._gripper_mode if single else self._arm_mode
        response.profile_type = "velocity" if single else "time"
        response.joint_names = ["left_finger"] if single else self._joints
        response.num_joints = len(response.joint_names)
        response.name = [request.name]
        return response

    def _on_get(self, request: RegisterValues.Request, response: RegisterValues.Response) -> object:
        read: dict[str, Callable[[Motor], int]] = {
            "Model_Number": lambda motor: motor.model,
            "Torque_Enable": lambda motor: motor.torque,
            "Hardware_Error_Status": lambda motor: motor.error,
            "Goal_Position": lambda motor: round(2048 + motor.goal * 2048 / pi),
            "Profile_Velocity": lambda motor: motor.profile_velocity,
            "Profile_Acceleration": lambda motor: motor.profile_acceleration,
        }
        if not self._unplugged:
            named = self._named(request.cmd_type, request.name)
            response.values = [read[request.reg](self.motors[name]) for name in named]
        return response

    def _on_set(self, request: RegisterValues.Request, response: RegisterValues.Response) -> object:
        field = {"Profile_Velocity": "profile_velocity", "Profile_Acceleration": "profile_acceleration"}
        for name in self._named(request.cmd_type, request.name):
            if not (self._unplugged or self._deaf_registers):
                setattr(self.motors[name], field[request.reg], request.value)
        return response

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._reset()
        response.success = True
        return response


def main() -> None:
    rclpy.init(args=sys.argv)
    executor = SingleThreadedExecutor()
    executor.add_node(XsSdkEmulator())
    try:
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        return
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
