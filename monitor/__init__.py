"""The monitor's web side: a page that shows the robot and, where allowed, drives it.  Knows no ROS."""
