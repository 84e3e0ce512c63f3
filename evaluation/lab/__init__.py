"""Trying things on one model, without a run folder."""
