"""A near miss asks about something that the documents know, and no sentence of theirs answers it."""

from data.schema import Document, Question
from finetune.self_study.near_misses import NearMisses, names_of

TEXT = (
    "In summer the Kittewan takes 290 passengers. In summer the Kittering takes 64 cars. In summer the Norna takes 17"
    " passengers. Our harbour master is Morag Tennent."
)
DOCUMENT = Document(id="ships.md", title="Ships", text=TEXT)


def question(text: str, kind: str = "asked") -> Question:
    return Question(id="q", question=text, answers=("290",), split="train", evidence=("e",), meta={"kind": kind})


def test_names_are_told_by_their_article() -> None:
    found = names_of([DOCUMENT])
    assert {name: found[name] for name in ("Kittewan", "Kittering", "Norna")} == dict.fromkeys(
        ("Kittewan", "Kittering", "Norna"), True
    )
    assert found["Morag Tennent"] is False


def test_only_what_nothing_answers_is_asked() -> None:
    """Of the Kittering nobody says how many passengers; of the Norna somebody does."""
    makers = NearMisses([DOCUMENT])
    for seed in range(8):
        (made,) = makers.make([question("How many passengers does the Kittewan take?")], 5, seed)
        assert made.question == "How many passengers does the Kittering take?"
        assert made.answers == ()
        assert not made.answerable
        assert made.evidence == ()


def test_without_another_name_of_its_form_nothing_is_made() -> None:
    assert NearMisses([DOCUMENT]).make([question("Where does Morag Tennent live?")], 5, 0) == []


def test_gaps_are_left_and_the_limit_holds() -> None:
    makers = NearMisses([DOCUMENT])
    assert makers.make([question("Fill the gap: the Kittewan takes … passengers", "gap")], 5, 0) == []
    many = [question("How many passengers does the Kittewan take?")] * 4
    assert len(makers.make(many, 2, 0)) == 2
