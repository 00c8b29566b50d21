"""Pareto/NBD: customers buy at a rate of their own and die at a rate of their own."""
from collections.abc import Iterable

from .covariates import CovariateModel


class ParetoNBD(CovariateModel):
    """Pareto / NBD: lambda ~ Gamma(r, rate alpha); a customer dies at rate mu ~ Gamma(s, rate beta).

    Parameters
    ----------
    r, alpha, s, beta : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; without it the model takes that of the base it is fitted to.
    rate_covariates, dropout_covariates : list of str, optional
        Columns that the purchase rate and the death rate depend on, each times exp(c'z), together at most 20; the rest
        is as in `BGNBD`.
    penalty : float
        As in `BGNBD`.

    Notes
    -----
    Schmittlein, Morrison, Colombo (1987), Counting your customers, Management Science 33(1); Fader and Hardie, notes
    009 and 015 on brucehardie.com. Customers may die at any time, so P(alive) is below 1 at x = 0. The chance to be
    there at age t is ``(beta / (beta + t)) ** s``; the mean life is infinite where s <= 1. s and beta large together
    are one death rate s / beta for all; s near 0, or beta far out alone, is the NBD.
    The own dropout (`expected_dropout`) is mu, a rate in the unit of the model.

    Examples
    --------
    >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="W")
    >>> round(float(model.p_alive(2, 30.43, 38.86)), 4)
    0.8692
    >>> model.expected_purchases([13, 26, 52], 2, 30.43, 38.86).round(4).tolist()
    [0.5434, 1.0228, 1.8508]
    """

    word = "pnbd"
    names = ("r", "alpha", "s", "beta")

    def __init__(self, *, r: float | None = None, alpha: float | None = None, s: float | None = None,
                 beta: float | None = None, unit: str | None = None, rate_covariates: Iterable[str] = (),
                 dropout_covariates: Iterable[str] = (), penalty: float = 0.0):
        super().__init__(r=r, alpha=alpha, s=s, beta=beta, unit=unit, rate_covariates=rate_covariates,
                         dropout_covariates=dropout_covariates, penalty=penalty)
