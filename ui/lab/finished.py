"""What a finished training left: before and after first, then what happened and what was measured of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from ui.charts import lines_chart
from ui.lab.analysis import step_apart, valley
from ui.lab.curve import show_curve
from ui.lab.facts import facts
from ui.lab.quiz import quiz
from ui.look import draw
from ui.text import plain

TABS = ("What happened", "One step, taken apart", "The valley", "Training and inference", "Check yourself")
MEASURED_LATER = ("apart", "valley", "rates", "path")  # after the training itself
TRAINED = {"adapter": "weights of the adapter", "prefix": "numbers of the prefix"}
MOVED = {
    "adapter": (
        "Which weights moved: size of the change relative to the layer's weights",
        "Two small matrices are trained beside each weight matrix of the model. This is what their product adds to it.",
    ),
    "prefix": (
        "How far the prefix moved: size of the change relative to what the model read there",
        "Keys and values of each layer began as the model reads the text, and were trained. No weight has moved.",
    ),
}


def _kind(record: Mapping[str, Any]) -> str:
    """adapter or prefix; a training of an earlier version was one of an adapter."""
    return str(record.get("kind", "adapter"))


def show_finished(folder: Path, record: Mapping[str, Any]) -> None:
    """Everything that a training left; what is still being measured says so. Only the open tab is computed."""
    _answers(record)
    ready = all(key in record for key in MEASURED_LATER)
    changed, step, deep, numbers, check = st.tabs(TABS, key="look", on_change="rerun", bind="query-params")
    with changed:
        if changed.open:
            show_curve(record["training"]["curve"], record["before"])
            _moved(record)
    with numbers:
        if numbers.open:
            facts(record)
    for tab, show in ((step, step_apart), (deep, valley), (check, lambda record: _check(folder, record))):
        with tab:
            if tab.open and ready:
                show(record)
            elif tab.open:
                st.info("This is still being measured. It is shown here as soon as it is there.")


def _answers(record: Mapping[str, Any]) -> None:
    rights = [sum(a["right"] for a in record[when]) for when in ("before", "after")]
    trained, frozen = record["facts"]["training"]["changed"], record["facts"]["training"]["frozen"]
    same = record["fingerprint_before"] == record["fingerprint_after"]
    example = "prefix" if _kind(record) == "prefix" else "lora"
    st.success(plain(
        f"New wordings answered correctly: {rights[0]} of {len(record['before'])} before, {rights[1]} of "
        f"{len(record['after'])} now. {trained:,} {TRAINED[_kind(record)]} were trained. The {frozen:,} weights of the "
        f"model {'are unchanged' if same else 'CHANGED, which must not happen'}."
    ), icon=":material/school:")  # fmt: skip
    st.caption(
        f"In the playground, base and {example} are this model without and with the {_kind(record)}. You can paste or "
        "index the same sentence there.",
        help=f"Fingerprint of the model before training {record['fingerprint_before'][:12]}, after it "
        f"{record['fingerprint_after'][:12]}; of the {_kind(record)} {record['adapter_sha256'][:12]}.",
    )
    rows = [
        {"question, not in training": after["question"], "accepted": after["accepted"], "before": before["answer"],
         "now": after["answer"], "right": after["right"]}
        for before, after in zip(record["before"], record["after"], strict=True)
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _moved(record: Mapping[str, Any]) -> None:
    """How large the change of each layer is beside the layer itself."""
    rows = [{"layer": row["layer"], "share": row["added"] / row["base"]} for row in record["moved"]]
    title, told = MOVED[_kind(record)]
    draw(lines_chart(rows, "layer", "share", title))
    st.caption(told)


def _check(folder: Path, record: Mapping[str, Any]) -> None:
    """Eight questions about what was just seen, answered from this run."""
    st.caption("Eight questions about this training. Your answers are not recorded.")
    for number, item in enumerate(quiz(record)):
        choice = st.radio(
            f"{number + 1}. {plain(item.question)}", item.choices, index=None, key=f"{folder.name}-{number}"
        )
        if choice is not None and choice == item.choices[item.right]:
            st.success("Yes. " + plain(item.why), icon=":material/check:")
        elif choice is not None:
            st.error("No. " + plain(item.why), icon=":material/close:")
