"""A table of the report as the app shows it."""

import pandas as pd
import streamlit as st

from evaluation.table import Table
from ui.text import plain


def show_table(table: Table) -> None:
    """The table under the head that stands there already, and its note."""
    shown = {
        column.name: st.column_config.TextColumn(help=column.help or None, alignment=column.align)
        for column in table.columns
    }
    shown[table.heads[0]]["width"] = 10 + 8 * max(map(len, (table.heads[0], *(row[0] for row in table.rows))))
    st.dataframe(pd.DataFrame(table.rows, columns=table.heads), hide_index=True, column_config=shown)
    if table.note:
        st.caption(plain(table.note))
