"""Documents of many lengths."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SIZES = (1, 1, 2, 2, 3, 4, 5, 6, 6, 6, 6, 6)  # documents of the sample domain that a file holds: 90 to 650 words


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample domain's 48 documents in 12 files."""
    folder = tmp_path_factory.mktemp("corpus")
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "data/orrin_ferries/documents").iterdir())]
    for number, size in enumerate(SIZES):
        text = "\n\n".join(texts.pop() for _ in range(size))
        (folder / f"volume-{number:02}.md").write_text(text, encoding="utf-8")
    return folder
