"""Cut documents into passages of bounded token count at the best boundary that fits."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from semantic_text_splitter import MarkdownSplitter, TextSplitter

from data.prompt import Passage
from data.schema import Document

_SURELY_LONGER = 16  # characters a token; text of a person has some 4 to 6
CHUNK_TOKENS = 128  # of the base model's tokenizer; docs/prompt.md has the measurement


class TokenCounter(Protocol):
    """What measures the length of a passage: the base model."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the text has by itself."""


def _counter(model: TokenCounter, tokens: int) -> Callable[[str], int]:
    """Counts tokens exactly up to `tokens`; of a longer text the beginning shows that it is too long.

    The splitter asks for the length of a long inline element again and again: read as a whole each time, its cutting
    takes time with the square of its length.
    """

    def count(text: str) -> int:
        if len(text) > _SURELY_LONGER * tokens:
            beginning = model.count_tokens(text[: _SURELY_LONGER * tokens])
            if beginning > tokens + 1:  # the cut itself may add one
                return beginning
        return model.count_tokens(text)

    return count


def chunk(documents: Iterable[Document], model: TokenCounter, tokens: int = CHUNK_TOKENS) -> Iterator[Passage]:
    """Passages of at most `tokens` tokens, split at headings, paragraphs, sentences, words, in that order."""
    for document in documents:
        kind = MarkdownSplitter if document.id.endswith(".md") else TextSplitter
        splitter = kind.from_callback(_counter(model, tokens), tokens)
        for number, text in enumerate(splitter.chunks(document.text)):
            yield Passage(document.id, f"{document.label}#{number}", document.title, text)
