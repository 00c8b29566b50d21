"""MBG/NBD: as BG/NBD, with the same dropout probability after the first purchase.

L(x, t_x, T) = G(r+x) alpha^r / G(r) * [B(a, b+x+1) / B(a, b) * (alpha + T)^-(r+x)
                                        + B(a+1, b+x) / B(a, b) * (alpha + t_x)^-(r+x)]

Source: Batislam, Denizel, Filiztekin (2007), International Journal of Research in Marketing 24(3). G is the gamma
function.
"""
from collections.abc import Iterable

from .clock import Clock
from .covariates import CovariateModel


class MBGNBD(CovariateModel):
    """Modified beta-geometric / NBD: dropout with p ~ Beta(a, b) after every purchase, the first too.

    Parameters
    ----------
    r, alpha, a, b : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; by default the model takes that of the base it is fitted to.
    clock : {"M", "W"} or Clock, optional
        The calendar that all customers share, by month or by week, estimated with the model (`Clock`). None: time is
        that of the calendar.
    rate_covariates, dropout_covariates : list of str, optional
        Columns on which the purchase rate (times exp(c'z)) and the mean dropout probability (by c'z on its logit, while
        a + b stays) depend, at most 20 in all; they are standardised internally. The fit adds to ``params_`` a
        coefficient for each, ``rate:<column>`` and ``dropout:<column>``, per unit of the column; r, alpha, a, b are
        then those of a customer with the averages ``means_``. Predict and draw with ``model.given(base)``.
    penalty : float
        Subtracts penalty / 2 times the sum of squared coefficients, per standard deviation of their columns, from the
        log-likelihood that is maximised. ``loglik_`` is without it.

    Notes
    -----
    Batislam, Denizel, Filiztekin (2007), Empirical validation and comparison of models for customer base
    analysis, International Journal of Research in Marketing 24(3). P(alive) is below 1 at x = 0.
    The customer's own dropout parameter (`expected_dropout`) is p, the probability of dropout after a purchase.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="W")
    >>> round(float(model.p_alive(0, 0, 38.86)), 4)
    0.3897
    """

    prefix = "mbgnbd"
    names = ("r", "alpha", "a", "b")
    scales = ("alpha",)
    takes_clock = True

    def __init__(self, *, r: float | None = None, alpha: float | None = None, a: float | None = None,
                 b: float | None = None, unit: str | None = None, clock: Clock | str | None = None,
                 rate_covariates: Iterable[str] = (), dropout_covariates: Iterable[str] = (), penalty: float = 0.0):
        super().__init__(r=r, alpha=alpha, a=a, b=b, unit=unit, clock=clock, rate_covariates=rate_covariates,
                         dropout_covariates=dropout_covariates, penalty=penalty)
