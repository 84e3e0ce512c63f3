"""Spots: what a sentence says that can be asked for, quoted exactly."""

from data.prompt import Passage
from finetune.self_study.spots import spots_of, text_of

TEXT = "The Kittewan takes 290 passengers. She was built in 1986. We sail to Vennick, Tarsa and Ollay. Why?"


def test_each_sentence_is_a_spot_by_itself_and_by_its_values_and_names() -> None:
    found = list(spots_of(Passage("ships.md", "ships.md#0", "Ships", TEXT)))
    assert [(spot.sentence.split()[0], spot.answer) for spot in found] == [
        ("The", ""), ("The", "Kittewan"), ("The", "290 passengers"),
        ("She", ""), ("She", "1986"),
        ("We", ""), ("We", "Vennick"), ("We", "Tarsa and Ollay"), ("We", "Vennick, Tarsa and Ollay"),
    ]  # fmt: skip
    assert all(spot.sentence in TEXT for spot in found)


def test_a_sentence_that_needs_it_is_read_with_the_one_before() -> None:
    found = list(spots_of(Passage("ships.md", "ships.md#0", "Ships.", TEXT)))
    assert found[1].text == "Ships. The Kittewan takes 290 passengers."
    assert found[4].text == "Ships. The Kittewan takes 290 passengers. She was built in 1986."
    assert text_of("T", "Before.", "The end.") == "T. The end."


def test_a_writer_is_told_the_answer_where_there_is_one() -> None:
    whole, name, *_ = spots_of(Passage("ships.md", "ships.md#0", "Ships", TEXT))
    assert "Answer: Kittewan\nQuestion:" in name.messages()[1]["content"]
    assert "Answer:" not in whole.messages()[1]["content"]
