"""Base class of what is fitted to a base as a whole: two models, the rates that customers share, their file."""
from __future__ import annotations

import html
import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeAlias, TypeVar

import numpy as np

from .._dates import as_day
from .._files import At, keys, suffix, write
from .._formatting import Coefficients, listed
from .._row_report import shorten
from .._validation import of_role, warn
from ..customers.data_report import unsaid
from ..customers.snapshot import HistorySource, Snapshot
from ..errors import ConfigError, DataError, FitError
from ..models import NormalMargin
from ..models.automatic import USUAL, Choice, fit_auto
from ..models.automatic_spend import fit_auto_spend
from ..models.base import Model
from ..models.purchase import PurchaseModel
from ..models.spend import SpendModel
from .forecast import Rates, rates_of

AUTO = "auto"
PARTS = ("purchases", "spend")
MoneyModel: TypeAlias = SpendModel | NormalMargin
Made = TypeVar("Made", bound="ValueModel")
ModelOf: TypeAlias = Callable[[Any, str], Model]


class ValueModel:
    """A purchase and a spend model, each given or chosen by the data, and the rates that all customers share.

    Invariant: what is estimated from several customers is estimated in `fit` and lives in the object and its file, so
    that the value of a customer does not depend on who else is valued.
    """

    __dir__, _unlisted = listed, frozenset({
        "a_file", "fitted", "keywords", "outlook", "roles", "schema", "unusual", "valued"})
    schema: ClassVar[str]
    a_file: ClassVar[str]                                 # in messages
    roles: ClassVar[tuple[str, ...]] = ("spend",)         # of spend
    purchases_: PurchaseModel
    spend_: Any
    rates_: Rates
    choice_: dict[str, str]
    reason_: dict[str, str]

    def __init__(self, purchases: PurchaseModel | str | None, spend: MoneyModel | str | None):
        self.purchases, self.spend = purchases, spend
        if not is_auto(purchases, "purchases"):
            of_role(purchases, "purchases", "purchases")
        if not is_auto(spend, "spend"):
            of_role(spend, "spend", *self.roles)

    # ---- parameters of the constructor ----

    def keywords(self) -> tuple[str, ...]:
        """Return the names of the constructor's keywords."""
        return PARTS

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the keywords of the constructor; if `deep`, also those of the models, such as ``purchases__r``."""
        out = {name: getattr(self, name) for name in self.keywords()}
        for name in PARTS if deep else ():
            if isinstance(out[name], Model):
                out |= {f"{name}__{key}": value for key, value in out[name].get_params().items()}
        return out

    def set_params(self, **given: Any) -> Self:
        """Set keywords of the constructor, also of its models (``purchases__r=1.5``), and discard the fit."""
        known, out = self.get_params(), self.get_params(deep=False)
        unknown = set(given) - set(known)
        if unknown:
            raise ConfigError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}: it has {', '.join(known)}")
        out |= {name: value for name, value in given.items() if name in out}
        for name in PARTS:
            own = {key.partition("__")[2]: value for key, value in given.items() if key.startswith(f"{name}__")}
            if own:
                out[name] = type(out[name])(**out[name].get_params() | own)
        self.__dict__.clear()
        self.__init__(**out)                                              # type: ignore[misc]
        return self

    def _copy(self) -> Self:
        """Return a copy without a fit, with unfitted models of the same settings."""
        settings = self.get_params(deep=False)
        for name in PARTS:
            if isinstance(settings[name], Model):
                settings[name] = type(settings[name])(**settings[name].get_params())
        return type(self)(**settings)

    # ---- fit ----

    def _estimate(self, data: Any, money: bool) -> Self:
        """Fit what has no parameters yet, estimate the shared rates, and say which models were chosen by the data."""
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)
        self.choice_, self.reason_ = {}, {}
        self.purchases_ = self._part("purchases", self.purchases, fit_auto, data)
        if money:
            self.spend_ = self._part("spend", self.spend, fit_auto_spend, data)
        if isinstance(data, HistorySource):
            given = self.purchases_ is self.purchases and vars(self).get("spend_", self.spend) is self.spend
            self.rates_ = rates_of(data.snapshot.population() if given else data.snapshot)
        return self

    def _part(self, role: str, model: Any, choose: Callable[[Any], Choice], data: Any) -> Any:
        if not is_auto(model, role):
            return model.fitted_to(data)
        found = choose(data)
        self.choice_[role], self.reason_[role] = type(found.model).__name__, found.reason
        return found.model

    def unusual(self) -> list[str]:
        """Return what the reasons say beyond that the usual models were fitted, each once."""
        return list(dict.fromkeys(reason for reason in self.reason_.values() if not reason.endswith(USUAL)))

    @property
    def models(self) -> tuple[PurchaseModel, Any]:
        """The purchase and the spend model, as fitted, or as given if there is no fit."""
        return self._model("purchases"), self._model("spend")

    def _model(self, role: str) -> Any:
        found = vars(self).get(f"{role}_", getattr(self, role))
        if is_auto(found, role):
            raise FitError(f"{type(self).__name__}: not fitted, and {role}={AUTO!r} has no parameters: call fit first")
        return found

    def _shared(self, view: Snapshot) -> Rates:
        """Return the rates of the fit; without one, those of all customers of the log."""
        return self.rates_ if hasattr(self, "rates_") else rates_of(view.population())

    # ---- tables and files ----

    def _parts(self) -> list[Any]:
        """Return the models, those chosen by the data only after the fit."""
        found = [vars(self).get(f"{name}_", getattr(self, name)) for name in PARTS]
        return [model for model in found if isinstance(model, Model)]

    def _words(self) -> list[str]:
        """Return which models were chosen by the data, and why."""
        own = vars(self)
        return [f"{role}={AUTO!r}: {reason}" for role, reason in own.get("reason_", {}).items()] + [
            f"{role}={AUTO!r}: not fitted" for role in PARTS if is_auto(own.get(f"{role}_", own[role]), role)]

    def summary(self) -> Coefficients:
        """Return the parameters of both models in one table, under the reasons of their choice.

        The columns are those of ``summary`` of a model, after its name.
        """
        tables = [(type(model).__name__, model.summary()) for model in self._parts()]
        if not tables:
            self._model("purchases")
        columns: dict[str, list[Any]] = {"model": [name for name, found in tables for _ in found["parameter"]]}
        columns |= {name: [cell for _, found in tables for cell in found[name]] for name in tables[0][1]}
        return Coefficients("\n".join([*(found.title for _, found in tables), *self._words()]), columns)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return models and shared rates as one JSON text, and write it to `path` if given; `custval.load` reads both.

        The text has every number to its last bit and nothing of single customers; below 5 kB without covariates.

        Raises
        ------
        ConfigError
            The path does not end in .json.
        """
        text = json.dumps(self._table(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        if path is not None:
            suffix(path, (".json",), self.a_file)
            write(path, text)
        return text

    def _table(self) -> dict[str, Any]:
        own = vars(self)
        out: dict[str, Any] = {"schema": self.schema}
        for name in PARTS:
            model = own.get(f"{name}_", own[name])
            out[name] = json.loads(model.to_json()) if isinstance(model, Model) else AUTO
        out |= {"auto": dict(own["reason_"])} if own.get("reason_") else {}
        return out | ({"rates": _rates_table(self.rates_)} if hasattr(self, "rates_") else {})

    def __repr__(self) -> str:
        return f"<{type(self).__name__}" + "".join(f"\n  {line}" for line in [*map(repr, self._parts()), *self._words()]
                                                   ) + ">"

    def _repr_html_(self) -> str:
        return f"<code>{'<br>'.join(map(html.escape, repr(self).splitlines()))}</code>"


def is_auto(model: object, argument: str) -> bool:
    """Return whether the data choose the model; raise for another word."""
    if isinstance(model, str) and model != AUTO:
        raise ConfigError(f"{argument}={model!r}: pass a model, or {AUTO!r}")
    return model is None or isinstance(model, str)


def announced(model: Made, data: Any) -> Made:
    """Return a fitted object after one DataWarning that says where the usual model could not be estimated.

    A base hears each reason once.
    """
    if notes := unsaid(data.snapshot if isinstance(data, HistorySource) else None, model.unusual()):
        warn("; ".join(notes))
    return model


def has_parameters(model: PurchaseModel | str | None) -> bool:
    """Return whether nothing is to be estimated for a purchase model: its parameters are given, or it is fitted."""
    return isinstance(model, PurchaseModel) and (hasattr(model, "status_") or None not in model.constraints().values())


def fitted_purchases(model: PurchaseModel | str | None, base: HistorySource) -> tuple[PurchaseModel, str]:
    """Return a purchase model with parameters, by default the one that the data choose, and its unit.

    It is bound to the covariates of the base.
    """
    if is_auto(model, "purchases"):
        choice = fit_auto(base)
        if choice.status != "default":
            for note in unsaid(base.snapshot, [choice.reason]):
                warn(note)
        model = choice.model
    else:
        of_role(model, "purchases", "purchases")
    found: PurchaseModel = model.fitted_to(base)                          # type: ignore[union-attr]
    return found.bound_to(base), unit_of(found)


def unit_of(model: PurchaseModel) -> str:
    """Return the unit of a purchase model; raise if it has none."""
    if model.unit is None:
        name = type(model).__name__
        raise ConfigError(f"purchases={name}: its parameters have no unit, so its times are not those of the base: "
                          f"pass unit= to the model, such as cv.{name}(..., unit=\"W\")")
    return model.unit


# ---- files ----

def read_parts(kind: type[ValueModel], file: Mapping[str, Any], source: str,
               model_of: ModelOf) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return keywords of the constructor and attributes of the fit that a parsed file describes."""
    auto = _reasons(file.get("auto", {}), f"{source}: auto")
    keywords: dict[str, Any] = {}
    fitted: dict[str, Any] = {}
    for name in PARTS:
        if file[name] == AUTO:
            if name in auto:
                raise ConfigError(f"{source}: auto: {name} has a reason, but no model")
            keywords[name] = AUTO
            continue
        model = model_of(file[name], f"{source}: {name}")
        with At(source):
            of_role(model, name, *(kind.roles if name == "spend" else (name,)))
        keywords[name] = AUTO if name in auto else type(model)(**model.get_params())
        if name in auto or hasattr(model, "status_"):
            fitted[f"{name}_"] = model
    if auto:
        fitted |= {"reason_": auto, "choice_": {name: type(fitted[f"{name}_"]).__name__ for name in auto}}
    if "rates" in file:
        fitted["rates_"] = _rates(file["rates"], f"{source}: rates")
        fitted.setdefault("reason_", {})
        fitted.setdefault("choice_", {})
    return keywords, fitted


def _reasons(table: Any, where: str) -> dict[str, str]:
    keys(table, PARTS, (), where)
    for name, reason in table.items():
        if not isinstance(reason, str):
            raise ConfigError(f"{where}.{name}: {shorten(reason)} is not a text")
    return dict(table)


def _rates_table(rates: Rates) -> dict[str, Any]:
    def plain(value: float) -> float | str | None:
        return value if math.isfinite(value) else None if math.isnan(value) else repr(value)
    return {"first": str(rates.first), "quiet": rates.quiet,
            **{name: [plain(float(value)) for value in numbers] for name, numbers in rates.money.items()}}


def _rates(table: Any, where: str) -> Rates:
    keys(table, ("first", "quiet", "amount", "cost"), ("first", "quiet"), where)
    if isinstance(table["quiet"], bool) or not isinstance(table["quiet"], int) or not 0 <= table["quiet"] < 10**7:
        raise ConfigError(f"{where}.quiet: {shorten(table['quiet'])} is not a number of days")
    with At(f"{where}.first"):
        try:
            first: np.datetime64 = as_day(table["first"], "first")
        except DataError as error:
            raise ConfigError(str(error)) from error
    money = {name: _credible(table[name], f"{where}.{name}") for name in ("amount", "cost") if name in table}
    return Rates(first, table["quiet"], money)


def _credible(values: Any, where: str) -> tuple[float, float, float]:
    """Return mean, variance within and between; a mean that is not known is null, an infinite variance "inf"."""
    numbers = [math.nan if v is None else math.inf if v == "inf" else v for v in values] if isinstance(
        values, list) else []
    if len(numbers) != 3 or any(isinstance(v, bool) or not isinstance(v, int | float) or
                                (isinstance(v, int) and abs(v) >= 2**1024) for v in numbers):
        raise ConfigError(f"{where}: expected mean, variance within and variance between, as three numbers")
    mean, within, between = map(float, numbers)
    if math.isinf(mean) or not within >= 0 or not 0 <= between < math.inf:
        raise ConfigError(f"{where}: {shorten(values)} is no finite mean with two variances of 0 or more")
    return mean, within, between
