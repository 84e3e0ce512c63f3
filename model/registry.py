"""Every kind of model, by the prefix of its name. One row and one file add another kind."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from data.errors import TriviumError
from model.language_model import LanguageModel
from model.options import DEFAULTS, ModelOptions

# Prefix of the name -> what makes the model, imported when it is first used.
# It is called with the name (without the prefix) and the ModelOptions.
MODELS = {
    "": "model.registry:open_local",  # weights on this machine: an embedded name, a hub id, a folder, a GGUF file
    "openai": "model.endpoint.opening:open_endpoint",  # openai:NAME, behind a server at --base-url
    "scripted": "model.scripted:read_scripted",  # scripted:answers.jsonl
}
SERVED = frozenset({"openai"})  # kinds that are reached by --base-url
# The same prefix -> digests of the files that the name stands for, found without loading them.
FILES = {"": "model.files:file_digests", "scripted": "model.files:scripted_digests"}  # none: it lies elsewhere


def kind_of(name: str) -> str:
    """The kind that a name asks for; empty for weights on this machine."""
    prefix, colon, _ = name.partition(":")
    return prefix if colon and prefix in MODELS else ""


def load_model(name: str, options: ModelOptions = DEFAULTS) -> LanguageModel:
    """The model of that name.

    Raises:
        TriviumError: no such model, or it cannot be loaded.
    """
    kind, own = _parted(name)
    if kind not in SERVED and (asked := (options.base_url and "--base-url") or (options.train_with and "--train-with")):
        raise TriviumError(f"{asked}: the model '{name}' is not behind a server.")
    if options.load_in and kind:
        raise TriviumError(f"--load-in: the weights of '{name}' are not read by Trivium, so they cannot be rounded.")
    make: Callable[[str, ModelOptions], LanguageModel] = _imported(MODELS[kind])
    return make(own, options)


def address_of(name: str, given: str | None) -> str | None:
    """The address of a model's server, as a run writes it down; what is given where the model is behind none.

    Raises:
        TriviumError: it is no address, or holds a key.
    """
    if kind_of(name) not in SERVED:
        return given
    from model.endpoint.address import base_url

    return base_url(given)


def open_local(name: str, options: ModelOptions) -> LanguageModel:
    """A model whose weights lie on this machine."""
    from model.local import LocalModel

    return LocalModel(name, options.device, options.progress, options.load_in)


def digests_of(name: str) -> dict[str, str]:
    """Digests of the parts of a model by their names, without loading it; empty where they cannot be known."""
    kind, own = _parted(name)
    if kind not in FILES:
        return {}
    digests: Callable[[str], dict[str, str]] = _imported(FILES[kind])
    return digests(own)


def _parted(name: str) -> tuple[str, str]:
    kind = kind_of(name)
    return kind, name[len(kind) + 1 :] if kind else name


def _imported(place: str) -> Any:
    module, _, function = place.partition(":")
    return getattr(import_module(module), function)
