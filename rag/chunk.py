"""Cut documents into passages of bounded token count at the best boundary that fits."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from semantic_text_splitter import MarkdownSplitter, TextSplitter

from data.prompt import Passage
from data.schema import Document

CHUNK_TOKENS = 128  # of the base model's tokenizer; docs/prompt.md has the measurement


class TokenCounter(Protocol):
    """What measures the length of a passage: the base model."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the text has by itself."""


def chunk(documents: Iterable[Document], model: TokenCounter, tokens: int = CHUNK_TOKENS) -> Iterator[Passage]:
    """Passages of at most `tokens` tokens, split at headings, paragraphs, sentences, words, in that order."""
    for document in documents:
        kind = MarkdownSplitter if document.id.endswith(".md") else TextSplitter
        splitter = kind.from_callback(model.count_tokens, tokens)
        for number, text in enumerate(splitter.chunks(document.text)):
            yield Passage(document.id, f"{document.label}#{number}", document.title, text)
