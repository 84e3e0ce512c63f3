"""Change a question of a table, and no other cell."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from data.files import write_text
from data.questions.cells import identifier
from data.questions.columns import column, roles_of
from data.questions.question import id_of_row
from data.questions.source import Material, read_source
from data.questions.tables import raw_rows


def change_in_table(path: Path, identity: str, question: str, answers: Sequence[str]) -> bool:
    """Whether the table held the question, which is changed now; it is written in UTF-8, with its delimiter."""
    delimiter, rows = raw_rows(read_source(path, Material()))
    header = [column(cell) for cell in rows[0][1]] if rows else []
    roles = roles_of(header)
    if not roles.question or not roles.answer:
        return False
    asked, given = header.index(roles.question), header.index(roles.answer)
    own = header.index(roles.identity) if roles.identity else None
    for line, cells in rows[1:]:
        named = identifier(cells[own]) if own is not None and own < len(cells) else ""
        if (named or id_of_row(line)) == identity and max(asked, given) < len(cells):
            cells[asked], cells[given] = question, " | ".join(answers)
            table = StringIO()
            csv.writer(table, delimiter=delimiter, lineterminator="\n").writerows(cells for _, cells in rows)
            write_text(path, table.getvalue())
            return True
    return False
