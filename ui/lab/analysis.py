"""One step taken apart, and the valley that the whole training went down: measured after it, loss by loss."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from finetune.smallest import smallest_example
from ui.charts import lines_chart
from ui.look import draw


def step_apart(record: Mapping[str, Any]) -> None:
    """Predict, error, gradient, adjust, with the numbers of the first step."""
    apart = record["apart"]
    st.caption(f"The first step of this training, repeated on {apart['examples']} of its examples with learning rate "
               f"{apart['learning_rate']:g}.")  # fmt: skip
    one, two, three, four = st.columns(4)
    one.metric(
        "1. Predict: loss before",
        f"{apart['loss_before']:.4f}",
        help="Mean negative log probability of the answer tokens.",
    )
    two.metric(
        "2. Gradient, last layer",
        f"{apart['gradient'][-1]:.3g}",
        help="The error is passed backwards, from the last layer to the first.",
    )
    three.metric(
        "3. Change",
        f"{sum(c**2 for c in apart['change']) ** 0.5:.3g}",
        help="Euclidean length of the change of what is trained.",
    )
    four.metric("4. Predict again: loss after", f"{apart['loss_after']:.4f}",
                f"{apart['loss_after'] - apart['loss_before']:+.4f}", delta_color="inverse")  # fmt: skip
    rows = [
        {"layer": n, "length": value, "kind": kind}
        for kind in ("gradient", "change") for n, value in enumerate(apart[kind]) if value > 0
    ]  # fmt: skip
    draw(
        lines_chart(
            rows,
            "layer",
            "length",
            "Gradient that reaches each layer, and how far what is trained there moved",
            log=True,
        )
    )
    st.caption("Training repeats this for every batch, and the loss goes down.")


def valley(record: Mapping[str, Any]) -> None:
    """The measured loss around the path, and what a larger step does."""
    deep = record["valley"]
    rows = [
        {"step": step, "loss": loss, "kind": kind}
        for kind, losses in (("along the update", deep["along"]), ("across it", deep["across"]))
        for step, loss in zip(deep["steps"], losses, strict=True)
    ]
    rows += [{"step": p["along"], "loss": p["loss"], "kind": "the path of training"} for p in record["path"]]
    left, right = st.columns(2)
    draw(lines_chart(rows, "step", "loss", "The valley: 0 before training, 1 after it", zero=False), left)
    rates = record["rates"]
    jumps = [{"times the usual step": s, "loss": v} for s, v in zip(rates["steps"], rates["along"], strict=True)]
    draw(
        lines_chart(jumps, "times the usual step", "loss", "One step of another size: too large a step overshoots"),
        right,
    )
    st.caption(
        "Each point is the loss of this model, measured with what is trained moved there and then put back. Training "
        "does not follow the straight line. At its checks it was away from it by "
        + (", ".join(f"{p['across']:.2f}" for p in record["path"]) or "(not recorded)")
        + " of the line's length."
    )
    _smallest()


def _smallest() -> None:
    """One weight, so that everything can be checked by hand."""
    st.header("The smallest example", anchor=False)
    st.caption("One weight. Prediction = 2 × weight, target = 4, loss = error squared. The loss is lowest at weight 2.")
    rate = st.slider("Learning rate", 0.01, 0.3, 0.1, 0.01, key="smallest-rate")
    st.dataframe(pd.DataFrame(smallest_example(rate)), hide_index=True)
    if rate > 0.25:
        st.warning(
            "Above 0.25, each step overshoots by more than the error it corrects, so the loss grows.",
            icon=":material/trending_up:",
        )
