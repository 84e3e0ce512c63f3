"""A phrase is found where it stands word for word, and nowhere else."""

from data.mentions import Mentions
from data.schema import Document

DOCUMENTS = [
    Document(id="a", title="Fees", text="The fee is 4.50 pounds, paid to Hamish Orde."),
    Document(id="b", title="Hours", text="Orde sees callers on Wednesdays."),
]


def test_whole_words_in_any_case() -> None:
    mentions = Mentions(DOCUMENTS)
    assert mentions.documents_with("hamish orde") == ["a"]
    assert mentions.documents_with("Orde") == ["a", "b"]
    assert mentions.documents_with("pound") == []
    assert mentions.documents_with("Orde", ["b"]) == ["b"]
    assert mentions.documents_with("Fees the fee") == ["a"], "the title counts"
    assert mentions.documents_with("...") == []
    assert mentions.any_says(["nobody", "4.50 pounds"])
