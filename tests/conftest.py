"""What every test gets: traffic that stays on this machine, in a domain of its own, on few threads."""

import os
from itertools import count

import pytest

# Set before any test module imports numpy or rclpy, and inherited by the processes that tests start.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
# Several test processes share two cores: a spinning thread pool of one starves the others.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

# Domains above 101 run into the ephemeral ports of Linux; processes that test side by side share the others.
_SHARE = 100 // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_FIRST = 1 + _SHARE * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_TURNS = count(os.getpid())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What the nodes of an earlier test left behind in its domain can't keep those of this one apart."""
    os.environ["ROS_DOMAIN_ID"] = str(_FIRST + next(_TURNS) % _SHARE)
