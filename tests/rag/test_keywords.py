"""Words are found by BM25; two rankings are fused by rank."""

import math

import pytest

from data.prompt import Passage
from rag.keywords import KeywordIndex, fuse


def _passages(*texts: str) -> list[Passage]:
    return [Passage("d", f"d#{number}", "", text) for number, text in enumerate(texts)]


def test_scores_are_those_of_the_formula() -> None:
    """BM25 by hand, k1 = 1.5, b = 0.75, idf = ln(1 + (N - n + .5) / (n + .5)) as in Lucene, which has no (k1 + 1)."""
    index = KeywordIndex(_passages("otter swims home", "heron stands", "otter otter heron seal"))
    (found,) = index.search(["otter"], 3)
    length = {0: 3, 2: 4}
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))

    def score(times: int, words: int) -> float:
        return idf * times / (times + 1.5 * (1 - 0.75 + 0.75 * words / 3))

    assert [passage.chunk_id for passage in found] == ["d#2", "d#0"]
    assert [passage.score for passage in found] == pytest.approx([score(2, length[2]), score(1, length[0])], rel=1e-4)


def test_what_shares_no_word_is_not_found() -> None:
    index = KeywordIndex(_passages("otter swims", "heron stands"))
    assert index.search(["zebra", "the of and", "OTTERS otter?"], 5)[:2] == [[], []]
    assert [p.chunk_id for p in index.search(["Otter?"], 5)[0]] == ["d#0"]
    assert KeywordIndex(_passages("the", "of and")).search(["the"], 2) == [[]]


def test_the_title_counts() -> None:
    index = KeywordIndex([Passage("a", "a#0", "Heron", "stands"), Passage("b", "b#0", "Otter", "stands")])
    assert [p.document_id for p in index.search(["otter"], 1)[0]] == ["b"]


def test_fusion_by_rank() -> None:
    one, two, three = _passages("a", "b", "c")
    fused = fuse([[one, two], [two, three]], 3)
    assert [passage.chunk_id for passage in fused] == ["d#1", "d#0", "d#2"]
    assert [passage.score for passage in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])
    assert fuse([[one], []], 2)[0].chunk_id == "d#0"
