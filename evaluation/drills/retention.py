"""What does training break, epoch by epoch (general knowledge, refusals, plain text), and what is learned for it?

One training, of which the adapter is kept after some epochs. Known facts that are lost while new ones are learned:
Gekhman et al. 2024 (arXiv 2405.05904); refusals that collapse: Pletenev et al. 2025 (arXiv 2502.14502).
"""

from contextlib import nullcontext
from math import exp
from typing import ClassVar

from data.schema import Question
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found, capital, figure_curve, outcomes_table, right, told
from evaluation.drills.measured import Measured, Point, Work
from evaluation.drills.teaching import asked_of, course, described, snapshots, steps_of, with_adapter
from evaluation.grading.rules import GradeName
from evaluation.numbers import share
from evaluation.results.drill import Curve, CurvePoint, DrillTable
from evaluation.run.registry import example_of, label
from evaluation.run.retention import TEMPLATE, general_questions, neutral_loss

AT = {"smoke": (1, 3, 6), "full": (1, 2, 4, 6, 10, 15, 20)}  # epochs; the last is that of the whole training
GENERAL = {"smoke": 30, "full": None}  # questions of general knowledge
TAUGHT, KNOWN, REFUSED = "taught facts", "general knowledge", "unanswerable"
REFUSALS, PERPLEXITY = "refused", "perplexity of plain text"
UNTRAINED, TRAINED = example_of("none"), example_of("none", adapted=True)


class Retention(Drill):
    """The bare model and one training after some epochs, on what was taught and on what was not."""

    name: ClassVar[str] = "retention"
    title: ClassVar[str] = "Retention by epoch"
    axis: ClassVar[str] = "epochs"

    def points(self, bench: Bench) -> list[Point]:
        taught = course(bench)  # or why there can be none
        for name in bench.methods:
            if name not in (UNTRAINED, TRAINED):
                bench.leave_out(name, "it has no training of its own, or no adapter by epoch")
        found = []
        for epoch in (0, *AT[bench.size]):
            for kind in (TAUGHT, KNOWN, REFUSED):
                name, answers = TRAINED if epoch else UNTRAINED, len(self._asked(bench, kind))
                first = epoch == AT[bench.size][0] and kind == TAUGHT  # at which all is trained
                steps = steps_of(len(taught.questions), taught.recipe) if first else 0
                work = Work(answers=answers, steps=steps, seconds=2.0)
                if answers:
                    found.append(Point(name, f"{kind}, {epoch} epochs", epoch, {"kind": kind, "epoch": epoch}, work))
        return found

    def settings(self, bench: Bench) -> dict[str, str | int | float | None]:
        general = len(self._asked(bench, KNOWN))
        return {"questions": bench.many, "general_questions": general, **described(course(bench))}

    def _asked(self, bench: Bench, kind: str) -> list[Question]:
        if kind == KNOWN:
            return general_questions(bench.settings.model_copy(update={"general": GENERAL[bench.size]}))
        if kind == REFUSED:
            return bench.unanswerable()
        return asked_of(course(bench), bench)

    def measure(self, bench: Bench, point: Point) -> Measured:
        kind, epoch = point.given["kind"], point.given["epoch"]
        adapter = snapshots(bench, course(bench), AT[bench.size])[epoch] if epoch else None
        questions, template = self._asked(bench, kind), TEMPLATE if kind == KNOWN else None
        with with_adapter(bench, adapter) if adapter else nullcontext():
            replies = bench.ask(UNTRAINED, questions, template=template, weights=nullcontext())
            loss = neutral_loss(bench.model) if kind == KNOWN else None
        figures: dict[str, float | None] = {"asked": float(len(replies))}
        if kind == REFUSED:
            figures[REFUSALS] = sum(reply.grade is GradeName.ABSTAINED for reply in replies) / len(replies)
        return Measured(replies, figures | ({} if loss is None else {PERPLEXITY: exp(loss)}))

    def tables(self, found: Found) -> list[DrillTable]:
        return [outcomes_table(found, self.title, (REFUSALS, PERPLEXITY))]

    def curves(self, found: Found) -> list[Curve]:
        dots = []
        for kind in (TAUGHT, KNOWN):
            for point in found.points:
                if point.setting.startswith(kind) and point.cell and point.cell.accuracy is not None:
                    dots.append(CurvePoint(series=kind, x=point.x or 0.0, y=point.cell.accuracy,
                                           low=point.cell.ci_low, high=point.cell.ci_high))  # fmt: skip
        for point in found.points:
            if (refused := point.figures.get(REFUSALS)) is not None:
                dots.append(CurvePoint(series=f"{REFUSED}, {REFUSALS}", x=point.x or 0.0, y=refused))
        text = figure_curve(found, PERPLEXITY, "Perplexity of plain text", self.axis)
        return [
            Curve(title="Learned and kept", x=self.axis, y="right, or rightly refused", points=dots),
            text.model_copy(update={"points": [p.model_copy(update={"series": TRAINED}) for p in text.points]}),
        ]

    def sentences(self, found: Found) -> list[str]:
        last = max((int(p.x or 0) for p in found.points), default=0)
        ends = {kind: (found.point(UNTRAINED, f"{kind}, 0 epochs"), found.point(TRAINED, f"{kind}, {last} epochs"))
                for kind in (TAUGHT, KNOWN, REFUSED)}  # fmt: skip
        kinds = [kind for kind in (TAUGHT, KNOWN) if all(ends[kind])]
        tested = found.differences([((TRAINED, f"{k}, {last} epochs"), (UNTRAINED, f"{k}, 0 epochs")) for k in kinds])
        out = [
            f"{capital(kind)}: {right(ends[kind][0])} right before training, {right(ends[kind][1])} after {last} "
            f"epochs of {label(TRAINED)}{told(difference)}."
            for kind, difference in zip(kinds, tested, strict=True)
        ]
        before, after = ends[REFUSED]
        if before and after:
            said = [share(p.figures[REFUSALS], int(p.figures["asked"] or 0)) for p in (before, after)]
            out.append(f"Questions that no document answers: {said[0]} refused before, {said[1]} after.")
        texts = [p.figures.get(PERPLEXITY) for p in (ends[KNOWN][0], ends[KNOWN][1]) if p]
        if len(texts) == 2 and all(texts):
            out.append(f"Perplexity of plain text: {texts[0]:.1f} before, {texts[1]:.1f} after.")
        return out
