"""A site of runs: every link leads somewhere, and nothing that is no site is replaced."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from fakes import says_right, write_domain, write_run

from data.errors import TriviumError
from data.load import load_domain
from evaluation.report.site import write_site


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished runs of one domain and one that was never finished."""
    root = tmp_path_factory.mktemp("site")
    domain = load_domain(write_domain(root / "domain"))
    write_run(root / "runs" / "first run", domain, {"base": lambda question: "<b>no</b>", "rag": says_right})
    second = write_run(root / "runs" / "second", domain, {"base": says_right, "rag": says_right}, top_k=1)
    third = write_run(root / "runs" / "third", domain, {"base": says_right})
    third.save_record(third.record() | {"status": "running"})
    assert second.path.name == "second"
    return root / "runs"


@pytest.fixture(scope="module")
def site(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "public"
    made = write_site(runs, out)
    assert sorted(made.runs) == ["first run", "second"]
    assert "the run is not finished" in made.left_out["third"]
    return out


def test_every_link_of_every_page_leads_to_a_place_that_is_there(site: Path) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    assert len(pages) == 2 + 2 * 2
    names = {path: set(map(unescape, re.findall(r' id="([^"]*)"', text))) for path, text in pages.items()}
    for path, text in pages.items():
        for link in map(unescape, re.findall(r'href="([^"]*)"', text.partition("<script>")[0])):
            file, _, place = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target in pages, link
            assert not place or place in names[target], link


def test_the_first_page_lists_runs_and_what_is_left_out(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert page.count("<article>") == 2
    assert "<b>third</b>: " in page
    assert "not finished" in page


def test_runs_of_a_domain_are_compared(site: Path) -> None:
    page = (site / "compare.html").read_text(encoding="utf-8")
    assert "second against first run" in page
    assert "base: 7 gained" in page, "all questions, also the one that no document answers"
    assert "&lt;b&gt;no&lt;/b&gt; → otter" in page
    assert '<th scope="row" class="left">top_k</th>' in page


def test_all_answers_are_there(site: Path) -> None:
    page = (site / "runs" / "first run" / "answers.html").read_text(encoding="utf-8")
    assert page.count("<article") == 7
    assert "<b>no</b>" not in page


def test_a_site_is_written_anew_and_anything_else_is_left_alone(runs: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "index.html").write_text("my own page", encoding="utf-8")
    with pytest.raises(TriviumError, match=r"mine: something else than a site of Trivium lies there"):
        write_site(runs, mine)
    assert (mine / "index.html").read_text(encoding="utf-8") == "my own page"
    out = tmp_path / "out"
    write_site(runs / "second", out)
    assert not (out / "runs" / "first run").exists()
    write_site(runs, out)
    assert (out / "runs" / "first run" / "index.html").exists()


def test_a_folder_without_runs_is_named(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no run lies in it"):
        write_site(tmp_path, tmp_path / "out")
