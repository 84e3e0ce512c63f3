"""The tables behind the main one: kinds of question, reading, seeds, differences, audit; the same in report and app."""

from collections.abc import Mapping
from typing import Any

from evaluation.grading.grader import coefficients
from evaluation.table import Table, percent


def _share(cell: Mapping[str, Any] | None) -> str:
    return f"{percent(cell['accuracy'])} of {cell['n']}" if cell else "n/a"


def _updated(results: Mapping[str, Any]) -> Table | None:
    rows = []
    for name, method in results["methods"].items():
        if stale := method["stale"]:
            refresh, training = method["refresh"], method["training"]
            taken_in = refresh["by"] if refresh["seconds"] is None else f"{refresh['by']}, {refresh['seconds']:.2f} s"
            if training:
                taken_in += f" (adapter: not; a training took {training['seconds']:.0f} s)"
            old = (
                f"{percent(stale['rate'])} of {stale['n']} ({percent(stale['ci_low'])} to {percent(stale['ci_high'])})"
            )
            rows.append([name, _share(method["categories"].get("updated")), old, taken_in])
    note = (
        f"{results['domain']['n_updates']} sentences were changed in the documents, index and prompt; adapters stayed "
        "as they were. Seconds are measured for one changed document. These questions do not count in the overall "
        "accuracy."
    )
    columns = ("method", "new answer", "still the old answer", "one changed document is taken in by")
    return Table("When documents change", note, columns, rows) if rows else None


def _style(results: Mapping[str, Any]) -> Table | None:
    rows = []
    for name, method in results["methods"].items():
        if style := method["style"]:
            parts = [style.get(key) for key in ("styled_training", "no_styled_training")]
            forms = ["n/a" if part is None else f"{percent(part['form'])} of {part['n']}" for part in parts]
            both = [f"{percent(style[key])} of {style['n']}" for key in ("form", "content", "both")]
            rows.append([name, *both, *forms])
    note = (
        "The question spells the form out, the same for every method. Form is a pattern of the domain; content is "
        "graded apart."
    )
    columns = ("method", "form", "content", "both", "form, fact trained in it", "form, fact not trained in it")
    return Table("Asked for the house form", note, columns, rows) if rows else None


def _multi_hop(results: Mapping[str, Any]) -> Table | None:
    rows = []
    for name, method in results["methods"].items():
        if halves := method["multi_hop"]:
            recall = (method["retrieval"] or {}).get("multi_hop")
            found = [f"{percent(recall[f'both_at_{k}'])} of {recall['n']}" if recall else "n/a" for k in (1, 3, 5, 10)]
            rows.append([name, _share(halves.get("trained")), _share(halves.get("untrained")), *found[1:]])
    columns = ("method", "both facts trained", "others", "both passages among 3", "among 5", "among 10")
    return Table("Questions over two documents", "", columns, rows) if rows else None


def _reader(results: Mapping[str, Any]) -> Table | None:
    """The model with its trained reader beside the plain one, where both were asked."""
    rows = []
    for name, method in results["methods"].items():
        if plain := method.get("plain"):
            own = (results["model"]["name"], method, method["tokens"]["completion"])
            for model, of, tokens in (own, (plain["model"], plain, plain["completion_tokens"])):
                overall, refusal = of["overall"], of["refusal"]
                span = f"{percent(overall['ci_low'])} to {percent(overall['ci_high'])}"
                unknown = refusal["unanswerable_refused"]
                refused = "n/a" if unknown is None else f"{percent(unknown)} of {refusal['n_unanswerable']}"
                over = f"{percent(refusal['answerable_refused'])} of {refusal['n_answerable']}"
                rows.append([name, model, _share(overall), span, refused, over, f"{tokens:.1f}"])
    note = (
        "The same prompts. The reader is an adapter that was trained once, on public question sets, to use what stands "
        "in the prompt; no document or question of this domain was part of that (docs/reader.md)."
    )
    columns = ("method", "model", "right", "95 % interval", "unanswerable refused", "answerable refused",
               "answer tokens")  # fmt: skip
    return Table("The trained reader and the plain model", note, columns, rows) if rows else None


def special_tables(results: Mapping[str, Any]) -> list[Table]:
    """Tables about the reader, what changed, the house form, and two documents, where the run asked for them."""
    found = (_reader(results), _updated(results), _style(results), _multi_hop(results))
    return [table for table in found if table]


_VERDICTS = {"a": "{a} ahead", "b": "{b} ahead"}


def _contrast_row(row: Mapping[str, Any]) -> list[str]:
    low, high = (f"{row[key] * 100:+.0f}" for key in ("ci_low", "ci_high"))
    verdict = _VERDICTS.get(row["verdict"], row["verdict"]).format(a=row["a"], b=row["b"])
    return [
        f"{row['a']} − {row['b']}",
        row["category"],
        f"{row['difference'] * 100:+.0f} points",
        f"{low} to {high}",
        f"{row['n_pairs']} ({row['n_facts']} facts)",
        f"{row['p_value']:.3g}",
        f"{row['p_holm']:.3g}",
        f"{row['minimum_detectable'] * 100:.0f} points",
        verdict,
    ]


