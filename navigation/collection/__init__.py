"""Collecting explorative data without a person: driving, labels, limits and episodes."""
