"""MBG/CNBD-k: as BG/CNBD-k, with the same dropout probability after the first purchase.

L(x, t_x, T | lambda, p) = lambda^(k x) exp((k-1) litt - lambda t_x) / (k-1)!^x * [(1-p)^(x+1) Q + p (1-p)^x],
Q = sum over j < k of (lambda (T - t_x))^j exp(-lambda (T - t_x)) / j!,  litt the sum of the logs of the gaps

Source: Platzer, Reutterer (2016), Ticking away the moments, Marketing Science 35(5). Over customers
lambda ~ Gamma(r, rate alpha) and p ~ Beta(a, b).
"""
from .cnbd import CondensedModel


class MBGCNBD(CondensedModel):
    """MBG/NBD with Erlang-k gaps: dropout with p ~ Beta(a, b) after every purchase, the first too.

    Parameters
    ----------
    k : int, optional
        Erlang stages of a gap, 1 to 100; k = 1 is MBG/NBD. None: `fit` chooses the best of 1 to 12.
    r, alpha, a, b : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; by default the model takes that of the base it is fitted to.
    clock : {"M", "W"} or Clock, optional
        The calendar that all customers share, by month or by week, estimated with the model (`Clock`). None: time is
        that of the calendar.

    Notes
    -----
    Platzer, Reutterer (2016), Ticking away the moments: timing regularity helps to better predict customer activity,
    Marketing Science 35(5). `expected_rate` is lambda / k, purchases per unit of time; the own dropout parameter is p.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.MBGCNBD(k=2, r=0.525, alpha=3.09, a=0.891, b=1.614, unit="W")
    >>> round(float(model.p_alive(0, 0, 38.86)), 4)
    0.4064
    """

    prefix = "mbgcnbd"
