"""OpenDocument text, by way of the HTML that its elements correspond to."""

import html
from typing import Any

from data.reading.archive import open_archive, parse_xml
from data.reading.damage import read_as
from data.reading.html import html_to_markdown
from data.reading.result import Reading

_TAGS = {
    "p": "p", "list": "ul", "list-item": "li", "table": "table", "table-row": "tr", "table-cell": "td",
    "section": "div", "text-box": "div",
}  # fmt: skip
_UNREAD = frozenset(("tracked-changes", "annotation", "forms", "sequence-decls", "covered-table-cell", "note-citation"))
_BREAKS = {"line-break": "<br>", "tab": " ", "s": " ", "soft-page-break": ""}
_DEEPEST = 200


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.endswith("}" + name)), "")


def _html(element: Any, raised: dict[str, str], out: list[str], depth: int = 0, in_line: bool = False) -> None:
    name = _name(element)
    if name in _UNREAD or not name or depth > _DEEPEST:
        return
    if name in _BREAKS:
        out.append(_BREAKS[name])
        return
    level = _attribute(element, "outline-level")
    tag = f"h{min(int(level) if level.isdigit() else 1, 6)}" if name == "h" else _TAGS.get(name, "")
    tag = "" if in_line and tag == "p" else tag
    tag = raised.get(_attribute(element, "style-name"), tag) if name == "span" else tag
    spans = "".join(
        f' {key}="{html.escape(value)}"'
        for key, own in (("rowspan", "number-rows-spanned"), ("colspan", "number-columns-spanned"))
        if (value := _attribute(element, own))
    )
    out.append(f"<{tag}{spans}>" if tag else " (" if name == "note" else "")
    out.append(html.escape(element.text or ""))
    for child in element:
        _html(child, raised, out, depth + 1, in_line or name == "note")
        out.append(html.escape(child.tail or ""))
    out.append(f"</{tag}>" if tag else ")" if name == "note" else "")


def _raised(root: Any) -> dict[str, str]:
    """Styles that raise or lower text, with the tag for it."""
    found = {}
    for style in root.iter("{*}style"):
        place = "".join(_attribute(part, "text-position") for part in style)
        if place[:5] == "super" or place[:2].isdigit():
            found[_attribute(style, "name")] = "sup"
        elif place[:3] == "sub" or place[:1] == "-":
            found[_attribute(style, "name")] = "sub"
    return found


def read(raw: bytes) -> Reading:
    """An .odt file.

    Raises:
        ValueError: it is damaged.
    """
    archive = open_archive(raw)
    with read_as("ODT"):
        root = parse_xml(archive.read("content.xml"))
    out: list[str] = []
    body = root.find(".//{urn:oasis:names:tc:opendocument:xmlns:office:1.0}text")
    if body is not None:
        _html(body, _raised(root), out)
    return html_to_markdown("".join(out))
