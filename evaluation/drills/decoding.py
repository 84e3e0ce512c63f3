"""Do the settings of decoding, or weights in fewer bits, change what a method knows, or only how it says it?

Temperature, nucleus (top-p, Holtzman et al. 2020, arXiv 1904.09751) and top-k sampling are asked several times, and how
often two answers to a question are the same is a figure of its own. Weights in 4 and 8 bits as in model/quantised.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, ClassVar

from data.leaks import normalised
from evaluation.drills.bench import Bench
from evaluation.drills.drill import Drill
from evaluation.drills.figures import Found, capital, figure_curve, outcomes_table, right, told
from evaluation.drills.measured import Measured, Point, Reply
from evaluation.drills.rounded import Rounded, why_not
from evaluation.numbers import percent
from evaluation.results.drill import Curve, DrillTable
from evaluation.run.registry import label

GREEDY, PLAIN, AGREEMENT, SPEED = "greedy", "without the trained reader", "agreement", "tokens / s"
REPEATS = {"smoke": 2, "full": 5}  # answers to each question where chance decides


@dataclass(frozen=True)
class Setting:
    """Changes of the sampling settings, or weights in fewer bits."""

    name: str
    changes: dict[str, Any] = field(default_factory=dict)
    bits: str = ""
    plain: bool = False  # without the trained reader, where the model has one
    in_smoke: bool = True

    @property
    def by_chance(self) -> bool:
        return bool(self.changes.get("temperature"))


SETTINGS = (
    Setting(GREEDY),
    Setting("temperature 0.3", {"temperature": 0.3}, in_smoke=False),
    Setting("temperature 0.7", {"temperature": 0.7}),
    Setting("temperature 1.0", {"temperature": 1.0}),
    Setting("temperature 1.5", {"temperature": 1.5}, in_smoke=False),
    Setting("temperature 1.0, top-p 0.9", {"temperature": 1.0, "top_p": 0.9}),
    Setting("temperature 1.0, top-p 0.5", {"temperature": 1.0, "top_p": 0.5}, in_smoke=False),
    Setting("temperature 1.0, top-k 5", {"temperature": 1.0, "top_k": 5}),
    Setting("repetition penalty 1.1", {"repetition_penalty": 1.1}, in_smoke=False),
    Setting("repetition penalty 1.3", {"repetition_penalty": 1.3}),
    Setting("at most 4 tokens", {"max_new_tokens": 4}),
    Setting("at most 64 tokens", {"max_new_tokens": 64}, in_smoke=False),
    Setting("no stop sequence", {"stop": ()}),
    Setting(PLAIN, plain=True),
    Setting("8-bit weights", bits="8bit", plain=True),
    Setting("4-bit weights", bits="4bit", plain=True),
)


class Decoding(Drill):
    """The same questions under other settings of decoding."""

    name: ClassVar[str] = "decoding"
    title: ClassVar[str] = "Decoding"

    def __init__(self) -> None:
        self._rounded = Rounded()

    def points(self, bench: Bench) -> list[Point]:
        found = []
        for name in bench.compared():
            for setting in SETTINGS:
                if setting.name == PLAIN and not bench.model.plain_name:
                    continue
                if setting.plain and (why := why_not(bench, name)):
                    bench.leave_out(f"{name}: {setting.name}", why)
                elif setting.in_smoke or bench.size == "full":
                    work = bench.work(name, bench.many * self._repeats(bench, setting))
                    work = replace(work, seconds=10.0 if setting.plain else 0.0)  # the model is loaded again
                    found.append(Point(name, setting.name, work=work))
        return found

    def settings(self, bench: Bench) -> dict[str, str | int | float | None]:
        return {"questions": bench.many, "repeats": REPEATS[bench.size]}

    def _repeats(self, bench: Bench, setting: Setting) -> int:
        return REPEATS[bench.size] if setting.by_chance else 1

    def measure(self, bench: Bench, point: Point) -> Measured:
        setting = next(one for one in SETTINGS if one.name == point.setting)
        questions = bench.questions()
        model = self._rounded.model(bench, setting.bits) if setting.plain else None
        base = bench.method(point.method).sampling_
        rounds = []
        for seed in range(self._repeats(bench, setting)):
            sampling = base.model_copy(update={**setting.changes, "seed": bench.seed + seed})
            rounds.append(bench.ask(point.method, questions, sampling=sampling, model=model))
        replies = [reply for one in rounds for reply in one]
        seconds, tokens = sum(r.seconds for r in replies), sum(r.tokens for r in replies)
        figures = {AGREEMENT: _agreement(rounds) if len(rounds) > 1 else None}
        return Measured(replies, figures | {SPEED: tokens / seconds if seconds else None})

    def tables(self, found: Found) -> list[DrillTable]:
        table = outcomes_table(found, "Under each setting", (AGREEMENT, SPEED))
        same = [_same(found, point.method, point.setting) for point in found.points]
        rows = [[*row, "n/a" if s is None else percent(s)] for row, s in zip(table.rows, same, strict=True)]
        note = (
            "Agreement: share of pairs of answers to one question that are the same words. "
            "Same as greedy: share of answers. Seconds and speed in batches."
        )
        return [table.model_copy(update={"heads": [*table.heads, "same as greedy"], "rows": rows, "note": note})]

    def curves(self, found: Found) -> list[Curve]:
        speed = figure_curve(found, SPEED, "Tokens a second, in batches", "setting")
        return [*super().curves(found), speed]

    def sentences(self, found: Found) -> list[str]:
        out = []
        pairs = [((p.method, p.setting), (p.method, _other(found, p.method, p.setting)))
                 for p in found.points if p.setting not in (GREEDY, PLAIN)]  # fmt: skip
        tested = list(zip(pairs, found.differences(pairs), strict=True))
        for name in found.methods:
            mine = [(one, other, difference) for (one, other), difference in tested if one[0] == name]
            ahead = [row for row in mine if row[2] and row[2].ahead]
            if not ahead:
                out.append(f"{capital(label(name))}: {right(found.point(name, GREEDY))} right with greedy decoding; "
                           f"none of {len(mine)} other settings differs by more than chance.")  # fmt: skip
            for one, other, difference in ahead:
                against = (
                    f"{right(found.point(*other))} right {_said(other[1])}, {right(found.point(*one))} with {one[1]}"
                )
                out.append(f"{capital(label(name))}: {against}{told(difference)}.")
            if hot := found.figure(name, "temperature 1.0", AGREEMENT):
                out.append(f"{capital(label(name))}: at temperature 1 two answers to a question are the same in "
                           f"{percent(hot)} of pairs.")  # fmt: skip
        return out

    def finished(self, bench: Bench) -> None:
        self._rounded.forget()


def _other(found: Found, name: str, setting: str) -> str:
    """What a setting is compared with: rounded weights with the same ones as they are, where those have no reader."""
    plain = next(one.plain for one in SETTINGS if one.name == setting)
    return PLAIN if plain and found.point(name, PLAIN) else GREEDY


def _said(setting: str) -> str:
    return setting if setting == PLAIN else f"with {setting} decoding"


def _agreement(rounds: Sequence[Sequence[Reply]]) -> float:
    """Share of pairs of rounds in which a question got the same words."""
    pairs = [normalised(a.text) == normalised(b.text) for one, other in combinations(rounds, 2)
             for a, b in zip(one, other, strict=True)]  # fmt: skip
    return sum(pairs) / len(pairs)


def _same(found: Found, name: str, setting: str) -> float | None:
    """Share of answers that say what greedy decoding said."""
    greedy = {r.question.id: normalised(r.text) for r in found.replies.get((name, GREEDY), ())}
    mine = [normalised(r.text) == greedy[r.question.id] for r in found.replies.get((name, setting), ())
            if r.question.id in greedy]  # fmt: skip
    return sum(mine) / len(mine) if mine else None
