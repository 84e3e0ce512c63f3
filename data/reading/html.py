"""HTML as Markdown: parsed as browsers do (HTML5), without marks for bold or links: words stand as they are read."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from data.findings import counted
from data.language import EAST_ASIAN
from data.reading.blocks import Frame
from data.reading.decoding import declared_charset, decode
from data.reading.formulas import mathml
from data.reading.html_table import HtmlTable
from data.reading.result import Reading
from data.reading.superscripts import lowered, raised
from data.reading.text import without_front_matter

_UNSEEN = frozenset((
    "head", "script", "style", "noscript", "template", "iframe", "object", "embed", "canvas", "audio",
    "video", "svg", "nav", "rp", "datalist", "area", "map",
))  # fmt: skip
_STRUCK = frozenset(("del", "s", "strike"))  # no longer valid, as its author says
_BLOCKS = frozenset((
    "p", "div", "section", "article", "main", "header", "footer", "aside", "hgroup", "h1", "h2", "h3", "h4",
    "h5", "h6", "ul", "ol", "menu", "li", "dl", "dt", "dd", "table", "caption", "blockquote", "address",
    "figure", "figcaption", "hr", "form", "fieldset", "legend", "details", "summary", "option", "optgroup",
    "center", "dialog", "body", "title", "search", "tr", "td", "th", "button", "textarea",
))  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# A line's end between Chinese or Japanese characters is no space: CSS Text 3, "segment break transformation".
_EAST_ASIAN_LINES = re.compile(rf"(?<=[{EAST_ASIAN}])[ \t]*\r?\n[ \t]*(?=[{EAST_ASIAN}])")
_SELF_CLOSED = re.compile(r"<(a|b|div|em|i|iframe|li|p|script|span|strong|style|td|textarea|th|title)(\s[^<>]*)?/>")
_DEEPEST_LIST = 6
_BACK = frozenset("↑↩↵^⤴")  # links from a footnote back to its mark


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return node.tag == "dialog"
    return (
        ("hidden" in attributes and attributes["hidden"] != "until-found")
        or bool(_HIDDEN_STYLE.search((attributes.get("style") or "")[:2000]))
        or (node.tag == "dialog" and "open" not in attributes)
        or attributes.get("role") == "navigation"
        or (node.tag == "input" and attributes.get("type") == "hidden")
    )


def _struck(node: LexborNode) -> bool:
    return node.tag in _STRUCK or "line-through" in (node.attributes.get("style") or "")[:2000]


def _span(node: LexborNode, name: str) -> int:
    value = node.attributes.get(name) or ""
    return min(int(value), 10_000) if value.isascii() and value.isdigit() and len(value) < 6 else 1


class _Converter:
    """Walks a tree, node by node and without recursion, and writes what it holds into frames."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.frames, self.tables, self.lists = [Frame()], list[HtmlTable](), list[int]()
        self.struck, self.preformatted = 0, 0
        self.notes = {
            text for sup in tree.css("sup") if not _text_before(sup) and (text := sup.text().strip("[]() \n"))
        }

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def walk(self, root: LexborNode) -> None:
        node = root.child
        while node is not None:
            if self._enter(node) and node.child is not None:
                node = node.child
                continue
            while True:
                self._leave(node)
                if node.next is not None:
                    node = node.next
                    break
                node = node.parent
                if node is None or node.mem_id == root.mem_id:
                    return

    def _enter(self, node: LexborNode) -> bool:
        """Begin a node; False where nothing in it is to be read."""
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            if self.preformatted:
                self.frame.inline.append(text)
            else:
                self.frame.add(text)
            return False
        if not isinstance(tag, str) or tag.startswith(("-", "!")) or tag in _UNSEEN or _hidden(node):
            return False
        if _struck(node):
            self.struck += 1
            return False
        if tag in _BLOCKS and not self.preformatted:
            self.frame.end_block()
        begin = getattr(self, f"_begin_{tag}", None)
        return begin is None or begin(node) is not False

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag
        if not isinstance(tag, str) or tag in _UNSEEN or _struck(node) or tag.startswith(("-", "!")) or _hidden(node):
            return
        end = getattr(self, f"_end_{tag}", None)
        if end is not None:
            end(node)
        elif tag in _BLOCKS and not self.preformatted:
            self.frame.end_block()

    def _begin_br(self, node: LexborNode) -> bool:
        self.frame.add_break()
        return False

    def _begin_img(self, node: LexborNode) -> bool:
        if (alt := (node.attributes.get("alt") or "").strip()) and not alt.startswith("data:"):
            self.frame.add(f" {alt} ")
        return False

    def _begin_a(self, node: LexborNode) -> bool:
        if (node.attributes.get("href") or "").startswith("#"):
            self.frame.is_note = True
            return not set((node.text() or "-").strip()) <= _BACK
        return True

    def _begin_math(self, node: LexborNode) -> bool:
        self.frame.add(f" {node.attributes.get('alttext') or mathml(node)} ")
        return False

    def _begin_rt(self, node: LexborNode) -> None:
        self.frame.add("(")

    def _end_rt(self, node: LexborNode) -> None:
        self.frame.add(")")

    # Headings and lists

    def _end_heading(self, node: LexborNode) -> None:
        self.frame.end_block("heading", "#" * int(str(node.tag)[1]) + " ")

    _end_h1 = _end_h2 = _end_h3 = _end_h4 = _end_h5 = _end_h6 = _end_heading

    def _begin_ol(self, node: LexborNode) -> None:
        start = node.attributes.get("start") or "1"
        self.lists.append(int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1)

    def _begin_ul(self, node: LexborNode) -> None:
        self.lists.append(-1)

    def _end_ul(self, node: LexborNode) -> None:
        self.frame.end_block()
        self.lists.pop()
        self._indent()

    _begin_menu, _end_ol, _end_menu = _begin_ul, _end_ul, _end_ul

    def _indent(self) -> None:
        self.frame.prefix, self.frame.indent = "", "  " * min(len(self.lists), _DEEPEST_LIST)

    def _begin_li(self, node: LexborNode) -> None:
        depth, number = "  " * min(max(len(self.lists) - 1, 0), _DEEPEST_LIST), self.lists[-1] if self.lists else -1
        self.frame.prefix, self.frame.indent = depth + ("- " if number < 0 else f"{number}. "), depth + "  "
        if number >= 0:
            self.lists[-1] += 1

    def _end_li(self, node: LexborNode) -> None:
        self.frame.end_block()
        self._indent()

    def _end_term(self, node: LexborNode) -> None:
        self.frame.end_block("term")

    _end_dt = _end_dd = _end_option = _end_term

    # Preformatted text, raised and lowered characters

    def _begin_pre(self, node: LexborNode) -> None:
        if not self.preformatted:
            self.frame.end_block()
        self.preformatted += 1

    def _end_pre(self, node: LexborNode) -> None:
        self.preformatted -= 1
        if not self.preformatted:
            self.frame.end_preformatted()

    def _begin_sup(self, node: LexborNode) -> None:
        self.frames.append(Frame())

    def _end_sup(self, node: LexborNode) -> None:
        inner = self.frames.pop()
        parent = node.parent
        around = parent is not None and parent.tag == "a" and (parent.attributes.get("href") or "").startswith("#")
        names = f"{node.attributes.get('class')} {node.attributes.get('epub:type')} {node.attributes.get('role')}"
        note = inner.is_note or around or bool(re.search(r"\b(?:noteref|footnote|reference)", names))
        self.frame.inline.append(raised(self.frame.before(), inner.line(), note, self.notes))

    _begin_sub = _begin_sup

    def _end_sub(self, node: LexborNode) -> None:
        inner = self.frames.pop()
        self.frame.inline.append(lowered(self.frame.before(), inner.line()))

    # Tables

    def _begin_table(self, node: LexborNode) -> None:
        self.tables.append(HtmlTable(node.attributes.get("role") in ("presentation", "none")))

    def _begin_tfoot(self, node: LexborNode) -> None:
        if self.tables:
            self.tables[-1].begin_foot()

    def _end_tfoot(self, node: LexborNode) -> None:
        if self.tables:
            self.tables[-1].end_foot()

    def _begin_tr(self, node: LexborNode) -> None:
        if self.tables:
            self.tables[-1].begin_row()

    def _begin_td(self, node: LexborNode) -> None:
        self.frames.append(Frame())

    def _end_td(self, node: LexborNode) -> None:
        inner = self.frames.pop()
        inner.end_block()
        if self.tables and self.tables[-1].rows:
            self.tables[-1].rows[-1].append((inner, _span(node, "rowspan"), _span(node, "colspan")))
        else:
            self.frame.blocks += inner.blocks

    _begin_th, _end_th = _begin_td, _end_td

    def _end_table(self, node: LexborNode) -> None:
        self.frame.end_block()
        self.frame.blocks += self.tables.pop().blocks()


