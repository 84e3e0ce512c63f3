"""The plan for a comparison past one machine is arithmetic on published sizes."""

import pytest

from benchmarks.plan import EMBEDDER, disk, large_model, memory, steps


def test_the_sizes_are_those_of_the_published_model() -> None:
    sizes = large_model()
    assert sizes.weights == 70_553_706_496  # as its card counts them
    found = dict(memory(sizes))
    assert found["weights in bfloat16"] == 2 * sizes.weights
    # 80 layers, 8 heads of 128 for keys and as many for values, two bytes each
    assert found["keys and values of 131,072 pasted tokens, beside them"] == 2 * 80 * 8 * 128 * 2 * 131_072


def test_operations_grow_with_what_is_computed() -> None:
    small, large = (dict(steps(large_model(), passages, 100)) for passages in (1_000, 2_000))
    assert large["embedding 2,000 passages"] == 2 * small["embedding 1,000 passages"]
    # 12 · hidden² · layers weights in BERT's products; 200 tokens see each other in 6 layers of 384
    assert EMBEDDER.linear == 12 * 384**2 * 6
    assert small["embedding 1,000 passages"] == 1_000 * (2 * EMBEDDER.linear * 200 + 4 * 6 * 384 * 200**2)
    assert small["base: 100 answers"] == small["lora: 100 answers"] < small["rag: 100 answers over 5 passages"]
    # two operations a weight and token, of 1,161 tokens, within what attention and vocabulary add
    assert small["rag: 100 answers over 5 passages"] == pytest.approx(100 * 2 * 70e9 * 1_161, rel=0.03)


def test_vectors_take_four_bytes_a_number() -> None:
    assert disk(10_000_000)[0][1] == 10_000_000 * 384 * 4
