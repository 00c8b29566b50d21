"""Pareto/NBD: purchases at rate lambda ~ Gamma(r, rate alpha), death at rate mu ~ Gamma(s, rate beta).

L(x, t_x, T) = G(r+x) alpha^r beta^s / G(r) * [(alpha + T)^-(r+x) (beta + T)^-s
                                               + s * integral from t_x to T of (alpha + t)^-(r+x) (beta + t)^-(s+1) dt]

Source: Schmittlein, Morrison, Colombo (1987), Counting your customers, Management Science 33(1). G is the gamma
function.
"""
from collections.abc import Iterable

from .covariates import CovariateModel


class ParetoNBD(CovariateModel):
    """Pareto / NBD: lambda ~ Gamma(r, rate alpha); customers die at rate mu ~ Gamma(s, rate beta).

    Parameters
    ----------
    r, alpha, s, beta : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; by default the model takes that of the base it is fitted to.
    clock : None
        The model takes no `Clock`: its customers drop out between purchases, in calendar time.
    rate_covariates, dropout_covariates : list of str, optional
        Columns on which the purchase rate and the death rate depend, each times exp(c'z), at most 20 in all; otherwise
        as in `BGNBD`.
    penalty : float
        As in `BGNBD`.

    Notes
    -----
    Schmittlein, Morrison, Colombo (1987), Counting your customers, Management Science 33(1); Fader and Hardie, notes
    009 and 015 on brucehardie.com. Customers may die at any time, so P(alive) is below 1 at x = 0. The probability
    of being alive at age t is ``(beta / (beta + t)) ** s``; the mean lifetime is infinite if s <= 1. If s and beta are
    both large, all customers have the death rate s / beta; if s is near 0, or beta alone is large, it is the NBD.
    The customer's own dropout parameter (`expected_dropout`) is mu, a rate in the unit of the model.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="W")
    >>> round(float(model.p_alive(2, 30.43, 38.86)), 4)
    0.8692
    >>> model.expected_purchases([13, 26, 52], 2, 30.43, 38.86).round(4).tolist()
    [0.5434, 1.0228, 1.8508]
    """

    prefix = "pnbd"
    names = ("r", "alpha", "s", "beta")
    scales = ("alpha", "beta")

    def __init__(self, *, r: float | None = None, alpha: float | None = None, s: float | None = None,
                 beta: float | None = None, unit: str | None = None, clock: None = None,
                 rate_covariates: Iterable[str] = (), dropout_covariates: Iterable[str] = (), penalty: float = 0.0):
        super().__init__(r=r, alpha=alpha, s=s, beta=beta, unit=unit, clock=clock, rate_covariates=rate_covariates,
                         dropout_covariates=dropout_covariates, penalty=penalty)
