"""The logic of the command gate: which twist may reach the base, and why not."""
