"""`trivium reader train` and `trivium reader measure`."""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import console, say, show_table
from evaluation.numbers import percent, share, signed_points, span
from model.device import checked_device
from model.weights import PLAIN_MODEL, READER_MODEL

if TYPE_CHECKING:
    from data.progress import Progress
    from data.question_set import Part
    from data.schema import Domain, Question
    from evaluation.cli.display import Display
    from evaluation.lab.reading import Condition
    from evaluation.table import Table
    from finetune.reader_examples import Mixture, Reading
    from model.language_model import Trainable
    from model.sampling import Sampling
    from rag.embed import Embedder

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Teach a base model to use what stands in its prompt."
)
_LOOKED_AT = 1 / 80  # of the tokens that are trained on, kept out to end training
SHARES: "dict[Part, float]" = {"test": 0.25, "dev": 0.08}  # of a set, never trained on

Sets = Annotated[list[Path], typer.Argument(help="Question sets with documents: whatever `trivium import` reads.")]
Seed = Annotated[int, typer.Option(help="Seed for sampling and training; the articles kept out stay the same.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps (untested) [default: cuda if there is one].")]


def _parts(source: Path, progress: "Progress") -> "tuple[Domain, dict[Part, list[Question]]]":
    """The same articles are kept out whatever the seed of a training, so that several can be compared."""
    from data.question_set import read_question_set, split_by_title

    progress(f"reading {source.name}")
    domain = read_question_set(source, progress)
    return domain, split_by_title(domain, SHARES, seed=0)


@app.command(epilog="\b\nExamples:\n  trivium reader train squad2 wiki2multihop popqa_1k tatqa_dev --out my-reader\n"
             "  trivium reader train squad2 wiki2multihop --unknown 1.5 --tokens 200000 --out refuses-more\n"
             "  trivium reader train my-domain --model Qwen/Qwen2.5-0.5B-Instruct --out qwen-reader\n"
             "  trivium run data/orrin_ferries --model my-reader")  # fmt: skip
def train(
    sets: Sets,
    out: Annotated[Path, typer.Option(help="Folder of the adapter; `--model FOLDER` uses it.")] = Path("reader"),
    model: Annotated[str, typer.Option(help="Base model: embedded name, hub id, or local folder.")] = PLAIN_MODEL,
    tokens: Annotated[
        int, typer.Option(min=1000, help="Training tokens over all sets: this decides how long it takes.")
    ] = 350_000,
    unknown: Annotated[
        float,
        typer.Option(min=0, help="Weight of an 'unknown' answer in the loss; more makes it refuse more."),
    ] = 0.75,
    refuse_above: Annotated[
        float,
        typer.Option(min=0, max=1, help="Kept with the reader; `trivium run --refuse-above` overrides it."),
    ] = 0.75,
    half_precision: Annotated[
        bool,
        typer.Option("--half-precision", help="Train with products in bfloat16: faster on CPUs that support it."),
    ] = False,
    seed: Seed = 0,
    device: Device = "",
) -> None:
    """Train an adapter that reads, on questions with passages that answer them and passages that do not.

    A third of each set, whole articles, is kept out: for the early stop, and for `trivium reader measure --kept-out`.
    The same command continues a training that was stopped.
    """
    from evaluation.cli.display import Display

    if out.exists() and any(out.iterdir()):
        raise TriviumError(f"{out}: the folder is not empty. Choose another --out.")
    with Display(console) as display:
        display("loading the model")
        from finetune.half_precision import has_bfloat16
        from finetune.reader import train_reader
        from finetune.reader_examples import Mixture
        from model.language_model import Trainable, need
        from model.options import ModelOptions
        from model.registry import load_model
        from rag.embed import SentenceEmbedder

        if half_precision and not has_bfloat16(checked_device(device)):
            raise TriviumError("--half-precision: only for a CPU with instructions for bfloat16.")
        base = need(
            load_model(model, ModelOptions(checked_device(device), progress=display)), Trainable, "training a reader"
        )
        embedder = SentenceEmbedder()
        if base.plain_name:
            raise TriviumError(f"--model {model}: it has a reader already; train on {base.plain_name}.")
        mixture = Mixture(unknown=unknown)
        loaded = [_parts(source, display) for source in sets]
        readings = _readings(loaded, "train", base, embedder, mixture, tokens, seed, display)
        kept_out = _readings(loaded, "dev", base, embedder, mixture, tokens * _LOOKED_AT, seed, display)
        bare = [question for _, parts in loaded for question in parts["train"] if question.answerable]
        wanted = round(mixture.closed * sum(len(reading.targets) for reading in readings))
        closed = random.Random(f"closed {seed}").sample(bare, min(len(bare), wanted))
        record = train_reader(base, readings, kept_out, closed, mixture, seed, out, display, half_precision,
                              refuse_above)  # fmt: skip
    console.print(
        f"{record['questions']} questions about {record['contexts']} contexts and {record['closed_book']} without, "
        f"{record['seconds'] / 60:.0f} minutes, {record['bytes'] / 1e6:.1f} MB. Loss on {record['kept_out_questions']} "
        f"questions kept out: {record['kept_out'][0]['loss']:.2f} at step {record['kept_out'][0]['step']}, "
        f"{min(point['loss'] for point in record['kept_out']):.2f} at best.", markup=False, highlight=False,
    )  # fmt: skip
    console.print(f"Use it: trivium run DOMAIN --model {out}", markup=False, highlight=False)


