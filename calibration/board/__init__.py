"""Boards with known patterns, and finding them in images."""
