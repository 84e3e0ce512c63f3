"""The curve of a method is that of its own training, whatever else was trained in the run."""

import json
from pathlib import Path

from evaluation.analysis.method_figures import training_curve
from evaluation.run.folder import RunFolder


def test_a_training_is_found_by_its_digest(tmp_path: Path) -> None:
    for name, loss in (("seed-0", 1.0), ("pairs-seed-0", 2.0), ("prefix-seed-0", 3.0)):
        folder = tmp_path / "adapters" / name
        folder.mkdir(parents=True)
        record = {"sha256": f"digest of {name}", "curve": [{"step": 1, "loss": loss}]}
        (folder / "training.json").write_text(json.dumps(record), encoding="utf-8")
    run = RunFolder(tmp_path)
    assert [point.loss for point in training_curve(run, "digest of prefix-seed-0")] == [3.0]
    assert [point.loss for point in training_curve(run, "digest of seed-0")] == [1.0]
    assert training_curve(run, "another") == training_curve(run, None) == ()
