"""Builds Markdown from a stream of text and block ends; what a table's cell holds is built the same way, apart."""

import re
from dataclasses import dataclass, field

from data.text_cleaning import clean_text

_WHITE = re.compile(r"[ \t\n\r\f]+")
_TIGHT = ("item", "term")


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, item, table or the like; `flat` is a table in one line."""

    kind: str
    text: str
    flat: str = ""


@dataclass
class Frame:
    """The text of a page, or of one cell or superscript: finished blocks and the line that is being written."""

    blocks: list[Block] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    prefix: str = ""  # of the next block: a list's marker
    indent: str = ""
    is_note: bool = False

    def add(self, text: str) -> None:
        """Append running text; white space counts once."""
        text = _WHITE.sub(" ", clean_text(text))
        if not self.inline or self.inline[-1].endswith((" ", "\n")):
            text = text.lstrip(" ")
        if text:
            self.inline.append(text)

    def add_break(self) -> None:
        self.inline.append("\n")

    def before(self) -> str:
        """The end of what stands in the line so far."""
        return "".join(self.inline[-3:])[-60:]

    def end_block(self, kind: str = "text", prefix: str = "") -> None:
        """Finish the line that is being written, if there is anything in it."""
        lines = [line.strip() for line in "".join(self.inline).split("\n")]
        self.inline.clear()
        text = f"\n{self.indent}".join(line for line in lines if line)
        if text:
            marker = self.prefix or self.indent
            self.blocks.append(Block("item" if self.prefix else kind, marker + prefix + text))
            self.prefix = ""

    def end_preformatted(self) -> None:
        text = clean_text("".join(self.inline)).strip("\n")
        self.inline.clear()
        if text.strip():
            self.blocks.append(Block("code", f"```\n{text}\n```", " ".join(text.split())))

    def markdown(self) -> str:
        """All blocks, with a blank line between two unless both belong to one list."""
        self.end_block()
        parts: list[str] = []
        for last, block in zip([None, *self.blocks], self.blocks, strict=False):
            if last:
                parts.append("\n" if last.kind in _TIGHT and block.kind in _TIGHT else "\n\n")
            parts.append(block.text)
        return "".join(parts)

    def line(self) -> str:
        """All blocks in one line, as a cell needs it."""
        self.end_block()
        text = ""
        for last, block in zip([None, *self.blocks], self.blocks, strict=False):
            words = block.flat or block.text.strip().removeprefix("- ").lstrip("# ")
            items = last is not None and "item" in (last.kind, block.kind)
            text += f"{'; ' if items else ' '}{words}" if text else words
        return " ".join(text.split())
