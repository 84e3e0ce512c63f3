"""What the points of a drill say together: tables, curves, and differences that were tested as one family."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from evaluation.analysis.simultaneous import Difference, Pairs, simultaneous
from evaluation.drills.measured import Reply
from evaluation.grading.rules import GradeName
from evaluation.numbers import points_span, seconds, share, signed_points, span
from evaluation.results.drill import Curve, CurvePoint, DrillPoint, DrillTable
from evaluation.run.registry import label

Key = tuple[str, str]  # method, setting


@dataclass(frozen=True)
class Found:
    """All points of a drill with the answers behind them."""

    points: Sequence[DrillPoint]
    replies: dict[Key, Sequence[Reply]] = field(default_factory=dict)
    seed: int = 0

    @property
    def methods(self) -> list[str]:
        return list(dict.fromkeys(point.method for point in self.points))

    def of(self, method: str) -> list[DrillPoint]:
        """The points of a method that were measured, in order."""
        return [point for point in self.points if point.method == method and point.source == "measured"]

    def point(self, method: str, setting: str) -> DrillPoint | None:
        return next((point for point in self.of(method) if point.setting == setting), None)

    def figure(self, method: str, setting: str, name: str) -> float | None:
        found = self.point(method, setting)
        return found.figures.get(name) if found else None

    def differences(self, pairs: Sequence[tuple[Key, Key]]) -> list[Difference | None]:
        """Share right of the first minus that of the second of each pair, over the questions that both were asked.

        All pairs are one family: their intervals hold together. None where a pair has no question in common.
        """
        made = [self._pairs(*pair) for pair in pairs]
        tested = iter(simultaneous([one for one in made if one], self.seed))
        return [next(tested) if one else None for one in made]

    def _pairs(self, one: Key, other: Key) -> Pairs | None:
        """By question; several answers to one question, as many on both sides, are paired in their order."""
        a, b = (_by_question(self.replies.get(key, ())) for key in (one, other))
        rows = [(x, y, q) for q in a for x, y in zip(a[q], b.get(q, ()), strict=False)]
        if not rows:
            return None
        facts = {reply.question.id: reply.question.fact_id for reply in self.replies[one]}
        return Pairs([x for x, _, _ in rows], [y for _, y, _ in rows], [facts[q] for _, _, q in rows])

    def changes(self) -> list[str]:
        """A sentence for each method: right answers at its last setting against its first."""
        ends = {name: [p for p in self.of(name) if p.cell and p.cell.scored] for name in self.methods}
        ends = {name: [points[0], points[-1]] for name, points in ends.items() if len(points) > 1}
        pairs = [((name, last.setting), (name, first.setting)) for name, (first, last) in ends.items()]
        found = dict(zip(ends, self.differences(pairs), strict=True))
        return [
            f"{capital(label(name))}: {right(first)} right with {first.setting}, {right(last)} with {last.setting}"
            f"{told(found[name])}; wrong answers {_wrong(first)} and {_wrong(last)}."
            for name, (first, last) in ends.items()
        ]


def _by_question(replies: Sequence[Reply]) -> dict[str, list[bool]]:
    out: dict[str, list[bool]] = {}
    for reply in replies:
        if reply.grade is not GradeName.UNSCORED:
            out.setdefault(reply.question.id, []).append(reply.right)
    return out


def capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def right(point: DrillPoint | None) -> str:
    """Right answers with their denominator; n/a where there are none."""
    return share(point.cell.accuracy, point.cell.scored) if point and point.cell else "n/a"


def _wrong(point: DrillPoint) -> int:
    return point.cell.wrong if point.cell else 0


def told(difference: Difference | None) -> str:
    """A difference behind a sentence: its points, interval, and whether it is more than chance."""
    if difference is None:
        return ""
    if difference.difference == 0:
        return f": no difference ({points_span(difference.ci_low, difference.ci_high)} points)"
    sure = "" if difference.ahead else ", which may be chance"
    return (
        f": {signed_points(difference.difference)} points "
        f"({points_span(difference.ci_low, difference.ci_high)}){sure}"
    )  # fmt: skip


def outcomes_table(found: Found, title: str, figures: Sequence[str] = (), note: str = "") -> DrillTable:
    """A row a point: right with its interval, unknown, wrong, seconds an answer, and figures."""
    heads = ["method", "setting", "right", "95% interval", "unknown", "wrong", "s / answer", *figures]
    rows = []
    for point in found.points:
        cell, replies = point.cell, found.replies.get((point.method, point.setting), ())
        counts = [right(point), span(cell.ci_low, cell.ci_high), str(cell.abstained), str(cell.wrong)] if cell else [
            "n/a"] * 4  # fmt: skip
        each = sum(reply.seconds for reply in replies) / len(replies) if replies else None
        more = [number(point.figures.get(name)) for name in figures]
        rows.append([point.method, point.setting, *counts, seconds(each), *more])
    return DrillTable(title=title, heads=heads, rows=rows, note=note)


def number(value: float | None) -> str:
    """A figure in three digits."""
    return "n/a" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def accuracy_curve(found: Found, title: str, x: str) -> Curve:
    """Share right of each method, by setting."""
    dots = [
        CurvePoint(
            series=point.method, x=point.setting if point.x is None else point.x, y=point.cell.accuracy,
            low=point.cell.ci_low, high=point.cell.ci_high, projected=point.source == "projected",
        )
        for point in found.points
        if point.cell and point.cell.accuracy is not None
    ]  # fmt: skip
    if any(isinstance(dot.x, str) for dot in dots):  # a scale of names, or of numbers: never of both
        dots = [dot.model_copy(update={"x": str(dot.x)}) for dot in dots]
    return Curve(title=title, x=x, y="answered correctly", points=dots)


def figure_curve(
    found: Found, name: str, title: str, x: str, log_x: bool = False, log_y: bool = False, percent: bool = False
) -> Curve:
    """A figure of each method, by setting."""
    dots = [
        CurvePoint(series=p.method, x=p.setting if p.x is None else p.x, y=y, projected=p.source == "projected")
        for p in found.points
        if (y := p.figures.get(name)) is not None and (not log_y or y > 0)
    ]
    return Curve(title=title, x=x, y=name, points=dots, log_x=log_x, log_y=log_y, percent=percent)
