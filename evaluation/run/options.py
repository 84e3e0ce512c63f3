"""The options of a run, grouped by purpose. Each is a field of RunSettings, which alone has its default."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined

from data.errors import TriviumError
from evaluation.run.settings import BY_MODEL, TRAINING_BY_MODEL, ProfileName, RunSettings
from rag.vectors import INDEX_NAMES

ASKED, METHODS, OWN, MODEL = "What is asked", "Methods", "Your own systems", "Model"
SERVER, RETRIEVAL, TRAINING, COST, OUTPUT = "Model behind a server", "Retrieval", "Training", "Cost", "Output"
ALL_BY_MODEL = (*BY_MODEL, *(f"training.{key}" for key in TRAINING_BY_MODEL))
IndexChoice = StrEnum("IndexChoice", {name: name for name in INDEX_NAMES})  # type: ignore[misc] # from the table


@dataclass(frozen=True)
class RunOption:
    """An option: its name, the field that it sets ("training.epochs" lies inside another), and what help says of it."""

    name: str
    field: str
    kind: Any
    panel: str
    help: str
    least: float | None = None
    most: float | None = None

    @property
    def default(self) -> Any:
        """The field's own default; None where what nobody sets follows from the model."""
        if self.field in ALL_BY_MODEL:
            return None
        model: type[BaseModel] = RunSettings
        *outer, last = self.field.split(".")
        for name in outer:
            model = type(model.model_fields[name].default)
        value = model.model_fields[last].get_default(call_default_factory=True)
        if value is PydanticUndefined:
            raise ValueError(f"{self.field} has no default")
        return ",".join(value) if isinstance(value, tuple) else value


