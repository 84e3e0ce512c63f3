"""A table whose lines are opened by a click, and what is open stands in the address."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui.links import keep, kept_one


def pick_line(frame: Any, ids: Sequence[str], name: str, **options: Any) -> str | None:
    """Show the table; a click anywhere in a line opens it, and a click on its mark closes it again.

    Streamlit remembers the number of a line, not what stood there. What is open is therefore kept by its id, and a
    table with other lines is another table: the choice never falls on a line that nobody chose.

    Args:
        frame: a data frame, or a styled one.
        ids: what each line is about, in their order.
        name: of the choice, in the address.

    Returns:
        The id of the open line; None where none is open, or where it is not among these.
    """
    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:12]
    key, opened = f"{name}-{digest}", kept_one(name)
    lines = [ids.index(opened)] if opened in ids else []

    def choose() -> None:
        picked = st.session_state[key]["selection"]
        chosen = [line for line, _ in picked["cells"]] or picked["rows"]
        keep(name, [ids[line] for line in chosen[:1]])

    st.session_state[key] = {"selection": {"rows": lines, "columns": [], "cells": []}}
    st.dataframe(
        frame, hide_index=True, key=key, on_select=choose, selection_mode=["single-row", "single-cell"], **options
    )
    return opened if lines else None


def step(ids: Sequence[str], name: str, by: int) -> None:
    """Open the line so many places further; the first where none is open. At the ends nothing changes."""
    opened = kept_one(name)
    place = ids.index(opened) + by if opened in ids else 0
    keep(name, [ids[min(max(place, 0), len(ids) - 1)]] if ids else [])


def height_of(lines: int, most: int = 420) -> int:
    """Pixels of a table of so many lines."""
    return min(most, 38 + 35 * max(1, lines))


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str] = ()) -> pd.DataFrame:
    """A frame of rows that has its columns where there are no rows, too."""
    return pd.DataFrame(list(rows), columns=list(columns) or None)
