"""Twenty invented facts each in German and Japanese, from import to report: no English rule gets in their way.

The model is a file of answers, search is by words, and what no rule settles is not asked of the second stage, so that
nothing is loaded. domains/LANGUAGE/replies.csv holds what a person would say of each reply; `doubtful` stands for "may
be left to a person".
"""

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data.errors import TriviumError
from data.leaks import find_leaks
from data.load import load_domain
from data.prompt import refusal_in
from data.schema import Domain, Question
from data.sentences import sentences
from evaluation.cli.main import app
from evaluation.grading.grader import settle
from evaluation.grading.rules import WORD_LIMIT

DOMAINS = Path(__file__).parent / "domains"
LANGUAGES = {"german": "de", "japanese": "ja"}
METHODS = ("base", "inject", "rag", "oracle")
# A document's sentences, cut by hand: abbreviations, ordinals, decimals and a quotation do not end one.
CUT = {
    "german": ("tarife.md", [
        "# Tarife und Mitnahme",
        "Erwachsene zahlen für die Berg- und Talfahrt 38,50 €.",
        "Kinder bis 6 Jahre, z. B. Kindergartengruppen, fahren kostenlos.",
        "Die Jahreskarte kostet 1.250 Euro.",
        "Hunde dürfen mitfahren, brauchen aber einen Maulkorb.",
        "Fahrräder werden nicht befördert.",
    ]),
    "japanese": ("about.md", [
        "# 霧沢ガラス館について",
        "霧沢ガラス館は1974年5月18日に開館した。",
        "設計したのは建築家の三輪谷澄子である。",
        "建設費は3億2000万円だった。",
        "初代館長は「ガラスは凍った光だ。」と語った。",
        "館の屋根は緑色である。",
    ]),
}  # fmt: skip
# Training wordings about other facts than the test wordings that resemble them, and one that is nearly the same.
TRAINED = {
    "german": ("Wie viele Bänke hat die Talstation?", "Wie viele Betten hat die Hütte denn?", "betten"),
    "japanese": ("1999年に館長だったのは誰ですか？", "吹きガラス体験は何分間ですか？", "lesson"),
}


def rows(language: str, name: str) -> list[dict[str, str]]:
    text = (DOMAINS / language / name).read_text(encoding="utf-8")
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    return list(csv.DictReader(text.splitlines(), delimiter=delimiter))


REPLIES = [(language, row["id"], row["grade"], row["reply"]) for language in LANGUAGES
           for row in rows(language, "replies.csv")]  # fmt: skip
