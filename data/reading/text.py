"""Plain text and Markdown: front matter read for its title, images that are written into the text left out."""

import datetime
import re
import tomllib

from data.reading.decoding import decode
from data.reading.result import Reading
from data.reading.superscripts import lowered, raised

_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST_FRONT = 16_384  # characters; YAML and TOML of hostile files take time with the square
_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\]\(\s{0,9}<?data:[^)\s]*+[^)\n]{0,300}\)?", re.IGNORECASE)
_RAISED, _LOWERED = (re.compile(rf"<{tag}>([^<>]{{1,60}})</{tag}>", re.IGNORECASE) for tag in ("sup", "sub"))
_ESCAPED = re.compile(r"\\([_*])")
_DATA = re.compile(r"\bdata:[a-z]{1,20}/[\w.+-]{1,60}(?:;[\w=.-]{1,60}){0,5},[^\s\"'()<>\]]*+", re.IGNORECASE)


def without_data_uris(text: str) -> str:
    """Text without files that are written into it as `data:…;base64,…`; the words for an image stay.

    >>> without_data_uris("See ![the map](data:image/png;base64,iVBORw0KGgo=) here.")
    'See the map here.'
    """
    return _DATA.sub("", _IMAGE.sub(r"\1", text)) if "data:" in text.lower() else text


def _title(mark: str, block: str) -> str | None:
    """The title that front matter gives, "" where it gives none; None where it is no front matter."""
    import yaml

    try:
        values = tomllib.loads(block) if mark == "+++" else yaml.safe_load(block)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, ValueError, RecursionError):
        return None
    if values is None:
        return ""
    if not isinstance(values, dict):
        return None
    found = next((value for key, value in values.items() if str(key).lower() == "title"), "")
    return " ".join(str(found).split()) if isinstance(found, (str, int, float, datetime.date)) else ""


def without_front_matter(text: str) -> tuple[str, str]:
    """(title, text without its YAML or TOML front matter); what only looks like front matter stays.

    >>> without_front_matter("---\\ntitle: Fares\\n---\\nA child pays 2 pounds.")
    ('Fares', 'A child pays 2 pounds.')
    """
    found = _FRONT.match(text[: _LONGEST_FRONT + 8])
    title = _title(found[1], found[2]) if found else None
    return ("", text) if found is None or title is None else (title, text[found.end() :])


def without_comments(text: str) -> str:
    """Text without HTML comments, which nobody sees.

    >>> without_comments("a<!-- b\\nc -->d <!-- not closed")
    'ad <!-- not closed'
    """
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]])


def _before(found: re.Match[str]) -> str:
    return found.string[max(0, found.start() - 60) : found.start()]


def plain_marks(text: str) -> str:
    """Raised and lowered characters and escaped signs of Markdown as they are read.

    >>> plain_marks("10<sup>6</sup> of MAX\\\\_SIZE, H<sub>2</sub>O")
    '10^6 of MAX_SIZE, H2O'
    """
    text = _RAISED.sub(lambda found: raised(_before(found), found[1]), text)
    text = _LOWERED.sub(lambda found: lowered(_before(found), found[1]), text)
    return _ESCAPED.sub(r"\1", text)


def read(raw: bytes) -> Reading:
    """A text or Markdown file in whatever encoding."""
    text, note = decode(raw)
    title, body = without_front_matter(text.replace("\r\n", "\n"))
    return Reading(plain_marks(without_comments(without_data_uris(body))), title, (note,) if note else ())
