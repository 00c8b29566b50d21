"""What is asked of models of purchases and money together: how well they do, what they found, files."""
from __future__ import annotations

import html
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import _core
from .._dates import as_day, duration
from .._files import suffix, write
from ..errors import ConfigError
from ..evaluation.accuracy import Dependence, Evaluation, evaluation, window
from ..evaluation.backtest import windows
from ..evaluation.comparison import by_origin
from .clv_file import PARTS, text_of
from .residual_value import Case
from .steps import Steps, steps


class Asked:
    """What follows a fit."""

    purchases: Any
    spend: Any
    dependence_: Dependence
    _estimated: Callable[[Any], Any]

    def _models(self) -> tuple[Any, Any]:
        """Return both models, as fitted if they are."""
        purchases, spend = (vars(self).get(f"{name}_", getattr(self, name)) for name in PARTS)
        return purchases, spend

    def _opened(self, data: Any, span: tuple[int | None, str, float], value: str | None, margin_rate: float | None,
                allow: bool) -> tuple[Case, Steps]:
        """Return the customers to value, and the time ahead of them."""
        purchases, spend = self._models()
        for model in (purchases, spend):
            model._demand_fit(allow)
        if purchases.unit is None:
            raise ConfigError(f"purchases={type(purchases).__name__}: it does not know its unit, so periods say "
                              "nothing: pass unit= to it")
        case = Case(purchases, spend, data, value, margin_rate, allow)
        return case, steps(None if case.base is None else case.base.end, *span, purchases.unit)

    def evaluate(self, holdout: Any, *, value: str | None = None, margin_rate: float | None = None) -> Evaluation:
        """Return how close the money expected of every customer comes to what followed.

        Parameters
        ----------
        holdout : CustomerBase
            The second of ``base.split(day)``; the models are those fitted to the first. They value the customers known
            then over the length of the holdout, without discount.
        value, margin_rate
            As in `predict`.

        Returns
        -------
        Evaluation
            As of a model of purchases: ``model`` and ``naive``, each with expected, actual, bias, mae, rmse, gini and
            top_20_capture; ``deciles()``; ``grade`` "A", "B" or "C": see ``evaluate`` there. In the naive baseline each
            customer keeps contributing at the rate per day so far, times the retention rate. ``value`` says whether
            amounts or margins are compared.

        Raises
        ------
        DataError
            No holdout, nobody has a purchase before it, money is not known, or a model was fitted to days in it.
        ConfigError
            A setting is not known, or the purchase model does not know its unit.
        FitError
            A model has free parameters and no converged fit.

        Examples
        --------
        >>> import custval as cv
        >>> calibration, holdout = cv.datasets.cdnow().split("1997-09-30")
        >>> found = cv.CLV(purchases=cv.MBGNBD(unit="W")).fit(calibration).evaluate(holdout)
        >>> round(found.model.actual, 2), found.model.top_20_capture > found.naive.top_20_capture
        (70976.39, True)
        """
        purchases, spend = self._models()
        of = window(holdout, purchases, spend)
        case = Case(purchases, spend, of.past, value, margin_rate, False)
        ahead = Steps(np.array([0.0, of.t]), np.array([float(of.days)]), np.ones(1))
        expected = case.residual(case.purchases(ahead), case.each(), float(of.days))
        actual, before = (case.known(view.total(case.counts)) for view in (of.view, of.before))
        return evaluation("CLV", of, case.kind, expected, actual[of.known], before)

    def backtest(self, base: Any, *, origins: int | Sequence[Any] = 3, value: str | None = None,
                 margin_rate: float | None = None) -> Any:
        """Return how close refits to the past of a base came to what followed, origin by origin.

        Parameters
        ----------
        base : CustomerBase
        origins : int or sequence of dates
            As in `compare`: the last days known, or how many to cut.
        value, margin_rate
            As in `predict`.

        Returns
        -------
        frame of the kind of the base
            A row per origin for the models (``CLV``), fitted anew to the time before it, and one for the naive
            baseline: origin, model, t (length of the holdout), customers, what `Accuracy` has, and grade. An origin
            at which a fit has no certificate is not there.

        Raises
        ------
        DataError
            A date is not possible, or money is not known.
        """
        found = {}
        for past, holdout in windows(base, origins):
            trained = self._anew()._estimated(past)
            if trained._certified():
                found["CLV", past.end] = trained.evaluate(holdout, value=value, margin_rate=margin_rate)
        return base.snapshot.ids.new(by_origin(found))

    def simulate(self, n: int, T: Any, *, end: str = "2025-12-31", seed: int = 0,
                 allow_unconverged: bool = False) -> dict[str, np.ndarray]:
        """Return the orders of `n` new customers, drawn from both models.

        Parameters
        ----------
        n : int
            Number of customers.
        T : float or array_like, shape (n,)
            Time from the first purchase to the end of observation, in the unit of the purchase model.
        end : str
            The last day.
        seed : int
            From 0 to 2**64 - 1. Customer i of a seed is the same whatever `n` is.
        allow_unconverged : bool
            Draw from fits without certificate.

        Returns
        -------
        dict of ndarray
            An order log: customer (0 to n - 1), time (datetime64[s]) and amount, of a margin model margin; the orders
            of a customer in their order. A frame library or `CustomerBase` takes it.

        Raises
        ------
        FitError, DataError, ConfigError
            As ``simulate`` of the purchase model, which has no unit, or `end` is no day.

        Examples
        --------
        >>> import custval as cv
        >>> clv = cv.CLV(purchases=cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"),
        ...              spend=cv.GammaGamma(p=6.25, q=3.74, gamma=15.44))
        >>> orders = clv.simulate(1000, 52, seed=4)
        >>> cv.CustomerBase(orders, customer="customer", time="time", amount="amount", end="2025-12-31")
        <CustomerBase 1,000 customers, 2,404 orders, 2025-01-01..2025-12-31, net 81,643.80>
        """
        purchases, spend = self._models()
        purchases._demand_fit(allow_unconverged)
        if purchases.unit is None:
            raise ConfigError(f"{type(purchases).__name__} does not know its unit, so its times are no dates: pass "
                              "unit= to it")
        drawn = purchases.simulate(n, T, seed=seed, allow_unconverged=allow_unconverged)
        stages = dict(zip(purchases.names, purchases._values(allow_unconverged).tolist(), strict=True)).get("k", 1.0)
        ages, money = _core.simulate_orders(drawn["x"].astype(float), drawn["t_x"], stages, spend.word,
                                            np.array(spend.parameters(allow_unconverged)), seed)
        customer = np.repeat(np.arange(n), drawn["x"] + 1)
        (num, den), last = duration(purchases.unit), as_day(end, "end") + np.timedelta64(86_399, "s")
        before = np.round((drawn["T"][customer] - ages) * (86_400 * den / num)).astype("m8[s]")
        return {"customer": customer, "time": last - before, "margin" if spend.role == "margin" else "amount": money}

    def _anew(self) -> Any:
        return type(self)(**{name: type(model)(**model.get_params())
                             for name, model in zip(PARTS, self._models(), strict=True)})

    def _certified(self) -> bool:
        return all(getattr(model, "status_", "converged") == "converged" for model in self._models())

    def summary(self) -> Any:
        """Return the parameters of both models in one table, and below their names how frequency and money go together.

        The columns are those of ``summary`` of a model, with its name before them. The check is that of
        `GammaGamma.dependence` on the data of the fit, in ``dependence_``.
        """
        tables = [(type(model).__name__, model.summary()) for model in self._models()]
        columns: dict[str, list[Any]] = {"model": [name for name, found in tables for _ in found["parameter"]]}
        columns |= {name: [cell for _, found in tables for cell in found[name]] for name in tables[0][1]}
        check = [f"dependence: {self.dependence_.words}"] if hasattr(self, "dependence_") else []
        title = "\n".join([*(found.title for _, found in tables), *check])
        return type(tables[0][1])(title, columns)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return both models as one JSON text, and write it to `path` if one is given; `custval.load` reads both.

        The text is data, as that of a model: every number to its last bit, nothing of the data of the fit; below 4 kB
        without covariates.

        Raises
        ------
        ConfigError
            The path does not end in .json.
        """
        text = text_of(*self._models(), getattr(self, "dependence_", None))
        if path is not None:
            suffix(path, (".json",), "a CLV")
            write(path, text)
        return text

    def __repr__(self) -> str:
        purchases, spend = self._models()
        return f"<CLV\n  {purchases!r}\n  {spend!r}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"
