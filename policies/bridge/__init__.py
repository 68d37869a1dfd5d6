"""Policies in the manner of Bridge Data: models, data and training.  Only training needs torch."""
