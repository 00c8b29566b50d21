"""NBD: purchases at rate lambda ~ Gamma(r, rate alpha), without dropout.

L(x, T) = G(r+x) / G(r) * alpha^r / (alpha + T)^(r+x)

Source: Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8(1). G is the gamma function.
"""
from .clock import Clock
from .purchase import PurchaseModel


class NBD(PurchaseModel):
    """Negative binomial: lambda ~ Gamma(r, rate alpha), without dropout.

    Parameters
    ----------
    r, alpha : float, optional
        None: estimated by `fit`. A number: held fixed. Both given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; by default the model takes that of the base it is fitted to.
    clock : {"M", "W"} or Clock, optional
        The calendar that all customers share, by month or by week, estimated with the model (`Clock`). None: time is
        that of the calendar.

    Notes
    -----
    Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8(1). P(alive) is 1, there is no dropout
    and no end of a lifetime, and t_x carries no information. It is the baseline for models with dropout, which reduce
    to it if customers do not drop out.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.NBD(r=0.385, alpha=12.07, unit="W")
    >>> model.expected_purchases([13, 26, 52], 2, 30.43, 38.86).round(4).tolist()
    [0.6088, 1.2176, 2.4351]
    """

    prefix = "nbd"
    names = ("r", "alpha")
    scales = ("alpha",)
    takes_clock = True

    def __init__(self, *, r: float | None = None, alpha: float | None = None, unit: str | None = None,
                 clock: Clock | str | None = None):
        super().__init__(r=r, alpha=alpha, unit=unit, clock=clock)
