"""What a WidowX 250s behind Interbotix's xs_sdk means and needs; knows no ROS."""
