"""`trivium train`: one training to be watched, on a domain or on sentences that a person wrote."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import console, say
from evaluation.run.registry import example_of
from model.device import checked_device
from model.weights import DEFAULT_MODEL

if TYPE_CHECKING:
    from data.schema import Domain

TRAIN_EXAMPLES = (
    "\b\nExamples:\n  trivium train five-sentences.txt --out runs/.lab/mine --watch\n"
    "  trivium train my-domain --out runs/.lab/domain --epochs 4\n"
    "  trivium train five-sentences.txt --out runs/.lab/prefix --prefix-tokens 64"
)


_PLAIN = {"reading": 0, "rehearsal": 0, "spare": 0}  # nothing that a beginner would have to wait for first


def train(
    source: Annotated[Path, typer.Argument(help="A domain folder, or a .txt file with one sentence a line.")],
    out: Annotated[Path, typer.Option(help="Folder for the adapter and the measurements.")] = Path("runs/.lab/mine"),
    model: Annotated[str, typer.Option(help="Embedded name, hub id, or local folder.")] = DEFAULT_MODEL,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the examples.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Peak learning rate [default: by the size of the model].")
    ] = None,
    prefix_tokens: Annotated[
        int | None, typer.Option(min=2, help="Train a prefix of so many virtual tokens, not an adapter.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed for the adapter's initial values and the order of examples.")] = 0,
    every: Annotated[int, typer.Option(min=1, help="Ask the model after this many steps.")] = 2,
    watch: Annotated[bool, typer.Option("--watch", help="Print the figures of every step.")] = False,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps (untested) [default: cuda if there is one].")] = "",
) -> None:
    """Train an adapter or a prefix and watch: loss, gradients by layer, and answers to new wordings meanwhile.

    The same command continues a training that was stopped. The base weights are frozen; the adapter lies beside
    them, a prefix stands before every prompt.
    """
    from pydantic import ValidationError

    from data.load import load_domain
    from data.lock import working_in
    from evaluation.cli.display import Display
    from evaluation.run.settings import RunSettings
    from finetune.settings import SENTENCE_EPOCHS, TrainingSettings

    if prefix_tokens and learning_rate is not None:
        raise TriviumError("a prefix has a learning rate of its own (docs/finetuning.md). Leave out --learning-rate.")
    folder = _sentences(source, out) if source.suffix == ".txt" else source
    domain = load_domain(folder)
    try:
        passes = epochs or (SENTENCE_EPOCHS if folder != source else None)
        asked = {"learning_rate": learning_rate} if learning_rate is not None else {}
        recipe = TrainingSettings.model_validate(asked | {"epochs": passes, **_PLAIN})
    except ValidationError as error:
        raise TriviumError(f"--learning-rate {learning_rate}: {error.errors()[0]['msg'].lower()}.") from error
    settings = RunSettings(
        domain=folder.resolve(), model=model, methods=_to_try(bool(prefix_tokens)), seed=seed,
        device=checked_device(device), training=recipe,
        **({"prefix_tokens": prefix_tokens} if prefix_tokens else {}),
    )  # fmt: skip
    with working_in(out, "train"), Display(console) as display:
        display("loading the libraries and the model")
        from evaluation.lab.training import Lab
        from evaluation.run.fitting import fitted
        from model.language_model import Trainable, need
        from model.registry import load_model

        trainable = need(load_model(model, settings.model_options.told(display)), Trainable, "a training")
        record = Lab(domain, fitted(settings, trainable), out, trainable, bool(prefix_tokens)).run(
            display, every, lambda line: display.note(_line(line)) if watch else None
        )
    _show(record, domain, out)


def _to_try(prefix: bool) -> tuple[str, ...]:
    """One method of each kind that the playground opens beside what was trained: bare, pasted, searched, trained."""
    return (
        example_of("none"),
        example_of("all"),
        example_of("search"),
        example_of("none", adapted=True, learns="prefix" if prefix else "lora"),
    )


def _sentences(path: Path, out: Path) -> Path:
    """The domain of a file of sentences, below `out`."""
    from data.files import read_text
    from data.sentences_domain import suggested, write_sentences

    try:
        lines = [line.strip() for line in read_text(path, 2**20).splitlines() if line.strip()]
    except ValueError as error:
        raise TriviumError(f"{path}: not UTF-8 text. Save the file as UTF-8.") from error
    folder = out / "domain"
    write_sentences([suggested(line) for line in lines], folder)
    return folder


def _line(line: dict[str, Any]) -> str:
    norms = line["gradient_by_layer"]
    text = f"step {line['step']}: gradient {norms[0]:.3g} in the first layer, {norms[-1]:.3g} in the last"
    if line.get("answers"):  # none where the domain has no test wording of what is trained
        first = line["answers"][0]
        text += f"; {line['right']} of {line['of']} new wordings right; {first['question']} {first['answer'] or '…'}"
    return text


def _show(record: dict[str, Any], domain: "Domain", out: Path) -> None:
    facts = record["facts"]["training"]
    rights = [sum(a["right"] for a in record[when]) for when in ("before", "after")]
    say(
        f"{domain.name}: {facts['changed']:,} numbers of the {record['kind']} trained in {facts['seconds']:.0f} s and "
        f"{facts['steps']} steps; {facts['frozen']:,} base weights frozen, "
        + ("unchanged bit for bit." if record["fingerprint_before"] == record["fingerprint_after"] else "CHANGED.")
    )
    say(f"New wordings answered: {rights[0]} of {len(record['before'])} before, {rights[1]} of {len(record['after'])}.")
    for before, after in zip(record["before"], record["after"], strict=True):
        say(f"  {after['question']}  before: {before['answer'] or '…'}  now: {after['answer'] or '…'}")
    say(f"Kept in {out}, {record['kind']} {record['adapter_sha256'][:16]}. trivium ui shows it on the page Lab.")
