"""Arms in MuJoCo."""
