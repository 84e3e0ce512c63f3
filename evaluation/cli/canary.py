"""`trivium canary plant` and `check`: invented sentences in copies of documents, and what a system knows of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.errors import CheckFailed, TriviumError
from evaluation.canary.manifest import Given
from evaluation.cli.terminal import console, echo, list_some, say
from evaluation.printable import PrintableConsole

if TYPE_CHECKING:
    from evaluation.canary.check import Check
    from evaluation.canary.manifest import Manifest
    from evaluation.canary.plant import Planted

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Plant invented sentences in copies of your documents, and ask any system for them.",
)
PLANT_EXAMPLES = (
    "\b\nExamples:\n  trivium canary plant ~/handbooks canaries\n"
    "  trivium canary plant my-domain canaries --canaries 200 --seed 1"
)
CHECK_EXAMPLES = (
    "\b\nExamples:\n  trivium canary check canaries --method mine=http://localhost:8000/ask\n"
    "  trivium canary check canaries --method mine=python:my_rag:answer --given after\n"
    "  trivium canary check canaries --method other=http://localhost:9000/ask --given never\n"
    "  trivium run canaries --methods base,rag --out runs/canaries && trivium canary check canaries --run runs/canaries"
)


@app.command(epilog=PLANT_EXAMPLES)
def plant(
    documents: Annotated[Path, typer.Argument(help="Folder with your documents, or a domain. It is only read.")],
    out: Annotated[Path, typer.Argument(help="New folder for the copies, the questions and the manifest.")],
    canaries: Annotated[int, typer.Option(min=1, max=5000, help="Invented sentences.")] = 40,
    per_document: Annotated[int, typer.Option(min=1, help="Of these in one document, as far as it has room.")] = 5,
    changed: Annotated[float, typer.Option(min=0, max=1, help="Share of them that is another one in OUT/after.")] = 0.3,
    seed: Annotated[int, typer.Option(help="Seed for documents, places, names and values.")] = 0,
    language: Annotated[str, typer.Option(help="ISO 639-1 [default: that of the documents].")] = "",
) -> None:
    """Put invented sentences into copies of your documents.

    OUT/documents is what you give to a system first, OUT/after what you give to it in their place later, and OUT as a
    whole a domain that `trivium run` takes. Nobody can know the sentences, so nothing has to be labelled.
    """
    from evaluation.canary.plant import plant as planted_in
    from evaluation.cli.display import Display

    with Display(console) as display:
        done = planted_in(documents, out, canaries, per_document, changed, seed, language, display)
    _tell(done, out)


def _tell(done: "Planted", out: Path) -> None:
    from data.findings import counted

    made = done.manifest
    later = sum(bool(canary.changed) for canary in made.canaries)
    documents = counted(done.documents, "document")
    many = "canary" if len(made.canaries) == 1 else "canaries"
    say(f"{len(made.canaries)} {many} in {len(made.documents)} of {documents}; {later} change later.")
    if done.as_text:
        kinds = ", ".join(f"{ending} {count}" for ending, count in sorted(done.as_text.items()))
        say(f"Copied as text, because nothing is put into their own form: {kinds}.")
    if done.in_english:
        say(f"The sentences are English: there are none in the language of these documents ('{made.language}').")
    list_some("Skipped", [f"{name}: {reason}" for name, reason in done.skipped.items()])
    say(f"1. Give {out / 'documents'} to your system, then: trivium canary check {out} --method mine=http://…")
    say(
        f"2. Give {out / 'after'} in their place, then: trivium canary check {out} --method mine=http://… --given after"
    )
    say(f"Keep everything else in {out} from it: that is where the answers are.")


@app.command(epilog=CHECK_EXAMPLES)
def check(
    out: Annotated[Path, typer.Argument(help="Folder that `trivium canary plant` wrote.")],
    method: Annotated[
        list[str] | None,
        typer.Option(help="Whom to ask: NAME=http://…, NAME=python:module:function or NAME=answers.jsonl; repeatable."),
    ] = None,
    run: Annotated[Path | None, typer.Option(help="Or a finished run over OUT: every method of it.")] = None,
    given: Annotated[
        Given,
        typer.Option(
            help="What it has now. before: OUT/documents. after: OUT/after. no-more: neither any longer. never: "
            "neither at any time."
        ),
    ] = "before",
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = 60.0,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Questions asked at the same time.")] = 4,
    skip_unanswered: Annotated[bool, typer.Option(help="Leave out what it does not answer, and say so.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask a system for the canaries: what it found or learned, lost, cut off, answers as it was, or was never to know.

    Exit code 1 when there is a fault.
    """
    import json

    from evaluation.canary.manifest import read_manifest
    from evaluation.canary.say import describe

    if bool(method) == bool(run):
        raise TriviumError("name whom to ask: --method NAME=ADDRESS, or --run with a finished run over the canaries.")
    manifest = read_manifest(out)
    with_run = _of_run(run, manifest) if run else []
    checks = with_run or _of_systems(out, manifest, method or [], given, (timeout, at_once), skip_unanswered)
    if as_json:
        echo(json.dumps([one.model_dump(mode="json") for one in checks], indent=1))
    else:
        for one in checks:
            for place, line in enumerate(describe(one, manifest)):
                say(line if not place else f"  {line}")
    if faulty := [f"{one.system} {', '.join(one.faults)}" for one in checks if one.faults]:
        raise CheckFailed(f"{out}: {'; '.join(faulty)}.")


def _of_systems(
    out: Path, manifest: "Manifest", methods: list[str], given: Given, limits: tuple[float, int], skip: bool
) -> "list[Check]":
    from evaluation.canary.ask import ask_system
    from evaluation.canary.check import judge
    from evaluation.cli.display import Display
    from evaluation.contest.address import contestants_of
    from evaluation.contest.system import Limits

    found = []
    with Display(PrintableConsole(stderr=True)) as display:
        for name, address in contestants_of(methods).items():
            display.scope = name
            heard = ask_system(out, manifest, name, address, given, Limits(*limits), skip, display)
            found.append(judge(manifest, name, given, heard))
    return found


def _of_run(run: Path, manifest: "Manifest") -> "list[Check]":
    from evaluation.canary.ask import of_run
    from evaluation.canary.check import judge
    from evaluation.run.folder import RunFolder

    return [judge(manifest, method, given, heard) for method, given, heard in of_run(RunFolder(run), manifest)]
