"""A watched training of two sentences on the tiny model, made once for the tests of this folder."""

from pathlib import Path
from typing import Any

import pytest
from fakes import LAB_SENTENCES

from data.load import load_domain
from data.progress import silent
from data.sentences_domain import suggested, write_sentences
from evaluation.lab.training import Lab
from evaluation.run.settings import RunSettings
from finetune.settings import TrainingSettings
from model.local import LocalModel


@pytest.fixture(scope="session")
def trained(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("lab")
    write_sentences([suggested(sentence) for sentence in LAB_SENTENCES], root / "mine" / "domain")
    recipe = TrainingSettings(rank=4, epochs=5, learning_rate=1e-2, reading=0)
    settings = RunSettings(domain=root / "mine" / "domain", model=str(tiny_model_folder), training=recipe,
                           methods=("base", "inject", "lora"))  # fmt: skip
    model = LocalModel(str(tiny_model_folder), "cpu")
    said: list[dict[str, Any]] = []
    lab = Lab(load_domain(settings.domain), settings, root / "mine", model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIVIUM_CACHE", str(root / ".cache"))
        record = lab.run(silent, 2, said.append)
    return root / "mine", record | {"said": said}
