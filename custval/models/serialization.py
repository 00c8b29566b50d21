"""Models to JSON and back, exact to the last bit; NaN is written as null."""
from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .._dates import UNITS, as_day, split_unit
from .._files import At, encodable, keys, known
from .._row_report import shorten
from ..errors import ConfigError, DataError
from .calendar_factors import Calendar
from .clock import Clock
from .diagnostics import SEEN

LARGEST_RATIO = 50                        # log of the intensity of a clock
SCHEMA = "custval/model-1"
FLAGS = ("first", "smearing")            # keywords that are true or false
MODEL = ("schema", "model", "keywords", "fit")


def text_of(model: Any) -> str:
    """Return a model as JSON text."""
    found = [name for name in FITTED if f"{name}_" in vars(model)]
    fit = {name: _plain(vars(model)[f"{name}_"]) for name in found}
    table = {"schema": SCHEMA, "model": model.prefix, "keywords": _keywords(model)} | ({"fit": fit} if fit else {})
    return json.dumps(table, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _keywords(model: Any) -> dict[str, Any]:
    return {name: value.keyword() if isinstance(value, Clock) else value for name, value in model.get_params().items()}


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(v) for v in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, Clock):
        return value.to_dict()
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else repr(value)
    return value


def model_of(make: Any, table: Mapping[str, Any], source: str) -> Any:
    """Return the model of class `make` that a table describes; errors name the path to the key."""
    keys(table, MODEL, MODEL[:3], source)
    at = f"{source}: keywords"
    keys(table["keywords"], make().keywords(), make.names, at)
    with At(at):
        model = make(**{name: _keyword(name, value) for name, value in table["keywords"].items()})
    if "fit" in table:
        found = _fit(model, table["fit"], f"{source}: fit")
        model.set_fit(found)
    return model


def _keyword(name: str, value: object) -> Any:
    if name.endswith("_covariates"):
        return _texts(value, ())
    if name in FLAGS:
        return value
    if name == "clock":
        return _clock(value)
    if isinstance(value, bool | list | dict):
        raise ConfigError(f"{name} = {shorten(value)} is neither a number nor a text")
    return value


def _fit(model: Any, table: Mapping[str, Any], where: str) -> dict[str, Any]:
    if "levels" in table and model.coefficients():
        with At(f"{where}.levels"):
            model.take_levels(_levels(table["levels"], (*model.rate_covariates, *model.dropout_covariates)))
    places = model.coefficients()
    allowed = tuple(name for name in FITTED if places or name != "means")
    keys(table, allowed, tuple(name for name in allowed if name not in OPTIONAL), where)
    found = {}
    for name in table:
        with At(f"{where}.{name}"):
            found[name] = FITTED[name](table[name], places if name == "means" else model.names)
    for name, held in model.constraints().items():
        value = found["params"][name]
        if held is not None and value != held and not math.isnan(value):
            raise ConfigError(f"{where}.params.{name} = {value!r}, but the parameter is fixed at {held!r}")
    if found["status"] == "converged":
        for name in places:
            if not math.isfinite(found["params"][name] + found["means"][name]):
                raise ConfigError(f"{where}: {name} is not a number, although the status is 'converged'")
        _demand_certified(found, where)
    own = {name: value for name, value in found["params"].items() if name in type(model).names
           and (found["status"] == "converged" or not math.isnan(value))}
    with At(f"{where}.params"):
        for name, value in own.items():
            if not (math.isfinite(value) and (name in model.signed or value > 0)):
                raise ConfigError(f"{type(model).__name__}: {name}={value!r} is not possible: an estimate is a finite "
                                  f"number{'' if name in model.signed else ' above 0'}")
        if "k" in own:
            type(model)(k=own["k"])                         # a number of Erlang stages
    return found


