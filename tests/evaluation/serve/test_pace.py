"""How long answers take is learnt from batches; expected values by hand."""

import pytest

from evaluation.serve.pace import Pace


def test_the_first_batch_is_small_and_the_next_as_large_as_time_allows() -> None:
    pace = Pace(limit_s=100, most=64)
    assert pace.rows("rag") == 8
    pace.learn("rag", rows=8, seconds=16)  # 2 s each; a batch may take 40 s
    assert pace.rows("rag") == 20
    assert pace.rows("lora") == 8, "each kind by itself"
    pace.learn("lora", rows=8, seconds=0.8)
    assert pace.rows("lora") == 64
    pace.learn("inject", rows=1, seconds=300)
    assert pace.rows("inject") == 1


def test_what_waits_is_added_up_by_kind() -> None:
    pace = Pace(limit_s=100, most=64)
    assert pace.seconds(["rag", "lora"]) == 2.0, "one each, until it is known"
    pace.learn("rag", rows=1, seconds=3)
    pace.learn("rag", rows=2, seconds=2)  # 0.19 of the mean is new: 3 - 0.19 * 2
    assert pace.seconds(["rag", "rag", "lora"]) == pytest.approx(2 * 2.62 + 1)
    assert not pace.in_vain(40.0)
    assert pace.in_vain(40.1)
