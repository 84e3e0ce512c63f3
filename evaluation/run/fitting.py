"""Settings that nobody set and that follow from the model: filled in when it is loaded, kept in the record, told."""

from data.findings import counted
from evaluation.run.registry import spec_of
from evaluation.run.settings import RunSettings
from model.language_model import LanguageModel, MemoryBound, Weights, offers
from model.registry import SERVED, kind_of

LARGE_FROM = 10**9  # weights; a larger model reads more than 256 tokens well (docs/retrieval.md)
_OF_LARGE = {"chunk_tokens": 200, "top_k": 5}


def fitted(settings: RunSettings, model: LanguageModel) -> RunSettings:
    """The settings with nothing left to the model. Fitted ones stay as they are, whatever memory is free now."""
    weights = offers(model, Weights)
    found = of_size(settings, weights.parameters if weights else None)
    if "inject_tokens" not in settings.left_to_the_model():
        return found
    return found.model_copy(update={"inject_tokens": _injectable(settings, model)})


def of_size(settings: RunSettings, weights: int | None) -> RunSettings:
    """With what follows from the size of the model alone.

    Args:
        weights: how many the model has; None where that is not known.
    """
    left, size = set(settings.left_to_the_model()), _by_size(settings, weights)
    found = {key: value for key, value in size.items() if key in left}
    training = settings.training.for_model(weights) if weights else settings.training
    return RunSettings.model_validate({**settings.model_dump(), **found, "training": training.model_dump()})


def _by_size(settings: RunSettings, weights: int | None) -> dict[str, int]:
    """What a model behind a server is is not known, but nobody serves small ones to be compared."""
    large = weights >= LARGE_FROM if weights else kind_of(settings.model) in SERVED
    own = {key: getattr(settings, key) for key in _OF_LARGE}
    return own | _OF_LARGE if large else own


def _injectable(settings: RunSettings, model: LanguageModel) -> int | None:
    """Tokens of documents that memory holds at once; None where the window holds no more."""
    bound = offers(model, MemoryBound)
    if bound is None or not any(spec_of(name).context == "all" for name in settings.methods):
        return None
    fits = bound.tokens_in_memory(settings.sampling.max_new_tokens)
    return fits if fits < model.window else None


def told(before: RunSettings, after: RunSettings, model: LanguageModel) -> list[str]:
    """Sentences on what was filled in with something else than the default of the small embedded model."""
    sentences = []
    if (after.chunk_tokens, after.top_k) != (before.chunk_tokens, before.top_k):
        sentences.append(
            f"retrieval gives this model {counted(after.top_k, 'passage')} of up to {after.chunk_tokens} tokens, "
            "because of its size (--top-k, --chunk-tokens)"
        )
    if (rate := after.training.learning_rate) != before.training.learning_rate:
        again = ", with gradient checkpointing" if after.training.checkpointing else ""
        sentences.append(f"its adapter is trained with a learning rate of {rate:g}{again}, because of its size "
                         "(--learning-rate, --gradient-checkpointing)")  # fmt: skip
    if after.inject_tokens and not before.inject_tokens:
        sentences.append(
            f"memory holds {after.inject_tokens:,} of the {model.window:,} tokens of its window: inject gets no more "
            "of the documents (--inject-tokens)"
        )
    return sentences
