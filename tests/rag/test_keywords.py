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


@pytest.mark.parametrize(
    ("texts", "query", "best"),
    [
        (["船は朝六時に出発します。", "犬は半額で乗れます。", "事務所は二階にあります。"], "犬の料金は？", "d#1"),
        (["成人票价为五元。", "办公室在二楼。", "狗可以免费乘船。"], "办公室在哪里", "d#1"),
        (["Die Fähre ist alt.", "Der Hund ist frei.", "Das Büro ist zu."], "Ist der Hund frei?", "d#1"),
        (["เรือออกตอนเช้า", "สุนัขฟรี"], "สุนัข", "d#1"),
    ],
)
def test_other_languages(texts: list[str], query: str, best: str) -> None:
    assert KeywordIndex(_passages(*texts)).search([query], 1)[0][0].chunk_id == best


def test_common_words_are_those_of_the_language() -> None:
    german = _passages("Der Hund ist frei", "Das Boot ist alt")
    assert KeywordIndex(german, "de").search(["ist das"], 2) == [[]]
    assert KeywordIndex(german).language == "de"


def test_pairs_of_characters() -> None:
    index = KeywordIndex(_passages("東京駅", "京都", "フェリー"), "ja")
    assert [p.chunk_id for p in index.search(["京都"], 3)[0]] == ["d#1", "d#0"], "the pair counts more than 京 alone"
    assert [p.chunk_id for p in index.search(["駅"], 3)[0]] == ["d#0"]
    assert [p.chunk_id for p in index.search(["フェリ"], 3)[0]] == ["d#2"]


def test_fusion_by_rank() -> None:
    one, two, three = _passages("a", "b", "c")
    fused = fuse([[one, two], [two, three]], 3)
    assert [passage.chunk_id for passage in fused] == ["d#1", "d#0", "d#2"]
    assert [passage.score for passage in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])
    assert fuse([[one], []], 2)[0].chunk_id == "d#0"
