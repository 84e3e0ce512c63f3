"""Do examples in the prompt, questions with their answers, teach a method to answer better, alone and beside retrieval?

In-context learning (Brown et al. 2020, arXiv 2005.14165): nothing is trained and nothing is set up. The examples are
about other facts than those that are asked, so they can teach the form of an answer and what such questions are about.
They stand at the end of the system message, the same for every question, so that they are read once.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from data.errors import Incapable
from data.prompt import PromptTemplate
from data.schema import Category, Question
from evaluation.drills.bench import Bench, drawn
from evaluation.drills.drill import Drill
from evaluation.drills.measured import Measured, Point
from evaluation.run.registry import example_of

COUNTS = {"smoke": (0, 4, 16), "full": (0, 1, 2, 4, 8, 16, 32)}
TOKENS = 25  # of an example, for the prediction


def with_examples(template: PromptTemplate, examples: Sequence[tuple[str, str]]) -> PromptTemplate:
    """The same prompt with questions and their answers at the end of the system message."""
    shown = [f"{template.question.format(question=question)} {answer}" for question, answer in examples]
    text = "\n\n".join(["", "Examples:", *shown] if shown else [])
    return replace(template, system=template.system + text.replace("{", "{{").replace("}", "}}"))


class Examples(Drill):
    """More and more examples, without retrieval and with it."""

    name: ClassVar[str] = "examples"
    title: ClassVar[str] = "Examples in the prompt"
    axis: ClassVar[str] = "examples in the prompt"

    def points(self, bench: Bench) -> list[Point]:
        there = len(self._shown(bench))
        if there < max(COUNTS[bench.size]):
            bench.leave_out(f"more than {there} examples", "the run has no more questions about other facts")
        found = []
        for name in (example_of("none"), example_of("search")):
            for count in COUNTS[bench.size]:
                work = replace(bench.work(name, bench.many), shared=TOKENS * count)
                if count <= there:
                    found.append(Point(name, f"{count} examples", float(count), {"count": count}, work))
        return found

    def _shown(self, bench: Bench) -> list[Question]:
        """One wording a fact, of facts that are not asked: training wordings first, else other test questions."""
        most = max(COUNTS[bench.size])
        asked = {q.fact_id for q in bench.questions()}
        plain = (None, Category.TRAINED, Category.PARAPHRASED, Category.HELD_OUT)
        rows = [*bench.domain.split("train"), *bench.plan.questions]
        by_fact = {q.fact_id: q for q in reversed(rows) if q.answerable and q.category in plain}
        return drawn([q for fact, q in by_fact.items() if fact not in asked], most, f"examples {bench.seed}")

    def measure(self, bench: Bench, point: Point) -> Measured:
        questions, method = bench.questions(), bench.method(point.method)
        shown = [(one.question, one.answers[0]) for one in self._shown(bench)[: point.given["count"]]]
        template = with_examples(bench.domain.settings.prompt, shown)
        longest = max(bench.model.count_tokens(one.text) for one in method.trace(questions[:5], template))
        if longest + 64 + method.sampling_.max_new_tokens > bench.model.window:
            raise Incapable(f"{point.setting} do not fit the window of {bench.model.name}.")
        return Measured(bench.ask(point.method, questions, template=template), {"tokens of a prompt": longest})
