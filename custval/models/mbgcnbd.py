"""MBG/CNBD-k: as BG/CNBD-k, but a customer may leave after the first purchase as well."""
from .cnbd import CondensedModel


class MBGCNBD(CondensedModel):
    """MBG/NBD with Erlang-k gaps: the chance to leave is also drawn right after the first purchase.

    Parameters
    ----------
    k : int, optional
        Stages of a gap, 1 to 100; k = 1 is MBG/NBD. None: the likeliest of 1 to 12 is taken by `fit`.
    r, alpha, a, b : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; without it the model takes that of the base it is fitted to.

    Notes
    -----
    Platzer, Reutterer (2016), Ticking away the moments: timing regularity helps to better predict customer activity,
    Marketing Science 35(5). `expected_rate` is lambda / k, purchases per unit of time; the own dropout is p.

    Examples
    --------
    >>> model = MBGCNBD(k=2, r=0.525, alpha=3.09, a=0.891, b=1.614, unit="W")
    >>> round(float(model.p_alive(0, 0, 38.86)), 4)
    0.4064
    """

    word = "mbgcnbd"
