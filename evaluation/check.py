"""What can be said about a domain before anything is computed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from data.leaks import find_leaks, normalised
from data.schema import Domain
from evaluation.grade import words_of
from evaluation.statistics import RANKABLE


def check_domain(domain: Domain) -> dict[str, Any]:
    """Counts, leaks and problems of a domain that could be read."""
    train, test = domain.split("train"), domain.split("test")
    texts = {document.id: document.text for document in domain.documents}
    problems = []
    seen: dict[str, str] = {}
    for question in domain.questions:
        wording = normalised(question.question)
        if wording in seen and question.split == "test":
            problems.append(f"{question.id}: the same wording as {seen[wording]}")
        seen.setdefault(wording, question.id)
        sources = [texts[name] for name in question.document_ids]
        if question.evidence and sources and not any(question.evidence in text for text in sources):
            problems.append(f"{question.id}: its evidence does not stand in {', '.join(question.document_ids)}")
        clash = {tuple(words_of(a)) for a in question.answers} & {tuple(words_of(d)) for d in question.distractors}
        if clash:
            problems.append(f"{question.id}: '{' '.join(min(clash))}' is an accepted answer and a distractor")
    return {
        "name": domain.name,
        "documents": len(domain.documents),
        "characters": sum(len(text) for text in texts.values()),
        "questions": len(domain.questions),
        "splits": dict(Counter(question.split for question in domain.questions)),
        "categories": dict(Counter(str(domain.category(question)) for question in test)),
        "facts_trained": len(domain.trained_facts),
        "facts_tested": len({question.fact_id for question in test if question.answerable}),
        "leaks": [asdict(leak) for leak in find_leaks(train, test, domain.documents)],
        "problems": problems,
    }


def describe_check(found: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    size = f"{found['documents']} documents ({found['characters']:,} characters)"
    yield f"{found['name']}: {size}, {found['questions']} questions"
    yield "  splits: " + ", ".join(f"{name} {n}" for name, n in found["splits"].items())
    yield "  test questions by category: " + ", ".join(f"{name} {n}" for name, n in found["categories"].items())
    yield f"  facts: {found['facts_tested']} tested, {found['facts_trained']} with training wordings"
    if not found["facts_trained"]:
        yield "  no training wordings: fine-tuning will learn from the text of all documents"
    if found["facts_tested"] < RANKABLE:
        yield f"  too few facts to rank methods: {found['facts_tested']}, {RANKABLE} are needed"
    for leak in found["leaks"]:
        yield f"  leak ({leak['kind']}): test wording {leak['test_id']} equals training wording {leak['train_id']}"
    for problem in found["problems"]:
        yield f"  problem: {problem}"
    if not found["leaks"] and not found["problems"]:
        yield "  no leaks, no problems"
