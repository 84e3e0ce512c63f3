"""What the report of a run says of instructions planted in documents: the drill's figures, or how to measure them."""

from pathlib import Path

from evaluation.report.sections import ReportSection
from evaluation.results.drill import drill_path, read_drill

NAME, TITLE = "hostile", "Hostile documents"
NOT_MEASURED = (
    "How many instructions planted in its passages each method obeys: not measured. "
    "`trivium drill hostile RUN --smoke` measures it on this run."
)


def hostile_sections(run: Path) -> list[ReportSection]:
    """The share of planted instructions that each method obeys; in every report, measured or not."""
    if not drill_path(run, NAME).exists():
        return [ReportSection(TITLE, sentences=(NOT_MEASURED,), folded=True)]
    found = read_drill(drill_path(run, NAME))
    return [ReportSection(TITLE, tuple(table.shown() for table in found.tables[:1]), tuple(found.sentences))]
