"""Calibration judged where the truth is known."""
