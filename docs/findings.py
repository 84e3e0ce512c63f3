"""Writes docs/findings.md: what was found here beside what others published, from the results of finished runs.

    python docs/findings.py                               # from the runs whose results lie in the repository
    python docs/findings.py runs/my-run runs/another      # from yours; printed, nothing is written

A run is a folder with results.json, and the results of drills in drills/. Of several that measure a finding, the one
that asked most questions counts.
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator
from statsmodels.stats.proportion import proportion_confint

from data.files import write_text
from evaluation.numbers import listed, percent, points_span, share, signed_points, span
from evaluation.results.drill import DrillResults, drills_of
from evaluation.results.file import read_results
from evaluation.results.method import Stale, Style
from evaluation.results.rates import Cell, Rate, Refusal
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder

DOCS = Path(__file__).parent
PAGE, CHART = DOCS / "findings.md", DOCS / "pictures" / "findings.svg"
OWN = (DOCS.parent / "ui" / "sample_run", *sorted(path.parent for path in (DOCS / "findings").glob("*/results.json")))
Sign = Literal["agrees", "disagrees", "open"]


class Published(BaseModel):
    """A sign that others found, and how it is measured here; published.toml explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str
    published: str = ""
    source: str = ""
    why: str = ""
    needs: str = ""
    contrast: tuple[str, str, Literal["right", "wrong"]] | None = None
    of: str = ""
    minus: str = ""
    least: float | None = None
    most: float | None = None
    drill: tuple[str, str, str] | tuple[str, str, str, str] | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> "Published":
        ways = [self.contrast, self.drill, self.of]
        one_rate = bool(self.of and not self.minus) or len(self.drill or ()) == 3
        if sum(bool(way) for way in ways) != (0 if self.needs and not any(ways) else 1):
            raise ValueError(f"{self.claim}: give one measure, or what it needs")
        if one_rate is (self.least is None and self.most is None):
            raise ValueError(f"{self.claim}: one rate has a bound, a difference has none")
        if bool(self.published) is not bool(self.source):
            raise ValueError(f"{self.claim}: a figure has a source")
        return self


@dataclass(frozen=True)
class Run:
    """A finished run with the drills on top of it."""

    name: str
    results: Results
    drills: Mapping[str, DrillResults]


@dataclass(frozen=True)
class Measured:
    """A finding in one run: a difference of shares, or a share with its bound, with a 95 % interval."""

    run: Run
    value: float
    low: float
    high: float
    told: str
    at_least: float = 0.0  # above this, the sign is the published one
    at_most: float | None = None  # below this, where smaller is what was published

    @property
    def sign(self) -> Sign:
        """agrees, or disagrees, where the whole interval says so."""
        bound = self.at_least if self.at_most is None else self.at_most
        above, below = self.low > bound, self.high < bound
        if not above and not below:
            return "open"
        return "agrees" if above is (self.at_most is None) else "disagrees"


def _content() -> dict[str, Any]:
    return tomllib.loads((DOCS / "published.toml").read_text(encoding="utf-8"))


def read_published() -> list[Published]:
    return [Published.model_validate(row) for row in _content()["finding"]]


def read_run(path: Path) -> Run:
    return Run(path.name, read_results(RunFolder(path)), {drill.name: drill for drill in drills_of(path)})


def rate_of(results: Results, path: str) -> Rate | None:
    """The rate at a place below `methods`, such as rag.categories.reversed; None where the run did not measure it."""
    name, *rest = path.split(".")
    found: Any = results.methods.get(name)
    for key in rest:
        found = found.get(key) if isinstance(found, Mapping) else getattr(found, key, None)
    if isinstance(found, Cell):
        found = found.outcomes.right
    elif isinstance(found, Refusal):
        rate, n = found.unanswerable_refused, found.n_unanswerable
        found = Rate(n=n, rate=rate, ci_low=found.ci_low, ci_high=found.ci_high)
    elif isinstance(found, Stale):
        found = Rate(n=found.n, rate=found.rate, ci_low=found.ci_low, ci_high=found.ci_high)
    elif isinstance(found, Style):
        low, high = proportion_confint(round(found.form * found.n), found.n, method="wilson")
        found = Rate(n=found.n, rate=found.form, ci_low=float(low), ci_high=float(high))
    return found if isinstance(found, Rate) and found.rate is not None and found.ci_low is not None else None


