"""Writes docs/roads.md: training beside inference, and the ways beside each other, each cell a number from results.

    python docs/roads.py        # from the runs whose results lie in the repository

A cell is read from the file that its row names; what was not measured is n/a, never a number.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from data.files import write_text
from evaluation.numbers import about, duration, percent, price, seconds, share
from evaluation.results.drill import DrillPoint, DrillResults, drills_of
from evaluation.results.file import read_results
from evaluation.results.method import MethodResults
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder

DOCS = Path(__file__).parent
PAGE = DOCS / "roads.md"
SAMPLE, STANDARD, DRILLS = (
    DOCS.parent / "ui" / "sample_run",
    DOCS / "findings" / "standard",
    DOCS / "findings" / "drills",
)
WAYS = ("inject", "rag", "lora", "lora+rag")
UPDATES = {
    "inject": ["taken in"],
    "rag": ["taken in"],
    "lora": ["trained anew", "trained on"],
    "lora+rag": ["taken in"],
}
Cell = Callable[[str], str]
Row = tuple[str, Cell, str]


@cache
def _results(path: Path) -> Results:
    return read_results(RunFolder(path))


@cache
def _drills(path: Path) -> dict[str, DrillResults]:
    return {drill.name: drill for drill in drills_of(path)}


def _of(path: Path, tell: Callable[[MethodResults], str]) -> Cell:
    """A cell of each method; n/a where the run left the method out."""

    def cell(method: str) -> str:
        found = _results(path).methods.get(method)
        return tell(found) if found else "n/a: not in this run"

    return cell


def _point(method: str, setting: str) -> DrillPoint | None:
    points = _drills(DRILLS)["freshness"].points
    return next((one for one in points if (one.method, one.setting) == (method, setting)), None)


def _change(method: str) -> str:
    """Seconds until a changed fact is taken in, then new and old values given; each way that a method has."""
    told = []
    for way in UPDATES[method]:
        point = _point(method, f"{way}: changed facts")
        if point is None or point.cell is None:
            told.append(f"{way}: n/a")
            continue
        new, old = point.cell.outcomes.right, point.figures["old value"]
        took = seconds(point.figures["s / change"])
        told.append(f"{way}, {took}: {share(new.rate, new.n)} new, {percent(old)} old")
    return "; ".join(told)


def _kept(found: MethodResults) -> str:
    if found.retention is None:
        return "all: its weights are the base's" if not found.weights.trained_parameters else "n/a"
    kept = found.retention.kept
    return share(kept.rate, kept.n)


def _where(found: MethodResults) -> str:
    parts = []
    if found.weights.trained_parameters:
        parts.append(f"{about(found.weights.trained_parameters)} trained numbers")
    if found.context == "search":
        parts.append(f"index of {found.preparation.passages} passages")
    if found.context == "all":
        parts.append(f"{found.usage.prefix_tokens:,} tokens in every prompt")
    return ", ".join(parts)


def _year(method: str) -> str:
    cost = _results(SAMPLE).costs.methods[method]
    wordings = f", of it {price(cost.assumed, 'USD')} for wordings by hand" if cost.assumed else ""
    return f"{price(cost.total, 'USD')}{wordings}"


WAYS_ROWS: Sequence[Row] = (
    ("where the knowledge lies", _of(SAMPLE, _where), "sample_run"),
    (
        "right answers, profile smoke",
        _of(SAMPLE, lambda m: share(m.overall.outcomes.right.rate, m.overall.n)),
        "sample_run",
    ),
    ("wrong answers", _of(SAMPLE, lambda m: share(m.overall.outcomes.wrong.rate, m.overall.n)), "sample_run"),
    (
        "right answers, profile standard",
        _of(STANDARD, lambda m: share(m.overall.outcomes.right.rate, m.overall.n)),
        "standard",
    ),
    (
        "refused of what nothing answers",
        _of(STANDARD, lambda m: share(m.refusal.unanswerable_refused, m.refusal.n_unanswerable)),
        "standard",
    ),
    ("house form", _of(STANDARD, lambda m: share(m.style.form, m.style.n) if m.style else "n/a"), "standard"),
    ("of what the base knew, kept", _of(STANDARD, _kept), "standard"),
    ("to set up", _of(SAMPLE, lambda m: duration(m.cost.prepare_s)), "sample_run"),
    ("for an answer", _of(SAMPLE, lambda m: seconds(m.cost.per_query_s)), "sample_run"),
    ("tokens of a prompt", _of(SAMPLE, lambda m: f"{m.tokens.prompt:,.0f}"), "sample_run"),
    ("on disk", _of(SAMPLE, lambda m: f"{m.disk_bytes / 1e6:.2g} MB" if m.disk_bytes else "nothing"), "sample_run"),
    ("first year, 10,000 questions a month (assumed prices)", _year, "sample_run"),
    ("a fact changes (one of five; a training takes in all five at once)", _change, "drills/freshness"),
)


def _trained(tell: Callable[[MethodResults], str]) -> str:
    return tell(_results(SAMPLE).methods["lora"])


def _worth() -> str:
    """Questions whose answers take as many operations as the training did."""
    usage = _results(SAMPLE).methods["lora"].usage
    return about(usage.training_operations / usage.operations) if usage.operations else "n/a"


def _wait(method: str, how: str) -> str:
    """p95 of the wait when twelve questions come at once."""
    for point in _drills(DRILLS)["traffic"].points:
        if (point.method, point.setting) == (method, how):
            return seconds(point.figures["p95, all at once"])
    return "n/a"


def _unchanged(method: str) -> str:
    weights = _results(SAMPLE).methods[method].weights
    same = weights.fingerprint_before == weights.fingerprint_after
    return f"{weights.fingerprint_after[:8]} before and after" if same else "they have moved"


def _steps() -> Sequence[tuple[str, str, Cell, str]]:
    """Rows of the other table: training, then an answer of rag and of lora."""
    parameters = _results(SAMPLE).model.parameters
    asked = _results(SAMPLE).domain.n_asked
    return (
        (
            "numbers that change",
            _trained(lambda m: f"{m.weights.trained_parameters:,} beside {parameters:,} frozen ones"),
            lambda _: "0",
            "sample_run",
        ),
        ("fingerprint of the base", _unchanged("lora"), _unchanged, "sample_run"),
        (
            "how often",
            _trained(
                lambda m: f"once, {m.training.steps} steps over {m.training.examples} examples" if m.training else "n/a"
            ),
            lambda _: f"each question, {asked} here",
            "sample_run",
        ),
        (
            "tokens",
            _trained(
                lambda m: f"{m.usage.training_tokens:,} read, {m.training.labels:,} learnt" if m.training else "n/a"
            ),
            _of(SAMPLE, lambda m: f"{m.tokens.prompt:,.0f} in the prompt, {m.tokens.completion:.1f} written"),
            "sample_run",
        ),
        (
            "operations",
            _trained(lambda m: f"{m.usage.training_operations:.1e}, as {_worth()} answers of lora"),
            _of(SAMPLE, lambda m: f"{m.usage.operations:.1e}"),
            "sample_run",
        ),
        (
            "time",
            _trained(lambda m: duration(m.training.calibrated_s) if m.training else "n/a"),
            _of(SAMPLE, lambda m: seconds(m.cost.per_query_s)),
            "sample_run",
        ),
        (
            "computing (assumed price)",
            _trained(lambda m: f"${m.cost.prepare_usd:.2g}"),
            _of(SAMPLE, lambda m: f"{price(1e6 * m.cost.per_query_usd, 'USD')} for a million"),
            "sample_run",
        ),
        *(
            (
                f"12 questions at once, p95 of the wait, {how}",
                "n/a",
                lambda method, how=how: _wait(method, how),
                "drills/traffic",
            )
            for how in ("one at a time, nothing cached", "prefix cached", "batches", "8-bit weights")
        ),
        (
            "when a fact changes (one of five; a training takes in all five at once)",
            _change("lora"),
            lambda method: _change("rag") if method == "rag" else "nothing: what it knows is in the weights",
            "drills/freshness",
        ),
    )


FILES = {
    "sample_run": "../ui/sample_run/results.json",
    "standard": "findings/standard/results.json",
    "drills/freshness": "findings/drills/drills/freshness.json",
    "drills/traffic": "findings/drills/drills/traffic.json",
}

FRAME = """\
# Training and inference, and the ways, in figures

