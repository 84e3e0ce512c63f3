"""A gold passage holds the evidence, or an accepted answer; a question without either has none."""

from typing import Any

import pytest

from data.gold import GoldPassages
from data.prompt import Passage
from data.schema import Document, Question

TEXTS = (
    "Bram crossed the bay.",
    "The lighthouse was\n  built in",
    "1931 by the guild of Sorrel.",
    "Its keeper is Ida Moss",
    "Wren. The lighthouse is red.",
)
PASSAGES = [*(Passage("d", f"d#{n}", "", text) for n, text in enumerate(TEXTS)), Passage("e", "e#0", "", TEXTS[0])]


def _gold(**fields: Any) -> list[str]:
    question = Question(**({"id": "q", "question": "?", "answers": ("1931",), "document_ids": ("d",)} | fields))
    return [passage.chunk_id for passage in GoldPassages(PASSAGES).of(question)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"evidence": ("lighthouse is red",)}, ["d#4"]),
        ({"evidence": ("crossed the bay",), "document_ids": ("d", "e")}, ["d#0", "e#0"]),
        ({"evidence": ("lighthouse was built in 1931 by",)}, ["d#1", "d#2"]),  # cut in two
        ({"evidence": ("lighthouse is red", "built in 1931")}, ["d#1", "d#2", "d#4"]),
        ({"evidence": ("lighthouse is red", "never written")}, ["d#2"]),  # not all of it is there: the answer's
        ({}, ["d#2"]),  # no evidence
        ({"answers": ("ida moss WREN",)}, ["d#3", "d#4"]),  # the answer is cut in two
        ({"answers": ("the Guild of Sorrel", "Bram")}, ["d#0", "d#2"]),
        ({"answers": ("93",)}, []),  # not a word of its own
        ({"answers": ("a tower",)}, []),
        ({"answers": ("...",)}, []),  # no words
        ({"answers": (), "evidence": ("lighthouse is red",)}, []),  # unanswerable
        ({"document_ids": ()}, []),
        ({"document_ids": ("gone",)}, []),
    ],
)
def test_gold_passages(fields: dict[str, Any], expected: list[str]) -> None:
    assert _gold(**fields) == expected


def test_a_cut_never_hides_what_the_whole_document_says() -> None:
    text = "The first keeper, Ida Moss, lit the lamp on 3 May 1931 and stayed for nine years."
    whole = GoldPassages.of_documents([Document(id="d", title="", text=text)])
    question = Question(id="q", question="?", answers=("nine",), document_ids=("d",), evidence=("on 3 May 1931",))
    assert whole.of(question)
    for size in range(1, len(text)):
        pieces = [text[at : at + size].strip() for at in range(0, len(text), size)]
        found = GoldPassages(Passage("d", f"d#{n}", "", piece) for n, piece in enumerate(pieces)).of(question)
        assert "on3May1931" in "".join(passage.text for passage in found).replace(" ", "")
        assert [passage.chunk_id for passage in found] == [f"d#{n}" for n in _span(pieces, "on3May1931")]


def _span(pieces: list[str], needle: str) -> list[int]:
    """The shortest run of pieces that holds the needle, by trying all."""
    runs = [(last - first, first, last) for first in range(len(pieces)) for last in range(first, len(pieces))]
    for _, first, last in sorted(runs):
        if needle in "".join(pieces[first : last + 1]).replace(" ", ""):
            return list(range(first, last + 1))
    return []