def contrast_tables(results: Mapping[str, Any]) -> list[Table]:
    """The primary family, and the exploratory one."""
    columns = ("a − b", "questions about", "difference", "95 % interval", "questions", "p", "p (Holm)",
               "could have seen", "verdict")  # fmt: skip
    notes = {
        "primary": "Three comparisons, named before the run and corrected together by Holm's method. p: exact McNemar "
        "test on one wording a fact (with a traffic mix: signs of facts flipped). Could have seen: the difference that "
        "a run like this finds in 80 of 100 cases.",
        "secondary": "All other pairs, and the three by category: a second family, corrected by itself. What shows up "
        "here is a question for the next run, not a result.",
    }
    titles = {"primary": "Differences", "secondary": "Exploratory differences"}
    found = []
    for family in ("primary", "secondary"):
        rows = [_contrast_row(row) for row in results["contrasts"] if row["family"] == family]
        if rows:
            found.append(Table(titles[family], notes[family], columns, rows))
    return found


def decomposition_table(results: Mapping[str, Any]) -> Table | None:
    """Accuracy of methods that read, split by whether what they needed was in the prompt."""
    rows = []
    for name, method in results["methods"].items():
        if split := method["decomposition"]:
            use, luck = (percent(split[key]) for key in ("use_given_hit", "luck_given_miss"))
            missed = split["n"] - split["hits"]
            rows.append([
                name, f"{percent(split['recall'])} of {split['n']}", f"{use} of {split['hits']}", f"{luck} of {missed}",
                percent(split["accuracy"]),
            ])  # fmt: skip
    note = (
        "Accuracy = in the prompt × right then + not in the prompt × right all the same; over questions whose document "
    )
    note += "is named, each counting once."
    columns = ("method", "what is needed is in the prompt", "right then", "right all the same", "accuracy")
    return Table("Finding and reading", note, columns, rows) if rows else None


def seeds_table(results: Mapping[str, Any]) -> Table | None:
    """Accuracy after trainings with different seeds, where there was more than one."""
    rows = []
    for name, method in results["methods"].items():
        if len(seeds := method.get("seeds", [])) > 1:
            rates = [seed["accuracy"] for seed in seeds if seed["accuracy"] is not None]
            each = ", ".join(f"{seed['seed']}: {percent(seed['accuracy'])}" for seed in seeds)
            rows.append([name, each, f"{percent(min(rates))} to {percent(max(rates))}" if rates else "n/a"])
    note = (
        "The same examples in another order from another start. All other figures are those of the first seed; answers "
    )
    note += "of several seeds are never counted as more questions."
    return Table("Training seeds", note, ("method", "seed: accuracy", "spread"), rows) if rows else None


def audit_table(results: Mapping[str, Any]) -> Table:
    """The checks of the run's own files."""
    marks = {True: "passed", False: "FAILED", None: "n/a"}
    rows = [[check["name"], marks[check["passed"]], check["detail"]] for check in results["audit"]["checks"]]
    return Table("Audit", "Made from the run's files alone.", ("check", "", "detail"), rows)


def grading_sentences(results: Mapping[str, Any]) -> list[str]:
    """Who graded, and how far that agrees with people."""
    grader = results["grader"]
    names = {"rules": "by rules", "model": "by the fitted model", "person": "by a person"}
    parts = [f"{count:,} {names.get(kind, kind)}" for kind, count in sorted(grader["by"].items(), reverse=True)]
    known = coefficients()["made_from"]["on_the_other_half"]
    sentences = [
        f"Answers graded: {', '.join(parts)}; {grader['doubtful']:,} near one half (trivium review RUN --doubtful).",
        f"On {known['n']:,} public answers that were not fitted (EVOUNA) the grader agrees with people with kappa "
        f"{known['kappa']:.2f} ({known['ci_low']:.2f} to {known['ci_high']:.2f}).",
    ]
    if grader["kappa"] is None:
        sentences.append("On this run: nobody labelled a sample yet (trivium review RUN).")
    else:
        sentences.append(
            f"On this run, {grader['labels']} answers drawn by chance and labelled by a person: kappa "
            f"{grader['kappa']:.2f} ({grader['ci_low']:.2f} to {grader['ci_high']:.2f})."
        )
    return sentences


def all_tables(results: Mapping[str, Any]) -> list[Table]:
    """What stands between the accuracy by category and the bill, in order."""
    optional = [*special_tables(results), decomposition_table(results), seeds_table(results)]
    return [*(table for table in optional if table), *contrast_tables(results)]
