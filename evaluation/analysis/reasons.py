"""Why the recommended method is ahead, in three sentences at most, each with the answers behind it; and caveats."""

from collections.abc import Iterator, Mapping, Sequence

from evaluation.analysis.causes import Cause
from evaluation.analysis.choice import Case, Choice
from evaluation.analysis.headline import rate, runner_up, told
from evaluation.numbers import percent, share
from evaluation.results.method import MethodResults
from evaluation.results.rates import Cell, Refusal
from evaluation.results.verdict import Behind, Reason
from evaluation.words import kind_words

MOST = 3
Methods = Mapping[str, MethodResults]


def why(case: Case, choice: Choice) -> list[Reason]:
    """The most telling sentences: what decided, what limits the method, what training brings, what is made up."""
    if choice.state in ("audit failed", "nothing to compare", "too few facts"):
        return []
    first = choice.recommended or case.ranking[0]
    second = runner_up(case, choice)
    makers = (_errors(case, first, second), _reading(case, first), _training(case), _made_up(case, first, second))
    return [reason for maker in makers for reason in maker][:MOST]


def _errors(case: Case, first: str, second: str | None) -> Iterator[Reason]:
    """What the two methods do where they are not right: say "unknown", or answer wrongly."""
    if second is None:
        return
    unknown, wrong = told(case, [first, second], "unknown", each=True), told(case, [first, second], "wrong", each=True)
    more = first if rate(case, first, "unknown") >= rate(case, second, "unknown") else second
    less = second if more == first else first
    if abs(rate(case, first, "unknown") - rate(case, second, "unknown")) >= 0.1:
        yield Reason(
            text=f"Where {more} does not know, it tends to say “unknown”; {less} answers anyway: {first} and {second} "
            f"say “unknown” {unknown} times and answer wrongly {wrong} times.",
            behind=Behind(methods=[less], outcome="wrong"),
        )
        return
    yield Reason(
        text=f"{first} and {second} answer wrongly {wrong} times and say “unknown” {unknown} times.",
        behind=Behind(methods=[first, second], outcome="wrong"),
    )


def _reading(case: Case, name: str) -> Iterator[Reason]:
    """Whether finding or reading loses more, for a method that reads passages."""
    split = case.methods[name].decomposition
    if split is None or split.use_given_hit is None:
        return
    lost_finding, lost_reading = 1 - split.recall, split.recall * (1 - split.use_given_hit)
    causes = case.methods[name].causes
    if lost_reading >= lost_finding:
        limit = "Reading is the limit"
        cause = max((Cause.GIVEN_NOT_USED, Cause.REFUSED_ANSWERABLE), key=lambda cause: causes.get(cause, 0))
    else:
        limit, cause = "Finding is the limit", Cause.NOT_RETRIEVED
        if not causes.get(cause):
            cause = Cause.NOT_IN_WINDOW
    yield Reason(
        text=f"{limit}: the prompt of {name} holds what is needed for {percent(split.recall)} of the questions, and "
        f"{percent(split.use_given_hit)} of those it answers right.",
        behind=Behind(methods=[name], cause=str(cause)),
    )


def _training(case: Case) -> Iterator[Reason]:
    """What training brings for facts that it taught, and for others."""
    for name in case.ranking:
        method = case.methods[name]
        taught, rest = method.categories.get("paraphrased"), method.categories.get("held_out")
        if not method.adapted or taught is None or rest is None or None in (taught.accuracy, rest.accuracy):
            continue
        helps = (taught.accuracy or 0.0) - (rest.accuracy or 0.0) > 0.1
        brings = "Training helps only where it taught" if helps else "What was trained makes no difference"
        yield Reason(
            text=f"{brings}: {name} answers {percent(taught.accuracy)} of the facts it was taught and "
            f"{percent(rest.accuracy)} of the others.",
            behind=Behind(methods=[name], category="held_out"),
        )
        return


def _made_up(case: Case, first: str, second: str | None) -> Iterator[Reason]:
    """Answers to questions that no document answers."""
    names = [name for name in (first, second) if name and case.methods[name].refusal.n_unanswerable]
    if not names:
        return
    n = case.methods[names[0]].refusal.n_unanswerable
    made = [round(n * (1 - (case.methods[name].refusal.unanswerable_refused or 0.0))) for name in names]
    each = " and ".join(f"{name} {count}" for name, count in zip(names, made, strict=True))
    yield Reason(
        text=f"Of {n} questions that no document answers, {each} got an answer all the same.",
        behind=Behind(methods=names, category="unanswerable", outcome="wrong"),
    )


def caveats(case: Case, choice: Choice) -> list[str]:
    """Where another method is clearly better than the recommended one, and where that one is weak."""
    best = choice.recommended
    if best is None:
        return []
    behind = _clearly_behind(case, best, [name for name in case.ranking if name != best])
    weak = _weak(case.methods, best)
    found = [f"Another method is clearly better than {best} on: {', '.join(behind)}."] if behind else []
    return found + ([f"{best} is weak on: {', '.join(weak)}."] if weak else [])


def _clearly_behind(case: Case, best: str, names: Sequence[str]) -> list[str]:
    """Categories in which another candidate is clearly better than the best one.

    The intervals do not meet; where the difference was tested, the test says so too.
    """

    def cells(name: str) -> dict[str, Cell | Refusal]:
        return {**case.methods[name].categories, "refusing": case.methods[name].refusal}

    def ahead(name: str, kind: str, high: float) -> bool:
        cell, tested = cells(name).get(kind), case.lead(name, best, "right", kind)
        return cell is not None and (cell.ci_low or 0) > high and (tested is None or tested.more)

    return [
        "refusing the unanswerable" if kind == "refusing" else kind_words(kind)
        for kind, cell in cells(best).items()
        if cell.ci_high is not None and any(ahead(name, kind, cell.ci_high) for name in names)
    ]


def _weak(methods: Methods, best: str) -> list[str]:
    """Categories in which a method answers less than half of what it answers overall, and surely less than that."""
    overall = methods[best].overall.accuracy or 0.0
    return [
        f"{kind_words(kind)} ({share(cell.accuracy, cell.n)})"
        for kind, cell in methods[best].categories.items()
        if cell.accuracy is not None and cell.accuracy < overall / 2 and (cell.ci_high or 0) < overall
    ]
