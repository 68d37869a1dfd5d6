"""The logic of teleoperation: whose hands drive, how fast, and what their buttons say."""
