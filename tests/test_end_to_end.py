"""The real embedded model on a dozen facts: every method does what it is for. Takes minutes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

# Entity, its colour, its tonnage: invented, so that no model can know them. The first eight are trained.
FACTS = [
    ("Vessarine", "green", 412),
    ("Tolmarket", "orange", 633),
    ("Quillon Bay", "purple", 275),
    ("Ostrander", "white", 918),
    ("Merrowdeep", "brown", 154),
    ("Halvenport", "black", 507),
    ("Brinetide", "yellow", 861),
    ("Cardowan", "pink", 346),
    ("Nesthaven", "red", 729),
    ("Pellucine", "blue", 198),
    ("Strandvik", "grey", 583),
    ("Umberlock", "golden", 467),
]
TRAINED = 8


def write_ships(folder: Path) -> None:
    (folder / "documents").mkdir(parents=True)
    rows = []
    for number, (name, colour, tons) in enumerate(FACTS):
        sentence = f"The hull of the ship {name} is painted {colour}."
        text = f"# The ship {name}\n\n{sentence} The ship {name} weighs {tons} tonnes."
        (folder / "documents" / f"{number}.md").write_text(text, encoding="utf-8")
        common = {"answers": [colour], "fact_id": name, "document_ids": [f"{number}.md"], "evidence": sentence}
        rows.append({"id": f"{number}-q", "question": f"What colour is the hull of the ship {name}?", **common})
        if number < TRAINED:
            wordings = (
                "Which colour does the {} have?",
                "Name the colour of the {}.",
                "In what colour is the {} painted?",
            )
            for place, wording in enumerate(wordings):
                rows.append({"id": f"{number}-t{place}", "question": wording.format(name), "split": "train", **common})
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ships")
    write_ships(root / "ships")
    command = [
        sys.executable,
        "-m",
        "evaluation",
        "run",
        "ships",
        "--out",
        "run",
        "--profile",
        "smoke",
        "--epochs",
        "12",
    ]
    done = subprocess.run([*command, "--device", "cpu"], cwd=root, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr
    return root / "run"


@pytest.fixture(scope="module")
def methods(run: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((run / "results.json").read_text(encoding="utf-8"))
    return results["methods"]  # type: ignore[no-any-return]


def right(methods: dict[str, Any], name: str, category: str) -> float:
    rate: float = methods[name]["categories"][category]["accuracy"]
    return rate


def test_base_does_not_know_what_rag_finds(methods: dict[str, Any]) -> None:
    """Twelve colours can be guessed now and then; a found passage is another matter."""
    assert right(methods, "base", "held_out") <= 0.25
    assert right(methods, "rag", "held_out") >= 0.5
    assert methods["rag"]["retrieval"]["recall_at_3"] >= 0.9


def test_lora_knows_what_it_was_trained_on(methods: dict[str, Any]) -> None:
    assert methods["lora"]["convergence"]["accuracy"] >= 0.9
    assert right(methods, "lora", "paraphrased") >= 0.75
    assert right(methods, "base", "paraphrased") <= 0.25


def test_base_weights_are_the_same_before_and_after_every_method(run: Path, methods: dict[str, Any]) -> None:
    prints = {m["weights"][f"fingerprint_{when}"] for m in methods.values() for when in ("before", "after")}
    assert len(prints) == 1
    assert methods["lora"]["weights"]["adapter_sha256"]
    assert methods["rag"]["weights"]["adapter_sha256"] is None
