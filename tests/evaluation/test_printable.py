"""No text that is printed steers the terminal."""

import io
import json

from evaluation.printable import PrintableConsole, printable
from evaluation.table import columns, make_table, terminal

HOSTILE = "a\x1b]0;title\x07b\x1b[2Jc\x9b31md\re\x08f\x7f"


def _controls(text: str) -> set[str]:
    return {c for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160}


def test_control_characters_are_written_out() -> None:
    assert printable("a\tb\nc") == "a\tb\nc"
    assert printable("\x1b[0m") == "\\u001b[0m"
    assert not _controls(printable(HOSTILE))


def test_json_stays_what_it_was() -> None:
    assert json.loads(printable(json.dumps({"a": HOSTILE}, ensure_ascii=False))) == {"a": HOSTILE}


def test_lines_and_tables_are_safe_on_a_terminal() -> None:
    out = io.StringIO()
    console = PrintableConsole(file=out, width=200)
    console.print(HOSTILE, markup=False, highlight=False)
    console.print(terminal(make_table("", columns("method"), [[HOSTILE]])))
    assert not _controls(out.getvalue())
    assert "title" in out.getvalue()


def test_the_console_keeps_its_own_colours() -> None:
    out = io.StringIO()
    PrintableConsole(file=out, force_terminal=True, color_system="standard").print(
        "x\x1b[5m", style="red", markup=False
    )
    assert out.getvalue().startswith("\x1b[31m")
    assert "\x1b[5m" not in out.getvalue()
