"""Roman numerals as numbers: "Chapter XIV" is chapter 14."""

import re

from roman import InvalidRomanNumeralError, fromRoman

_AFTER_A_WORD = re.compile(r"(?:(?<=[A-Za-z.] )|^)([IVXLCDM]{2,})\b(?!\.[A-Z]|')")
_NUMBERED = (
    "war|part|chapter|volume|article|book|appendix|section|act|title|annex|type|phase|stage|class|level|grade|group"
)
_LOWER = re.compile(rf"\b((?:{_NUMBERED}) )([ivxl]+)\b", re.IGNORECASE)
# In capitals mostly something else.
_WORDS = "CD DC MC MD XL CV CC MM MI LI DI CI CL ML DL MIX DIX LIV DVI MV DIV XXL MDI CIV DM LV MCC"


def _value(letters: str) -> str:
    try:
        return letters if letters in _WORDS.split() else str(fromRoman(letters))
    except InvalidRomanNumeralError:
        return letters


def read_roman(text: str) -> str:
    """Numerals in capitals at the start or after a word; small or single ones after a word like chapter."""
    text = _LOWER.sub(lambda found: found[1] + _value(found[2].upper()), text)
    return _AFTER_A_WORD.sub(lambda found: _value(found[1]), text)
