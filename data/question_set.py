"""Question sets from anywhere, and parts of them that have no document in common."""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from data.errors import TriviumError
from data.import_source import import_source
from data.load import load_domain
from data.progress import Progress
from data.schema import Domain, Question

QUESTION_FILES = ("questions.jsonl", "questions.csv")
Part = Literal["train", "dev", "test"]


def read_question_set(source: Path, progress: Progress) -> Domain:
    """A domain folder, or anything that `trivium import` reads; the domain bears the source's name.

    Raises:
        TriviumError: no such thing, nothing in it, or a part of it is broken.
    """
    if (source / "documents").is_dir() and any((source / name).exists() for name in QUESTION_FILES):
        return load_domain(source)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / source.name.split(".")[0]
        import_source(source, folder, progress)
        if not (folder / QUESTION_FILES[0]).exists():
            raise TriviumError(f"{source}: there is no question in it.")
        return load_domain(folder)


def _families(domain: Domain, questions: Sequence[Question]) -> list[list[Question]]:
    """Questions that are joined, directly or over others, by a title of one of their documents."""
    parent: dict[str, str] = {}

    def root(title: str) -> str:
        while (above := parent.setdefault(title, title)) != title:
            title = above
        return title

    first = {}
    for question in questions:
        titles = [domain.document(name).title for name in question.document_ids]
        first[question.id] = titles[0]
        for title in titles[1:]:
            parent[root(title)] = root(titles[0])
    families: dict[str, list[Question]] = {}
    for question in questions:
        families.setdefault(root(first[question.id]), []).append(question)
    return list(families.values())


def split_by_title(domain: Domain, shares: dict[Part, float], seed: int) -> dict[Part, list[Question]]:
    """Test questions of a set in parts that share no document title, so that whole articles are kept out.

    Args:
        shares: of the questions, for "test" and "dev"; a part takes whole families until it has its share. What is left
            is "train".
    """
    pointed = [question for question in domain.split("test") if question.document_ids]
    families = _families(domain, pointed)
    random.Random(f"parts {seed}").shuffle(families)
    parts: dict[Part, list[Question]] = {"test": [], "dev": [], "train": []}
    kept: tuple[Part, ...] = ("test", "dev")
    for family in families:
        short = (part for part in kept if len(parts[part]) < shares.get(part, 0.0) * len(pointed))
        parts[next(short, "train")] += family
    return parts
