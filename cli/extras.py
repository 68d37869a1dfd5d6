"""Which optional part of Cairn brings which module."""

EXTRA_OF = {
    "rclpy": "ros",
    "mujoco": "sim",
    "torch": "train",
    "onnx": "train",
    "onnxscript": "train",
    "onnxruntime": "cpu",
    "pyrealsense2": "realsense",
    "evdev": "gamepad",
    "ray": "ray",
    "tensorrt": "tensorrt",
    "tensorrt_rtx": "tensorrt",
}
"""Top-level module → extra of `cairn-robotics` in pyproject.toml."""

INTERFACES = ("cairn_interfaces", "tf2_msgs")
"""ROS 2 packages of this repository's `ros_ws/`."""


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """What to install when `error` is the lack of an optional part; None for any other module."""
    module = (error.name or "").partition(".")[0]
    if module in INTERFACES:
        return (
            f"the ROS 2 package `{module}` is not built; expected it in this Python or in a sourced "
            f"workspace: run `make setup`, or `pip install ./ros_ws/src/{module}`, or `colcon build`"
        )
    if module == "rclpy":
        return (
            "ROS 2 is absent (no module `rclpy`): source a ROS 2 installation (Humble to Lyrical), or "
            "`pip install 'cairn-robotics[ros]'` for the wheels"
        )
    if module in EXTRA_OF:
        extra = EXTRA_OF[module]
        return f"the module `{module}` is absent: `pip install 'cairn-robotics[{extra}]'`"
    return None
