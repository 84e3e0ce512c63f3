"""How long does it take until a method gives the new value of a fact that changed, and what does it break meanwhile?

A series of changes from updates.jsonl. A pasted prompt is read again and an index takes in the changed document, change
by change; weights are trained: from scratch, or on from the old adapter with the changed facts alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import ClassVar

from data.errors import Incapable
from data.schema import Category, Domain, Question, Update
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found, capital, outcomes_table, right, told
from evaluation.drills.measured import Measured, Point, Reply
from evaluation.drills.teaching import EPOCHS, Course, course, described, snapshots, steps_of, with_adapter
from evaluation.grading.rules import is_stale
from evaluation.numbers import percent, seconds
from evaluation.results.drill import Curve, CurvePoint, DrillTable
from evaluation.run.methods import Method
from evaluation.run.registry import example_of, label, spec_of
from model.language_model import Trainable, offers
from model.speed import meter_of

CHANGES = {"smoke": 5, "full": 10}
CHANGED, UNCHANGED = "changed facts", "unchanged facts"
AS_IT_WAS, TAKEN_IN, ANEW, ON = "as it was", "taken in", "trained anew", "trained on"
SECONDS, USD, STALE = "s / change", "usd / change (assumed)", "old value"
TRAINED = example_of("none", adapted=True)


class Freshness(Drill):
    """Each method before and after a series of changes."""

    name: ClassVar[str] = "freshness"
    title: ClassVar[str] = "Freshness"

    def __init__(self) -> None:
        self._taken: dict[str, tuple[Method, list[float]]] = {}

    def points(self, bench: Bench) -> list[Point]:
        if not self._domain(bench).updates:
            raise Incapable("the domain has no updates.jsonl with facts that the run asks about.")
        found = []
        for name in self._names(bench):
            ways = (AS_IT_WAS, ANEW, ON) if name == TRAINED else (AS_IT_WAS, TAKEN_IN)
            for way in ways:
                for kind in (CHANGED, UNCHANGED):
                    if asked := self._asked(bench, kind):
                        work = bench.work(name, len(asked))
                        work = replace(work, steps=self._steps(bench, way) if kind == CHANGED else 0)
                        if way == TAKEN_IN and kind == CHANGED and spec_of(name).context == "all":
                            times = 3 if bench.size == "smoke" else 1 + len(self._domain(bench).updates)
                            work = replace(work, shared=bench.corpus_tokens(), times=times)
                        found.append(Point(name, f"{way}: {kind}", None, {"way": way, "kind": kind}, work))
        return found

    def _names(self, bench: Bench) -> list[str]:
        names = []
        for name in bench.methods:
            spec = spec_of(name)
            if spec.kind != "candidate":
                bench.leave_out(name, "it is no method that a user can choose")
            elif spec.adapted and spec.closed_book and name != TRAINED:
                bench.leave_out(name, f"it is trained again as {TRAINED} is, which stands for it")
            elif name == TRAINED and offers(bench.model, Trainable) is None:
                bench.leave_out(name, f"{bench.model.name} gives no weights that can be trained")
            else:
                names.append(name)
        return names

    def settings(self, bench: Bench) -> dict[str, str | int | float | None]:
        about = described(course(bench)) if TRAINED in self._names(bench) else {}
        return {"changes": len(self._domain(bench).updates), "questions": bench.many, **about}

    def _domain(self, bench: Bench) -> Domain:
        """The domain with the changes of the series alone; of facts that training taught, where it did."""
        asked = {q.fact_id for q in bench.plan.questions}
        taught = course(bench).facts if TRAINED in self._names(bench) else asked
        chosen = [u for u in bench.domain.updates if u.fact_id in (taught & asked or asked)][: CHANGES[bench.size]]
        return _changed(bench.domain, chosen)

    def _asked(self, bench: Bench, kind: str) -> list[Question]:
        domain = self._domain(bench)
        if kind == CHANGED:
            return domain.updated_questions()
        facts = {update.fact_id for update in domain.updates}
        taught = course(bench).facts - facts if TRAINED in self._names(bench) else frozenset()
        pool = [q for q in bench.plan.questions if bench.plan.categories[q.id] is Category.PARAPHRASED]
        own = [q for q in pool if q.fact_id in taught] or [q for q in bench.questions() if q.fact_id not in facts]
        return own[: bench.many]

    def _steps(self, bench: Bench, way: str) -> float:
        if way not in (ANEW, ON):
            return 0
        taught = self._retaught(bench, way)
        return steps_of(len(taught.questions), taught.recipe)

    def _retaught(self, bench: Bench, way: str) -> Course:
        """The course with the new values; of those that changed alone, where training goes on."""
        whole, news = course(bench), {u.fact_id: u.answers for u in self._domain(bench).updates}
        questions = [q.model_copy(update={"answers": news.get(q.fact_id, q.answers)}) if q.answerable else q
                     for q in whole.questions]  # fmt: skip
        return replace(whole, questions=questions if way == ANEW else [q for q in questions if q.fact_id in news])

    def measure(self, bench: Bench, point: Point) -> Measured:
        way, kind = point.given["way"], point.given["kind"]
        questions = self._asked(bench, kind)
        if point.method == TRAINED:
            replies, spent = self._trained(bench, way, questions)
        elif way == TAKEN_IN:
            method, each = self._after(bench, point.method)
            replies, spent = bench.ask(point.method, questions, method=method), median(each) if each else None
        else:
            replies, spent = bench.ask(point.method, questions), None
        figures: dict[str, float | None] = {}
        if kind == CHANGED:
            language = bench.domain.settings.language
            figures[STALE] = sum(is_stale(r.question, r.text, language) for r in replies) / len(replies)
            if spent is not None:
                figures |= {SECONDS: spent, USD: spent / 3600 * bench.settings.usd_per_hour}
        return Measured(replies, figures)

    def _after(self, bench: Bench, name: str) -> tuple[Method, list[float]]:
        """The method with all changes taken in one by one, and the seconds of each."""
        if name not in self._taken:
            method = bench.fresh_method(name, bench.path)
            method.prepare(bench.domain, bench.model, bench.progress)
            updates, spent, meter = self._domain(bench).updates, list[float](), meter_of(bench.model)
            few = bench.size == "smoke" and spec_of(name).context == "all"  # reading all again takes long each time
            for n in sorted({1, len(updates)}) if few else range(1, len(updates) + 1):
                began = meter.now()
                took = method.refresh(_changed(bench.domain, updates[:n]).updated(), bench.progress).seconds
                spent += [] if took is None else [took / meter.slowdown(began, meter.now())]
            self._taken[name] = method, spent
        return self._taken[name]

    def _trained(self, bench: Bench, way: str, questions: Sequence[Question]) -> tuple[list[Reply], float | None]:
        """Answers of the adapter after a way of training, and the seconds of that; for all changes at once."""
        last = EPOCHS[bench.size]
        adapter = snapshots(bench, course(bench), (last,))[last]
        if way != AS_IT_WAS:
            start = adapter.folder if way == ON else None
            made = "anew" if way == ANEW else "on"
            adapter = snapshots(bench, self._retaught(bench, way), (last,), made, start)[last]
        with with_adapter(bench, adapter):
            replies = bench.ask(example_of("none"), questions)
        return replies, None if way == AS_IT_WAS else adapter.training["seconds"]

    def tables(self, found: Found) -> list[DrillTable]:
        note = (
            f"{AS_IT_WAS}: nothing was taken in. Seconds are those of one change; a training takes in all changes at "
            "once and costs the same for one."
        )
        return [outcomes_table(found, self.title, (STALE, SECONDS, USD), note)]

    def curves(self, found: Found) -> list[Curve]:
        dots = [
            CurvePoint(series=f"{p.method}, {p.setting.partition(':')[0]}", x=spent, y=p.cell.accuracy,
                       low=p.cell.ci_low, high=p.cell.ci_high)
            for p in found.points
            if p.cell and p.cell.accuracy is not None and (spent := p.figures.get(SECONDS))
        ]  # fmt: skip
        return [Curve(title="New values, and seconds until then", x="seconds for a change (log)", y="new value given",
                      points=dots, log_x=True)]  # fmt: skip

    def sentences(self, found: Found) -> list[str]:
        ways = [p for p in found.points if p.figures.get(SECONDS) is not None]
        pairs = [((p.method, _of(p.setting, UNCHANGED)), (p.method, f"{AS_IT_WAS}: {UNCHANGED}")) for p in ways]
        out = []
        for point, damage in zip(ways, found.differences(pairs), strict=True):
            way, stale = point.setting.partition(":")[0], point.figures[STALE]
            kept = found.point(point.method, _of(point.setting, UNCHANGED))
            out.append(
                f"{capital(label(point.method))}, {way}: {seconds(point.figures[SECONDS])} a change; then "
                f"{right(point)} give the new value and {percent(stale)} the old one; unchanged facts {right(kept)} "
                f"right{told(damage)}."
            )
        return out

    def finished(self, bench: Bench) -> None:
        self._taken.clear()


def _of(setting: str, kind: str) -> str:
    return f"{setting.partition(':')[0]}: {kind}"


def _changed(domain: Domain, updates: Sequence[Update]) -> Domain:
    """The domain with these changes alone."""
    return Domain(folder=domain.folder, settings=domain.settings, documents=domain.documents,
                  questions=domain.questions, updates=tuple(updates), findings=domain.findings)  # fmt: skip
