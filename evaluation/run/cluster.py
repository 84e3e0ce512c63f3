"""The Ray cluster of a run: connected to or started here, how many actors it has room for, and what they give."""

import os
import re
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from data.errors import TriviumError
from model.options import ModelOptions

LOCAL, FOUND = "local", "auto"  # instead of an address: processes on this machine alone; a cluster that Ray finds
_LOOK_S = 10.0  # seconds until a cluster's head has to be there
_OBJECTS = 2**30  # bytes of a local cluster's memory for what is sent: prompts, answers, an adapter
# Read by Ray when it is imported; what the user has set stays.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to Ray's makers
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",  # its logs stay in its own folder: a death is told in one sentence
}


def checked_address(address: str | None) -> str | None:
    """The address of a cluster. Raises TriviumError where it is none."""
    if address in (None, LOCAL, FOUND) or re.fullmatch(r"[\w.\-\[\]:]+:\d+", address or ""):
        return address
    raise TriviumError(f"--ray {address}: use {LOCAL}, {FOUND}, or host:port of a cluster's head, as 10.0.0.5:6379.")


class Cluster:
    """What Trivium asks of Ray, and nothing else of it.

    Args:
        threads: of this process; an actor gets as many processors, or one GPU.
        weights: bytes of the model, of which an actor needs twice as many: the other half is for prompts.
    """

    def __init__(self, ray: Any, address: str, device: str, threads: int, weights: int) -> None:
        self._ray, self.address, self._threads = ray, address, threads
        resources = {"num_gpus": 1, "num_cpus": 0} if device == "cuda" else {"num_cpus": threads}
        self._options = resources | {"memory": 2 * weights, "max_restarts": 0, "max_task_retries": 0}

    def room(self) -> int:
        """Actors that the machines of the cluster hold together."""
        gpus, share = self._options.get("num_gpus"), self._options["memory"]
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        free = [n.get("GPU", 0) if gpus else n.get("CPU", 0) / self._options["num_cpus"] for n in nodes]
        return sum(int(min(f, n.get("memory", 0) / share)) for f, n in zip(free, nodes, strict=True))

    def start(self, kind: type, options: ModelOptions) -> list[Any]:
        """As many actors as there is room for; those for which others leave none are there later, or never.

        Raises:
            TriviumError: there is room for none.
        """
        if not (count := self.room()):
            needs = "a GPU" if self._options.get("num_gpus") else f"{self._threads} processors"
            raise TriviumError(
                f"--ray {self.address}: no machine of the cluster has {needs} and "
                f"{self._options['memory'] / 2**30:.1f} GiB of memory for a process that answers."
            )
        remote = self._ray.remote(kind)
        return [remote.options(**self._options).remote(options, self._threads) for _ in range(count)]

    def put(self, value: Any) -> Any:
        """A reference by which every actor gets the value, sent to each machine once."""
        return self._ray.put(value)

    def wait(self, pending: Sequence[Any], limit: float | None) -> Any:
        """The first of these references that is there; None where none is in `limit` seconds."""
        ready, _ = self._ray.wait(list(pending), num_returns=1, timeout=limit)
        return ready[0] if ready else None

    def result(self, ready: Any) -> Any:
        """What an actor gave; None where it, or its machine, has died. Raises what the actor itself raised."""
        try:
            return self._ray.get(ready)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError:
            return None

    def end(self, actor: Any) -> None:
        """See that an actor that gave nothing answers no more."""
        self._ray.kill(actor)


@contextmanager
def connected(address: str, device: str, weights: int) -> Iterator[Cluster]:
    """The cluster at "auto" (as Ray finds it) or host:port, or one on this machine that ends with the run (`LOCAL`).

    Raises:
        TriviumError: Ray is not installed, or no cluster is there.
    """
    ray = _ray(address)
    import torch

    try:
        _look_for(address)
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", **_own(address))
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        reason = (str(error).strip() or type(error).__name__).partition("\n")[0].rstrip(".")
        raise TriviumError(
            f"--ray {address}: no cluster of this version of Ray could be reached ({reason}). `ray start --head` "
            "starts one; `--ray local` needs none."
        ) from error
    try:
        yield Cluster(ray, address, device, torch.get_num_threads(), weights)
    finally:
        ray.shutdown()


def _ray(address: str) -> Any:
    """The library. A cluster that is started here takes orders from this process alone, by a token that is not kept."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if address == LOCAL and "RAY_AUTH_MODE" not in os.environ:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    try:
        import ray
    except ImportError as error:
        raise TriviumError("--ray needs the package ray: pip install 'trivium[ray]'.") from error
    return ray


def _look_for(address: str) -> None:
    """Raises OSError where nobody listens, which Ray would find out after minutes."""
    if address not in (LOCAL, FOUND):
        host, _, port = address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=_LOOK_S).close()


def _own(address: str) -> dict[str, Any]:
    """Of a cluster that is started here."""
    return {"include_dashboard": False, "object_store_memory": _OBJECTS} if address == LOCAL else {}
