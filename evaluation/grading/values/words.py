"""What an answer says as comparable words: one spelling of words, numbers, money, dates, times and units."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from data.language import UNSPACED
from evaluation.grading.languages import Language, language
from evaluation.grading.values.dates import MONTHS, WEEKDAYS, in_words
from evaluation.grading.values.money import currency_before, currency_word
from evaluation.grading.values.numbers import (
    NUMERAL,
    SCALE_MARKS,
    read,
    spelled_before_folding,
    spelled_out,
    without_endless_digits,
)
from evaluation.grading.values.plain import plain
from evaluation.grading.values.roman import read_roman
from evaluation.grading.values.units import unit_word

_LETTER = re.compile(f"[{UNSPACED}]")
_WORD = re.compile(rf"[{UNSPACED}]|[A-Za-z]+\d+(?:\.\d+)+|\d+(?:[.:/]\d+)+|[^\W{UNSPACED}]+", re.UNICODE)
_LETTER_A = re.compile(r"(?<=[A-Za-z] )\(?A\)?(?=\s*(?:$|[.,;:!?)]|and\b|or\b|is\b))|^\W*A(?=[.):]|\W*$)")
_ALPHA = "\u0251"  # the A of "Gate A" or "(A)", which is no article
_SPELLINGS = {"gray": "grey", "colour": "color", "centre": "center", "theatre": "theater"}
_SPACED = rf"[^\W{UNSPACED}]"  # "1.8kmです": the unit ends where the script changes
_TAIL = re.compile(
    rf"\s?-?(°\s?[A-Za-z]|[%‰°'\"]|[^\W\d_{UNSPACED}](?:{_SPACED}|\.)*(?:[/^-](?:{_SPACED}|\^)+|\([A-Z]\))?\"?"
    r"|[¢£$€¥₹₽₩₺₴₫₪₦₱])"
)
_AFTER = re.compile(r"\s+([^\W\d_][\w]*)")
# As systems with sources write: "in 20181." and "in2018", "[1]".
_FOOTNOTE = re.compile(
    r"(\b(?:in|since|until|by|of|[A-Z][a-z]{2,8}|[A-Z][a-z]{2,8} \d{1,2}(?:th|st|nd|rd)?,) )((?:1\d|20)\d\d)\d{1,2}"
    r"(?=\.(?:\s|$))|\[\d{1,2}\]"
)
_GLUED = re.compile(r"\b(in|of|has|on|to|from|was|is|at|by)((?:1\d|20)\d\d|\d{1,2})(?=\b|[a-z])")
_BELOW_ZERO = re.compile(
    r"\s*(?:below|unter|onder|sous|bajo|sotto|ponizej) (?:zero|0|freezing|null|nul|cero|zera)\b", re.IGNORECASE
)
_AND_CENTS = re.compile(r"\b(\d+) ?(euros?|€|franken|francs?|pounds?|£) (\d\d)(?=\W*$|[,;] )", re.IGNORECASE)
_ONE = re.compile(
    r"(?:^|\b(?:is|in|for|takes?|lasts?|within|after|about|every|costs?) )(an?|one) (?=[a-z])", re.IGNORECASE
)


def _unit_at(text: str, lang: Language) -> tuple[str, int]:
    """The word of the unit or currency that `text` begins with, and how many letters it takes; ("", 0) for none."""
    first = _TAIL.match(text)
    phrases = [(first[1], first.end())] if first else []
    for _ in range(3 if first else 0):
        further = _AFTER.match(text, phrases[-1][1])
        if not further:
            break
        phrases.append((f"{phrases[-1][0]} {further[1]}", further.end()))
    for phrase, end in reversed(phrases):
        phrase = phrase if phrase.endswith(("p.c.", "lb.", "oz.")) else phrase.rstrip(".")
        if phrase == "p" and text[:1] == "p":
            return "pence", end
        if phrase == "in" or (phrase in ("C", "F") and text[:1] == " "):
            continue
        word = unit_word(phrase, lang.code) or currency_word(phrase, lang.code)
        if word:
            return word, end
    unspaced = re.match(rf"\s?([{UNSPACED}]{{1,9}})", text)
    for size in range(len(unspaced[1]) if unspaced else 0, 0, -1):
        assert unspaced
        for code in dict.fromkeys((lang.code, "zh", "ja")):
            if word := unit_word(unspaced[1][:size], code) or currency_word(unspaced[1][:size], code):
                return word, unspaced.start(1) + size
    if re.match(r"\s?in(?:[.,;)]|$)", text) or text.startswith('"'):
        return "inch", len(text) - len(text.lstrip().removeprefix("in").removeprefix('"'))
    return "", 0


def _gap(text: str, lang: Language) -> list[str]:
    """Comparable words of text between numbers."""
    text = re.sub(r"'s\b|'", lambda found: "" if lang.code != "fr" else " ", text)
    found = []
    for word in _WORD.findall(text.casefold()):
        if len(word) > 3:
            single = word.removesuffix("s")
            number = lang.weekdays.get(word, lang.weekdays.get(single))
            month = lang.months.get(word)
            if number is not None:
                word = WEEKDAYS[number]
            elif month and word not in MONTHS and lang.code != "en":
                word = MONTHS[month - 1]
            else:
                word = unit_word(word, lang.code) or _SPELLINGS.get(word, _SPELLINGS.get(single, word))
        found.append(word[1:] if re.fullmatch(r"v\d+(?:\.\d+)+", word) else word)
    return found


def _amounts(text: str, lang: Language) -> list[str]:
    """Comparable words of text whose numbers are digits."""
    words: list[str] = []
    at = 0
    for numeral in NUMERAL.finditer(text):
        begin, end = numeral.start(), numeral.end()
        if begin < at:
            continue
        currency, place = currency_before(text[at : numeral.start("number")].rstrip("+-"))
        place += at
        negative = numeral["sign"] == "-"
        gap = text[at : place if currency else begin]
        if currency:
            negative = negative or bool(re.search(r"(?<![\w)])-$", gap))
        power = 0
        while end < len(text) and (mark := text[end : end + 1]) in SCALE_MARKS:
            power, end = power + SCALE_MARKS[mark], end + 1
        if currency and not power and (short := re.match(r"\s?([mMbBkKtT])(?!\w)", text[end:])):
            power, end = {"m": 6, "b": 9, "k": 3, "t": 12}[short[1].lower()], end + short.end()
        unit, taken = _unit_at(text[end:], lang)
        if currency and unit and currency_word(text[end : end + taken].strip(), lang.code):
            currency, end = unit if currency == "dollar" else currency, end + taken  # "$42 dollars"
        elif currency:
            unit = ""
        elif unit == "second" and re.match(r"s\b", text[end:]) and re.fullmatch(r"\d{2,3}0", numeral["number"]):
            unit = ""  # the 1990s
        elif unit:
            end += taken
        number = read(numeral["number"], lang.decimal_comma, power)
        if (currency or unit) and "." in number:
            number = number.rstrip("0").rstrip(".")
        if currency and re.fullmatch(r"\d{1,3}\.\d{3}", numeral["number"]):
            number = numeral["number"].replace(".", "")  # money has two decimals
        if unit and (below := _BELOW_ZERO.match(text[end:])):
            negative, end = True, end + below.end()
        words += _gap(gap, lang)
        words += [f"-{number}" if negative and number.strip("0.") else number, *filter(None, [currency or unit])]
        at = end
        if range_ := re.match(r"\s?-\s?(?=[£$€]?\d)", text[at:]):
            words.append("to")
            at += range_.end()
    return words + _gap(text[at:], lang)


@lru_cache(maxsize=32768)
def _words(text: str, code: str, order: str, comma: bool | None) -> tuple[str, ...]:
    lang = language(code)
    if comma is not None:
        from dataclasses import replace

        lang = replace(lang, decimal_comma=comma)
    text = without_endless_digits(text)
    text = _LETTER_A.sub(_ALPHA, read_roman(plain(spelled_before_folding(text, lang))))
    text = re.sub(r"\d+(?:-\d+){2,}(?![-\d])", lambda m: m[0] if _is_date(m[0]) else m[0].replace("-", " "), text)
    if re.search(r"\d", text):
        text = _FOOTNOTE.sub(lambda m: f"{m[1]}{m[2]}" if m[2] else "", _GLUED.sub(r"\1 \2", text))
    text = re.sub(r"(?<=\d)'\s?(\d{1,2})(?:\"|'')", r" ft \1 in,", text)
    text = re.sub(r"\b(1[3-9]|2[0-3])h([0-5]\d)\b", r"\1:\2", text)
    text = _AND_CENTS.sub(rf"\1{'.' if not lang.decimal_comma else ','}\3 \2", text)
    text = re.sub(r"(?<=\d) ?h ?(\d\d)(?= ?(?:min\b|m\b|$|\W))", r" h \1 min", text) if lang.code != "fr" else text
    text = re.sub(r"(?<=[A-Za-z])-(?=[a-z])", " ", text)
    text = in_words(spelled_out(text, lang), lang, order)
    text = _ONE.sub(lambda m: _one(m, lang), text)
    words = _amounts(text, lang)
    articles = lang.set_of("articles")
    return tuple(word for word in words if word not in articles) or tuple(words)


def _is_date(digits: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d?-\d\d?|\d\d?-\d\d?-\d{4}", digits) is not None


def _one(found: re.Match[str], lang: Language) -> str:
    """ "an hour" where it is an amount, as "1 hour"."""
    unit, _ = _unit_at(found.string[found.end() :], lang)
    return found[0][: found.start(1) - found.start()] + ("1 " if unit else found[0][found.start(1) - found.start() :])


def words_of(text: str, code: str = "en", order: str = "", comma: bool | None = None) -> list[str]:
    """Comparable words: small letters, no accents, no articles, one spelling of numbers, money, dates, times, units.

    >>> words_of("The fee is £4.50 on March 3rd, i.e. twelve per cent of 1,200.")
    ['fee', 'is', '4.5', 'gbp', 'on', '3', 'march', 'i', 'e', '12', 'percent', 'of', '1200']

    Args:
        code: the language.
        order: dmy or mdy, how to read a date of digits that may be either.
        comma: whether decimals follow a comma; default: as in the language.
    """
    return list(_words(text, code, order, comma))


def length(words: Sequence[str]) -> float:
    """How many words; a letter of a script without spaces counts as half a word."""
    if "".join(words).isascii():
        return len(words)
    return sum(0.5 if _LETTER.fullmatch(word) else 1.0 for word in words)


def marked(text: str, code: str = "en") -> list[str]:
    """Comparable words of what is written with a capital or a digit: names, codes, numbers."""
    return [word for part in re.findall(r"\b[A-Z0-9][\w-]*", plain(text)) for word in words_of(f"x {part}", code)[1:]]


def alike(word: str, other: str) -> bool:
    """Whether two words are one, a slip of spelling allowed (edit similarity of 80 of 100), but not in digits."""
    return word == other or (
        min(len(word), len(other)) > 3 and not re.search(r"\d", word + other) and fuzz.ratio(word, other) >= 80
    )


def among(word: str, others: Iterable[str]) -> bool:
    return any(alike(word, other) for other in others)
