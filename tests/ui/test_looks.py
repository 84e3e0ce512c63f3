"""Every page, light and dark, wide and on a telephone: nothing overflows or fails, axe finds nothing grave."""

from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, PAGES, WIDE, Tab, opened_browser

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (`.ci/run` installs it)"),
    pytest.mark.slow,
]
GRAVE = ("serious", "critical")
STATES = (*PAGES, "answers?question=flag1-q", "data?tab=Check", "data?tab=Upload", "runs?start=true")


def _faults(page: Any) -> list[str]:
    """What axe finds that keeps somebody from using the page (Deque's axe-core)."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}" for fault in found if fault["impact"] in GRAVE for node in fault["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 400])
def test_every_page(address: str, shown_runs: Path, width: int, scheme: str) -> None:
    with opened_browser(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        tab = Tab(context, address)
        for state in STATES:
            tab.open(state)
            tab.page.wait_for_timeout(800)  # charts are drawn after the script has ended
            assert not tab.page.evaluate(WIDE), f"{state} is wider than {width} pixels"
            assert _faults(tab.page) == [], state
            tab.is_well()


def test_the_lab_never_opens_blank(address: str) -> None:
    """Fifty times by its address, each in a tab of its own."""
    with opened_browser(viewport={"width": 1280, "height": 900}) as context:
        for _ in range(50):
            tab = Tab(context, address)
            tab.open("lab")
            tab.sees("Teach these sentences", 30)
            tab.is_well()
            tab.page.close()
