"""Two runs paired by question: what was gained, what was lost, and whether the difference is more than chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import TriviumError
from data.schema import Question
from evaluation.analysis.simultaneous import Difference, Pairs, simultaneous
from evaluation.grading.rules import GradeName
from evaluation.results.file import read_results
from evaluation.results.section import Section
from evaluation.run.folder import RunFolder
from evaluation.run.identity import changes
from evaluation.run.registry import seed_of

_SAME = ("model", "profile", "seed", "top_k", "chunk_tokens", "embedder", "sampling", "training")


class Flip(Section):
    """A question answered right in one run and not in the other."""

    question_id: str
    question: str
    accepted: str
    before: str
    after: str


class MethodComparison(Section):
    """One method in both runs, over the answerable questions that both asked."""

    n_pairs: int
    n_facts: int
    accuracy_before: float
    accuracy_after: float
    difference: float
    ci_low: float
    ci_high: float
    minimum_detectable: float
    gained: list[Flip]
    lost: list[Flip]
    unpaired: int  # questions that only one of the runs asked, or that nothing could grade in one

    @property
    def unsure(self) -> bool:
        """Whether the interval of the difference contains 0."""
        return self.ci_low <= 0 <= self.ci_high


class Comparison(Section):
    """Two runs, paired by question."""

    before: str
    after: str
    settings_changed: dict[str, tuple[Any, Any]]
    inputs_changed: list[str]  # model, documents, questions that are others, a phrase each
    methods: dict[str, MethodComparison]


@dataclass(frozen=True)
class _Run:
    questions: Mapping[str, Question]
    answers: Mapping[tuple[str, str], str]  # by method and question
    right: Mapping[tuple[str, str], bool]


def _read(folder: RunFolder) -> _Run:
    """Main answers of the first training seed, with whether each was right; what was not graded is left out."""
    seed, questions, given = int(folder.record()["settings"]["seed"]), folder.questions(), folder.answers()

    def counts(method: str, phase: str, of: int) -> bool:
        return phase == "main" and of == seed_of(method, seed)

    answers = {(a.method, a.question_id): a.answer for a in given if counts(a.method, a.phase, a.seed)}
    right = {}
    for (method, of, phase, asked), row in folder.scores(given).items():
        if counts(method, phase, of) and row["grade"] != GradeName.UNSCORED:
            wanted = GradeName.CORRECT if questions[asked].answerable else GradeName.ABSTAINED
            right[method, asked] = row["grade"] == wanted
    return _Run(questions, answers, right)


def _flips(method: str, ids: list[str], a: _Run, b: _Run, gained: bool) -> list[Flip]:
    return [
        Flip(
            question_id=i, question=b.questions[i].question,
            accepted=" | ".join(b.questions[i].answers) or "(none: unanswerable)",
            before=a.answers[method, i], after=b.answers[method, i],
        )
        for i in ids
        if b.right[method, i] is gained and a.right[method, i] is not gained
    ]  # fmt: skip


@dataclass(frozen=True)
class _Shared:
    """What both runs asked of a method: all questions, and of the answerable ones whether each was right."""

    ids: list[str]
    pairs: Pairs  # after and before
    unpaired: int


def _shared(method: str, a: _Run, b: _Run) -> _Shared | None:
    ids = [
        i
        for (name, i) in b.right
        if name == method
        and (method, i) in a.right
        and (a.questions[i].question, a.questions[i].answers) == (b.questions[i].question, b.questions[i].answers)
    ]
    asked = [i for i in ids if b.questions[i].answerable]
    after, before = [b.right[method, i] for i in asked], [a.right[method, i] for i in asked]
    unpaired = sum(name == method for name, _ in {*a.right, *b.right}) - len(ids)
    return _Shared(ids, Pairs(after, before, [b.questions[i].fact_id for i in asked]), unpaired) if asked else None


def _compared(method: str, shared: _Shared, found: Difference, a: _Run, b: _Run) -> MethodComparison:
    after, before = shared.pairs.a, shared.pairs.b
    return MethodComparison(
        n_pairs=found.n_pairs,
        n_facts=found.n_facts,
        accuracy_before=sum(before) / len(before),
        accuracy_after=sum(after) / len(after),
        difference=found.difference,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        minimum_detectable=found.minimum_detectable,
        gained=_flips(method, shared.ids, a, b, True),
        lost=_flips(method, shared.ids, a, b, False),
        unpaired=shared.unpaired,
    )


def compare_runs(before: RunFolder, after: RunFolder) -> Comparison:
    """Per method: accuracies over the shared answerable questions, paired difference, flips both ways.

    The methods are one family: the intervals of all hold together.

    Raises:
        TriviumError: a run is not finished, the runs share no method and question, or were graded by different rules.
    """
    earlier, later = read_results(before), read_results(after)
    if earlier.grader.rules != later.grader.rules:
        raise TriviumError(
            f"{before.path} and {after.path}: graded by different rules, so their grades cannot be compared. `trivium "
            "score RUN` grades a run again by the rules of today; do it for both."
        )
    with before.in_form():
        a = _read(before)
    with after.in_form():
        b = _read(after)
    names = [name for name in later.methods if name in earlier.methods]
    shared = {name: found for name in names if (found := _shared(name, a, b))}
    if not shared:
        raise TriviumError(f"{before.path} and {after.path}: no method answered the same question in both.")
    differences = simultaneous([one.pairs for one in shared.values()], seed=0)
    methods = {
        name: _compared(name, one, row, a, b) for (name, one), row in zip(shared.items(), differences, strict=True)
    }
    old, new = before.record(), after.record()
    pairs = {key: (old["settings"].get(key), new["settings"].get(key)) for key in _SAME}
    return Comparison(
        before=str(before.path),
        after=str(after.path),
        settings_changed={key: pair for key, pair in pairs.items() if pair[0] != pair[1]},
        inputs_changed=list(changes(old.get("identity") or {}, new.get("identity") or {})),
        methods=methods,
    )
