"""A report printed by chromium; where there is none, a sentence."""

import io
import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader

from data.errors import TriviumError
from evaluation.report import pdf

SOME = next((name for name in pdf.BROWSERS if shutil.which(name)), None)


def test_without_a_browser_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        TriviumError, match=r"printed by chromium, and none of .* is here. Install one, or open the HTML"
    ):
        pdf.printed("<p>x</p>")


def test_a_browser_that_prints_nothing_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho 'no room' >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    with pytest.raises(TriviumError, match=r"chromium did not print the report \(no room\)\. Print the HTML report"):
        pdf.printed("<p>x</p>")


@pytest.mark.skipif(SOME is None, reason="there is no chromium here (`.ci/run` installs it)")
def test_the_printed_text_is_that_of_the_page() -> None:
    """What is folded on the screen is printed; a script that the page does not allow does nothing."""
    page = (
        "<!doctype html><meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src "
        "'unsafe-inline'\"><style>@media print { details::details-content { content-visibility: visible; display: "
        "block } }</style><p>Take rag</p><details><summary>More</summary><p>folded</p></details>"
        "<script>document.body.textContent = 'changed'</script>"
    )
    reader = PdfReader(io.BytesIO(pdf.printed(page)))
    text = "".join(one.extract_text() for one in reader.pages)
    assert "Take rag" in text
    assert "folded" in text
    assert "changed" not in text
