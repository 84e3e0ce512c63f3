"""The report as a list of sections, each with tables, sentences and charts; the templates only lay them out."""

from collections.abc import Iterator
from dataclasses import dataclass

from data.findings import counted
from evaluation.cost.sentences import assumptions, cost_sentences
from evaluation.cost.tables import bills_table, cost_table, crossings_table, ownership_table, setup_table
from evaluation.grading.labels import LEAST
from evaluation.numbers import percent, seconds, share
from evaluation.report.decision import parts
from evaluation.report.special_tables import all_tables
from evaluation.report.tables import audit_table, categories_table, causes_table, resources_table
from evaluation.results.costs import CostPage
from evaluation.results.method import MethodResults
from evaluation.results.schema import Results
from evaluation.table import Table, make_table, text_columns

_DRAWN = "No temperature sent, since the model takes none: answers are drawn by chance and may differ from run to run"


@dataclass(frozen=True)
class ReportSection:
    """A titled part of the report. Charts are names or begins of them; only HTML shows these, and folds."""

    title: str
    tables: tuple[Table, ...] = ()
    sentences: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    folded: bool = False  # what few readers need
    link: tuple[str, str] | None = None  # address and words of a page beside the report


def subtitle(results: Results) -> str:
    """Model, profile, size and date of a run in one sentence."""
    model, run, predicted = results.model, results.run, results.run.estimate.predicted_s
    ahead = f" (predicted: {predicted / 60:.0f})" if predicted else ""
    weights = f"{model.parameters:,} weights" if model.parameters else "weights: n/a"
    return (
        f"{model.name} ({weights}) on {model.device}, profile {run.profile}, "
        f"{results.domain.n_asked} questions about {results.domain.n_documents} documents, run {run.id} of "
        f"{run.created[:10]}, {run.estimate.actual_s / 60:.0f} minutes{ahead}."
    )


def versions(results: Results) -> str:
    return f"Versions: {', '.join(f'{name} {number}' for name, number in results.run.versions.items())}."


def grading_sentences(results: Results) -> list[str]:
    """Who graded, and how far that agrees with people."""
    grader = results.grader
    names = {"rules": "by rules", "model": "by the fitted model", "person": "by a person"}
    parts = [f"{count:,} {names.get(kind, kind)}" for kind, count in sorted(grader.by.items(), reverse=True)]
    sentences = [f"Answers graded: {', '.join(parts)}; {grader.doubtful:,} doubtful (trivium review RUN --doubtful)."]
    if known := grader.public:
        sentences.append(
            f"On {known.n:,} public answers that it was not fitted on (EVOUNA), the grader agrees with people with "
            f"kappa {known.kappa:.2f} ({known.ci_low:.2f} to {known.ci_high:.2f})."
        )
    elif (language := results.domain.language) != "en":
        sentences.append(
            f"The grader was measured on English answers; in the language of this domain ('{language}'): rules only, "
            "not measured. What no rule settles is marked doubtful."
        )
    if not grader.labels:
        sentences.append("On this run: no sample has been labelled yet (trivium review RUN).")
    elif grader.kappa is None:
        sentences.append(
            f"On this run, {counted(grader.labels, 'answer')} labelled by a person so far; agreement is told from "
            f"{LEAST} on."
        )
    else:
        sentences.append(
            f"On this run, {grader.labels} answers drawn by chance and labelled by a person: kappa "
            f"{grader.kappa:.2f} ({grader.ci_low:.2f} to {grader.ci_high:.2f})."
        )
    return sentences


def fairness_sentences(results: Results) -> Iterator[str]:
    """What the audit table does not show: weights, leaks, coverage, what each method could know, training, ranking."""
    model, audit = results.model, results.audit
    above = model.refuse_above
    refusing = f'; an answer is "unknown" exactly when its probability is above {above:g}' if above is not None else ""
    if model.fingerprint:
        weights = f"fingerprint {model.fingerprint[:16]}, taken before and after each method"
    else:
        weights = f"n/a, as are operations: {model.unknown}"
    decoding = "Greedy decoding" if model.greedy else _DRAWN
    yield f"Base weights: {weights}. {decoding}, the same answer limit for all{refusing}."
    yield (
        "Test questions that training has seen (the same, the same but for names and values, or nearly): "
        f"{len(audit.leaks)}."
    )
    if audit.coverage:
        yield audit.coverage
    known = audit.base_knowledge
    guessed = share(known.accuracy, known.scored) if known.n else "n/a (the base method was not run)"
    yield f"What the base model knows when it is told to guess: {guessed}."
    for name, n in audit.answerable_by.items():
        method = results.methods[name]
        gold, asked = " (the gold passage itself)" if method.context == "gold" else "", method.overall.n
        yield f"{name} had the means to answer {'n/a' if n is None else n} of {asked} answerable questions{gold}."
    for name, method in results.methods.items():
        yield from _training_and_ranking(name, method)


