"""Where a camera is on an arm, or beside it."""
