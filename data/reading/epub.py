"""E-books: the chapters in the order of their spine, each as the web page that it is."""

import posixpath
import zipfile
from urllib.parse import unquote

from data.findings import counted
from data.reading.archive import open_archive, parse_xml
from data.reading.damage import read_as
from data.reading.decoding import declared_charset, decode
from data.reading.html import html_to_markdown
from data.reading.result import Reading

_ANY = "{*}"


def _chapters(archive: zipfile.ZipFile) -> tuple[str, list[str]]:
    """The title and the paths of the chapters."""
    rootfile = parse_xml(archive.read("META-INF/container.xml")).find(f".//{_ANY}rootfile")
    if rootfile is None or not rootfile.get("full-path"):
        raise ValueError("its table of contents is missing")
    place = rootfile.get("full-path")
    package = parse_xml(archive.read(place))
    title = package.find(".//{http://purl.org/dc/elements/1.1/}title")
    items = {item.get("id"): item for item in package.iter(f"{_ANY}item")}
    order = [items.get(reference.get("idref")) for reference in package.iter(f"{_ANY}itemref")]
    paths = [
        posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(item.get("href") or "")))
        for item in order
        if item is not None and "nav" not in (item.get("properties") or "").split()
    ]
    return (title.text or "").strip() if title is not None else "", paths


def read(raw: bytes) -> Reading:
    """An .epub file.

    Raises:
        ValueError: it is damaged or has digital rights management.
    """
    archive = open_archive(raw)
    names = set(archive.namelist())
    if "META-INF/encryption.xml" in names and b"EncryptedData" in archive.read("META-INF/encryption.xml"):
        raise ValueError("it is encrypted (digital rights management)")
    with read_as("EPUB"):
        title, paths = _chapters(archive)
        pages = [archive.read(path) for path in paths if path in names]
    readings = [html_to_markdown(decode(page, declared_charset(page))[0], xhtml=True) for page in pages]
    missing = len(paths) - len(pages)
    notes = tuple(note for reading in readings for note in reading.notes)
    if missing:
        notes = (*notes, f"left out: {counted(missing, 'chapter')}, missing in the file")
    return Reading("\n\n".join(reading.text for reading in readings if reading.text), title, notes)
