"""What a comparison past one machine would take: operations, bytes, hours and dollars by formula; nothing is run.

    python -m benchmarks.plan [--passages 10000000] [--questions 2000] [--gpu-gb 80]

The model has the shape of Llama 3.1 70B (its published configuration), the embedder is all-MiniLM-L6-v2. Operations are
those that a run's costs are computed from (model/operations.py), memory that of `trivium check` (model/footprint.py),
speed and price of a GPU those of the price book. Every figure is estimated.
"""

import argparse
from math import ceil

from evaluation.cost.prices import PriceBook, read_prices
from model.footprint import Batch, Footprint
from model.operations import Shapes, answer_operations, reading_operations, training_operations
from model.sizes import Sizes, of_config

PASSAGE, TOP_K, FRAME, WRITTEN = 200, 5, 150, 12  # tokens; the defaults of models from a billion weights on
STUDIED, QUESTIONS_EACH, EXAMPLE, EPOCHS, RANK = 300, 10, 60, 6, 16  # of a self-study; tokens of an example
EMBEDDER = Shapes(linear=6 * (4 * 384**2 + 2 * 384 * 1536), vocabulary=0, attention=6 * 384)
ROWS = 64  # answered together
VECTOR, GRAPH = 4 * 384, 1.16  # bytes; files of Qdrant's engine with its graph in proportion, measured at a million


def large_model() -> Sizes:
    """Counted on the configuration that Meta published for Llama 3.1 70B."""
    from transformers import LlamaConfig

    return of_config(LlamaConfig(
        vocab_size=128_256, hidden_size=8192, intermediate_size=28_672, num_hidden_layers=80, num_attention_heads=64,
        num_key_value_heads=8, max_position_embeddings=131_072, tie_word_embeddings=False,
    ))  # fmt: skip


def steps(sizes: Sizes, passages: int, questions: int) -> list[tuple[str, float]]:
    """What is computed, and its floating-point operations."""
    shapes = Shapes(sizes.products, sizes.hidden * sizes.vocabulary, sizes.layers * sizes.queries)
    found, pasted = TOP_K * PASSAGE, sizes.window - FRAME - WRITTEN
    adapter = RANK * sizes.sides

    def answers(prompt: int, cached: int = 0) -> float:
        return questions * answer_operations(shapes, prompt, cached, WRITTEN)

    def training(studied: int) -> float:
        tokens = studied * QUESTIONS_EACH * EXAMPLE * EPOCHS
        return training_operations(shapes, tokens, tokens // 5, adapter)

    writing = QUESTIONS_EACH * answer_operations(shapes, PASSAGE + FRAME, PASSAGE, 20)
    return [
        (f"embedding {passages:,} passages", passages * reading_operations(EMBEDDER, PASSAGE)),
        (f"base: {questions:,} answers", answers(FRAME)),
        (f"rag: {questions:,} answers over {TOP_K} passages", answers(FRAME + found)),
        (f"inject: {pasted:,} tokens read once, {questions:,} answers behind them",
         reading_operations(shapes, pasted) + answers(pasted + FRAME, pasted)),
        (f"lora: self-study of {STUDIED} passages, written and trained",
         STUDIED * writing + training(STUDIED)),
        (f"lora: {questions:,} answers", answers(FRAME)),
        (f"lora+rag: {questions:,} answers", answers(FRAME + found)),
        (f"lora: self-study of all {passages:,} passages instead", passages * writing + training(passages)),
    ]  # fmt: skip


def memory(sizes: Sizes) -> list[tuple[str, float]]:
    """What has to be in the memory of GPUs at once, in bytes."""
    whole, rounded = Footprint(sizes, "cuda"), Footprint(sizes, "cuda", "4bit")
    answering = whole.answering(ROWS, FRAME + TOP_K * PASSAGE + WRITTEN)
    batch = Batch(shared=FRAME, rows=8, width=EXAMPLE, labels=8 * 12)
    return [
        ("weights in bfloat16", whole.weights),
        ("weights in 4 bits", rounded.weights),
        (f"answering {ROWS} questions of rag, beside them", answering),
        ("training LoRA of rank 16, beside them", whole.training(batch, RANK, again=True)),
        (f"keys and values of {sizes.window:,} pasted tokens, beside them", whole.keys(sizes.window)),
    ]


def disk(passages: int) -> list[tuple[str, float]]:
    """Bytes of the index."""
    return [
        ("the run's own vectors, in its folder", passages * VECTOR),
        ("the collection with its graph, on the Qdrant servers", passages * VECTOR * GRAPH),
    ]


def _time(operations: float, prices: PriceBook) -> tuple[str, str]:
    hours = operations / prices.gpu_operations.price / 3600
    return f"{hours:,.2f}" if hours < 10 else f"{hours:,.0f}", f"{hours * prices.gpu_hour.price:,.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=10_000_000)
    parser.add_argument("--questions", type=int, default=2_000)
    parser.add_argument("--gpu-gb", type=float, default=80)
    options = parser.parse_args()
    sizes, prices = large_model(), read_prices()
    print("| computed | operations | GPU hours | dollars |\n| --- | --- | --- | --- |")
    for name, operations in steps(sizes, options.passages, options.questions):
        print(f"| {name} | {operations:.1e} | {' | '.join(_time(operations, prices))} |")
    print("\n| in the memory of GPUs | GB | GPUs |\n| --- | --- | --- |")
    for name, size in memory(sizes):
        print(f"| {name} | {size / 1e9:,.0f} | {ceil(size / 1e9 / options.gpu_gb)} |")
    print("\n| on disk | GB |\n| --- | --- |")
    for name, size in disk(options.passages):
        print(f"| {name} | {size / 1e9:,.1f} |")


if __name__ == "__main__":
    main()
