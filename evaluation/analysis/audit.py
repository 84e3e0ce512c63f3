"""Was the comparison what it claims to be? Checks made from a run's files alone, each passed, failed or n/a."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data.prompt import FRAME, Passage, PromptTemplate, guessing_in
from data.schema import Question
from evaluation.results.schema import AuditCheck
from evaluation.run.records import Answer
from evaluation.run.registry import spec_of
from evaluation.run.retention import TEMPLATE

_OLDER = "the run is older than this check"


def _check(name: str, passed: bool | None, detail: str) -> AuditCheck:
    return AuditCheck(name=name, passed=passed, detail=detail)


def _rebuilt(answer: Answer, question: Question, chunks: Mapping[str, Passage], record: Mapping[str, Any]) -> str:
    """SHA-256 of the prompt put together again from question, passages and the template that the run recorded."""
    template = PromptTemplate(**record["prompt"])
    if answer.phase == "probe":
        template = replace(template, system=guessing_in(record["domain"].get("language", "en")).system)
    if answer.phase == "retention":
        template = TEMPLATE
    passages = [chunks[context.chunk_id] for context in answer.contexts]
    system, user = template.messages(record["domain"]["instruction"], question.question, passages)
    frame: str = record["prompt_frame"]
    text = frame.replace(FRAME[0], system["content"]).replace(FRAME[1], user["content"])
    return hashlib.sha256(text.encode()).hexdigest()


def _prompts(
    answers: Sequence[Answer], questions: Mapping[str, Question], chunks: Mapping[str, Passage],
    record: Mapping[str, Any],
) -> AuditCheck:  # fmt: skip
    name = "prompts are identical but for their context"
    if not record.get("prompt_frame"):
        return _check(name, None, _OLDER)
    own = [answer for answer in answers if not spec_of(answer.method).is_contestant]
    unseen = sorted({answer.method for answer in answers} - {answer.method for answer in own})
    beside = f"; n/a for {', '.join(unseen)}, whose prompts are not seen" if unseen else ""
    if not own:
        return _check(name, None, beside.removeprefix("; "))
    other = Counter(
        answer.method
        for answer in own
        if answer.prompt_sha256 != _rebuilt(answer, questions[answer.question_id], chunks, record)
    )
    if other:
        return _check(name, False, "prompts that differ from the one template: " + _listed(other))
    return _check(name, True, f"{len(own)} prompts rebuilt from one template, all equal by SHA-256{beside}")


def _contexts(answers: Sequence[Answer], questions: Mapping[str, Question]) -> AuditCheck:
    """Closed-book methods have no passage, the oracle only the question's own, both retrievers the same ones."""
    name = "each method had the context that its name says"
    wrong: Counter[str] = Counter()
    same: dict[tuple[str, str, str], set[tuple[str, ...]]] = {}  # passages by source, phase and question
    for answer in answers:
        given = tuple(context.chunk_id for context in answer.contexts)
        spec = spec_of(answer.method)
        if spec.is_contestant:
            continue  # what it puts in front of its model is not seen
        if answer.phase in ("convergence", "retention") or spec.closed_book:
            wrong[answer.method] += bool(given)
        elif spec.needs_gold:
            own = set(questions[answer.question_id].document_ids)
            wrong[answer.method] += not {context.document_id for context in answer.contexts} <= own
        else:
            phase = "main" if answer.phase == "plain" else answer.phase  # the same prompts, another model
            question = "" if spec.context == "all" else answer.question_id
            same.setdefault((spec.retriever or answer.method, phase, question), set()).add(given)
    for (source, _, _), kinds in same.items():
        wrong[source] += len(kinds) > 1
    if +wrong:
        return _check(name, False, "answers with the wrong context: " + _listed(wrong))
    return _check(name, True, "closed book: none; injected: one for all; retrieved: the same; oracle: its own")


def _weights(answers: Sequence[Answer], record: Mapping[str, Any]) -> AuditCheck:
    """The base weights never changed, and every answer came from the weights that its method names."""
    name = "base weights unchanged, adapters only where named"
    entries = {(m, int(seed)): entry for m, seeds in record["methods"].items() for seed, entry in seeds.items()}
    prints = {entry[f"fingerprint_{when}"] for entry in entries.values() for when in ("before", "after")}
    if reason := record.get("model", {}).get("unknown"):
        return _check(name, None, reason)
    if len(prints) > 1:
        return _check(name, False, f"{len(prints)} fingerprints of the base weights")
    if not record.get("prompt_frame"):
        return _check(name, None, _OLDER)
    trained = {key: str(entry["details"].get("adapter_sha256", ""))[:16] for key, entry in entries.items()}
    wrong: Counter[str] = Counter()
    for answer in answers:
        adapted = spec_of(answer.method).adapted
        expected = trained[answer.method, answer.seed] if adapted else ""
        wrong[answer.method] += answer.adapter != expected or adapted is not bool(answer.adapter)
    if +wrong:
        return _check(name, False, "answers given by the wrong weights: " + _listed(wrong))
    return _check(name, True, "one fingerprint before and after each method; each answer names its adapter")


def _complete(answers: Sequence[Answer], questions: Mapping[str, Question], record: Mapping[str, Any]) -> AuditCheck:
    name = "every method was asked the same questions, each once"
    asked: dict[tuple[str, int], Counter[str]] = {}
    for answer in answers:
        if answer.phase == "main":
            asked.setdefault((answer.method, answer.seed), Counter())[answer.question_id] += 1
    full = {identity for counts in asked.values() for identity in counts}
    without_gold = {
        identity
        for method, entries in record["methods"].items()
        if spec_of(method).needs_gold
        for entry in entries.values()
        for identity in entry["details"].get("without_gold", ())
    }
    answerable = {i for i in full - without_gold if questions[i].answerable and questions[i].document_ids}
    wrong = Counter({
        method: sum(counts.values()) - len(wanted) or len(wanted ^ counts.keys())
        for (method, _), counts in asked.items()
        if (wanted := answerable if spec_of(method).needs_gold else full) and counts != Counter(wanted)
    })  # fmt: skip
    if wrong:
        return _check(name, False, "other questions or repeated ones: " + _listed(wrong))
    return _check(name, True, f"{len(full)} questions; oracle: the {len(answerable)} that have a gold passage")


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{method} {count}" for method, count in counts.items() if count)


def audit_checks(
    answers: Sequence[Answer], questions: Mapping[str, Question], chunks: Mapping[str, Passage],
    record: Mapping[str, Any],
) -> list[AuditCheck]:  # fmt: skip
    """All checks. A check that cannot be carried out because a line names what is not there has failed."""
    checks: dict[str, Callable[[], AuditCheck]] = {
        "prompts": lambda: _prompts(answers, questions, chunks, record),
        "contexts": lambda: _contexts(answers, questions),
        "weights": lambda: _weights(answers, record),
        "questions": lambda: _complete(answers, questions, record),
    }
    found = []
    for name, check in checks.items():
        try:
            found.append(check())
        except KeyError as missing:
            found.append(_check(name, False, f"an answer names {missing}, which the run does not hold"))
    return found