def _text_before(node: LexborNode) -> bool:
    """Whether anything stands before a node in its paragraph."""
    for _ in range(5):  # the inline elements around it
        sibling = node.prev
        while sibling is not None and sibling.tag not in ("br", "hr", "p"):
            if (sibling.text_content or "").strip():
                return True
            sibling = sibling.prev
        if sibling is not None or node.parent is None or node.parent.tag in _BLOCKS:
            return False
        node = node.parent
    return True


def html_to_markdown(html: str, xhtml: bool = False) -> Reading:
    """The text of an HTML page, its `<title>` where it has no first heading."""
    if xhtml or html.lstrip()[:5] == "<?xml" or "http://www.w3.org/1999/xhtml" in html[:2000]:
        html = _SELF_CLOSED.sub(r"<\1\2></\1>", html)  # which HTML would read as open
    if "<pre" not in html:
        html = _EAST_ASIAN_LINES.sub("", html)
    tree = LexborHTMLParser(html)
    title = tree.css_first("head > title")
    converter = _Converter(tree)
    if tree.body is not None:
        converter.walk(tree.body)
    text = converter.frames[0].markdown()
    headed = any(block.kind == "heading" and block.text.startswith("# ") for block in converter.frames[0].blocks)
    notes = (f"left out: {counted(converter.struck, 'passage')}, struck through",) if converter.struck else ()
    return Reading(text, "" if headed or title is None else " ".join(title.text().split()), notes)


def read(raw: bytes) -> Reading:
    """An HTML file, in the character set that it declares."""
    text, note = decode(raw, declared_charset(raw))
    title, page = without_front_matter(text)  # of generators of web pages
    reading = html_to_markdown(page)
    return Reading(reading.text, reading.title or title, (*reading.notes, note) if note else reading.notes)
