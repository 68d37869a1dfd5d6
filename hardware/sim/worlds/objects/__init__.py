"""The things that stand in a world."""
