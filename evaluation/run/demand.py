"""How much is asked of a method, and what errors cost the user: it decides bills and recommendations, no answer."""

from pydantic import BaseModel, ConfigDict, Field


class Demand(BaseModel):
    """Volume, changes and months, and the prices of errors, which are 0 where the user has not said them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queries_per_month: float = Field(10_000, gt=0, allow_inf_nan=False)
    updates_per_month: float = Field(0, ge=0, allow_inf_nan=False, description="documents that change")
    months: int = Field(12, ge=1, le=36)
    wrong_answer: float = Field(0, ge=0, allow_inf_nan=False, description="what a wrong answer costs the user")
    no_answer: float = Field(0, ge=0, allow_inf_nan=False, description='what "unknown" costs when there is an answer')

    @property
    def queries(self) -> float:
        return self.queries_per_month * self.months

    @property
    def updates(self) -> float:
        return self.updates_per_month * self.months
