"""One generated answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Generation:
    """One answer of the model with what it took. Seconds are the batch's, divided evenly among its rows."""

    text: str
    finish_reason: str  # "stop": the model ended or a stop sequence came; "length": the answer limit
    prompt_tokens: int
    cached_tokens: int  # of these, read before as the shared prefix
    completion_tokens: int
    seconds: float
    batch: int
