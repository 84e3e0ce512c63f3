"""Measurements behind the defaults."""
