"""What grading knows of a language: names from CLDR (babel), and words of its own in a table beside this file."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from evaluation.grading.values.plain import plain

TABLES = Path(__file__).parent
COVERED = tuple(sorted(path.stem for path in TABLES.glob("*.toml")))  # rules of the language itself
_SPELL_NUMBERS = frozenset({"en", "fr", "es", "pt", "de", "ca", "it", "nl"})  # what text2num reads
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True)
class Language:
    """Names and words of one language, folded: small letters, no accents. English names are always known too."""

    code: str
    decimal_comma: bool
    order: str  # of day, month and year in a date of digits: dmy, ymd; "" where both of dmy and mdy are in use
    months: Mapping[str, int]
    weekdays: Mapping[str, int]  # 0 is Monday
    scales: re.Pattern[str] | None  # a word for a power of ten right after a digit
    powers: Mapping[str, int]
    numbers: Mapping[str, str]  # number words that text2num does not know
    spelled_numbers: re.Pattern[str]
    noon: re.Pattern[str]
    midnight: re.Pattern[str]
    clock: Sequence[tuple[str, int]]  # "halb (hour)" and the minutes to add to the hour
    afternoon: re.Pattern[str]  # an hour, minutes, and a word that says after noon
    denied: re.Pattern[str]  # ends just before what is denied
    words: Mapping[str, Any] = field(repr=False)  # the table as it stands

    def __hash__(self) -> int:
        return hash(self.code)

    def set_of(self, name: str) -> frozenset[str]:
        return frozenset(self.words.get(name, ()))

    @property
    def spells_numbers(self) -> bool:
        return self.code in _SPELL_NUMBERS


@cache
def table(code: str) -> Mapping[str, Any]:
    """The words of one language; empty where there is no table."""
    path = TABLES / f"{code}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if code in COVERED else {}


def either(words: Iterable[str]) -> str:
    """A pattern of whole words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    found = either(words)
    edge = "" if not found or not found.isascii() else r"\b"
    return re.compile(rf"{edge}(?:{found}){edge}", re.IGNORECASE) if found else _NOTHING


def _afternoon(words: Iterable[str]) -> re.Pattern[str]:
    hour = r"\b(\d{1,2})(?::(\d\d))?(?: (?:uhr|heures?|uur|horas?))?"
    return re.compile(rf"{hour} +(?:{either(words)})\b", re.IGNORECASE) if words else _NOTHING


def _names(locale: Locale, kind: str) -> dict[str, int]:
    """Names of months (1 to 12) or days (0 is Monday), wide and abbreviated."""
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in getattr(locale, kind)[context][width].items():
                folded = plain(name).casefold().rstrip(".")
                if not any(letter.isdigit() for letter in folded) and len(folded) > 1:
                    found[folded] = number
    return found


def _order(locale: Locale) -> str:
    if locale.language == "en":
        return ""
    pattern = str(locale.date_formats["short"].pattern)
    return "ymd" if pattern.startswith("y") else "mdy" if pattern.startswith("M") else "dmy"


@cache
def language(code: str = "en") -> Language:
    """The language of that code (ISO 639-1, "de" or "de-AT"); one that CLDR does not know is read as English."""
    short = re.split(r"[-_]", code or "en")[0].lower()
    try:
        locale = Locale(short)
    except (UnknownLocaleError, ValueError):
        short, locale = "en", Locale("en")
    words, english = table(short), Locale("en")
    powers = {plain(word): power for word, power in {**table("en")["scales"], **words.get("scales", {})}.items()}
    numbers = words.get("numbers", {})
    return Language(
        code=short,
        decimal_comma=locale.number_symbols.get("latn", {}).get("decimal", ".") == ",",
        order=_order(locale),
        months={**_names(english, "months"), "sept": 9, **_names(locale, "months")},
        weekdays={**_names(english, "days"), **_names(locale, "days")},
        scales=re.compile(rf"(?<=\d)[ -]?({either(powers)})\b(?:(?<=mio|mrd|tsd|mln|mld|tys)\.)?", re.IGNORECASE),
        powers=powers,
        numbers=numbers,
        spelled_numbers=_pattern(numbers),
        noon=_pattern((*table("en")["noon"], *words.get("noon", ()))),
        midnight=_pattern((*table("en")["midnight"], *words.get("midnight", ()))),
        clock=(*table("en")["clock"], *words.get("clock", ())),
        afternoon=_afternoon(words.get("afternoon", ())),
        denied=re.compile(rf"\b({either(words.get('before_a_denied', ()))})( (in|on|at|by|from|to))?$")
        if words.get("before_a_denied") else _NOTHING,
        words=words,
    )  # fmt: skip
