"""Beta-discrete-Weibull: contracts whose chance of renewal changes with their age, too."""
from .contract import ContractModel


class BetaDiscreteWeibull(ContractModel):
    """A customer is there after t periods with chance (1 - theta)^(t^c), theta ~ Beta(alpha, beta) of his own.

    c = 1 is the shifted beta-geometric. With c > 1 each customer becomes likelier to leave, with c < 1 less likely;
    what those with a large theta do to the whole comes on top, so retention may fall first and then rise.

    Parameters
    ----------
    alpha, beta, c : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"D", "W", "M", "Q", "Y"}, optional
        The period of the contract; needed for a discount only.

    Notes
    -----
    Fader, Hardie, Liu, Davin, Steenburgh (2018), "How to project customer retention" revisited: the role of duration
    dependence, Journal of Interactive Marketing 43. The mean lifetime is infinite for alpha c <= 1.

    Examples
    --------
    >>> import custval as cv
    >>> high_end = cv.datasets.contracts()["high_end"]
    >>> model = BetaDiscreteWeibull(unit="Y").fit(survivors=high_end)
    >>> model
    <BetaDiscreteWeibull alpha=0.2 beta=1.4 c=1.7 unit=Y, n=1,000, loglik -1605.31, converged, 11 passes>
    >>> model.survival([7, 12]).round(3)
    array([0.491, 0.404])
    """

    word = "bdw"
    names = ("alpha", "beta", "c")

    def __init__(self, *, alpha: float | None = None, beta: float | None = None, c: float | None = None,
                 unit: str | None = None):
        super().__init__(alpha=alpha, beta=beta, c=c, unit=unit)
