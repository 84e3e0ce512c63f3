"""Opens a model behind a server: looks at the server, asks one question to learn how it is asked."""

from data.errors import TriviumError
from data.prompt import Message
from model.endpoint.address import Address, base_url
from model.endpoint.chat import Chat, Dialect
from model.endpoint.remote import EndpointModel
from model.endpoint.servers import look_at
from model.endpoint.tuned import TunedEndpoint
from model.options import ModelOptions
from model.sampling import Sampling

_HELLO: list[Message] = [
    {"role": "system", "content": "Reply with the single word yes."},
    {"role": "user", "content": "Are you there?"},
]


def open_endpoint(name: str, options: ModelOptions) -> EndpointModel:
    """The model of that name at the address of the options, asked one question to learn how it is asked.

    Raises:
        TriviumError: no address, no server, no such model, a key that is not accepted, or no window is known.
    """
    address = Address(base_url(options.base_url), options.time_limit)
    served = look_at(address, name)
    if served.models and name not in served.models:
        known = ", ".join(served.models[:8]) + (f" and {len(served.models) - 8} more" if len(served.models) > 8 else "")
        raise TriviumError(f"{address.url}: the server has no model '{name}'. It has: {known}.")
    chat = Chat(address, name, Dialect(extra=served.kind.extra))
    first = chat.learn(_HELLO, Sampling(max_new_tokens=1))
    window = options.window or served.window
    if window is None:
        raise TriviumError(
            f"{address.url}: the server does not say how many tokens '{name}' takes. Give --window, as its maker or "
            "whoever started the server names it."
        )
    if options.train_with:
        return TunedEndpoint(name, chat, served, first, window, options.concurrency, options.train_with)
    return EndpointModel(name, chat, served, first, window, options.concurrency)
