"""The drills that can be carried out: one row each, Trivium's own and those that others bring in one file.

A package adds a drill through the entry point group `trivium.drills`; a file of one's own is named by its path.
"""

import sys
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from evaluation.drills.drill import Drill
from evaluation.extensions import installed, load, unknown

GROUP = "trivium.drills"
BUILT_IN = {  # in the order in which a study tells them
    "noise": "evaluation.drills.noise:Noise",
    "decoding": "evaluation.drills.decoding:Decoding",
    "examples": "evaluation.drills.examples:Examples",
    "retention": "evaluation.drills.retention:Retention",
    "freshness": "evaluation.drills.freshness:Freshness",
    "size": "evaluation.drills.size:Size",
    "traffic": "evaluation.drills.traffic:Traffic",
    "exposures": "evaluation.drills.exposures:Exposures",
    "hostile": "evaluation.drills.hostile:Hostile",
    "style": "evaluation.drills.style:Style",
}


def _installed() -> dict[str, EntryPoint]:
    return installed(GROUP, BUILT_IN)


def drill_names() -> tuple[str, ...]:
    """All that can be named, Trivium's own first."""
    return (*BUILT_IN, *sorted(_installed()))


def drill_of(name: str) -> Drill:
    """A drill by its name, or by the path of a Python file that holds one class of its own.

    Raises:
        TriviumError: there is none, or what should hold it cannot be loaded.
    """
    if name.endswith(".py"):
        return _from_file(Path(name))
    if name in BUILT_IN:
        module, _, kind = BUILT_IN[name].partition(":")
        return _made(getattr(import_module(module), kind), name)
    entry = _installed().get(name)
    if entry is None:
        raise unknown("drill", name, drill_names(), ", or the path of a .py")
    return _made(load("drill", entry), entry.value)


@cache
def _from_file(path: Path) -> Drill:
    if not path.is_file():
        raise TriviumError(f"{path}: no such file. Give the path of a Python file that holds a drill.")
    name = f"trivium_drill_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TriviumError(f"{path}: this is no Python file. Give the path of one that holds a drill.")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the user's own code
        raise TriviumError(f"{path}: it cannot be loaded: {error}. Correct it.") from error
    kinds = [one for one in vars(module).values() if _is_drill(one) and one.__module__ == name]
    if len(kinds) != 1:
        raise TriviumError(f"{path}: it holds {len(kinds)} drills; a file holds one class derived from Drill.")
    return _made(kinds[0], str(path))


def _is_drill(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Drill) and kind is not Drill


def _made(kind: Any, place: str) -> Drill:
    if not _is_drill(kind):
        raise TriviumError(f"{place}: this is no class derived from evaluation.drills.drill.Drill.")
    if missing := sorted(kind.__abstractmethods__) + [n for n in ("name", "title") if not hasattr(kind, n)]:
        raise TriviumError(f"{place}: the drill has no {', no '.join(missing)}. Add what is missing.")
    if not str(kind.name).replace("-", "").isalnum():
        raise TriviumError(f"{place}: the drill is named '{kind.name}'; use small letters, digits and hyphens.")
    made: Drill = kind()
    return made
