"""The `trivium` command. Heavy imports stand inside the functions, so that --help answers at once."""

import errno
import hashlib
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from data.errors import CheckFailed, TriviumError
from evaluation.cli import app as cli_app
from evaluation.cli import cost as cli_cost
from evaluation.cli import domain as cli_domain
from evaluation.cli import grading as cli_grading
from evaluation.cli import lab as cli_lab
from evaluation.cli import reader as cli_reader
from evaluation.cli.terminal import DomainFolder, console, default_device
from evaluation.run.registry import chosen_methods, default_methods
from model.weights import DEFAULT_MODEL
from rag.vectors import AUTO, INDEX_NAMES

if TYPE_CHECKING:
    from data.leaks import Leak
    from data.schema import Domain
    from evaluation.run.plan import Plan
    from evaluation.run.settings import RunSettings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Which road to domain knowledge answers best: context injection, retrieval or LoRA fine-tuning?",
    epilog="\b\nExamples:\n  trivium run data/orrin_ferries --profile smoke\n  trivium ui\n  trivium run --help",
)
INTERRUPTED = 130  # the exit code that typer gives to Ctrl-C

RunPath = Annotated[Path, typer.Argument(help="Folder of a run, below runs/.")]


IndexChoice = StrEnum("IndexChoice", {name: name for name in INDEX_NAMES})  # type: ignore[misc] # from the table
_AUTO_INDEX = IndexChoice(AUTO)


class ProfileChoice(StrEnum):
    SMOKE = "smoke"
    STANDARD = "standard"
    FULL = "full"


class ReportForm(StrEnum):
    HTML = "html"
    MD = "md"
    JSON = "json"
    CSV = "csv"


def _content_digest(domain: "Domain") -> str:
    """Digest over all that the domain folder says."""
    return hashlib.sha256(domain.model_dump_json(exclude={"folder"}).encode()).hexdigest()


def _leaks(domain: "Domain", plan: "Plan", allow: bool) -> list["Leak"]:
    from data.leaks import find_leaks

    leaks = find_leaks(plan.training, plan.tested, domain.documents)
    if leaks and not allow:
        first = leaks[0]
        raise CheckFailed(
            f"{len(leaks)} test wordings were trained, or nearly so, the first: '{first.test_id}' and "
            f"'{first.train_id}' ({first.kind}). `trivium check` lists them; --allow-leaks runs all the same."
        )
    return leaks


@app.command(epilog="\b\nExamples:\n  trivium run data/orrin_ferries --profile smoke\n"
             "  trivium run my-domain --methods base,rag,lora --seed 1\n"
             "  trivium run my-domain --model Qwen/Qwen2.5-0.5B-Instruct --device cuda\n"
             "  trivium run my-domain --model ./my-model --out runs/mine")  # fmt: skip
