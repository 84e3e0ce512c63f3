"""Runs that are disturbed on purpose: `make chaos`."""
