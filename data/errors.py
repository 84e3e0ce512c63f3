"""Errors that are meant for the person at the keyboard."""


class TriviumError(Exception):
    """Wrong use or bad input: one sentence that names the place and the remedy (exit code 2)."""
