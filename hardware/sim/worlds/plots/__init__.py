"""What a cell of the ground plan can be filled with."""
