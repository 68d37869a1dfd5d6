"""Where a camera is on a mobile base."""
