"""The curve of a training, while it works and afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui.charts import layers_chart, lines_chart
from ui.look import draw
from ui.text import plain


def show_curve(lines: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> None:
    """Loss, new wordings answered, gradients by layer, and one question answered at every check."""
    left, right = st.columns(2)
    draw(lines_chart([{"step": r["step"], "loss": r["loss"]} for r in lines], "step", "loss", "Loss (the error)"), left)
    checks = [row for row in lines if "answers" in row]
    if checks:
        rights = [{"epoch": 0.0, "right": sum(a["right"] for a in before)}] if before else []
        rights += [{"epoch": row["epochs"], "right": row["right"]} for row in checks]
        title = f"New wordings answered correctly, of {checks[-1]['of']}"
        draw(lines_chart(rights, "epoch", "right", title), right)
    norms = [
        {"step": row["step"], "layer": layer, "gradient": max(norm, 1e-12)}
        for row in lines
        for layer, norm in enumerate(row.get("gradient_by_layer", []))
    ]
    if norms:
        draw(layers_chart(norms), left)
    rates = [{"step": row["step"], "learning rate": row["learning_rate"]} for row in lines]
    draw(lines_chart(rates, "step", "learning rate", "Learning rate (how far each step goes)"), right)
    if checks:
        questions = [answer["question"] for answer in checks[0]["answers"]]
        place = st.selectbox("One question at every check", range(len(questions)),
                             format_func=lambda n: questions[n])  # fmt: skip
        said = [{"step": 0, "answer": before[place]["answer"], "right": before[place]["right"]}] if before else []
        said += [
            {"step": row["step"], "answer": row["answers"][place]["answer"], "right": row["answers"][place]["right"]}
            for row in checks
        ]
        st.caption(plain(f"Accepted: {checks[0]['answers'][place]['accepted']}"))
        st.dataframe(pd.DataFrame(said), hide_index=True)
