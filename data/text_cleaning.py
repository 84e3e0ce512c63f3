"""One cleaning of Unicode, done once where text enters, so that search, evidence and grader see the same words."""

import re
import unicodedata

# What carries no meaning for a reader is spelled one way. Not NFKC as a whole: that would make 10⁶ to 106.
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # all that str.splitlines takes for a line's end
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?")  # colours, titles of a terminal
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # zero width, directions, byte order mark
    "\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f]"  # annotations, place of an object, tags
)
# Joiners shape letters of Arabic and Indic scripts and glue emoji; anywhere else they only split a word in two.
_JOINERS = re.compile("(?<![\u0600-\u109f\u1780-\u18af\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]")
_BROKEN_WORD = re.compile(
    r"(?<!\xad)\xad++[ \t]*+\n[ \t]*+(?=\w)"
)  # a soft hyphen at a line's end is where a word was broken
_VARIANTS = {
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFB00, 0xFB07), 0x132, 0x133)},
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()},  # full width
    **{"\u2010": "-", "\u2011": "-", "\uf0b7": "•", "\uf0a7": "•"},  # hyphens; bullets of symbol fonts
}
_VARIANT = re.compile(f"[{''.join(_VARIANTS)}]")


def clean_text(text: str) -> str:
    r"""The same text with one spelling; done twice, it changes nothing more.

    Line ends become "\n", spaces " ", letters composed ones (NFC), ligatures and full-width letters and digits plain
    ones. Soft hyphens, zero-width and control characters are gone, halves of surrogate pairs joined or replaced.

    >>> clean_text("the \ufb01rst\u2028ten\xa010⁶ au\xad\nthority")
    'the first\nten 10⁶ authority'
    """
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _JOINERS.sub("", _SPACES.sub(" ", text))
    text = _INVISIBLE.sub("", _ESCAPES.sub("", _LINE_ENDS.sub("\n", text)))
    if text.isascii():
        return text
    text = _BROKEN_WORD.sub("", text).replace("\xad", "")
    return unicodedata.normalize("NFC", _VARIANT.sub(lambda found: _VARIANTS[found[0]], text))
