"""Reading and writing results.json, whatever version of Trivium made it."""

from pydantic import ValidationError

from data.errors import TriviumError
from data.jsonl import field
from data.sealed import write_sealed
from evaluation.results.older import upgraded
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from evaluation.run.mending import refuse_damaged

NAME = "results.json"


def read_results(folder: RunFolder) -> Results:
    """The results of a finished run.

    Raises:
        TriviumError: the run is not finished, the file is not what a version of Trivium wrote, or answers behind it are
            damaged.
    """
    path = folder.path / NAME
    if not path.exists():
        folder.record()  # says so where there is no run at all
        raise _unfinished(folder)
    content = upgraded(folder.json(NAME), folder.path)
    if folder.exists() and folder.record()["status"] != "complete":
        raise _unfinished(folder)
    refuse_damaged(folder)
    try:
        return Results.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise TriviumError(
            f"{path}: {field(error)}: {first['msg'][0].lower()}{first['msg'][1:]}. `trivium score {folder.path}` "
            "rebuilds it from the saved answers."
        ) from error


def _unfinished(folder: RunFolder) -> TriviumError:
    return TriviumError(f"{folder.path}: the run is not finished. `trivium resume {folder.path}` finishes it.")


def write_results(folder: RunFolder, results: Results) -> None:
    """Write results.json."""
    write_sealed(folder.path / NAME, results.model_dump(mode="json"))
