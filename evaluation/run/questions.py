"""A question that somebody types, and the run that it is put to."""

from pathlib import Path

from data.errors import TriviumError
from data.leaks import normalised
from data.schema import Domain, Question


def known_question(text: str, domain: Domain) -> Question:
    """The domain's own question where the wording is one of its wordings, so that it can be graded."""
    same = (q for q in domain.questions if normalised(q.question) == normalised(text))
    return next(same, Question(id="asked", question=text, answers=()))


def newest_run(runs: Path) -> Path:
    """The run in `runs` that was changed last.

    Raises:
        TriviumError: there is none.
    """
    found = sorted(runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise TriviumError(f"{runs}: there is no run yet. `trivium run DOMAIN` makes one, or name one with --run.")
    return found[-1].parent
