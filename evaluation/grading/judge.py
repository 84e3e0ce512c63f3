"""A language model as judge, optional: any model behind a server, for what rules do not settle.

It sees question, accepted answers and reply, never who answered, in an order shuffled by seed. It may only be used
after its agreement with people's labels was measured and is good enough.
"""

import random
from collections.abc import Iterator, Sequence
from multiprocessing.pool import ThreadPool

from data.errors import ServerFailure
from data.progress import Progress, silent
from data.prompt import Message
from evaluation.grading.points import Item, by_claims, settle
from evaluation.grading.rules import Grade, GradeName, cut
from evaluation.grading.values.plain import without_reasoning
from model.endpoint.address import KEY_VARIABLES, Address, base_url
from model.endpoint.chat import Chat
from model.sampling import Sampling

LEAST_LABELS = 50  # below that an interval of kappa says nothing
LEAST_KAPPA = 0.6  # the interval must begin above it; "substantial" agreement (Landis & Koch 1977)
_SYSTEM = (
    "You grade answers. Compare the reply with the accepted answers only; do not use what you know yourself. Another "
    "wording, another unit or more detail is fine. A reply that gives another value, or several of which one is right, "
    "is wrong. Reply with one word: right or wrong."
)
_SAMPLING = Sampling(max_new_tokens=512, stop=())  # a model that thinks aloud needs room before its word
_AT_ONCE = 16


def _said(content: str) -> bool | None:
    """The verdict in a judge's reply; None where it gave none or both."""
    words = {word.strip(".,!*:;'\"").casefold() for word in content.split()}
    found = words & {"right", "wrong"}
    return None if len(found) != 1 else found == {"right"}


class Judge:
    """Asks a served model about single replies. What it does not answer is unscored, never wrong."""

    def __init__(self, model: str, url: str | None = None, key_variable: str = "") -> None:
        """
        Args:
            model: its name at the server.
            url: of the server, ending in /v1; default: that of the environment.
            key_variable: of the environment, holding the key; default: those of all models behind a server.
        """
        variables = (key_variable,) if key_variable else KEY_VARIABLES
        self.model = model
        self._chat = Chat(Address(base_url(url), key_variables=variables), model, counted=False)
        self._known = False  # whether the server has answered once, so that it is known how it is asked

    def _ask(self, item: Item, limit: int) -> str:
        question, reply = item
        accepted = "\n".join(f"- {answer}" for answer in question.answers)
        text = (
            f"Question: {question.question}\nAccepted answers:\n{accepted}\nReply: {cut(reply or '', limit)}\n"
            "Right or wrong?"
        )
        messages: list[Message] = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": text}]
        ask = self._chat.ask if self._known else self._chat.learn
        try:
            said = ask(messages, _SAMPLING)
        except ServerFailure as error:
            raise ServerFailure(f"the judge does not answer: {error}") from error
        self._known = True
        return without_reasoning(said.text)

    def grade(
        self,
        items: Sequence[Item],
        limit: int,
        seed: int = 0,
        progress: Progress = silent,
        language: str = "en",
    ) -> list[Grade]:
        """Grades in the order of the items; rules settle what they can, the judge is asked about the rest.

        An answer to a question with points is judged claim by claim.
        """
        return by_claims(items, language, lambda parts: self._grade_each(parts, limit, seed, progress, language))

    def _grade_each(
        self, items: Sequence[Item], limit: int, seed: int, progress: Progress, language: str
    ) -> list[Grade]:
        grades: list[Grade | None] = [settle(question, reply, limit, language) for question, reply in items]
        todo = [place for place, grade in enumerate(grades) if grade is None]
        random.Random(seed).shuffle(todo)
        for number, (place, verdict) in enumerate(self._verdicts([(place, items[place]) for place in todo], limit), 1):
            if verdict is None:
                grades[place] = Grade(GradeName.UNSCORED, "the judge gave no verdict", by="judge")
            else:
                name = GradeName.CORRECT if verdict else GradeName.WRONG
                grades[place] = Grade(name, f"judged by {self.model}", by="judge")
            progress("asking the judge", number, len(todo))
        return [grade for grade in grades if grade]

    def _verdicts(self, todo: Sequence[tuple[int, Item]], limit: int) -> Iterator[tuple[int, bool | None]]:
        """Verdicts with the places of their items; the first question alone, as it shows how the server is asked."""
        first, rest = todo[:1], todo[1:]
        yield from ((place, _said(self._ask(item, limit))) for place, item in first)
        with ThreadPool(_AT_ONCE) as pool:
            said = pool.imap(lambda one: self._ask(one[1], limit), rest)
            yield from ((place, _said(text)) for (place, _), text in zip(rest, said, strict=True))
