"""Base class of BG/CNBD-k and MBG/CNBD-k: Erlang-k gaps between purchases, and the choice of k."""
from __future__ import annotations

import math
from typing import Any, Self

from numpy.typing import ArrayLike

from .._validation import Seed
from ..errors import ConfigError
from .base import FitInput
from .clock import Clock
from .clock_fit import fitted_clock
from .histories import Customers, Data, Histories, columns_of, read_histories, snapshot_of
from .prediction import Bootstrap
from .purchase import PurchaseModel

MOST = 100                     # Erlang stages that the core takes
TRIED = range(1, 13)           # from which k is chosen


class CondensedModel(PurchaseModel):
    """A model whose gaps between purchases have `k` Erlang stages: the larger k, the more regular the purchases.

    A fit needs ``litt``, the sum of the logs of each customer's gaps, beside x, t_x and T. A base computes it; a
    frame has a column of that name. Predictions do not need it.
    """

    names = ("k", "r", "alpha", "a", "b")
    scales = ("alpha",)
    takes_clock = True
    history_columns = ("x", "t_x", "T", "litt")
    k: float | None
    profile_: dict[int, float]            # log-likelihood by k, if k was chosen

    def __init__(self, *, k: int | None = None, r: float | None = None, alpha: float | None = None,
                 a: float | None = None, b: float | None = None, unit: str | None = None,
                 clock: Clock | str | None = None):
        super().__init__(k=k, r=r, alpha=alpha, a=a, b=b, unit=unit, clock=clock)
        if self.k is not None and not (self.k.is_integer() and self.k <= MOST):
            raise ConfigError(f"{type(self).__name__}: k={k!r} is not a number of Erlang stages: pass a whole "
                              f"number from 1 to {MOST}, or None to choose it")

    def fit(self, data: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None,
            litt: ArrayLike | None = None, *, weights: ArrayLike | str | None = None, unit: str | None = None,
            covariates: Customers | None = None, max_passes: int = 100) -> Self:
        """Estimate the parameters that are None by maximum likelihood.

        If `k` is None, the best of 1 to 12 is chosen: ``profile_`` has the log-likelihood of each. Standard errors are
        conditional on this k; `aic_` and `bic_` count it as a parameter.

        Parameters
        ----------
        data : CustomerBase, summary frame, or array_like of shape (n,)
            As in `BGNBD.fit`; a frame has a column litt as well. An array is x.
        t_x, T : array_like, shape (n,), optional
            With x as an array: age at the last purchase and at the end.
        litt : array_like, shape (n,), optional
            With x as an array: the sum of the natural logs of the x gaps between purchases, in the unit of t_x.
        weights, unit, covariates, max_passes
            As in `BGNBD.fit`.

        Returns
        -------
        self
            Attributes as in `BGNBD.fit`.

        Raises
        ------
        DataError
            An invalid history, or a unit that differs from the model's.
        """
        mine = self.agreed_unit(data, unit)
        given, clock = {"t_x": t_x, "T": T, "litt": litt}, fitted_clock(self, data, mine, max_passes)
        known = self._read_covariates(data, covariates)
        self._fit(read_histories(data, given, weights, mine, known, clock), max_passes)
        vars(self)["unit"] = mine
        view = snapshot_of(data)
        return self if clock is None or view is None else self.run_on(clock, view)

    def _histories(self, data: Data, t_x: ArrayLike | None, T: ArrayLike | None, weights: ArrayLike | str | None,
                   unit: str | None) -> Histories:
        given = {"t_x": t_x, "T": T, "litt": None}
        return read_histories(data, given, weights, self.agreed_unit(data, unit), clock=self.clock_)

    def _fit(self, histories: Histories, max_passes: int) -> Self:
        if self.k is not None:
            return super()._fit(histories, max_passes)
        trials = {k: type(self)(**self.get_params() | {"k": k})._fit(histories, max_passes) for k in TRIED}
        best = max(trials, key=lambda k: trials[k].loglik_ if trials[k].loglik_ == trials[k].loglik_ else -math.inf)
        fit = {name.removesuffix("_"): value for name, value in vars(trials[best]).items() if name.endswith("_")}
        fit["profile"] = {k: trial.loglik_ for k, trial in trials.items()}
        fit["aic"] += 2
        fit["bic"] += math.log(fit["n"]) if fit["n"] else math.nan
        if not math.isnan(fit["loglik"]):
            beyond = f", the largest tried: pass k= up to {MOST} for more" if best == max(TRIED) else ""
            chosen = f"k = {best} has the highest likelihood of {TRIED[0]} to {TRIED[-1]}{beyond}"
            fit["notes"] = (*fit["notes"], chosen)
        self.set_fit(fit)
        return self

    def _fit_input(self, histories: Histories) -> FitInput:
        prefix, columns, weights, fixed = super()._fit_input(histories)
        if self.k is None:
            fixed[0] = self.params_["k"]
        return prefix, columns, weights, fixed

    def bootstrap(self, data: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None,
                  litt: ArrayLike | None = None, *, weights: ArrayLike | str | None = None, unit: str | None = None,
                  replicates: int = 200, seed: Seed = 0) -> Bootstrap:
        """Return the parameters of refits to resampled customers, with the k of the fit.

        `litt` as in `fit`; other arguments, result and errors are those of `BGNBD.bootstrap`.
        """
        given = {"t_x": t_x, "T": T, "litt": litt}
        histories = read_histories(data, given, weights, self.agreed_unit(data, unit), clock=self.clock_)
        return self._bootstrap(histories, replicates, seed)

    def loglik(self, x: Data, t_x: ArrayLike | None = None, T: ArrayLike | None = None, litt: ArrayLike | None = None,
               *, allow_unconverged: bool = False, **kwargs: Any) -> Any:
        """Return the log-likelihood of each history, in nats; its sum over the data is ``loglik_``."""
        history = columns_of(("x", "t_x", "T", "litt"), (x, t_x, T, litt), self.unit, self.clock_)
        return self._call("loglik", *history, allow=allow_unconverged, **kwargs)
