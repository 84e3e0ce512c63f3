"""What a drill leaves in a run's folder: points measured, tables, curves and sentences, for report and app alike."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from data import jsonl
from data.errors import TriviumError
from data.files import read_bytes
from data.sealed import unsealed, write_sealed
from evaluation.results.rates import Cell
from evaluation.results.section import Section
from evaluation.table import Column, Table

FOLDER = "drills"  # in the folder of a run
DRILL_VERSION: Literal[1] = 1
Size = Literal["smoke", "full"]
_LARGEST = 2**26  # bytes of a file


class DrillPoint(Section):
    """One method at one setting."""

    method: str
    setting: str
    x: float | None = Field(None, description="the setting as a number, where it is one")
    cell: Cell | None = Field(None, description="None where nothing is graded")
    figures: dict[str, float | None] = Field({}, description="what else was measured, by name")
    seconds: float = Field(description="that measuring it took, on the clock")
    source: Literal["measured", "projected"] = "measured"


class CurvePoint(Section):
    """A dot of a curve, with the interval of its height where there is one."""

    series: str
    x: float | str
    y: float
    low: float | None = None
    high: float | None = None
    projected: bool = False


class Curve(Section):
    """A chart as data; evaluation/report/drills.py draws it."""

    title: str
    x: str
    y: str
    points: list[CurvePoint]
    log_x: bool = False
    log_y: bool = False
    percent: bool = Field(True, description="whether heights are shares")


class DrillTable(Section):
    """A table as data. The first column holds names."""

    title: str
    heads: list[str]
    rows: list[list[str]]
    note: str = ""

    def shown(self) -> Table:
        """The same for terminal, report and app."""
        sides = [Column(head, align="left" if place < 2 else "right") for place, head in enumerate(self.heads)]
        return Table(self.title, tuple(sides), tuple(tuple(row) for row in self.rows), self.note)


class DrillResults(Section):
    """All of one drill."""

    schema_version: Literal[1] = DRILL_VERSION
    name: str
    title: str
    question: str
    size: Size
    run: str
    domain: str
    model: str
    device: str
    seed: int
    settings: dict[str, str | int | float | None] = Field({}, description="what the drill was carried out with")
    points: list[DrillPoint]
    not_applicable: dict[str, str] = Field({}, description="what could not be measured, and why")
    tables: list[DrillTable]
    curves: list[Curve]
    sentences: list[str]
    predicted_s: float | None = Field(description="before it began, with the machine as busy as it was then")
    actual_s: float = Field(description="on the clock")
    predicted_quiet_s: float | None = Field(None, description="the same prediction for a quiet machine")
    actual_quiet_s: float | None = Field(None, description="calibrated: what it would have taken on a quiet machine")


def drill_path(run: Path, name: str) -> Path:
    """The results of a drill in the folder of a run."""
    return run / FOLDER / f"{name}.json"


def write_drill(run: Path, results: DrillResults) -> None:
    path = drill_path(run, results.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sealed(path, results.model_dump(mode="json"))


def read_drill(path: Path) -> DrillResults:
    """The results of a drill.

    Raises:
        TriviumError: the file is damaged; `trivium drill` makes it again from what was measured.
    """
    try:
        content = jsonl.loads(read_bytes(path, _LARGEST).decode())
        if not isinstance(content, dict):
            raise ValueError("it is no JSON object")
        return DrillResults.model_validate(unsealed(content))
    except ValueError as error:
        what = jsonl.problem(error) if isinstance(error, ValidationError) else str(error)
        raise TriviumError(
            f"{path}: {what}. `trivium drill {path.stem} {path.parents[1]}` makes it again from what was measured."
        ) from error


def drills_of(run: Path) -> Iterator[DrillResults]:
    """The results of all drills of a run, in the order of their names."""
    for path in sorted((run / FOLDER).glob("[!.]*.json")):
        yield read_drill(path)
