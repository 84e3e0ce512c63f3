"""Drafts come from documents alone, carry their evidence, and never touch what the user keeps for testing."""

import json
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from data import jsonl
from data.errors import TriviumError
from data.leaks import find_leaks
from data.load import load_domain
from data.progress import silent
from data.prompt import INSTRUCTION
from data.schema import Category
from evaluation.drafting.draft import candidates, complete_prompts
from evaluation.drafting.draft_domain import draft_domain
from evaluation.drafting.review import decide, read_drafts, review_drafts
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings
from model.language_model import Generation
from model.scripted import ScriptedModel

SENTENCES = {
    "quay": "The quay at Port Skene is 62 metres long and made of oak.",
    "chapel": "The chapel on Tarsa was built in 1642 by grateful sailors.",
    "market": "The fish market of Kelloch opens at 07:15 on working days.",
}


class Writer:
    """A model whose words are chosen by the test: what it writes depends on the last line of the prompt."""

    def __init__(self, write: Callable[[str], str]) -> None:
        self.write = write

    def prefix_of(self, prompts: Sequence[str]) -> list[int]:
        return []

    def render(self, messages: Sequence[Any]) -> str:
        return str(messages[-1]["content"])

    def generate(self, prompts: Sequence[str], *_: Any) -> Iterator[list[tuple[int, Generation]]]:
        yield [(i, Generation(self.write(prompt), "stop", 1, 0, 1, 0.0, 0)) for i, prompt in enumerate(prompts)]


def good(prompt: str) -> str:
    """Goes on sensibly with the starts that suit these sentences."""
    start = prompt.rpartition("\n")[2]
    if "metres" in start:
        return "long is the quay at Port Skene?" if "Question: How" in start else "long the quay at Port Skene is."
    if "year" in start:
        return "was the chapel on Tarsa built?" if "Question: In" in start else "the chapel on Tarsa was built."
    return "something else?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "domain"
    (made / "documents").mkdir(parents=True)
    for name, sentence in SENTENCES.items():
        (made / "documents" / f"{name}.md").write_text(f"# About the {name}\n\n{sentence}\n", encoding="utf-8")
    return made


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.drafting.draft.LIKE", 0.2)  # bags of words are less alike than sentences


def draft(folder: Path, embedder: Any, write: Callable[[str], str] = good) -> dict[str, Any]:
    writer: Any = Writer(write)
    return draft_domain(folder, writer, writer, embedder, 10, 0, silent)


def test_documents_take_turns_and_the_seed_decides(domain: Any) -> None:
    found = candidates(domain.documents, 0)
    assert found
    assert all(candidate.span.text in candidate.evidence for candidate in found)
    first = [candidate.document.id for candidate in found[: len(domain.documents)]]
    assert len(set(first)) == len(first)
    assert candidates(domain.documents, 0) == found


