"""The Clearpath Jackal as a MuJoCo model."""

from __future__ import annotations

from math import cos, sin

import mujoco

# Clearpath's published geometry and mass.
LENGTH, WIDTH, HEIGHT, MASS = 0.508, 0.430, 0.250, 17.0
WHEEL_RADIUS, WHEEL_WIDTH, WHEEL_MASS = 0.098, 0.040, 0.477
TRACK, WHEELBASE = 0.37559, 0.262
# A skid-steered base turns about a wider track than its geometry; Clearpath's controller has this factor.
EFFECTIVE_TRACK = 1.5 * TRACK
WHEELS = ("front_left", "front_right", "rear_left", "rear_right")
PREFIX = "jackal/"


def jackal_spec(
    camera_xyz: tuple[float, float, float], camera_pitch: float, vertical_fov: float
) -> mujoco.MjSpec:
    """The robot alone; `base_link` lies on the ground between the wheels, x forward, z up.

    Args:
        camera_xyz: optical centre in `base_link` [m].
        camera_pitch: radians, positive looks down.
        vertical_fov: degrees.

    Ellipsoid wheels with moderate friction scrub sideways as tyres do; cylinders grip their edges and
    hardly turn on the spot.
    """
    wheels = "".join(_wheel(name) for name in WHEELS)
    actuators = "".join(
        f'<velocity name="{name}" joint="{name}" kv="60" forcerange="-40 40"/>' for name in WHEELS
    )
    x, y, z = camera_xyz
    # MuJoCo's camera looks along its -z with +y up: its x axis is the robot's -y.
    up = f"{sin(camera_pitch)} 0 {cos(camera_pitch)}"
    return mujoco.MjSpec.from_string(f"""
    <mujoco model="jackal">
      <worldbody>
        <body name="base_link">
          <freejoint name="root"/>
          <geom name="chassis" type="box" pos="0 0 {0.03 + HEIGHT / 2}" rgba="0.9 0.75 0.1 1"
                size="{LENGTH / 2 - 0.02} {TRACK / 2 - WHEEL_WIDTH} {HEIGHT / 2 - 0.035}"
                mass="{MASS - 4 * WHEEL_MASS}"/>
          <geom name="bumper_front" type="box" pos="{LENGTH / 2 - 0.01} 0 0.14"
                size="0.01 {WIDTH / 2} 0.03" mass="0" rgba="0.1 0.1 0.1 1"/>
          <geom name="bumper_rear" type="box" pos="{-LENGTH / 2 + 0.01} 0 0.14"
                size="0.01 {WIDTH / 2} 0.03" mass="0" rgba="0.1 0.1 0.1 1"/>
          <camera name="camera" pos="{x} {y} {z}" xyaxes="0 -1 0 {up}" fovy="{vertical_fov}"/>
          <site name="imu" pos="0 0 0.1"/>
          {wheels}
        </body>
      </worldbody>
      <actuator>{actuators}</actuator>
    </mujoco>""")


def _wheel(name: str) -> str:
    x = (1 if "front" in name else -1) * WHEELBASE / 2
    y = (1 if "left" in name else -1) * TRACK / 2
    return f"""
        <body name="{name}" pos="{x} {y} {WHEEL_RADIUS}">
          <joint name="{name}" type="hinge" axis="0 1 0" damping="0.02" armature="0.005"/>
          <geom name="{name}" type="ellipsoid" size="{WHEEL_RADIUS} {WHEEL_WIDTH / 2} {WHEEL_RADIUS}"
                mass="{WHEEL_MASS}" friction="0.4 0.005 0.0001" priority="1" condim="3" rgba="0.1 0.1 0.1 1"/>
        </body>"""
