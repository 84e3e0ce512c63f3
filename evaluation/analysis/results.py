"""From a run's folder to results.json: everything that reports, app and gate show is computed here, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data.errors import TriviumError
from data.prompt import Passage
from data.schema import Category
from evaluation.analysis.audit import audit_checks
from evaluation.analysis.breakdown import SCORED, Graded, cell, latency_cell, mix_weights
from evaluation.analysis.categories import multi_hop_figures, refusal_figures, stale_figures, style_figures
from evaluation.analysis.causes import Supply, cause_of, decomposition
from evaluation.analysis.contrasts import family_contrasts
from evaluation.analysis.ranking import retrieval_metrics
from evaluation.analysis.verdict import CONVERGED, INFORMATIVE, make_verdict
from evaluation.cost.bill import method_cost
from evaluation.cost.ownership import Scenario
from evaluation.cost.page import cost_page
from evaluation.cost.prices import read_prices
from evaluation.cost.usage import usage_of
from evaluation.grading.labels import agreement_of, figures, read_labels
from evaluation.grading.rules import GradeName
from evaluation.run.answerable import Means, count_answerable
from evaluation.run.folder import SCHEMA_VERSION, RunFolder
from evaluation.run.records import Answer
from evaluation.run.registry import adapted, seed_of, spec_of
from model.operations import Shapes


class _Computation:
    """One reading of a run's folder."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder, self.record = folder, folder.record()
        self.settings = self.record["settings"]
        self.questions = folder.questions()
        self.scores = {(s["method"], s["seed"], s["phase"], s["question_id"]): s for s in folder.rows("scores.jsonl")}
        self.graded: dict[tuple[str, int, str], Graded] = {}
        self.answers = folder.answers()
        self.chunks = {row["chunk_id"]: Passage(**row) for row in folder.rows("chunks.jsonl")}
        self.supply = Supply(list(self.chunks.values()))
        for a in self.answers:
            judged = GradeName(self.scores[a.method, a.seed, a.phase, a.question_id]["grade"])
            key = (a.method, a.seed, a.phase)
            self.graded.setdefault(key, []).append((self.questions[a.question_id], a, judged))
        self.latencies = folder.latencies()
        self.ranks = folder.rows("retrieval.jsonl")
        asked = {q.id: q for (_, _, phase), rows in self.graded.items() if phase == "main" for q, _, _ in rows}
        self.asked = list(asked.values())
        self.weights = mix_weights([q for q in self.asked if q.answerable], self.record["domain"]["mix"])
        self.seed = int(self.settings["seed"])
        if "shapes" not in self.record.get("model", {}):
            raise TriviumError(f"{folder.path}: made by an earlier version that measured less. Run it again.")
        self.shapes = Shapes(**self.record["model"]["shapes"])

    def names(self) -> list[str]:
        return [name for name in self.settings["methods"] if self.main(name)]

    def rows(self, name: str, phase: str) -> Graded:
        return self.graded.get((name, seed_of(name, self.seed), phase), [])

    def main(self, name: str) -> Graded:
        return self.rows(name, "main")

    def trained_facts(self) -> frozenset[str] | None:
        facts = self.record["training"]["facts"]
        return None if facts is None else frozenset(facts)

    def method(self, name: str) -> dict[str, Any]:
        graded = self.main(name)
        answerable = [row for row in graded if row[0].answerable]
        unanswerable = [row for row in graded if not row[0].answerable]
        by_category: dict[str, Graded] = {}
        for row in graded:
            by_category.setdefault(str(row[0].category), []).append(row)
        updated = self.rows(name, "updated")
        if updated:
            by_category[str(Category.UPDATED)] = updated
        facts = self.trained_facts()
        overall = cell(answerable, self.weights)
        out: dict[str, Any] = {
            "overall": overall,
            "categories": {
                str(kind): cell(by_category[str(kind)])
                for kind in Category
                if kind is not Category.UNANSWERABLE and str(kind) in by_category
            },
            "refusal": refusal_figures(unanswerable, answerable),
            "style": style_figures(graded, self.scores, self.record["training"]["styled_facts"]),
            "stale": stale_figures(self.rows(name, "updated"), self.scores),
            "multi_hop": multi_hop_figures(graded, facts),
            "causes": self._causes([*graded, *updated], facts),
            "decomposition": self._decomposition(answerable),
            "retrieval": self._retrieval(name),
            "latency_s": latency_cell([line for line in self.latencies if line.method == name]),
            "tokens": {
                kind: float(np.mean([getattr(a, f"{kind}_tokens") for _, a, _ in graded]))
                for kind in ("prompt", "cached", "completion")
            },
        }
        if plain := self.rows(name, "plain"):
            out["plain"] = self._plain(plain)
        return out | self._convergence(name) | self._measured(name, [a for _, a, _ in graded], overall)

    def _retrieval(self, name: str) -> dict[str, Any] | None:
        """How well the method's retriever ranks; None where it searches nothing."""
        spec = spec_of(name)
        own = spec.retriever or name
        rows = [row for row in self.ranks if row.get("retriever", own) == own]
        return retrieval_metrics(rows) if spec.context == "search" else None

    def _plain(self, graded: Graded) -> dict[str, Any]:
        """The same questions and prompts, answered by the model without its trained reader."""
        answerable = [row for row in graded if row[0].answerable]
        unanswerable = [row for row in graded if not row[0].answerable]
        by_category: dict[str, Graded] = {}
        for row in answerable:
            by_category.setdefault(str(row[0].category), []).append(row)
        return {
            "model": self.record["model"]["plain_name"],
            "fingerprint": self.record["model"]["plain_fingerprint"],
            "overall": cell(answerable, self.weights),
            "categories": {category: cell(rows) for category, rows in by_category.items()},
            "refusal": refusal_figures(unanswerable, answerable),
            "completion_tokens": float(np.mean([answer.completion_tokens for _, answer, _ in graded])),
        }

    def _score(self, answer: Answer) -> dict[str, Any]:
        return self.scores[answer.method, answer.seed, answer.phase, answer.question_id]

    def _causes(self, graded: Graded, facts: frozenset[str] | None) -> dict[str, int]:
        """One cause for each answer that is not right, those of the second pass included."""
        found = (cause_of(q, a, self._score(a), self.supply.given(q, a), facts) for q, a, _ in graded)
        return dict(Counter(str(cause) for cause in found if cause))

    def _decomposition(self, answerable: Graded) -> dict[str, Any] | None:
        """Accuracy of a method that reads, by whether what it needed was in its prompt; None for the others."""
        if not any(answer.contexts for _, answer, _ in answerable):
            return None
        return decomposition([
            (given, grade is GradeName.CORRECT)
            for question, answer, grade in answerable
            if grade in SCORED and (given := self.supply.given(question, answer)) is not None
        ])  # fmt: skip

    def _convergence(self, name: str) -> dict[str, Any]:
        if not spec_of(name).adapted:
            return {}
        seeds = {s: rows for (m, s, phase), rows in self.graded.items() if m == name and phase == "main"}
        asked = (rows for (_, s, phase), rows in self.graded.items() if (s, phase) == (self.seed, "convergence"))
        check = next(asked, [])  # the adapter is the same in every method that uses it
        right = cell(check)
        return {
            "convergence": right,
            "converged": right["accuracy"] >= CONVERGED if check else None,
            "seeds": [
                {"seed": s, "accuracy": cell([r for r in rows if r[0].answerable], self.weights)["accuracy"]}
                for s, rows in sorted(seeds.items())
            ],
        }

    def _measured(self, name: str, answers: Sequence[Answer], overall: Mapping[str, Any]) -> dict[str, Any]:
        entries = self.record["methods"].get(name, {})
        entry = entries.get(str(self.seed), {"prepare_s": 0.0, "details": {}, "memory_peak_bytes": None})
        details, training = entry["details"], entry["details"].get("training", {})
        disk = details.get("disk_bytes", 0) + details.get("adapter_bytes", 0)
        usage = usage_of(answers, details, self.shapes, self.record["training"], disk)
        cost = method_cost(usage, overall, entry["prepare_s"], self.settings["usd_per_hour"])
        return {
            "throughput_qps": 1 / cost["per_query_s"] if cost["per_query_s"] else None,
            "refresh": {"by": details["refreshed_by"], "seconds": details["refresh_s"]}
            if "refreshed_by" in details
            else None,
            "memory_peak_bytes": entry["memory_peak_bytes"],
            "disk_bytes": disk,
            "usage": usage,
            "cost": cost,
            "weights": {
                "fingerprint_before": entry.get("fingerprint_before"),
                "fingerprint_after": entry.get("fingerprint_after"),
                "trained_parameters": training.get("trained_parameters", 0),
                "adapter_sha256": details.get("adapter_sha256"),
            },
            "preparation": {key: value for key, value in details.items() if key != "training"},
            "training": training or None,
        }

    def audit(self, methods: Mapping[str, Any]) -> dict[str, Any]:
        probe = cell(self.graded.get(("base", 0, "probe"), []))
        warnings = []
        if probe["accuracy"] is not None and probe["accuracy"] > INFORMATIVE:
            warnings.append(
                f"The base model already answers {probe['accuracy']:.0%} of the questions without any document: this "
                "comparison says little about what the methods add."
            )
        if any(method["preparation"].get("training_source") == "documents" for method in methods.values()):
            warnings.append(
                "Fine-tuning learned from the text of all documents, because the domain brings no training wordings; "
                "whether it converged on questions cannot be said."
            )
        if unread := sum(question.meta.get("reviewed") is False for question in self.asked):
            warnings.append(
                f"{unread} of {len(self.asked)} questions were drafted from the documents and read by nobody; some of "
                "them are no good questions (docs/drafting.md says how many to expect)."
            )
        for name, method in methods.items():
            if method.get("converged") is False:
                accuracy, n = method["convergence"]["accuracy"], method["convergence"]["n"]
                warnings.append(
                    f"The training of {name} did not converge: {accuracy:.0%} of {n} of its own training wordings are "
                    "answered, 90% are needed. There is no verdict on it."
                )
            if left_out := method["preparation"].get("left_out"):
                warnings.append(f"{name}: {len(left_out)} documents did not fit the window.")
        checks = audit_checks(self.answers, self.questions, self.chunks, self.record)
        warnings += [f"Audit failed: {c['name']} ({c['detail']})." for c in checks if c["passed"] is False]
        if (grader := self.grader())["warning"]:
            warnings.append(f"Labels of this run: {grader['warning']}")
        return {
            "checks": checks,
            "leaks": self.record["leaks"],
            "coverage": self._coverage(),
            "answerable_by": self._answerable_by(methods),
            "base_knowledge": probe,
            "warnings": warnings,
        }

    def grader(self) -> dict[str, Any]:
        """Who graded how many answers, and how far the grader agrees with the labels that people gave in this run."""
        pairs = [(a.question_id, a.answer, self._score(a)["own_grade"]) for a in self.answers]
        asked = [score for score in self.scores.values() if score["phase"] in ("main", "updated")]
        counts = {"by": dict(Counter(score["by"] for score in asked)), "doubtful": sum(s["doubtful"] for s in asked)}
        return figures(agreement_of(pairs, read_labels(self.folder), self.seed)) | counts

    def took(self) -> dict[str, Any]:
        """What the comparison itself took, in seconds and prompt tokens, and what was predicted of it."""
        predicted = self.record.get("estimate", {})
        return {
            "seconds": self.record["seconds"],
            "answering_s": sum(a.retrieval_s + a.generation_s for a in self.answers),
            "alone_s": sum(line.total_s for line in self.folder.latencies()),
            "grading_s": self.record.get("grading_s", 0.0),
            "prompt_tokens": sum(a.prompt_tokens for a in self.answers),
            "predicted_s": predicted.get("seconds"),
            "predicted_prompt_tokens": predicted.get("prompt_tokens"),
        }

    def _coverage(self) -> str:
        """What fine-tuning was trained on, and how many of the facts asked for that covers; no word without lora."""
        if not adapted(self.settings["methods"]):
            return ""
        facts, training = self.trained_facts(), self.record["training"]
        asked = {q.fact_id: q for q in self.asked if q.answerable}
        if facts is None:
            return (
                "Fine-tuning learned from the text of all documents; which of the facts asked for it took in cannot be "
                "counted beforehand."
            )
        covered = sum(question.covered_by(facts) for question in asked.values())
        drafted = f" ({training['drafted']} of them drafted from the documents)" if training["drafted"] else ""
        return (
            f"Fine-tuning saw {training['wordings']} wordings{drafted} of {len(facts)} facts; they cover {covered} of "
            f"the {len(asked)} facts asked for."
        )

    def _answerable_by(self, methods: Mapping[str, Any]) -> dict[str, int | None]:
        """How many of the answerable questions each method was given the means to answer."""
        facts, out = self.trained_facts(), {}
        for name, method in methods.items():
            made = method["preparation"]
            asked = [question for question, _, _ in self.main(name)]
            given, left_out = made.get("injected") or (), bool(made.get("left_out"))
            # The oracle was asked what has a gold passage, and nothing else.
            means = Means(facts, has_gold=lambda question: True, injected=given, left_out=left_out)
            out[name] = count_answerable(spec_of(name), asked, means)
        return out


