"""What every test gets: traffic that stays on this machine, in a domain of its own, on few threads."""

import os

# Set before any test module imports numpy or rclpy, and inherited by the processes that tests start.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
os.environ.setdefault("ROS_DOMAIN_ID", str(1 + os.getpid() % 100))
# Several test processes share two cores: a spinning thread pool of one starves the others.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")
