"""Names of documents from elsewhere lead to the one that is meant, or nowhere."""

import pytest

from data.names import resolved

KNOWN = {"2024/fares.txt", "2023/times.md", "2024/times.md", "kiosk.pdf.md", "Ring_of_Silence.txt", "a.md"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("2024/fares.txt", "2024/fares.txt"), ("fares.txt", "2024/fares.txt"), ("fares", "2024/fares.txt"),
        ("fares.docx", "2024/fares.txt"), ("kiosk.pdf", "kiosk.pdf.md"), ("/data/in/kiosk.pdf", "kiosk.pdf.md"),
        ("C:\\in\\2024\\times.md", "2024/times.md"), ("times.md", None), ("2023/times.html", "2023/times.md"),
        ("Ring of Silence", "Ring_of_Silence.txt"), ("A", "a.md"), ("lost.txt", None), ("", None), ("../a.md", "a.md"),
        ("other/fares.txt", None),
    ],
)  # fmt: skip
def test_what_a_name_means(name: str, found: str | None) -> None:
    assert resolved(name, KNOWN) == found
