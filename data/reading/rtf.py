"""Rich text (RTF) as plain text."""

import re

from data.reading.damage import read_as
from data.reading.result import Reading


def read(raw: bytes) -> Reading:
    """An .rtf file; its tables come as cells between bars.

    Raises:
        ValueError: it is damaged.
    """
    from striprtf.striprtf import rtf_to_text

    with read_as("RTF"):
        text = rtf_to_text(raw.decode("cp1252", "replace"), errors="replace")
    return Reading(re.sub(r"\n{3,}", "\n\n", text))
