"""Dates and times of day in one spelling: day, English month, year; hours and minutes of a day of 24 hours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from evaluation.grading.languages import Language, either
from evaluation.grading.values.units import units_of

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_YMD = re.compile(r"(?<![\d/.-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d/-]|\.\d)")
_DMY = re.compile(r"(?<![\d/.-])(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4}|(?<=/)\d\d)(?![\d/-]|\.\d)")
_MY = re.compile(r"(?<![\d/.-])(0?[1-9]|1[0-2])/(\d{4})(?![\d/])")
_HAN = re.compile(r"(?:(\d{4})[年년] ?)?(?:(\d{1,2})[月월] ?)?(?:(\d{1,2})[日号號일](?!間|间))?")
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}  # the year before the first of each
_ERA = re.compile(rf"({either(_ERAS)})(\d{{1,2}}|元)年")
_DAYS = {day: number for days in ("月火水木金土日", "一二三四五六天") for number, day in enumerate(days)}
_HAN_WEEKDAY = re.compile(r"([月火水木金土日])曜日?|(?:星期|礼拜|[周週])([一二三四五六日天])")
_HAN_TIME = re.compile(
    r"(午前|上午|早上|朝|오전|夜|夕方|午後|下午|晚上|오후)? ?"
    r"(\d{1,2}) ?[時时點点시](?!間|间|间)(?: ?(?:(\d{1,2}) ?[分분]?|(半)))?"
)
_HALF_DAY = r"(a\.?m\b\.?|p\.?m\b\.?|in the (?:morning|afternoon|evening)|at night)"
_CLOCK = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(\d{{1,2}})[:.](\d\d)(?::\d\d)?(?: o'clock)?\s*{_HALF_DAY}",
        rf"\b(\d{{1,2}})()(?: o'clock)?\s*{_HALF_DAY}",
        r"(?<![\d:])(\d{1,2}):(\d\d)(?::\d\d)?(?:Z\b| ?h\b| ?uhr\b)?()(?![:\d])",
        r"\b(\d{1,2})[.h](\d\d) ?(?:uhr|uur|h)\b()",
        r"\b(\d{1,2}) uhr(?: (\d\d)\b)?()",
        r"\b(\d{1,2})()() o'clock\b",
    )
)


@dataclass(frozen=True)
class Date:
    """A date in comparable words; 0 for a part that is not said."""

    day: int
    month: int
    year: int

    def conflicts(self, other: "Date") -> bool:
        pairs = ((self.day, other.day), (self.month, other.month), (self.year, other.year))
        return any(mine and theirs and mine != theirs for mine, theirs in pairs)

    def is_coarser(self, other: "Date") -> bool:
        """Whether this leaves out the day or month that the other has."""
        return bool((other.day and not self.day) or (other.month and not self.month))


def dates_in(words: Sequence[str]) -> list[Date]:
    """The dates with a month, and years alone, of comparable words."""
    found, at = [], 0
    while at < len(words):
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        if word in MONTHS:
            day = int(words[at - 1]) if at and re.fullmatch(r"[12]?\d|3[01]", words[at - 1]) else 0
            year = int(following) if re.fullmatch(r"\d{4}", following) else 0
            if day or year or word != "may":
                found.append(Date(day, MONTHS.index(word) + 1, year))
            at += bool(year)
        elif re.fullmatch(r"1\d{3}|20\d\d", word) and not units_of(following):
            found.append(Date(0, 0, int(word)))
        at += 1
    return found


@cache
def _month(language: Language) -> str:
    return rf"(?:{either(language.months)})"


@cache
def _patterns(language: Language) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Day and month, month and day, month and year."""
    month, of = _month(language), r"(?:of |de |del |d'|di |\. )?"
    return (
        re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.|er|o|ste|de)?\s+{of}({month})\b\.?,?", re.IGNORECASE),
        re.compile(rf"\b({month})\.?\s+(?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.,/]\d|\s*%),?", re.IGNORECASE),
        re.compile(rf"\b({month})\.?,?\s+(?:of |de |del |im jahr |in the year |the year )*(\d{{4}})\b", re.IGNORECASE),
    )


def _year(digits: str) -> str:
    return digits if len(digits) == 4 else ("20" if int(digits) < 70 else "19") + digits


