"""What an answer says, in comparable form: one spelling of words, numbers, money, dates, times and units."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isclose

from rapidfuzz import fuzz
from text_to_num import alpha2digit

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_WEEKDAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
_MONTH = r"(?:" + "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + r"|sept)"
_DAY = r"(\d{1,2})"
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_MONEY = {"£": "pounds", "$": "dollars", "€": "euros"}
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_ARTICLES = frozenset({"a", "an", "the"})
# Factor and dimension of the units that people convert in their heads. Months are no exact number of days.
UNITS = {
    "second": (1, "time"), "minute": (60, "time"), "hour": (3600, "time"), "day": (86400, "time"),
    "week": (604800, "time"), "fortnight": (1209600, "time"),
    "month": (1, "months"), "year": (12, "months"), "decade": (120, "months"), "century": (1200, "months"),
    "millimetre": (1, "length"), "mm": (1, "length"), "centimetre": (10, "length"), "cm": (10, "length"),
    "metre": (1000, "length"), "m": (1000, "length"), "kilometre": (1_000_000, "length"),
    "inch": (1, "imperial length"), "foot": (12, "imperial length"), "feet": (12, "imperial length"),
    "yard": (36, "imperial length"), "mile": (63360, "imperial length"),
    "gram": (1, "mass"), "kilogram": (1000, "mass"), "kg": (1000, "mass"), "kilo": (1000, "mass"),
    "tonne": (1_000_000, "mass"), "ton": (1_000_000, "mass"), "pound": (1, "pounds"), "gbp": (1, "pounds"),
    "pence": (0.01, "pounds"), "dollar": (1, "dollars"), "usd": (1, "dollars"), "cent": (0.01, "dollars"),
    "euro": (1, "euros"), "eur": (1, "euros"), "percent": (1, "per cent"), "%": (1, "per cent"),
}  # fmt: skip
_SPELLINGS = {
    "ft": "foot", "min": "minute", "sec": "second", "hr": "hour", "km": "kilometre", "meter": "metre",
    "kilometer": "kilometre", "centimeter": "centimetre", "millimeter": "millimetre", "tons": "tonne",
    "centuries": "century", "inches": "inch", "percentage": "percent", "gray": "grey",
}  # fmt: skip
_GLUED = re.compile(r"(\d)(mins?|hrs?|h|km|cm|mm|kg|m)\b")


@dataclass(frozen=True)
class Quantity:
    """A number with its dimension ("" where no unit follows), at words `start` to `end`."""

    value: float
    dimension: str
    start: int
    end: int

    def equals(self, other: "Quantity") -> bool:
        return self.dimension == other.dimension and isclose(self.value, other.value, rel_tol=1e-9)


def _plain(text: str) -> str:
    """Lower case without accents, with one apostrophe and one dash; the A of "Gate A" is no article but an alpha."""
    text = re.sub(r"(?<=\w )A(?=\s*(?:$|[.,;:!?)]|and\b|or\b|is\b))", "\u0251", text)
    text = re.sub(r"(?<=[A-Za-z] )(II|III|IV|VI|VII|VIII|IX)\b", lambda found: str(_ROMAN.index(found[1])), text)
    text = unicodedata.normalize("NFKD", text.casefold()).replace("’", "'").replace("–", "-").replace("—", " - ")
    return "".join(letter for letter in text if not unicodedata.combining(letter)).replace("&", " and ")


def _scaled(found: re.Match[str]) -> str:
    return f"{float(found[1]) * _SCALES[found[2]]:.0f}"


def _numbers_as_digits(text: str) -> str:
    """ "twenty-two" and "1.5 million" as 22 and 1500000, "two and a half" as 2.5, money as a number and a word."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text))
    for sign, word in _MONEY.items():
        text = re.sub(rf"{re.escape(sign)}\s*(\d[\d.]*\d|\d)(\s*(?:{'|'.join(_SCALES)})\b)?", rf"\1\2 {word} ", text)
    text = re.sub(rf"(\d[\d.]*)\s*({'|'.join(_SCALES)})\b", _scaled, text)
    text = re.sub(r"\bper cent\b", "percent", text).replace("%", " percent ")
    text = re.sub(r"\ba (hundred|thousand|million|billion|dozen)\b", r"one \1", text).replace("one dozen", "twelve")
    text = alpha2digit(re.sub(r"\b(?:an?|one) (\w+) and a half\b", r"1.5 \1s", text), "en", threshold=0)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"\1", text)
    text = re.sub(r"\b(\d+)(?: and (?:a|1))?[ -]half\b", r"\1.5", text)
    return re.sub(r"\bhalf an?\b", "0.5", text)


def _time(found: re.Match[str]) -> str:
    hour, minute, half = int(found[1]), found[2] or "00", (found[3] or "")[:1]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f" {hour}:{minute} "


