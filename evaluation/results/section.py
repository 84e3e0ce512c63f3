"""What all parts of results.json have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of results.json. Fields of later versions are passed over; a figure that nothing measured is None.

    None is infinite.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)
