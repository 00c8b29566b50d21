"""BG/CNBD-k: as BG/NBD, with Erlang-k gaps between purchases, more regular than exponential ones.

L(x, t_x, T | lambda, p) = lambda^(k x) exp((k-1) litt - lambda t_x) / (k-1)!^x * [(1-p)^x Q + 1{x > 0} p (1-p)^(x-1)],
Q = sum over j < k of (lambda (T - t_x))^j exp(-lambda (T - t_x)) / j!,  litt the sum of the logs of the gaps

Source: Platzer, Reutterer (2016), Ticking away the moments, Marketing Science 35(5). Over customers
lambda ~ Gamma(r, rate alpha) and p ~ Beta(a, b).
"""
from .cnbd import CondensedModel


class BGCNBD(CondensedModel):
    """BG/NBD with Erlang-k gaps: stages at rate lambda ~ Gamma(r, rate alpha), a purchase at every k-th stage.

    Parameters
    ----------
    k : int, optional
        Erlang stages of a gap, 1 to 100; k = 1 is BG/NBD. None: `fit` chooses the best of 1 to 12.
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
    Marketing Science 35(5). lambda is the rate of Erlang stages; `expected_rate` is that of purchases, lambda / k. The
    own dropout parameter is p. Customers without a repeat purchase cannot have dropped out: P(alive) is exactly 1 at
    x = 0.

    Examples
    --------
    Two purchases 15 weeks apart, then eight weeks without one, of customers with random and with regular gaps:

    >>> import custval as cv
    >>> [round(float(cv.BGCNBD(k=k, r=0.243, alpha=4.414 / k, a=0.793, b=2.426).p_alive(2, 30.43, 38.86)), 4)
    ...  for k in (1, 3)]
    [0.7266, 0.7669]
    """

    prefix = "bgcnbd"