def _readings(
    loaded: "Sequence[tuple[Domain, dict[Part, list[Question]]]]", part: "Part", base: "Trainable",
    embedder: "Embedder", mixture: "Mixture", tokens: float, seed: int, display: "Display",
) -> "list[Reading]":  # fmt: skip
    """Readings of this part of all sets; each has its share of the tokens by its number of questions."""
    from finetune.reader_examples import ReadingMaker, limit_unanswerable, only_of, readings_of
    from rag.retrieve import Retrieval

    readings: list[Reading] = []
    with tempfile.TemporaryDirectory() as scratch:
        makers = []
        for domain, parts in loaded:
            display.scope = domain.name
            own = only_of(domain, parts[part])
            retrieval = Retrieval(embedder, Path(scratch) / domain.name)
            passages = retrieval.prepare(own, base, display).chunks
            makers.append(ReadingMaker(own, base, passages, retrieval.nearest, mixture))
        asked = [limit_unanswerable(maker.readable(parts[part]), mixture.unanswerable, f"{part} {seed}")
                 for maker, (_, parts) in zip(makers, loaded, strict=True)]  # fmt: skip
        total = sum(map(len, asked))
        for maker, questions in zip(makers, asked, strict=True):
            display.scope = maker.domain.name
            readings += readings_of(maker, questions, tokens * len(questions) / total, f"{part} {seed}")
    display.scope = ""
    return readings


@app.command(epilog="\b\nExamples:\n  trivium reader measure tofu --model smollm2-135m-q4 --model my-reader\n"
             "  trivium reader measure tofu --kept-out squad2 --model my-reader --out reading\n"
             "  trivium reader measure tofu --only gold --only unanswerable")  # fmt: skip
def measure(
    sets: Annotated[list[Path] | None, typer.Argument(help="Question sets that were not trained on.")] = None,
    kept_out: Annotated[
        list[Path] | None, typer.Option(help="A set that was trained on: only its kept-out articles are asked.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Repeat it to compare with the first [default: both embedded].")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Questions of each set and kind, drawn by seed.")] = 300,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="gold, among, unanswerable, missed, closed or guessed; repeat it for several [default: all]."
        ),
    ] = None,
    refuse_above: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="As in `trivium run`; the curve shows other thresholds.", show_default=False),
    ] = None,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option(help="Folder for reading.json and every answer.")] = Path("reading"),
    device: Device = "",
) -> None:
    """Measure how a model uses the right passage, one among five, passages that do not answer, and none."""
    from data.question_set import read_question_set
    from evaluation.cli.display import Display
    from evaluation.lab.reading import CONDITIONS
    from model.sampling import Sampling

    if not sets and not kept_out:
        raise TriviumError("name at least one question set.")
    if unknown := [name for name in only or () if name not in CONDITIONS]:
        raise TriviumError(f"--only {unknown[0]}: known are {', '.join(CONDITIONS)}.")
    conditions = [name for name in CONDITIONS if not only or name in only]
    with Display(console) as display:
        display("reading the question sets")
        loaded: list[tuple[Domain, Sequence[Question]]] = []
        for source in sets or ():
            domain = read_question_set(source, display)
            loaded.append((domain, domain.split("test")))
        for source in kept_out or ():
            domain, parts = _parts(source, display)
            loaded.append((domain, parts["test"]))
        names = model or [PLAIN_MODEL, READER_MODEL]
        sampling = Sampling(refuse_above=refuse_above)
        result = _measure_models(names, loaded, conditions, limit, seed, sampling, out, checked_device(device), display)
    _show(result)