QUESTIONS = {
    (language, row["id"]): Question(id=row["id"], question=row["question"],
                                    answers=(row["answers"],) if row["answers"] else ())
    for language in LANGUAGES for row in rows(language, "questions.csv")
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A domain, a run over it, and what the commands printed."""

    language: str
    code: str
    domain: Domain
    run: Path
    said: str

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.run / name).read_text(encoding="utf-8").split("\n") if line]


def trivium(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The whole path. The model knows an answer where the sentence that says it stands before it."""
    language, folder = request.param, tmp_path_factory.mktemp(request.param)
    shutil.copytree(DOMAINS / language / "documents", folder / "source")
    shutil.copy(DOMAINS / language / "questions.csv", folder / "source")
    said = trivium("import", folder / "source", folder / "domain")
    said += trivium("check", folder / "domain", "--no-model")
    domain = load_domain(folder / "domain")
    model = folder / "answers.jsonl"
    asked = [q for q in domain.questions if q.answerable]
    needs = [(q.evidence or q.answers)[0].split("、")[0] for q in asked]
    lines = [{"question": q.question, "answer": q.answers[0], "needs": n} for q, n in zip(asked, needs, strict=True)]
    model.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    run = folder / "run"
    said += trivium("run", folder / "domain", "--out", run, "--model", f"scripted:{model}", "--methods",
                    ",".join(METHODS), "--search-by", "words", "--profile", "smoke")  # fmt: skip
    said += trivium("score", run) + trivium("report", run)
    return Made(language, LANGUAGES[language], domain, run, said)


def test_the_language_is_found_and_written_down(made: Made) -> None:
    assert f'language = "{made.code}"' in (made.domain.folder / "domain.toml").read_text(encoding="utf-8")
    assert f"language {made.code}" in made.said
    assert "0 leaks, 0 errors" in made.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents_are_cut_where_a_reader_would(language: str) -> None:
    name, expected = CUT[language]
    text = (DOMAINS / language / "documents" / name).read_text(encoding="utf-8")
    assert sentences(text, LANGUAGES[language]) == expected


def test_words_find_the_passage_of_every_question(made: Made) -> None:
    results = json.loads((made.run / "results.json").read_text(encoding="utf-8"))
    assert results["methods"]["rag"]["retrieval"]["recall_at_3"] == 1
    home = {q.id: q.document_ids for q in made.domain.questions if q.answerable}
    first = [row["contexts"][0]["document_id"] in home[row["question_id"]] for row in made.lines("answers.jsonl")
             if row["method"] == "rag" and row["phase"] == "main" and row["question_id"] in home]  # fmt: skip
    assert (sum(first) >= 18, len(first)) == (True, 20), "in the first place"


def test_every_method_gets_what_it_is_for(made: Made) -> None:
    """oracle has gold passages for all 20, found by the answer or by evidence; base knows nothing and says so."""
    results = json.loads((made.run / "results.json").read_text(encoding="utf-8"))["methods"]
    right = {name: (m["overall"]["correct"], m["overall"]["n"]) for name, m in results.items()}
    assert right == {"base": (0, 20), "inject": (20, 20), "rag": (20, 20), "oracle": (20, 20)}


def test_the_model_may_refuse_in_its_language(made: Made) -> None:
    refusal = refusal_in(made.code)
    prompts = made.domain.settings.prompt.messages(made.domain.settings.instruction, "?")
    assert refusal in prompts[0]["content"]
    assert "unknown" not in prompts[0]["content"]
    base = [row["answer"] for row in made.lines("answers.jsonl") if row["method"] == "base" and row["phase"] == "main"]
    assert base == [refusal] * 22


def test_the_report_says_that_agreement_was_not_measured(made: Made) -> None:
    report = (made.run / "report.md").read_text(encoding="utf-8")
    assert "rules only, not measured" in report
    assert "EVOUNA" not in report


def test_drafting_says_that_it_writes_english(made: Made) -> None:
    with pytest.raises(TriviumError, match=f"English only.*'{made.code}'"):
        trivium("init", made.domain.folder, "--model", f"scripted:{made.run.parent / 'answers.jsonl'}")


def test_a_leak_is_what_a_person_calls_one(made: Made) -> None:
    other, near, leaked = TRAINED[made.language]
    test = made.domain.split("test")
    answers = next(q.answers for q in test if q.id == leaked)
    training = [Question(id="other", question=other, answers=("3",), split="train"),
                Question(id="near", question=near, answers=answers, split="train")]  # fmt: skip
    assert [(leak.test_id, leak.train_id) for leak in find_leaks(training, test, made.domain.documents)] == [
        (leaked, "near")
    ]


@pytest.mark.parametrize(("language", "fact", "expected", "reply"), REPLIES)
def test_replies_are_graded_as_a_person_would(language: str, fact: str, expected: str, reply: str) -> None:
    found = settle(QUESTIONS[language, fact], reply, WORD_LIMIT, LANGUAGES[language])
    if expected == "doubtful":
        assert found is None or found.doubtful
    else:
        assert found is not None, "a rule of the language settles it"
        assert (str(found.grade), found.doubtful) == (expected, False), found.reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_grade_tells_the_agreement_of_the_language(language: str, tmp_path: Path) -> None:
    lines = [
        {"id": str(number), "question": asked.question, "answers": asked.answers, "candidate": reply}
        for number, (spoken, fact, grade, reply) in enumerate(REPLIES)
        if spoken == language and grade != "doubtful" and (asked := QUESTIONS[language, fact])
    ]
    path = tmp_path / "replies.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    said = trivium("grade", path, "--language", LANGUAGES[language])
    assert f"{LANGUAGES[language]}: rules only, not measured" in " ".join(said.split())
