"""The logic of the arm's gate: which step of the hand may reach the joints, and why not."""
