"""Plain text and Markdown: front matter read for its title, images that are written into the text left out."""

import datetime
import re
import tomllib

from data.reading.decoding import decode
from data.reading.result import Reading

_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST_FRONT = 16_384  # characters; YAML and TOML of hostile files take time with the square
_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\]\(\s{0,9}<?data:[^)\s]*+[^)\n]{0,300}\)?", re.IGNORECASE)
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


def read(raw: bytes) -> Reading:
    """A text or Markdown file in whatever encoding."""
    text, note = decode(raw)
    title, body = without_front_matter(text.replace("\r\n", "\n"))
    return Reading(without_data_uris(body), title, (note,) if note else ())
