"""Reports made from results.json: HTML that opens from disk, Markdown, JSON and CSV."""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from data.files import together
from data.sealed import sealed_page
from evaluation import table as tables
from evaluation.printable import printable
from evaluation.report import charts
from evaluation.report.decision import first_lines
from evaluation.report.methods_table import methods_table, yardsticks_table
from evaluation.report.sections import sections, subtitle, versions
from evaluation.report.tables import accuracy_table
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,  # markup is our own, or escaped
    )
    environment.filters |= {
        "markdown_table": tables.markdown,
        "html_table": lambda table: Markup(tables.html(table)),  # which escapes every cell
        "plain": tables.markdown_text,
    }
    return environment


def _context(results: Results) -> dict[str, Any]:
    return {
        "title": f"{results.domain.name}: which method answers?",
        "first_lines": first_lines(results.verdict),
        "subtitle": subtitle(results),
        "methods": [table for table in (methods_table(results), yardsticks_table(results)) if table],
        "sections": sections(results),
        "versions": versions(results),
    }


def markdown(results: Results) -> str:
    """The report as Markdown."""
    return _environment().get_template("report.md.j2").render(_context(results))


def html(results: Results) -> str:
    """The report as one HTML file with its charts inside."""
    owned = charts.ownership_chart(results.costs)
    drawn = {name: Markup(charts.svg(chart)) for name, chart in charts.report_charts(results).items()}
    drawn["ownership"] = Markup(charts.svg(owned))  # what is seen where scripts do not run
    scripts = [Markup(charts.drawing_library()), Markup(charts.live(owned, "ownership"))]
    # The page runs these two scripts and no other, whatever a document or a model has written into it.
    allowed = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    template = _environment().get_template("report.html.j2")
    return template.render(_context(results), charts=drawn, scripts=scripts, allowed=Markup(allowed))


def csv(results: Results) -> str:
    """Accuracy per method and category as a table for other programs."""
    return tables.csv(accuracy_table(results))


def render(folder: RunFolder, form: str) -> str:
    """The report of a finished run as html, md, json or csv text."""
    results = read_results(folder)
    if form == "json":
        return json.dumps(results.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return {"html": html, "md": markdown, "csv": csv}[form](results)


def write_reports(folder: RunFolder, results: Results) -> None:
    """report.html and report.md beside results.json: both new, or both as they were."""
    with together() as files:
        files.write_text(folder.path / "report.html", sealed_page(html(results)))
        files.write_text(folder.path / "report.md", sealed_page(markdown(results)))
