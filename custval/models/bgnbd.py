"""BG/NBD: purchases at rate lambda ~ Gamma(r, rate alpha); after each repeat, dropout with p ~ Beta(a, b).

L(x, t_x, T) = G(r+x) alpha^r / G(r) * [B(a, b+x) / B(a, b) * (alpha + T)^-(r+x)
                                        + 1{x > 0} B(a+1, b+x-1) / B(a, b) * (alpha + t_x)^-(r+x)]

Source: Fader, Hardie, Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), eq. (6). G is the
gamma function.
"""
from collections.abc import Iterable

from .clock import Clock
from .covariates import CovariateModel


class BGNBD(CovariateModel):
    """Beta-geometric / NBD: lambda ~ Gamma(r, rate alpha); dropout after a repeat purchase with p ~ Beta(a, b).

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
    Fader, Hardie, Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2); notes 021, 027, 039
    on brucehardie.com. Customers without a repeat purchase cannot have dropped out: P(alive) is exactly 1 at x = 0.
    The customer's own dropout parameter (`expected_dropout`) is p, the probability of dropout after a purchase.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    >>> round(float(model.p_alive(2, 30.43, 38.86)), 4)
    0.7266
    """

    prefix = "bgnbd"
    names = ("r", "alpha", "a", "b")
    scales = ("alpha",)
    takes_clock = True

    def __init__(self, *, r: float | None = None, alpha: float | None = None, a: float | None = None,
                 b: float | None = None, unit: str | None = None, clock: Clock | str | None = None,
                 rate_covariates: Iterable[str] = (), dropout_covariates: Iterable[str] = (), penalty: float = 0.0):
        super().__init__(r=r, alpha=alpha, a=a, b=b, unit=unit, clock=clock, rate_covariates=rate_covariates,
                         dropout_covariates=dropout_covariates, penalty=penalty)
