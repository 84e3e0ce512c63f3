"""One list of what a person should know, the gravest first."""

from data.findings import Finding, brief, count, counted, error, note, ordered, warning


def test_a_finding_reads_as_a_sentence() -> None:
    assert str(warning("q.csv, line 3", "2 cells", "Fix the row.")) == "q.csv, line 3: 2 cells. Fix the row."
    assert str(note("", "read as a table")) == "read as a table"


def test_the_gravest_come_first_and_each_once() -> None:
    found: list[Finding] = [note("a", "x"), warning("b", "y"), error("c", "z"), warning("b", "y")]
    assert [finding.place for finding in ordered(found)] == ["c", "b", "a"]
    assert count(found) == {"error": 1, "warning": 2, "note": 1}


def test_a_run_is_told_the_first_few_and_how_many_more() -> None:
    found = [note("n", "x"), *(warning(f"q{n}", "twice") for n in range(8))]
    told = brief(found)
    assert told[:2] == ["q0: twice", "q1: twice"]
    assert told[-1] == "3 more findings: `trivium check` lists them."
    assert (len(told), brief(found[:2]), counted(1, "row")) == (6, ["q0: twice"], "1 row")
