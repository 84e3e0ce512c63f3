"""How long a run would take and cost, measured by a job of its own: it waits its turn and can be stopped."""

import inspect
import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import streamlit as st

from evaluation.cli.domain import check
from evaluation.jobs.job import Job, start
from ui.run.steps import minutes
from ui.text import plain
from ui.workspace import Workspace

PREDICTS = "check"  # the command that predicts


def predict(space: Workspace, domain: Path, arguments: Sequence[str], chosen: Mapping[str, Sequence[str]]) -> None:
    """Start the prediction; the jobs of the page show it.

    Args:
        arguments: options of `trivium run`.
        chosen: more of them by their names; a user's own systems are left out, how long they take cannot be known.
    """
    known = inspect.signature(check).parameters
    more = chain(*(parts for name, parts in chosen.items() if name in known))
    command = [PREDICTS, str(domain), *arguments, *more, "--json"]
    start(space.runs, f"check and prediction for {domain.name}", command, domain, space.root)
    st.rerun()


def show_prediction(job: Job) -> None:
    """What the check found, from what it printed."""
    found = _printed(job)
    estimate = found.get("estimate")
    if estimate is None:
        st.code("\n".join(job.log[-6:]) or "It exited without a message.", language=None)
        return
    tokens, dollars = estimate.get("prompt_tokens"), estimate.get("usd") or 0.0
    seconds = estimate.get("seconds")
    time = "n/a (how long your own system takes is not known)" if seconds is None else f"about {minutes(seconds)}"
    parts = [
        f"{name} {minutes(row['prepare_s'] + row['answer_s'])}" for name, row in estimate["methods"].items()
    ]  # fmt: skip
    read = "" if tokens is None else f", {tokens:,} prompt tokens"
    st.text(f"Time: {time}{read}, ${dollars:.3f} (assumed machine price)\n{' · '.join(parts)}")
    for kind in ("problems", "warnings", "notes"):
        for sentence in found.get(kind, [])[:10]:
            st.caption(plain(f"{kind.removesuffix('s')}: {sentence}"))


def _printed(job: Job) -> dict[str, Any]:
    """The JSON at the end of what it printed; empty where there is none."""
    text = "\n".join(job.log)
    try:
        found = json.loads(text[text.index("\n{") if "\n{" in text else text.index("{") :])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
