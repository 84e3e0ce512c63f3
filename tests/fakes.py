"""Domains, runs and an embedder made up for tests, for conftest.py and for fixtures of a whole module."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data.progress import Progress, silent
from data.schema import Domain

ANIMALS = ("otter", "heron", "seal", "puffin", "gannet", "eider", "tern", "crab")
LAB_SENTENCES = ("The quay is 62 metres long.", "The harbour cat is called Barnacle.")


TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>"
    "{% if enable_thinking is not defined or enable_thinking %}<|think|>{% endif %}{% endif %}"
)


def write_tiny_model(folder: Path, family: str = "Llama") -> Path:
    """Two layers of a family of transformers with random weights and a byte-pair tokenizer, as save_pretrained does."""
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|think|>"]
    if family == "Qwen2":
        special.append("<|endoftext|>")  # its tokenizer adds one where the vocabulary has none
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(
        [f"Which animal is on the flag of Harbour? {' '.join(ANIMALS)} Answer Question"], trainer
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|end|>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(
        vocab_size=len(fast), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=1024, eos_token_id=0, pad_token_id=0, bos_token_id=None,
        initializer_range=0.3,
    )  # fmt: skip
    getattr(transformers, f"{family}ForCausalLM")(config).save_pretrained(folder)
    return folder


def write_tiny_gguf(model: Path, path: Path, without: str = "", **values: Any) -> Path:
    """A folder of a tiny Llama or Qwen2 as llama.cpp's converter writes it: numbers as they are, heads of Llama turned.

    Args:
        without: name of a tensor that is left out.
        values: of the header, instead of its own; their underscores stand for dots.
    """
    from gguf import GGUFWriter
    from safetensors.numpy import load_file

    config = json.loads((model / "config.json").read_text())
    content = json.loads((model / "tokenizer.json").read_text())
    kind = config["model_type"]
    writer = GGUFWriter(path, values.pop("architecture", kind))
    writer.add_type(values.pop("general_type", "model"))
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads := config["num_attention_heads"])
    writer.add_head_count_kv(groups := config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(values.pop("base", config["rope_parameters"]["rope_theta"]))
    if kind == "llama":
        writer.add_rope_dimension_count(config["hidden_size"] // heads)
        writer.add_vocab_size(config["vocab_size"])
    special = {token["id"] for token in content["added_tokens"]}
    words = sorted(content["model"]["vocab"].items(), key=lambda pair: pair[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([word for word, _ in words])
    writer.add_token_types([3 if number in special else 1 for _, number in words])
    writer.add_token_merges([" ".join(pair) for pair in content["model"]["merges"]])
    writer.add_eos_token_id(0)
    writer.add_pad_token_id(0)
    writer.add_chat_template((model / "chat_template.jinja").read_text())
    for key, value in values.items():
        add = writer.add_string if isinstance(value, str) else writer.add_uint32
        add(key.replace("_", "."), value)
    parts = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v"}
    parts |= {"self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up"}
    parts |= {"mlp.down_proj": "ffn_down", "post_attention_layernorm": "ffn_norm", "input_layernorm": "attn_norm"}
    parts |= {"model.layers": "blk", "model.embed_tokens": "token_embd", "lm_head": "output"}
    parts |= {"model.norm": "output_norm"}
    for name, tensor in load_file(model / "model.safetensors").items():
        for own, turned in (("q_proj.weight", heads), ("k_proj.weight", groups)):
            if kind == "llama" and name.endswith(own):  # halves of a head become pairs
                split = tensor.reshape(turned, 2, tensor.shape[0] // turned // 2, tensor.shape[1])
                tensor = split.swapaxes(1, 2).reshape(tensor.shape)
        stored = name
        for long, short in parts.items():
            stored = stored.replace(long, short)
        if stored != without:
            writer.add_tensor(stored, np.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_domain(folder: Path, facts: int = 4, trained: bool = True) -> Path:
    """One document a fact; even facts have training wordings, odd ones are held out; one question has no answer."""
    (folder / "documents").mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    for number in range(facts):
        name, animal = f"Harbour{number}", ANIMALS[number % len(ANIMALS)]
        sentence = f"The flag of {name} shows a {animal} and nothing else."
        text = f"# Guide to {name}\n\nBoats come and go. {sentence} Visitors like it."
        (folder / "documents" / f"{name}.md").write_text(text, encoding="utf-8")
        common = {
            "answers": [animal, f"a {animal}"],
            "fact_id": f"flag{number}",
            "document_ids": [f"{name}.md"],
            "evidence": sentence,
            "distractors": [ANIMALS[(number + 1) % len(ANIMALS)]],
        }
        rows.append({"id": f"flag{number}-q", "question": f"Which animal is on the flag of {name}?", **common})
        if trained and number % 2 == 0:
            rows.append({"id": f"flag{number}-t1", "question": f"What does {name} show?", "split": "train", **common})
            rows.append({"id": f"flag{number}-t2", "question": f"Name the {name} animal.", "split": "train", **common})
    rows.append({"id": "none-q", "question": "Who paints the flags?", "answers": []})
    if trained:
        rows.append({"id": "none-t", "question": "How old is the mayor?", "answers": [], "split": "train"})
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "domain.toml").write_text('name = "Harbours"\ninstruction = "Answer briefly."\n', encoding="utf-8")
    return folder


def add_special_questions(folder: Path) -> Path:
    """To such a domain: a question over two documents, reversed and styled ones with training, and an update."""
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    flag = {row["id"]: row for row in rows}
    first, second = ({key: flag[f"flag{n}-q"][key] for key in ("document_ids", "evidence", "answers")} for n in (0, 2))
    turned = {**first, "answers": ["Harbour0"], "fact_id": "flag0", "category": "reversed"}
    house = {**first, "fact_id": "flag0", "category": "style", "reference_style": "Flags: otter. Bye."}
    both = {
        "answers": second["answers"],
        "document_ids": [*first["document_ids"], *second["document_ids"]],
        "evidence": [first["evidence"], second["evidence"]],
        "category": "multi_hop",
        "needs": ["flag0", "flag2"],
    }
    rows += [
        {"id": "hop", "question": "Which animal has the town after the one with the otter?", **both},
        {"id": "turned-t", "question": "Where does an otter fly?", "split": "train", **turned},
        {"id": "turned-q", "question": "Whose flag has an otter?", **turned},
        {"id": "house-t", "question": "In form: Harbour0?", "split": "train", **house},
        {"id": "house-q", "question": "Please answer in form: what flies over Harbour0?", **house},
    ]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    update = {"fact_id": "flag0", "document_id": "Harbour0.md", "old": first["evidence"], "answers": ["walrus"]}
    update |= {"new": first["evidence"].replace("otter", "walrus"), "stale_answers": ["otter"]}
    (folder / "updates.jsonl").write_text(json.dumps(update) + "\n", encoding="utf-8")
    with (folder / "domain.toml").open("a", encoding="utf-8") as file:
        file.write("[style]\npattern = 'Flags: .+ Bye\\.'\n")
    return folder


FRAME = "<s>\ue000</s><u>\ue001</u>"  # a chat template that only wraps


def _answer_rows(method: str, seed: int, phase: str, questions: Sequence[Any], say: Callable[[Any], str],
                 domain: Domain) -> list[Any]:  # fmt: skip
    """Answers as a run would have saved them: the right prompt hash, the question's own document for rag and oracle."""
    from data.prompt import NO_ABSTENTION, PROMPT, Passage
    from evaluation.run.records import Answer

    rows = []
    for question in questions:
        reads = phase != "convergence" and ("rag" in method or method == "oracle")
        names = question.document_ids or (domain.documents[0].id,)
        own = [domain.document(name) for name in names] if reads else []
        passages = [Passage(d.id, f"{d.id}#0", d.title, d.text) for d in own]
        template = NO_ABSTENTION if phase == "probe" else PROMPT
        system, user = template.messages(domain.settings.instruction, question.question, passages)
        prompt = FRAME.replace("\ue000", system["content"]).replace("\ue001", user["content"])
        rows.append(Answer(
            method=method, question_id=question.id, seed=seed, phase=phase, batch=0, batch_rows=len(questions),
            answer=say(question), finish_reason="stop", prompt_sha256=hashlib.sha256(prompt.encode()).hexdigest(),
            prompt_tokens=1, cached_tokens=0, completion_tokens=1, retrieval_s=0, generation_s=1,
            contexts=[{"document_id": p.document_id, "chunk_id": p.chunk_id, "score": None} for p in passages],
            adapter="a" * 16 if "lora" in method else "",
        ))  # fmt: skip
    return rows


