#!/usr/bin/env bash
# Build the workspace as a ROS 2 user does, with colcon, against the ROS 2 wheels, in a .venv of its own.
# On a machine with a full ROS 2: `cd ros_ws && colcon build --base-paths src ..`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unset LD_LIBRARY_PATH PYTHONPATH AMENT_PREFIX_PATH CMAKE_PREFIX_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
export PIP_DISABLE_PIP_VERSION_CHECK=1
python=${PYTHON:-python3}
venv=$PWD/build/colcon/venv
built=$PWD/build/colcon

"$python" scripts/system_packages.py
"$python" -m venv "$venv"
"$venv/bin/pip" install --quiet -c requirements.lock "setuptools>=70.1,<80" cmake ninja colcon-common-extensions catkin_pkg \
    numpy scipy pyyaml typer rich jinja2 pydantic psutil \
    ros-kilted-rclpy ros-kilted-common-interfaces ros-kilted-rmw-fastrtps-cpp \
    ros-kilted-ament-cmake ros-kilted-ament-cmake-ros ros-kilted-ament-cmake-ros-core \
    ros-kilted-ament-cmake-include-directories ros-kilted-ament-cmake-gtest ros-kilted-ament-cmake-gmock \
    ros-kilted-ament-cmake-pytest ros-kilted-ament-package ros-kilted-rosidl-cmake \
    ros-kilted-rosidl-core-generators ros-kilted-rosidl-default-generators

export PATH=$venv/bin:$PATH AMENT_PREFIX_PATH=$venv CMAKE_PREFIX_PATH=$venv
cd ros_ws
paths=(--base-paths src ..)
# A package.xml with a mistake silently makes a package of another type.
listed=$(colcon --log-base /dev/null list "${paths[@]}" | awk '{print $1, $NF}' | sort)
expected="cairn (ros.ament_python)
cairn_interfaces (ros.ament_cmake)
tf2_msgs (ros.ament_cmake)"
if [[ $listed != "$expected" ]]; then
    printf 'colcon list: expected\n%s\ngot\n%s\n' "$expected" "$listed" >&2
    exit 1
fi
colcon --log-base "$built/log" build "${paths[@]}" --build-base "$built/build" --install-base "$built/install" \
    --cmake-args -DBUILD_TESTING=OFF -DPython3_EXECUTABLE="$venv/bin/python" \
    -DCMAKE_PROJECT_INCLUDE_BEFORE="$PWD/cmake/ros_wheels_prefix.cmake" \
    -DCMAKE_PROJECT_INCLUDE="$PWD/cmake/ros_wheels_targets.cmake"
set +u # the set-up files of colcon read variables that may be unset
source "$built/install/local_setup.bash"
set -u
cd "$built"
python ../../scripts/check_colcon_install.py "$built/install"
