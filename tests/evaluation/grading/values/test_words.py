"""What people write differently and mean alike, and what looks alike and is not."""

import pytest

from evaluation.grading.values.words import alike, marked, words_of


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
        ("£4.50", "4.5 GBP"),
        ("twenty-two cars", "22 cars"),
        ("two and a half hours", "2.5 hours"),
        ("an hour and a half", "1.5 hours"),
        ("12.5 per cent", "12.5%"),
        ("the eighth season", "8th season"),
        ("Café Ölund", "cafe olund"),
        ("Halloran & Pryce", "Halloran and Pryce"),
        ("Article II", "article two"),
        ("35min", "35 minutes"),
        ("7,5 litres", "7.5 l"),
        ("3 450 000", "3,450,000"),
        ("2'750'000", "2750000"),
        ("4.812,30 euros", "€4812.30"),
        ("31,45,000 rupees", "₹3145000"),
        ("6.02e23", "6.02 × 10²³"),
        ("5 × 10^-3", "0.005"),
        ("¾ cup", "0.75 cups"),
        ("2⅓", "2 1/3"),
        ("two fifths", "2/5"),
        ("a quarter of a litre", "0.25 litres"),
        ("$7.2M", "7.2 million dollars"),
        ("€4bn", "4 billion euros"),
        ("45k", "45,000"),
        ("2.5 crore", "25 million"),
        ("minus twelve", "−12"),
        ("negative 8", "-8"),
        ("15 degrees Celsius below zero", "-15 °C"),
        ("7/23/2019", "23 July 2019"),
        ("23.07.2019", "July 23rd, 2019"),
        ("2019/07/23", "2019-07-23"),
        ("07/2019", "July 2019"),
        ("midday", "12 pm"),
        ("12 midnight", "12 a.m."),
        ("7 in the evening", "19:00"),
        ("2018-05-09T16:20:00", "9 May 2018 16:20"),
        ("Chapter XLIV", "chapter 44"),
        ("Super Bowl LVI", "Super Bowl 56"),
        ("Part iv", "part 4"),
        ("๒๔ ชั่วโมง", "24 ชั่วโมง"),
        ("१२३", "123"),
        ("９８ ％", "98 percent"),
        ("Ærø", "Aero"),
        ("\\frac{5}{8}", "0.625"),
        ("\\boxed{17}", "17"),
        ("$17$", "**17**"),
    ],
)
def test_spellings_of_one_thing(one: str, other: str) -> None:
    assert [word.removesuffix("s") for word in words_of(one)] == [word.removesuffix("s") for word in words_of(other)]


def test_a_slip_of_spelling_is_one_word_but_a_code_is_exact() -> None:
    assert alike("muhammad", "mohammed") is False
    assert alike("brownlow", "brownlow")
    assert alike("edinburgh", "edinborough")
    assert not alike("mktw7", "mktw2")
    assert not alike("kit", "it")


def test_marked_words_are_names_and_codes() -> None:
    assert marked("the ferry Kelpie sails at Gate C on form OSF-88") == ["kelpie", "gate", "c", "osf", "88"]


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("de", "dreiundvierzig Stunden", "43 h"),
        ("de", "1.250 Meter", "1250 m"),
        ("de", "8,75 Mio. Euro", "8.750.000 €"),
        ("de", "5. März 1998", "5 March 1998"),
        ("de", "14.30 Uhr", "14:30"),
        ("de", "anderthalb Stunden", "1,5 Stunden"),
        ("fr", "le 9 août 2003", "9 August 2003"),
        ("fr", "soixante-dix kilomètres", "70 km"),
        ("fr", "3,2 millions d'euros", "3 200 000 €"),
        ("es", "el 6 de enero de 2012", "6 January 2012"),
        ("es", "cuarenta y dos kilos", "42 kg"),
        ("it", "18 giugno 1977", "18 June 1977"),
        ("it", "ventitré minuti", "23 min"),
        ("nl", "4 oktober 2005", "4 October 2005"),
        ("nl", "zevenendertig dagen", "37 d"),
        ("pl", "17 września 1994", "17 September 1994"),
        ("pl", "dwadzieścia godzin", "20 h"),
        ("ja", "2016年11月8日", "8 November 2016"),
        ("ja", "四十五分", "45 分"),
        ("ja", "2万5千円", "25000円"),
        ("ja", "午後4時", "16:00"),
        ("zh", "七十二小时", "72 小時"),
        ("zh", "3.6亿元", "360000000元"),
    ],
)
def test_spellings_of_one_thing_in_other_languages(code: str, one: str, other: str) -> None:
    assert words_of(one, code) == words_of(other, code)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("-17", "17"),
        ("9780306406157", "9780306406158"),
        ("2.10", "2.1"),
        ("10^4", "10^5"),
        ("1½", "11/2"),
        ("XIX", "XXI"),
        ("6 MW", "6 mW"),
        ("08:15", "8:15 pm"),
        ("CHF 90", "€90"),
        ("05/06/2020", "6 May 2020"),
    ],
)
def test_what_looks_alike_and_is_not(one: str, other: str) -> None:
    assert words_of(one) != words_of(other)