def _written(day: str, month: int, year: str) -> str:
    return " " + " ".join(part for part in (day.lstrip("0"), MONTHS[month - 1] if month else "", year) if part) + " "


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _numeric(found: re.Match[str], order: str) -> str:
    """A date of digits; one that is read differently on two sides of an ocean stays as it is: 3/4/2021."""
    one, two, year = found[1], found[3], _year(found[4])
    day_first, month_first = _is_day(one, two), _is_day(two, one)
    if not (day_first or month_first):
        return found[0]
    if day_first and (not month_first or int(one) == int(two) or order == "dmy"):
        return _written(one, int(two), year)
    if month_first and (not day_first or order == "mdy"):
        return _written(two, int(one), year)
    return f" {int(one)}/{int(two)}/{year} "


def _han(found: re.Match[str]) -> str:
    year, month, day = (found[number] or "" for number in (1, 2, 3))
    if not (year or (month and int(month) <= 12)) or (day and not month):
        return found[0]
    return _written(day, int(month or 0), year)


def _time(found: re.Match[str]) -> str:
    hour, minute, half = int(found[1]), found[2] or "00", (found[3] or "").lower().removeprefix("in the ")[:2]
    if hour > 24 or int(minute) > 59:
        return found[0]
    if half and 1 <= hour <= 12 and half != "at":
        hour = hour % 12 + (12 if half[0] == "p" or half in ("af", "ev") else 0)
    elif half == "at" and 6 <= hour < 12:
        hour += 12
    return f" {hour % 24}:{minute} "


def _told(found: re.Match[str], minutes: int) -> str:
    """ "half past 8" and "halb neun" as 8:30; the hour on a clock face."""
    since = int(found[1]) * 60 + minutes
    return f" {since // 60 or 12}:{since % 60:02} "


def _han_time(found: re.Match[str]) -> str:
    hour, minute = int(found[2]), "30" if found[4] else (found[3] or "00").zfill(2)
    if found[1] in ("午後", "夜", "夕方", "下午", "晚上", "오후") and hour < 12:
        hour += 12
    return f" {hour % 24}:{minute} " if hour <= 24 else found[0]


def _times(text: str, language: Language) -> str:
    text = language.midnight.sub(" 0:00 ", language.noon.sub(" 12:00 ", text))
    if not re.search(r"\d", text):
        return text
    if language.code == "fr":
        text = re.sub(r"\b(\d{1,2}) ?h(?:eures?)? ?(\d\d)\b", r"\1:\2", text)
    for told, minutes in language.clock:
        text = re.sub(rf"\b{told}\b", partial(_told, minutes=minutes), text, flags=re.IGNORECASE)
    for pattern in _CLOCK:
        text = pattern.sub(_time, text)
    return language.afternoon.sub(lambda m: f" {int(m[1]) % 12 + 12}:{m[2] or '00'} " if int(m[1]) < 24 else m[0], text)


def in_words(text: str, language: Language, order: str = "") -> str:
    """The text with every date as "13 april 2021" and every time as "18:05".

    Args:
        order: dmy or mdy, how to read a date of digits that may be either; default: as the language does.
    """
    if not text.isascii():
        text = _ERA.sub(lambda m: f"{_ERAS[m[1]] + int(m[2].replace('元', '1'))}年", text)
        text = _HAN_WEEKDAY.sub(lambda m: f" {WEEKDAYS[_DAYS[m[1] or m[2]]]} ", text)
        text = _HAN_TIME.sub(_han_time, _HAN.sub(_han, text))
    text = _times(re.sub(r"(?<=\d-\d\d)T(?=\d\d:)", " ", text), language)
    if not re.search(r"\d", text):
        return text
    text = _YMD.sub(lambda m: _written(m[4], int(m[3]), m[1]) if _is_day(m[4], m[3]) else m[0], text)
    text = _DMY.sub(lambda m: _numeric(m, order or language.order), text)
    text = _MY.sub(lambda m: _written("", int(m[1]), m[2]), text)
    day_month, month_day, month_year = _patterns(language)

    def number(name: str) -> int:
        return language.months[name.casefold().rstrip(".")]

    text = day_month.sub(lambda m: _written(m[1], number(m[2]), "") if int(m[1]) <= 31 else m[0], text)
    text = month_day.sub(lambda m: m[0] if m[1] == "may" and m.end() < len(m.string) and not re.match(r" ?\d{4}|\W*$",
                         m.string[m.end():]) else _written(m[2], number(m[1]), ""), text)  # fmt: skip
    return month_year.sub(lambda m: _written("", number(m[1]), m[2]), text)
