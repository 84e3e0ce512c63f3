"""How the next token is chosen. It changes how a model says what it knows, not what it knows."""

from pydantic import BaseModel, ConfigDict, Field


class Sampling(BaseModel):
    """Decoding settings; the default is greedy, so that the same prompt gives the same answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    max_new_tokens: int = Field(32, ge=1)  # tokens; the answer limit
    temperature: float = Field(0.0, ge=0)  # 0 = greedy; above 1 flattens the distribution
    top_p: float = Field(1.0, gt=0, le=1)  # smallest set of tokens with this probability mass
    top_k: int = Field(0, ge=0)  # only the k likeliest tokens; 0 = all
    repetition_penalty: float = Field(1.0, gt=0)  # above 1 discourages tokens that already stand in the text
    # An answer begins with "unknown" where the chance of that is higher, and only there; None: as the reader says, or
    # where there is none, like any other token.
    refuse_above: float | None = Field(None, ge=0, le=1)
    stop: tuple[str, ...] = ("\n",)  # an answer ends before the first of these
    seed: int = 0  # of the random numbers when temperature > 0
