"""How does each method bear more and more documents: what does it find, what does it answer, what does preparing take?

Documents are added to the domain's own, about other things or about similar ones with other names. Searching is
measured with all of them indexed; pasting as far as the window holds them; training is projected from that of the run.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from data.prompt import Passage
from data.schema import Question
from evaluation.drills.added_documents import OTHER, SIMILAR, added
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found, capital, figure_curve, outcomes_table, right, told
from evaluation.drills.measured import Measured, Point
from evaluation.numbers import about, duration, percent
from evaluation.results.drill import Curve, CurvePoint, DrillPoint, DrillTable
from evaluation.run.registry import example_of, label

ADDED = {"smoke": (100, 1_000), "full": (100, 1_000, 10_000, 100_000)}
FEWER = (0.25, 0.5, 1.0)  # of the domain's documents, pasted
FURTHEST = 1_000_000  # documents, projected
PREPARE, FOUND, SEARCH, DISK = "s to prepare", "gold passage found", "s to search", "MB on disk"
SEARCHING, PASTING, TRAINED = example_of("search"), example_of("all"), example_of("none", adapted=True)
OWN = "the domain's own documents"


class Size(Drill):
    """Search, pasting and training with more documents."""

    name: ClassVar[str] = "size"
    title: ClassVar[str] = "Size"
    axis: ClassVar[str] = "documents"

    def points(self, bench: Bench) -> list[Point]:
        own = len(bench.domain.documents)
        for name in bench.methods:
            if name not in (SEARCHING, PASTING, TRAINED):
                bench.leave_out(name, f"its documents are found or trained as those of {SEARCHING} and {TRAINED} are")
        found = []
        if PASTING in bench.methods:
            for share in FEWER:
                many = max(1, round(share * own))
                work = replace(bench.work(PASTING, bench.many * share), shared=bench.corpus_tokens() * share)
                found.append(Point(PASTING, f"{many} documents pasted", many, {"pasted": many}, work))
        if SEARCHING in bench.methods:
            for kind, many in [(OTHER, 0), *((kind, n) for kind in (OTHER, SIMILAR) for n in ADDED[bench.size])]:
                name = f"{many:,} {kind} documents added" if many else OWN
                work = replace(bench.work(SEARCHING, bench.many), seconds=self._each(bench) * (many + own))
                found.append(Point(SEARCHING, name, own + many, {"kind": kind, "added": many}, work))
        return found

    def _each(self, bench: Bench) -> float:
        """Seconds in which the run indexed a passage."""
        details = self._details(bench, SEARCHING)
        return float(details.get("index_s") or 0) / max(1, int(details.get("passages") or 1))

    def _details(self, bench: Bench, name: str) -> dict[str, Any]:
        seeds = bench.record["methods"].get(name, {})
        entry: dict[str, Any] = next(iter(seeds.values()), {})
        return entry.get("details") or {}

    def measure(self, bench: Bench, point: Point) -> Measured:
        questions = bench.questions(with_gold=True)
        if "pasted" in point.given:
            return self._pasted(bench, questions, point.given["pasted"])
        more = added(point.given["kind"], point.given["added"], bench.domain.documents, bench.seed)
        domain = bench.domain.with_documents([*bench.domain.documents, *more])
        folder = bench.scratch / "size" / f"{point.given['kind']}-{point.given['added']}"
        retrieval = bench.retrieval(folder)
        made = retrieval.prepare(domain, bench.model, bench.progress).details
        contexts = retrieval.ranked(questions, retrieval.k)
        passages = [context.passages for context in contexts]
        figures = {
            FOUND: sum(_has_gold(bench, q, p) for q, p in zip(questions, passages, strict=True)) / len(questions),
            PREPARE: float(made["calibrated_s"]), DISK: made["disk_bytes"] / 2**20,
            SEARCH: sum(context.seconds for context in contexts) / len(contexts),
        }  # fmt: skip
        replies = bench.ask(SEARCHING, questions, passages)
        shutil.rmtree(folder, ignore_errors=True)
        return Measured(replies, figures)

    def _pasted(self, bench: Bench, questions: list[Question], many: int) -> Measured:
        """So many of the documents pasted, those of the questions first, and the questions about these."""
        needed = list(dict.fromkeys(name for q in questions for name in q.document_ids))
        order = sorted(bench.domain.documents, key=lambda d: needed.index(d.id) if d.id in needed else len(needed))
        domain = bench.domain.with_documents(order[:many])
        method = bench.fresh_method(PASTING, bench.scratch)
        prepared = method.prepare(domain, bench.model, bench.progress)
        fitted = {passage.document_id for passage in prepared.chunks}
        asked = [q for q in questions if fitted.issuperset(q.document_ids)]
        replies = bench.ask(PASTING, asked, method=method) if asked else []
        figures = {PREPARE: prepared.details["prefix_calibrated_s"], "tokens": float(prepared.details["corpus_tokens"]),
                   "share that fits": len(fitted) / many}  # fmt: skip
        return Measured(replies, figures)

    def projected(self, bench: Bench, found: Found) -> Iterator[DrillPoint]:
        """To a million documents: indexing by its slope between two sizes, training by that of the run."""
        indexed = [p for p in found.of(SEARCHING) if OTHER in p.setting or p.setting == OWN]
        if len(indexed) > 1:
            few, many = indexed[0], indexed[-1]
            for x in _decades(many.x or 0):
                figures = {name: _line(few, many, name, x) for name in (PREPARE, DISK)}
                yield _projection(SEARCHING, x, figures)
        training = self._details(bench, TRAINED).get("training") or {}
        own = len(bench.domain.documents)
        if training.get("seconds"):
            yield DrillPoint(method=TRAINED, setting=f"{OWN}, trained by the run", x=own, seconds=0.0,
                             figures={PREPARE: float(training.get("calibrated_s", training["seconds"]))})  # fmt: skip
            for x in _decades(own):
                yield _projection(
                    TRAINED, x, {PREPARE: float(training.get("calibrated_s", training["seconds"])) * x / own}
                )
        full = [p for p in found.of(PASTING) if p.figures.get("share that fits") == 1]
        if full and (tokens := full[-1].figures.get("tokens")):
            x = float(int((full[-1].x or 0) * bench.model.window / tokens))
            each = (full[-1].figures.get(PREPARE) or 0.0) / tokens
            yield _projection(PASTING, x, {PREPARE: each * bench.model.window, "tokens": float(bench.model.window)})

    def tables(self, found: Found) -> list[DrillTable]:
        measured = replace(found, points=[p for p in found.points if p.source == "measured" and p.cell])
        rows = [
            [p.method, f"{about(p.x or 0)}{_mostly(p)}", duration(p.figures.get(PREPARE)), p.source]
            for p in found.points
            if p.figures.get(PREPARE) is not None
        ]
        note = (
            "Projected: indexing goes on as between the smallest and the largest measured size; a training sees each "
            f"document as often as the run's did; {PASTING} ends where the window is full."
        )
        heads = ["method", "documents", PREPARE, "measured or projected"]
        return [
            outcomes_table(measured, "What is found and answered", (FOUND, SEARCH, DISK, "share that fits")),
            DrillTable(title="What preparing takes", heads=heads, rows=rows, note=note),
        ]

    def curves(self, found: Found) -> list[Curve]:
        dots = [
            CurvePoint(series=f"{p.method}, {SIMILAR if SIMILAR in p.setting else OTHER}", x=p.x or 0, y=share)
            for p in found.of(SEARCHING)
            if (share := p.figures.get(FOUND)) is not None
        ]
        return [
            figure_curve(
                replace(found, points=[p for p in found.points if SIMILAR not in p.setting]),
                PREPARE,
                "Seconds to prepare",
                self.axis,
                log_x=True,
                log_y=True,
            ),
            Curve(title="The gold passage is found", x=self.axis, y="of questions", points=dots, log_x=True),
        ]

    def sentences(self, found: Found) -> list[str]:
        own = found.point(SEARCHING, OWN)
        last = [
            next((p for p in reversed(found.of(SEARCHING)) if kind in p.setting), None) for kind in (OTHER, SIMILAR)
        ]
        ends = [point for point in last if point and own]
        tested = found.differences([((SEARCHING, point.setting), (SEARCHING, OWN)) for point in ends])
        out = [
            f"{capital(label(SEARCHING))}, {point.setting}: the gold passage is found for {percent(_found(own))} of "
            f"questions without them and for {percent(_found(point))} with them; right answers {right(own)} and "
            f"{right(point)}{told(difference)}."
            for point, difference in zip(ends, tested, strict=True)
        ]
        for name in (SEARCHING, TRAINED):
            mine = [p for p in found.points if p.method == name and p.figures.get(PREPARE) is not None]
            real = [p for p in mine if p.source == "measured" and SIMILAR not in p.setting]
            far = [p for p in mine if p.source == "projected"]
            if real and far:
                near, out_there = real[-1], far[-1]
                out.append(
                    f"{capital(label(name))}: {duration(near.figures[PREPARE])} to prepare {about(near.x or 0)} "
                    f"documents (measured), {duration(out_there.figures[PREPARE])} for {about(out_there.x or 0)} "
                    "(projected)."
                )
        if (full := [p for p in found.points if p.method == PASTING and p.source == "projected"]) and full[0].x:
            out.append(f"{capital(label(PASTING))}: the window is full at about {about(full[0].x)} documents of this "
                       "length (projected from their tokens).")  # fmt: skip
        return out


def _found(point: DrillPoint | None) -> float | None:
    return point.figures.get(FOUND) if point else None


def _mostly(point: DrillPoint) -> str:
    return ", most of them similar" if SIMILAR in point.setting else ""


def _has_gold(bench: Bench, question: Question, passages: tuple[Passage, ...]) -> bool:
    there = {passage.chunk_id for passage in passages}
    return all(passage.chunk_id in there for passage in bench.gold.of(question))


def _decades(start: float) -> list[float]:
    return [float(10**n) for n in range(2, 7) if 10**n > start]


def _line(few: DrillPoint, many: DrillPoint, name: str, x: float) -> float | None:
    """A figure at x, on the straight line through two points."""
    a, b = few.figures.get(name), many.figures.get(name)
    if a is None or b is None or few.x is None or many.x is None:
        return None
    return b + (b - a) / (many.x - few.x) * (x - many.x)


def _projection(method: str, x: float, figures: dict[str, float | None]) -> DrillPoint:
    return DrillPoint(method=method, setting=f"{about(x)} documents, projected", x=x, figures=figures, seconds=0.0,
                      source="projected")  # fmt: skip
