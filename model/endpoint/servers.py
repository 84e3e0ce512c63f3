"""What a server says of itself and of its models, and what each kind of server can do beside the protocol.

Kinds are told by `owned_by` in the list of models. Sources: vLLM's OpenAI-compatible server and its /tokenize and
/version; llama.cpp's server README (/tokenize, /props); llama-cpp-python's /extras; Ollama's OpenAI compatibility page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.errors import ServerFailure
from model.endpoint.address import Address
from model.endpoint.failures import failure

_GREEDY = {"chat_template_kwargs": {"enable_thinking": False}}  # a model that can think aloud is asked not to
_WINDOWS = ("max_model_len", "loaded_context_length", "context_length", "context_window", "n_ctx", "n_ctx_train")
_KEPT = ("id", "owned_by", "root", "parent", "max_model_len", "meta")  # of a model's line, what stays the same


@dataclass(frozen=True)
class Kind:
    """A kind of server.

    Args:
        tokenize: path of its tokenizer beside /v1, and the field that the text goes into.
        version: path that names its version, and the key.
        extra: parameters that keep decoding greedy where the server or the model's files say otherwise.
        adapters: how it takes one: "load" by name while it runs, "scale" those it was started with, "list" them as
            models; empty where it takes none.
    """

    name: str
    tokenize: tuple[str, str] | None = None
    version: tuple[str, str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    adapters: str = ""


UNKNOWN = Kind("a server of a kind that Trivium does not know")
KINDS = {
    "vllm": Kind("vLLM", ("/tokenize", "prompt"), ("/version", "version"),
                 {"repetition_penalty": 1.0, **_GREEDY}, "load"),
    "llamacpp": Kind("llama.cpp", ("/tokenize", "content"), ("/props", "build_info"),
                     {"repeat_penalty": 1.0, **_GREEDY}, "scale"),
    "me": Kind("llama-cpp-python", ("/extras/tokenize", "input"), None,
               {"repeat_penalty": 1.0}, "list"),
    "library": Kind("Ollama", None, ("/api/version", "version")),
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    """What a server says of one of its models."""

    kind: Kind
    models: tuple[str, ...] = ()  # all that it lists; none where it lists nothing
    entry: Mapping[str, Any] = field(default_factory=dict)  # the model's own line
    window: int | None = None
    version: str = ""

    @property
    def identity(self) -> dict[str, Any]:
        """Of the line, what is the same at each look and after each start."""
        return {key: self.entry[key] for key in _KEPT if self.entry.get(key) is not None}


def look_at(address: Address, model: str) -> Served:
    """Ask the server for its models; one that lists none is taken as it is.

    Raises:
        ServerFailure: nothing answers there, or it does not accept the key.
    """
    content = get(address, "/models")
    listed = content.get("data") if isinstance(content, dict) else None
    lines = [line for line in listed or () if isinstance(line, dict) and isinstance(line.get("id"), str)]
    entry: dict[str, Any] = next((line for line in lines if line["id"] == model), {})
    kind = KINDS.get(str(entry.get("owned_by", "")).casefold(), UNKNOWN)
    props = get(address, f"{address.root}{kind.version[0]}") if kind.version else None
    told = props if isinstance(props, dict) else {}
    version = str(told.get(kind.version[1], "")) if kind.version else ""
    return Served(kind, tuple(line["id"] for line in lines), entry, _window(entry, told), version)


def _window(entry: Mapping[str, Any], props: Mapping[str, Any]) -> int | None:
    """Tokens that prompt and answer may have together: what a slot of the server holds, before what the model could."""
    places = (props.get("default_generation_settings"), entry, entry.get("meta"))
    found = (place.get(name) for name in _WINDOWS for place in places if isinstance(place, dict))
    return next((int(size) for size in found if isinstance(size, int) and size > 0), None)


def post(address: Address, path: str, body: Mapping[str, Any]) -> Any:
    """What the server answers to JSON that is none of the protocol's.

    Raises:
        ServerFailure: it refuses, or does not answer.
    """
    from openai import OpenAIError

    try:
        return address.client.post(path, cast_to=object, body=body)
    except (OpenAIError, ValueError) as error:
        raise failure(error, address, "") from error


def get(address: Address, path: str) -> Any:
    """What lies there; None where there is nothing of that kind."""
    from openai import APIStatusError, OpenAIError

    try:
        return address.client.get(path, cast_to=object)
    except APIStatusError as error:
        if error.status_code in (401, 403) or error.status_code >= 500:
            raise failure(error, address, "") from error
        return None
    except OpenAIError as error:
        raise failure(error, address, "") from error
    except ValueError:  # no JSON: a page of some other kind
        return None


class Tokenizer:
    """Counts the tokens of a text, by the server where it can, else by an estimate that says that it is one.

    Args:
        kind: of the server.
    """

    BYTES = 3.5  # of UTF-8 for one token: below what English (4.2) or code needs, so that a window is not overfilled

    def __init__(self, address: Address, model: str, kind: Kind) -> None:
        self.address, self.model, self.kind = address, model, kind
        self._known: dict[str, int] = {}

    @property
    def estimated(self) -> str:
        """That counts are estimates, and why; empty where the server counts."""
        if self.kind.tokenize:
            return ""
        return f"token counts of documents are estimated at {self.BYTES} bytes each: the server has no tokenizer"

    def count(self, text: str) -> int:
        """Tokens of the text by itself.

        Raises:
            ServerFailure: the server counts, and does not answer.
        """
        if not self.kind.tokenize:
            return -int(-len(text.encode()) // self.BYTES)
        if text not in self._known:
            self._known[text] = len(self.tokens(text)) if text else 0
        return self._known[text]

    def tokens(self, text: str) -> list[int]:
        """Ids of the text's tokens, without those that begin a prompt."""
        path, place = self.kind.tokenize or ("", "")
        body = {place: text, "model": self.model, "add_special_tokens": False, "add_special": False}
        content = post(self.address, f"{self.address.root}{path}", body)
        found = content.get("tokens") if isinstance(content, dict) else None
        if not isinstance(found, list):
            raise ServerFailure(f"{self.address.url}: {path} does not answer with a list of tokens.")
        return found
