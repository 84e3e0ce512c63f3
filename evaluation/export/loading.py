"""The model and the embedder of kept methods, taken only where they are those that the run was made with."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from data.errors import TriviumError
from data.progress import Progress
from evaluation.export.record import EmbedderRecord, MethodRecord, ModelRecord
from model.files import file_digests
from model.language_model import LanguageModel
from model.options import ModelOptions
from model.registry import digests_of, load_model
from rag.embed import SentenceEmbedder

# What must be equal of a loaded model: where it computes and what it is called here may differ.
_EQUAL = {"weights": "its weights", "tokenizer": "its tokenizer", "template": "its chat template",
          "answers_sha256": "its answers"}  # fmt: skip


def load_model_of(
    record: MethodRecord, name: str, device: str, base_url: str | None, progress: Progress
) -> LanguageModel:
    """The model under the name that it has on this machine.

    Raises:
        TriviumError: it cannot be loaded, or is another one than the run's; says what differs.
    """
    _refuse_others("model", name, record.model.files, digests_of(name))
    settings = record.settings
    options = ModelOptions(
        device, base_url, settings["load_in"], settings["window"], settings["concurrency"], settings["time_limit"],
        progress=progress,
    )  # fmt: skip
    model = load_model(name, options)
    model.go_on_as(record.model.identity)
    _refuse_another(record.model, model)
    return model


def _refuse_another(known: ModelRecord, model: LanguageModel) -> None:
    now = model.identity()
    other = [
        told for key, told in _EQUAL.items()
        if key in known.identity and key in now and known.identity[key] != now[key]
    ]  # fmt: skip
    if other:
        raise _other("model", model.name, other)


def embedder_of(record: EmbedderRecord | None, name: str, device: str) -> Callable[[], SentenceEmbedder]:
    """Loads the embedding model when it is first called.

    Raises:
        TriviumError: when it is called: it cannot be loaded, or is another one than the run's.
    """

    @cache
    def load() -> SentenceEmbedder:
        files = record.files if record else {}
        _refuse_others("embedding model", name, files, file_digests(name))
        return SentenceEmbedder(name, device)

    return load


def _refuse_others(what: str, name: str, known: Mapping[str, str], now: Mapping[str, Any]) -> None:
    """Files whose digests are known on both sides must be equal."""
    if other := [part for part, digest in known.items() if part in now and now[part] != digest]:
        raise _other(what, name, other)


def _other(what: str, name: str, other: list[str]) -> TriviumError:
    return TriviumError(
        f"the {what} {name} is another one than that of the run ({', '.join(other)}), and would answer otherwise. Give "
        f"the one that the run was made with."
    )
