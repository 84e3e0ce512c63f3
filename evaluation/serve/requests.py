"""What clients may ask, in OpenAI's words. What would change the answer and is not done here is refused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, field_validator, model_validator

from data.text_cleaning import clean_text

_LONGEST = 2**18  # characters of one text
_MOST = 2048  # texts of one request for embeddings
_QUESTIONS = 64  # prompts of one request
Text = Annotated[str, Field(max_length=_LONGEST)]
# Of OpenAI's parameters those that would change an answer and that nothing here does; their harmless values pass.
_NOT_DONE: dict[str, tuple[Any, ...]] = {
    "n": (None, 1), "best_of": (None, 1), "echo": (None, False), "suffix": (None, ""), "logit_bias": (None, {}),
    "presence_penalty": (None, 0), "frequency_penalty": (None, 0),
    "tools": (None, []), "functions": (None, []), "tool_choice": (None, "none", "auto"),
    "response_format": (None, {"type": "text"}), "modalities": (None, ["text"]),
    "audio": (None,), "prediction": (None,),
}  # fmt: skip


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _nothing_that_is_not_done(cls, values: Any) -> Any:
        for name, harmless in _NOT_DONE.items():
            if isinstance(values, dict) and values.get(name) not in harmless:
                raise ValueError(f"'{name}' is not supported here")
        return values


class StreamOptions(BaseModel):
    """What a stream says besides."""

    model_config = ConfigDict(frozen=True, extra="allow")

    include_usage: StrictBool = False


class Choosing(_Request):
    """How tokens are chosen; what is not given is as it was in the run."""

    model: str = Field(max_length=200)
    max_tokens: StrictInt | None = Field(None, ge=1)
    max_completion_tokens: StrictInt | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: StrictInt | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Annotated[str, Field(max_length=200)] | list[Annotated[str, Field(max_length=200)]] | None = None
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None

    @field_validator("stop")
    @classmethod
    def _a_few_marks(cls, value: str | list[str] | None) -> list[str]:
        marks = [value] if isinstance(value, str) else value or []
        if len(marks) > 4 or not all(marks):
            raise ValueError("at most four stop sequences, none of them empty")
        return marks

    @property
    def most(self) -> int | None:
        """Tokens that the answer may have."""
        return self.max_completion_tokens or self.max_tokens


class TextPart(BaseModel):
    """A part of a message; only text is read."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: Literal["text"]
    text: Text


class ChatMessage(BaseModel):
    """One turn."""

    model_config = ConfigDict(frozen=True, extra="allow")

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[TextPart]

    @property
    def text(self) -> str:
        """Cleaned as all text that enters."""
        parts = self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)
        return clean_text(parts).strip()


class ChatRequest(Choosing):
    """A conversation; its last message is the question."""

    messages: list[ChatMessage] = Field(min_length=1, max_length=200)
    logprobs: StrictBool | None = None
    top_logprobs: StrictInt | None = Field(None, ge=0, le=20)

    @field_validator("messages")
    @classmethod
    def _ends_in_a_question(cls, value: list[ChatMessage]) -> list[ChatMessage]:
        if value[-1].role != "user" or not value[-1].text:
            raise ValueError("the last message must be the user's, with a text")
        if any(message.role in ("system", "developer") for message in value[1:]):
            raise ValueError("only the first message may be the system's")
        return value

    @model_validator(mode="after")
    def _alternatives_come_with_log_probabilities(self) -> "ChatRequest":
        if self.top_logprobs and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs")
        return self

    @property
    def others(self) -> int | None:
        """Likely tokens wanted beside each token; None: no log probabilities."""
        return self.top_logprobs or 0 if self.logprobs else None

    @property
    def question(self) -> str:
        return self.messages[-1].text

    @property
    def instruction(self) -> str:
        """Of the client's, instead of the run's; empty where it gives none."""
        return self.messages[0].text if self.messages[0].role in ("system", "developer") else ""

    @property
    def said(self) -> tuple[tuple[str, str], ...]:
        """Turns before the question."""
        return tuple((one.role, one.text) for one in self.messages[:-1] if one.role in ("user", "assistant"))


class CompletionRequest(Choosing):
    """Texts to answer, each a question."""

    prompt: Text | Annotated[list[Text], Field(min_length=1, max_length=_QUESTIONS)]
    logprobs: StrictInt | Literal[False] | None = None  # likely tokens wanted beside each token

    @field_validator("logprobs")
    @classmethod
    def _as_many_as_openai(cls, value: int | None) -> int | None:
        if value is not None and value is not False and not 0 <= value <= 5:
            raise ValueError("0 to 5")
        return None if value is False else value

    @property
    def questions(self) -> list[str]:
        return [clean_text(text).strip() for text in ([self.prompt] if isinstance(self.prompt, str) else self.prompt)]

    @model_validator(mode="after")
    def _no_blank(self) -> "CompletionRequest":
        if not all(self.questions):
            raise ValueError("a prompt is blank")
        if self.stream and len(self.questions) > 1:
            raise ValueError("one prompt alone can be streamed")
        return self


class EmbeddingRequest(_Request):
    """Texts whose vectors are wanted."""

    model: str = Field(max_length=200)
    input: Text | Annotated[list[Text], Field(min_length=1, max_length=_MOST)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: StrictInt | None = Field(None, ge=1)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(clean_text(text) for text in ([self.input] if isinstance(self.input, str) else self.input))

    @field_validator("input")
    @classmethod
    def _no_blank(cls, value: str | list[str]) -> str | list[str]:
        if not all(clean_text(text).strip() for text in ([value] if isinstance(value, str) else value)):
            raise ValueError("a text is blank")
        return value


class AskRequest(BaseModel):
    """One question to every method, or to some."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Text
    methods: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=50)

    @field_validator("question")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not (cleaned := clean_text(value).strip()):
            raise ValueError("the question is blank")
        return cleaned
