"""A reward model: a linear head on the frozen base, fitted to which of two answers is preferred.

The head is that of Ouyang et al. 2022 (arXiv 2203.02155), on the last token's hidden state; the likelihood of a
preference is that of Bradley & Terry 1952.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import softplus

from data.progress import Progress
from model.language_model import Trainable

PENALTY = 1e-2  # on the squared weights of standardised features: there are more of them than preferences


@torch.inference_mode()
def features(model: Trainable, texts: Sequence[Sequence[int]], progress: Progress) -> Tensor:
    """The last layer's hidden state of the last token of each text, shape (texts, hidden), of the network as it is.

    Args:
        texts: token ids of prompt, answer and end.
    """
    rows = []
    for place, ids in enumerate(texts):
        progress("reading answers for the reward model", place, len(texts))
        said = model.network(
            input_ids=torch.tensor([list(ids)], device=model.device), output_hidden_states=True, use_cache=False,
            logits_to_keep=1,
        )  # fmt: skip
        rows.append(said.hidden_states[-1][0, -1].float().cpu())
    return torch.stack(rows)


def fit(chosen: Tensor, rejected: Tensor, penalty: float = PENALTY) -> Tensor:
    """Weights of the head, shape (features,): a reward is features @ weights, and only differences mean anything.

    Minimises mean softplus(-(r_chosen - r_rejected)) + penalty / 2 · |w|², w on features scaled to a spread of 1.

    Args:
        chosen, rejected: features of the two answers of each pair, shape (pairs, features).
    """
    spread = torch.cat([chosen, rejected]).std(dim=0, correction=0)
    scale = torch.where(spread > 0, spread, torch.ones_like(spread))
    difference = ((chosen - rejected) / scale).double()
    weights = torch.zeros(difference.shape[1], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = softplus(-difference @ weights).mean() + penalty / 2 * (weights @ weights)
        value.backward()  # type: ignore[no-untyped-call] # torch is untyped here
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call] # the same
    return (weights.detach() / scale.double()).float()
