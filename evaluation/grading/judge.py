"""A language model as judge, optional: any OpenAI-compatible endpoint, for what rules do not settle.

It sees question, accepted answers and reply, never who answered, in an order shuffled by seed. It may only be used
after its agreement with people's labels was measured and is good enough.
"""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import TriviumError
from data.progress import Progress, silent
from data.schema import Question
from evaluation.grading.points import Item, by_claims, settle
from evaluation.grading.rules import Grade, GradeName, cut
from evaluation.grading.values.plain import without_reasoning

LEAST_LABELS = 50  # below that an interval of kappa says nothing
LEAST_KAPPA = 0.6  # the interval must begin above it; "substantial" agreement (Landis & Koch 1977)
_SYSTEM = (
    "You grade answers. Compare the reply with the accepted answers only; do not use what you know yourself. Another "
    "wording, another unit or more detail is fine. A reply that gives another value, or several of which one is right, "
    "is wrong. Reply with one word: right or wrong."
)


@dataclass(frozen=True)
class Endpoint:
    """Where the judge is: base URL (ending in /v1), model, and the environment variable that holds the key."""

    url: str
    model: str
    key_variable: str = "OPENAI_API_KEY"
    timeout_s: float = 60


def _said(content: str) -> bool | None:
    """The verdict in a judge's reply; None where it gave none or both."""
    words = {word.strip(".,!*:;'\"").casefold() for word in content.split()}
    found = words & {"right", "wrong"}
    return None if len(found) != 1 else found == {"right"}


class Judge:
    """Asks the endpoint about single replies. What it does not answer is unscored, never wrong."""

    def __init__(self, endpoint: Endpoint) -> None:
        try:
            import requests
        except ImportError:
            raise TriviumError("a judge needs the package requests: pip install 'trivium[judge]'.") from None
        self.endpoint, self._session = endpoint, requests.Session()
        self._failures: tuple[type[Exception], ...] = (requests.RequestException,)
        if key := os.environ.get(endpoint.key_variable):
            self._session.headers["Authorization"] = f"Bearer {key}"

    def _ask(self, question: Question, reply: str) -> str:
        accepted = "\n".join(f"- {answer}" for answer in question.answers)
        text = f"Question: {question.question}\nAccepted answers:\n{accepted}\nReply: {reply}\nRight or wrong?"
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "temperature": 0,
            "max_tokens": 512,  # a model that thinks aloud needs room before its word
            "messages": [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": text}],
        }
        url = f"{self.endpoint.url.rstrip('/')}/chat/completions"
        try:
            answer = self._session.post(url, json=body, timeout=self.endpoint.timeout_s)
            answer.raise_for_status()
            content: Any = answer.json()["choices"][0]["message"]["content"]
        except self._failures as error:
            raise TriviumError(f"the judge at {url} does not answer: {str(error).partition(chr(10))[0]}") from error
        except (KeyError, IndexError, TypeError) as error:
            raise TriviumError(f"the judge at {url} answers in another form than /chat/completions has.") from error
        return without_reasoning(str(content or ""))

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
        for number, place in enumerate(todo, 1):
            question, reply = items[place]
            verdict = _said(self._ask(question, cut(reply or "", limit)))
            if verdict is None:
                grades[place] = Grade(GradeName.UNSCORED, "the judge gave no verdict", by="judge")
            else:
                name = GradeName.CORRECT if verdict else GradeName.WRONG
                grades[place] = Grade(name, f"judged by {self.endpoint.model}", by="judge")
            progress("asking the judge", number, len(todo))
        return [grade for grade in grades if grade]
