"""Memory of the device that a model computes on: what is left of it, and the peak between two points."""

import contextlib
import ctypes
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from data.errors import TriviumError

# (limit, use, statistics) of control group versions 2 and 1
CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
    ),
)
_FILE_CACHE = re.compile(r"^(?:total_)?(?:in)?active_file (\d+)$", re.MULTILINE)


def reset_peak(device: str = "cpu") -> None:
    """Start a new measurement. On Linux the kernel keeps the peak; writing 5 there starts it anew."""
    if device == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats()
        return
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes(device: str = "cpu") -> int | None:
    """Peak resident bytes of the process (on CUDA: allocated bytes) since the reset; None where it cannot be read."""
    if device == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated())
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found and device == "cpu" else None


def free_bytes(device: str, cgroups: Sequence[tuple[str, str, str]] = CGROUPS) -> int:
    """Bytes that can still be allocated on a device.

    On a CPU that is what the system calls available, or less where a container sets a limit. Files that the kernel
    keeps in memory count as use of a container, though they make room as soon as it is needed: they are free.
    """
    if device == "cuda":
        import torch

        unused = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return int(torch.cuda.mem_get_info()[0]) + unused
    free = int(psutil.virtual_memory().available)
    for limit, use, statistics in cgroups:
        try:
            allowed, used = (Path(path).read_text(encoding="ascii").strip() for path in (limit, use))
        except OSError:
            continue
        if allowed.isdigit():  # "max" means no limit
            free = min(free, max(0, int(allowed) - int(used) + _file_cache(Path(statistics))))
    return free


def _file_cache(statistics: Path) -> int:
    """Bytes of files that the kernel keeps for a control group; version 1 names them for its children as well."""
    with contextlib.suppress(OSError):
        text = statistics.read_text(encoding="ascii")
        lines = [found for found in _FILE_CACHE.finditer(text)]
        whole = [found for found in lines if found[0].startswith("total_")] or lines
        return sum(int(found[1]) for found in whole)
    return 0


def give_back() -> None:
    """Return memory that was freed to the system: glibc keeps it, after weights were rounded more than they take."""
    with contextlib.suppress(OSError, AttributeError):  # another system, or another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether something could not be allocated; torch has a class of its own for it only on GPUs."""
    if isinstance(error, MemoryError):
        return True
    import torch

    text = str(error)
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in text or "not enough memory" in text


@contextlib.contextmanager
def memory_for(what: str, remedy: str) -> Iterator[None]:
    """Work whose lack of memory is told as one sentence with its remedy.

    Raises:
        TriviumError: memory ran out inside.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise TriviumError(f"not enough memory for {what}. {remedy}") from error
