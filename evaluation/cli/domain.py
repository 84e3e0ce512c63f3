"""The commands that make and judge a domain: import, init, review, check."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from data.errors import CheckFailed, TriviumError
from evaluation.cli.run_options import with_run_options
from evaluation.cli.terminal import BaseUrl, DomainFolder, ask_person, console, echo, list_some, say
from evaluation.printable import PrintableConsole
from evaluation.run.options import MODEL, OUTPUT, settings_from
from model.device import checked_device
from model.weights import DEFAULT_MODEL

IMPORT_EXAMPLES = (
    "\b\nExamples:\n  trivium import ~/handbooks my-domain\n  trivium import questions.csv my-domain\n"
    "  trivium import dev-v2.0.json squad"
)
INIT_EXAMPLES = (
    "\b\nExamples:\n  trivium init my-domain --documents ~/handbooks\n"
    "  trivium init my-domain --facts 300 --writer Qwen/Qwen2.5-1.5B-Instruct\n"
    "  trivium init my-domain --writer openai:qwen3 --base-url http://localhost:8000/v1"
)
REVIEW_EXAMPLES = (
    "\b\nExamples:\n  trivium review my-domain\n  trivium review my-domain --accept-all\n"
    "  trivium review runs/mine --sample 50\n  trivium review runs/mine --doubtful"
)
CHECK_EXAMPLES = (
    "\b\nExamples:\n  trivium check my-domain\n  trivium check my-domain --no-model\n"
    "  trivium check my-domain --json | jq .leaks\n"
    "  trivium check my-domain --model openai:qwen3 --base-url http://localhost:8000/v1"
)


def _import(source: Path, folder: Path) -> None:
    from data.findings import counted
    from data.import_source import import_source
    from evaluation.cli.display import Display

    with Display(console) as display:
        outcome = import_source(source, folder, display)
    documents, questions = counted(len(outcome.documents), "document"), counted(outcome.questions, "question")
    say(f"{folder}: {documents} and {questions} imported.")
    if outcome.known:
        say(f"Already there, so not added again: {counted(outcome.known, 'question')}.")
    list_some(
        f"Left out, {counted(len(outcome.left_out), 'row')}",
        [f"{row.place}: {row.sentence.removeprefix('left out: ')}" for row in outcome.left_out],
    )
    list_some("Skipped", [f"{name}: {reason}" for name, reason in outcome.skipped.items()])
    list_some("Notes", [str(note) for note in outcome.notes])


def import_(
    source: Annotated[Path, typer.Argument(help="A folder, or a file of questions or documents.")],
    domain: Annotated[Path, typer.Argument(help="Folder of the domain, created if it is missing.")],
) -> None:
    """Make a domain from what you have, or add to one.

    Documents: .md .txt .html .pdf .docx .odt .rtf .pptx .xlsx .epub .eml, tables, or documents.jsonl. Questions: .csv
    .tsv .jsonl .json with the columns of question sets and RAG evaluations, or SQuAD. What cannot be read is skipped
    and named.
    """
    _import(source, domain)
    has_documents = (domain / "documents").is_dir()
    has_questions = (domain / "questions.jsonl").exists()
    if not has_documents:
        say(f"There are no documents yet: trivium import FOLDER {domain}")
    elif not has_questions:
        say(f"There are no questions yet: trivium import FILE {domain}, or trivium init {domain} drafts some.")
    else:
        say(f"Next: trivium check {domain}")


def init(
    domain: Annotated[Path, typer.Argument(help="Folder of the domain, created if it is missing.")],
    documents: Annotated[Path | None, typer.Option(help="Import documents from here first.")] = None,
    facts: Annotated[int, typer.Option(min=1, help="Facts to draft questions for, at most.")] = 150,
    model: Annotated[str, typer.Option(help="The model that will be compared.")] = DEFAULT_MODEL,
    writer: Annotated[
        str, typer.Option(help="A stronger model that writes the questions, such as openai:NAME [default: --model].")
    ] = "",
    base_url: BaseUrl = None,
    embedder: Annotated[str, typer.Option(help="Embedding model that must find the evidence.")] = "all-minilm-l6-v2",
    seed: Annotated[int, typer.Option(help="Seed for the order in which sentences are drawn.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps (untested) [default: cuda if there is one].")] = "",
) -> None:
    """Draft questions from documents alone, for a person to review.

    A domain that has test questions keeps them; it gets training wordings instead, so that fine-tuning learns what the
    documents say and sees none of the questions.
    """
    from evaluation.cli.display import Display

    if documents:
        _import(documents, domain)
    if not (domain / "documents").is_dir():
        raise TriviumError(f"{domain}: there is no documents/ folder. Name your documents with --documents FOLDER.")
    with Display(console) as display:
        display("loading the libraries")
        from data.import_source import write_settings
        from data.settings import read_settings
        from evaluation.drafting.draft_domain import check_language, draft_domain
        from model.options import ModelOptions
        from model.registry import SERVED, kind_of, load_model
        from rag.embed import SentenceEmbedder

        check_language(read_settings(domain / "domain.toml").language)
        display("loading the models")
        place = checked_device(device)
        options = ModelOptions(place, progress=display)
        compared = load_model(model, options.at(base_url if kind_of(model) in SERVED else None))
        writer = writer or compared.plain_name or model  # a reader answers in a few words; it does not write questions
        other = options.at(base_url if kind_of(writer) in SERVED else None)
        author = load_model(writer, other) if writer != model else compared
        made = draft_domain(domain, author, compared, SentenceEmbedder(embedder, place), facts, seed, display)
        write_settings(domain)
    say(f"{made['documents']:,} documents: {made['proposed']:,} questions proposed, {made['kept']:,} kept.")
    list_some("Dropped, because the draft", [f"{reason}: {n}" for reason, n in made["dropped"].items()])
    say(
        f"Of the kept ones {model} answers {made['known']} without any document and {made['read']} with the sentence "
        "before it (a tag in each draft; nothing is filtered by it)."
    )
    say(f"Written: {made['file']}, {made['wordings']:,} wordings with their evidence.")
    review = made["file"].endswith("drafts.jsonl")
    say(f"Next: trivium {'review' if review else 'check'} {domain}")


def review(
    path: Annotated[Path, typer.Argument(help="Folder of a domain with drafts, or of a finished run.")],
    accept_all: Annotated[bool, typer.Option(help="Domain: accept all drafts unread; the report will say so.")] = False,
    sample: Annotated[int, typer.Option(min=1, help="Run: answers to label, drawn by chance.")] = 40,
    seed: Annotated[int, typer.Option(help="Run: seed for drawing the sample.")] = 0,
    doubtful: Annotated[bool, typer.Option(help="Run: label the answers that the grader is unsure of.")] = False,
) -> None:
    """Review what a machine made: drafted questions of a domain, or a sample of a run's answers.

    A run: you see the question, the accepted answers and one answer, but not its method or grade. The report then says
    how far the grader agrees with you, and your label replaces the grade of that answer.
    """
    if (path / "run.json").exists():
        from evaluation.cli.grading import review_run

        return review_run(path, sample, seed, doubtful)
    from evaluation.drafting.review import review_drafts

    accepted, rejected = review_drafts(path, ask_person, console, accept_all)
    say(f"{accepted} accepted, {rejected} rejected. Next: trivium check {path}")


@with_run_options
def check(
    domain: DomainFolder,
    chosen: dict[str, Any],
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Only what needs no model: data, leaks, balance.", rich_help_panel=OUTPUT)
    ] = False,
    device: Annotated[
        str,
        typer.Option(help="cpu, cuda or mps (untested) [default: cuda if there is one].", rich_help_panel=MODEL),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for other programs.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Check a domain before a run: errors, leaks, what each method could answer, what the model knows, time and cost.

    The options are those of `trivium run`, whose time and cost is predicted. Exit code 1 when there is an error or a
    leak.
    """
    from data.load import load_domain
    from evaluation.drafting.check_domain import check_domain, describe_check
    from evaluation.run.plan import make_plan
    from evaluation.run.registry import chosen_methods

    loaded = load_domain(domain)
    chosen |= {"methods": chosen_methods(chosen["methods"])}
    settings = settings_from(chosen | {"domain": domain})
    plan = make_plan(loaded, settings)
    found = check_domain(loaded, plan)
    if not no_model:
        from evaluation.cli.display import Display

        with Display(PrintableConsole(stderr=True) if as_json else console) as display:
            display("loading the model and the libraries")
            from evaluation.drafting.check_model import check_with_model

            settings = settings.model_copy(update={"device": checked_device(device)})
            found |= check_with_model(loaded, plan, settings, display)
    if as_json:
        echo(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        for line in describe_check(found):
            say(line)
    if found["leaks"] or found["problems"]:
        raise CheckFailed(f"{domain}: {len(found['leaks'])} leaks, {len(found['problems'])} errors.")
