"""The phases of a model's life on one axis: published pretraining, then what this run trained, tuned and answered."""

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from evaluation.lab.life import Phase, life, pretraining
from evaluation.numbers import about
from evaluation.results.preference import read_preferences
from evaluation.table import columns, make_table, text_columns
from ui.charts import amounts_chart
from ui.look import draw
from ui.reading import results_of
from ui.tables import show_table
from ui.text import plain
from ui.workspace import Workspace

_TOP, _LINE = 90, 26  # pixels: title and axis, and each phase


def show_life(space: Workspace, run: Path) -> None:
    """Tokens and operations of each phase, powers of ten apart."""
    results = results_of(run)
    phases = life(results, read_preferences(run).changes)
    model = results.model
    st.caption(
        plain(
            f"{model.name}: what it took to make it, to teach it this domain, to teach it what people prefer, and to "
            "let it answer one question. Training happens once, answering again and again. What all prompts of a "
            "method share is read once and not counted in the tokens of an answer."
        )
    )
    rows = [asdict(phase) for phase in phases]
    height = _TOP + _LINE * len(rows)
    left, right = st.columns(2)
    draw(amounts_chart(rows, "tokens", "Tokens (log scale)"), left, height)
    counted = [row for row in rows if row["operations"]]
    draw(amounts_chart(counted, "operations", "Operations (log scale)"), right, height)
    heads = (*columns("phase", "tokens", "operations"), *text_columns("source"))
    show_table(make_table("Phases", heads, map(_row, phases)))
    published = pretraining(model.plain_name or model.name, model.parameters) if model.parameters else None
    if published:
        st.caption(plain(f"Pretraining: 6 operations a weight and token (arXiv 2001.08361). {published.later}"))
    else:
        st.caption("What this model was pretrained on is not known here.")
    if not any(phase.phase.startswith("preference") for phase in phases):
        st.info("No preference tuning yet. The view Prefer leads from answers to a tuned model.")


def _row(phase: Phase) -> list[str]:
    counted = f"{phase.operations:.1e}" if phase.operations else "n/a"
    tokens = f"{phase.tokens:.0e}" if phase.tokens >= 1e12 else about(phase.tokens)
    return [phase.phase, tokens, counted, phase.source]