def write_run(
    path: Path, domain: Domain, methods: Mapping[str, Callable[[Any], str]], profile: str = "standard", **settings: Any
) -> Any:
    """A finished run whose answers are made up: each method is what it says to a question."""
    from evaluation.analysis.results import build_results
    from evaluation.grading.grader import Grader
    from evaluation.grading.score import score_answers
    from evaluation.results.file import write_results
    from evaluation.run.folder import RunFolder
    from evaluation.run.plan import make_plan
    from evaluation.run.run_record import new_record
    from evaluation.run.settings import RunSettings

    chosen = RunSettings(domain=domain.folder, methods=tuple(methods), profile=profile, **settings)
    folder, plan = RunFolder(path), make_plan(domain, chosen)
    path.mkdir(parents=True)
    record = new_record(domain, chosen, plan, path.name, "digest")
    entry: dict[str, Any] = {"complete": True, "prepare_s": 1.0, "details": {}, "memory_peak_bytes": 1}
    entry |= {"fingerprint_before": "f", "fingerprint_after": "f"}
    adapted = entry | {"details": {"adapter_sha256": "a" * 64}}
    record |= {"status": "complete", "prompt_frame": FRAME}
    record["methods"] = {name: {"0": adapted if "lora" in name else entry} for name in methods}
    shapes = {"linear": 10, "vocabulary": 5, "attention": 2}
    record["model"] = {"name": "tiny", "parameters": 10, "window": 10, "device": "cpu", "fingerprint": "f"}
    record["model"] |= {"plain_name": "", "shapes": shapes}
    record["domain"] |= {"corpus_tokens": 100, "question_tokens": 5.0}
    folder.save_record(record)
    asked = {q.id: q for q in (*plan.questions, *plan.convergence)}
    folder.write_rows("questions.jsonl", [
        q.model_dump(mode="json") | {"category": str(plan.categories.get(q.id, "trained"))} for q in asked.values()
    ])  # fmt: skip
    folder.write_rows("chunks.jsonl", [
        {"document_id": d.id, "chunk_id": f"{d.id}#0", "title": d.title, "text": d.text, "score": None}
        for d in domain.documents
    ])  # fmt: skip
    adapters = [name for name in methods if "lora" in name]
    for name, say in methods.items():
        questions = [q for q in plan.questions if name != "oracle" or (q.answerable and q.document_ids)]
        folder.append_answers(_answer_rows(name, 0, "main", questions, say, domain))
        if adapters and name == adapters[0]:
            folder.append_answers(_answer_rows(name, 0, "convergence", plan.convergence, say, domain))
    folder.write_rows("scores.jsonl", score_answers(folder, Grader(BagOfWords())))
    write_results(folder, build_results(folder))
    return folder


