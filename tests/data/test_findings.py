"""One list of what a person should know, the gravest first."""

from data.findings import Finding, as_one, brief, count, counted, error, note, ordered, warning


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


def test_many_of_one_kind_are_one_row() -> None:
    found = [warning(f"q{n}", f"the same as p{n}", "Delete one of them.") for n in range(12)]
    assert as_one(found[:3], "3 are the same", "") == found[:3]
    assert as_one(found[:4], "4 are the same", "Delete.") == [warning("q0, q1, q2, q3", "4 are the same", "Delete.")]
    (one,) = as_one(found, "12 are the same", "")
    assert one.place == "q0, q1, q2, q3, q4, q5, q6, q7, q8, q9 and 2 more"
    assert as_one([], "", "") == []
