"""What a client may start: a run of a domain of the workspace, with the options of `trivium run`."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from data.errors import TriviumError
from evaluation.run.options import OPTIONS, RunOption, as_settings, settings_from
from evaluation.run.registry import chosen_methods
from evaluation.serve.errors import ApiError
from model.registry import SERVED, kind_of

# The server's key for models would go wherever a client says; how many processes there are is not a client's to say;
# and a provider's training costs money.
_NOT_OURS = ("base_url", "train_processes")
_HOSTED = "hosted"
_PATHS = ("model", "embedder", "writer", "train_with")  # options that may name a file or a folder
ALLOWED = tuple(option for option in OPTIONS if option.name not in _NOT_OURS)


def _field(option: RunOption) -> Any:
    limits = Field(None, ge=option.least, le=option.most, description=option.help)
    return option.kind | None, limits


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


RunOptions: type[_Strict] = create_model(
    "RunOptions", __base__=_Strict, **{option.name: _field(option) for option in ALLOWED}
)


class RunRequest(_Strict):
    """A run to start."""

    domain: str = Field(min_length=1, max_length=500, description="Its folder, as seen from the workspace.")
    name: str = Field("", max_length=100, description="Of the run [default: the domain's, the profile's and a number].")
    options: RunOptions = RunOptions()

    def chosen(self) -> dict[str, Any]:
        """Options that were given, by their names."""
        given: dict[str, Any] = self.options.model_dump(exclude_none=True)
        return given

    def arguments(self) -> list[str]:
        """The options as they stand on the command line."""
        return [_argument(name.replace("_", "-"), value) for name, value in self.chosen().items()]

    def checked_domain(self, root: Path) -> Path:
        """The domain's folder, with all that is named inside the workspace.

        Args:
            root: the workspace.

        Raises:
            ApiError: something lies outside it, or an option cannot have its value.
        """
        domain, chosen = _inside(root, self.domain, "domain"), self.chosen()
        if not (domain / "documents").is_dir():
            raise ApiError(400, f"{self.domain}: no domain here (there is no documents/).", "invalid_value", "domain")
        for name in _PATHS:
            if (value := chosen.get(name)) and kind_of(value) not in SERVED:
                _inside(root, value.removeprefix(f"{kind_of(value)}:"), f"options.{name}")
        if chosen.get("train_with") == _HOSTED:
            raise ApiError(400, "no provider's training is started here.", "invalid_value", "options.train_with")
        try:
            methods = {"methods": chosen_methods(chosen["methods"])} if "methods" in chosen else {}
            settings_from(as_settings({o.name: chosen.get(o.name) for o in OPTIONS}) | methods | {"domain": domain})
        except TriviumError as error:
            raise ApiError(400, str(error), "invalid_value", "options") from error
        return domain


def _argument(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no-{name}"
    return f"--{name}={value}"


def _inside(root: Path, name: str, field: str) -> Path:
    """A path that stays in the workspace, links included; a model's name is one too, of a folder that is not there."""
    try:
        path = (root / name).resolve()
        inside = not name.startswith("~") and path.is_relative_to(root.resolve()) and name.isprintable()
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside:
        raise ApiError(400, f"{name!r} does not lie in the workspace.", "outside_workspace", field)
    return path