def _training_and_ranking(name: str, method: MethodResults) -> Iterator[str]:
    if training := method.training:
        check, weights, prepared = method.convergence, method.weights, method.preparation
        learned = "convergence on its training questions: n/a"
        if check and check.n:
            learned = f"it answers {check.correct} of {check.n} of its own training questions"
        general = "; general questions among them keep it near what the untrained model says"
        rehearsed = general if method.extra("rehearsal") else ""
        reused = " (measured when it was trained; this run reused it)" if prepared.adapter_reused else ""
        yield (
            f"{name}: adapter {(weights.adapter_sha256 or '')[:16]}, {weights.trained_parameters:,} weights trained on "
            f"{training.examples} examples ({prepared.training_source}) in {seconds(training.seconds)}{reused}"
            f"{rehearsed}; {learned}."
        )
    if found := method.retrieval:
        yield (
            f"{name}: the gold passage ranks first in {percent(found.recall_at_1)}, among three in "
            f"{percent(found.recall_at_3)}, among five in {percent(found.recall_at_5)} of {found.n} questions (MRR "
            f"{found.mrr:.2f}, nDCG@10 {found.ndcg_at_10:.2f})."
        )


def findings_table(results: Results) -> Table | None:
    """What was known before the run; the audit's warnings stand among the reasons. None where there is nothing."""
    rows = [
        [found.severity, found.place, " ".join(filter(None, (f"{found.sentence.rstrip('.')}.", found.remedy)))]
        for found in results.findings
        if found.place != "audit"
    ]
    if not rows:
        return None
    note = "Found in the domain before anything was computed (trivium check)."
    return make_table("Known before the run", text_columns("kind", "about", "what"), rows, note)


_FOLDED = ("Exploratory differences", "Training seeds", "The trained reader and the plain model")


def decision_sections(results: Results) -> list[ReportSection]:
    """Why, what to mind, what would turn it, what to run next."""
    return [ReportSection(title, sentences=tuple(sentences)) for title, sentences in parts(results.verdict)]


def sections(results: Results) -> list[ReportSection]:
    """Everything below the main table, in order."""
    kinds, causes = categories_table(results), causes_table(results)
    resources, audit, known = resources_table(results), audit_table(results), findings_table(results)
    failed = any(check.passed is False for check in results.audit.checks)
    bad = any(found.severity == "error" for found in results.findings)
    special = [ReportSection(table.title, (table,), folded=table.title in _FOLDED) for table in all_tables(results)]
    return [
        ReportSection(kinds.title, (kinds,), charts=("taught", "kind-")),
        *([ReportSection(causes.title, (causes,))] if causes else []),
        *(one for one in special if not one.folded),
        *_costs(results.costs),
        ReportSection(resources.title, (resources,), charts=("cost", "training")),
        *(one for one in special if one.folded),
        *([ReportSection(known.title, (known,), folded=not bad)] if known else []),
        ReportSection("How it was graded", sentences=tuple(grading_sentences(results)), folded=True),
        ReportSection("How fair it was", (audit,), tuple(fairness_sentences(results)), folded=not failed),
    ]


def _costs(page: CostPage) -> list[ReportSection]:
    """The bills and where they cross; what they consist of apart."""
    first, crossings = cost_table(page), crossings_table(page)
    details = [table for make in (setup_table, ownership_table, bills_table) if (table := make(page))]
    decisive = tuple(assumptions(page))
    rest = tuple(sentence for sentence in cost_sentences(page) if sentence not in decisive)
    main = tuple(table for table in (first, crossings) if table)
    own_prices = "Other prices and volumes: trivium cost RUN --help."
    return [
        ReportSection(first.title, main, (*decisive, own_prices), ("pareto", "ownership")),
        ReportSection("Costs in detail", tuple(details), rest, folded=True),
    ]