def between(one: Rate, other: Rate) -> tuple[float, float, float]:
    """Difference of two rates with an interval from theirs (Newcombe 1998, square and add).

    It takes both as independent, which is too wide where methods answered the same questions alike.
    """
    p, q = one.rate or 0.0, other.rate or 0.0
    low, high = hypot(p - _end(one, 0), _end(other, 1) - q), hypot(_end(one, 1) - p, q - _end(other, 0))
    return p - q, p - q - low, p - q + high


def _end(rate: Rate, which: int) -> float:
    return float((rate.ci_low, rate.ci_high)[which] or 0.0)


def measured(finding: Published, run: Run) -> Measured | None:
    """What a run says of a finding; None where it did not measure it."""
    if finding.contrast:
        return _of_contrast(*finding.contrast, run)
    if finding.drill:
        return _of_drill(finding, *finding.drill[:2], run)
    one = rate_of(run.results, finding.of) if finding.of else None
    if one is None:
        return None
    if finding.minus:
        other = rate_of(run.results, finding.minus)
        return _gap(run, one, other) if other else None
    return _bounded(finding, run, one)


def _bounded(finding: Published, run: Run, one: Rate) -> Measured:
    """A rate beside what it has to reach, or to stay below."""
    told = f"{share(one.rate, one.n)} ({span(one.ci_low, one.ci_high)})"
    return Measured(run, one.rate or 0.0, _end(one, 0), _end(one, 1), told, finding.least or 0.0, finding.most)


def _gap(run: Run, one: Rate, other: Rate) -> Measured:
    value, low, high = between(one, other)
    told = f"{share(one.rate, one.n)} and {share(other.rate, other.n)}: {_points(value, low, high)}"
    return Measured(run, value, low, high, told)


def _points(value: float, low: float, high: float) -> str:
    return f"{signed_points(value)} points ({points_span(low, high)})"


def _of_contrast(a: str, b: str, outcome: str, run: Run) -> Measured | None:
    for row in run.results.contrasts:
        if {row.a, row.b} == {a, b} and (row.outcome, row.category) == (outcome, "overall"):
            low, high = (row.ci_low, row.ci_high) if row.a == a else (-row.ci_high, -row.ci_low)
            value = row.difference if row.a == a else -row.difference
            outcomes = [run.results.methods[name].overall.outcomes for name in (a, b)]
            shares = " and ".join(percent(getattr(one, outcome).rate) for one in outcomes)
            return Measured(run, value, low, high, f"{shares} of {row.n_pairs}: {_points(value, low, high)}")
    return None


def _of_drill(finding: Published, name: str, method: str, run: Run) -> Measured | None:
    """Right answers at one setting of a drill, or at the first setting minus those at the second."""
    drill = run.drills.get(name)
    cells = {point.setting: point.cell for point in drill.points if point.method == method} if drill else {}
    rates = [cell.outcomes.right for setting in (finding.drill or ())[2:] if (cell := cells.get(setting))]
    if len(rates) != len(finding.drill or ()) - 2:
        return None
    return _gap(run, *rates) if len(rates) == 2 else _bounded(finding, run, rates[0])


def found_in(runs: Sequence[Run]) -> list[tuple[Published, Measured | None]]:
    """Each finding with the run that counts for it."""
    ordered = sorted(runs, key=lambda run: -run.results.domain.n_asked)
    return [
        (finding, next((one for run in ordered if (one := measured(finding, run))), None))
        for finding in read_published()
    ]


