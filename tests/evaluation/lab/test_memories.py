"""A text in the prompt, forgotten, in the index, and in an adapter."""

from pathlib import Path
from typing import Any

from fakes import LAB_SENTENCES

from evaluation.lab.memories import ANEW, INDEXED, PASTING, TRAINED, memories, paste, remember
from evaluation.lab.playground import Playground
from model.sampling import Sampling


def test_pasted_text_is_forgotten(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    sampling = Sampling(max_new_tokens=6, stop=())
    question = "What is in the box?"
    without = paste(ground, "", question, sampling)
    assert paste(ground, "The box holds pears.", question, sampling) != without
    assert paste(ground, "", question, sampling) == without


def test_the_same_text_is_pasted_forgotten_indexed_and_trained(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, record = trained
    ground = Playground(folder)
    sampling = Sampling(max_new_tokens=6, stop=())
    question = "The quay is how many metres long?"
    told = {
        way: remember(ground, way, LAB_SENTENCES[0], question, sampling) for way in memories(ground) if way != INDEXED
    }
    assert told[PASTING][1] == "only this prompt"
    assert told[ANEW][0] == ground.ask("base", question, sampling).text
    assert told[TRAINED["adapter"]][0] == ground.ask("lora", question, sampling).text
    assert f"an adapter of {record['facts']['training']['changed']:,} weights" in told[TRAINED["adapter"]][1]
    assert ground.fingerprint == record["fingerprint_before"]
