"""The run's model with its weights in fewer bits, beside the one as it is.

A trained reader is added to whole weights, so a model that has one is compared without it.
"""

from dataclasses import replace

from data.errors import Incapable, TriviumError
from evaluation.drills.bench import Bench
from evaluation.run.registry import spec_of
from model.language_model import LanguageModel
from model.registry import SERVED, kind_of, load_model


class Rounded:
    """Loads it when it is first asked for; one kind at a time, since several may not fit memory."""

    def __init__(self) -> None:
        self._loaded: dict[str, LanguageModel] = {}

    def model(self, bench: Bench, bits: str = "") -> LanguageModel:
        """The model without its trained reader, if it has one, with its weights in "4bit" or "8bit", or as they are.

        Raises:
            Incapable: it cannot be loaded so here.
        """
        if bits not in self._loaded:
            self.forget()
            try:
                options = replace(bench.settings.model_options.told(bench.progress), load_in=bits or None)
                self._loaded[bits] = load_model(plain_name(bench), options)
            except TriviumError as error:
                raise Incapable(str(error)) from error
        return self._loaded[bits]

    def forget(self) -> None:
        self._loaded.clear()


def plain_name(bench: Bench) -> str:
    """What the weights that can be rounded are called."""
    return bench.model.plain_name or bench.settings.model


def why_not(bench: Bench, name: str) -> str:
    """Why a method cannot answer with rounded weights; empty where it can."""
    if kind_of(bench.settings.model) in SERVED:
        return "the weights are at a server"
    if spec_of(name).adapted:
        return "what was trained belongs to the weights as they are"
    return "the run's weights are in fewer bits already" if bench.settings.load_in else ""
