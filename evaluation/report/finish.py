"""From saved answers to scores, results and reports."""

from data.progress import Progress, silent
from evaluation.analysis.results import build_results
from evaluation.grading.score import score_answers
from evaluation.report.render import write_reports
from evaluation.results.file import write_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder


def grade_again(folder: RunFolder, progress: Progress = silent) -> Results:
    """Grade the saved answers of a run, and write its results and reports anew."""
    folder.write_rows("scores.jsonl", score_answers(folder, progress=progress))
    progress("writing the reports")
    results = build_results(folder)
    write_results(folder, results)
    write_reports(folder, results)
    return results
