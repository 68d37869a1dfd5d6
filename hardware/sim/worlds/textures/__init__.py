"""Procedural pictures, drawn from a seed: surfaces, facades, barriers, signs, sky."""
