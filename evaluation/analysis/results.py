"""From a run's folder to results.json: everything that reports, app and gate show is computed here, once."""

from collections import Counter

from evaluation.analysis.audit_figures import audit_figures
from evaluation.analysis.choice import Case
from evaluation.analysis.contrasts import contrasts_until_decided, family_contrasts
from evaluation.analysis.coverage import coverage
from evaluation.analysis.machine import machine_speed
from evaluation.analysis.method_figures import method_figures
from evaluation.analysis.run_figures import RunFigures
from evaluation.analysis.verdict import make_verdict
from evaluation.cost.page import cost_page
from evaluation.grading.grader import FITTED_ON, coefficients
from evaluation.grading.identity import rules_digest
from evaluation.grading.labels import agreement_of, figures, read_labels
from evaluation.results.costs import Scenario, Took
from evaluation.results.schema import (
    Audit,
    DomainFacts,
    Estimate,
    FindingFacts,
    FittedOn,
    GraderFacts,
    Measured,
    Results,
    RunFacts,
)
from evaluation.run.folder import RunFolder
from evaluation.run.registry import spec_of


def build_results(folder: RunFolder) -> Results:
    """Everything that is shown of a run, from its answers, scores and measurements."""
    with folder.in_form():
        return _built(RunFigures(folder))


def _built(run: RunFigures) -> Results:
    methods = {name: method_figures(run, name) for name in run.names}
    if run.settings.get("until_decided"):
        contrasts = contrasts_until_decided(list(methods), run.rows, run.weights)
    else:
        contrasts = family_contrasts(list(methods), run.rows, run.weights, run.seed)
    covered = coverage(run)
    grader = _grader(run)
    audit = audit_figures(run, methods, grader)
    measured = Measured(run=_run(run), domain=_domain(run), model=run.model, grader=grader, methods=methods)
    costs = cost_page(measured, run.prices, Scenario(bill=run.model.bill, **run.settings.get("demand", {})))
    case = Case(methods, contrasts, audit, costs, covered, run.weights is not None, measured.run.ending)
    return Results(
        **dict(measured),
        not_applicable=run.record.get("not_applicable", {}),
        findings=_findings(run, audit),
        contrasts=contrasts,
        coverage=covered,
        verdict=make_verdict(case, run.record["domain"]["n_facts"]),
        audit=audit,
        costs=costs,
        break_even=costs.break_even,
    )


def _run(run: RunFigures) -> RunFacts:
    record = run.record
    return RunFacts(
        id=record["id"],
        profile=run.settings["profile"],
        seeds=sorted({seed for name, seed, _ in run.graded if spec_of(name).seeded}) or [run.seed],
        status=record["status"],
        created=record["created"],
        versions=record["versions"],
        usd_per_hour=run.settings["usd_per_hour"],
        token_prices=run.settings.get("token_prices", {}),
        took=_took(run),
        ending=record.get("ending"),
        speed=machine_speed(run.record, run.answers),
        estimate=Estimate(predicted_s=record.get("estimate", {}).get("seconds"), actual_s=record["seconds"]),
    )


def _took(run: RunFigures) -> Took:
    """What the comparison itself took, in seconds and prompt tokens, and what was predicted of it."""
    predicted = run.record.get("estimate", {})
    return Took(
        seconds=run.record["seconds"],
        answering_s=sum(answer.retrieval_s + answer.generation_s for answer in run.answers),
        alone_s=sum(line.total_s for line in run.latencies),
        grading_s=run.record.get("grading_s", 0.0),
        prompt_tokens=sum(answer.prompt_tokens for answer in run.answers),
        predicted_s=predicted.get("seconds"),
        predicted_prompt_tokens=predicted.get("prompt_tokens"),
    )


def _domain(run: RunFigures) -> DomainFacts:
    known = run.record["domain"]
    return DomainFacts(**known, n_asked=len(run.asked), weighted=run.weights is not None)


def _findings(run: RunFigures, audit: Audit) -> list[FindingFacts]:
    """What was known before the run, and the audit's warnings."""
    before = [FindingFacts(**finding) for finding in run.record.get("findings", [])]
    return [*before, *(FindingFacts(severity="warning", place="audit", sentence=text) for text in audit.warnings)]


def _grader(run: RunFigures) -> GraderFacts:
    """Who graded how many answers, and how far the grader agrees with people: on this run and on public answers."""
    pairs = [(answer.question_id, answer.answer, run.score(answer)["own_grade"]) for answer in run.answers]
    asked = [score for score in run.scores.values() if score["phase"] in ("main", "updated")]
    english = run.record["domain"].get("language", FITTED_ON) == FITTED_ON
    return GraderFacts(
        **figures(agreement_of(pairs, read_labels(run.folder), run.seed)),
        by=dict(Counter(score["by"] for score in asked)),
        doubtful=sum(score["doubtful"] for score in asked),
        public=FittedOn(**coefficients()["made_from"]["on_the_other_half"]) if english else None,
        rules=rules_digest(),
    )
