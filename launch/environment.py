"""The environment that nodes need before they start: transport, allocator, threads, log format."""

from collections.abc import Mapping
from pathlib import Path

FASTDDS_PROFILE = Path(__file__).resolve().parent / "fastdds.xml"

_DEFAULTS = {
    # Nothing leaves this machine unless the user says so.
    "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
    # Keep image-sized blocks in the heap: mapping and unmapping each costs more than copying it.
    "MALLOC_MMAP_THRESHOLD_": "134217728",
    "MALLOC_TRIM_THRESHOLD_": "536870912",
    # Several processes share few cores, and a spinning thread pool of one starves the others.
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RCUTILS_LOGGING_BUFFERED_STREAM": "0",
    "RCUTILS_COLORIZED_OUTPUT": "0",
    "RCUTILS_CONSOLE_OUTPUT_FORMAT": "[{severity}] {message}",
    "PYTHONUNBUFFERED": "1",
}


_FASTDDS_2_DISTRIBUTIONS = ("humble", "iron", "jazzy")


def node_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """`inherited` with Cairn's settings where it has none of its own: what the user exports wins.

    `ROS_LOCALHOST_ONLY`, where set, decides the discovery range by itself.
    """
    # Fast DDS 3 warns of the name that Fast DDS 2 knows.
    older = inherited.get("ROS_DISTRO") in _FASTDDS_2_DISTRIBUTIONS
    profile = "FASTRTPS_DEFAULT_PROFILES_FILE" if older else "FASTDDS_DEFAULT_PROFILES_FILE"
    environment = {**_DEFAULTS, profile: str(FASTDDS_PROFILE), **inherited}
    if "ROS_LOCALHOST_ONLY" in inherited and "ROS_AUTOMATIC_DISCOVERY_RANGE" not in inherited:
        del environment["ROS_AUTOMATIC_DISCOVERY_RANGE"]
    return environment
