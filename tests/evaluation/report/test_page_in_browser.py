"""The report in a real browser: nothing keeps people from using it, nothing is cut off, links show what they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, WIDE, opened_browser
from fakes import says_right, write_domain, write_run

from data.load import load_domain
from evaluation.report.render import write_reports
from evaluation.report.site import write_site
from evaluation.results.file import read_results

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (`.ci/run` installs it)")
LOOKS = (({"width": 1440, "height": 900}, "light"), ({"width": 400, "height": 860}, "dark"))
# What of a chart or a cell is drawn beyond the place that it has: charts must not, and tables scroll.
CUT = """() => [...document.querySelectorAll('figure svg')].filter((svg) => {
  const place = svg.closest('.page').getBoundingClientRect(), own = svg.getBoundingClientRect();
  return own.width && (own.left < place.left - 1 || own.right > place.right + 1);
}).length"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its report, and a site of it; an answer tries to be markup."""
    root = tmp_path_factory.mktemp("report")
    domain = load_domain(write_domain(root / "domain", facts=8))
    bad = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    methods = {"base": lambda question: bad, "rag": says_right, "lora": says_right, "oracle": says_right}
    folder = write_run(root / "runs" / "made-up", domain, methods)
    write_reports(folder, read_results(folder))
    write_site(root / "runs", root / "site")
    return root


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]['width']}-{look[1]}")
def context(request: pytest.FixtureRequest) -> Iterator[Any]:
    size, scheme = request.param
    with opened_browser(viewport=size, color_scheme=scheme) as context:
        yield context


def _open(context: Any, path: Path, place: str = "") -> tuple[Any, list[str]]:
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: line.type in ("error", "warning") and problems.append(line.text))
    page.on("request", lambda asked: asked.url.startswith("file:") or problems.append(asked.url))
    page.goto(f"{path.as_uri()}{place}")
    page.wait_for_load_state()
    page.wait_for_timeout(300)
    return page, problems


def _faults(page: Any) -> list[tuple[str, str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (v["impact"], v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    "name",
    ["runs/made-up/report.html", "site/index.html", "site/runs/made-up/index.html", "site/runs/made-up/answers.html"],
)
def test_nothing_keeps_people_from_using_a_page(context: Any, root: Path, name: str) -> None:
    page, problems = _open(context, root / name)
    for part in page.locator("details").all():
        part.evaluate("part => { part.open = true }")
    assert _faults(page) == []
    assert page.evaluate(WIDE) is False
    assert page.evaluate(CUT) == 0
    assert problems == []


def test_a_count_shows_the_answers_that_it_counts(context: Any, root: Path) -> None:
    page, problems = _open(context, root / "runs/made-up/report.html")
    shown = page.locator("article li:visible")
    assert shown.count() == 0, "folded"
    count = page.locator("a[href='#answers?method=rag&outcome=right']").first
    assert count.inner_text().startswith("12 (")
    count.click()
    page.wait_for_timeout(200)
    assert page.locator(".found").inner_text() == "12 answers to 12 questions"
    assert {one.get_attribute("data-m") for one in shown.all()} == {"rag"}
    page.get_by_role("button", name="Show all").click()
    page.wait_for_timeout(200)
    assert page.locator(".found").inner_text().endswith("to 13 questions")
    page.get_by_label("Words").fill("harbour3")
    assert page.locator(".found").inner_text().endswith("to 1 question")
    assert problems == []


def test_an_address_with_a_place_opens_what_it_names(context: Any, root: Path) -> None:
    page, _ = _open(context, root / "runs/made-up/report.html", "#how-it-was-graded")
    assert page.get_by_text("Answers graded:").is_visible()
    page, _ = _open(context, root / "site/runs/made-up/answers.html", "#answers?method=base&outcome=wrong")
    assert page.locator(".found").inner_text() == "12 answers to 12 questions"
    page.goto(f"{page.url.partition('#')[0]}#q:none-q")
    page.wait_for_timeout(200)
    assert page.get_by_text("Who paints the flags?").is_visible(), "it was not among those shown before"
