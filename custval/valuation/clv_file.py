"""A CLV as JSON and back: two models, each as its own file has it, and whether frequency and money go together."""
from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from .._files import At, keys
from .._row_report import shorten
from ..errors import ConfigError
from ..evaluation.accuracy import Dependence, in_words

SCHEMA = "custval/clv-1"
PARTS = ("purchases", "spend")
MEASURES = ("rank_correlation", "p", "explained", "customers")


def text_of(purchases: Any, spend: Any, dependence: Dependence | None) -> str:
    """Return two models as one JSON text."""
    file: dict[str, Any] = {"schema": SCHEMA}
    file |= {name: json.loads(model.to_json()) for name, model in zip(PARTS, (purchases, spend), strict=True)}
    if dependence is not None:
        file["dependence"] = {name: None if (value := getattr(dependence, name)) != value else value
                              for name in MEASURES}
    return json.dumps(file, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def clv_of(make: Any, file: Mapping[str, Any], source: str, model_of: Callable[[Any, str], Any]) -> Any:
    """Return the CLV that a file describes; `model_of` reads one of its models."""
    keys(file, ("schema", *PARTS, "dependence"), ("schema", *PARTS), source)
    found = {name: model_of(file[name], f"{source}: {name}") for name in PARTS}
    with At(source):
        clv = make(**{name: type(model)(**model.get_params()) for name, model in found.items()})
    vars(clv).update((f"{name}_", model) for name, model in found.items() if hasattr(model, "status_"))
    if "dependence" in file:
        clv.dependence_ = _dependence(file["dependence"], f"{source}: dependence")
    return clv


def _dependence(file: Any, where: str) -> Dependence:
    keys(file, MEASURES, MEASURES, where)
    for name in MEASURES:
        if isinstance(file[name], bool) or not isinstance(file[name], int | float | None):
            raise ConfigError(f"{where}.{name}: {shorten(file[name])} is not a number")
    rho, p, explained = (math.nan if file[name] is None else float(file[name]) for name in MEASURES[:3])
    return Dependence(rho, p, explained, file["customers"], in_words(rho, p))
