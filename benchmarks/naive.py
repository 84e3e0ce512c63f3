"""What people do today: one question at a time with plain `generate`, and LoRA with trl's SFTTrainer.

The same weights (the trained reader is added to them before anything is measured), prompts, threshold of refusing,
answer limit and recipe as ours. In two points it is better than common practice, so that it does not lose for a reason
that is not meant: generation ends at the first line break, and checks only the new text.
"""

import hashlib
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers.utils.logging import disable_progress_bar

from data.prompt import ABSTENTION
from finetune.settings import TrainingSettings
from model.reader import Reader
from model.weights import resolve_model


class _AtLineBreak(StoppingCriteria):  # type: ignore[misc] # transformers is untyped here
    def __init__(self, tokenizer: Any, start: int) -> None:
        self.tokenizer, self.start = tokenizer, start

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: Any) -> torch.Tensor:
        return torch.tensor(["\n" in self.tokenizer.decode(row[self.start :]) for row in input_ids])


class Refusal(LogitsProcessor):  # type: ignore[misc] # transformers is untyped here
    """The first token is the abstention where its chance is above the threshold, and only there."""

    def __init__(self, token: int, above: float, start: int) -> None:
        self.token, self.above, self.start = token, above, start

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if input_ids.shape[1] > self.start:
            return scores
        refused = scores.float().softmax(dim=-1)[:, self.token] > self.above
        is_abstention = torch.arange(scores.shape[1]) == self.token
        return scores.masked_fill(is_abstention != refused[:, None], -torch.inf)


def load_network(name: str) -> Any:
    """The weights that ours has under this name, in a plain network of transformers."""
    source = resolve_model(name)
    network = AutoModelForCausalLM.from_pretrained(source.weights, dtype=torch.float32)
    if source.reader:
        Reader(source.reader).add_to(network)
    return network


def weights_digest(network: Any) -> str:
    """SHA-256 over all parameters and their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.named_parameters()):
        digest.update(name.encode())
        digest.update(tensor.detach().contiguous().view(torch.uint8).numpy().data)
    return digest.hexdigest()


class Naive:
    """The base model, with an adapter beside its weights where one is given."""

    def __init__(self, name: str, adapter: Path | None = None) -> None:
        disable_progress_bar()
        source = resolve_model(name)
        self.refuse_above = source.refuse_above
        self.tokenizer: Any = AutoTokenizer.from_pretrained(source.weights)
        self.network: Any = load_network(name)
        if adapter:
            self.network = PeftModel.from_pretrained(self.network, str(adapter))
        self.network.eval()

    @torch.inference_mode()
    def answer(self, prompt: str, limit: int) -> str:
        inputs = self.tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        width = inputs["input_ids"].shape[1]
        stop = StoppingCriteriaList([_AtLineBreak(self.tokenizer, width)])
        processors = LogitsProcessorList()
        if self.refuse_above is not None:
            (abstention,) = self.tokenizer(ABSTENTION, add_special_tokens=False)[
                "input_ids"
            ]  # one token, as in SmolLM2
            processors.append(Refusal(abstention, self.refuse_above, width))
        output = self.network.generate(
            **inputs, max_new_tokens=limit, do_sample=False, stopping_criteria=stop, logits_processor=processors,
            pad_token_id=self.tokenizer.eos_token_id,
        )  # fmt: skip
        text: str = self.tokenizer.decode(output[0, width:], skip_special_tokens=True)
        return text.partition("\n")[0].strip()


def sft_trainer(name: str, pairs: Sequence[tuple[str, str]], settings: TrainingSettings, folder: Path) -> Any:
    """An SFTTrainer over (prompt, completion) texts with loss on the completion only, ready to train."""
    from datasets import Dataset, disable_progress_bars
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    disable_progress_bar()
    disable_progress_bars()
    warnings.simplefilter("ignore", FutureWarning)  # the libraries' own, about each other
    rows = [{"prompt": prompt, "completion": completion} for prompt, completion in pairs]
    config = SFTConfig(
        output_dir=str(folder), completion_only_loss=True, per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate, lr_scheduler_type="cosine", warmup_steps=settings.warmup,
        num_train_epochs=settings.passes(len(rows)), max_grad_norm=settings.clip, weight_decay=0.0, seed=settings.seed,
        bf16=False, use_cpu=True, gradient_checkpointing=False, report_to="none", save_strategy="no",
        logging_strategy="no", disable_tqdm=True, eos_token=None,
    )  # fmt: skip
    lora = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    trainer = SFTTrainer(
        model=load_network(name),
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(resolve_model(name).weights),
        peft_config=lora,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def train_naively(name: str, pairs: Sequence[tuple[str, str]], settings: TrainingSettings, folder: Path) -> float:
    """Seconds of the training itself, its set-up and tokenization left out."""
    trainer = sft_trainer(name, pairs, settings, folder)
    started = time.perf_counter()
    trainer.train()
    return time.perf_counter() - started
