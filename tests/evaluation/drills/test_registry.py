"""A drill is added by a third party in one file: from its path, or as an entry point."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data.errors import TriviumError
from evaluation import extensions
from evaluation.cli.main import app
from evaluation.drills import registry
from evaluation.drills.registry import BUILT_IN, drill_names, drill_of
from evaluation.results.drill import read_drill

OWN = '''"""Does it help to ask politely?"""

from evaluation.drills.drill import Drill
from evaluation.drills.measured import Measured, Point, Work


class Politeness(Drill):
    name, title = "politeness", "Politeness"

    def points(self, bench):
        work = Work(answers=bench.many)
        return [Point(name, how, work=work) for name in bench.methods for how in ("plain", "please")]

    def measure(self, bench, point):
        questions = bench.questions()
        if point.setting == "please":
            questions = [q.model_copy(update={"question": q.question + " Please."}) for q in questions]
        return Measured(bench.ask(point.method, questions))
'''


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    path = tmp_path / "politeness.py"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_a_row_names_is_there(name: str) -> None:
    drill = drill_of(name)
    assert drill.name == name
    assert drill.question.endswith("?")


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(TriviumError, match=r"unknown drill 'noize'. Did you mean 'noise'\?"):
        drill_of("noize")


def test_one_file_adds_a_drill_that_the_report_and_the_study_tell(bench: Any, own_file: Path) -> None:
    run = bench().path
    _graded(run)
    done = CliRunner().invoke(app, ["drill", str(own_file), str(run), "--smoke"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "Politeness: Does it help to ask politely?" in done.output
    results = read_drill(run / "drills" / "politeness.json")
    right = {(p.method, p.setting): p.cell.correct for p in results.points if p.cell}
    # The script knows an answer where the question stands in the prompt, which it does with "Please." behind it, too.
    assert right["rag", "plain"] == right["rag", "please"] == 8
    assert right["base", "plain"] == 0
    for page in ("study.html", "study.md", "report.html", "report.md"):
        assert "Politeness" in (run / page).read_text(encoding="utf-8"), page
    assert 'href="study.html"' in (run / "report.html").read_text(encoding="utf-8")


def _graded(run: Path) -> None:
    """Grades and results of the run, which `trivium run` writes when it ends."""
    from fakes import BagOfWords

    from evaluation.analysis.results import build_results
    from evaluation.grading.grader import Grader
    from evaluation.grading.score import score_answers
    from evaluation.results.file import write_results
    from evaluation.run.folder import RunFolder

    folder = RunFolder(run)
    folder.write_rows("scores.jsonl", score_answers(folder, Grader(BagOfWords())))
    write_results(folder, build_results(folder))


def test_an_entry_point_adds_a_drill(own_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(own_file.parent))
    entries = (
        EntryPoint("politeness", "politeness:Politeness", registry.GROUP),
        EntryPoint("noise", "politeness:Politeness", registry.GROUP),
        EntryPoint("broken", "nowhere:Nothing", registry.GROUP),
    )
    monkeypatch.setattr(extensions, "entry_points", lambda group: entries)
    assert drill_names() == (*BUILT_IN, "broken", "politeness")
    assert drill_of("politeness").question == "Does it help to ask politely?"
    assert drill_of("noise").title == "Noise and position"
    with pytest.raises(TriviumError, match=r"the drill 'broken' .* cannot be loaded"):
        drill_of("broken")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "it holds 0 drills"),
        ("1 / 0", "it cannot be loaded: division by zero"),
        (OWN.replace("def measure", "def other"), "the drill has no measure"),
        (OWN.replace('title = "politeness", "Politeness"', '_ = "../x", ""'), "the drill has no title"),
        (OWN.replace('"politeness", "Politeness"', '"../x", "P"'), r"is named '\.\./x'"),
    ],
)
def test_a_file_that_holds_none_says_why(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "other.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TriviumError, match=told):
        drill_of(str(path))
