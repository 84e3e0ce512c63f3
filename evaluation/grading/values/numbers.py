"""Numbers as people write them, read into one spelling: digits, a point before decimals, a minus in front."""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

from text_to_num import alpha2digit

from evaluation.grading.languages import Language

_GROUPED = r"\d{1,3}(?:(?:,\d{3})+|(?:\.\d{3})+|(?:\ \d{3})+(?!\ ?\d)|(?:'\d{3})+)(?:[.,]\d+)?"
_LAKHS = r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?"
_POWER = r"(?:\ ?[x×·*]\ ?10(?:\^|\*\*)\(?[-+]?\d{1,2}\)?|[eE][-+]?\d{1,2}(?!\w))"
_FRACTION = r"(?:\d+[\ -])?\d{1,3}/(?:[2-9]|1[0268]|20|25|32|50|64|100|1000)(?![\d/]|\.\d)"
NUMERAL = re.compile(
    rf"""(?<![A-Za-z0-9_.:/^])(?<!\d,)(?P<sign>(?<![\w)])[-+])?
    (?P<number>(?>10(?:\^|\*\*)\(?[-+]?\d{{1,2}}\)?|{_FRACTION}|(?:{_LAKHS}|{_GROUPED}|\d+(?:[.,]\d+)?|\.\d+){_POWER}?))
    (?![.,:/^]?\d)""",
    re.VERBOSE,
)
_SCALES = {3: "\ue003", 5: "\ue005", 6: "\ue006", 7: "\ue007", 9: "\ue009", 12: "\ue012"}  # stand for 10^3, 10^5 …
SCALE_MARKS = {mark: power for power, mark in _SCALES.items()}
_SHORT_SCALES = re.compile(
    r"(?<=\d)(?:(?P<glued>[kKMB])|\s?(?P<any>[Mm](?:n|ln|io)\.?|bn|bln|[Mm](?:rd|ld)\.?|trn|tn))(?![\w^/])"
)
_SHORT_POWERS = {"k": 3, "m": 6, "b": 9, "mn": 6, "mln": 6, "mio": 6, "bn": 9, "bln": 9, "mrd": 9, "mld": 9, "trn": 12,
                 "tn": 12}  # fmt: skip
_HAN = "〇零一二三四五六七八九十百千两兩"
_HAN_SCALES = {"万": 4, "萬": 4, "億": 8, "亿": 8, "兆": 12, "만": 4, "억": 8}
_HAN_LETTERS = f"{_HAN}{''.join(_HAN_SCALES)}"
_HAN_NUMBER = re.compile(rf"(?<![\d.,])[\d{_HAN_LETTERS}][\d.,{_HAN_LETTERS}]*(?<![.,])")
_COUNTERS = (
    "年月日号小時时点點分秒歳岁人円元块個个名件本冊册回次度階层層章条條週周天公米キメグリトパ米克升%％"
    "室つ台枚匹頭杯軒席泊通校社番割"
)
_AND_A_HALF = re.compile(
    r"(?<!\d)(\d{1,2})(?:(年|時間|[かヶカ]月|日|週間|个?小时|個?小時)半(?!ば)|[个個]半(小时|小時|月))"
)
_TENTHS = re.compile(r"(?<![\d.])(\d{1,2})[割](?:(\d)分)?(?![り当])")  # 2割5分 is 25 %
_HALVES = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
    "tenth": 10,
}
_PARTS = re.compile(
    r"\b(?:(an?|one|two|three|four|five|six|seven|eight|nine|\d+) )?(half|halves|thirds?|quarters?|fourths|fifths?"
    r"|sixths?|eighths?|tenths?)\b( of)?( an?\b)?", re.IGNORECASE,
)  # fmt: skip
_SMALL_WORDS = "an?|one|two|three|four|five|six|seven|eight|nine"
_AND_A_PART = re.compile(
    rf"\b({_SMALL_WORDS}|\d+) and (?:({_SMALL_WORDS}) )?(quarters?|thirds?|eighths?|fifths?)\b", re.IGNORECASE
)
_COLD = re.compile(
    r"(?:マイナス|氷点下|零下)\s?(?=\d)|(?<!\bau )(?<!\b[al][lo] )\b(?:moins|menos|meno|min) "
    r"(?=\d+(?:[.,]\d+)? ?(?:°|degr|grad))", re.IGNORECASE,
)  # fmt: skip
_DOZENS = re.compile(rf"\b(?:({_SMALL_WORDS}|\d+) )?dozen\b", re.IGNORECASE)
_SMALL = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
}


