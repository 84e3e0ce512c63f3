"""A model behind a server that also answers with what was trained for it: adapters given to it, or a job of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.errors import Incapable, ServerFailure
from data.progress import Progress
from model.endpoint.chat import Chat
from model.endpoint.hosted import HostedJob
from model.endpoint.remote import EndpointModel
from model.endpoint.replies import Completion
from model.endpoint.servers import Served, get, look_at, post
from model.options import HOSTED


class TunedEndpoint(EndpointModel):
    """See `EndpointModel`.

    Args:
        train_with: weights that an adapter is trained on here, or `HOSTED`.
    """

    def __init__(
        self, name: str, chat: Chat, served: Served, first: Completion, window: int, concurrency: int, train_with: str
    ) -> None:  # fmt: skip
        super().__init__(name, chat, served, first, window, concurrency)
        self.train_with = train_with
        if served.kind.adapters == "scale":  # those of the start would answer with the base model too
            self._use(None)

    def check_adapters(self) -> None:
        """Before anything is trained.

        Raises:
            Incapable: the server takes no adapters.
        """
        if not self.served.kind.adapters:
            raise Incapable(f"this server takes no adapters ({self.served.kind.name} at {self.chat.address.url}).")

    def load_adapter(self, name: str, folder: Path) -> None:
        """Have the server load an adapter, or find the one that it was started with.

        Raises:
            ServerFailure: it cannot; says what has to be done.
        """
        if self.served.kind.adapters == "scale":
            if name not in self._scaled():
                raise ServerFailure(
                    f"{self.chat.address.url}: llama.cpp loads adapters only when it starts. Convert {folder} with its "
                    f"convert_lora_to_gguf.py to {name}.gguf, and start it again with --lora {name}.gguf."
                )
            return
        if name in look_at(self.chat.address, self.chat.model).models:
            return
        if self.served.kind.adapters == "list":
            raise ServerFailure(
                f"{self.chat.address.url}: llama-cpp-python loads adapters only when it starts. Convert {folder} with "
                f"llama.cpp's convert_lora_to_gguf.py to {name}.gguf, and start it again with a --config_file that "
                f"lists the model once more, as {name}, with this file as its lora_path."
            )
        try:
            post(self.chat.address, "/load_lora_adapter", {"lora_name": name, "lora_path": str(folder.resolve())})
        except ServerFailure as error:
            raise ServerFailure(
                f"{error} So it cannot load the adapter in {folder}: it has to see this folder, and to be started with "
                "--enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True."
            ) from error

    @contextmanager
    def answering_as(self, name: str) -> Iterator[None]:
        """While this is open, answers come from the adapter, or the tuned model, of this name."""
        before = self.chat.model, self.chat.dialect
        if self.served.kind.adapters == "scale" and self.train_with != HOSTED:
            self._use(name)
        else:
            self.chat.model = name
        try:
            yield
        finally:
            self.chat.model, self.chat.dialect = before

    def hosted_job(self, examples: Sequence[dict[str, Any]], kept: Path, seed: int, progress: Progress) -> HostedJob:
        """A job of the provider's on these examples, waited for; see `HostedJob.obtain`."""
        return HostedJob.obtain(self.chat.address, self.chat.model, examples, kept, seed, progress)

    def _scaled(self) -> dict[str, int]:
        """Adapters that llama.cpp was started with: file name without ending, and number."""
        found = get(self.chat.address, f"{self.chat.address.root}/lora-adapters")
        return {Path(str(one["path"])).stem: int(one["id"]) for one in found or () if isinstance(one, dict)}

    def _use(self, name: str | None) -> None:
        """Requests from now on name the share of each adapter: all of this one, nothing of the others."""
        known = self._scaled()
        if known:
            shares = [{"id": number, "scale": float(other == name)} for other, number in known.items()]
            self.chat.dialect = replace(self.chat.dialect, extra={**self.chat.dialect.extra, "lora": shares})
