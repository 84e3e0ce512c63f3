"""What is asked of Ray: an address, the room of a cluster. Whole runs: test_ray_run.py."""

import socket
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from data.errors import TriviumError
from evaluation.run.cluster import Cluster, checked_address, connected


@pytest.mark.parametrize("address", [None, "local", "auto", "10.0.0.5:6379", "head.example.org:6379", "[::1]:6379"])
def test_addresses_of_clusters(address: str | None) -> None:
    assert checked_address(address) == address


@pytest.mark.parametrize("address", ["", "10.0.0.5", "ray://10.0.0.5:10001", "http://head:8265", "head:port", "a b:1"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(TriviumError, match=r"use local, auto, or host:port"):
        checked_address(address)


def _node(alive: bool = True, **resources: float) -> dict[str, Any]:
    return {"Alive": alive, "Resources": resources}


@pytest.mark.parametrize(
    ("device", "threads", "nodes", "room"),
    [
        ("cpu", 2, [_node(CPU=5.0, memory=100.0), _node(CPU=2.0, memory=100.0)], 3),  # 2 and 1
        ("cpu", 1, [_node(CPU=8.0, memory=45.0)], 2),  # each needs twice the 10 bytes of the weights
        ("cpu", 4, [_node(CPU=2.0, memory=100.0)], 0),
        ("cpu", 1, [_node(CPU=1.0, memory=100.0), _node(False, CPU=1.0, memory=100.0)], 1),
        ("cuda", 4, [_node(CPU=1.0, GPU=2.0, memory=100.0), _node(CPU=64.0, memory=100.0)], 2),
    ],
)
def test_room_goes_by_processors_or_gpus_and_memory(
    device: str, threads: int, nodes: list[dict[str, Any]], room: int
) -> None:
    assert Cluster(SimpleNamespace(nodes=lambda: nodes), "auto", device, threads, 10).room() == room


def test_a_cluster_without_room_is_told() -> None:
    cluster = Cluster(SimpleNamespace(nodes=lambda: [_node(CPU=1.0, memory=2.0**40)]), "auto", "cpu", 2, 2**30)
    with pytest.raises(TriviumError, match=r"no machine of the cluster has 2 processors and 2\.0 GiB of memory"):
        cluster.start(object, None)  # type: ignore[arg-type]


def test_without_ray_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_USAGE_STATS_ENABLED", "RAY_DEDUP_LOGS_SKIP_REGEX",
                 "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"):  # fmt: skip
        monkeypatch.setenv(name, "kept as it is")
    with pytest.raises(TriviumError, match=r"pip install 'trivium\[ray\]'"), connected("local", "cpu", 1):
        pass


def test_a_cluster_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that was free a moment ago."""
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(exceptions=SimpleNamespace(RayError=OSError)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    told = pytest.raises(TriviumError, match=r"no cluster of this version of Ray could be reached \(.*refused")
    with told, connected(address, "cpu", 1):
        pass
