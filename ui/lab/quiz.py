"""Eight questions about a training, with answers from that training's record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """A question with its choices, the place of the right one, and why it is right."""

    question: str
    choices: tuple[str, ...]
    right: int
    why: str


def quiz(record: Mapping[str, Any]) -> list[Item]:
    """All eight; numbers are those of the record."""
    facts, apart, deep = record["facts"], record["apart"], record["valley"]
    train, curve = facts["training"], record["training"]["curve"]
    first, last = curve[0]["loss"], curve[-1]["loss"]
    same = record["fingerprint_before"] == record["fingerprint_after"]
    fell = apart["loss_after"] < apart["loss_before"]
    bottom = deep["steps"][deep["along"].index(min(deep["along"]))]
    deepest = max(range(len(apart["gradient"])), key=lambda layer: apart["gradient"][layer])
    before = sum(a["right"] for a in record["before"])
    now = sum(a["right"] for a in record["after"])
    return [
        Item("How many of the model's own weights did this training change?",
             ("none", f"{train['changed']:,}", f"all {train['frozen']:,}"), 0 if same else 2,
             f"The fingerprint of the {train['frozen']:,} frozen weights is "
             f"{'the same before and after' if same else 'different now'}; {train['changed']:,} new ones were trained "
             "beside them."),
        Item("You paste the same sentence into a prompt instead. What changes in the model?",
             ("nothing", "the adapter", "the weights of the first layer"), 0,
             "A prompt is input. It is read, answered and forgotten. The playground shows that the fingerprint stays."),
        Item("You add the sentence to the index. What changes in the model?",
             ("nothing", "its vocabulary", "its last layer"), 0,
             "The index is a file beside the model. What it finds is put into the prompt."),
        Item("From the first to the last step, the loss went…",
             ("down", "up"), 0 if last < first else 1,
             f"It was {first:.3f} at step 1 and {last:.3f} at step {len(curve)}."),
        Item("After the one step that was taken apart, the loss on its batch was…",
             ("lower", "higher"), 0 if fell else 1,
             f"{apart['loss_before']:.4f} before, {apart['loss_after']:.4f} after. Too large a step would raise it."),
        Item("Where along the whole update was the measured loss lowest?",
             ("before the training (0)", "between its start and its end", "at its end (1)", "beyond its end"),
             0 if bottom <= 0 else 1 if bottom < 1 else 2 if bottom == 1 else 3,
             f"At {bottom:g} of the update, among the points that were measured."),
        Item("In which layer was the gradient of the first step largest?",
             ("in the first third", "in the middle third", "in the last third"),
             min(2, 3 * deepest // len(apart["gradient"])),
             f"In layer {deepest} of {len(apart['gradient'])}, counted from 0."),
        Item("How many of the questions worded differently from the training does it now answer correctly?",
             ("fewer than before", "as many as before", "more than before"),
             0 if now < before else 1 if now == before else 2,
             f"{before} before, {now} now, of {len(record['after'])}."),
    ]  # fmt: skip