def build_results(folder: RunFolder) -> dict[str, Any]:
    """Everything that is shown of a run, from its answers, scores and measurements."""
    run = _Computation(folder)
    methods = {name: run.method(name) for name in run.names()}
    contrasts = family_contrasts(list(methods), run.rows, run.weights, run.seed)
    audit = run.audit(methods)
    record = run.record
    results = {
        "schema_version": SCHEMA_VERSION,
        "run": {
            "id": record["id"],
            "profile": run.settings["profile"],
            "seeds": sorted({seed for name, seed, _ in run.graded if spec_of(name).seeded}) or [run.seed],
            "status": record["status"],
            "created": record["created"],
            "versions": record["versions"],
            "usd_per_hour": run.settings["usd_per_hour"],
            "took": run.took(),
            "estimate": {"predicted_s": record.get("estimate", {}).get("seconds"), "actual_s": record["seconds"]},
        },
        "domain": record["domain"] | {"n_asked": len(run.asked), "weighted": run.weights is not None},
        "model": record["model"],
        "grader": run.grader(),
        "methods": methods,
        "contrasts": contrasts,
        "verdict": make_verdict(methods, contrasts, audit),
        "audit": audit,
    }
    book = read_prices(changes=[f"machine_hour={run.settings['usd_per_hour']}"])
    page = cost_page(results, book, Scenario())
    return results | {"costs": page, "break_even": page["break_even"]}
