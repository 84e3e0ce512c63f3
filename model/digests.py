"""Digests of files; those of large ones are kept, because reading a model of 16 GB takes longer than a minute."""

import time
from pathlib import Path
from typing import Any

from data.cache_entry import cache_folder, sha256_of
from data.errors import TriviumError
from data.sealed import read_sealed, write_sealed

_LARGE = 16 * 2**20  # bytes from which on a digest is kept
_SETTLED = 2.0  # seconds after which a file's times tell whether it was written since


def digest_of(path: Path) -> str:
    """SHA-256 of a file; of a large one computed again only where its size or one of its times is another."""
    stat = path.stat()
    if stat.st_size < _LARGE:
        return sha256_of(path)
    kept, key = cache_folder() / "digests.json", str(path.resolve())
    seen = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
    known = _read(kept)
    if isinstance(entry := known.get(key), dict) and entry.get("seen") == seen:
        return str(entry["sha256"])
    digest = sha256_of(path)
    if time.time() - max(stat.st_mtime, stat.st_ctime) > _SETTLED:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_sealed(kept, known | {key: {"seen": seen, "sha256": digest}})
    return digest


def _read(path: Path) -> dict[str, Any]:
    """What is kept; nothing where there is no such file, or a damaged one, which would call a model another one."""
    try:
        return read_sealed(path)
    except (TriviumError, ValueError, RecursionError):
        return {}
