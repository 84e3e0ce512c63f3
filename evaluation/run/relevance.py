"""Where the passages that a question needs stand in the retriever's ranking."""

from collections.abc import Sequence
from typing import Any

from data.prompt import Passage
from data.schema import Category, Question
from evaluation.run.folder import RunFolder
from evaluation.run.registry import MethodSpec
from evaluation.run.traced import TracedPrompt
from rag.context import DEPTH


def gold_groups(question: Question, chunks: Sequence[Passage]) -> list[set[str]]:
    """Sets of passages of each of which one is needed: one set, but for multi-hop questions one a quote or document."""
    own = [chunk for chunk in chunks if chunk.document_id in question.document_ids]
    quoted = [{chunk.chunk_id for chunk in own if quote in chunk.text} for quote in question.evidence]
    if question.category is not Category.MULTI_HOP:
        return [set().union(*quoted) or {chunk.chunk_id for chunk in own}]
    if len(quoted) > 1 and all(quoted):
        return quoted
    return [{chunk.chunk_id for chunk in own if chunk.document_id == name} for name in question.document_ids]


def relevance(question: Question, ranked: Sequence[Passage], chunks: Sequence[Passage]) -> dict[str, Any] | None:
    """Where the gold passages of a question stand in a ranking; None where the domain names none.

    Gold is the passage that holds the evidence; where the evidence is not given or was cut in two, every passage of
    the named documents.

    Returns:
        `hits`: whether each ranked passage is gold; `gold`: how many there are; `ranks`: for each thing needed (two for
        a question over two documents) the rank of its first passage, from 1, or None.
    """
    groups = gold_groups(question, chunks)
    if not question.answerable or not all(groups):
        return None
    names = [passage.chunk_id for passage in ranked[:DEPTH]]
    gold = set().union(*groups)
    return {
        "question_id": question.id,
        "category": str(question.category),
        "gold": len(gold),
        "hits": [name in gold for name in names],
        "ranks": [next((rank for rank, name in enumerate(names, 1) if name in group), None) for group in groups],
    }


def save_ranking(
    folder: RunFolder, spec: MethodSpec, prompts: Sequence[TracedPrompt], chunks: Sequence[Passage]
) -> None:
    """retrieval.jsonl: where the gold passages stand in the ranking of each question."""
    if not any(prompt.ranking for prompt in prompts):
        return
    retriever = spec.retriever or spec.name
    rows = [row for row in folder.rows("retrieval.jsonl") if row.get("retriever", retriever) != retriever]
    found = (relevance(prompt.question, prompt.ranking, chunks) for prompt in prompts)
    rows += [row | {"retriever": retriever} for row in found if row]
    folder.write_rows("retrieval.jsonl", rows)
