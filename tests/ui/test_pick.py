"""A table whose lines are opened by id, never by number."""

from streamlit.testing.v1 import AppTest


def _pick() -> None:
    import pandas as pd
    import streamlit as st

    from ui.pick import pick_line

    shown = st.text_input("Contains")
    frame = pd.DataFrame({"word": [word for word in ("ant", "bee", "cat") if shown in word]})
    st.text(f"open: {pick_line(frame, list(frame['word']), 'word')}")


def test_a_table_with_other_lines_is_another_table() -> None:
    """So that what was chosen by its number is never taken for what stands there now."""
    page = AppTest.from_function(_pick)
    page.query_params["word"] = "bee"
    page.run()
    assert page.text[0].value == "open: bee"
    before = page.dataframe[0].proto.id
    page.text_input[0].set_value("c").run()
    assert not page.exception
    assert page.dataframe[0].proto.id != before
    assert page.text[0].value == "open: None"
    page.text_input[0].set_value("").run()
    assert page.dataframe[0].proto.id == before
    assert page.text[0].value == "open: bee"
