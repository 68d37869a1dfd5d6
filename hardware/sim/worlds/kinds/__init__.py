"""One layout a kind of world."""
