"""`trivium canary` as a user types it: a server, a function, a run; stopped and gone on with."""

import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from canary_search import Search
from contestants import json_server, respond, serving
from typer.testing import CliRunner

from data.errors import CheckFailed, TriviumError
from evaluation.canary.manifest import read_manifest
from evaluation.canary.plant import AFTER, DOCUMENTS, plant
from evaluation.cli.main import app


@pytest.fixture
def planted(corpus: Path, tmp_path: Path) -> Path:
    plant(corpus, tmp_path / "out", seed=3)
    return tmp_path / "out"


def trivium(*arguments: str, cwd: Path) -> tuple[BaseException | None, str]:
    """The error with which a command ended, and what it printed."""
    with chdir(cwd):
        result = CliRunner().invoke(app, ["canary", *arguments])
    if result.exception and not isinstance(result.exception, TriviumError):
        raise result.exception
    return result.exception, result.stdout


def test_from_documents_to_a_finding(corpus: Path, tmp_path: Path) -> None:
    error, said = trivium("plant", str(corpus), "out", cwd=tmp_path)
    assert error is None
    assert "40 canaries in 8 of 12 documents; 12 change later." in said
    assert "1. Give out/documents to your system" in said
    index = [Search(tmp_path / "out" / DOCUMENTS)]
    with json_server(lambda asked: index[0](asked["question"])) as url:
        error, said = trivium("check", "out", "--method", f"mine={url}", cwd=tmp_path)
        assert error is None
        assert "own:mine, given the documents as planted: 40 of 40" in said
        error, said = trivium("check", "out", "--method", f"mine={url}", "--given", "after", cwd=tmp_path)
        assert isinstance(error, CheckFailed)
        assert str(error) == "out: own:mine stale."
        assert "STALE: 12 of 12" in said
        index[0] = Search(tmp_path / "out" / AFTER)
        error, said = trivium("check", "out", "--method", f"mine={url}", "--given", "after", "--json", cwd=tmp_path)
    assert error is None
    [found] = json.loads(said)
    assert (found["stale"]["k"], found["known"]["k"], found["faults"]) == (0, 40, [])


def test_a_function_that_returns_what_it_read(planted: Path, tmp_path: Path) -> None:
    (tmp_path / "rag.py").write_text(
        "import canary_search, pathlib\nsearch = canary_search.Search(pathlib.Path('out/documents'))\n"
        "def answer(question):\n    best = search(question)\n"
        "    return {'answer': best, 'passages': [{'document': '', 'text': best}]}\n", encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "canary_search.py").write_text(
        (Path(__file__).parents[2] / "canary_search.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    error, said = trivium("check", "out", "--method", "f=python:rag:answer", "--json", cwd=tmp_path)
    assert error is None
    assert json.loads(said)[0]["unseen"] == 0
    rows = (planted / "checks" / "f-before.jsonl").read_text(encoding="utf-8").split("\n")
    assert len([row for row in rows if row]) == 40


def test_a_check_that_was_stopped_goes_on(planted: Path, tmp_path: Path) -> None:
    search, asked, broken = Search(planted / DOCUMENTS), list[str](), [True]
    bad = read_manifest(planted).canaries[20].question

    def answer(request: dict[str, Any], handler: Any) -> None:
        asked.append(request["question"])
        fails = broken[0] and request["question"] == bad
        respond(handler, "no" if fails else json.dumps(search(request["question"])), 400 if fails else 200)

    with serving(answer) as url:
        error, _ = trivium("check", "out", "--method", f"mine={url}", cwd=tmp_path)
        assert "own:mine" in str(error)
        assert "HTTP 400: 'no'" in str(error)
        assert "answers are kept: run the same command again" in str(error)
        before, broken[0] = len(asked), False
        error, said = trivium("check", "out", "--method", f"mine={url}", cwd=tmp_path)
        assert (error, "40 of 40" in said) == (None, True)
        assert len(asked) == 41, "one question was asked twice"
        assert before > 1
        trivium("check", "out", "--method", f"mine={url}", cwd=tmp_path)
        assert len(asked) == 81, "a finished check is made anew"


def test_the_methods_of_a_run(planted: Path, tmp_path: Path) -> None:
    script = [
        {"question": c.question, "answer": answer, "needs": sentence}
        for c in read_manifest(planted).canaries
        for answer, sentence in ((c.answer, c.sentence), (c.changed_answer, c.changed))
        if sentence
    ]
    (tmp_path / "script.jsonl").write_text("\n".join(map(json.dumps, script)), encoding="utf-8")
    with chdir(tmp_path):
        run = CliRunner().invoke(app, [
            "run", "out", "--model", "scripted:script.jsonl", "--search-by", "words", "--methods", "base,rag", "--out",
            "run", "--device", "cpu",
        ])  # fmt: skip
    assert run.exit_code == 0, run.output
    error, said = trivium("check", "out", "--run", "run", "--json", cwd=tmp_path)
    assert error is None
    found = {(one["system"], one["given"]): one for one in json.loads(said)}
    assert set(found) == {("base", "never"), ("rag", "before"), ("rag", "after")}
    assert found["rag", "before"]["known"]["k"] == 40
    assert (found["rag", "after"]["known"]["n"], found["rag", "after"]["stale"]["k"]) == (12, 0)
    assert found["base", "never"]["known"]["k"] == 0
    assert found["rag", "before"]["unseen"] == 0


@pytest.mark.parametrize("command", ["plant", "check"])
def test_help_ends_in_examples(command: str, tmp_path: Path) -> None:
    _, said = trivium(command, "--help", cwd=tmp_path)
    assert f"trivium canary {command}" in said.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "out"), "name whom to ask"),
        (("check", "lost", "--method", "a=http://127.0.0.1:9"), r"there is no canaries\.json"),
        (("check", "out", "--method", "a=http://127.0.0.1:9"), "it cannot be reached"),
        (("check", "out", "--run", "out"), "no run here"),
    ],
)
def test_wrong_use_is_one_sentence(planted: Path, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    error, _ = trivium(*arguments, cwd=tmp_path)
    assert error is not None
    with pytest.raises(TriviumError, match=said):
        raise error
