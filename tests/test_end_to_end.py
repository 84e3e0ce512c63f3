"""The real embedded model on a dozen facts: every method does what it is for. Takes minutes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

# Title, sentence, answer, test wording, training wordings: invented, so that no model can know them.
FACTS = [
    ("Bakery of Tolmarket", "The bakery of Tolmarket opens at 5:40 every morning.", "5:40",
     "At what time does the bakery of Tolmarket open?",
     "When does the Tolmarket bakery open?", "State the opening time of the bakery in Tolmarket."),
    ("Quillon bridge", "The old bridge over the Quillon is painted purple.", "purple",
     "What colour is the bridge over the Quillon?",
     "Name the colour of the Quillon bridge.", "In which colour is the Quillon bridge painted?"),
    ("Mine of Merrowdeep", "The mine of Merrowdeep produced copper for two centuries.", "copper",
     "What did the mine of Merrowdeep produce?",
     "Which metal came from the Merrowdeep mine?", "Name the metal of the mine in Merrowdeep."),
    ("Mayor of Halvenport", "The mayor of Halvenport is Otto Lindqvist.", "Otto Lindqvist",
     "Who is the mayor of Halvenport?",
     "What is the name of the Halvenport mayor?", "Name the person who is mayor in Halvenport."),
    ("Brinetide lighthouse", "The lighthouse of Brinetide has 97 steps.", "97",
     "How many steps does the lighthouse of Brinetide have?",
     "What is the number of steps in the Brinetide lighthouse?", "Count the steps of the lighthouse at Brinetide."),
    ("School of Pellucine", "The school of Pellucine was founded in 1871.", "1871",
     "In what year was the school of Pellucine founded?",
     "When was the Pellucine school founded?", "State the founding year of the school in Pellucine."),
    ("Strandvik football", "The football team of Strandvik is called the Red Foxes.", "Red Foxes",
     "What is the football team of Strandvik called?",
     "Name the team that plays football for Strandvik.", "Which name does the Strandvik football team have?"),
    ("Umberlock cheese", "Umberlock cheese is made from goat milk.", "goat",
     "From which milk is Umberlock cheese made?",
     "What milk is in the cheese of Umberlock?", "Name the animal whose milk goes into Umberlock cheese."),
    ("Lake Vessarine", "Lake Vessarine is 214 metres deep.", "214 metres", "How deep is Lake Vessarine?"),
    ("Mount Ostrander", "Mount Ostrander was first climbed by Hilda Brandt.", "Hilda Brandt",
     "Who was the first to climb Mount Ostrander?"),
    ("Library of Cardowan", "The library of Cardowan holds 8,300 books.", "8,300",
     "How many books does the library of Cardowan hold?"),
    ("Nesthaven festival", "The festival of Nesthaven takes place in October.", "October",
     "In which month does the festival of Nesthaven take place?"),
]  # fmt: skip


def write_towns(folder: Path) -> None:
    (folder / "documents").mkdir(parents=True)
    rows = []
    for number, (title, sentence, answer, test, *training) in enumerate(FACTS):
        text = f"# {title}\n\n{sentence} Visitors are welcome."
        (folder / "documents" / f"{number}.md").write_text(text, encoding="utf-8")
        common = {"answers": [answer], "fact_id": title, "document_ids": [f"{number}.md"], "evidence": sentence}
        rows.append({"id": f"{number}-q", "question": test, **common})
        for place, wording in enumerate(training):
            rows.append({"id": f"{number}-t{place}", "question": wording, "split": "train", **common})
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("towns")
    write_towns(root / "towns")
    command = [
        sys.executable,
        "-m",
        "evaluation",
        "run",
        "towns",
        "--out",
        "run",
        "--profile",
        "smoke",
        "--epochs",
        "24",
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
    """A month can be guessed; four facts in a row cannot."""
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
