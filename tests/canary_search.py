"""A small search over a folder of documents, for tests of canaries: healthy, or with faults."""

import random
import re
from collections import Counter
from math import log
from pathlib import Path


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


class Search:
    """Answers with the sentence that shares the rarest words with a question.

    Args:
        skipped: a file that it does not read.
        words: of each file, behind which it reads nothing.
        misses: share of questions to which it says "unknown", by chance.
    """

    def __init__(self, folder: Path, skipped: str = "", words: int = 10**9, misses: float = 0.0) -> None:
        self.sentences: list[str] = []
        for path in sorted(folder.iterdir()):
            if path.name != skipped:
                text = " ".join(path.read_text(encoding="utf-8").split(" ")[:words])
                self.sentences += [part for part in re.split(r"(?<=[.?!])\s+|\n+", text) if part.strip()]
        counts = Counter(word for sentence in self.sentences for word in {*_words(sentence)})
        self.rarity = {word: log(len(self.sentences) / count) for word, count in counts.items()}
        self.words = [{*_words(sentence)} for sentence in self.sentences]
        self.misses, self.draw = misses, random.Random(str(folder))

    def __call__(self, question: str) -> str:
        asked = {*_words(question)}
        scores = [sum(self.rarity.get(word, 0) for word in asked & words) for words in self.words]
        best = max(range(len(scores)), key=scores.__getitem__)
        known = any(self.rarity.get(word, 0) > log(len(self.sentences) / 2) for word in asked & self.words[best])
        return self.sentences[best] if known and self.draw.random() >= self.misses else "unknown"
