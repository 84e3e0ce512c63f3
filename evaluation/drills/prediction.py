"""How long a drill will take: seconds of reading, answering and training, measured now, times the work that is left."""

from functools import cached_property
from typing import Any

from data.schema import Domain
from evaluation.drills.measured import Work
from evaluation.run.estimate import measure
from evaluation.run.plan import Plan
from evaluation.run.registry import spec_of
from evaluation.run.settings import RunSettings
from model.language_model import LanguageModel, Weights, offers
from model.speed import meter_of

_UNTIMED_STEP = 20  # answers that a training step takes as long as, where none was ever timed


class Speed:
    """Rates of this machine, as busy as it is; measuring them takes some seconds.

    Args:
        record: run.json, for what cannot be measured in seconds: trainings and long prompts.
    """

    def __init__(
        self, domain: Domain, plan: Plan, model: LanguageModel, settings: RunSettings, record: dict[str, Any]
    ) -> None:
        meter = meter_of(model)
        begun = meter.now()
        weights = offers(model, Weights)
        # A token that sees c others costs this share more for each of them (evaluation/run/estimate.py).
        self.attention = 4 * weights.shapes().attention / (2 * weights.parameters) if weights else 0.0
        self.rates, self.record = measure(domain, plan, model, settings), record
        self.busy = meter.slowdown(begun, meter.now())  # times longer than on a quiet machine work took

    def _details(self, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = next(iter(self.record["methods"].get(name, {}).values()), {})
        return entry.get("details") or {}

    @cached_property
    def step_s(self) -> float:
        """Seconds of a training step: those of the run's training, as fast as the machine is now."""
        then = float((self.record.get("estimate") or {}).get("rates", {}).get("answer") or 0)
        now = self.rates.answer / then if then else 1.0
        for name in self.record["methods"]:
            training = self._details(name).get("training") or {}
            if training.get("steps"):
                return now * float(training.get("calibrated_s", training["seconds"])) / int(training["steps"])
        return _UNTIMED_STEP * self.rates.answer

    def seconds(self, work: Work) -> float:
        """What a piece of work is predicted to take."""
        rates, training = self.rates, self.step_s * work.steps if work.steps else 0.0
        once = work.shared + self.attention * work.shared**2 / 2
        reading = rates.read * (work.answers * work.tokens + work.times * once)
        return reading + rates.answer * work.answers + rates.alone * work.alone + training + work.seconds

    def opening(self, name: str, trained: bool) -> float:
        """Seconds until a method can be asked: what the run took to read, or to train what is not there.

        Args:
            trained: whether the run's adapters are there.
        """
        details = self._details(name)
        training = (details.get("training") or {}) if spec_of(name).adapted and not trained else {}
        return float(details.get("prefix_s") or 0.0) + float(training.get("seconds") or 0.0)
