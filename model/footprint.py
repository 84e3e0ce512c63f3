"""What the work of a network takes of its device's memory, by formula from its sizes: nothing is loaded or computed.

Each formula counts the tensors that are alive at the worst moment. What is small beside them is left out: tokens,
positions, the adapter's own products, the norms' scales.
"""

from dataclasses import dataclass

from model.decoding.attention import SCORE_BYTES
from model.decoding.pieces import WHOLE, mask_bytes, pieces
from model.decoding.rows import GROUP_TOKENS
from model.quantised import BYTES
from model.sizes import Sizes

FLOAT = 4  # bytes
_OPTIMISED = 4 * FLOAT  # a trained weight, its gradient and the two means of AdamW


@dataclass(frozen=True)
class Batch:
    """Examples that one step of a training reads together."""

    shared: int  # tokens that all begin with
    rows: int
    width: int  # further tokens of the longest
    labels: int  # tokens that the loss is taken of
    behind: int = 0  # tokens of a trained prefix before them
    taught: bool = False  # a teacher's chances are part of the loss

    @property
    def tokens(self) -> int:
        return self.shared + self.rows * self.width


@dataclass(frozen=True)
class Footprint:
    """Bytes for one network on one device.

    Args:
        load_in: "4bit" or "8bit" where the weights of the layers are rounded so.
    """

    sizes: Sizes
    device: str
    load_in: str | None = None

    @property
    def number(self) -> int:
        """Bytes of a number: a CPU computes in float32, GPUs in bfloat16."""
        return FLOAT if self.device == "cpu" else 2

    @property
    def weights(self) -> int:
        """Embeddings and vocabulary product are never rounded."""
        each = BYTES[self.load_in] if self.load_in else self.number
        return round(self.sizes.products * each) + (self.sizes.weights - self.sizes.products) * self.number

    def keys(self, tokens: int) -> int:
        """Keys and values of so many tokens in all layers."""
        return 2 * self.sizes.layers * self.sizes.keys * tokens * self.number

    def reading(self, tokens: int) -> int:
        """One pass over a prompt, or over the last piece of a long one, beside keys and values."""
        at_once = max((end - begin for begin, end in pieces(tokens)), default=0)
        sizes = self.sizes
        inside = 3 * sizes.inner + 2 * sizes.hidden  # of the gated product: two factors, product; input, residual
        around = 2 * sizes.hidden + 3 * sizes.queries  # of attention: queries before and after turning, output
        repeated = 2 * sizes.queries * tokens  # keys and values, once for every head
        mask = mask_bytes(self.device) * tokens if tokens > WHOLE else 0
        return max(inside * at_once * self.number, (around * at_once + repeated) * self.number + mask)

    def answering(self, rows: int, width: int) -> int:
        """Rows of so many tokens of their own, prompt and answer, with the logits of their next tokens."""
        group = min(rows * width, max(GROUP_TOKENS[self.device], width))
        logits = 2 * rows * self.sizes.vocabulary * FLOAT
        scores = 0 if self.device == "cpu" else 3 * SCORE_BYTES  # a CPU's attention writes none of them down
        return self.keys(rows * width) + max(self.reading(group) + scores, logits)

    def merged(self) -> int:
        """A second copy of the products: with an adapter added, while it answers and while it is trained."""
        whole = self.number == FLOAT and not self.load_in
        return self.sizes.products * FLOAT if whole else 0

    def training(self, batch: Batch, rank: int, again: bool) -> int:
        """Training of LoRA, beside `merged`.

        Args:
            again: whether layers are computed again on the way back (gradient checkpointing).
        """
        return rank * self.sizes.sides * _OPTIMISED + self._step(batch, again)

    def training_prefix(self, batch: Batch, again: bool) -> int:
        """Training of a prefix: it is also kept as it began, and put together twice by each layer."""
        trained = 2 * self.sizes.layers * self.sizes.keys * batch.behind
        return trained * (_OPTIMISED + FLOAT + 2 * FLOAT) + self._step(batch, again)

    def _step(self, batch: Batch, again: bool) -> int:
        """Forward and backward: what layers keep, and then the larger of logits and what one layer's way back takes."""
        sizes, tokens = self.sizes, batch.tokens
        layer = self.kept_by_layer(batch)
        between = (3 * sizes.inner + 2 * sizes.hidden) * tokens * self.number
        logits = (6 if batch.taught else 3) * batch.labels * sizes.vocabulary * FLOAT
        if again:
            return sizes.layers * sizes.hidden * tokens * self.number + max(layer + between, logits)
        return sizes.layers * layer + max(between, logits)

    def kept_by_layer(self, batch: Batch) -> int:
        """What one layer keeps for the way back, with an adapter on all its products.

        Norms keep their input and adapters theirs, both in float32: of a network in bfloat16 every product has its own
        copy, else those of one input share it.
        """
        sizes, tokens = self.sizes, batch.tokens
        inputs = (2 if self.number == FLOAT else 5) * sizes.hidden + sizes.queries + sizes.inner
        floats = (2 * sizes.hidden + inputs) * FLOAT
        own = (3 * sizes.inner + sizes.queries + 2 * sizes.keys) * self.number  # gated product; queries, keys, values
        return tokens * (floats + own) + self._attention(batch)

    def _attention(self, batch: Batch) -> int:
        """Rows behind what they share: scaled queries twice, keys, values, and the scores, of what is shared twice."""
        seen = batch.shared + batch.behind
        if not seen:
            return 0
        sizes, padded = self.sizes, batch.rows * batch.width
        around = (2 * sizes.queries + 2 * sizes.keys) * self.number
        scores = sizes.heads * (seen * (FLOAT + self.number) + batch.width * FLOAT)
        return padded * (around + scores)
