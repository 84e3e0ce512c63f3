"""What can be said about a domain before anything is computed: the gate before a run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from data.findings import Finding, counted, error, ordered, warning
from data.gold import GoldPassages
from data.leaks import find_leaks, normalised
from data.mentions import Mentions
from data.schema import Domain
from evaluation.analysis.gate import unknown_figures
from evaluation.analysis.statistics import RANKABLE
from evaluation.grading.repetition import says_its_answer
from evaluation.grading.rules import WORD_LIMIT
from evaluation.grading.values.words import words_of
from evaluation.numbers import gigabytes
from evaluation.run.answerable import Means, count_answerable
from evaluation.run.plan import Plan
from evaluation.run.registry import default_methods, spec_of

ONE_ANSWER = 0.2  # share of one answer among all from which on a constant reply looks like knowledge
SHOWN = 20  # lines of one kind that the terminal shows


def _contradictions(domain: Domain) -> Iterator[Finding]:
    """Evidence that is not there, answers that are distractors."""
    texts = {document.id: document.text for document in domain.documents}
    for question in domain.questions:
        sources = [texts[name] for name in question.document_ids]
        for quote in question.evidence if sources else ():
            if not any(quote in text for text in sources):
                names = ", ".join(question.document_ids)
                yield error(question.id, f"its evidence does not stand in {names}", "Quote the document exactly.")
        if not question.distractors:
            continue
        clash = {tuple(words_of(a)) for a in question.answers} & {tuple(words_of(d)) for d in question.distractors}
        if clash:
            yield error(question.id, f"'{' '.join(min(clash))}' is an accepted answer and a distractor", "Delete one.")


def _ambiguous(domain: Domain) -> Iterator[str]:
    """Test questions that share their wording and not their answer: only the documents given can tell them apart."""
    same: dict[str, list[str]] = {}
    for question in domain.split("test"):
        same.setdefault(normalised(question.question), []).append(question.id)
    shared = [ids for ids in same.values() if len(ids) > 1]  # with the same answer they count as one question
    if shared:
        yield (
            f"{sum(map(len, shared))} questions are ambiguous: another asks the same and expects another answer, for "
            f"example {shared[0][0]} and {shared[0][1]}"
        )


def _long_answers(domain: Domain) -> Iterator[str]:
    """Accepted answers that no reply can match word by word; a question with points is graded by what it states."""
    short = [question for question in domain.split("test") if not question.all_points]
    long = sum(len(answer.split()) > WORD_LIMIT for question in short for answer in question.answers)
    if long:
        yield (
            f"{long} accepted answers have more than {WORD_LIMIT} words, more than a short answer can match: give "
            "these questions `points`, the facts that a full answer states, and run with --answer-words 120"
        )


def _duplicate_documents(domain: Domain) -> Iterator[str]:
    seen: dict[str, str] = {}
    for document in domain.documents:
        text = normalised(document.text)
        if text in seen:
            yield f"{document.id} says the same as {seen[text]}; retrieval will find either"
        seen.setdefault(text, document.id)


def _balance(domain: Domain, categories: Mapping[str, int]) -> Iterator[str]:
    """Where the mix of questions limits what can be concluded."""
    test = domain.split("test")
    facts = len({question.fact_id for question in test if question.answerable})
    if facts < RANKABLE:
        yield f"too few facts to rank methods: {facts}, {RANKABLE} are needed"
    for category, n in categories.items():
        if n < RANKABLE <= facts and category != "unanswerable":
            yield f"{category}: {n} questions, too few to rank methods on this kind"
    if not categories.get("unanswerable"):
        yield "no unanswerable question: whether a method refuses what it cannot know will not be measured"
    answers = Counter(normalised(question.answers[0]) for question in test if question.answerable)
    for answer, n in answers.most_common(1):
        if n > max(2, ONE_ANSWER * answers.total()):
            share = f"{n} of {answers.total()}"
            yield f"{share} questions have the answer '{answer}': saying always that would score as much"


def answerable_by(domain: Domain, plan: Plan) -> dict[str, int]:
    """How many answerable questions a run asks, and how many of them each method is given the means to answer.

    Whether all documents fit a window is not known without the model, so methods that paste them are left out.
    """
    gold = GoldPassages.of_documents(domain.documents)
    means = Means(plan.trained_facts, has_gold=lambda question: bool(gold.of(question)))
    specs = [spec for name in default_methods() if (spec := spec_of(name)).context != "all" and not spec.knows_nothing]
    counts = {spec.name: count_answerable(spec, plan.questions, means) or 0 for spec in specs}
    return {"questions": sum(question.answerable for question in plan.questions)} | counts


def _unsaid(domain: Domain, plan: Plan) -> int:
    """Answerable questions for a short answer of which no accepted form stands in their documents (or in any)."""
    mentions = Mentions(domain.documents)
    asked = [question for question in plan.questions if question.answerable and not question.all_points]
    return sum(not mentions.any_says(q.answers, q.document_ids or None) for q in asked)


def _categories(domain: Domain) -> dict[str, int]:
    """Test questions of each kind."""
    categories = dict(Counter(str(domain.category(question)) for question in domain.split("test")))
    if updated := domain.updated_questions():
        categories["updated"] = len(updated)
    return categories


def _answers_in_questions(domain: Domain) -> Iterator[Finding]:
    code = domain.settings.language
    said = [question.id for question in domain.split("test") if says_its_answer(question, code)]
    if said:
        sentence = f"{counted(len(said), 'question')} that names an accepted answer itself, for example {said[0]}"
        if len(said) > 1:
            sentence = f"{len(said):,} questions name an accepted answer themselves, for example {said[0]}"
        yield warning("", sentence, "Ask without the answer: to repeat the question proves nothing.")


def _too_small_a_sample(domain: Domain, plan: Plan) -> Iterator[str]:
    """A run that asks too little of a domain that has enough."""
    tested, asked = (
        len({question.fact_id for question in questions if question.answerable})
        for questions in (domain.split("test"), plan.questions)
    )
    if asked < RANKABLE <= tested:
        yield f"this run asks for {asked} of {tested:,} facts, too few to rank methods: {RANKABLE} are needed"


def findings_before(domain: Domain, plan: Plan) -> list[Finding]:
    """All that is known of a domain and of what a run asks of it, before anything is computed; the gravest first."""
    texts = [*_balance(domain, _categories(domain)), *_too_small_a_sample(domain, plan), *_duplicate_documents(domain)]
    texts += [*_ambiguous(domain), *_long_answers(domain)]
    if unsaid := _unsaid(domain, plan):
        texts.append(
            f"{unsaid} of {sum(q.answerable for q in plan.questions)} questions have no accepted answer that stands "
            "word for word in the documents: retrieval may find the passage, but grading expects other words"
        )
    gate = [
        warning("domain.toml", f"[gate] asks for '{name}', which no run has", "See docs/comparing.md for the names.")
        for name in unknown_figures(domain.settings.gate)
    ]
    own = (*domain.findings, *_answers_in_questions(domain), *_contradictions(domain), *gate)
    return ordered([*own, *(warning("", text) for text in texts)])


def check_domain(domain: Domain, plan: Plan) -> dict[str, Any]:
    """Counts, errors and warnings of a domain that could be read. Without errors and leaks it may be run."""
    test, categories = domain.split("test"), _categories(domain)
    given, findings = answerable_by(domain, plan), findings_before(domain, plan)
    return {
        "name": domain.name,
        "language": domain.settings.language,
        "documents": len(domain.documents),
        "characters": sum(len(document.text) for document in domain.documents),
        "questions": len(domain.questions),
        "splits": dict(Counter(question.split for question in domain.questions)),
        "categories": categories,
        "asked": len(plan.questions) + len(plan.updated),
        "facts_trained": len(domain.trained_facts),
        "facts_tested": len({question.fact_id for question in test if question.answerable}),
        "answerable_by": given,
        "leaks": [asdict(leak) for leak in find_leaks(domain.split("train"), test, domain.documents)],
        "findings": [asdict(finding) for finding in findings],
        "problems": [str(finding) for finding in findings if finding.severity == "error"],
        "warnings": [str(finding) for finding in findings if finding.severity == "warning"],
        "notes": [str(finding) for finding in findings if finding.severity == "note"],
    }


def _listed(lines: list[str]) -> Iterator[str]:
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"  … and {len(lines) - SHOWN} more; --json lists all"


def _describe_model(found: Mapping[str, Any]) -> Iterator[str]:
    """What was found with the model, where it was asked."""
    yield from _describe_memory(found.get("memory", {}))
    if "estimate" not in found:
        return
    for what, can in found.get("server", {}).items():
        yield f"  {what}: {can}"
    fits, given = found["answerable_by_inject"], found["answerable_by"]["questions"]
    yield f"  inject: the documents of {'n/a' if fits is None else f'{fits:,}'} of {given:,} fit the window"
    knowledge = found["base_knowledge"]
    if knowledge["n"]:
        span = f"{knowledge['ci_low']:.0%} to {knowledge['ci_high']:.0%}"
        yield (
            f"  {found['model']} knows {knowledge['correct']} of {knowledge['n']} without any document "
            f"({knowledge['accuracy']:.0%}, {span})"
        )
    if found["uninformative"]:
        yield "  this comparison would be uninformative: the model knows too much beforehand, for example"
        yield from _listed([f"    {row['question']} {row['answer']}" for row in knowledge["known"]])
    estimate = found["estimate"]
    parts = ", ".join(f"{name} {(m['prepare_s'] + m['answer_s']) / 60:.0f}" for name, m in estimate["methods"].items())
    usd = estimate["usd"]
    price = "at a price that is n/a (the price book does not know the model)" if usd is None else f"and cost ${usd:.2f}"
    yield (
        f"  a {estimate['profile']} run would take about {estimate['seconds'] / 60:.0f} minutes here ({parts}), read "
        f"{estimate['prompt_tokens']:,} prompt tokens {price} (projected; price assumed)"
    )


def _describe_memory(memory: Mapping[str, Any]) -> Iterator[str]:
    """What each method needs of the device's memory, and one sentence where it has not enough."""
    if methods := memory.get("methods"):
        each = ", ".join(f"{name} {gigabytes(needed)}" for name, needed in methods.items())
        free = f"{gigabytes(memory['free_bytes'])} of {memory['device']} are free"
        yield f"  memory: {each}, of which {gigabytes(memory['weights_bytes'])} are weights; {free} (predicted)"
    yield from (f"  warning: {text}" for text in memory.get("findings", ()))


