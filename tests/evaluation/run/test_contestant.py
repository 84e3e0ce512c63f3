"""A system of the user's in a whole run: the server of the docs, a function, a file; and each when it fails."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from contestants import json_server, respond, serving
from fakes import add_special_questions, saved, write_domain
from typer.testing import CliRunner

from data.errors import TriviumError
from data.schema import Domain
from evaluation.cli.main import app
from evaluation.contest.address import parse
from evaluation.run.contestant import Contestant
from evaluation.run.folder import RunFolder
from evaluation.run.settings import RunSettings

ROOT = Path(__file__).parents[3]
SCRIPTED = ("--model", "scripted:script.jsonl", "--search-by", "words", "--device", "cpu")
SHORT = (*SCRIPTED, "--profile", "smoke")


@dataclass(frozen=True)
class Done:
    """What a command said. `error`: the sentence with which it ended; empty where it did not fail."""

    error: str
    stdout: str


def trivium(*arguments: str, cwd: Path) -> Done:
    """The command, in this process: what makes an error of it a sentence is evaluation.cli.main."""
    with chdir(cwd):
        result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, TriviumError):
        raise result.exception
    return Done(str(result.exception or ""), result.stdout)


def questions_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").split("\n") if line]


def write_scripted(root: Path, facts: int = 4) -> Path:
    """A domain with updates, and a model that answers what stands in its prompt."""
    add_special_questions(write_domain(root / "domain", facts=facts))
    script = [
        {"question": row["question"], "answer": row["answers"][0], "needs": row["evidence"]}
        for row in questions_in(root / "domain")
        if row["answers"] and isinstance(row["evidence"], str)
    ]
    (root / "script.jsonl").write_text("\n".join(map(json.dumps, script)), encoding="utf-8")
    return root


@contextmanager
def rag_of_the_docs(root: Path) -> Iterator[str]:
    """The server that docs/contestants.md shows, on a free port."""
    text = (ROOT / "docs" / "contestants.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    (root / "my_rag.py").write_text(code.replace("8000", str(port)), encoding="utf-8")
    command = [sys.executable, str(root / "my_rag.py"), str(root / "domain" / "documents")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with closing(socket.socket()) as there:
                    if there.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two methods, the server of the docs, a function and a file."""
    root = write_scripted(tmp_path_factory.mktemp("contest"))
    (root / "own.py").write_text('def answer(question):\n    return {"answer": "x", "usage": {"usd": 0.01}}\n')
    rows = [{"id": row["id"], "answer": (row["answers"] or ["unknown"])[0]} for row in questions_in(root / "domain")]
    (root / "given.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with rag_of_the_docs(root) as url:
        done = trivium(
            "run", "domain", "--methods", "base,rag", "--method", f"mine={url}", "--method", "f=python:own:answer",
            "--method", "file=given.jsonl", "--out", "run", *SCRIPTED, cwd=root,
        )  # fmt: skip
    assert not done.error
    (root / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def results(finished: Path) -> Any:
    return saved(RunFolder(finished / "run"))


def test_they_are_asked_the_same_questions_and_graded_by_the_same_rules(results: Any, finished: Path) -> None:
    methods = results["methods"]
    assert list(methods) == ["base", "rag", "own:mine", "own:f", "own:file"]
    assert [methods[name]["kind"] for name in methods] == ["yardstick", "candidate", *["contestant"] * 3]
    asked = {name: method["overall"]["n"] for name, method in methods.items()}
    assert set(asked.values()) == {9}
    flags = {kind: methods["own:mine"]["categories"][kind]["accuracy"] for kind in ("paraphrased", "held_out")}
    assert flags == {"paraphrased": 1.0, "held_out": 1.0}
    assert methods["own:f"]["overall"]["correct"] == 0
    assert methods["own:file"]["overall"]["accuracy"] == 1.0
    assert methods["own:file"]["refusal"]["unanswerable_refused"] == 1.0
    assert results["verdict"]["summary"].startswith("No recommendation: ")
    for name in ("report.md", "report.html"):
        text = (finished / "run" / name).read_text(encoding="utf-8")
        assert all(own in text for own in ("own:mine", "own:f", "own:file"))
    assert "own:mine: answering" in (finished / "stdout.txt").read_text(encoding="utf-8")


def test_each_is_compared_with_search_as_named_before_the_run(results: Any) -> None:
    primary = {(row["a"], row["b"]) for row in results["contrasts"] if row["family"] == "primary"}
    assert primary == {("own:mine", "rag"), ("own:f", "rag"), ("own:file", "rag")}
    secondary = {frozenset((row["a"], row["b"])) for row in results["contrasts"] if row["family"] == "secondary"}
    assert {frozenset(("own:mine", "own:f")), frozenset(("own:mine", "own:file"))} <= secondary


def test_passages_that_come_back_are_judged(results: Any, finished: Path) -> None:
    mine = results["methods"]["own:mine"]
    # The best passage of a plain question holds its evidence; a question over two documents would need another one.
    assert mine["retrieval"]["n"] == 9
    hop = mine["retrieval"]["multi_hop"]
    assert (hop["n"], hop["both_at_10"]) == (1, 0.0)
    assert mine["retrieval"]["recall_at_1"] == pytest.approx(mine["decomposition"]["recall"])
    assert results["methods"]["own:f"]["retrieval"] is None
    answers = [answer for answer in RunFolder(finished / "run").answers() if answer.method == "own:mine"]
    assert {context.document_id for answer in answers for context in answer.contexts} <= {
        f"Harbour{n}.md" for n in range(4)
    }


def test_what_is_not_seen_is_said_to_be_and_made_up_nowhere(results: Any, finished: Path) -> None:
    for name in ("own:mine", "own:f", "own:file"):
        method = results["methods"][name]
        assert [method[key] for key in ("usage", "memory_peak_bytes", "disk_bytes", "training", "stale")] == [None] * 5
        assert set(method["weights"].values()) == {None}
        assert set(method["tokens"].values()) == {None}
        assert method["cost"]["prepare_s"] is None
        assert "was not told" in method["refresh"]["by"]
        assert results["audit"]["answerable_by"][name] is None
    checks = {check["name"]: check for check in results["audit"]["checks"]}
    prompts = checks["prompts are identical but for their context"]
    assert prompts["detail"].endswith("n/a for own:f, own:file, own:mine, whose prompts are not seen")
    assert [check["passed"] for check in checks.values() if "weights" not in check["name"]] == [True] * 3
    assert results["methods"]["own:file"]["latency_s"]["warm"]["n"] == 0
    for name in ("own:mine", "own:f"):
        latency = results["methods"][name]["latency_s"]
        assert (latency["warm"]["n"], latency["cold"]["n"], latency["ttft_p50"]) == (10, 0, None)
    assert results["run"]["estimate"]["predicted_s"] is None
    assert "your system did not show what it answered from" in (finished / "run" / "report.md").read_text()


def test_money_is_the_users_or_what_was_told_or_n_a(results: Any, finished: Path) -> None:
    costs = results["costs"]
    assert costs["methods"]["own:f"]["query"] == pytest.approx(0.01)
    assert (costs["methods"]["own:f"]["fixed"], costs["methods"]["own:f"]["update"]) == (None, None)
    assert set(costs["unpriced"]) == {"own:mine", "own:file"}
    assert "own:f" not in costs["pareto"]
    assert {row[side] for row in costs["break_even"] for side in "ab"} <= {"base", "rag"}
    text = (finished / "run" / "report.md").read_text(encoding="utf-8")
    assert "--price own:mine=0.002 gives dollars a question" in text


def test_a_price_can_be_given_later_and_nothing_is_asked_again(finished: Path) -> None:
    record = RunFolder(finished / "run").record()
    address = record["settings"]["contestants"]["own:mine"]
    methods = ("--method", f"mine={address}", "--method", "f=python:own:answer", "--method", "file=given.jsonl")
    command = ("run", "domain", "--methods", "base,rag", *methods, "--out", "run", *SCRIPTED)
    done = trivium(*command, "--price", "mine=0.5", "--contestant-timeout", "7", cwd=finished)
    assert not done.error
    assert "This run is finished" in done.stdout
    assert saved(RunFolder(finished / "run"))["costs"]["methods"]["own:mine"]["query"] == 0.5
    gate = trivium("gate", "run", "--require", "own:mine.held_out.accuracy=0.9", cwd=finished)
    assert not gate.error
    other = json.loads(trivium("cost", "run", "--price", "own:file=0.25", "--json", cwd=finished).stdout)
    assert [other["methods"][name]["query"] for name in ("own:file", "own:mine")] == [0.25, 0.5]
    assert "there is no system of yours" in trivium("cost", "run", "--price", "own:x=1", cwd=finished).error
    cost = json.loads(trivium("cost", "run", "--bill", "api", "--json", cwd=finished).stdout)
    assert cost["methods"]["own:mine"]["source"].startswith("your price of a question; set-up and updates are not")
    asked = trivium("ask", "Which animal is on the flag of Harbour1?", "--run", "run", "--methods", "rag,own:f",
                    cwd=finished)  # fmt: skip
    assert "own:f" in asked.stdout
    (finished / "elsewhere").mkdir()
    assert "is code in" in trivium("resume", "../run", cwd=finished / "elsewhere").error
    (finished / "given.jsonl").write_text('{"id": "other", "answer": "x"}\n', encoding="utf-8")
    assert "1 contestant changed (own:file)" in trivium(*command, cwd=finished).error


def test_contestants_alone_need_no_other_method(tmp_path: Path) -> None:
    root = write_scripted(tmp_path)
    with json_server(lambda asked: "otter") as url:
        done = trivium("run", "domain", "--methods", "", "--method", f"a={url}", "--out", "run", *SHORT, cwd=root)
    assert not done.error
    results = saved(RunFolder(root / "run"))
    assert list(results["methods"]) == ["own:a"]
    checks = {check["name"]: check["passed"] for check in results["audit"]["checks"]}
    assert checks["prompts are identical but for their context"] is None


def test_one_that_fails_stops_the_run_and_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    root, asked, broken = write_scripted(tmp_path, facts=8), list[str](), [True]

    def answer(request: dict[str, Any], handler: Any) -> None:
        asked.append(request["question"])
        bad = broken[0] and "Harbour5" in request["question"]
        respond(handler, "no such collection" if bad else json.dumps("otter"), 400 if bad else 200)

    with serving(answer) as url:
        command = ("run", "domain", "--methods", "base", "--method", f"a={url}", "--out", "run", *SHORT)
        done = trivium(*command, cwd=root)
        assert re.search(
            r"own:a \(http://\S+\) did not answer 'flag5-q' \(Which animal is on the flag of Harbour5\?\): HTTP 400: "
            r"'no such collection'\. All answers so far are kept", done.error,
        )  # fmt: skip
        kept = [a.question_id for a in RunFolder(root / "run").answers() if a.method == "own:a"]
        before, broken[0] = len(asked), False
        assert len(kept) == before - 1 > 0
        done = trivium("resume", "run", cwd=root)
        assert not done.error
    answers = [a.question_id for a in RunFolder(root / "run").answers() if a.method == "own:a"]
    assert len(answers) == len({*answers}) == 9
    again = asked[before : before + 9 - len(kept)]
    assert len({*again} & {*asked[:before]}) == 1, "only what had failed is asked twice, but for single questions"


def test_unanswered_questions_may_be_left_out_and_are_told(tmp_path: Path) -> None:
    root = write_scripted(tmp_path, facts=8)

    def answer(request: dict[str, Any], handler: Any) -> None:
        bad = "Harbour5" in request["question"]
        respond(handler, json.dumps({"answer": None if bad else "otter\x1b[31m<b>"}))

    with serving(answer) as url:
        command = ("run", "domain", "--methods", "base", "--method", f"a={url}", "--skip-unanswered", "--out", "run")
        done = trivium(*command, *SHORT, cwd=root)
    assert not done.error
    results = saved(RunFolder(root / "run"))
    overall = results["methods"]["own:a"]["overall"]
    assert (overall["n"], overall["unscored"], overall["outcomes"]["wrong"]["n"]) == (8, 1, 7)
    [told] = [text for text in results["audit"]["warnings"] if "own:a" in text]
    assert told.startswith("own:a did not answer 1 question; they are left out")
    assert "1 times: its answer is null" in told
    assert "\x1b" not in (root / "run" / "answers.jsonl").read_text(encoding="utf-8")
    page = (root / "run" / "report.html").read_text(encoding="utf-8")
    assert "\x1b" not in page
    assert "31m<b>" not in page


def test_what_is_not_there_is_told_before_anything_is_computed(tmp_path: Path) -> None:
    root = write_scripted(tmp_path)
    done = trivium("run", "domain", "--methods", "base", "--method", "a=http://127.0.0.1:9/ask", "--out", "run", *SHORT,
                   cwd=root)  # fmt: skip
    assert done.error == "own:a (http://127.0.0.1:9/ask): it cannot be reached (Connection refused)."
    assert RunFolder(root / "run").answers() == []


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("a=python:lost:answer", "it cannot be loaded: ModuleNotFoundError: No module named 'lost'"),
        ("a=lost.jsonl", "lost.jsonl: No such file"),
        ("a=few.jsonl", "few.jsonl: it has no answer to 4 of 5 questions, the first: 'flag1-q'"),
    ],
)
def test_so_is_what_cannot_answer(
    domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.jsonl").write_text('{"id": "flag0-q", "answer": "otter"}\n', encoding="utf-8")
    name, address = parse(method)
    settings = RunSettings(domain=domain.folder, contestants={name: address})

    def check() -> None:
        with closing(Contestant(name, settings, tmp_path, domain)) as contestant:
            contestant.check(domain.split("test"))

    with pytest.raises(TriviumError, match=said):
        check()
