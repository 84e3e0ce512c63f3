"""What a training shows: its curve while it works; then what changed, one step, the valley, its cost, a check."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from finetune.smallest import smallest_example
from ui.charts import amounts_chart, layers_chart, lines_chart
from ui.lab.quiz import quiz
from ui.look import draw
from ui.text import plain

# What the model's makers published: tokens of pretraining (arXiv 2502.02737 and the model card of SmolLM2-135M).
PRETRAINED = {"smollm2-135m": (2e12, "SmolLM2's report, arXiv 2502.02737")}


def show_finished(folder: Path, record: Mapping[str, Any]) -> None:
    """Everything that a finished training left."""
    _answers(record)
    changed, step, deep, facts, check = st.tabs(
        ["What happened", "One step, taken apart", "The valley", "Training and inference", "Check yourself"]
    )
    with changed:
        show_curve(record["training"]["curve"], record["before"])
        _moved(record)
    with step:
        _step_apart(record)
    with deep:
        _valley(record)
    with facts:
        _facts(record)
    with check:
        _check(folder, record)


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


def _answers(record: Mapping[str, Any]) -> None:
    rights = [sum(a["right"] for a in record[when]) for when in ("before", "after")]
    trained, frozen = record["facts"]["training"]["changed"], record["facts"]["training"]["frozen"]
    same = record["fingerprint_before"] == record["fingerprint_after"]
    st.success(plain(
        f"New wordings answered correctly: {rights[0]} of {len(record['before'])} before, {rights[1]} of "
        f"{len(record['after'])} now. {trained:,} weights of the adapter were trained. The {frozen:,} weights of the "
        f"model {'are unchanged' if same else 'CHANGED, which must not happen'}."
    ), icon=":material/school:")  # fmt: skip
    st.caption(
        f"Fingerprint of the model before training {record['fingerprint_before'][:12]}, after it "
        f"{record['fingerprint_after'][:12]}; of the adapter {record['adapter_sha256'][:12]}. In the playground, "
        "base and lora are this model without and with the adapter. You can paste or index the same sentence there."
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
    draw(lines_chart(rows, "layer", "share", "Which weights moved: size of the change relative to the layer's weights"))
    st.caption(
        "Two small matrices are trained beside each weight matrix of the model. This is what their product adds to it."
    )


def _step_apart(record: Mapping[str, Any]) -> None:
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
        "3. Change of the weights",
        f"{sum(c**2 for c in apart['change']) ** 0.5:.3g}",
        help="Euclidean length of the change.",
    )
    four.metric("4. Predict again: loss after", f"{apart['loss_after']:.4f}",
                f"{apart['loss_after'] - apart['loss_before']:+.4f}", delta_color="inverse")  # fmt: skip
    rows = [
        {"layer": n, "length": value, "kind": kind}
        for kind in ("gradient", "change") for n, value in enumerate(apart[kind]) if value > 0
    ]  # fmt: skip
    draw(
        lines_chart(
            rows, "layer", "length", "Gradient that reaches each layer, and how far its weights moved", log=True
        )
    )
    st.caption("Training repeats this for every batch, and the loss goes down.")


def _valley(record: Mapping[str, Any]) -> None:
    """The measured loss around the path, and what a larger step does."""
    deep = record["valley"]
    rows = [
        {"step": step, "loss": loss, "kind": kind}
        for kind, losses in (("along the update", deep["along"]), ("across it", deep["across"]))
        for step, loss in zip(deep["steps"], losses, strict=True)
    ]
    rows += [{"step": p["along"], "loss": p["loss"], "kind": "the path of training"} for p in record["path"]]
    left, right = st.columns(2)
    draw(lines_chart(rows, "step", "loss", "The valley: 0 before training, 1 after it"), left)
    rates = record["rates"]
    jumps = [{"times the usual step": s, "loss": v} for s, v in zip(rates["steps"], rates["along"], strict=True)]
    draw(
        lines_chart(jumps, "times the usual step", "loss", "One step of another size: too large a step overshoots"),
        right,
    )
    st.caption(
        "Each point is the loss of this model, measured with its weights moved there and then put back. Training does "
        "not follow the straight line. At its checks it was away from it by "
        + (", ".join(f"{p['across']:.2f}" for p in record["path"]) or "(not recorded)")
        + " of the line's length."
    )
    st.subheader("The smallest example", anchor=False)
    st.caption("One weight. Prediction = 2 × weight, target = 4, loss = error squared. The loss is lowest at weight 2.")
    rate = st.slider("Learning rate", 0.01, 0.3, 0.1, 0.01, key="smallest-rate")
    st.dataframe(pd.DataFrame(smallest_example(rate)), hide_index=True)
    if rate > 0.25:
        st.warning(
            "Above 0.25, each step overshoots by more than the error it corrects, so the loss grows.",
            icon=":material/trending_up:",
        )


def _mebibytes(value: int | None) -> str:
    return "n/a" if value is None else f"{value / 2**20:,.0f} MiB"


def _facts(record: Mapping[str, Any]) -> None:
    """Training beside inference, each cell measured in this run; and the phases of the model's life."""
    train, infer, price = record["facts"]["training"], record["facts"]["inference"], record["facts"]["usd_per_hour"]
    rows = {
        "goal": ("lower the loss on the examples", "answer one question"),
        "weights": (f"{train['changed']:,} changed, {train['frozen']:,} frozen",
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
    phases = [
        {"phase": "fine-tuning, this run", "tokens": train["tokens"], "operations": train["operations"],
         "source": "measured; operations by formula"},
        {"phase": "one answer, this run", "tokens": infer["tokens"], "operations": infer["operations"],
         "source": "measured; operations by formula"},
    ]  # fmt: skip
    known = next((PRETRAINED[name] for name in PRETRAINED if record["model"].startswith(name)), None)
    if known:
        tokens, source = known
        operations = 6 * train["frozen"] * tokens  # Kaplan et al. 2020, arXiv 2001.08361
        phases.insert(0, {"phase": "pretraining", "tokens": tokens, "operations": operations, "source": source})
    left, right = st.columns(2)
    draw(amounts_chart(phases, "tokens", "Tokens (log scale)"), left, 220)
    draw(amounts_chart(phases, "operations", "Operations (log scale)"), right, 220)
    if known:
        st.caption(
            plain(
                f"Pretraining: {known[1]}, with 6 operations per weight and token. The rest was measured in this run."
            )
        )
    st.caption(
        "Preference tuning (RLHF, DPO) teaches a model which of two answers people prefer: manner, not facts. The "
        "model's makers did that before they published it. This run did not."
    )


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
