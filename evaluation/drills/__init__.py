"""Experiments on top of a run: one thing is changed, and every method is measured again."""