def _times_and_dates(text: str) -> str:
    """Times as 18:05, dates as day, month's full name, year."""
    half = r"(a\.?m\b\.?|p\.?m\b\.?)"
    text = re.sub(rf"\b(\d{{1,2}})[:.](\d\d)\s*{half}", _time, text)
    text = re.sub(rf"\b(\d{{1,2}})()\s*{half}", _time, text)
    text = re.sub(r"\b(\d{1,2}):(\d\d)()\b", _time, text)
    text = re.sub(r"\b(\d{1,2})()() o'clock\b", _time, text)
    text = re.sub(r"\bhalf past (\d{1,2})\b", r"\1:30", text)
    text = re.sub(r"\bquarter past (\d{1,2})\b", r"\1:15", text)
    text = re.sub(r"\bquarter to (\d{1,2})\b", lambda found: f"{int(found[1]) - 1}:45", text)

    def date(day: str, month: str, year: str) -> str:
        name = next(full for full in _MONTHS if full.startswith(month[:3]))
        return " ".join(part for part in (day.lstrip("0"), name, year) if part)

    text = re.sub(rf"\b{_DAY}\s+(?:of\s+)?({_MONTH})\b\.?,?", lambda m: date(m[1], m[2], "") + " ", text)
    text = re.sub(rf"\b({_MONTH})\.?\s+(?:the\s+)?{_DAY}\b(?![:.]\d),?", lambda m: date(m[2], m[1], "") + " ", text)
    text = re.sub(rf"\b({_MONTH})\.?,?\s+(?:of\s+)?(\d{{4}})\b", lambda m: date("", m[1], m[2]), text)
    return re.sub(r"\b(\d{4})-(0[1-9]|1[0-2])-(\d\d)\b", lambda m: date(m[3], _MONTHS[int(m[2]) - 1], m[1]), text)


def _word(word: str) -> str:
    """One spelling of a unit or a number; anything else as it is."""
    if re.fullmatch(r"\d*\.\d+|[1-9]\d*\.?", word):
        return f"{float(word):.10g}" if len(word) < 15 else word
    single = word.removesuffix("s")
    single = _SPELLINGS.get(word, _SPELLINGS.get(single, single))
    return single if single in UNITS or single in _WEEKDAYS or word in _SPELLINGS else word


def words_of(text: str) -> list[str]:
    """Comparable words: lower case, no accents, no articles, one spelling of numbers, money, dates, times, units.

    >>> words_of("The fee is £4.50 on March 3rd, i.e. twelve per cent of 1,200.")
    ['fee', 'is', '4.5', 'pound', 'on', '3', 'march', 'i', 'e', '12', 'percent', 'of', '1200']
    """
    text = _times_and_dates(_GLUED.sub(r"\1 \2", _numbers_as_digits(_plain(text))))
    text = re.sub(r"(?<=\d)-(?=\d)", " to ", re.sub(r"'s\b|'", "", text))
    words = re.findall(r"\d+(?:[.:]\d+)+|\w+", text.replace("_", " "))
    return [word for word in map(_word, words) if word not in _ARTICLES]


def marked(text: str) -> list[str]:
    """Comparable words of what is written with a capital or a digit: names, codes, numbers."""
    return [word for part in re.findall(r"\b[A-Z0-9][\w-]*", text) for word in words_of(f"x {part}")[1:]]


def alike(word: str, other: str) -> bool:
    """Whether two words are one, a slip of spelling allowed (edit similarity of 80 of 100), but not in digits."""
    return word == other or (
        min(len(word), len(other)) > 3 and not re.search(r"\d", word + other) and fuzz.ratio(word, other) >= 80
    )


def among(word: str, others: Iterable[str]) -> bool:
    return any(alike(word, other) for other in others)


def quantities(words: Sequence[str]) -> list[Quantity]:
    """The numbers in `words` with their dimensions, in base units; "1 hour 30 minute" is one quantity."""
    found: list[Quantity] = []
    for at, word in enumerate(words):
        if not re.fullmatch(r"\d+(\.\d+)?", word):
            continue
        unit = words[at + 1] if at + 1 < len(words) else ""
        factor, dimension = UNITS.get(unit, (1, ""))
        this = Quantity(float(word) * factor, dimension, at, at + (2 if dimension else 1))
        before = found[-1] if found else None
        if before and dimension and dimension == before.dimension and at - before.end in (0, 1):
            between = words[before.end : at]
            if between in ([], ["and"]) and before.value > this.value:
                found[-1] = Quantity(before.value + this.value, dimension, before.start, this.end)
                continue
        found.append(this)
    return found


def as_quantity(words: Sequence[str]) -> Quantity | None:
    """The quantity that `words` are and nothing else, else None."""
    found = quantities(words)
    return found[0] if len(found) == 1 and (found[0].start, found[0].end) == (0, len(words)) else None


def _joined_end(needle: str, hay: Sequence[str], at: int) -> int:
    """End of the words from `at` that, written as one, are `needle`: "e mail" is "email", but "1 2" is not "12"."""
    text, end = "", at
    while end < len(hay) and len(text) < len(needle):
        if text and text[-1].isdigit() and hay[end][0].isdigit():
            return -1
        text, end = text + hay[end], end + 1
    return end if text == needle else -1


def mentions(form: Sequence[str], said: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where `said` gives `form`, as ranges of words: the same words in a row, or an equal quantity in other units."""
    if not form:
        return
    whole = as_quantity(form)
    if whole and whole.dimension:
        same = [q for q in quantities(said) if q.equals(whole)]
        if not same and len(said) == 1 and list(form[:1]) == list(said):
            same = quantities(said)  # the reply is just the number
        yield from ((quantity.start, quantity.end) for quantity in same)
        return
    digits = "".join(form).isdigit()
    needle, size = "".join(form), len(form)
    at = 0
    while at < len(said):
        end = at + size if list(said[at : at + size]) == list(form) else -1
        if end < 0 and not digits and len(needle) > 3:
            end = _joined_end(needle, said, at)
        if end > 0:
            yield at, end
        at = end if end > 0 else at + 1
