"""MBG/NBD: as BG/NBD, but a customer may leave after the first purchase as well."""
from ._purchase import PurchaseModel


class MBGNBD(PurchaseModel):
    """Modified beta-geometric / NBD: the chance to leave is also drawn right after the first purchase.

    Parameters
    ----------
    r, alpha, a, b : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; without it the model takes that of the base it is fitted to.

    Notes
    -----
    Batislam, Denizel, Filiztekin (2007), Empirical validation and comparison of models for customer base
    analysis, International Journal of Research in Marketing 24(3). P(alive) is below 1 at x = 0.
    The own dropout (`expected_dropout`) is p, the chance to leave after a purchase.

    Examples
    --------
    >>> model = MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="W")
    >>> round(float(model.p_alive(0, 0, 38.86)), 4)
    0.3897
    """

    word = "mbgnbd"
    names = ("r", "alpha", "a", "b")

    def __init__(self, *, r: float | None = None, alpha: float | None = None, a: float | None = None,
                 b: float | None = None, unit: str | None = None):
        super().__init__(r=r, alpha=alpha, a=a, b=b, unit=unit)
