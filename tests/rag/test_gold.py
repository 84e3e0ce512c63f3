"""The oracle gets the passages that hold the answer, and nothing else."""

from typing import Any

from data.progress import silent
from data.schema import Document, Domain, DomainSettings, Question
from rag.gold import GoldPassage


def test_the_passage_holds_the_evidence(domain: Domain, tiny_model: Any) -> None:
    gold = GoldPassage(chunk_tokens=60)
    assert gold.prepare(domain, tiny_model, silent).details == {"without_gold": []}
    questions = [question for question in domain.split("test") if question.answerable]
    for question, context in zip(questions, gold.contexts(questions), strict=True):
        assert {passage.document_id for passage in context.passages} == set(question.document_ids)
        assert any(question.answers[0] in passage.text for passage in context.passages)


def test_without_evidence_it_is_where_the_answer_stands(domain: Domain, tiny_model: Any) -> None:
    lines = [f"Paragraph {number} tells of boats and weather at length." for number in range(40)]
    lines[31] = "Only here the keeper of the light is called Ida Moss, and nowhere else."
    long = Document(id="long.md", title="Long", text="\n\n".join(lines))
    asked = Question(id="q", question="Who keeps it?", answers=("Ida Moss",), document_ids=("long.md",))
    unsaid = Question(id="n", question="Who built it?", answers=("Ewan Flett",), document_ids=("long.md",))
    nowhere = Question(id="w", question="Who sold it?", answers=("Ida Moss",))
    made = Domain(
        folder=domain.folder, settings=DomainSettings(name="L"), documents=(long,), questions=(asked, unsaid, nowhere)
    )
    gold = GoldPassage(chunk_tokens=60)
    facts = gold.prepare(made, tiny_model, silent)
    assert len(facts.chunks) > 20
    (context,) = gold.contexts([asked])
    assert ["Ida Moss" in passage.text for passage in context.passages] == [True]
    assert [gold.can_be_asked(question) for question in (asked, unsaid, nowhere)] == [True, False, False]
    assert facts.details == {"without_gold": ["n", "w"]}
    assert gold.contexts([unsaid])[0].passages == ()
