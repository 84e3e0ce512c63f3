"""What a server can do for this program, found out with one question: for `trivium check`."""

from dataclasses import replace

from data.errors import ServerFailure
from data.prompt import Message
from model.endpoint.chat import Chat
from model.endpoint.replies import Completion
from model.endpoint.servers import Served
from model.sampling import Sampling

_QUESTION: list[Message] = [{"role": "user", "content": "Reply with the single word yes."}]
_SHOWN = 8  # names of models or adapters
_ADAPTERS = {
    "load": "loads them by name while it runs (--train-with), if it was started for that",
    "scale": "those that it was started with",
    "list": "those that its --config_file lists as models",
}


def abilities(chat: Chat, served: Served) -> dict[str, str]:
    """What the server can do, in words, by what is asked of it."""
    reply, shown = asked_for_chances(chat)
    details = reply.usage.prompt_tokens_details
    counted = details is not None and details.cached_tokens is not None
    return {
        "server": f"{served.kind.name} {served.version}".strip(),
        "answers": f"as {reply.model or chat.model}, fingerprint {reply.system_fingerprint or 'n/a'}",
        "usage": "counted" + (", cached tokens too" if counted else "; cached tokens: not reported"),
        "probabilities of tokens": "shown" if shown else "not shown",
        "tokenizer": "counts tokens" if served.kind.tokenize else "none: token counts of documents are estimated",
        "adapters": _ADAPTERS.get(served.kind.adapters, "takes none, as far as is known"),
        "models": _listed(served.models),
    }


def asked_for_chances(chat: Chat) -> tuple[Completion, bool]:
    """A reply, and whether it shows probabilities; a server that fails on those is asked without them."""
    once = Chat(replace(chat.address, retries=0), chat.model, chat.dialect)
    sampling = Sampling(max_new_tokens=4)
    try:
        reply = once.ask(_QUESTION, sampling, logprobs=True, top_logprobs=5)
        return reply, bool(reply.first and reply.first.top_logprobs)
    except ServerFailure:
        return chat.ask(_QUESTION, sampling), False


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(names[:_SHOWN]) + more) or "not listed"
