"""The templates of the report: everything that they are given is text, and is shown as text."""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from evaluation import table as tables
from evaluation.printable import printable
from evaluation.report.outcomes import LOOK

FOLDER = Path(__file__).parent / "templates"
_NUMBER = re.compile(r"([$€£−]?\d[\d,.]*\d(?:%| %)?|[$€£−]?\d(?:%| %)?)")


@cache
def environment() -> Environment:
    """Where templates are found, and what they may call."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,  # markup is our own, or escaped
    )
    made.filters |= {
        "markdown_table": tables.markdown,
        "plain": tables.markdown_text,
        "bold_numbers": bold_numbers,
        "slug": slug,
        "html_table": lambda *args, **options: Markup(tables.html(*args, **options)),  # which escapes every cell
    }
    return made


def bold_numbers(text: str) -> Markup:
    """The text with its numbers in bold; everything else is escaped."""
    pieces = _NUMBER.split(printable(text))
    return Markup("".join(f"<b>{piece}</b>" if place % 2 else escape(piece) for place, piece in enumerate(pieces)))


def slug(title: str) -> str:
    """A title as the name of a place on the page."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def look() -> Markup:
    """The style sheets of a page."""
    return Markup("".join(path.read_text(encoding="utf-8") for path in (LOOK, FOLDER / "page.css")))


def own_script() -> Markup:
    """What opens folded parts and shows the answers that a link asks for."""
    return Markup((FOLDER / "page.js").read_text(encoding="utf-8"))


def allowed(scripts: Sequence[str]) -> Markup:
    """The scripts by which a page acts, for its policy: no other runs, whatever a document or model has written."""
    return Markup(" ".join(f"'sha256-{digest}'" for digest in _digests(scripts)))


def _digests(scripts: Sequence[str]) -> Iterator[str]:
    for script in scripts:
        yield b64encode(sha256(script.encode()).digest()).decode()