@pytest.mark.usefixtures("by_hand")
def test_drafts_wait_with_their_evidence(folder: Path, embedder: Any) -> None:
    made = draft(folder, embedder)
    rows = [json.loads(line) for line in (folder / "drafts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert made["kept"] == len(rows) >= 3
    assert made["proposed"] == made["kept"] + sum(made["dropped"].values())
    for row in rows:
        assert row["answers"][0] in row["evidence"]
        assert row["evidence"] in SENTENCES.values()
        assert row["answers"][0] not in row["question"]
        assert set(row["meta"]) == {"drafted", "kind", "writer", "known", "read", "writing_s"}
    by_answer = {row["answers"][0]: row for row in rows}
    assert by_answer["62 metres"]["question"] == "How many metres long is the quay at Port Skene?"
    assert "State how many metres long the quay at Port Skene is." in by_answer["62 metres"]["wordings"]
    with pytest.raises(TriviumError, match="trivium review"):
        load_domain(folder)


@pytest.mark.usefixtures("by_hand")
def test_a_writer_that_writes_nonsense_leaves_only_what_the_rule_makes(folder: Path, embedder: Any) -> None:
    draft(folder, embedder, lambda prompt: "is the capital of France?")
    rows = [json.loads(line) for line in (folder / "drafts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["meta"]["writer"] for row in rows} == {"rule"}
    assert not any("France" in text for row in rows for text in [row["question"], *row["wordings"]])


@pytest.mark.usefixtures("by_hand")
def test_beside_own_questions_only_training_wordings_are_made(folder: Path, embedder: Any) -> None:
    table = "question,answer\nHow many metres long is the quay at Port Skene?,62 metres\nWho owns the chapel?,Nobody\n"
    (folder / "questions.csv").write_text(table, encoding="utf-8")
    draft(folder, embedder)
    assert not (folder / "drafts.jsonl").exists()
    domain = load_domain(folder)
    assert find_leaks(domain.split("train"), domain.split("test"), domain.documents) == []
    plan = make_plan(domain, RunSettings(domain=folder))
    asked = {question.question: plan.categories[question.id] for question in plan.questions if question.split == "test"}
    assert asked["Who owns the chapel?"] is Category.HELD_OUT, "no training example has this answer"
    covered = "How many metres long is the quay at Port Skene?"
    trained = {answer for question in plan.training for answer in question.answers}
    assert (asked[covered] is Category.PARAPHRASED) is ("62 metres" in trained)
    assert covered not in {question.question for question in plan.training}


def _reviewed(folder: Path, keys: list[str]) -> tuple[int, int]:
    answers = iter(keys)
    return review_drafts(folder, lambda _: next(answers), Console(file=StringIO()))


@pytest.mark.usefixtures("by_hand")
def test_a_person_decides_and_what_was_decided_is_kept(folder: Path, embedder: Any) -> None:
    draft(folder, embedder)
    total = len((folder / "drafts.jsonl").read_text(encoding="utf-8").splitlines())
    assert _reviewed(folder, ["?", "a", "r", "q"]) == (1, 1)
    assert len((folder / "drafts.jsonl").read_text(encoding="utf-8").splitlines()) == total - 2
    assert len(load_domain(folder).split("test")) == 1
    assert _reviewed(folder, ["e", "Is this mine?"] + ["q"] * 9)[0] == 1
    questions = load_domain(folder).split("test")
    assert [question.question for question in questions][1:] == ["Is this mine?"]
    assert questions[1].meta["edited"] is True


@pytest.mark.usefixtures("by_hand")
def test_each_decision_is_on_the_disk_before_the_next_is_asked(folder: Path, embedder: Any) -> None:
    draft(folder, embedder)
    total, seen = len(read_drafts(folder)), []

    def ask(_: str) -> str:
        seen.append((len(read_drafts(folder)), len(jsonl.read(folder / "questions.jsonl"))))
        if len(seen) == 3:
            raise SystemExit(143)  # as SIGTERM ends it
        return "a"

    with pytest.raises(SystemExit):
        review_drafts(folder, ask, Console(file=StringIO()))
    assert seen == [(total, 0), (total - 1, 1), (total - 2, 2)]


@pytest.mark.usefixtures("by_hand")
def test_a_kill_between_the_files_of_a_decision_asks_nothing_twice(folder: Path, embedder: Any) -> None:
    draft(folder, embedder)
    before = (folder / "drafts.jsonl").read_bytes()
    first = read_drafts(folder)[0]
    decide(folder, first, accepted=True)
    trained = jsonl.read(folder / "training.jsonl")
    (folder / "drafts.jsonl").write_bytes(before)
    assert first["id"] not in [other["id"] for other in read_drafts(folder)]
    (folder / "questions.jsonl").unlink()
    decide(folder, first, accepted=True)
    assert jsonl.read(folder / "training.jsonl") == trained


@pytest.mark.usefixtures("by_hand")
def test_what_was_decided_elsewhere_meanwhile_stays(folder: Path, embedder: Any) -> None:
    """In the app and in a terminal: each draft counts once, whoever comes second."""
    draft(folder, embedder)
    total, typed = len(read_drafts(folder)), StringIO()

    def ask(_: str) -> str:
        if len(read_drafts(folder)) == total:
            assert decide(folder, read_drafts(folder)[0], accepted=True)
        return "a"

    assert review_drafts(folder, ask, Console(file=typed)) == (total - 1, 0)
    assert "Decided elsewhere meanwhile" in typed.getvalue()
    ids = [row["id"] for row in jsonl.read(folder / "questions.jsonl")]
    assert len(ids) == len(set(ids)) == total


@pytest.mark.usefixtures("by_hand")
def test_accepting_all_unread_is_remembered(folder: Path, embedder: Any) -> None:
    made = draft(folder, embedder)
    assert review_drafts(folder, input, Console(file=StringIO()), accept_all=True) == (made["kept"], 0)
    domain = load_domain(folder)
    assert {question.meta["reviewed"] for question in domain.split("test")} == {False}
    assert find_leaks(domain.split("train"), domain.split("test"), domain.documents) == []


def test_without_drafts_there_is_nothing_to_review(folder: Path) -> None:
    with pytest.raises(TriviumError, match="there are no drafts"):
        _reviewed(folder, [])


def test_no_sentence_no_drafts(tmp_path: Path, embedder: Any) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.md").write_text("Nothing here\nto ask for", encoding="utf-8")
    with pytest.raises(TriviumError, match="no question could be drafted"):
        draft(tmp_path, embedder)


def test_drafts_are_judged_with_the_instruction_of_the_domain(folder: Path, embedder: Any) -> None:
    """In the prompt in which they will be asked, not in that of a domain that states no instruction."""
    read: list[str] = []

    class Listener(Writer):
        def render(self, messages: Any) -> str:
            read.append(messages[0]["content"])
            return str(super().render(messages))

    writer: Any = Listener(good)
    (folder / "domain.toml").write_text('name = "D"\ninstruction = "Answer like a pirate."\n', encoding="utf-8")
    draft_domain(folder, writer, writer, embedder, 10, 0, silent)
    assert any(text.startswith("Answer like a pirate.") for text in read)
    assert not any(text.startswith(INSTRUCTION) for text in read)


def test_another_language_than_english_is_not_drafted_in(folder: Path, embedder: Any) -> None:
    (folder / "domain.toml").write_text('name = "x"\nlanguage = "de"\n', encoding="utf-8")
    with pytest.raises(TriviumError, match="drafted in English only, and the language of this domain is 'de'"):
        draft(folder, embedder)
    assert not (folder / "drafts.jsonl").exists()


@pytest.mark.usefixtures("by_hand")
def test_drafting_again_keeps_what_was_reviewed_and_uses_no_id_twice(folder: Path, embedder: Any) -> None:
    draft(folder, embedder)
    review_drafts(folder, input, Console(file=StringIO()), accept_all=True)
    before = jsonl.read(folder / "training.jsonl")
    ids = {row["id"] for row in jsonl.read(folder / "questions.jsonl")}
    (folder / "documents" / "barn.md").write_text(
        "# About the barn\n\nThe barn at Port Skene is 31 metres long.\n", "utf-8"
    )
    draft(folder, embedder)
    after = jsonl.read(folder / "training.jsonl")
    assert [row for row in after if row in before] == before
    added = [row for row in after if row not in before]
    assert added
    assert {row["fact_id"] for row in added}.isdisjoint(ids | {row["fact_id"] for row in before})
    assert len({row["id"] for row in after} | ids) == len(after) + len(ids)
    draft(folder, embedder)
    assert jsonl.read(folder / "training.jsonl") == after


@pytest.mark.usefixtures("by_hand")
def test_drafting_again_adds_to_drafts_that_wait(folder: Path, embedder: Any) -> None:
    draft(folder, embedder)
    before = read_drafts(folder)
    draft(folder, embedder)
    assert read_drafts(folder) == before


def test_a_writer_that_repeats_the_start_of_a_question_wrote_only_the_rest() -> None:
    said = iter(["Question: How many cars does it take?", "cars does it take?", "how many cars does it take?"])
    model = ScriptedModel(lambda messages: next(said))
    prompts = ["Text: It takes 27 cars.\nAnswer: 27\nQuestion: How many"] * 3
    assert complete_prompts(model, prompts) == ["cars does it take?"] * 3


@pytest.mark.parametrize(
    "line", ["[1]", "{}", '{"id": "a", "question": "Q?", "answers": [], "document_ids": ["a.md"]}']
)
def test_a_line_that_is_no_draft_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "drafts.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(TriviumError, match=r"drafts\.jsonl, line 1: "):
        read_drafts(tmp_path)