def page(runs: Sequence[Run]) -> str:
    """The page as Markdown."""
    found = found_in(runs)
    rows = [_row(number, *pair) for number, pair in enumerate(found, 1)]
    about = "\n".join(map(_about, runs))
    frame: str = _content()["page"]
    return frame.format(summary=_summary(found), runs=about, rows="\n".join(rows), differ="\n".join(_explained(found)))


def _summary(found: Sequence[tuple[Published, Measured | None]]) -> str:
    """How many signs agree: of those with a published figure, and of those that follow from what the methods are."""
    parts = []
    for with_figure, what in ((True, "published signs"), (False, "expected signs for which no figure was found")):
        some = [one for finding, one in found if bool(finding.published) is with_figure]
        signs = [one.sign for one in some if one]
        counts = [f"{signs.count(sign)} {word}" for sign, word in WORDS.items() if sign in signs]
        left = f"; {len(some) - len(signs)} are not measured in these runs" if len(signs) < len(some) else ""
        parts.append(f"Of {len(some)} {what}, {listed(counts) if counts else 'none is measured'}{left}.")
    return "\n".join(parts)


WORDS: dict[Sign, str] = {"agrees": "agree", "disagrees": "disagree", "open": "are open"}


def _about(run: Run) -> str:
    known = run.results
    drills = f"; drills: {', '.join(f'{one.name} ({one.size})' for one in run.drills.values())}" if run.drills else ""
    return (
        f"- {run.name}: {known.domain.name}, {known.domain.n_asked:,} questions, {known.model.name}, "
        f"{', '.join(known.methods)}{drills}; {known.run.created[:10]}."
    )


def _row(number: int, finding: Published, one: Measured | None) -> str:
    needs = f"not measured: needs {finding.needs}" if finding.needs else "not measured in these runs"
    here = f"{one.told}; {one.run.name}" if one else needs
    published = f"{finding.published} ({finding.source})" if finding.published else "no figure found"
    return f"| {number} | {finding.claim} | {here} | {published} | {one.sign if one else ''} |"


def _explained(found: Sequence[tuple[Published, Measured | None]]) -> list[str]:
    """Of what was measured, what has another sign, is open, or needs a word."""
    lines = [
        f"- {number}, {one.sign}: {finding.why or 'the interval has room for both signs; more questions would decide.'}"
        for number, (finding, one) in enumerate(found, 1)
        if one and (one.sign != "agrees" or finding.why)
    ]
    return lines or ["Nowhere."]


def chart(found: Sequence[tuple[Published, Measured | None]]) -> Any:
    """Each measured difference in points with its interval, by its sign."""
    import altair as alt
    import pandas as pd

    rows = [
        {"row": number, "points": 100 * one.value, "low": 100 * one.low, "high": 100 * one.high, "sign": one.sign}
        for number, (finding, one) in enumerate(found, 1)
        if one and finding.least is None and finding.most is None
    ]
    scale = alt.Scale(domain=["agrees", "open", "disagrees"], range=["#0083d6", "#8c8c8c", "#d55e00"])
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("row:O", title="row of the table"), color=alt.Color("sign:N", title=None, scale=scale)
    )
    lines = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title="points; above 0 as published"), x2="high:Q")
    shape = alt.Shape("sign:N", title=None, scale=alt.Scale(domain=scale.domain, range=["circle", "square", "cross"]))
    dots = base.mark_point(size=60, filled=True, opacity=1).encode(x="points:Q", shape=shape)
    zero = alt.Chart(pd.DataFrame({"at": [0]})).mark_rule(color="#444444").encode(x="at:Q")
    return alt.layer(zero, lines, dots).properties(width=560, height=alt.Step(18), background="white")


def main() -> None:
    given = [Path(argument) for argument in sys.argv[1:]]
    runs = [read_run(path) for path in given or OWN]
    if given:
        print(page(runs))
        return
    write_text(PAGE, page(runs))
    chart(found_in(runs)).save(CHART)
    print(f"{PAGE}, {CHART}")


if __name__ == "__main__":
    main()
