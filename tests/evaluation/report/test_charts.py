"""Where names stand beside their points."""

import pandas as pd

from evaluation.report.charts import _under_another


def test_a_name_gives_way_to_the_point_above_it() -> None:
    frame = pd.DataFrame(
        {
            "method": ["base", "rag", "lora", "lora+rag"],
            "accuracy": [0.01, 0.46, 0.34, 0.39],
            "cost": [3e-6, 1e-5, 1e-3, 1.1e-3],
        }
    )
    assert _under_another(frame, "cost") == ["lora"], "base is cheaper than half of rag's cost; lora+rag is highest"
