"""BG/NBD: customers buy at a rate of their own and may leave after any repeat purchase."""
from ._purchase import PurchaseModel


class BGNBD(PurchaseModel):
    """Beta-geometric / NBD: lambda ~ Gamma(r, rate alpha); after each repeat a customer leaves with p ~ Beta(a, b).

    Parameters
    ----------
    r, alpha, a, b : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; without it the model takes that of the base it is fitted to.

    Notes
    -----
    Fader, Hardie, Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2); notes 021, 027, 039
    on brucehardie.com. A customer without a repeat cannot have left: P(alive) is exactly 1 at x = 0.
    The own dropout (`expected_dropout`) is p, the chance to leave after a purchase.

    Examples
    --------
    >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    >>> round(float(model.p_alive(2, 30.43, 38.86)), 4)
    0.7266
    """

    word = "bgnbd"
    names = ("r", "alpha", "a", "b")

    def __init__(self, *, r: float | None = None, alpha: float | None = None, a: float | None = None,
                 b: float | None = None, unit: str | None = None):
        super().__init__(r=r, alpha=alpha, a=a, b=b, unit=unit)
