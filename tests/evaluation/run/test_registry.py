"""Every method is one record; other packages bring theirs by an entry point."""

import ast
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import saved
from typer.testing import CliRunner

from data.errors import TriviumError
from evaluation.cli.main import app
from evaluation.run.folder import RunFolder
from evaluation.run.prompts import read_prompts
from evaluation.run.registry import (
    BUILT_IN,
    CONTESTANT_COLOURS,
    PRIMARY_CONTRASTS,
    MethodSpec,
    candidates,
    chosen_methods,
    default_methods,
    first_of,
    method_names,
    primary_pairs,
    seed_of,
    spec_of,
)

ROOT = Path(__file__).parents[3]


def test_trivium_has_six_methods_and_two_of_them_are_yardsticks() -> None:
    assert default_methods() == ("base", "inject", "rag", "lora", "lora+rag", "oracle")
    assert candidates(default_methods()) == ["inject", "rag", "lora", "lora+rag"]
    assert {name for pair in PRIMARY_CONTRASTS for name in pair} <= {*candidates(default_methods())}
    assert len({spec.colour for spec in BUILT_IN}) == len(BUILT_IN)


@pytest.mark.parametrize("name", default_methods())
def test_what_a_record_names_is_there(name: str) -> None:
    assert callable(spec_of(name).load())


def test_answers_carry_the_seed_of_their_training() -> None:
    assert [seed_of(name, 7) for name in ("base", "rag", "lora", "lora+rag")] == [0, 0, 7, 7]


def test_a_method_is_found_by_what_it_does() -> None:
    assert first_of(["lora+rag", "rag"], "search") == "rag"
    assert first_of(["rag", "lora+rag"], "search", adapted=True) == "lora+rag"
    assert first_of(["base", "lora"], "all") is None


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(TriviumError, match=r"unknown method 'lorra'. Did you mean 'lora'\? Known: base, inject"):
        chosen_methods("base, lorra")
    with pytest.raises(TriviumError, match="names no method"):
        chosen_methods(" , ")
    assert chosen_methods("rag, base,rag") == ("rag", "base")


def test_a_system_of_the_users_is_known_by_its_name() -> None:
    spec = spec_of("own:mine")
    assert (spec.kind, spec.context, spec.adapted, spec.is_contestant) == ("contestant", "unseen", False, True)
    assert candidates(["base", "own:mine", "rag", "oracle"]) == ["own:mine", "rag"]
    assert "own:mine" not in method_names()
    colours = [spec_of(f"own:{letter}").colour for letter in "abc"]
    assert len({*colours}) == 3
    assert {*colours} <= {*CONTESTANT_COLOURS}
    assert [spec_of(f"own:{letter}").colour for letter in "abc"] == colours
    assert not {*CONTESTANT_COLOURS} & {built.colour for built in BUILT_IN}


def test_who_brings_a_system_has_named_its_comparison_with_search() -> None:
    assert primary_pairs(["base", "rag", "lora", "own:mine"]) == [("rag", "lora"), ("own:mine", "rag")]
    assert primary_pairs(["lora", "own:mine"]) == []


@pytest.mark.parametrize(
    "wrong",
    [{"name": "<b>"}, {"name": ""}, {"colour": "red"}, {"colour": "#12"}, {"context": "web"}, {"kind": "best"}],
)
def test_a_record_that_could_not_be_shown_is_refused(wrong: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"name": "x", "context": "none", "sentence": "", "colour": "#123456", "prepare": "m:f"}
    with pytest.raises(TriviumError):
        MethodSpec(**fields | wrong)


def test_no_other_file_lists_methods_or_reads_their_names() -> None:
    """No comparison with a method's name, no test for a part of one, no second list of names."""
    names = {*method_names()} - {"base", "prefix"}  # words of their own: the base model, what prompts begin with
    found = []
    for path in (path for folder in ("evaluation", "ui", "benchmarks") for path in (ROOT / folder).rglob("*.py")):
        if path.name == "registry.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            texts: list[Any] = []
            if isinstance(node, ast.Compare):
                texts = [node.left, *node.comparators]
            elif isinstance(node, ast.Tuple | ast.List | ast.Set):
                texts = node.elts if len(node.elts) > 1 else []
            elif isinstance(node, ast.Dict):
                texts = [key for key in node.keys if key]
            constants = [text.value for text in texts if isinstance(text, ast.Constant)]
            if names & {text for text in constants if isinstance(text, str)}:
                found.append(f"{path.relative_to(ROOT)}, line {node.lineno}")
    assert found == []


def install(folder: Path, name: str, value: str) -> None:
    """What pip leaves of a package with one entry point."""
    info = folder / f"{value.partition(':')[0]}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {info.stem}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[trivium.methods]\n{name} = {value}\n", encoding="utf-8")


def test_the_example_of_the_docs_runs(
    make_domain: Callable[..., Path], tiny_model_folder: Path, embedder: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    code, entry = re.findall(r"```(?:python|toml)\n(.*?)```", text, flags=re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    name, value = re.findall(r'^(\S+) = "(.+)"$', entry, flags=re.MULTILINE)[0]
    packages = tmp_path / "packages"
    install(packages, name, value)
    (packages / "one_passage.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setattr("evaluation.run.runner.SentenceEmbedder", lambda *_: embedder)
    run = tmp_path / "run"
    done = CliRunner().invoke(app, [
        "run", str(make_domain()), "--model", str(tiny_model_folder), "--methods", f"rag,{name}", "--out", str(run),
        "--max-new-tokens", "4", "--chunk-tokens", "60", "--device", "cpu",
    ])  # fmt: skip
    sys.modules.pop("one_passage", None)
    assert done.exit_code == 0, done.output
    folder = RunFolder(run)
    results = saved(folder)
    assert list(results["methods"]) == ["rag", name]
    given = {a.method: {len(b.contexts) for b in folder.answers() if b.method == a.method} for a in folder.answers()}
    assert given == {"rag": {2}, name: {1}}
    assert [check["passed"] for check in results["audit"]["checks"]] == [True] * 4
    assert {answer.prompt_sha256 for answer in folder.answers()} == {*read_prompts(folder)}
    assert name in (run / "report.md").read_text(encoding="utf-8")
    assert "#56b4e9" in (run / "report.html").read_text(encoding="utf-8")


def test_a_broken_package_hinders_only_those_who_name_its_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "broken", "not_there_at_all:SPEC")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "broken" in method_names()
    assert chosen_methods("base,rag") == ("base", "rag")
    with pytest.raises(TriviumError, match=r"the method 'broken' \(not_there_at_all:SPEC\) cannot be loaded"):
        chosen_methods("base,broken")


def test_a_method_of_triviums_own_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "rag", "other_rag:SPEC")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert method_names().count("rag") == 1
    assert spec_of("rag").prepare.startswith("evaluation.run.")
