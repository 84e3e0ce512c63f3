"""A GGUF file becomes a folder of safetensors, through transformers; what it would leave out or change is refused."""

import contextlib
import io
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.files import write_json
from data.progress import Progress, silent
from model.gguf.header import Header, read_header
from model.gguf.pre_tokenizer import put_in_rule
from model.gguf.rope import FACTORS, scaling_of

HALF_FROM = 2_000_000_000  # weights; from here on they are kept in bfloat16, which is what a GPU computes in
_REMEDY = "Take another quantisation of the model, such as Q8_0 or Q4_K_M, or its folder with safetensors."
_LINK, _TOKENS, _TOKEN_SETTINGS = "model.gguf", "tokenizer.json", "tokenizer_config.json"
_STEP = re.compile(r"(\d+)/(\d+) \[")  # of a bar of tqdm


def number_type(header: Header) -> str:
    """Of the weights as they are kept."""
    return "bfloat16" if header.elements >= HALF_FROM else "float32"


def checked(path: Path) -> Header:
    """The header of a file that can become a model.

    Raises:
        TriviumError: it is no whole GGUF file, or something else than a language model that transformers knows.
    """
    header = read_header(path)
    if (kind := header.values.get("general.type", "model")) != "model":
        raise TriviumError(f"{path}: holds no whole model but a part of one ({kind}). Name the model's own file.")
    if (parts := int(header.values.get("split.count", 0))) > 1:
        raise TriviumError(
            f"{path}: one of {parts} parts. Join them first: llama-gguf-split --merge {path.name} whole.gguf"
        )
    size, end = path.stat().st_size, header.end()
    if size < end:
        raise TriviumError(f"{path}: {size:,} bytes of {end:,} are there. Download it again.")
    return header


def convert(path: Path, target: Path, progress: Progress = silent, cut_as_told: bool = True) -> None:
    """Read GGUF and write it as safetensors into an empty folder, with tokenizer and chat template.

    Args:
        cut_as_told: by the file's own rule, also where transformers does not know it.

    Raises:
        TriviumError: transformers cannot read the file, or would not read all of it.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    header = checked(path)
    _check_architecture(header)
    scaling, name = scaling_of(header), f"reading {path.name}, once"
    progress(name)
    try:
        with _alone(path) as folder, _steps_told(name, progress):
            network, report = AutoModelForCausalLM.from_pretrained(
                folder, gguf_file=_LINK, dtype=getattr(torch, number_type(header)), output_loading_info=True
            )
            tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=_LINK)
    except Exception as error:  # files of others make the libraries fail in any way
        reason = (str(error).strip() or type(error).__name__).partition("\n")[0][:200].rstrip(".")
        raise TriviumError(f"{path}: transformers cannot read it ({reason}). {_REMEDY}") from error
    _check_whole(header, network, report)
    _clear_quantisation_mark(network)
    if scaling:
        network.config.rope_parameters = {**network.config.rope_parameters, **scaling}
    _name_all_ends(header, network)
    name = f"writing the weights of {path.name} to the cache"
    progress(name)
    with _steps_told(name, progress):
        network.save_pretrained(target)
    tokenizer.save_pretrained(target)
    _drop_foreign_tokens(header, target)
    if cut_as_told:
        put_in_rule(header, target / _TOKENS, target / _TOKEN_SETTINGS)


def read_network(path: Path) -> Any:
    """The network of a GGUF file in float32, as transformers reads it."""
    import torch
    from transformers import AutoModelForCausalLM

    with _alone(path) as folder, _steps_told("", silent):
        return AutoModelForCausalLM.from_pretrained(folder, gguf_file=_LINK, dtype=torch.float32)


def _check_architecture(header: Header) -> None:
    from transformers.integrations.gguf import GGUF_CONFIG_ARCHS
    from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES

    known = {name.replace("_", "").replace("-", "") for name in (*GGUF_SUPPORTED_ARCHITECTURES, *GGUF_CONFIG_ARCHS)}
    if header.architecture.replace("_", "").replace("-", "") not in known:
        raise TriviumError(
            f"{header.path}: the architecture '{header.architecture}' is not read from GGUF; use the model's folder "
            "with safetensors, or a server that runs the file."
        )


def _check_whole(header: Header, network: Any, report: dict[str, Any]) -> None:
    """Every weight of the network from the file, and every weight of the file in the network."""
    if missing := sorted(map(str, report.get("missing_keys") or ())):
        raise TriviumError(f"{header.path}: {len(missing)} weights are missing, the first: {missing[0]}. {_REMEDY}")
    stored = header.elements - sum(tensor.elements for tensor in header.tensors if tensor.name == FACTORS)
    taken = sum(tensor.numel() for tensor in network.parameters())
    if stored != taken:
        raise TriviumError(
            f"{header.path}: it holds {stored:,} numbers and the network that transformers builds from it {taken:,}, "
            "so it would be another model. Use the model's folder with safetensors."
        )


def _clear_quantisation_mark(network: Any) -> None:
    # What was read is in plain numbers, but its mark would make save_pretrained and peft treat it as quantised.
    for holder, attribute in ((network.config, "quantization_config"), (network, "is_quantized"),
                              (network, "hf_quantizer")):  # fmt: skip
        if hasattr(holder, attribute):
            delattr(holder, attribute) if attribute in vars(holder) else setattr(holder, attribute, None)


def _name_all_ends(header: Header, network: Any) -> None:
    """The end of a turn is a token of its own in some files, beside the end of a text."""
    ids = [header.values.get(f"tokenizer.ggml.{key}_token_id") for key in ("eos", "eot", "eom")]
    ends = sorted({token for token in ids if isinstance(token, int)})
    if len(ends) > 1:
        network.generation_config.eos_token_id = ends


def _drop_foreign_tokens(header: Header, folder: Path) -> None:
    """Take out tokens that the library's class adds to every vocabulary: the file's weights have no place for them."""
    words = header.values.get("tokenizer.ggml.tokens", 0)
    content, settings = (json.loads((folder / name).read_bytes()) for name in (_TOKENS, _TOKEN_SETTINGS))
    kept = [token for token in content["added_tokens"] if token["id"] < words]
    foreign = {token["content"] for token in content["added_tokens"]} - {token["content"] for token in kept}
    if foreign:
        settings.pop("added_tokens_decoder", None)
        own = {key: value for key, value in settings.items() if not (isinstance(value, str) and value in foreign)}
        write_json(folder / _TOKENS, content | {"added_tokens": kept})
        write_json(folder / _TOKEN_SETTINGS, own)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[Path]:
    """A folder with nothing but the file, under a name that transformers takes for GGUF.

    Beside the file may lie a tokenizer of another model, which the library would prefer; and Ollama's names end in
    nothing.
    """
    with tempfile.TemporaryDirectory(prefix="trivium-gguf-") as folder:
        link = Path(folder) / _LINK
        try:
            link.symlink_to(path.resolve())
        except OSError:  # Windows permits it to few
            os.link(path.resolve(), link)
        yield Path(folder)


@contextlib.contextmanager
def _steps_told(name: str, progress: Progress) -> Iterator[None]:
    """The library's own bars, which would tear the display, as progress."""

    class Bars(io.StringIO):
        def write(self, text: str) -> int:
            for done, total in _STEP.findall(text):
                progress(name, int(done), int(total))
            return len(text)

    with contextlib.redirect_stderr(Bars()):
        yield
