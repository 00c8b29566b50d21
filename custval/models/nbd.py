"""NBD: customers buy at a rate of their own, and nobody ever leaves."""
from .purchase import PurchaseModel


class NBD(PurchaseModel):
    """Negative binomial: lambda ~ Gamma(r, rate alpha), for ever.

    Parameters
    ----------
    r, alpha : float, optional
        None: estimated by `fit`. A number: held fixed. Both given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; without it the model takes that of the base it is fitted to.

    Notes
    -----
    Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8(1). P(alive) is 1, there is no dropout
    and no end of a lifetime, and t_x says nothing: the model that others have to beat, and the one to which they
    shrink where nobody leaves.

    Examples
    --------
    >>> model = NBD(r=0.385, alpha=12.07, unit="W")
    >>> model.expected_purchases([13, 26, 52], 2, 30.43, 38.86).round(4).tolist()
    [0.6088, 1.2176, 2.4351]
    """

    word = "nbd"
    names = ("r", "alpha")

    def __init__(self, *, r: float | None = None, alpha: float | None = None, unit: str | None = None):
        super().__init__(r=r, alpha=alpha, unit=unit)
