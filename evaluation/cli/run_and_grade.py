"""A run with its grades: each method is graded, and its row shown, when its last answer is there."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.leaks import Leak
from data.schema import Domain, Question
from evaluation.analysis.deciding import decided
from evaluation.analysis.method_figures import method_figures
from evaluation.analysis.results import build_results
from evaluation.analysis.run_figures import RunFigures
from evaluation.cli.display import Display
from evaluation.grading.grader import Grader
from evaluation.grading.rules import WORD_LIMIT
from evaluation.grading.score import score_answers
from evaluation.report.methods_table import progress_row
from evaluation.report.render import write_reports
from evaluation.results.file import write_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from evaluation.run.plan import Plan
from evaluation.run.rounds import Decided
from evaluation.run.settings import RunSettings
from evaluation.run.start import start_or_continue


def run_and_grade(
    domain: Domain, settings: RunSettings, plan: Plan, path: Path, digest: str, display: Display,
    leaks: Sequence[Leak] = (),
) -> Results:  # fmt: skip
    """Run into `path`, or go on there, write results.json and the reports, and return the results.

    Raises:
        TriviumError: the folder holds something else.
    """
    folder = RunFolder(path)
    grader = Grader(word_limit=max(WORD_LIMIT, settings.answer_words or 0), language=domain.settings.language)
    scores: list[dict[str, Any]] = []
    spent = 0.0

    def grade() -> None:
        nonlocal scores, spent
        started = time.perf_counter()
        scores = score_answers(folder, grader, known=scores)
        folder.write_rows("scores.jsonl", scores)
        spent += time.perf_counter() - started

    def look(asked: Sequence[Question]) -> Decided | None:
        grade()
        return decided(folder, scores, asked)

    looking = look if settings.until_decided else None
    for finished in start_or_continue(domain, settings, plan, path, digest, display, leaks, looking):
        grade()
        figures = RunFigures(folder)
        known = method_figures(figures, finished.name) if finished.name in figures.names else None
        display.row(progress_row(finished.name, known))
    record = folder.record()
    folder.save_record(record | {"grading_s": record.get("grading_s", 0.0) + spent})
    results = build_results(folder)
    write_results(folder, results)
    display("writing the reports")
    write_reports(folder, results)
    return results
