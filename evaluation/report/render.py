"""Reports made from results.json: HTML that opens from disk, Markdown, JSON and CSV."""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from data.files import together, write_json
from data.progress import Progress, silent
from evaluation.analysis.causes import CAUSE_NAMES
from evaluation.cost.page import cost_sentences, cost_table, ownership_table
from evaluation.report.charts import (
    accuracy_chart,
    accuracy_frame,
    category_chart,
    cost_chart,
    drawing_library,
    live,
    ownership_chart,
    pareto_chart,
    svg,
    training_chart,
)
from evaluation.report.tables import all_tables, audit_table, grading_sentences
from evaluation.run.folder import REPORTS, RunFolder
from evaluation.table import COLUMNS, percent, table_rows


def _seconds(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f} s"


def _megabytes(value: float | None) -> str:
    return "n/a" if value is None else f"{value / 2**20:,.0f} MiB"


def _cell(value: object) -> str:
    """Text inside a Markdown table cell: no markup, no line end, no column break."""
    text = str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
    return text.replace("<", "&lt;").replace("`", "\\`").replace("[", "\\[")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent, "seconds": _seconds, "megabytes": _megabytes, "cell": _cell,
    }  # fmt: skip
    return environment


def _training_curve(folder: RunFolder) -> list[dict[str, Any]]:
    for path in sorted(folder.path.glob("adapters/[!.]*/training.json")):
        curve: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["curve"]
        return curve
    return []


def _context(folder: RunFolder, results: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "results": results,
        "methods": results["methods"],
        "columns": COLUMNS,
        "rows": table_rows(results),
        "categories": list(dict.fromkeys(c for m in results["methods"].values() for c in m["categories"])),
        "tables": all_tables(results),
        "audit": audit_table(results),
        "grading": grading_sentences(results),
        "costs": cost_table(results["costs"]),
        "ownership": ownership_table(results["costs"]),
        "cost_sentences": cost_sentences(results["costs"]),
        "cause_names": CAUSE_NAMES,
        "causes": [c for c in CAUSE_NAMES if any(c in m["causes"] for m in results["methods"].values())],
    }


def markdown(folder: RunFolder, results: Mapping[str, Any]) -> str:
    """The report as Markdown."""
    return _environment().get_template("report.md.j2").render(_context(folder, results))


def html(folder: RunFolder, results: Mapping[str, Any]) -> str:
    """The report as one HTML file with its charts inside."""
    charts = {"accuracy": svg(accuracy_chart(results)), "cost": svg(cost_chart(results))}
    if any(method["categories"] for method in results["methods"].values()):
        charts["categories"] = svg(category_chart(results))
    if curve := _training_curve(folder):
        charts["training"] = svg(training_chart(curve))
    charts["pareto"] = svg(pareto_chart(results["costs"]))
    owned = ownership_chart(results["costs"])
    charts["ownership"] = svg(owned)  # what is seen where scripts do not run
    scripts = [drawing_library(), live(owned, "ownership")]
    # The page runs these two scripts and no other, whatever a document or a model has written into it.
    allowed = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    template = _environment().get_template("report.html.j2")
    return template.render(_context(folder, results), charts=charts, scripts=scripts, allowed=allowed)


def csv(results: Mapping[str, Any]) -> str:
    """Accuracy per method and category as a table for other programs."""
    return accuracy_frame(results).to_csv(index=False)


def render(folder: RunFolder, form: str) -> str:
    """The report of a finished run as html, md, json or csv text."""
    results = folder.results()
    if form == "html":
        return html(folder, results)
    if form == "md":
        return markdown(folder, results)
    return csv(results) if form == "csv" else json.dumps(results, indent=1, ensure_ascii=False)


def grade_again(folder: RunFolder, progress: Progress = silent) -> None:
    """Scores, results and reports from the saved answers."""
    from evaluation.analysis.results import build_results
    from evaluation.grading.score import score_answers

    folder.write_rows("scores.jsonl", score_answers(folder, progress=progress))
    progress("writing the reports")
    write_json(folder.path / "results.json", build_results(folder))
    write_reports(folder)


def write_reports(folder: RunFolder) -> None:
    """report.html and report.md beside results.json: both new, or both as they were."""
    with together() as files:
        for name in REPORTS:
            files.write_text(folder.path / name, render(folder, name.partition(".")[2]))
