"""From saved answers to scores, results and reports."""

from data.errors import TriviumError
from data.progress import Progress, silent
from data.sealed import is_whole_page
from evaluation.analysis.results import build_results
from evaluation.grading.score import score_answers
from evaluation.report.render import write_reports
from evaluation.results.file import read_results, write_results
from evaluation.results.schema import Results
from evaluation.run.folder import REPORTS, RunFolder


def grade_again(folder: RunFolder, progress: Progress = silent) -> Results:
    """Grade the saved answers of a run, and write its results and reports anew."""
    folder.write_rows("scores.jsonl", score_answers(folder, progress=progress))
    progress("writing the reports")
    results = build_results(folder)
    write_results(folder, results)
    write_reports(folder, results)
    return results


def damaged_output(folder: RunFolder) -> str:
    """What of the scores, results and reports of a run with all its answers is missing or damaged; empty: nothing."""
    try:
        read_results(folder)
        folder.scores(folder.answers())
    except TriviumError as error:
        return str(error).partition(" `trivium")[0]
    for page in (folder.path / name for name in REPORTS):
        if not page.exists():
            return f"{page}: it is missing."
        if not is_whole_page(page):
            return f"{page}: it is not what was written."
    return ""
