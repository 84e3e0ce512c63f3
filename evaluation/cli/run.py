"""`trivium run`, `resume` and `score`: from a domain to a finished run, and what it says."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data.errors import CheckFailed, ServerFailure, TriviumError
from evaluation.cli.run_options import with_run_options
from evaluation.cli.terminal import DomainFolder, RunPath, console, list_some, say, show_table
from evaluation.run.cluster import checked_address
from evaluation.run.options import COST, MODEL, OUTPUT, OWN, settings_from
from model.device import checked_device

if TYPE_CHECKING:
    from data.leaks import Leak
    from data.schema import Domain
    from evaluation.results.schema import Results
    from evaluation.run.folder import RunFolder
    from evaluation.run.plan import Plan
    from evaluation.run.settings import RunSettings

RUN_EXAMPLES = (
    "\b\nExamples:\n  trivium run data/orrin_ferries --profile smoke\n"
    "  trivium run my-domain --methods base,rag,lora --seed 1\n"
    "  trivium run my-domain --profile full --methods rag,lora --until-decided --smallest 5\n"
    "  trivium run my-domain --model Qwen/Qwen2.5-0.5B-Instruct --device cuda\n"
    "  trivium run my-domain --model ./qwen2.5-7b-q4_k_m.gguf\n"
    "  trivium run my-domain --model meta-llama/Llama-3.1-8B-Instruct --load-in 4bit --device cuda\n"
    "  trivium run my-domain --model ./my-model --out runs/mine\n"
    "  trivium run my-domain --model openai:qwen3 --base-url http://localhost:8000/v1\n"
    "  trivium run my-domain --method mine=http://localhost:8000/ask --price mine=0.002\n"
    "  trivium run my-domain --methods base,rag --method mine=python:my_rag:answer\n"
    "  trivium run my-domain --ray 10.0.0.5:6379"
)
RESUME_EXAMPLES = (
    "\b\nExamples:\n  trivium resume runs/orrin_ferries-smoke-1a2b3c4d\n  trivium resume runs/my-run --ray auto"
)
SCORE_EXAMPLES = "\b\nExamples:\n  trivium score runs/my-run"
Out = Annotated[
    Path | None,
    typer.Option(help="Folder of the run [default: runs/<domain>-<profile>-<hash>].", rich_help_panel=OUTPUT),
]

Device = Annotated[
    str,
    typer.Option(help="cpu, cuda or mps (untested) [default: cuda if there is one].", rich_help_panel=MODEL),
]


Own = Annotated[
    list[str] | None,
    typer.Option(
        "--method", help="A system of your own, asked the same: NAME=http://…, NAME=python:module:function or "
        "NAME=answers.jsonl; repeatable.", rich_help_panel=OWN,
    ),
]  # fmt: skip
Prices = Annotated[
    list[str] | None,
    typer.Option("--price", help="Dollars a question of your own system, as NAME=0.002, or a million tokens of "
                 "the model, as token_in=0.40; repeatable.",
                 rich_help_panel=COST),
]  # fmt: skip
Ray = Annotated[
    str | None,
    typer.Option("--ray", help="Have processes of a Ray cluster answer: local (this machine), auto, or host:port of "
                 "its head; needs the extra `ray` (docs/scale.md).", rich_help_panel=MODEL),
]  # fmt: skip


@with_run_options
def run(
    domain: DomainFolder, chosen: dict[str, Any], method: Own = None, price: Prices = None, out: Out = None,
    device: Device = "", ray: Ray = None,
) -> None:  # fmt: skip
    """Ask every method the same questions, grade the answers, write the report.

    The same command continues a run that was stopped, and shows a finished one again.
    """
    begin(domain, chosen | {"ray": checked_address(ray)}, method, price, out, device)


def begin(
    domain: Path, chosen: dict[str, Any], method: Own = None, price: Prices = None, out: Path | None = None,
    device: str = "",
) -> Path:  # fmt: skip
    """Run a domain; returns the folder of the run."""
    from data.load import load_domain
    from evaluation.contest.address import contestants_of, prices_of
    from evaluation.cost.prices import split_prices
    from evaluation.run.answer_length import asking_at_length
    from evaluation.run.plan import make_plan
    from evaluation.run.registry import candidates, chosen_methods
    from model.registry import address_of

    own = contestants_of(method or ())
    names = chosen_methods(chosen["methods"]) if chosen["methods"].strip() or not own else ()
    of_book, of_own = split_prices(price or ())
    chosen |= {"methods": (*names, *own), "contestants": own, "prices": prices_of(of_own, own), "token_prices": of_book}
    chosen |= {"device": checked_device(device)}
    chosen["base_url"] = address_of(chosen["model"], chosen.get("base_url"))
    loaded = asking_at_length(load_domain(domain), chosen.get("answer_words"))
    say(f"Trivium: {loaded.name}, profile {chosen['profile']}")
    settings = settings_from(chosen | {"domain": domain.resolve()})
    if settings.load_in and settings.training.processes > 1:
        raise TriviumError("--load-in: weights in fewer bits are trained by one process. Leave --train-processes out.")
    if settings.until_decided and len(candidates(settings.methods)) < 2:
        raise TriviumError("--until-decided needs two methods that compete; base and oracle are yardsticks.")
    plan = make_plan(loaded, settings)
    loaded = _with_findings(loaded, plan)
    leaks = _leaks(loaded, plan, settings.allow_leaks)
    digest = settings.digest(_content_digest(loaded))
    path = out or Path("runs") / f"{domain.resolve().name}-{settings.profile}-{digest}"
    _run(loaded, settings, plan, path, digest, leaks)
    return path


def _with_findings(domain: "Domain", plan: "Plan") -> "Domain":
    """Say what is known of a domain before it is run, and keep it with the domain, for the run's record.

    Raises:
        CheckFailed: an error is among it, with which the run's figures would be wrong.
    """
    from data.findings import brief, count, counted
    from evaluation.drafting.check_domain import findings_before

    findings = findings_before(domain, plan)
    list_some("Before the run", brief(findings))
    if errors := count(findings)["error"]:
        raise CheckFailed(
            f"{domain.folder}: {counted(errors, 'error')}, the first: {findings[0]} `trivium check` lists all."
        )
    return domain.model_copy(update={"findings": tuple(findings)})


def _content_digest(domain: "Domain") -> str:
    """Digest over all that the domain folder says."""
    return hashlib.sha256(domain.model_dump_json(exclude={"folder", "findings"}).encode()).hexdigest()


def _leaks(domain: "Domain", plan: "Plan", allow: bool) -> "list[Leak]":
    from data.leaks import find_leaks

    leaks = find_leaks(plan.training, plan.tested, domain.documents)
    if leaks and not allow:
        first = leaks[0]
        raise CheckFailed(
            f"training has seen {len(leaks)} test questions, or nearly so, the first: '{first.test_id}' and "
            f"'{first.train_id}' ({first.kind}). `trivium check` lists them; --allow-leaks runs nevertheless."
        )
    return leaks


def _run(
    domain: "Domain", settings: "RunSettings", plan: "Plan", path: Path, digest: str, leaks: "Sequence[Leak]" = ()
) -> None:
    from data.lock import working_in
    from evaluation.cli.display import Display
    from evaluation.run.folder import RunFolder
    from evaluation.run.identity import other_versions, refuse_another
    from evaluation.run.run_record import package_versions

    folder = RunFolder(path)
    if folder.exists():
        with folder.in_form():
            refuse_another(folder, domain, settings)
    if folder.exists() and folder.record()["digest"] == digest and _is_finished(folder):
        say("This run is finished; nothing is computed again. Another --seed or --out makes a new one.")
        if others := other_versions(folder.record(), package_versions()):
            say(f"It was made with other versions: {others}.")
        prices = {name: getattr(settings, name) for name in ("usd_per_hour", "prices", "token_prices")}
        return _show_finished(folder, prices | {"demand": settings.demand.model_dump()})
    if folder.exists() and (others := other_versions(folder.record(), package_versions(), patches=False)):
        raise TriviumError(
            f"{path}: the run was begun with other versions ({others}), and answers of both cannot be compared. "
            "Install those again to go on, or make a new run with another --out."
        )
    from evaluation.report.methods_table import PROGRESS

    with working_in(path, "run"), Display(console, [column.name for column in PROGRESS]) as display:
        display("loading the libraries")
        from evaluation.cli.run_and_grade import run_and_grade

        try:
            results = run_and_grade(domain, settings, plan, path, digest, display, leaks)
        except ServerFailure as error:
            if not folder.exists():
                raise
            raise ServerFailure(f"{error} What was answered is kept; `trivium resume {path}` goes on.") from error
    _show(results, path)


def _is_finished(folder: "RunFolder") -> bool:
    """Whether nothing is left to do; says what of a complete run is made again from its answers."""
    from evaluation.report.finish import damaged_output
    from evaluation.run.mending import damages

    if folder.record()["status"] != "complete" or any(damages(folder)):
        return False
    if damaged := damaged_output(folder):
        say(f"{damaged} It is made again.")
    return not damaged


def _show_finished(folder: "RunFolder", prices: dict[str, Any]) -> None:
    """A finished run once more; other prices or another demand change costs and decision, and no answer."""
    from data.lock import working_in
    from evaluation.grading.identity import rules_digest
    from evaluation.report.finish import grade_again
    from evaluation.results.file import read_results
    from evaluation.run.demand import Demand

    known = {"prices": {}, "demand": Demand().model_dump()} | folder.record()["settings"]
    if any(known[name] != price for name, price in prices.items()):
        with working_in(folder.path, "run"):
            record = folder.record()  # as whoever worked here until now left it
            record["settings"] |= prices
            folder.save_record(record)
            grade_again(folder)
    results = read_results(folder)
    if results.grader.rules != rules_digest():
        say(f"Its answers were graded by other rules than those of today: `trivium score {folder.path}` grades again.")
    _show_all(results, folder.path)


def _show(results: "Results", path: Path) -> None:
    """The decision and the place of the report."""
    from evaluation.report.decision import first_lines, parts

    first, *others = first_lines(results.verdict)
    say(first, style="bold")
    for line in others:
        say(line)
    for title, sentences in parts(results.verdict):
        say(f"{title}:")
        for sentence in sentences:
            say(f"- {sentence}")
    say(f"Report: {path / 'report.html'}")


def _show_all(results: "Results", path: Path) -> None:
    """The same with the table of methods above it."""
    from evaluation.report.methods_table import methods_table, yardsticks_table

    for table in filter(None, (methods_table(results), yardsticks_table(results))):
        show_table(table, titled=False)
    _show(results, path)


def resume(run: RunPath, ray: Ray = None) -> None:
    """Continue a run that was stopped; nothing finished is computed again."""
    from data.load import load_domain
    from evaluation.contest.address import refuse_code_from_elsewhere
    from evaluation.run.answer_length import asking_at_length
    from evaluation.run.folder import RunFolder
    from evaluation.run.plan import make_plan
    from evaluation.run.settings import settings_of

    folder = RunFolder(run)
    record, settings = folder.record(), settings_of(folder)
    settings = settings.model_copy(update={"ray": checked_address(ray)})
    refuse_code_from_elsewhere(settings.contestants, run)
    domain = asking_at_length(load_domain(settings.domain), settings.answer_words)
    if "identity" not in record and settings.digest(_content_digest(domain)) != record["digest"]:
        raise TriviumError(f"{settings.domain}: the domain has changed since the run began. Start a new run.")
    _run(domain, settings, make_plan(domain, settings), run, record["digest"])


def score(run: RunPath) -> None:
    """Grade the saved answers again and rewrite results and reports; needs no language model."""
    from data.lock import working_in
    from evaluation.cli.display import Display
    from evaluation.report.finish import grade_again
    from evaluation.run.folder import RunFolder

    folder = RunFolder(run)
    if folder.record()["status"] != "complete":
        raise TriviumError(f"{run}: the run is not finished. `trivium resume {run}` finishes it.")
    with working_in(run, "score"), Display(console) as display:
        results = grade_again(folder, display)
    _show_all(results, run)