OPTIONS = (
    RunOption("profile", "profile", ProfileName, ASKED,
              "smoke: a sample, minutes. standard: every fact once. full: every question, three trainings."),
    RunOption("seed", "seed", int, ASKED, "Seed for sampling, document order and training."),
    RunOption("until_decided", "until_decided", bool, ASKED,
              "Ask in random order, all methods in turns, and end when one is ahead of all others, or when no "
              "difference that matters can be left (docs/statistics.md)."),
    RunOption("smallest", "smallest", float, ASKED, "With --until-decided: least difference that matters, points.", 0.1,
              100),
    RunOption("allow_leaks", "allow_leaks", bool, ASKED, "Run although training has seen test questions."),
    RunOption("methods", "methods", str, METHODS, "Methods to compare, comma-separated."),
    RunOption("contestant_timeout", "contestant_timeout", float, OWN, "Seconds that one of its answers may take.", 0.1),
    RunOption("contestants_at_once", "contestants_at_once", int, OWN, "Questions it is asked at the same time.", 1, 64),
    RunOption("skip_unanswered", "skip_unanswered", bool, OWN, "Go on where it gives no answer, and say so."),
    RunOption("model", "model", str, MODEL,
              "Embedded name, hub id, folder, GGUF file, Ollama's name, openai:NAME (see below), or scripted:FILE."),
    RunOption("load_in", "load_in", Literal["4bit", "8bit"] | None, MODEL,
              "Round weights when they are read, for less memory; needs the extra `quantised` [default: whole]."),
    RunOption("max_new_tokens", "sampling.max_new_tokens", int, MODEL, "Maximum length of an answer, in tokens.", 1),
    RunOption("answer_words", "answer_words", int | None, MODEL,
              "Ask for full answers of at most so many words [default: short ones].", 1),
    RunOption("refuse_above", "sampling.refuse_above", float | None, MODEL,
              "Answer 'unknown' exactly when its probability is above this [default: as the reader was made; none "
              "without a reader].", 0, 1),
    RunOption("batch_size", "batch_size", int, MODEL, "Prompts answered together, if memory allows.", 1),
    RunOption("base_url", "base_url", str | None, SERVER,
              "Address of the server, ending in /v1 [default: TRIVIUM_BASE_URL, OPENAI_BASE_URL, or OpenAI's]. The key "
              "comes from TRIVIUM_API_KEY or OPENAI_API_KEY."),
    RunOption("window", "window", int | None, SERVER,
              "Tokens of prompt and answer together [default: as the server says].", 64),
    RunOption("train_with", "train_with", str | None, SERVER,
              "Weights of the served model, by hub id or folder: lora is trained on them here and loaded there; or "
              "hosted: a fine-tuning job of the provider, which costs money."),
    RunOption("concurrency", "concurrency", int, SERVER, "Requests under way at the same time.", 1),
    RunOption("time_limit", "time_limit", float, SERVER, "Seconds for one answer; then it is asked again.", 0.1),
    RunOption("embedder", "embedder", str, RETRIEVAL, "Embedding model."),
    RunOption("top_k", "top_k", int | None, RETRIEVAL,
              "Passages put into a prompt [default: 2; from a billion weights on, 5].", 1),
    RunOption("chunk_tokens", "chunk_tokens", int | None, RETRIEVAL,
              "Maximum length of a passage, in tokens [default: 128; from a billion weights on, 200].", 16),
    RunOption("inject_tokens", "inject_tokens", int | None, RETRIEVAL,
              "Tokens of documents that inject puts into its prompt [default: what window and memory hold].", 1),
    RunOption("search_by", "search_by", Literal["meaning", "words", "both"], RETRIEVAL,
              "By meaning (embeddings), by words (BM25), or both, fused by rank."),
    RunOption("index", "index", IndexChoice, RETRIEVAL,
              "Over the embeddings; auto: exact up to 50,000 passages, then a graph (hnsw). qdrant: a Qdrant server at "
              "TRIVIUM_QDRANT_URL searches, with the key in TRIVIUM_QDRANT_KEY (docs/scale.md)."),
    RunOption("epochs", "training.epochs", int | None, TRAINING,
              "Passes over the training examples [default: by their number].", 1),
    RunOption("learning_rate", "training.learning_rate", float | None, TRAINING,
              "Peak learning rate [default: by the size of the model; 0.002 at 135M, 0.0002 at 7B].", 1e-7),
    RunOption("rank", "training.rank", int, TRAINING, "Rank of the adapter's matrices.", 1),
    RunOption("alpha", "training.alpha", int | None, TRAINING,
              "Scale of the adapter [default: twice the rank; eight times with --spare].", 1),
    RunOption("train_batch_size", "training.batch_size", int, TRAINING, "Examples a training step.", 1),
    RunOption("train_processes", "training.processes", int, TRAINING,
              "Processes on this machine that share each training step, each with a GPU of its own or with as many "
              "threads as this one (docs/scale.md).", 1, 64),
    RunOption("gradient_checkpointing", "training.checkpointing", bool | None, TRAINING,
              "Compute activations twice instead of keeping them [default: from a billion weights on]."),
    RunOption("seeds", "training_seeds", int | None, TRAINING,
              "Trainings with different seeds; their spread is reported [default: 1; profile full: 3].", 1),
    RunOption("merge_adapter", "merge_adapter", bool, TRAINING,
              "Add the adapter to the weights while it answers (float32 only)."),
    RunOption("prefix_tokens", "prefix_tokens", int, TRAINING, "Virtual tokens of a trained prefix.", 2),
    RunOption("train_on", "train_on", Literal["pairs", "documents", "both"] | None, TRAINING,
              "The domain's training questions, questions that a writer asks about every passage, or both [default: "
              "pairs; documents if the domain has none]."),
    RunOption("distillation", "training.distillation", float | None, TRAINING,
              "Share of the training loss that goes by what the model says with the passage before it [default: 1 for "
              "prefix, else 0].", 0, 1),
    RunOption("study_passages", "study_passages", int, TRAINING, "Passages that the writer asks about, at most.", 1),
    RunOption("writer", "writer", str, TRAINING,
              "Model that asks about the passages [default: the one that is compared]."),
    RunOption("general", "general", int | None, TRAINING,
              "Questions of general knowledge asked before and after training, to see what it broke [default: all of "
              "them; none in the profile smoke].", 0),
    RunOption("reading", "training.reading", int, TRAINING,
              "How often each passage is also read in training, so that the adapter does not unlearn it.", 0),
    RunOption("rehearsal", "training.rehearsal", float | None, TRAINING,
              "General questions in every training step, answered as the untrained model does, so that less of what it "
              "knew is lost: as a share of the step's examples [default: 0.25 for models of 20 to 300 million "
              "weights]; 0 switches it off.", 0, 8),
    RunOption("spare", "training.spare", float | None, TRAINING,
              "How much of what general questions put into each layer the adapter is kept out of, so that less of what "
              "the model knew is lost [default: 0.98 for models of 20 to 300 million weights]; 0 switches it off.",
              0, 0.999),
    RunOption("reversed_training", "reversed_training", bool, TRAINING,
              "Train on questions asked in reverse too, if the domain has any."),
    RunOption("usd_per_hour", "usd_per_hour", float, COST, "Assumed price of this machine, in dollars an hour.", 0),
    RunOption("queries_per_month", "demand.queries_per_month", float, COST, "Questions a month that you expect.", 1),
    RunOption("updates_per_month", "demand.updates_per_month", float, COST, "Documents that change in a month.", 0),
    RunOption("months", "demand.months", int, COST, "Months over which costs are added up.", 1, 36),
    RunOption("wrong_answer", "demand.wrong_answer", float, COST,
              "What a wrong answer costs you; with a price for errors, expected loss decides what is recommended.", 0),
    RunOption("no_answer", "demand.no_answer", float, COST,
              "What an 'unknown' costs you where there is an answer.", 0),
)  # fmt: skip


def as_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of options, by their names, in the form of RunSettings; what nobody set is not there."""
    chosen: dict[str, Any] = {}
    for option in OPTIONS:
        *outer, last = option.field.split(".")
        place = chosen
        for name in outer:
            place = place.setdefault(name, {})
        if (value := values[option.name]) is not None:
            place[last] = value
    return chosen


def settings_from(chosen: Mapping[str, Any]) -> RunSettings:
    """The settings of a run. Raises TriviumError that names the option whose value is none that it can have."""
    try:
        return RunSettings.model_validate(chosen)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        option = next((option.name for option in OPTIONS if option.field == field), field).replace("_", "-")
        message = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise TriviumError(f"--{option} {first['input']}: {message[:1].lower()}{message[1:]}.") from error
