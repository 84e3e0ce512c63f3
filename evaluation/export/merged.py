"""The adapter added to the base weights: a model of its own, for programs that read no adapters."""

from pathlib import Path

from data.errors import Incapable
from data.progress import Progress
from evaluation.export.kept import KeptMethod
from evaluation.export.loading import load_model_of
from model.language_model import Trainable, need
from model.reader import Reader
from model.weights import gguf_source


def write_merged(kept: KeptMethod, folder: Path, gguf: Path | None, progress: Progress) -> None:
    """Weights, configuration and tokenizer as `save_pretrained` writes them (safetensors, float32).

    Args:
        gguf: where to write them as a GGUF file, too.

    Raises:
        Incapable: nothing was trained that is an adapter, the base weights are held in fewer bits, or a GGUF file is
            asked for and the base was none.
        TriviumError: the base model is not the run's.
    """
    record = kept.record
    if record.trained != "adapter" or kept.adapter is None:
        raise Incapable(f"--merged: {record.method} has no LoRA adapter that could be added to the weights.")
    if record.settings["load_in"]:
        raise Incapable(f"--merged: weights in {record.settings['load_in']} cannot take an adapter into themselves.")
    source = gguf_source(record.model.name) if gguf else None
    if gguf and source is None:
        raise Incapable(
            f"--gguf: n/a, because {record.model.name} was no GGUF file whose vocabulary and settings could be kept. "
            "Use --merged and llama.cpp's own convert_hf_to_gguf.py."
        )
    progress("loading the model")
    device = record.settings["device"]
    loaded = load_model_of(record, record.model.name, device, record.settings["base_url"], progress)
    model = need(loaded, Trainable, "--merged")
    progress("adding the adapter to the weights")
    network = model.network.float()  # in bfloat16 the sum would lose a part of it
    Reader(kept.adapter).add_to(network)
    network.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)  # type: ignore[attr-defined] # of every model with weights here
    if gguf and source:
        from model.gguf.write import write_weights

        progress("writing the GGUF file")
        write_weights(source, gguf, network)
