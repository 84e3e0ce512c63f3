"""How much of a PDF each library gets right: words in their order, words too many, rows of tables, seconds a page.

    python -m benchmarks.document_readers

prints the table of docs/domain.md. The files are made from the sample domain's text (benchmarks/pdf_pages.py).
"""

import io
import re
import time
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean

from benchmarks.pdf_pages import Made, prose, scripts, table, two_columns
from data.reading.pdf import read as reader

DOCUMENTS = Path(__file__).parent.parent / "data" / "orrin_ferries" / "documents"
ROWS = [["Route", "Adult", "Child", "Bicycle"], ["Skerra", "12.50", "6.25", "3.00"], ["Tarsa", "9.80", "4.90", "3.00"],
        ["Kitter Bay", "7.40", "3.70", "free"], ["Outer Holm", "15.00", "7.50", "4.50"]]  # fmt: skip


def _pypdf(raw: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)


def _pypdf_layout(raw: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text(extraction_mode="layout") for page in PdfReader(io.BytesIO(raw)).pages)


def _pdfminer(raw: bytes) -> str:
    from pdfminer.high_level import extract_text

    return str(extract_text(io.BytesIO(raw)))


def _pdfplumber(raw: bytes) -> str:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(raw)) as document:
        return "\n".join(page.extract_text() for page in document.pages)


def _pdfium(raw: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(raw)
    return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


LIBRARIES: dict[str, Callable[[bytes], str]] = {
    "pypdf": _pypdf, "pypdf, layout": _pypdf_layout, "pdfminer.six": _pdfminer, "pdfplumber": _pdfplumber,
    "pypdfium2": _pdfium, "Trivium (pypdfium2, rules by pdfplumber)": lambda raw: reader(raw).text,
}  # fmt: skip


def _plain(text: str) -> list[str]:
    """Words as a reader of the text sees them; Markdown's table lines are no words."""
    return [word for word in text.replace("|", " ").split() if not re.fullmatch(r"-{3,}|#+", word)]


def words_in_order(text: str, words: Sequence[str]) -> tuple[float, float]:
    """(share of the words that come out, in their order; share of what comes out that is no such word)."""
    out = _plain(text)
    same = sum(block.size for block in SequenceMatcher(None, list(words), out, autojunk=False).get_matching_blocks())
    return same / len(words), 1 - same / len(out) if out else 0.0


def rows_whole(text: str, rows: Sequence[Sequence[str]]) -> float:
    """Share of a table's cells that stand in their row, apart from the next cell by a bar, a tab or two spaces."""
    lines = [[cell.strip() for cell in re.split(r"\||\t| {2,}", line) if cell.strip()] for line in text.splitlines()]
    return sum(len(row) for row in rows if list(row) in lines) / sum(map(len, rows))


def files() -> list[Made]:
    """The files that are read."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(DOCUMENTS.iterdir())]
    parts = [" ".join(part.split()) for text in texts for part in text.split("\n\n")]
    paragraphs = [part for part in parts if len(part) > 80 and "|" not in part]
    return [
        *(prose(f"prose {n}", paragraphs[24 * n : 24 * n + 24], n) for n in range(4)),
        *(two_columns(f"columns {n}", paragraphs[20 * n : 20 * n + 20], n) for n in range(4)),
        table("ruled", ROWS, "Fares from April on are these.", "Dogs travel free.", ruled=True),
        table("aligned", ROWS, "Fares from April on are these.", "Dogs travel free.", ruled=False),
        scripts("raised"),
    ]


def main() -> None:
    made = files()
    print("| library | prose | two columns | tables | raised | words too many | cells | ms a file |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, read in LIBRARIES.items():
        started = time.process_time()
        texts = [read(file.content) for file in made]
        took = (time.process_time() - started) / len(made)
        scores = {file.name: words_in_order(text, file.words) for file, text in zip(made, texts, strict=True)}
        kinds = [("prose",), ("columns",), ("ruled", "aligned"), ("raised",)]
        shares = [f"{fmean(share for key, (share, _) in scores.items() if key.startswith(kind)):.1%}" for kind in kinds]
        extra = fmean(extra for _, extra in scores.values())
        cells = fmean(rows_whole(text, file.rows) for file, text in zip(made, texts, strict=True) if file.rows)
        print(f"| {name} | {' | '.join(shares)} | {extra:.1%} | {cells:.0%} | {1000 * took:.0f} |")


if __name__ == "__main__":
    main()
