"""Every kind of model, by the prefix of its name. One row and one file add another kind."""

from collections.abc import Callable
from importlib import import_module

from model.language_model import LanguageModel

# Prefix of the name -> what makes the model, imported when it is first used.
# It is called with the name (without the prefix) and the device that was asked for, if any.
MODELS = {
    "": "model.local:LocalModel",  # weights on this machine: an embedded name, a hub id, a folder
    "scripted": "model.scripted:read_scripted",  # scripted:answers.jsonl
}


def kind_of(name: str) -> str:
    """The kind that a name asks for; empty for weights on this machine."""
    prefix, colon, _ = name.partition(":")
    return prefix if colon and prefix in MODELS else ""


def load_model(name: str, device: str | None = None) -> LanguageModel:
    """The model of that name.

    Raises:
        TriviumError: no such model, or it cannot be loaded.
    """
    kind = kind_of(name)
    module, _, function = MODELS[kind].partition(":")
    make: Callable[[str, str | None], LanguageModel] = getattr(import_module(module), function)
    return make(name[len(kind) + 1 :] if kind else name, device)
