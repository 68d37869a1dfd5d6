"""Outdoor worlds generated from a seed: geometry, appearance and conditions."""
