"""Whole runs on a tiny model, through the command as a user starts it, killed and resumed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fakes import saved, write_domain

from evaluation.analysis.results import build_results
from evaluation.grading.score import score_answers
from evaluation.numbers import about, seconds
from evaluation.run.folder import RunFolder

OPTIONS = ["--max-new-tokens", "4", "--chunk-tokens", "60", "--batch-size", "2", "--device", "cpu", "--general", "4",
           "--epochs", "3"]  # fmt: skip


def trivium(*arguments: str, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evaluation", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, **options)


@pytest.fixture(scope="module")
def finished(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of all six methods."""
    root = tmp_path_factory.mktemp("finished")
    write_domain(root / "domain")
    environment = os.environ | {"TRIVIUM_CACHE": str(root / "cache")}
    command = ("run", "domain", "--model", str(tiny_model_folder), "--out", "run", *OPTIONS)
    done = trivium(*command, cwd=root, env=environment)
    assert done.returncode == 0, done.stderr
    (root / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    return root


def test_the_folder_holds_what_was_promised(finished: Path) -> None:
    run = finished / "run"
    names = {path.name for path in run.iterdir()}
    assert names == {
        "run.json", "answers.jsonl", "prompts.jsonl", "chunks.jsonl", "questions.jsonl", "retrieval.jsonl",
        "latency.jsonl", "scores.jsonl", "results.json", "report.html", "report.md", "adapters", "index", ".lock",
    }  # fmt: skip
    assert RunFolder(run).record()["status"] == "complete"


def test_the_terminal_tells_step_by_step(finished: Path) -> None:
    out = (finished / "stdout.txt").read_text(encoding="utf-8")
    for name in ("base", "inject", "rag", "lora", "lora+rag", "oracle"):
        assert f"{name}: answering" in out
        assert f"method: {name} |" in out
    assert "To rank methods, ask about 50 facts" in out
    assert "Report: run/report.html" in out


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_results_follow_from_the_answers_alone(finished: Path) -> None:
    """Counted here by another way than in evaluation.analysis.results."""
    run = finished / "run"
    results = saved(RunFolder(run))
    questions = {row["id"]: row for row in _lines(run / "questions.jsonl")}
    scored = [row for row in _lines(run / "scores.jsonl") if row["phase"] == "main"]
    scores = {(row["method"], row["question_id"]): row["grade"] for row in scored}
    lines = [row for row in _lines(run / "answers.jsonl") if row["phase"] == "main"]
    for name, method in results["methods"].items():
        mine = [a for a in lines if a["method"] == name]
        answerable = [a for a in mine if questions[a["question_id"]]["answers"]]
        right = [a for a in answerable if scores[name, a["question_id"]] == "correct"]
        assert method["overall"]["n"] == len(answerable) > 0
        assert method["overall"]["correct"] == len(right)
        assert method["overall"]["accuracy"] == pytest.approx(len(right) / len(answerable))
        assert method["tokens"]["prompt"] == pytest.approx(sum(a["prompt_tokens"] for a in mine) / len(mine))
        total = sum((a["retrieval_s"] + a["generation_s"]) / a["slowdown"] for a in mine) / len(mine)
        assert method["cost"]["per_query_s"] == pytest.approx(total)
        categories = sum(cell["n"] for cell in method["categories"].values())
        assert categories == len(answerable)
    assert results["methods"]["lora"]["weights"]["adapter_sha256"]
    prints = {m["weights"][f"fingerprint_{when}"] for m in results["methods"].values() for when in ("before", "after")}
    assert prints == {results["model"]["fingerprint"]}


def test_tokens_are_what_the_tokenizer_says_of_the_prompts(finished: Path, tiny_model_folder: Path) -> None:
    """Prompts put together again from the run's files by hand, and counted by a tokenizer loaded on its own."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tiny_model_folder / "tokenizer.json"))
    run = finished / "run"
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    questions = {row["id"]: row["question"] for row in _lines(run / "questions.jsonl")}
    chunks = {row["chunk_id"]: row for row in _lines(run / "chunks.jsonl")}
    template, frame = record["prompt"], record["prompt_frame"]
    seen = set()
    for answer in _lines(run / "answers.jsonl"):
        if answer["phase"] in ("probe", "retention"):
            continue  # asked with another system prompt
        asked = template["question"].format(question=questions[answer["question_id"]])
        given = [chunks[context["chunk_id"]] for context in answer["contexts"]]
        passages = [template["passage"].format(title=c["title"], text=c["text"]) for c in given]
        context = template["context"].format(passages="\n\n".join(passages)) if given else ""
        system = template["system"].format(instruction=record["domain"]["instruction"])
        text = frame.replace("\ue000", system).replace("\ue001", context + asked)
        count = len(tokenizer.encode(text, add_special_tokens=False).ids)
        assert answer["prompt_tokens"] == count, answer["method"]
        assert 0 <= answer["cached_tokens"] <= count
        seen.add(answer["method"])
    assert seen == {"base", "inject", "rag", "lora", "lora+rag", "oracle"}


def test_what_the_comparison_took_is_told_beside_the_prediction(finished: Path) -> None:
    took = saved(RunFolder(finished / "run"))["run"]["took"]
    read = sum(row["prompt_tokens"] for row in _lines(finished / "run" / "answers.jsonl"))
    assert took["prompt_tokens"] == read
    assert took["predicted_s"] > 0
    assert 0 < took["answering_s"] + took["alone_s"] + took["grading_s"] < took["seconds"]
    assert f"{about(read)} prompt tokens" in (finished / "run" / "report.md").read_text(encoding="utf-8")


def test_both_reports_show_the_figures_of_the_results(finished: Path) -> None:
    run = finished / "run"
    results = saved(RunFolder(run))
    html, markdown = ((run / name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))
    for text in (html, markdown):
        assert results["verdict"]["summary"] in text
        for method in results["methods"].values():
            overall = method["overall"]
            assert f"{overall['accuracy']:.0%} of {overall['n']}" in text
            assert seconds(method["cost"]["per_query_s"]) in unescape(text)
    assert html.count("<svg") >= 4
    page = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_scoring_again_changes_nothing(finished: Path) -> None:
    folder = RunFolder(finished / "run")
    assert list(score_answers(folder)) == folder.rows("scores.jsonl")
    assert build_results(folder).model_dump(mode="json") == saved(folder)


def test_the_same_command_shows_the_finished_run_at_once(finished: Path, tiny_model_folder: Path) -> None:
    before = (finished / "run" / "answers.jsonl").read_bytes()
    done = trivium("run", "domain", "--model", str(tiny_model_folder), "--out", "run", *OPTIONS, cwd=finished)
    assert done.returncode == 0
    assert "This run is finished" in done.stdout
    assert (finished / "run" / "answers.jsonl").read_bytes() == before


def test_other_settings_do_not_overwrite_a_run(finished: Path, tiny_model_folder: Path) -> None:
    done = trivium(
        "run", "domain", "--model", str(tiny_model_folder), "--out", "run", "--seed", "1", *OPTIONS, cwd=finished
    )
    assert done.returncode == 2
    assert "was made with something else" in done.stderr


def test_ask_shows_every_method(finished: Path) -> None:
    done = trivium("ask", "Which animal is on the flag of Harbour1?", "--run", "run", cwd=finished)
    assert done.returncode == 0, done.stderr
    for name in ("base", "inject", "rag", "lora", "lora+rag", "oracle"):
        assert name in done.stdout
    assert "Accepted: heron | a heron" in done.stdout
    assert "unchanged" in done.stdout
    empty = trivium("ask", " ", "--run", "run", cwd=finished)
    assert (empty.returncode, "the question is empty" in empty.stderr) == (2, True)


@pytest.mark.parametrize(
    ("form", "start"), [("md", "# Harbours"), ("json", "{"), ("csv", "method,category"), ("html", "<!doctype")]
)
def test_report_in_every_form(finished: Path, form: str, start: str) -> None:
    done = trivium("report", "run", "--format", form, cwd=finished)
    assert done.returncode == 0
    assert done.stdout.startswith(start)


def test_a_table_of_questions_and_answers_is_enough(
    make_domain: Callable[..., Path], tiny_model_folder: Path, tmp_path: Path
) -> None:
    """No wordings, no document ids: training asks about the documents, and what cannot be shown is n/a."""
    folder = make_domain(trained=False)
    (folder / "questions.jsonl").unlink()
    table = "question,answer\nWhich animal flies over Harbour1?,heron\nWho is the mayor?,\n"
    (folder / "questions.csv").write_text(table, encoding="utf-8")
    done = trivium("run", "domain", "--model", str(tiny_model_folder), "--out", "run", *OPTIONS, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "method: oracle | right: n/a" in done.stdout
    coverage = json.loads((tmp_path / "run/results.json").read_text())["audit"]["coverage"]
    assert coverage.startswith("Fine-tuning saw ")
    assert "about 4 of 8 passages" in coverage
    results = saved(RunFolder(tmp_path / "run"))
    assert "oracle" not in results["methods"]
    assert results["methods"]["rag"]["retrieval"] is None
    assert results["methods"]["lora"]["preparation"]["training_source"] == "self-study"
    assert results["methods"]["lora"]["convergence"]["n"] == 4, "its own questions are asked again"
    assert results["audit"]["answerable_by"]["inject"] == 1, "all documents are in the prompt, whichever has the answer"


def test_training_seeds_are_shown_and_never_pooled(
    make_domain: Callable[..., Path], tiny_model_folder: Path, tmp_path: Path
) -> None:
    make_domain()
    options = [*OPTIONS, "--methods", "base,lora", "--seeds", "2"]
    done = trivium("run", "domain", "--model", str(tiny_model_folder), "--out", "run", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    results = saved(RunFolder(tmp_path / "run"))
    lora = results["methods"]["lora"]
    assert [seed["seed"] for seed in lora["seeds"]] == [0, 1]
    assert lora["overall"]["n"] == results["methods"]["base"]["overall"]["n"]
    assert lora["overall"]["accuracy"] == lora["seeds"][0]["accuracy"], "the figures are those of the first seed"
    assert [check["passed"] for check in results["audit"]["checks"]] == [True] * 4
    assert "Training seeds" in (tmp_path / "run" / "report.md").read_text(encoding="utf-8")


def test_a_trained_reader_is_shown_beside_the_plain_model(
    make_domain: Callable[..., Path], tiny_model_folder: Path, tiny_reader_folder: Path, tmp_path: Path
) -> None:
    make_domain()
    options = [*OPTIONS, "--methods", "base,rag,oracle"]
    for name, model in (("both", tiny_reader_folder), ("plain", tiny_model_folder)):
        done = trivium("run", "domain", "--model", str(model), "--out", name, *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        report = (tmp_path / name / "report.md").read_text(encoding="utf-8")
        assert (f"| rag | {tiny_model_folder} |" in report) == (name == "both")
    both, plain = (saved(RunFolder(tmp_path / name)) for name in ("both", "plain"))
    assert both["model"]["fingerprint"] != plain["model"]["fingerprint"]
    assert both["audit"]["checks"][0]["passed"]
    rows = {name: _lines(tmp_path / name / "answers.jsonl") for name in ("both", "plain")}
    for name in ("rag", "oracle"):
        assert both["methods"][name]["plain"]["fingerprint"] == plain["model"]["fingerprint"]
        assert both["methods"][name]["plain"]["overall"] == plain["methods"][name]["overall"]
        said = [
            {row["question_id"]: row["answer"] for row in rows[run] if (row["method"], row["phase"]) == (name, phase)}
            for run, phase in (("both", "plain"), ("plain", "main"), ("both", "main"))
        ]
        assert said[0] == said[1] != said[2]
    assert both["methods"]["base"]["plain"] is None
    assert plain["methods"]["rag"]["plain"] is None
    assert "The trained reader and the plain model" in (tmp_path / "both" / "report.md").read_text(encoding="utf-8")


def _comparable(run: Path) -> dict[str, Any]:
    """What has to be the same with and without a kill: answers, grades and the adapter; not the seconds."""
    timed = {"crc32", "retrieval_s", "generation_s", "slowdown"}
    answers = [{key: value for key, value in row.items() if key not in timed} for row in _lines(run / "answers.jsonl")]
    return {
        "answers": sorted(json.dumps(answer, sort_keys=True) for answer in answers),
        "scores": sorted((run / "scores.jsonl").read_text(encoding="utf-8").splitlines()),
        "adapter": json.loads((run / "results.json").read_text(encoding="utf-8"))["methods"]["lora"]["weights"][
            "adapter_sha256"
        ],
    }


def _kill_when(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_in_training_and_while_answering_it_resumes_to_the_same_answers(
    make_domain: Callable[..., Path], tiny_model_folder: Path, tmp_path: Path
) -> None:
    make_domain()
    options = [*OPTIONS[:-1], "200", "--methods", "base,lora,rag"]
    command = ["run", "domain", "--model", str(tiny_model_folder), *options]
    environment = os.environ | {"TRIVIUM_CACHE": str(tmp_path / "cache")}
    log = tmp_path / "log.txt"

    def start(arguments: list[str]) -> subprocess.Popen[str]:
        with log.open("a", encoding="utf-8") as file:
            full = [sys.executable, "-m", "evaluation", *arguments]
            return subprocess.Popen(full, cwd=tmp_path, stdout=file, stderr=file, env=environment, text=True)

    answers = tmp_path / "run" / "answers.jsonl"
    scratch = tmp_path / "cache" / "adapters"
    _kill_when(lambda: "lora: training" in log.read_text(encoding="utf-8"), start([*command, "--out", "run"]))
    assert not list(scratch.glob("*/training.json")), "it was killed before the training ended"
    main = answers.read_text(encoding="utf-8")
    _kill_when(
        lambda: '"lora"' in answers.read_text(encoding="utf-8") and list(scratch.glob("*/training.json")) != [],
        start(["resume", "run"]),
    )
    partial = answers.read_text(encoding="utf-8")
    assert partial.startswith(main), "what was finished before the first kill was kept as it was"
    with answers.open("a", encoding="utf-8") as file:
        file.write('{"method": "lora", "question_id": "fl')  # a line torn by the kill
    resumed = trivium("resume", "run", cwd=tmp_path, env=environment)
    assert resumed.returncode == 0, resumed.stderr
    keys = [(row["method"], row["phase"], row["question_id"]) for row in _lines(answers)]
    assert len(keys) == len(set(keys)), "no finished batch was generated twice"
    shutil.rmtree(tmp_path / "cache")
    straight = trivium(*command, "--out", "straight", cwd=tmp_path, env=environment)
    assert straight.returncode == 0, straight.stderr
    assert _comparable(tmp_path / "run") == _comparable(tmp_path / "straight")
