"""The report as a page: every figure leads to its answers, nothing leads nowhere, nothing is told by colour alone."""

import re
from html import unescape
from pathlib import Path

import pytest
from fakes import says_right, write_domain, write_run

from data.load import load_domain
from evaluation.report.examples import answers_of
from evaluation.report.page import charts_of, html, page_and_links
from evaluation.report.sections import ReportSection
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder


def _half(question: object) -> str:
    """Right about half of the facts, "unknown" about one, else wrong."""
    number = str(getattr(question, "fact_id", ""))[-1:]
    return says_right(question) if number in "024" else "unknown" if number == "1" else "a walrus"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    root = tmp_path_factory.mktemp("pages")
    domain = load_domain(write_domain(root / "domain", facts=8))
    found: RunFolder = write_run(root / "run", domain, {"rag": says_right, "lora": _half})
    return found


@pytest.fixture(scope="module")
def page(folder: RunFolder) -> str:
    results = read_results(folder)
    return html(results, answers_of(folder, results))


def _links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', page.partition("<script>")[0])]


def test_every_link_has_its_place_and_every_place_one_name(page: str) -> None:
    names = [unescape(name) for name in re.findall(r' id="([^"]*)"', page.partition("<script>")[0])]
    assert len(names) == len(set(names))
    links = _links(page)
    assert {link[1:] for link in links} <= set(names), "no link leads out of the page, or nowhere in it"
    assert {"#methods", "#differences", "#answers", "#content"} <= set(links)


def test_a_count_leads_to_as_many_answers(folder: RunFolder, page: str) -> None:
    """Counted here from the articles of the page, by what their answers are marked with."""
    results = read_results(folder)
    articles = re.findall(r'<article id="[^"]*" data-k="(\w+)"( data-all)?>(.*?)</article>', page, re.DOTALL)
    assert len(articles) == results.domain.n_asked
    for name, method in results.methods.items():
        for outcome, count in (
            ("right", method.overall.correct), ("unknown", method.overall.abstained), ("wrong", method.overall.wrong),
        ):  # fmt: skip
            marked = f'<li data-m="{name}" data-o="{outcome}"'
            assert sum(body.count(marked) for _, counts, body in articles if counts) == count
            assert (f"#answers?method={name}&outcome={outcome}" in _links(page)) is (count > 0)


def test_what_a_method_made_up_is_marked(page: str) -> None:
    (body,) = re.findall(r'<article id="q:none-q" data-k="unanswerable">(.*?)</article>', page, re.DOTALL)
    assert "the right reply is “unknown”" in body
    assert "– said “unknown”, rightly" in body, "rag"
    assert "✗ wrong" in body, "lora names an animal"


def test_the_first_screen_says_how_sure_in_words(folder: RunFolder, page: str) -> None:
    verdict = read_results(folder).verdict
    first = page.partition("<nav")[0]
    assert f'<span class="badge {verdict.badge.how}">{verdict.badge.text}</span>' in first
    assert f"<h1>{verdict.summary}</h1>" in first
    assert page.count("<h1") == 1


def test_what_an_audit_found_stands_on_the_first_screen(folder: RunFolder) -> None:
    content = read_results(folder).model_dump(mode="json")
    content["audit"]["checks"][0] |= {"passed": False, "detail": "two prompts differ <b>"}
    content["verdict"]["badge"] = {"how": "failed", "text": "audit failed"}
    page = html(Results.model_validate(content))
    first = page.partition("<nav")[0]
    assert "two prompts differ &lt;b&gt;" in first
    assert 'class="badge failed"' in first
    assert '<section>\n<h2 id="how-fair-it-was">' in page, "not folded then"


def test_tables_and_charts_have_names(page: str) -> None:
    body = page.partition("<script>")[0]
    assert body.count("<table>") == body.count("<caption") == len(re.findall(r'role="region" aria-label="[^"]+"', body))
    assert body.count('scope="col"') > 20
    assert len(re.findall(r'role="img" aria-label="[^"]{20,}"><div aria-hidden="true"><svg', body)) >= 2


def test_without_answers_no_figure_is_a_link(folder: RunFolder) -> None:
    page = html(read_results(folder))
    assert not any(link.startswith("#answers") for link in _links(page))


def test_answers_can_stand_in_another_file(folder: RunFolder) -> None:
    results = read_results(folder)
    page, places = page_and_links(results, answers_of(folder, results), "answers.html", "../index.html")
    assert "answers?method=rag&outcome=right" in places
    assert "answers.html#answers?method=rag&outcome=right" in _links(page)
    assert "<article" not in page
    assert "../index.html" in _links(page)


def test_charts_stand_where_a_section_names_them() -> None:
    names = ["cost", "kind-style", "kind-updated", "taught"]
    assert charts_of(ReportSection("a", charts=("taught", "kind-")), names) == ["taught", "kind-style", "kind-updated"]
    assert charts_of(ReportSection("a", charts=("cos",)), names) == []


def test_no_file_but_the_page_is_needed(page: str) -> None:
    own = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(?:src|action)=|url\(|@import|<link", own)
    assert Path("report.html").name in own, "where the answers are, for whoever reads a printed copy"
