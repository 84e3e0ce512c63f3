"""Training beside inference, each figure of this run; and the phases of a model's life."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from evaluation.lab.life import MEASURED, Phase, pretraining
from ui.charts import amounts_chart
from ui.look import draw
from ui.text import plain


def _mebibytes(value: int | None) -> str:
    return "n/a" if value is None else f"{value / 2**20:,.0f} MiB"


def _changed(record: Mapping[str, Any]) -> str:
    trained = record["facts"]["training"]["changed"]
    return f"0 changed, {trained:,} numbers of a prefix" if record.get("kind") == "prefix" else f"{trained:,} changed"


def facts(record: Mapping[str, Any]) -> None:
    """Training beside inference, each cell measured in this run; and the phases of the model's life."""
    train, infer, price = record["facts"]["training"], record["facts"]["inference"], record["facts"]["usd_per_hour"]
    rows = {
        "goal": ("lower the loss on the examples", "answer one question"),
        "weights": (f"{_changed(record)}, {train['frozen']:,} frozen",
                    f"0 changed, {infer['frozen']:,} frozen"),
        "passes": ("forward and backward", "forward only"),
        "data": (f"{train['examples']} examples, {train['tokens']:,} tokens in total", f"{infer['tokens']} tokens"),
        "how often": (f"once, {train['steps']} steps", "for every question"),
        "seconds": (f"{train['seconds']:.1f}", f"{infer['seconds']:.2f}"),
        "tokens a second": (f"{train['tokens_per_s']:,.0f}", f"{infer['tokens_per_s']:,.0f}"),
        "operations (by formula)": (f"{train['operations']:.2e}", f"{infer['operations']:.2e}"),
        "dollars (assumed price)": (f"{train['seconds'] / 3600 * price:.5f}", f"{infer['seconds'] / 3600 * price:.7f}"),
        "hardware": (record["facts"]["device"],) * 2,
        "peak memory of the process": (_mebibytes(train["peak_bytes"]), _mebibytes(infer["peak_bytes"])),
    }  # fmt: skip
    frame = pd.DataFrame([(name, *cells) for name, cells in rows.items()], columns=["", "training", "inference"])
    st.dataframe(frame, hide_index=True, height=38 + 35 * len(frame))
    st.caption(
        "Measured in this run on this machine, inference before training began. Operations are computed by formula, "
        "dollars at the assumed price of a machine hour."
    )
    _phases(record)


def _phases(record: Mapping[str, Any]) -> None:
    """Pretraining, fine-tuning and one answer, in tokens and operations."""
    train, infer = record["facts"]["training"], record["facts"]["inference"]
    phases = [
        Phase("fine-tuning, this run", train["tokens"], train["operations"], MEASURED),
        Phase("one answer, this run", infer["tokens"], infer["operations"], MEASURED),
    ]
    known = pretraining(record["model"], train["frozen"])
    if known:
        phases.insert(0, known.phase)
    left, right = st.columns(2)
    rows = [asdict(phase) for phase in phases]
    draw(amounts_chart(rows, "tokens", "Tokens (log scale)"), left, 220)
    draw(amounts_chart(rows, "operations", "Operations (log scale)"), right, 220)
    if known:
        st.caption(
            plain(
                f"Pretraining is {known.phase.source}, with 6 operations per weight and token. The rest was measured "
                f"in this run. {known.later}"
            )
        )
    st.caption(
        "Preference tuning (RLHF, DPO) teaches a model which of two answers people prefer: manner, not facts. This "
        "training did not; the view Prefer does it with rankings of a run."
    )
