"""How much has training to be shown (wordings, passes, rank, pairs or text, both directions), and what does it forget?

One thing differs from a common course. Fewer wordings are shown more often, so that all but the passes themselves have
about as many steps. More wordings: Allen-Zhu and Li 2023 (arXiv 2309.14316); rank: Biderman et al. 2024 (arXiv
2405.09673); direction: Berglund et al. 2023 (arXiv 2309.12288).
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from data.errors import Incapable
from data.schema import Category, Question
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found, capital, outcomes_table, right, told
from evaluation.drills.measured import Measured, Point, Work
from evaluation.drills.teaching import EPOCHS, Course, asked_of, course, described, snapshots, steps_of, with_adapter
from evaluation.results.drill import Curve, CurvePoint, DrillTable
from evaluation.run.material import Source
from evaluation.run.registry import example_of
from evaluation.run.retention import TEMPLATE, general_questions

GENERAL = {"smoke": 30, "full": None}  # questions of general knowledge
COURSE = "the course"
TAUGHT, KNOWN, TURNED = "taught facts", "general knowledge", "asked in reverse"
UNTRAINED, TRAINED = example_of("none"), example_of("none", adapted=True)


@dataclass(frozen=True)
class Variant:
    """What differs from the course."""

    name: str
    changes: dict[str, Any] = field(default_factory=dict)  # of the recipe
    wordings: int | None = None  # of a fact, at most
    passes: float = 1.0  # times as many epochs
    source: Source | None = None
    both_ways: bool = False
    in_smoke: bool = False


VARIANTS = (
    Variant(COURSE, in_smoke=True),
    Variant("1 wording", wordings=1, in_smoke=True),
    Variant("2 wordings", wordings=2),
    Variant("4 wordings", wordings=4),
    Variant("a sixth of the epochs", passes=1 / 6, in_smoke=True),
    Variant("a third of the epochs", passes=1 / 3),
    Variant("rank 4", {"rank": 4}, in_smoke=True),
    Variant("rank 64", {"rank": 64}),
    Variant("no passages read in training", {"reading": 0}),
    Variant("the documents' text", source="documents"),
    Variant("both directions", both_ways=True),
)


class Exposures(Drill):
    """Trainings that differ in one thing: what each has learned, and what it has forgotten."""

    name: ClassVar[str] = "exposures"
    title: ClassVar[str] = "Exposures"

    def points(self, bench: Bench) -> list[Point]:
        course(bench)  # or why there can be none
        for name in bench.methods:
            if name not in (UNTRAINED, TRAINED):
                bench.leave_out(name, f"it has no training of its own, or the same as {TRAINED}")
        found = [Point(UNTRAINED, f"{kind}: untrained", None, {"kind": kind}, Work(answers=len(asked)))
                 for kind in (TAUGHT, KNOWN, TURNED) if (asked := self._asked(bench, kind))]  # fmt: skip
        for variant in VARIANTS:
            if (bench.size == "smoke" and not variant.in_smoke) or not self._differs(bench, variant):
                continue
            taught = _variant(bench, variant)
            for kind in (TAUGHT, KNOWN, TURNED):
                if asked := self._asked(bench, kind):
                    steps = steps_of(len(taught.questions), taught.recipe) if kind == TAUGHT else 0
                    given = {"kind": kind, "variant": variant.name}
                    found.append(Point(TRAINED, f"{kind}: {variant.name}", None, given,
                                       Work(answers=len(asked), steps=steps)))  # fmt: skip
        return found

    def settings(self, bench: Bench) -> dict[str, str | int | float | None]:
        return {"questions": bench.many, "epochs": EPOCHS[bench.size], **described(course(bench))}

    def _asked(self, bench: Bench, kind: str) -> list[Question]:
        if kind == KNOWN:
            return general_questions(bench.settings.model_copy(update={"general": GENERAL[bench.size]}))
        if kind == TAUGHT:
            return asked_of(course(bench), bench)
        facts = course(bench).facts if bench.size == "full" else frozenset()
        own = [q for q in bench.domain.split("test") if q.category is Category.REVERSED and q.fact_id in facts]
        return own[: bench.many]

    def _differs(self, bench: Bench, variant: Variant) -> bool:
        """Whether the domain has what makes a variant another training than the course."""
        whole = course(bench)
        if variant.wordings:
            return len(_fewer(whole.questions, variant.wordings)) < len(whole.questions)
        return not variant.both_ways or bool(_reversed(bench, whole))

    def measure(self, bench: Bench, point: Point) -> Measured:
        kind = point.given["kind"]
        questions, template = self._asked(bench, kind), TEMPLATE if kind == KNOWN else None
        if point.method == UNTRAINED:
            return Measured(bench.ask(UNTRAINED, questions, template=template))
        variant = next(one for one in VARIANTS if one.name == point.given["variant"])
        taught = _variant(bench, variant)
        last = taught.recipe.epochs or 1
        at, name = ((last,), _slug(variant.name)) if variant.name != COURSE else ((EPOCHS[bench.size],), "course")
        adapter = snapshots(bench, taught, at, name)[at[-1]]
        with with_adapter(bench, adapter):
            replies = bench.ask(UNTRAINED, questions, template=template, weights=nullcontext())
        figures = {"s to train": adapter.training["seconds"], "steps": float(adapter.training["steps"])}
        return Measured(replies, figures)

    def tables(self, found: Found) -> list[DrillTable]:
        note = f"{COURSE}: all wordings of its facts, in the run's recipe. General knowledge has nothing to do with it."
        return [outcomes_table(found, self.title, ("steps", "s to train"), note)]

    def curves(self, found: Found) -> list[Curve]:
        dots = [
            CurvePoint(series=kind, x=setting, y=p.cell.accuracy, low=p.cell.ci_low, high=p.cell.ci_high)
            for p in found.points
            if p.cell and p.cell.accuracy is not None
            for kind, _, setting in [p.setting.partition(": ")]
        ]
        return [Curve(title="Learned and kept", x="training", y="answered correctly", points=dots)]

    def sentences(self, found: Found) -> list[str]:
        names = [p.setting.partition(": ")[2] for p in found.of(TRAINED) if p.setting.startswith(TAUGHT)]
        pairs = [((TRAINED, f"{kind}: {name}"), _against(kind, name)) for name in names for kind in (TAUGHT, KNOWN)]
        tested = dict(zip([one[1] for one, _ in pairs], found.differences(pairs), strict=True))
        out = []
        for name in names:
            other = "before training" if name == COURSE else f"after {COURSE}"
            learned, kept = (f"{kind}: {name}" for kind in (TAUGHT, KNOWN))
            out.append(
                f"{capital(name)}: {right(found.point(TRAINED, learned))} of what was taught, against "
                f"{right(found.point(*_against(TAUGHT, name)))} {other}{told(tested[learned])}; general knowledge "
                f"{right(found.point(TRAINED, kept))} against {right(found.point(*_against(KNOWN, name)))}"
                f"{told(tested[kept])}."
            )
        return out


def _against(kind: str, name: str) -> tuple[str, str]:
    """What a variant is compared with: the course; and that with the untrained model."""
    return (UNTRAINED, f"{kind}: untrained") if name == COURSE else (TRAINED, f"{kind}: {COURSE}")


def _variant(bench: Bench, variant: Variant) -> Course:
    """The course with one thing changed.

    Raises:
        Incapable: there is nothing to train on.
    """
    whole = course(bench, **variant.changes)
    questions = list(whole.questions)
    if variant.wordings:
        questions = _fewer(questions, variant.wordings)
    if variant.both_ways:
        questions += _reversed(bench, whole)
    if not questions:
        raise Incapable("the run taught no fact that it asks in other words.")
    more = len(whole.questions) / len(questions) if variant.wordings else variant.passes
    epochs = max(1, round(EPOCHS[bench.size] * more))
    recipe = whole.recipe.model_copy(update={"epochs": epochs})
    return replace(whole, questions=questions, recipe=recipe, source=variant.source)


def _fewer(questions: Sequence[Question], most: int) -> list[Question]:
    """At most so many wordings of each fact; those without an answer stay."""
    seen: dict[str, int] = {}
    kept = []
    for question in questions:
        seen[question.fact_id] = seen.get(question.fact_id, 0) + question.answerable
        if seen[question.fact_id] <= most:
            kept.append(question)
    return kept


def _reversed(bench: Bench, whole: Course) -> list[Question]:
    return [q for q in bench.domain.split("train") if q.category is Category.REVERSED and q.fact_id in whole.facts]


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)
