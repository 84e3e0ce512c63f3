"""Do passages beside the right one, or its place among them, cost answers; and whom does a method believe that is given
a passage which says something else than it was trained on?

Distractors are what the run's own search ranks next, so they are about similar things. The share of noise is theirs
among all passages (RGB, Chen et al. 2024, arXiv 2309.01431); places of the right passage as in Liu et al. 2024
("Lost in the Middle", arXiv 2307.03172).
"""

from collections.abc import Sequence
from typing import ClassVar

from data.prompt import Passage
from data.schema import Question
from evaluation.drills.belief import CONTRADICTED, WHOM, believed, contradicted
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found, capital, outcomes_table, right, told
from evaluation.drills.measured import Measured, Point, Work
from evaluation.numbers import percent
from evaluation.results.drill import Curve, CurvePoint, DrillTable
from evaluation.run.registry import label, spec_of

PLACES = ("first", "middle", "last")
NOISE: dict[str, tuple[int, ...]] = {"smoke": (0, 4), "full": (0, 1, 2, 3, 4)}  # passages beside the right one
DEEP = 24  # of the ranking that distractors are taken from


def _setting(others: int, place: str) -> str:
    return f"{others / (others + 1):.0%} noise, right one {place}" if others else "0% noise"


class Noise(Drill):
    """Distractors beside the gold passage, its place, and a passage with another value in it."""

    name: ClassVar[str] = "noise"
    title: ClassVar[str] = "Noise and position"
    axis: ClassVar[str] = "share of passages that do not answer"

    def points(self, bench: Bench) -> list[Point]:
        size = bench.passage_tokens
        found = []
        for name in bench.reading():
            for others in NOISE[bench.size]:
                places = PLACES if others == max(NOISE[bench.size]) else ("first",) if not others else ("mixed",)
                for place in places:
                    given = {"others": others, "place": place}
                    work = Work(answers=bench.many, tokens=size * (others + 1))
                    found.append(Point(name, _setting(others, place), others / (others + 1), given, work))
            work = Work(answers=bench.many, tokens=size)
            found.append(Point(name, CONTRADICTED, None, {"contradicted": True}, work))
        return found

    def measure(self, bench: Bench, point: Point) -> Measured:
        if point.given.get("contradicted"):
            return contradicted(bench, point.method)
        questions = bench.questions(with_gold=True)
        found = bench.searched.ranked(questions, DEEP)
        passages = [
            self._beside(bench, q, one.passages, number, **point.given)
            for number, (q, one) in enumerate(zip(questions, found, strict=True))
        ]
        return Measured(bench.ask(point.method, questions, passages))

    def _beside(
        self, bench: Bench, question: Question, ranked: Sequence[Passage], number: int, others: int, place: str
    ) -> list[Passage]:
        """The gold passage among the best ranked others; "mixed": at each place in turn."""
        gold = bench.gold.of(question)
        held = {passage.chunk_id for passage in gold}
        beside = [passage for passage in ranked if passage.chunk_id not in held][:others]
        at = number % (len(beside) + 1) if place == "mixed" else {"first": 0, "middle": len(beside) // 2}.get(
            place, len(beside))  # fmt: skip
        return [*beside[:at], *gold, *beside[at:]]

    def tables(self, found: Found) -> list[DrillTable]:
        noisy = Found([p for p in found.points if p.setting != CONTRADICTED], found.replies, found.seed)
        rows = [[name, *believed(found, name)] for name in found.methods if found.point(name, CONTRADICTED)]
        note = "The value of the right passage was replaced by another one that the domain names for the question."
        heads = ["method", "asked", *WHOM.values()]
        return [
            outcomes_table(noisy, "Passages beside the right one, and its place"),
            DrillTable(title="A passage that says otherwise", heads=heads, rows=rows, note=note),
        ]

    def curves(self, found: Found) -> list[Curve]:
        noise, places = [], []
        for name in found.methods:
            for point in found.of(name):
                if point.cell is None or point.cell.accuracy is None or point.x is None:
                    continue
                dot = CurvePoint(series=name, x=point.x, y=point.cell.accuracy, low=point.cell.ci_low,
                                 high=point.cell.ci_high)  # fmt: skip
                where = point.setting.rpartition(" ")[2]
                if where in PLACES:
                    places.append(dot.model_copy(update={"x": where}))
                else:
                    noise.append(dot)
                if where == "first":
                    noise.append(dot)
        return [
            Curve(title="The right passage among others", x=self.axis, y="answered correctly", points=noise),
            Curve(title="Its place among them", x="place of the right passage", y="answered correctly", points=places),
        ]

    def sentences(self, found: Found) -> list[str]:
        out: list[str] = []
        most = max((p.x or 0 for p in found.points), default=0)
        for name in found.methods:
            pts = {p.setting: p for p in found.of(name)}
            places = {s.rpartition(" ")[2]: s for s in pts if pts[s].x == most}
            none = _setting(0, "first")
            pairs = [(places["first"], none), (places["middle"], places["first"]), (places["last"], places["first"])]
            moved = found.differences([((name, a), (name, b)) for a, b in pairs])
            out.append(
                f"{capital(label(name))}: {right(pts[none])} right with the right passage alone, "
                f"{right(pts[places['first']])} with it first among {percent(most)} others{told(moved[0])}."
            )
            out.append(
                f"{capital(label(name))}: in the middle {right(pts[places['middle']])}{told(moved[1])}; "
                f"last {right(pts[places['last']])}{told(moved[2])}."
            )
            if (point := found.point(name, CONTRADICTED)) and point.figures.get("asked"):
                _, passage, before, *_ = believed(found, name)
                whom = "its training or its passage" if spec_of(name).adapted else "its passage or its own"
                out.append(f"{capital(label(name))}, {whom}: {passage} answers follow the changed passage, {before} "
                           "say what stood there before.")  # fmt: skip
        return out
