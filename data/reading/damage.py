"""A broken file makes a library fail in any way; for the user it is one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def read_as(form: str) -> Iterator[None]:
    """Whatever a library raises within the block becomes a ValueError that says so; MemoryError stays."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise ValueError(f"it cannot be read as {form} ({str(error)[:200] or type(error).__name__})") from error