LONGEST = 60  # digits of a number; what is longer is a code, or a model that could not stop
_ENDLESS = re.compile(rf"\d{{{LONGEST + 1},}}")


def without_endless_digits(text: str) -> str:
    """Runs of more digits than a number has as letters: equal where they were equal, and nothing to calculate with."""
    return _ENDLESS.sub(lambda found: "".join(chr(ord("a") + unicodedata.digit(digit)) for digit in found[0]), text)


def _decimal(value: Fraction) -> str:
    """At most ten digits after the point, without zeros at the end."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.10f}".rstrip("0").rstrip(".")


def _point(text: str, comma: bool) -> str:
    """A numeral with its decimals after a point and its thousands together. `comma`: decimals follow a comma here."""
    if re.fullmatch(_LAKHS, text) or re.fullmatch(r"\d{1,3}(,\d{3}){2,}(\.\d+)?", text):
        return text.replace(",", "")
    text = re.sub(r"(?<=\d)[ '](?=\d)", "", text)
    if "," in text and "." in text:
        last = max(text.rfind(","), text.rfind("."))
        return re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :]
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3}){2,}", text) or (comma and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text)):
        return text.replace(".", "")
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", text) and not comma:
        return text.replace(",", "")
    return text.replace(",", ".")


def read(numeral: str, comma: bool = False, power: int = 0) -> str:
    """One spelling of a numeral that `NUMERAL` found, times ten to `power`.

    >>> read("1.234,50"), read("12,34,567"), read("1 1/2"), read("2e-4"), read("3.10"), read("1.5", power=6)
    ('1234.50', '1234567', '1.5', '0.0002', '3.10', '1500000')
    """
    if "/" in numeral:
        whole, _, part = numeral.replace("-", " ").rpartition(" ")
        return _decimal((int(whole or 0) + Fraction(part)) * 10**power)
    mantissa, raised = numeral, ""
    if found := re.fullmatch(r"(.*?)(?:\ ?[x×·*]\ ?)?(?:(?<![\d.,])10(?:\^|\*\*)|[eE])\(?([-+]?\d+)\)?", numeral):
        mantissa, raised = found[1] or "1", found[2]
    pointed = _point(mantissa, comma)
    if pointed.startswith("."):
        pointed = "0" + pointed
    if not raised and not power:
        return pointed
    return format(Decimal(pointed).scaleb(int(raised or 0) + power).normalize(), "f")


def _han_value(text: str) -> str:
    total, section, number = Fraction(0), Fraction(0), Fraction(0)
    for part in re.findall(r"\d[\d,]*(?:\.\d+)?|[^\d.,]", text):
        if part[0].isdigit():
            number = Fraction(part.replace(",", ""))
        elif part in _HAN_SCALES:
            total += ((section + number) or 1) * 10 ** _HAN_SCALES[part]
            section = number = Fraction(0)
        elif part in "十百千":
            section += (number or 1) * int(unicodedata.numeric(part))
            number = Fraction(0)
        else:
            number = number * 10 + (2 if part in "两兩" else int(unicodedata.numeric(part)))
    return _decimal(total + section + number)


def _han(found: re.Match[str]) -> str:
    """Han numerals where a counting word or nothing follows: 一 is also a part of other words."""
    if not any(letter in _HAN_LETTERS for letter in found[0]):
        return found[0]
    after = found.string[found.end() : found.end() + 1]
    bare = found.start() == 0 and not after
    scaled = any(letter in _HAN_SCALES for letter in found[0]) and any(c.isdigit() or c in _HAN for c in found[0])
    return _han_value(found[0]) if scaled or bare or (after and after in _COUNTERS) else found[0]


def _part(found: re.Match[str]) -> str:
    count, name = (found[1] or "").lower(), found[2].lower().removesuffix("s") or found[2]
    share = _HALVES.get(name) or _HALVES[found[2].lower()]
    if not count and share != 2:
        return found[0]  # "the third", "the first quarter"
    if count in ("a", "an") and share not in (2, 4) and not found[3] and found.end() < len(found.string.rstrip(".")):
        return found[0]
    if not count and not (found[3] or found[4]):
        return found[0]
    value = Fraction(_SMALL.get(count) or int(count or 1), share)
    return _decimal(value) + (" " if found[3] or found[4] else "")


def _and_part(found: re.Match[str]) -> str:
    whole, count, name = found[1].lower(), (found[2] or "a").lower(), found[3].lower()
    share = Fraction(_SMALL.get(count, 1), _HALVES.get(name) or _HALVES[name.removesuffix("s")])
    return _decimal((_SMALL.get(whole) or int(whole)) + share)


def _english_parts(text: str) -> str:
    """Fractions, dozens and "a million" in words, before number words are read."""
    text = re.sub(r"\b(?:an?|one) (\w+) and a half\b", r"1.5 \1s", text)
    text = _AND_A_PART.sub(_and_part, text)
    text = re.sub(r"\bhalf an? (?=million|billion|thousand|hundred)", "0.5 ", text, flags=re.IGNORECASE)
    text = "0.5" if text.strip(" .!").lower() == "half" else _PARTS.sub(_part, text)
    text = re.sub(r"\ba (?=hundred|thousand|million|billion|dozen)", "one ", text)
    text = _DOZENS.sub(lambda m: str(12 * (_SMALL.get(m[1].lower()) or int(m[1]))) if m[1] else "12", text)
    return re.sub(r"\b(per|one|each|every|\d[\d.]*) second\b", r"\1 sec", text)  # no ordinal


def _scales(text: str, language: Language) -> str:
    words = language.scales
    return words.sub(lambda found: _SCALES[language.powers[found[1].casefold()]], text) if words else text


def spelled_before_folding(text: str, language: Language) -> str:
    """Number words outside English as digits while they have their accents: "fünfundzwanzig" as 25."""
    if language.code == "en" or not language.spells_numbers:
        return text
    text = re.sub(r"\b(?:pour|per|por) ?(?:cento?|ciento?)\b", "%", text, flags=re.IGNORECASE)  # no hundred
    return str(alpha2digit(_scales(unicodedata.normalize("NFC", text), language), language.code, threshold=0))


def spelled_out(text: str, language: Language) -> str:
    """Number words as digits: "twenty-two" as 22, "two and a half" as 2.5, 三十五分 as 35分; big ones as marks."""
    if not text.isascii():
        text = _HAN_NUMBER.sub(_han, text)
        text = _AND_A_HALF.sub(lambda m: f"{m[1]}.5{m[2] or m[3]}", text)
        text = _TENTHS.sub(lambda m: f"{int(m[1]) * 10 + int(m[2] or 0)}%", text)
    if language.code == "en":
        text = _english_parts(text)
    if half := language.words.get("and_a_half"):  # "deux heures et demie"; "à deux heures et demie" is a time
        one = rf"(?<!\ba )(?<!vers )(?<!est )\b(?:(\d+)|un[ae]?|une) ?'?(\w+) {half}\b"
        text = re.sub(one, lambda m: f"{m[1] or 1}.5 {m[2]}", text, flags=re.IGNORECASE)
    text = language.spelled_numbers.sub(lambda found: language.numbers[found[0].casefold()], text)
    if language.code == "en":
        text = alpha2digit(_scales(text, language), language.code, threshold=0)
    text = re.sub(r"\b(\d+)(?: and (?:a|1|0\.5))?[ -](?:half\b|0\.5)", r"\1.5", text)
    text = re.sub(r"\b(\d+) and (?:a half|1/2|0\.5)\b", r"\1.5", text)
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th|ste|de|er|eme)\b", "", _scales(text, language))
    text = re.sub(r"([\ue003-\ue012])\s?(?:d'|de |di )", r"\1 ", text)
    text = re.sub(r"(?<![\d)] )\b(?:minus|negative) (?=\d)", "-", text, flags=re.IGNORECASE)
    text = _COLD.sub("-", text)
    return _SHORT_SCALES.sub(lambda m: _SCALES[_SHORT_POWERS[(m["glued"] or m["any"]).casefold().rstrip(".")]], text)
