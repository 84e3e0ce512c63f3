"""Does training teach the form and not the content: who writes the house form, with the right answer in it?

Form and content are graded apart: the form by the pattern in domain.toml, the content as any answer. Three ways to the
form: the instruction in the question alone, four examples in the prompt, and training on styled answers, of half of the
facts; each alone and with retrieval.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from data.errors import Incapable
from data.schema import Category, Question
from evaluation.drills.bench import Bench, drawn
from evaluation.drills.drill import Drill
from evaluation.drills.examples import TOKENS, with_examples
from evaluation.drills.figures import Found, capital
from evaluation.drills.measured import Measured, Point, Reply
from evaluation.drills.teaching import EPOCHS, Course, course, described, snapshots, steps_of, trainable, with_adapter
from evaluation.grading.rules import GradeName, has_form
from evaluation.numbers import share
from evaluation.results.drill import Curve, CurvePoint, DrillTable
from evaluation.run.registry import example_of, label
from model.language_model import Trainable, offers

SHOWN = 4  # styled examples in the prompt
FACTS = {"smoke": 16, "full": 10**6}
INSTRUCTED, EXAMPLES, STYLED = "the instruction alone", "examples in the prompt", "trained on styled answers"
FORM, CONTENT, BOTH, NEVER = "form", "content", "both", "form, fact never styled"
UNTRAINED, SEARCHING = example_of("none"), example_of("search")


class Style(Drill):
    """The house form by instruction, by examples and by training, without retrieval and with it."""

    name: ClassVar[str] = "style"
    title: ClassVar[str] = "Style"

    def points(self, bench: Bench) -> list[Point]:
        if not bench.domain.settings.style.get("pattern") or not self._asked(bench):
            raise Incapable("the domain has no house form (a pattern in domain.toml and questions of category style).")
        ways = [INSTRUCTED] + ([EXAMPLES] if len(self._shown(bench)) == SHOWN else [])
        if offers(bench.model, Trainable) and self._styled(bench):
            ways.append(STYLED)
        else:
            bench.leave_out(STYLED, "the model cannot be trained, or the domain has no styled training answers")
        many, found = len(self._asked(bench)), []
        for name in (UNTRAINED, SEARCHING):
            for way in ways:
                work = replace(bench.work(name, many), shared=2 * TOKENS * SHOWN if way == EXAMPLES else 0)
                if way == STYLED and name == UNTRAINED:
                    taught = self._course(bench)
                    work = replace(work, steps=steps_of(len(taught.questions), taught.recipe))
                found.append(Point(name, way, work=work))
        return found

    def settings(self, bench: Bench) -> dict[str, str | int | float | None]:
        about = described(self._course(bench)) if offers(bench.model, Trainable) and self._styled(bench) else {}
        return {"questions": len(self._asked(bench)), "examples": SHOWN, **about}

    def _asked(self, bench: Bench) -> list[Question]:
        """Styled test questions, half of them about facts whose styled answer training sees."""
        own = [q for q in bench.domain.split("test") if q.category is Category.STYLE]
        styled = {q.fact_id for q in self._styled(bench)}
        halves = [[q for q in own if (q.fact_id in styled) is known] for known in (True, False)]
        return [q for half in halves for q in drawn(half, bench.many // 2, f"style {bench.seed}")]

    def _styled(self, bench: Bench) -> list[Question]:
        return [q for q in bench.domain.split("train") if q.category is Category.STYLE]

    def _shown(self, bench: Bench) -> list[Question]:
        """Styled training answers about facts that are not asked."""
        asked = {q.fact_id for q in self._asked(bench)}
        return drawn([q for q in self._styled(bench) if q.fact_id not in asked], SHOWN, f"shown {bench.seed}")

    def _course(self, bench: Bench) -> Course:
        """Plain wordings of the facts that are asked, and the styled ones that there are."""
        trainable(bench)
        facts = {q.fact_id for q in self._asked(bench)}
        rows = [q for q in bench.domain.split("train") if q.fact_id in facts and q.answerable]
        plain = [q for q in rows if q.category in (None, Category.TRAINED)]
        styled = [q for q in rows if q.category is Category.STYLE]
        chosen = sorted({q.fact_id for q in plain + styled})[: FACTS[bench.size]]
        kept = [q for q in plain + styled if q.fact_id in chosen]
        return replace(course(bench), facts=frozenset(chosen), questions=kept)

    def measure(self, bench: Bench, point: Point) -> Measured:
        questions, way = self._asked(bench), point.setting
        if way == STYLED:
            last = EPOCHS[bench.size]
            with with_adapter(bench, snapshots(bench, self._course(bench), (last,), "styled")[last]):
                replies = bench.ask(point.method, questions)
        else:
            shown = [(q.question, q.reference_style) for q in self._shown(bench)] if way == EXAMPLES else []
            template = with_examples(bench.domain.settings.prompt, shown)
            replies = bench.ask(point.method, questions, template=template)
        pattern = bench.domain.settings.style["pattern"]
        styled = {q.fact_id for q in self._styled(bench)}
        told = [replace(r, more={FORM: has_form(pattern, r.text), "styled": r.question.fact_id in styled})
                for r in replies]  # fmt: skip
        return Measured(told, _figures(told))

    def tables(self, found: Found) -> list[DrillTable]:
        rows = []
        for point in found.points:
            replies = found.replies.get((point.method, point.setting), ())
            never = [r for r in replies if not r.more["styled"]]
            counts = [share(_figures(replies)[name], len(replies)) for name in (FORM, CONTENT, BOTH)]
            only = sum(bool(r.more[FORM]) and not r.right for r in replies)
            bare = sum(r.right and not r.more[FORM] for r in replies)
            neither = sum(not r.right and not r.more[FORM] for r in replies)
            rows.append([point.method, point.setting, *counts, str(only), str(bare), str(neither),
                         share(_rate([bool(r.more[FORM]) for r in never]), len(never))])  # fmt: skip
        heads = ["method", "way", FORM, CONTENT, BOTH, "form only", "content only", "neither", NEVER]
        note = (
            "The last column: answers about facts whose styled answer no training has seen. Trained with the method "
            f"{SEARCHING}: train for style, retrieve for substance."
        )
        return [DrillTable(title=self.title, heads=heads, rows=rows, note=note)]

    def curves(self, found: Found) -> list[Curve]:
        dots = [
            CurvePoint(series=f"{p.method}, {kind}", x=p.setting, y=value)
            for p in found.points
            for kind in (FORM, CONTENT, BOTH)
            if (value := p.figures.get(kind)) is not None
        ]
        return [Curve(title="Form and content", x="way to the form", y="of answers", points=dots)]

    def sentences(self, found: Found) -> list[str]:
        out = []
        for point in found.points:
            n = len(found.replies.get((point.method, point.setting), ()))
            parts = [f"{name} right {share(point.figures.get(name), n)}" for name in (FORM, CONTENT, BOTH)]
            out.append(f"{capital(label(point.method))}, {point.setting}: {', '.join(parts)}.")
        return out


def _rate(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _figures(replies: Sequence[Reply]) -> dict[str, float | None]:
    scored = [r for r in replies if r.grade is not GradeName.UNSCORED]
    never = [bool(r.more[FORM]) for r in replies if not r.more["styled"]]
    return {
        FORM: _rate([bool(r.more[FORM]) for r in replies]),
        CONTENT: _rate([r.right for r in scored]),
        BOTH: _rate([r.right and bool(r.more[FORM]) for r in scored]),
        NEVER: _rate(never),
    }
