"""Kitchens generated from a domain, a task and a seed, with a WidowX 250s in them."""
