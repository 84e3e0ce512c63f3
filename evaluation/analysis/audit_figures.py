"""Whether the comparison was fair: checks, coverage of training, what each method could know, warnings."""

from collections.abc import Collection, Iterator, Mapping

from data.findings import counted
from evaluation.analysis.audit import audit_checks
from evaluation.analysis.breakdown import cell
from evaluation.analysis.machine import about_several_machines, about_the_machine, machine_speed
from evaluation.analysis.run_figures import RunFigures
from evaluation.analysis.verdict import CONVERGED, INFORMATIVE
from evaluation.numbers import percent, share
from evaluation.results.method import MethodResults
from evaluation.results.schema import Audit, AuditCheck, GraderFacts
from evaluation.run.answerable import Means, count_answerable
from evaluation.run.registry import adapted, spec_of

Methods = Mapping[str, MethodResults]
RETAINED = 0.97  # of the general questions that a model answered before training


def audit_figures(run: RunFigures, methods: Methods, grader: GraderFacts) -> Audit:
    """The audit of a run. Its warnings become reasons of the verdict."""
    checks = audit_checks(run.answers, run.questions, run.chunks, run.record)
    probe = cell(next((rows for (_, _, phase), rows in run.graded.items() if phase == "probe"), []))
    return Audit(
        checks=checks,
        leaks=run.record["leaks"],
        coverage=_coverage(run),
        answerable_by=_answerable_by(run, methods),
        base_knowledge=probe,
        warnings=[
            *_about_the_domain(run, probe.accuracy),
            *_about_methods(methods),
            *_not_applicable(run.record.get("not_applicable", {})),
            *about_the_machine(machine_speed(run.record, run.answers)),
            *about_several_machines(run.record.get("answered_by", [])),
            *_about_the_audit(checks, grader),
        ],
    )


def _about_the_domain(run: RunFigures, known: float | None) -> Iterator[str]:
    if known is not None and known > INFORMATIVE:
        yield (
            f"The base model already answers {percent(known)} of the questions without any document, so this "
            "comparison says little about what the methods add."
        )
    if unread := sum(question.meta.get("reviewed") is False for question in run.asked):
        yield (
            f"{unread} of {len(run.asked)} questions were drafted from the documents and reviewed by nobody; some of "
            "them are poor questions (docs/drafting.md says how many to expect)."
        )


def _about_methods(methods: Methods) -> Iterator[str]:
    if any(method.preparation.training_source == "documents" for method in methods.values()):
        yield (
            "Fine-tuning learned from the text of all documents, because the domain has no training questions; whether "
            "it converged on questions is unknown."
        )
    for name, method in methods.items():
        if (own := method.contestant) and own.not_answered:
            reasons = "; ".join(f"{count} times: {reason}" for reason, count in own.why_not.items())
            yield (
                f"{name} did not answer {counted(own.not_answered, 'question')}; they are left out of its figures, and "
                f"the others' are those of all questions ({reasons})."
            )
        if method.converged is False and method.convergence:
            check = method.convergence
            yield (
                f"The training of {name} did not converge: it answers {share(check.accuracy, check.n)} of its own "
                f"training questions, {percent(CONVERGED)} are needed. There is no verdict on it."
            )
        if (left := method.retention) and left.kept.rate is not None and left.kept.rate < RETAINED:
            yield (
                f"After the training of {name} the model answers {share(left.kept.rate, left.kept.n)} of the general "
                f"questions that it answered before; {percent(RETAINED)} are wanted."
            )
        if left_out := method.preparation.left_out:
            total = len(left_out) + len(method.preparation.injected)
            fits = "the window" if method.preparation.limited_by == "window" else "what memory or --inject-tokens allow"
            yield f"{name}: {len(left_out)} of {counted(total, 'document')} did not fit {fits}, so it never had them."


def _not_applicable(reasons: Mapping[str, str]) -> Iterator[str]:
    for reason in dict.fromkeys(reasons.values()):
        yield f"{' and '.join(name for name, why in reasons.items() if why == reason)}: n/a. {reason}"


def _about_the_audit(checks: list[AuditCheck], grader: GraderFacts) -> Iterator[str]:
    for check in checks:
        if check.passed is False:
            yield f"Audit failed: {check.name} ({check.detail})."
    if grader.warning:
        yield f"Labels of this run: {grader.warning}"


def _coverage(run: RunFigures) -> str:
    """What training saw, and how many of the facts asked for it covers; empty if nothing was trained."""
    if not adapted(run.names):
        return ""
    facts, training = run.trained_facts, run.record["training"]
    asked = {q.fact_id: q for q in run.asked if q.answerable}
    if facts is None:
        return _of_self_study(run, asked.keys()) or (
            "Fine-tuning learned from the text of all documents; how many of the facts asked for it learned cannot be "
            "counted beforehand."
        )
    covered = sum(question.covered_by(facts) for question in asked.values())
    drafted = f" ({training['drafted']} of them drafted from the documents)" if training["drafted"] else ""
    return (
        f"Fine-tuning saw {training['wordings']} training questions{drafted} about {len(facts)} facts; they cover "
        f"{covered} of the {len(asked)} facts asked for."
    )


def _of_self_study(run: RunFigures, asked: Collection[str]) -> str:
    """What questions about every passage covered; empty where there were none."""
    entries = (run.record["methods"].get(name, {}).get(str(run.seed)) for name in adapted(run.settings["methods"]))
    details = next((entry["details"] for entry in entries if entry and entry["details"].get("study")), None)
    if not details:
        return ""
    seen, study = details["coverage"], details["study"]
    facts = {kind: len({*names} & {*asked}) for kind, names in seen["facts"].items()}
    return (
        f"Fine-tuning saw {study['kept']:,} questions about {seen['passages_asked']:,} of {seen['passages']:,} "
        f"passages, written for it ({study['writer']}); they ask for {facts['taught']} of the {len(asked)} facts asked "
        f"for, {facts['read']} more stand in passages that it read, and {facts['never']} it never saw."
    )


def _answerable_by(run: RunFigures, methods: Methods) -> dict[str, int | None]:
    """How many of the answerable questions each method was given the means to answer; None: not known."""
    out = {}
    for name, method in methods.items():
        made, asked = method.preparation, [question for question, _, _ in run.rows(name, "main")]
        # The oracle was asked what has a gold passage, and nothing else.
        means = Means(run.trained_facts, lambda _: True, injected=made.injected, left_out=bool(made.left_out))
        out[name] = count_answerable(spec_of(name), asked, means)
    return out