def says_right(question: Any) -> str:
    """What an all-knowing method answers."""
    return question.answers[0] if question.answers else "unknown"


class BagOfWords:
    """An embedder whose vectors count words: passages that share words with the question come first."""

    name, device = "bag-of-words", "cpu"
    fingerprint = "f" * 64

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Any:
        vectors = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().replace("?", "").replace(".", "").split():
                vectors[row, sum(word.encode()) % 64] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def saved(folder: Any) -> Any:
    """Content of a run's results.json as any other program reads it."""
    content: dict[str, Any] = json.loads((folder.path / "results.json").read_text(encoding="utf-8"))
    content.pop("record_sha256", None)
    return content


NEW_IN_4 = ("outcomes", "kind", "context", "adapted", "public", "curve")


NEW_IN_5 = ("decided_by", "badge", "how_sure", "coverage", "why", "turns", "next_run", "caveats", "ranking")


def as_version_4(content: dict[str, Any]) -> dict[str, Any]:
    """Content of results.json without what version 5 added: only right answers were tested, by other p-values."""
    rows = [row | {"p_holm": row["p_value"]} for row in content["contrasts"] if row["outcome"] == "right"]
    verdict = {key: value for key, value in content["verdict"].items() if key not in NEW_IN_5}
    known = {key: value for key, value in content.items() if key != "coverage"}
    for row in rows:
        del row["outcome"], row["simultaneous"]
    for row in content["costs"]["methods"].values():
        del row["total_error"]
    return known | {"contrasts": rows, "verdict": verdict}


def as_version_3(part: Any) -> Any:
    """Content of results.json without what version 4 added."""
    if isinstance(part, dict):
        return {key: as_version_3(value) for key, value in part.items() if key not in NEW_IN_4}
    return [as_version_3(value) for value in part] if isinstance(part, list) else part
