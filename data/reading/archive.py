"""Files that are archives inside (Office, OpenDocument, EPUB): opened within limits."""

import io
import zipfile
from typing import Any

from data.reading.damage import read_as
from data.reading.limits import MAX_BYTES, mebibytes

_MOST_ENTRIES = 20_000


def open_archive(raw: bytes) -> zipfile.ZipFile:
    """The archive, when what it unpacks to is bounded.

    Raises:
        ValueError: it is damaged, encrypted, or too large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ValueError("it is a damaged archive") from error
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise ValueError("it is encrypted; save it without a password")
    if (unpacked := sum(entry.file_size for entry in entries)) > MAX_BYTES or len(entries) > _MOST_ENTRIES:
        raise ValueError(
            f"it unpacks to {mebibytes(unpacked)} in {len(entries):,} files, at most {mebibytes(MAX_BYTES)} are read"
        )
    with read_as("an archive"):
        broken = archive.testzip()
    if broken is not None:
        raise ValueError(f"it is a damaged archive ({broken})")
    return archive


def parse_xml(raw: bytes) -> Any:
    """The root of an XML file; entities are not resolved, nothing is fetched.

    Raises:
        ValueError: it is not well-formed.
    """
    from lxml import etree

    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"a part of it is damaged ({error})") from error