def _measure_models(
    models: Sequence[str], loaded: "Sequence[tuple[Domain, Sequence[Question]]]", conditions: "Sequence[Condition]",
    limit: int, seed: int, sampling: "Sampling", out: Path, device: str, display: Any,
) -> dict[str, Any]:  # fmt: skip
    from data import jsonl
    from data.files import write_json
    from evaluation.grading.grader import Grader
    from evaluation.lab.reading import ReadingReply, ReadingSet, ask_all, difference, figures, refusal_curve
    from evaluation.run.run_record import fingerprint_of
    from model.language_model import Logits, need
    from model.options import ModelOptions
    from model.registry import load_model
    from rag.embed import SentenceEmbedder

    grader, embedder = Grader(), SentenceEmbedder()
    result: dict[str, Any] = {
        "seed": seed, "limit": limit, "sampling": sampling.model_dump(mode="json"), "models": {}
    }  # fmt: skip
    first: list[ReadingReply] = []
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in models:
            display.scope = name
            base, replies = (
                need(load_model(name, ModelOptions(device, progress=display)), Logits, "measuring a reader"),
                [],
            )
            for domain, questions in loaded:
                display.scope = f"{name}, {domain.name}"
                folder = Path(scratch) / domain.name
                made = ReadingSet(domain, questions, base, embedder, folder, limit, seed, display)
                replies += ask_all(base, list(made.asked(conditions)), grader, display, sampling)
            found: dict[str, Any] = {"fingerprint": fingerprint_of(base), "figures": figures(replies)}
            found["refusal_curve"] = refusal_curve(replies)
            if first:
                found["difference"] = difference(replies, first, seed)
            first = first or replies
            result["models"][name] = found
            jsonl.write(out / f"answers-{len(result['models'])}.jsonl", (reply.row() for reply in replies))
            write_json(out / "reading.json", result)
    return result


def _curve(points: Sequence[dict[str, float]]) -> "Table":
    """What each threshold of refusal does to the questions of each kind."""
    from evaluation.table import columns, make_table

    heads = {"threshold": "refused above", "answerable_refused": "answered by its passage: refused", "right": "right",
             "unanswerable_refused": "not answered by it: refused",
             "missed_refused": "not retrieved: refused"}  # fmt: skip
    shown = [name for name in heads if name in points[0]]
    rows = [[f"{point['threshold']:.2f}", *(percent(point[name]) for name in shown[1:])] for point in points]
    return make_table("At other thresholds of refusal", columns(*(heads[name] for name in shown)), rows)


def _figures(name: str, found: dict[str, Any]) -> "Table":
    """How often a model is right in each condition and set."""
    from evaluation.lab.reading import CONDITIONS
    from evaluation.table import columns, make_table

    rows = [
        [CONDITIONS[condition], which, share(cell["share"], cell["n"]), span(cell["ci_low"], cell["ci_high"]),
         percent(cell["abstained"]), f"{cell['words']:.1f}"]
        for condition, cells in found["figures"].items()
        for which, cell in cells.items()
    ]  # fmt: skip
    return make_table(name, columns("in the prompt", "set", "right", "95 % interval", "unknown", "words"), rows)


def _show(result: dict[str, Any]) -> None:
    """A table for each model, and what it would refuse at other thresholds."""
    from evaluation.lab.reading import CONDITIONS

    for name, found in result["models"].items():
        show_table(_figures(name, found))
        if curve := found["refusal_curve"]:
            show_table(_curve(curve))
        for condition, gain in found.get("difference", {}).items():
            say(
                f"{CONDITIONS[condition]}: {signed_points(gain['difference'])} points against the first model "
                f"({signed_points(gain['ci_low'])} to {signed_points(gain['ci_high'])})"
            )
