"""Answers in the form in which OpenAI's clients read them."""

import base64
import time
import uuid
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from evaluation.run.records import Answer
from evaluation.run.registry import label, spec_of
from evaluation.serve.answering import Told
from rag.vectors import Vectors


def new_id(kind: str) -> str:
    """A name that no other reply has."""
    return f"{kind}-{uuid.uuid4().hex}"


def usage(answers: Sequence[Answer]) -> dict[str, Any]:
    """Tokens that were read and written."""
    read, written = (sum(getattr(one, name) for one in answers) for name in ("prompt_tokens", "completion_tokens"))
    cached = sum(one.cached_tokens for one in answers)
    return {
        "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": cached},
    }  # fmt: skip


def model_entry(name: str, created: int) -> dict[str, Any]:
    """One line of /v1/models."""
    return {"id": name, "object": "model", "created": created, "owned_by": "trivium"}


def head(kind: str, name: str, model: str, fingerprint: str) -> dict[str, Any]:
    """What every reply and every chunk of a stream begins with."""
    return {"id": name, "object": kind, "created": int(time.time()), "model": model, "system_fingerprint": fingerprint}


def _listed(token: str, log_probability: float) -> dict[str, Any]:
    """A token; its bytes, unless it is a part of a character."""
    return {
        "token": token, "logprob": log_probability, "bytes": None if "\ufffd" in token else list(token.encode())
    }  # fmt: skip


def chat_logprobs(told: Told) -> dict[str, Any] | None:
    """Log probabilities of an answer's tokens, as /v1/chat/completions words them."""
    if told.tokens is None:
        return None
    content = [
        _listed(one.text, one.log_probability) | {"top_logprobs": [_listed(*other) for other in one.others]}
        for one in told.tokens
    ]
    return {"content": content, "refusal": None}


def completion_logprobs(told: Told) -> dict[str, Any] | None:
    """The same as /v1/completions words them. Offsets are places in the text, which has no blanks around it."""
    if told.tokens is None:
        return None
    texts = [one.text for one in told.tokens]
    whole = "".join(texts)
    before = list(accumulate(map(len, texts), initial=len(whole.lstrip()) - len(whole)))[:-1]
    return {
        "tokens": texts,
        "token_logprobs": [one.log_probability for one in told.tokens],
        "top_logprobs": [dict(one.others) for one in told.tokens],
        "text_offset": [max(0, place) for place in before],
    }


def chat(told: Told, model: str, fingerprint: str) -> dict[str, Any]:
    """A whole reply of /v1/chat/completions."""
    answer = told.answer
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": chat_logprobs(told), "finish_reason": answer.finish_reason}
    start = head("chat.completion", new_id("chatcmpl"), model, fingerprint)
    return start | {"choices": [choice], "usage": usage([answer])}


def completion(told: Sequence[Told], model: str, fingerprint: str) -> dict[str, Any]:
    """A whole reply of /v1/completions."""
    choices = [
        {
            "index": place,
            "text": one.answer.answer,
            "logprobs": completion_logprobs(one),
            "finish_reason": one.answer.finish_reason,
        }
        for place, one in enumerate(told)
    ]
    start = head("text_completion", new_id("cmpl"), model, fingerprint)
    return start | {"choices": choices, "usage": usage([one.answer for one in told])}


def embeddings(vectors: Vectors, model: str, form: str, tokens: int) -> dict[str, Any]:
    """A reply of /v1/embeddings; base64 holds 32-bit numbers, the lowest byte first."""
    rows = np.asarray(vectors, dtype="<f4")
    packed = [base64.b64encode(row.tobytes()).decode() if form == "base64" else row.tolist() for row in rows]
    data = [{"object": "embedding", "index": place, "embedding": one} for place, one in enumerate(packed)]
    return {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}


def side_by_side(told: Told) -> dict[str, Any]:
    """One method's part of /v1/ask. Documents that stand in every prompt are named without their text."""
    answer, spec = told.answer, spec_of(told.answer.method)
    passages = [
        {
            "document_id": one.document_id, "chunk_id": one.chunk_id, "title": one.title, "score": one.score,
            "text": None if spec.context == "all" else one.text,
        }
        for one in told.passages
    ]  # fmt: skip
    return {
        "method": answer.method,
        "label": label(answer.method),
        "answer": answer.answer,
        "finish_reason": answer.finish_reason,
        "passages": passages,
        "usage": usage([answer]),
        "seconds": {"retrieval": answer.retrieval_s, "generation": answer.generation_s},
        "usd": told.usd,  # at the assumed price of the machine's hour, or of the provider's tokens
    }
