"""A model's chat template, proven when it is loaded: each text of a message comes out once, in order, as it went in.

The template is rendered once with marks for the contents; a prompt is that frame with the contents put in. So no
content can change what the template does, and parity of prompts holds by construction.
"""

import hashlib
import itertools
import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from data.errors import TriviumError
from data.prompt import Message
from model.language_model import Prompt

_MARKS = "\ue200\ue201\ue202\ue203\ue204\ue205\ue206\ue207"  # private characters: no text has a use for them
_DATE = re.compile(r"""["']([^"'\n]*%[A-Za-z-][^"'\n]*)["']""")  # the form of a date in a template's source
_CLOCK = "{% macro strftime_now(form) %}{{ trivium_dates[form] }}{% endmacro %}"
_SEPARATOR = "\n\n"  # between system and user text where both go into the user's message


class ChatTemplate:
    """Renders messages for one tokenizer.

    Args:
        name: of the model, for messages.
        day: what a template that prints today's date prints.

    Raises:
        TriviumError: the template is missing, or does not render what it is given.
    """

    def __init__(self, tokenizer: Any, name: str, day: date | None = None) -> None:
        if not tokenizer.chat_template:
            raise TriviumError(f"the model '{name}' has no chat template; choose an instruction-tuned one.")
        self.tokenizer, self.name, self.day = tokenizer, name, day or date.today()
        self._frames: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.frame(("system", "user"))  # whatever is wrong with the template is told at loading

    @cached_property
    def has_system_role(self) -> bool:
        """Whether the template takes a system message; Gemma's and Mistral's first ones raise an error."""
        try:
            self._rendered(("system", "user"), self.day)
        except Exception:  # a template is a program of somebody else and may fail in any way
            return False
        return True

    @property
    def note(self) -> str:
        """What a user should know; empty where there is nothing to say."""
        if self.has_system_role:
            return ""
        return "its chat template has no system role: the instruction stands in front of the question, in every method"

    @cached_property
    def prints_date(self) -> bool:
        """Whether prompts differ from day to day (Llama 3.2, SmolLM3 and others print today's date)."""
        roles = ("system", "user") if self.has_system_role else ("user",)
        return self._rendered(roles, date(2001, 2, 3)) != self._rendered(roles, date(2004, 5, 6))

    @cached_property
    def _source(self) -> str:
        source: str = self.tokenizer.get_chat_template()
        return source

    @property
    def _dated(self) -> str:
        """The template with a clock of ours. Transformers' own reads the real one and takes no other function."""
        return _CLOCK + self._source if "strftime_now" in self._source else self._source

    @cached_property
    def sha256(self) -> str:
        """Digest of the template's source."""
        return hashlib.sha256(self._source.encode()).hexdigest()

    def use_day(self, day: date) -> None:
        """Print this date from now on: that of the run that goes on."""
        self.day = day
        self._frames.clear()

    def render(self, messages: Sequence[Message]) -> Prompt:
        """Messages as the model reads them. Outer spaces of contents go: many templates trim, and all methods alike."""
        frame = self.frame(tuple(message["role"] for message in messages))
        pieces = [frame[0]]
        for message, after in zip(messages, frame[1:], strict=True):
            pieces += [message["content"].strip(), after]
        return Prompt(pieces, messages)

    def frame(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """What the template writes before, between and after the contents of messages of these roles."""
        if roles not in self._frames:
            self._frames[roles] = self._proven(roles)
        return self._frames[roles]

    def _proven(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        if roles[:2] == ("system", "user") and not self.has_system_role:
            before, *rest = self.frame(roles[1:])
            return before, _SEPARATOR, *rest
        try:
            text = self._rendered(roles, self.day)
        except Exception as error:  # see above
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise TriviumError(f"the chat template of '{self.name}' cannot be used: {reason}.") from error
        for role, mark in zip(roles, _MARKS, strict=False):
            if (count := text.count(mark)) != 1:
                fault = f"writes the {role} text {count} times" if count else f"leaves the {role} text out"
                raise TriviumError(
                    f"the chat template of '{self.name}' {fault}, so the model would not be asked what is compared; "
                    "correct the template (chat_template.jinja) or choose another model."
                )
        places = [text.index(mark) for mark in _MARKS[: len(roles)]]
        if places != sorted(places):
            raise TriviumError(f"the chat template of '{self.name}' changes the order of the messages.")
        bounds = [-1, *places, len(text)]
        return tuple(text[start + 1 : end] for start, end in itertools.pairwise(bounds))

    def _rendered(self, roles: tuple[str, ...], day: date) -> str:
        messages = [{"role": role, "content": mark} for role, mark in zip(roles, _MARKS, strict=False)]
        text: str = self.tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=False,  # a model that can think aloud is asked not to
            chat_template=self._dated,
            trivium_dates={form: day.strftime(form) for form in _DATE.findall(self._source)},
        )
        return text