def run(
    domain: DomainFolder,
    model: Annotated[str, typer.Option(help="Embedded name, hub id, or local folder.")] = DEFAULT_MODEL,
    methods: Annotated[str, typer.Option(help="Comma-separated.")] = ",".join(default_methods()),
    profile: Annotated[ProfileChoice, typer.Option(help="How much is asked.")] = ProfileChoice.STANDARD,
    seed: Annotated[int, typer.Option(help="Of sampling, document order and training.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run [default: runs/<domain>-<profile>-<hash>].")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda [default: cuda where there is one].")] = "",
    embedder: Annotated[str, typer.Option(help="Embedding model of retrieval.")] = "all-minilm-l6-v2",
    top_k: Annotated[int, typer.Option(min=1, help="Passages that retrieval puts into a prompt.")] = 2,
    chunk_tokens: Annotated[int, typer.Option(min=16, help="Longest passage, in tokens.")] = 128,
    search_by: Annotated[
        Literal["meaning", "words", "both"],
        typer.Option(help="Retrieval by meaning (embeddings), by words (BM25), or both, fused by rank."),
    ] = "both",
    index: Annotated[
        IndexChoice, typer.Option(help="Over the embeddings; auto: exact up to 50,000 passages, then a graph (hnsw).")
    ] = _AUTO_INDEX,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes of training over its examples.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Trainings with different seeds; their spread is shown [full: 3, else 1].")
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer, in tokens.")] = 32,
    refuse_above: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Refuse where the chance of 'unknown' is higher, answer where it is not "
            "[default: as the reader was made; none without a reader].",
            show_default=False,
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Prompts answered together, if memory allows.")] = 64,
    merge_adapter: Annotated[
        bool, typer.Option(help="Add the adapter to the weights while it answers (float32 only).")
    ] = True,
    reversed_training: Annotated[
        bool, typer.Option(help="Train on questions asked the other way round too, where the domain has them.")
    ] = False,
    usd_per_hour: Annotated[float, typer.Option(min=0, help="Assumed price of this machine.")] = 0.085,
    allow_leaks: Annotated[bool, typer.Option(help="Run although test wordings were trained.")] = False,
) -> None:
    """Ask every method the same questions, grade the answers, write the report.

    The same command goes on where a stopped run ended, and shows a finished one again.
    """
    from data.load import load_domain
    from evaluation.run.plan import make_plan
    from evaluation.run.settings import RunSettings
    from finetune.settings import TrainingSettings
    from model.sampling import Sampling

    chosen = chosen_methods(methods)
    loaded = load_domain(domain)
    console.print(f"Trivium: {loaded.name}, profile {profile.value}", markup=False, highlight=False)
    settings = RunSettings(
        domain=domain.resolve(), model=model, methods=chosen, profile=profile.value, seed=seed,
        device=device or default_device(), batch_size=batch_size,
        sampling=Sampling(max_new_tokens=max_new_tokens, refuse_above=refuse_above),
        merge_adapter=merge_adapter, embedder=embedder, chunk_tokens=chunk_tokens, top_k=top_k,
        search_by=search_by, index=str(index),
        usd_per_hour=usd_per_hour,
        reversed_training=reversed_training, allow_leaks=allow_leaks,
        training_seeds=seeds, training=TrainingSettings(epochs=epochs),
    )  # fmt: skip
    if settings.device not in ("cpu", "cuda"):
        raise TriviumError(f"--device {settings.device}: use cpu or cuda.")
    plan = make_plan(loaded, settings)
    leaks = _leaks(loaded, plan, allow_leaks)
    digest = settings.digest(_content_digest(loaded))
    path = out or Path("runs") / f"{domain.resolve().name}-{profile.value}-{digest}"
    _run(loaded, settings, plan, path, digest, leaks)


def _run(
    domain: "Domain", settings: "RunSettings", plan: "Plan", path: Path, digest: str, leaks: Sequence["Leak"] = ()
) -> None:
    from evaluation.cli.display import Display
    from evaluation.run.folder import REPORTS, RunFolder
    from evaluation.run.lock import working_in
    from evaluation.table import COLUMNS

    folder = RunFolder(path)
    if folder.exists() and all((path / name).exists() for name in REPORTS) and folder.record()["digest"] == digest:
        console.print("This run is finished; nothing is computed again. Another --seed or --out makes a new one.")
        record = folder.record()
        from evaluation.report.render import grade_again

        if record["settings"]["usd_per_hour"] != settings.usd_per_hour:
            record["settings"]["usd_per_hour"] = settings.usd_per_hour
            with working_in(path, "run"):
                folder.save_record(record)
                grade_again(folder)
        _show(path, table=True)
        return
    with working_in(path, "run"), Display(console, COLUMNS) as display:
        display("loading the libraries")
        from evaluation.cli.run_and_grade import run_and_grade
        from evaluation.report.render import write_reports

        run_and_grade(domain, settings, plan, path, digest, display, leaks)
        display("writing the reports")
        write_reports(folder)
    _show(path, table=False)


def _show(path: Path, table: bool) -> None:
    """Verdict, reasons and where the report lies; the table too where it was not shown already."""
    from evaluation.run.folder import RunFolder

    results = RunFolder(path).results()
    if table:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        from evaluation.table import COLUMNS, table_rows

        shown = Table(*COLUMNS, box=SIMPLE_HEAD)
        for row in table_rows(results):
            shown.add_row(*row)
        console.print(shown)
    console.print(results["verdict"]["summary"], style="bold", markup=False, soft_wrap=True)
    for reason in results["verdict"]["reasons"]:
        console.print(f"- {reason}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"Report: {path / 'report.html'}", markup=False, soft_wrap=True)


@app.command(epilog="\b\nExamples:\n  trivium resume runs/orrin_ferries-smoke-1a2b3c4d")
def resume(run: RunPath) -> None:
    """Go on with a stopped run; nothing finished is computed again."""
    from data.load import load_domain
    from evaluation.run.folder import RunFolder
    from evaluation.run.plan import make_plan
    from evaluation.run.settings import RunSettings

    record = RunFolder(run).record()
    settings = RunSettings.model_validate(record["settings"])
    domain = load_domain(settings.domain)
    if settings.digest(_content_digest(domain)) != record["digest"]:
        raise TriviumError(f"{settings.domain}: the domain has changed since the run began. Start a new run.")
    _run(domain, settings, make_plan(domain, settings), run, record["digest"])


@app.command(epilog="\b\nExamples:\n  trivium score runs/my-run")
def score(run: RunPath) -> None:
    """Grade saved answers again and write results and reports anew; needs no language model."""
    from evaluation.cli.display import Display
    from evaluation.report.render import grade_again
    from evaluation.run.folder import RunFolder
    from evaluation.run.lock import working_in

    folder = RunFolder(run)
    if folder.record()["status"] != "complete":
        raise TriviumError(f"{run}: the run is not finished. `trivium resume {run}` finishes it.")
    with working_in(run, "score"), Display(console) as display:
        grade_again(folder, display)
    _show(run, table=True)


@app.command(epilog="\b\nExamples:\n  trivium report runs/my-run --format md\n"
             "  trivium report runs/my-run --format json | jq .verdict\n"
             "  trivium report runs/my-run --format csv > accuracy.csv")  # fmt: skip
def report(
    run: RunPath,
    format: Annotated[ReportForm, typer.Option(help="What to print.")] = ReportForm.MD,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of printing.")] = None,
) -> None:
    """Print the report of a finished run, or write it to a file."""
    from data.files import write_text
    from evaluation.report.render import render
    from evaluation.run.folder import RunFolder

    text = render(RunFolder(run), format.value)
    if out:
        write_text(out, text)
    else:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


@app.command(epilog='\b\nExamples:\n  trivium ask "How many cars does the Kittering take?"\n'
             '  trivium ask "Who manages the crew?" --methods lora --probabilities --temperature 0.7 --top-k 5\n'
             '  trivium ask "When does Tidebook go live?" --run runs/my-run --methods rag,lora')  # fmt: skip
def ask(
    question: Annotated[str, typer.Argument(help="Any question.")],
    run: Annotated[Path | None, typer.Option(help="Run whose index and adapter answer [default: the newest].")] = None,
    methods: Annotated[str, typer.Option(help="Comma-separated [default: those of the run].")] = "",
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Show each answer token with the likeliest others.")
    ] = False,
    temperature: Annotated[float, typer.Option(min=0, help="With --probabilities; 0: the likeliest token.")] = 0.0,
    top_k: Annotated[int, typer.Option(min=0, help="With --probabilities; 0: all tokens.")] = 0,
    top_p: Annotated[float, typer.Option(min=0.01, max=1, help="With --probabilities.")] = 1.0,
    repetition_penalty: Annotated[float, typer.Option(min=0.1, help="With --probabilities.")] = 1.0,
    seed: Annotated[int, typer.Option(help="With --probabilities and a temperature.")] = 0,
) -> None:
    """Answer one question by every method, side by side; or see each token of the answers with its probability."""
    from evaluation.cli.ask import ask_everyone, show_probabilities
    from evaluation.run.questions import newest_run

    path = run or newest_run(Path("runs"))
    chosen = chosen_methods(methods) if methods else ()
    from model.sampling import Sampling

    sampling = Sampling(
        temperature=temperature, top_k=top_k, top_p=top_p, repetition_penalty=repetition_penalty, seed=seed
    )
    if not probabilities and sampling != Sampling():
        raise TriviumError("--temperature, --top-k, --top-p, --repetition-penalty and --seed need --probabilities.")
    if not probabilities:
        return ask_everyone(question, path, chosen, console)
    show_probabilities(question, path, chosen, sampling, console)


app.add_typer(cli_reader.app, name="reader")
app.command(name="import", epilog=cli_domain.IMPORT_EXAMPLES)(cli_domain.import_)
app.command(epilog=cli_domain.INIT_EXAMPLES)(cli_domain.init)
app.command(epilog=cli_domain.REVIEW_EXAMPLES)(cli_domain.review)
app.command(epilog=cli_domain.CHECK_EXAMPLES)(cli_domain.check)
app.command(epilog=cli_grading.GRADE_EXAMPLES)(cli_grading.grade)
app.command(epilog=cli_grading.COMPARE_EXAMPLES)(cli_grading.compare)
app.command(epilog=cli_grading.GATE_EXAMPLES)(cli_grading.gate)
app.command(epilog=cli_cost.COST_EXAMPLES)(cli_cost.cost)
app.command(epilog=cli_lab.TRAIN_EXAMPLES)(cli_lab.train)
app.command(epilog=cli_app.UI_EXAMPLES)(cli_app.ui)


def _sentence(error: OSError) -> str:
    reason = {
        errno.ENOSPC: "the disk is full. Make room",
        errno.EROFS: "the file system is read-only. Choose another --out",
        errno.EACCES: "writing or reading is not permitted. Choose another --out or change the permissions",
    }.get(error.errno or 0, f"{error.strerror or error}. Choose another place")
    return f"{error.filename or 'the run folder'}: {reason}, then run the same command again."


def main() -> None:
    """Entry point: errors meant for people become one sentence and an exit code."""
    error_console = Console(stderr=True)
    try:
        app()
    except TriviumError as error:
        error_console.print(f"trivium: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except OSError as error:
        error_console.print(f"trivium: {_sentence(error)}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            error_console.print("Stopped. What was done is kept; the same command goes on from here.")
        raise
