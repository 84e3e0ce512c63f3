r"""Text of documents and models for a terminal: control characters are shown as \u001b and never sent.

An escape sequence can move the cursor, retitle a terminal, or hide what was printed before it (ECMA-48). The written
form is that of JSON, so that JSON stays what it was.
"""

import re
from typing import Any

from rich.console import Console
from rich.text import Text

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """The text with every control character but line end and tab written out."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class PrintableConsole(Console):
    """A console that sends control characters of its own and none of a text that it is given."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Every string that is printed passes here."""
        return super().render_str(printable(text), **options)