`python docs/roads.py` makes this page from results that lie in the repository; each row names its file. All figures
are of `{model}`, the sample domain and two processor cores. With another model or other documents they differ: `make
demo`, `trivium drill freshness` and `trivium drill traffic` measure yours. Intervals are in the files and on [what
was found](findings.md). Rows of `standard` and of drills are of a training that was kept out of nothing (`--spare 0
--rehearsal 0`), those of `sample_run` of today's default.

## Training and inference

| | training (lora) | an answer, rag | an answer, lora | file |
| --- | --- | --- | --- | --- |
{steps}

Training moves numbers, once; an answer reads numbers that stay as they are, and what stood in its prompt is forgotten
when it ends. Caching, batches and smaller weights make answers cheaper; they do not teach anything.

## The ways

| | {heads} | file |
| --- | --- | --- | --- | --- | --- |
{ways}
"""


def _link(name: str) -> str:
    return f"[{name}]({FILES[name]})"


def page() -> str:
    """The page as Markdown."""
    ways = [f"| {what} | {' | '.join(map(cell, WAYS))} | {_link(file)} |" for what, cell, file in WAYS_ROWS]
    steps = [
        f"| {what} | {once} | {each('rag')} | {each('lora')} | {_link(file)} |" for what, once, each, file in _steps()
    ]
    return FRAME.format(
        steps="\n".join(steps), heads=" | ".join(WAYS), ways="\n".join(ways), model=_results(SAMPLE).model.name
    )


def main() -> None:
    write_text(PAGE, page())
    print(PAGE)


if __name__ == "__main__":
    main()
