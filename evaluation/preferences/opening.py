"""Answers of a finished run's methods to questions that nobody was asked yet, made ready to be ranked."""

from collections.abc import Sequence
from pathlib import Path

from data.errors import TriviumError
from data.progress import Progress
from data.schema import Domain
from evaluation.lab.playground import Playground
from evaluation.preferences.candidates import Candidates, Drawing, draw, keep_candidates, kept_candidates, most_telling
from evaluation.preferences.questions import to_rank
from evaluation.run.folder import RunFolder
from evaluation.run.registry import spec_of
from evaluation.run.settings import settings_of

_POOL = 2  # questions answered for each one that is ranked, so that the most telling can come first


def able_methods(path: Path) -> list[str]:
    """The methods of a run that answer by themselves, without the gold passage."""
    methods = settings_of(RunFolder(path)).methods
    return [name for name in methods if not (spec_of(name).needs_gold or spec_of(name).is_contestant)]


def methods_of(path: Path, wanted: Sequence[str]) -> tuple[str, ...]:
    """The methods whose answers are ranked: those that are named, else the first that answers by itself.

    Raises:
        TriviumError: the run is not finished, has no such method, or cannot ask it anything new.
    """
    folder = RunFolder(path)
    if folder.record()["status"] != "complete":
        raise TriviumError(f"{path}: the run is not finished. `trivium resume {path}` finishes it.")
    able = able_methods(path)
    for name in wanted:
        if name not in able:
            raise TriviumError(f"{path}: '{name}' cannot be asked here; choose from {', '.join(able) or 'none'}.")
    if not able:
        raise TriviumError(f"{path}: no method of this run can be asked anything new.")
    return tuple(wanted) or (able[0],)


def drawn_for(path: Path, domain: Domain, how: Drawing, budget: int | None, progress: Progress) -> list[Candidates]:
    """Answers to the questions that are to be ranked, in the order of the questions; drawn now, or kept from before."""
    questions = to_rank(domain, how.seed)
    if budget is not None:
        questions = questions[: _POOL * budget]
    known = kept_candidates(path, how)
    missing = [question for question in questions if question.id not in known]
    if missing:
        ground = Playground(path, progress)
        made = draw([ground.method(name, progress) for name in how.methods], missing, how, progress)
        keep_candidates(path, made)
        known |= {one.question_id: one for one in made}
    return [known[question.id] for question in questions]


def telling(candidates: Sequence[Candidates], budget: int | None) -> list[Candidates]:
    """Those with something to rank, the most telling first."""
    return most_telling([one for one in candidates if len(one.answers) > 1], budget)
