"""The text side of a model with weights here: from text to token ids and back, without a step of the network."""

from collections.abc import Sequence
from typing import Any

from data.errors import TriviumError
from data.prompt import ABSTENTION, Message
from model.chat_template import ChatTemplate
from model.endings import Endings
from model.language_model import Prompt
from model.sampling import Sampling
from model.text_encoding import TextEncoder


class TextSide:
    """Tokenizer, chat template and ends of answers."""

    name: str
    tokenizer: Any
    template: ChatTemplate
    _encoder: TextEncoder
    _endings: Endings

    def render(self, messages: Sequence[Message]) -> Prompt:
        """Messages as the text that the model reads."""
        return self.template.render(messages)

    def encode(self, text: str) -> list[int]:
        """Token ids of a rendered prompt, or of plain text, which never becomes a control token."""
        return self._encoder.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, without control tokens."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))

    def answer_text(self, ids: Sequence[int], sampling: Sampling) -> str:
        """See `Telling`."""
        return self._endings.text(list(ids), sampling.stop)

    def token_text(self, token: int) -> str:
        """The text of one token, of a control token too."""
        return str(self.tokenizer.decode([token]))

    def end_token(self) -> int:
        """The token that ends an answer, as training teaches it."""
        token = self.tokenizer.eos_token_id
        if token is None and not self._endings.tokens:
            raise TriviumError(f"{self.name} names no token that ends an answer, so it cannot be trained.")
        return int(min(self._endings.tokens) if token is None else token)

    def abstention(self) -> list[int]:
        """The tokens of a refusal."""
        return self.encode(ABSTENTION)

    def count_tokens(self, text: str) -> int:
        return len(self.encode(text))
