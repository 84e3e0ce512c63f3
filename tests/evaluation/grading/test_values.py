"""What people write differently and mean alike, and what looks alike and is not."""

import pytest

from evaluation.grading.values import alike, as_quantity, marked, mentions, quantities, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 March 2021", "March 12th, 2021"),
        ("12 March 2021", "2021-03-12"),
        ("12 March 2021", "the twelfth of March, 2021"),
        ("Sept. 2017", "September 2017"),
        ("6:50 pm", "18:50"),
        ("6.30 a.m.", "06:30"),
        ("half past six", "6:30"),
        ("1.5 million", "1,500,000"),
        ("$2 billion", "2,000,000,000 dollars"),
        ("£4.50", "4.5 pounds"),
        ("twenty-two cars", "22 cars"),
        ("two and a half hours", "2.5 hours"),
        ("an hour and a half", "1.5 hours"),
        ("12.5 per cent", "12.5%"),
        ("the eighth season", "8th season"),
        ("Café Ölund", "cafe olund"),
        ("Halloran & Pryce", "Halloran and Pryce"),
        ("Article II", "article two"),
        ("35min", "35 minutes"),
    ],
)
def test_spellings_of_one_thing(one: str, other: str) -> None:
    assert [word.removesuffix("s") for word in words_of(one)] == [word.removesuffix("s") for word in words_of(other)]


@pytest.mark.parametrize(
    ("form", "said", "found"),
    [
        ("24 months", "It takes two years.", True),
        ("90 minutes", "1.5 hours", True),
        ("90 minutes", "1 hour and 30 minutes", True),
        ("3.5 km", "3500 metres", True),
        ("24 months", "24 days", False),
        ("4 weeks", "a month", False),
        ("KT-204", "KT204", True),
        ("email", "e-mail", True),
        ("12", "1 2", False),
        ("35 minutes", "35", True),
        ("35 minutes", "35 of them", False),
        ("12 March", "12 March 2021", True),
        ("Gate A", "a gate", False),
    ],
)
def test_mentions(form: str, said: str, found: bool) -> None:
    assert any(True for _ in mentions(words_of(form), words_of(said))) is found


def test_quantities_are_in_base_units() -> None:
    assert [(q.value, q.dimension) for q in quantities(words_of("2 hours, 5 tonnes and 7 boats"))] == [
        (7200, "time"), (5_000_000, "mass"), (7, ""),
    ]  # fmt: skip
    assert as_quantity(words_of("about 2 hours")) is None


def test_a_slip_of_spelling_is_one_word_but_a_code_is_exact() -> None:
    assert alike("muhammad", "mohammed") is False
    assert alike("brownlow", "brownlow")
    assert alike("edinburgh", "edinborough")
    assert not alike("mktw7", "mktw2")
    assert not alike("kit", "it")


def test_marked_words_are_names_and_codes() -> None:
    assert marked("the ferry Kelpie sails at Gate C on form OSF-88") == ["kelpie", "gate", "c", "osf", "88"]
