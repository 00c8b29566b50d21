"""BG/CNBD-k: customers buy in gaps that are more regular than chance, and may leave after any repeat purchase."""
from .cnbd import CondensedModel


class BGCNBD(CondensedModel):
    """BG/NBD with Erlang-k gaps: lambda ~ Gamma(r, rate alpha) stages per unit of time, a purchase at every k-th.

    Parameters
    ----------
    k : int, optional
        Stages of a gap, 1 to 100; k = 1 is BG/NBD. None: the likeliest of 1 to 12 is taken by `fit`.
    r, alpha, a, b : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; without it the model takes that of the base it is fitted to.

    Notes
    -----
    Platzer, Reutterer (2016), Ticking away the moments: timing regularity helps to better predict customer activity,
    Marketing Science 35(5). lambda is the rate of stages; `expected_rate` is that of purchases, lambda / k. The own
    dropout is p. A customer without a repeat cannot have left: P(alive) is exactly 1 at x = 0.

    Examples
    --------
    Two purchases 15 weeks apart, then eight weeks of silence, of customers who buy by chance and of regular ones:

    >>> [round(float(BGCNBD(k=k, r=0.243, alpha=4.414 / k, a=0.793, b=2.426).p_alive(2, 30.43, 38.86)), 4)
    ...  for k in (1, 3)]
    [0.7266, 0.7669]
    """

    word = "bgcnbd"