def _demand_certified(found: Mapping[str, Any], where: str) -> None:
    """Raise unless the numbers of a converged fit are those that a fit can have."""
    for name in ("loglik", "aic", "bic"):
        if not math.isfinite(found[name]):
            raise ConfigError(f"{where}.{name} is not a number, although the status is 'converged'")
    cov, diagonal = found["cov"], dict(zip(found["se"], np.diag(found["cov"]).tolist(), strict=True))
    if not np.isfinite(cov).all() or not np.allclose(cov, cov.T, rtol=1e-9, atol=1e-9 * abs(cov).max()):
        raise ConfigError(f"{where}.cov is not a covariance: finite and symmetric, although the status is 'converged'")
    for name, se in found["se"].items():
        if not (math.isnan(se) and diagonal[name] == 0) and not (0 < se < math.inf and math.isclose(
                se * se, diagonal[name], rel_tol=1e-9)):
            raise ConfigError(f"{where}.se.{name} = {se!r} is not the square root of its variance in cov, "
                              f"{diagonal[name]!r}, although the status is 'converged'")


def _number(value: object, names: tuple[str, ...] = ()) -> float:
    """Return a number; null is NaN, "inf" and "-inf" are infinities."""
    if value is None:
        return math.nan
    if value in ("inf", "-inf"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 2**1024:
        raise ConfigError(f"{shorten(value)} is not a number")
    return float(value)


def _count(value: object, names: tuple[str, ...]) -> float:
    """Return a number of 0 or more; integers stay integers."""
    number = _number(value)
    if not 0 <= number < math.inf:
        raise ConfigError(f"{shorten(value)} is not a number of 0 or more")
    return value if isinstance(value, int) else number


def _passes(value: object, names: tuple[str, ...]) -> int:
    counted = _count(value, names)
    if not isinstance(counted, int):
        raise ConfigError(f"{shorten(value)} is not a whole number")
    return counted


def _named(value: Any, names: tuple[str, ...]) -> dict[str, float]:
    """Return a number for each parameter."""
    keys(value, names, names, "by parameter")
    out = {}
    for name in names:
        with At(name):
            out[name] = _number(value[name])
    return out


def _errors(value: Any, names: tuple[str, ...]) -> dict[str, float]:
    """Return a standard error for each parameter, NaN without one."""
    found = _named(value, names)
    for name, se in found.items():
        if se < 0:
            raise ConfigError(f"{name}: {se!r} is not a standard error: 0 or more")
    return found


def _some(value: Any, names: tuple[str, ...]) -> dict[str, float]:
    """Return a number for some of the parameters."""
    keys(value, names, (), "by parameter")
    return {name: _number(v) for name, v in value.items()}


def _levels(value: Any, covariates: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the levels of covariates in words."""
    keys(value, covariates, (), "by covariate")
    found = {name: _texts(levels, ()) for name, levels in value.items()}
    for name, levels in found.items():
        if len(levels) < 2 or len(set(levels)) < len(levels):
            raise ConfigError(f"{name}: {shorten(value[name])} is not a list of two levels or more")
    return found


def _profile(value: object, names: tuple[str, ...]) -> dict[int, float]:
    """Return numbers by whole numbers."""
    if not isinstance(value, dict) or not all(re.fullmatch("[0-9]{1,9}", key) for key in value):
        raise ConfigError(f"{shorten(value)} is not a table of numbers by whole numbers")
    return {int(key): _number(v) for key, v in value.items()}


def _matrix(value: object, names: tuple[str, ...]) -> np.ndarray:
    k = len(names)
    if not isinstance(value, list) or [len(row) if isinstance(row, list) else 0 for row in value] != [k] * k:
        raise ConfigError(f"expected {k} lists of {k} numbers")
    return np.array([[_number(cell) for cell in row] for row in value])


def _status(value: object, names: tuple[str, ...]) -> str:
    known(value, ("converged", *SEEN), "status")
    return str(value)


def _text(value: object, names: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{shorten(value)} is not a text")
    return encodable(value, "text")


def _day(value: object, names: tuple[str, ...]) -> Any:
    try:
        return None if value is None else as_day(_text(value, names), "end")
    except DataError as error:
        raise ConfigError(str(error)) from error


def _flag(value: object, names: tuple[str, ...]) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{shorten(value)} is neither true nor false")
    return value


def _clock(value: Any) -> Clock | None:
    """Return the clock that a keyword of a file describes."""
    if value is None or isinstance(value, str):
        return None if value is None else Clock(value)
    keys(value, ("period", "calendar"), ("period", "calendar"), "clock")
    keys(value["calendar"], ("first", "factors"), ("first", "factors"), "clock.calendar")
    factors = _finite(value["calendar"]["factors"], "factors")
    with At("calendar.first"):
        first = int(_day(value["calendar"]["first"], ()).astype(np.int64))
    return Clock(value["period"], calendar=Calendar(first, factors))


def _fitted_clock(value: Any, names: tuple[str, ...]) -> Clock:
    """Return the fitted clock that a file describes."""
    parts = ("clock", "unit", "first", "end", "purchases", "expected")
    keys(value, (*parts, "ratio", "variance"), (*parts, "ratio", "variance"), "clock")
    found = _clock(value["clock"])
    if found is None:
        raise ConfigError("clock is null")
    split_unit(value["unit"], UNITS)
    first, end = _day(value["first"], ()), _day(value["end"], ())
    found.unit_, found.first_, found.end_ = value["unit"], first, end
    purchases, expected = (_finite(value[name], name) for name in ("purchases", "expected"))
    if first > end or len(found.edges(0)) - 1 != len(purchases) or len(purchases) != len(expected):
        raise ConfigError(f"clock: {len(purchases)} purchases and {len(expected)} expectations for the periods from "
                          f"{first} to {end}")
    ratio, variance = _ratios(value["ratio"], len(purchases)), _finite(value["variance"], "variance")
    if len(variance) != len(purchases) or not ((variance >= 1e-12) & (variance <= 1e6)).all():
        raise ConfigError(f"variance = {shorten(value['variance'])} is not a list of {len(purchases)} numbers above 0")
    found.set_counts(purchases, expected, ratio, variance)
    return found


def _ratios(values: Any, length: int) -> np.ndarray:
    """Return a list of finite numbers of a length."""
    if not isinstance(values, list) or len(values) != length or not all(
            isinstance(v, int | float) and not isinstance(v, bool) and abs(v) <= LARGEST_RATIO for v in values):
        raise ConfigError(f"ratio = {shorten(values)} is not a list of {length} logs from -{LARGEST_RATIO} to "
                          f"{LARGEST_RATIO}")
    return np.array(values, float)


def _finite(values: Any, name: str) -> np.ndarray:
    """Return a list of finite numbers of 0 or more."""
    good = isinstance(values, list) and all(
        isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= 2**53 for v in values)
    if not good:
        raise ConfigError(f"{name} = {shorten(values)} is not a list of numbers of 0 or more")
    return np.array(values, float)


def _texts(value: object, names: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{shorten(value)} is not a list of texts")
    return tuple(_text(v, names) for v in value)


FITTED: dict[str, Callable[[Any, tuple[str, ...]], Any]] = {
    "status": _status, "params": _named, "se": _errors, "cov": _matrix, "loglik": _number, "aic": _number,
    "bic": _number, "n": _count, "n_iter": _passes, "advice": _text, "null_direction": _named, "notes": _texts,
    "means": _named, "profile": _profile, "end": _day,
    "boundary": _some, "missing": _flag, "columns": _texts, "smearing": _number, "clock": _fitted_clock,
    "levels": lambda value, names: {name: tuple(levels) for name, levels in value.items()}}
OPTIONAL = ("profile", "end", "boundary", "missing", "levels", "columns", "smearing", "clock")