def describe_check(found: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    size = f"{found['documents']:,} documents ({found['characters']:,} characters)"
    yield f"{found['name']}: {size}, {found['questions']:,} questions, language {found['language']}"
    yield "  splits: " + ", ".join(f"{name} {n:,}" for name, n in found["splits"].items())
    yield "  test questions by category: " + ", ".join(f"{name} {n:,}" for name, n in found["categories"].items())
    yield f"  facts: {found['facts_tested']:,} tested, {found['facts_trained']:,} with training wordings"
    if not found["facts_trained"]:
        yield "  no training wordings: fine-tuning will learn from the text of all documents"
    given = found["answerable_by"]
    known = ", ".join(f"{name} {n:,}" for name, n in given.items() if name != "questions")
    yield f"  of {given['questions']:,} answerable questions, each method has the means to answer: {known}"
    yield from _describe_model(found)
    yield from _listed([f"  note: {text}" for text in found["notes"]])
    yield from _listed([f"  warning: {text}" for text in found["warnings"]])
    kinds = {"exact": "equals", "masked": "equals, but for names and values,", "near": "nearly equals"}
    yield from _listed([
        f"  leak: test wording {leak['test_id']} {kinds[leak['kind']]} training wording {leak['train_id']}"
        for leak in found["leaks"]
    ])  # fmt: skip
    yield from _listed([f"  error: {text}" for text in found["problems"]])
    if not found["leaks"] and not found["problems"]:
        yield "  0 leaks, 0 errors"
