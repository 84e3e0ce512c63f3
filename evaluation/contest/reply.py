"""What a system from outside said, as a record: cleaned, within limits, and nothing but text and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from data.jsonl import problem
from data.text_cleaning import clean_text

MAX_BYTES = 4 * 2**20  # of one reply
MAX_TEXT = 20_000  # characters of an answer or a passage that are kept
MAX_PASSAGES = 50
_MAX_NAME = 300
FORM = '{"answer": "…", "passages": [{"document": "…", "text": "…"}], "usage": {"prompt_tokens": 0, "usd": 0.0}}'


class ReturnedPassage(BaseModel):
    """A passage that the system says it answered from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    document: str = ""


class ToldUsage(BaseModel):
    """What the system says it used; None: it did not say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt_tokens: int | None = Field(None, ge=0, le=10**9)
    cached_tokens: int | None = Field(None, ge=0, le=10**9)
    completion_tokens: int | None = Field(None, ge=0, le=10**9)
    usd: float | None = Field(None, ge=0, allow_inf_nan=False)


@dataclass(frozen=True)
class Reply:
    """One answer. `passages`: None where the system returned none at all; `cut`: whether the answer was too long."""

    answer: str
    passages: tuple[ReturnedPassage, ...] | None = None
    usage: ToldUsage = field(default_factory=ToldUsage)
    cut: bool = False


class Unusable(ValueError):
    """What came back is no answer; says what it was instead."""


def _as_record(passage: Any) -> Any:
    return {"text": passage} if isinstance(passage, str) else passage


class _Wire(BaseModel):
    """The form in which a system answers; fields that are not named are passed over."""

    model_config = ConfigDict(extra="ignore")

    answer: str | None
    passages: list[Annotated[ReturnedPassage, BeforeValidator(_as_record)]] | None = None
    usage: ToldUsage | None = None


def reply_of(content: Any) -> Reply:
    """The reply in a value that came as JSON or from a function: a text, or a record of `FORM`.

    Raises:
        Unusable: it is neither, or it holds no answer.
    """
    if isinstance(content, str):
        content = {"answer": content}
    if not isinstance(content, Mapping):
        raise Unusable(f"it answered with {_kind(content)}, and not with a text or {FORM}")
    try:
        wire = _Wire.model_validate(dict(content))
    except ValidationError as error:
        raise Unusable(f"it answered in another form than {FORM}: {clean_text(problem(error))}") from error
    if wire.answer is None:
        raise Unusable("its answer is null")
    text = clean_text(wire.answer).strip()
    passages = None if wire.passages is None else tuple(map(_cleaned, wire.passages[:MAX_PASSAGES]))
    return Reply(text[:MAX_TEXT], passages, wire.usage or ToldUsage(), len(text) > MAX_TEXT)


def _cleaned(passage: ReturnedPassage) -> ReturnedPassage:
    name = " ".join(clean_text(passage.document).split())
    return ReturnedPassage(text=clean_text(passage.text).strip()[:MAX_TEXT], document=name[:_MAX_NAME])


def _kind(content: Any) -> str:
    names = {list: "a list", int: "a number", float: "a number", bool: "a truth value", type(None): "null"}
    return names.get(type(content), f"a {type(content).__name__}")
