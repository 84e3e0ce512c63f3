"""Errors that are meant for the person at the keyboard."""


class TriviumError(Exception):
    """Wrong use or bad input: one sentence that names the place and the remedy."""

    exit_code = 2


class CheckFailed(TriviumError):
    """A check or a gate was not passed; the input itself was readable."""

    exit_code = 1


class Incapable(TriviumError):
    """A model cannot do what is asked of it; what needs it is n/a, and nothing else."""


class ServerFailure(TriviumError):
    """A server somewhere else did not do what it was asked; what was done before is kept."""
