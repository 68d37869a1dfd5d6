# Before project(): where the ROS 2 wheels lie (in the isolated build environment of pip, or in a venv),
# found by ament's own Python package.  The ament index reads the environment, CMake its cache.

if(NOT Python3_EXECUTABLE)
  find_program(Python3_EXECUTABLE NAMES python3 REQUIRED)
endif()
execute_process(
  COMMAND "${Python3_EXECUTABLE}" -c "import ament_package; print(ament_package.__file__)"
  OUTPUT_VARIABLE ament_package OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
# <prefix>/lib/python3.x/site-packages/ament_package/__init__.py
get_filename_component(ros_prefix "${ament_package}/../../../../.." ABSOLUTE)
set(ENV{AMENT_PREFIX_PATH} "${ros_prefix}")
list(PREPEND CMAKE_PREFIX_PATH "${ros_prefix}")
