"""The commands that grade and compare: grade, compare, gate, and the part of review that labels a run's answers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from data.errors import CheckFailed, TriviumError
from evaluation.cli.terminal import ask_person, console, echo, refuse_to_lose, say
from evaluation.printable import PrintableConsole

if TYPE_CHECKING:
    from evaluation.analysis.compare import Comparison, MethodComparison
    from evaluation.grading.answer_file import SubmittedAnswer
    from evaluation.grading.judge import Judge
    from evaluation.grading.rules import Grade

SHOWN = 10  # flips of one kind that are listed

GRADE_EXAMPLES = (
    "\b\nExamples:\n  trivium grade answers.jsonl --out grades.jsonl\n"
    "  trivium grade labelled.jsonl --json | jq .kappa\n"
    "  trivium grade answers.jsonl --judge openai:qwen3 --base-url http://localhost:8000/v1 --judge-labels mine.jsonl"
)
COMPARE_EXAMPLES = (
    "\b\nExamples:\n  trivium compare runs/before runs/after\n  trivium compare runs/before runs/after --json | "
    "jq '.methods.rag.lost'"
)
GATE_EXAMPLES = (
    "\b\nExamples:\n  trivium gate runs/mine --require rag.accuracy=0.6 --require rag.latency_p95=2\n"
    "  trivium gate runs/mine --require rag.held_out.ci_low=0.5 --against runs/last-release\n"
    "  trivium gate runs/mine          # thresholds of [gate] in the domain's domain.toml"
)


def _judge(name: str, model: str, base_url: str, key_variable: str) -> "Judge":
    """The judge that `openai:NAME` means, at the address given; or a base URL with the name apart."""
    from evaluation.grading.judge import Judge
    from model.registry import SERVED, kind_of

    if kind_of(name) in SERVED:
        return Judge(name.partition(":")[2], base_url or None, key_variable)
    if not model:
        raise TriviumError("--judge: give openai:NAME, or a base URL with --judge-model, the name of the model there.")
    return Judge(model, name, key_variable)


def _judge_grades(
    rows: "list[SubmittedAnswer]",
    limit: int,
    judge: "Judge",
    labels: Path | None,
    shown: Console,
) -> "list[Grade]":
    """Grades by the judge, after its agreement with labels was printed and found good enough."""
    from evaluation.cli.display import Display
    from evaluation.grading.answer_file import agreement_with_labels, describe_agreement, read_submitted
    from evaluation.grading.judge import LEAST_KAPPA, LEAST_LABELS

    labelled = [row for row in (read_submitted(labels) if labels else rows) if row.correct is not None]
    if len(labelled) < LEAST_LABELS:
        raise TriviumError(
            f"a judge is used only after a comparison with people: {len(labelled)} labels, {LEAST_LABELS} needed. "
            'Give lines with "correct" in FILE or in --judge-labels.'
        )
    with Display(shown) as display:
        grades = judge.grade([(row.asked(), row.candidate or "") for row in labelled], limit, progress=display)
        found = agreement_with_labels(labelled, grades)
    for line in describe_agreement(found) if found else []:
        shown.print(line, markup=False, highlight=False, soft_wrap=True)
    if not found or found.ci_low < LEAST_KAPPA:
        raise TriviumError(
            f"the judge agrees too little with people (kappa's interval must lie above {LEAST_KAPPA}); not used."
        )
    if not labels and len(labelled) == len(rows):
        return grades
    with Display(shown) as display:
        return judge.grade([(row.asked(), row.candidate or "") for row in rows], limit, progress=display)


def grade(
    file: Annotated[Path, typer.Argument(help='JSONL of {"id","question","answers","candidate"[,"correct"]}.')],
    out: Annotated[Path | None, typer.Option(help="Write id, grade, probability and reason of each line here.")] = None,
    word_limit: Annotated[int, typer.Option(min=1, help="Words of an answer that are graded, from its start.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts and agreement as JSON.")] = False,
    judge: Annotated[
        str,
        typer.Option(help="Judge that replaces the fitted model: openai:NAME, or a base URL with --judge-model."),
    ] = "",
    base_url: Annotated[
        str, typer.Option(help="Address of the judge's server, ending in /v1 [default: TRIVIUM_BASE_URL or OpenAI's].")
    ] = "",
    judge_model: Annotated[str, typer.Option(help="Model at that base URL.")] = "",
    judge_labels: Annotated[
        Path | None, typer.Option(help="Labelled lines to test the judge on [default: FILE].")
    ] = None,
    language: Annotated[
        str, typer.Option(help="Language of lines that do not name theirs (ISO 639-1).", show_default=True)
    ] = "en",
    judge_key: Annotated[
        str, typer.Option(help="Environment variable that holds the key [default: TRIVIUM_API_KEY, OPENAI_API_KEY].")
    ] = "",
) -> None:
    """Grade the answers of any system; where a line has a human label, print how far the grades agree with it.

    Rules settle what they can; the rest goes to a small model fitted on human labels. A null candidate is an empty
    answer. A question without accepted answers is unanswerable, and the correct reply is to refuse it.
    """
    from collections import Counter

    from evaluation.cli.display import Display
    from evaluation.grading.answer_file import (
        agreement_by_language,
        agreement_with_labels,
        describe_agreement,
        describe_languages,
        grade_rows,
        mean_score,
        read_submitted,
        write_grades,
    )

    if out:
        refuse_to_lose(out, file, *([judge_labels] if judge_labels else []))
    rows = read_submitted(file)
    # What is printed for programs is JSON and nothing else.
    shown = PrintableConsole(stderr=True) if as_json else console
    if judge:
        asked = _judge(judge, judge_model, base_url, judge_key)
        grades = _judge_grades(rows, word_limit, asked, judge_labels, shown)
    else:
        with Display(shown) as display:
            display("grading", 0, len(rows))
            grades = grade_rows(rows, word_limit, language, display)
    if out:
        write_grades(out, rows, grades)
    found = agreement_with_labels(rows, grades)
    counts = Counter(str(grade.grade) for grade in grades)
    doubtful = sum(grade.doubtful for grade in grades)
    languages, scored = agreement_by_language(rows, grades, language), mean_score(grades)
    if as_json:
        agreed: dict[str, Any] = found.as_json() if found else {"kappa": None, "labels": 0}
        agreed["languages"] = {code: one.as_json() if one else None for code, one in languages.items()}
        agreed |= {"mean_score": scored[0], "scored": scored[1]} if scored else {}
        echo(json.dumps({"answers": len(rows), "grades": dict(counts), "doubtful": doubtful, **agreed}, indent=1))
        return
    listed = ", ".join(f"{counts[name]:,} {name}" for name in ("correct", "wrong", "abstained", "unscored"))
    say(f"{len(rows):,} answers: {listed}; {doubtful:,} doubtful, which a person should read")
    if scored:
        say(f"Long answers: {scored[0]:.0%} of the points stated on average, over {scored[1]:,} answers")
    for line in [*(describe_agreement(found) if found else []), *describe_languages(languages)]:
        say(line)
    if out:
        say(f"Written: {out}")


def _show_comparison(found: "Comparison") -> None:
    for key, (before, after) in found.settings_changed.items():
        say(f"Settings differ: {key} was {before}, is {after}")
    for phrase in found.inputs_changed:
        say(f"Inputs differ: {phrase}")
    for name, row in found.methods.items():
        say(f"{name}: {_difference(row)}; {len(row.gained)} gained, {len(row.lost)} lost, {row.unpaired} unpaired")
        for sign, flips in (("+", row.gained), ("-", row.lost)):
            for flip in flips[:SHOWN]:
                say(f"  {sign} {flip.question} [{flip.accepted}]: {flip.before!r}, now {flip.after!r}")
            if len(flips) > SHOWN:
                say(f"  {sign} … and {len(flips) - SHOWN} more (--json lists all)")


def _difference(row: "MethodComparison") -> str:
    from evaluation.numbers import percent, points, points_span, share, signed_points

    text = (
        f"{percent(row.accuracy_before)} to {share(row.accuracy_after, row.n_pairs)} answerable questions, "
        f"{signed_points(row.difference)} points ({points_span(row.ci_low, row.ci_high)})"
    )
    if not row.unsure:
        return text
    return f"{text}, too close to call: only a gap of {points(row.minimum_detectable)} or more could be detected"


def compare(
    before: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    after: Annotated[Path, typer.Argument(help="Folder of another finished run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all gained and lost answers as JSON.")] = False,
) -> None:
    """Compare two runs question by question: the difference with its interval, every answer gained or lost."""
    from evaluation.analysis.compare import compare_runs
    from evaluation.run.folder import RunFolder

    found = compare_runs(RunFolder(before), RunFolder(after))
    if as_json:
        echo(found.model_dump_json(indent=1))
    else:
        _show_comparison(found)


def gate(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    require: Annotated[list[str] | None, typer.Option(help="FIGURE=NUMBER, for example rag.accuracy=0.6.")] = None,
    against: Annotated[Path | None, typer.Option(help="A saved run: fail if a method is significantly worse.")] = None,
    max_drop: Annotated[
        float | None, typer.Option(min=0, help="With --against: the most that accuracy may drop, as a share.")
    ] = None,
) -> None:
    """Fail with exit code 1 when a threshold is missed or a method got worse; for CI.

    Without --require the thresholds are those of [gate] in the domain's domain.toml, as they were when the run began.
    """
    from evaluation.analysis.compare import compare_runs
    from evaluation.analysis.gate import missed, parse_threshold, regressions
    from evaluation.results.file import read_results
    from evaluation.run.folder import RunFolder

    folder = RunFolder(run)
    results = read_results(folder)
    thresholds = dict(map(parse_threshold, require or [])) or dict(folder.record()["domain"].get("gate", {}))
    if not thresholds and not against:
        raise TriviumError("the gate has nothing to check: give --require or --against, or [gate] in domain.toml.")
    failures = missed(results, thresholds)
    if against:
        failures += regressions(compare_runs(RunFolder(against), folder), max_drop)
    failures += [f"audit: {check.name}: {check.detail}" for check in results.audit.checks if check.passed is False]
    if failures:
        raise CheckFailed(f"{run}: {'; '.join(failures)}.")
    n = len(thresholds)
    checked = f"{n} threshold{'' if n == 1 else 's'} met" + (f" and no loss against {against}" if against else "")
    say(f"{run}: passed: {checked}.")


def review_run(run: Path, size: int, seed: int, doubtful: bool) -> None:
    """Label a run's answers in the terminal, then grade and report anew."""
    from data.lock import working_in
    from evaluation.cli.display import Display
    from evaluation.grading.labels import LEAST, not_counted_yet, review_answers
    from evaluation.report.finish import grade_again
    from evaluation.results.file import read_results
    from evaluation.run.folder import RunFolder

    folder = RunFolder(run)
    read_results(folder)
    with working_in(run, "review"):
        done = review_answers(folder, ask_person, console, size, seed, doubtful)
        if not done and not not_counted_yet(folder):
            say("Nothing was labelled.")
            return
        with Display(console) as display:
            found = grade_again(folder, display).grader
    if found.kappa is None:
        say(f"{done} labelled. Agreement with the grader is told from {LEAST} labels of a sample on.")
        return
    say(
        f"{done} labelled. Agreement of the grader with {found.labels} labels of this run: kappa {found.kappa:.2f} "
        f"({found.ci_low:.2f} to {found.ci_high:.2f})."
    )
    if found.warning:
        say(f"Warning: {found.warning}")
