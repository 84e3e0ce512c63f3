"""Rich text (RTF) as plain text."""

import re

from data.reading.result import Reading


def read(raw: bytes) -> Reading:
    """An .rtf file; its tables come as cells between bars.

    Raises:
        ValueError: it is damaged.
    """
    from striprtf.striprtf import rtf_to_text

    try:
        text = rtf_to_text(raw.decode("cp1252", "replace"), errors="replace")
    except (ValueError, LookupError, IndexError, TypeError, RecursionError) as error:
        raise ValueError(f"it cannot be read as RTF ({error})") from error
    return Reading(re.sub(r"\n{3,}", "\n\n", text))
