"""Behind each number: the answers, their causes, and the prompts word for word."""

import hashlib
from collections import Counter
from pathlib import Path

from fakes import saved

from evaluation.analysis.graded_run import GradedRun
from evaluation.run.folder import RunFolder


def test_prompts_are_those_that_were_sent(runs: Path) -> None:
    graded = GradedRun(RunFolder(runs / "made-up"))
    assert len(graded.answers) == 14, "seven questions to two methods"
    frame = graded.record["prompt_frame"]
    for judged in graded.answers:
        sent = graded.sent(judged.answer)
        template = graded.record["prompt"]
        blocks = "\n\n".join(template["passage"].format(title=p.title, text=p.text) for p in sent.passages)
        user = template["context"].format(passages=blocks) * bool(sent.passages) + sent.question
        text = frame.replace("\ue000", sent.system).replace("\ue001", user)
        assert hashlib.sha256(text.encode()).hexdigest() == judged.answer.prompt_sha256


def test_causes_add_up_to_those_of_the_results(runs: Path) -> None:
    folder = RunFolder(runs / "made-up")
    graded = GradedRun(folder)
    for name, method in saved(folder)["methods"].items():
        counted = Counter(j.cause for j in graded.answers if j.answer.method == name and j.cause)
        assert counted == Counter(method["causes"])
        assert (
            sum(j.grade == "correct" for j in graded.answers if j.answer.method == name) == method["overall"]["correct"]
        )


def test_one_question_to_every_method(runs: Path) -> None:
    graded = GradedRun(RunFolder(runs / "made-up"))
    rows = graded.of_question("flag1-q")
    assert [row.answer.method for row in rows] == ["base", "rag"]
    assert [row.grade for row in rows] == ["wrong", "correct"]
    assert rows[0].cause == "not_known"
