"""A model that answers from a script: for tests, for examples, and to try a domain before any weights are loaded.

Tokens are words. Nothing is computed, so it has no weights, no probabilities and cannot be trained.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from data.errors import TriviumError
from data.files import read_text
from data.prompt import Message, refusal_of
from model.language_model import BATCH_SIZE, Generation, Prompt
from model.options import DEFAULTS, ModelOptions
from model.sampling import Sampling

WINDOW = 8192  # words
AnswerFunction = Callable[[Sequence[Message]], str]


class Line(BaseModel):
    """What to answer when the question stands in the prompt and, where it is given, `needs` does too."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str = Field(min_length=1)
    answer: str
    needs: str = ""


class ScriptedModel:
    """A model whose answers come from a function of the messages.

    Args:
        answer: gets the messages of a prompt, system and user, and returns what the model says.
        window: words that prompt and answer may have together.
        identity: digest of the script, where there is one.
    """

    def __init__(
        self, answer: AnswerFunction, name: str = "scripted", window: int = WINDOW, identity: str | None = None
    ) -> None:
        self.answer, self.name, self._window, self._identity = answer, name, window, identity
        self.device, self.plain_name = "cpu", ""
        self.notes: list[str] = []
        self.tell: Callable[[str], None] = lambda text: print(text, file=sys.stderr)

    @property
    def window(self) -> int:
        return self._window

    def identity(self) -> Mapping[str, Any]:
        return {"name": self.name, "answers_sha256": self._identity}

    def go_on_as(self, identity: Mapping[str, Any]) -> None: ...

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def render(self, messages: Sequence[Message]) -> Prompt:
        pieces = [text for message in messages for text in ("\n\n", message["content"].strip())]
        return Prompt(["", *pieces[1:], ""], messages)

    def generate(
        self,
        prompts: Sequence[Prompt],
        sampling: Sampling,
        prefix: Sequence[int] = (),
        batch_size: int = BATCH_SIZE,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[list[tuple[int, Generation]]]:
        """Answer prompts in their order; see `LanguageModel`."""
        for number, start in enumerate(range(0, len(prompts), batch_size)):
            if number not in done:
                chosen = range(start, min(start + batch_size, len(prompts)))
                yield [(place, self._say(prompts[place], sampling, number)) for place in chosen]

    def generate_one(
        self, prompt: Prompt, sampling: Sampling, prefix: Sequence[int] = (),
        on_token: Callable[[int], None] | None = None,
    ) -> tuple[Generation, float]:  # fmt: skip
        """Answer one prompt; there are no token ids that `on_token` could be called with."""
        said = self._say(prompt, sampling, 0)
        return said, said.seconds

    def _say(self, prompt: Prompt, sampling: Sampling, batch: int) -> Generation:
        started, length = time.perf_counter(), self.count_tokens(prompt)
        if length + sampling.max_new_tokens > self.window:
            raise TriviumError(
                f"a prompt of {length} words and an answer of {sampling.max_new_tokens} exceed the window of "
                f"{self.name} ({self.window} words)."
            )
        text = self.answer(prompt.messages)
        for mark in sampling.stop:
            text = text.partition(mark)[0]
        words = text.split()
        whole = len(words) <= sampling.max_new_tokens
        text = text.strip() if whole else " ".join(words[: sampling.max_new_tokens])
        written, seconds = min(len(words), sampling.max_new_tokens), time.perf_counter() - started
        return Generation(text, "stop" if whole else "length", length, 0, written, seconds, batch)


def answers_from(lines: Sequence[Line]) -> AnswerFunction:
    """The answer of the first line that fits the prompt; where none does, the refusal of the prompt's language."""

    def answer(messages: Sequence[Message]) -> str:
        text = "\n".join(message["content"] for message in messages)
        fitting = (line.answer for line in lines if line.question in text and line.needs in text)
        said = next(fitting, None)
        return refusal_of(text) if said is None else said

    return answer


def read_scripted(path: str, options: ModelOptions = DEFAULTS) -> ScriptedModel:
    """The scripted model of a file: JSON lines or a JSON list of {"question", "answer", "needs"}.

    Raises:
        TriviumError: the file cannot be read, or a line is none of these.
    """
    try:
        text = read_text(Path(path).expanduser())
        content = json.loads(text) if text.lstrip().startswith("[") else _lines(text, path)
        lines = TypeAdapter(list[Line]).validate_python(content)
    except UnicodeDecodeError as error:
        raise TriviumError(f"scripted:{path}: the answers cannot be read ({error}).") from error
    except json.JSONDecodeError as error:
        raise TriviumError(f"{path}, line {error.lineno}: not JSON ({error.msg}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = f"answer {first['loc'][0] + 1}" if first["loc"] and isinstance(first["loc"][0], int) else "the content"
        raise TriviumError(f'{path}, {place}: use {{"question": "...", "answer": "..."}} ({first["msg"]}).') from error
    digest = hashlib.sha256(text.encode()).hexdigest()
    return ScriptedModel(answers_from(lines), f"scripted:{path}", identity=digest)


def _lines(text: str, path: str) -> list[Any]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise TriviumError(f"{path}, line {number}: not JSON ({error.msg}).") from error
    return found
