"""What trl's trainer would leave behind is taken back, and what it would print is kept away."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def as_it_was(network: Any) -> Iterator[None]:
    """Take back what the trainer leaves in a network: another forward pass, its mode, a padding token, its mark."""
    forward, mode = network.__dict__.get("forward"), network.training
    pads = network.config.pad_token_id, network.generation_config.pad_token_id
    tags = network.model_tags
    try:
        yield
    finally:
        network.__dict__.pop("forward", None)
        if forward is not None:
            network.forward = forward
        network.config.pad_token_id, network.generation_config.pad_token_id = pads
        network.model_tags = tags
        network.train(mode)


@contextmanager
def quiet() -> Iterator[None]:
    """The libraries' own bars and warnings about each other stay away from the terminal."""
    import datasets
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), datasets.are_progress_bars_disabled()
    shown = os.environ.get("TQDM_DISABLE")
    os.environ["TQDM_DISABLE"] = "1"  # the only way to silence trl's bar over the reference
    datasets.disable_progress_bars()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.environ.pop("TQDM_DISABLE")
        if shown is not None:
            os.environ["TQDM_DISABLE"] = shown
        logging.set_verbosity(level)
        if not bars:
            datasets.enable_progress_bars()
