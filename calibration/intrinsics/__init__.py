"""Lens and image size: what a camera makes of rays."""
