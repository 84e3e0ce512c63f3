"""Quantities are compared by what they are worth."""

import pytest

from evaluation.grading.values.quantities import as_quantity, mentions, quantities
from evaluation.grading.values.units import is_unit, unit_word, units_of
from evaluation.grading.values.words import words_of


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
        ("3 kg", "3000 g", True),
        ("250 ml", "a quarter of a litre", True),
        ("68 °F", "20 °C", True),
        ("-40 °C", "-40 °F", True),
        ("36 km/h", "10 m/s", True),
        ("2 GB", "2000 MB", True),
        ("0.75", "75 %", True),
        ("5 feet 11 inches", "71 inches", True),
        ("£3.50", "350 pence", True),
        ("7 pounds", "7 lb", True),
        ("7 pounds", "£7", True),
        ("7 lb", "£7", False),
        ("$40", "USD 40", True),
        ("$40", "CAD 40", False),
        ("40 mg", "40 mcg", False),
        ("40 kW", "40 MW", False),
        ("40 l", "40 gallons", False),
        ("40 km/h", "40 mph", False),
        ("¥300", "300 yen", True),
        ("¥300", "300元", True),
        ("9780306406157", "978-0-306-40615-7", True),
        ("1 hour", "60 minutes", True),
        ("12.65 metres", "12.65 metres (41.5 feet)", True),
    ],
)
def test_mentions(form: str, said: str, found: bool) -> None:
    assert any(True for _ in mentions(words_of(form), words_of(said))) is found


def test_a_smaller_unit_after_a_bigger_one_is_added() -> None:
    found = [(q.number, q.unit) for q in quantities(words_of("2 hours 30 minutes, 5 tonnes and 7 boats"))]
    assert found == [(150, "minute"), (5, "metric_ton"), (7, "")]
    assert as_quantity(words_of("about 2 hours")) is None


@pytest.mark.parametrize(
    ("one", "other", "same", "perhaps"),
    [
        ("3 miles", "4.8 km", False, True),  # rounded
        ("3 miles", "5.5 km", False, False),
        ("20 degrees", "20 °C", True, True),
        ("$15", "A$15", False, True),
        ("€15", "$15", False, False),
        ("1 year", "365 days", False, True),
    ],
)
def test_what_a_person_has_to_decide(one: str, other: str, same: bool, perhaps: bool) -> None:
    mine, theirs = as_quantity(words_of(one)), as_quantity(words_of(other))
    assert mine is not None
    assert theirs is not None
    assert mine.equals(theirs) is same
    assert mine.may_equal(theirs) is perhaps


def test_units_by_hand() -> None:
    assert [unit_word(text) for text in ("mg", "Mg", "µg", "sq ft", "m²", "m^2", "kWh", "elephants")] == [
        "milligram", "milligram", "microgram", "square_foot", "", "square_meter", "kilowatt_hour", "",
    ]  # fmt: skip
    (kilometre,), (mile,) = units_of("kilometer"), units_of("mile")
    assert mile.factor / kilometre.factor == pytest.approx(1.609344)
    assert is_unit("square_mile_per_hour")
    assert not is_unit("boat")
