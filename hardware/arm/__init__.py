"""Robot arms: what they are, how they are moved, and what keeps them from harm."""
