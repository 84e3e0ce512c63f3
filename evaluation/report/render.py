"""Reports made from results.json: HTML that opens from disk, Markdown, JSON and CSV."""

import json
from collections.abc import Sequence
from typing import Any

from data.files import together
from data.sealed import sealed_page
from evaluation import table as tables
from evaluation.report.decision import first_lines
from evaluation.report.examples import answers_of
from evaluation.report.hostile import hostile_sections
from evaluation.report.methods_table import methods_table, yardsticks_table
from evaluation.report.page import html
from evaluation.report.preferences import preference_sections
from evaluation.report.sections import ReportSection, decision_sections, sections, subtitle, versions
from evaluation.report.study import drill_sections
from evaluation.report.tables import accuracy_table
from evaluation.report.templating import environment
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder


def _context(results: Results, more: Sequence[ReportSection]) -> dict[str, Any]:
    return {
        "title": f"{results.domain.name}: which method answers?",
        "first_lines": first_lines(results.verdict),
        "subtitle": subtitle(results),
        "methods": [table for table in (methods_table(results), yardsticks_table(results)) if table],
        "sections": [*decision_sections(results), *sections(results), *more],
        "versions": versions(results),
    }


def markdown(results: Results, more: Sequence[ReportSection] = ()) -> str:
    """The report as Markdown, with more sections at its end."""
    return environment().get_template("report.md.j2").render(_context(results, more))


def csv(results: Results) -> str:
    """Accuracy per method and category as a table for other programs."""
    return tables.csv(accuracy_table(results))


def _more(folder: RunFolder) -> list[ReportSection]:
    """What was measured on top of the run."""
    run = folder.path
    return [*preference_sections(run), *hostile_sections(run), *drill_sections(run)]


def render(folder: RunFolder, form: str) -> str:
    """The report of a finished run as html, md, json or csv text."""
    results = read_results(folder)
    if form == "html":
        return html(results, answers_of(folder, results), _more(folder))
    if form == "json":
        return json.dumps(results.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return csv(results) if form == "csv" else markdown(results, _more(folder))


def write_reports(folder: RunFolder, results: Results) -> None:
    """report.html and report.md beside results.json: both new, or both as they were."""
    more = _more(folder)
    with together() as files:
        files.write_text(folder.path / "report.html", sealed_page(html(results, answers_of(folder, results), more)))
        files.write_text(folder.path / "report.md", sealed_page(markdown(results, more)))
