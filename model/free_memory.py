"""How much memory is left for keys and values, on this machine or inside its container."""

from collections.abc import Sequence
from pathlib import Path

import psutil
import torch

# (limit, use) of control group versions 2 and 1
CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def free_bytes(device: str, cgroups: Sequence[tuple[str, str]] = CGROUPS) -> int:
    """Bytes that can still be allocated on "cpu" or "cuda".

    On a CPU that is what the system calls available, or less where a container sets a limit.
    """
    if device == "cuda":
        unused = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return int(torch.cuda.mem_get_info()[0]) + unused
    free = int(psutil.virtual_memory().available)
    for limit, use in cgroups:
        try:
            allowed, used = (Path(path).read_text(encoding="ascii").strip() for path in (limit, use))
        except OSError:
            continue
        if allowed.isdigit():  # "max" means no limit
            free = min(free, max(0, int(allowed) - int(used)))
    return free


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch, which has a class of its own only for GPUs, could not allocate."""
    text = str(error)
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in text or "not enough memory" in text
