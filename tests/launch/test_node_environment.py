"""What nodes find in their environment."""

import pytest

from cairn.launch.environment import FASTDDS_PROFILE, node_environment


def test_traffic_stays_on_this_machine_unless_the_user_says_otherwise():
    assert node_environment({})["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    chosen = {"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"}
    assert node_environment(chosen)["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "SUBNET"
    assert "ROS_AUTOMATIC_DISCOVERY_RANGE" not in node_environment({"ROS_LOCALHOST_ONLY": "1"})


@pytest.mark.parametrize(
    ("distribution", "name"),
    [
        ({}, "FASTDDS_DEFAULT_PROFILES_FILE"),
        ({"ROS_DISTRO": "kilted"}, "FASTDDS_DEFAULT_PROFILES_FILE"),
        ({"ROS_DISTRO": "humble"}, "FASTRTPS_DEFAULT_PROFILES_FILE"),
    ],
)
def test_the_transport_profile_has_the_name_that_the_distribution_reads(distribution, name):
    environment = node_environment(distribution)
    assert [key for key in environment if key.endswith("_PROFILES_FILE")] == [name]
    assert environment[name] == str(FASTDDS_PROFILE)
    assert "<segment_size>16777216</segment_size>" in FASTDDS_PROFILE.read_text()


def test_one_thread_a_node_and_no_spinning():
    environment = node_environment({"OMP_NUM_THREADS": "4", "HOME": "/home/robot"})
    assert environment["OMP_NUM_THREADS"] == "4"
    assert (environment["OPENBLAS_NUM_THREADS"], environment["OMP_WAIT_POLICY"]) == ("1", "PASSIVE")
    assert environment["HOME"] == "/home/robot"
