"""What other packages add through entry points: found, loaded, and told from a name that nothing has."""

import difflib
from collections.abc import Container, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from data.errors import TriviumError


def installed(group: str, own: Container[str]) -> dict[str, EntryPoint]:
    """Entry points of other packages by name, not imported yet; they cannot replace what is Trivium's own."""
    return {entry.name: entry for entry in entry_points(group=group) if entry.name not in own}


def load(what: str, entry: EntryPoint) -> Any:
    """What an entry point names.

    Raises:
        TriviumError: it cannot be imported.
    """
    try:
        return entry.load()
    except Exception as error:  # whatever a package of somebody else's raises when it is imported
        raise TriviumError(
            f"the {what} '{entry.name}' ({entry.value}) cannot be loaded: {error} Fix or uninstall its package."
        ) from error


def unknown(what: str, name: str, known: Sequence[str], else_: str = "") -> TriviumError:
    """The error of a name that nothing has.

    Args:
        else_: what could be given besides a known name, with its comma.
    """
    near = difflib.get_close_matches(name, known, 1, 0.4)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return TriviumError(f"unknown {what} '{name}'.{hint} Known: {', '.join(known)}{else_}.")
