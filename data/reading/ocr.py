"""Text of scanned pages through tesseract, a program that has to be installed apart."""

import shutil
import subprocess
import time
from functools import lru_cache
from typing import Any

DOTS_PER_INCH = 300  # what tesseract's models were made for
SECONDS_A_PAGE, SECONDS = 60, 90  # for one page; for all pages of a file (of the 120 that a file may take)
HOW_TO_INSTALL = "install tesseract (apt-get install tesseract-ocr, brew install tesseract) and its languages"


@lru_cache(maxsize=1)
def languages() -> str:
    """The installed languages as tesseract takes them, "" where it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    done = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    names = [line.strip() for line in done.stdout.splitlines()[1:] if line.strip() not in ("", "osd", "equ")]
    return "+".join(sorted(names, key=lambda name: name != "eng")[:8])


def _recognised(picture: bytes) -> str:
    command = ["tesseract", "stdin", "stdout", "-l", languages(), "--dpi", str(DOTS_PER_INCH)]
    try:
        done = subprocess.run(command, input=picture, capture_output=True, timeout=SECONDS_A_PAGE, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def read_pages(document: Any, numbers: list[int]) -> tuple[dict[int, str], list[int]]:
    """Texts of pages (from 0) of a pypdfium2 document, and the pages for which the time did not suffice."""
    import io

    texts: dict[int, str] = {}
    started = time.monotonic()
    for place, number in enumerate(numbers):
        if time.monotonic() - started > SECONDS:
            return texts, numbers[place:]
        page = document[number]
        scale = min(DOTS_PER_INCH / 72, 5000 / max(page.get_size()))  # a page of any size fits the memory
        held = io.BytesIO()
        page.render(scale=scale, grayscale=True).to_pil().save(held, "PNG")
        texts[number] = _recognised(held.getvalue())
    return texts, []
