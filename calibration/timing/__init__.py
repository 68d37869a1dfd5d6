"""How streams stand to each other in time."""
