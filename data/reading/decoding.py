"""Bytes to text: by mark, as UTF-8, by what the document declares, and by what its letters speak for, in that order."""

import codecs
import re
import unicodedata
import warnings

from data.language import detect_language

_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
# What browsers read under these names (https://encoding.spec.whatwg.org/#names-and-labels): supersets of what they say.
_READ_AS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "euc_kr": "cp949",
    "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8",
}  # fmt: skip
_IN_USE = (  # code pages that plain text is still met in; rarer ones only make mistakes likelier
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-15",
    "koi8-r", "koi8-u", "cp852", "cp866", "cp932", "shift_jis_2004", "euc_jis_2004", "gb18030", "big5hkscs",
    "cp949", "euc_kr",
)  # fmt: skip
_SURE = 0.1  # chardet's confidence; below it, a word or two were there to judge by
_TYPOGRAPHIC = frozenset("‘’“”„‚–—…€£°§«»•×½¼¾¿¡·²³º™®©\xa0")
_OF_WESTERN = frozenset(("ca", "da", "de", "en", "es", "fi", "fr", "it", "nl", "no", "pt", "sv"))
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)


def declared_charset(raw: bytes) -> str | None:
    """The character set that an HTML or XML file names in its first 4 KiB (`<meta charset>`, `<?xml encoding>`)."""
    found = _DECLARED.search(raw[:4096])
    return found[1].decode("ascii") if found else None


def _codec(name: str | None) -> str | None:
    try:
        known = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    return _READ_AS.get(known, known)


def _mixes_scripts(text: str) -> bool:
    """Whether many words have letters of two alphabets, as text does that was read in a wrong code page."""
    words = [word for word in re.findall(r"[^\W\d_]{2,40}", text[:20_000]) if not word.isascii()]
    mixed = sum(any(c < "\u0250" for c in word) and any("\u0370" <= c < "\u0530" for c in word) for word in words)
    return mixed > len(words) / 5


def _readable(text: str) -> bool:
    return all(c in "\n\r\t\f" or unicodedata.category(c) not in ("Cc", "Cn", "Co") for c in text[:20_000])


def _western(raw: bytes) -> str | None:
    """The bytes as Windows-1252, where that gives letters and typographic signs only."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if all(c.isascii() or c.isalpha() or c in _TYPOGRAPHIC for c in text) else None


def _is_western(text: str, western: str) -> bool:
    """Whether a text that was read in another Latin code page is in a language of Windows-1252, as it says itself."""
    latin = not any(c >= "\u0370" for c in text[:20_000] if c.isalpha())
    return latin and {detect_language([text]), detect_language([western])} <= _OF_WESTERN


def _detected(raw: bytes) -> tuple[str, str]:
    import chardet

    candidates = list(_IN_USE)
    while candidates:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it found none is told by its answer
            best = chardet.detect(raw, include_encodings=candidates, compat_names=False)
        name = best["encoding"] or ""
        if best["confidence"] < _SURE and (western := _western(raw)):
            return western, "it is too short to tell its encoding; read as Windows-1252 (save it as UTF-8 to be sure)"
        if not name or name not in candidates:
            break
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            text = ""
        if text and (western := _western(raw)) and _is_western(text, western):
            return western, ""
        if text and _readable(text) and not _mixes_scripts(text):
            unsure = best["confidence"] < _SURE
            return text, f"it is too short to tell its encoding; read as {name}" if unsure else ""
        candidates.remove(name)
    raise ValueError("its encoding cannot be told; save it as UTF-8")


def _damaged_utf8(raw: bytes) -> str | None:
    """UTF-8 that a few bytes are wrong in: no other encoding gives so many sequences of several bytes by chance."""
    text = raw.decode("utf-8", "replace")
    right = sum(1 for character in text if character > "\x7f" and character != "\ufffd")
    return text if right > 4 and right > 4 * text.count("\ufffd") else None


def _without_mark(raw: bytes) -> str | None:
    """UTF-16 that has no mark shows in the NUL of every second byte."""
    for codec, high in (("utf-16-le", raw[1:2000:2]), ("utf-16-be", raw[0:2000:2])):
        if len(raw) > 3 and len(raw) % 2 == 0 and high.count(0) > 0.7 * len(high):
            return raw.decode(codec, "replace")
    return None


def decode(raw: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text, and a note where its encoding had to be guessed from too little ("" elsewhere).

    Raises:
        ValueError: it is no text, or its encoding cannot be told.
    """
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return raw.decode(codec, "replace"), ""
    if b"\x00" in raw:
        if text := _without_mark(raw):
            return text, ""
        raise ValueError("it is not text (it holds NUL bytes)")
    for sure in ("iso2022_jp_ext", "utf-8") if b"\x1b$" in raw else ("utf-8",):  # ISO-2022-JP is ASCII by its bytes
        try:
            return raw.decode(sure), ""
        except UnicodeDecodeError:
            pass
    if text := _damaged_utf8(raw):
        lost = text.count("\ufffd")
        return text, f"{lost:,} {'places are' if lost > 1 else 'place is'} not UTF-8 as the rest is; marked as \ufffd"
    if (named := _codec(declared)) and named != "utf-8":
        text = raw.decode(named, "replace")
        if text.count("\ufffd") * 100 <= len(text):
            return text, ""
    return _detected(raw)
