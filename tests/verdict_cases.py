"""Made-up figures of a run, for tests of what is said about them: counts of 110 questions about 110 facts."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.analysis.choice import Case
from evaluation.results.costs import CostPage, CostRow, Scenario
from evaluation.results.method import Decomposition, MethodResults
from evaluation.results.rates import Cell, Outcomes, Rate, Refusal
from evaluation.results.schema import Audit, AuditCheck
from evaluation.results.verdict import Contrast, Coverage

ASKED = 110


def cell(right: int, unknown: int, wrong: int) -> Cell:
    """Counts and shares; intervals of five points to each side."""
    n = right + unknown + wrong

    def rate(count: int) -> Rate:
        return Rate(n=n, rate=count / n, ci_low=count / n - 0.05, ci_high=count / n + 0.05)

    return Cell(
        n=n, n_facts=n, correct=right, wrong=wrong, abstained=unknown, unscored=0, accuracy=right / n,
        ci_low=right / n - 0.05, ci_high=right / n + 0.05,
        outcomes=Outcomes(right=rate(right), unknown=rate(unknown), wrong=rate(wrong)),
    )  # fmt: skip


def refusing(refused: float | None = None, n: int = 0, low: float | None = None, high: float | None = None) -> Refusal:
    return Refusal(
        unanswerable_refused=refused, ci_low=low, ci_high=high, n_unanswerable=n, answerable_refused=None,
        n_answerable=ASKED,
    )  # fmt: skip


def method(overall: Cell, *, kind: str = "candidate", context: str = "search", adapted: bool = False,
           converged: bool | None = None, refusal: Refusal | None = None, split: Decomposition | None = None,
           causes: Mapping[str, int] | None = None, **kinds: Cell) -> MethodResults:  # fmt: skip
    """A method with what a verdict goes by, and nothing else."""
    return MethodResults.model_construct(
        kind=kind, context=context, adapted=adapted, converged=converged, overall=overall, categories=kinds,
        refusal=refusal or refusing(), decomposition=split, causes=dict(causes or {}),
    )  # fmt: skip


def trained(overall: Cell, **fields: Any) -> MethodResults:
    return method(overall, context="none", adapted=True, **fields)


def contrast(a: str, b: str, difference: float, outcome: str = "right", reach: float = 0.1, **fields: Any) -> Contrast:
    """A minus b in points of a hundred, with an interval of `reach` to each side, by which it is decided."""
    low, high = difference - reach, difference + reach
    verdict = "a" if low > 0 else "b" if high < 0 else "too close to call"
    base = {
        "a": a, "b": b, "category": "overall", "outcome": outcome, "family": "primary", "n_pairs": ASKED,
        "n_facts": ASKED, "difference": difference, "ci_low": low, "ci_high": high, "p_value": 0.5,
        "minimum_detectable": 0.15, "verdict": verdict,
    }  # fmt: skip
    return Contrast.model_validate(base | fields)


def bill(total: float, wrong: float = 0.0, unknown: float = 0.0, error: float = 0.0, fixed: float = 0.0,
         scenario: Scenario | None = None, fits: bool = True) -> CostRow:  # fmt: skip
    """A bill over the scenario; what a question costs with its errors follows from shares and prices."""
    asked = scenario or Scenario()
    each = total / asked.queries
    return CostRow.model_construct(
        total=total, total_error=error, amortised=each, query=(total - fixed) / asked.queries, fixed=fixed, fits=fits,
        with_errors=each + asked.wrong_answer * wrong + asked.no_answer * unknown,
    )  # fmt: skip


def case(methods: Mapping[str, MethodResults], contrasts: Sequence[Contrast] = (),
         bills: Mapping[str, CostRow] | None = None, scenario: Scenario | None = None, failed: str = "",
         warnings: Sequence[str] = (), coverage: Coverage | None = None, weighted: bool = False) -> Case:  # fmt: skip
    checks = [AuditCheck(name=failed, passed=False, detail="x")] if failed else []
    audit = Audit.model_construct(warnings=list(warnings), checks=checks)
    page = CostPage.model_construct(currency="USD", scenario=scenario or Scenario(), methods=dict(bills or {}))
    return Case(methods, contrasts, audit, page, coverage, weighted)


def covered(asked: int, taught: int, **fields: Any) -> Coverage:
    base: dict[str, Any] = {"read": 0, "facts": 250, "facts_taught": taught, "passages": 80, "passages_seen": 20}
    return Coverage.model_validate(base | {"asked": asked, "taught": taught} | fields)
