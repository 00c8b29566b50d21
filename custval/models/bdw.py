"""Beta-discrete-Weibull: churn whose probability theta ~ Beta(alpha, beta) also changes with the age of a contract.

S(t) = B(alpha, beta + t^c) / B(alpha, beta),  P(T = t) = S(t - 1) - S(t),  t = 1, 2, ...

Source: Fader, Hardie, Liu, Davin, Steenburgh (2018), Journal of Interactive Marketing 43.
"""
from .contract import ContractModel


class BetaDiscreteWeibull(ContractModel):
    """A contract survives t periods with probability (1 - theta)^(t^c), theta ~ Beta(alpha, beta) by customer.

    c = 1 is the shifted beta-geometric. With c > 1 each customer becomes likelier to churn, with c < 1 less likely. The
    early churn of customers with a large theta adds to it, so overall retention may fall first and then rise.

    Parameters
    ----------
    alpha, beta, c : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"D", "W", "M", "Q", "Y"}, optional
        The period of the contract; needed for a discount only.

    Notes
    -----
    Fader, Hardie, Liu, Davin, Steenburgh (2018), "How to project customer retention" revisited: the role of duration
    dependence, Journal of Interactive Marketing 43. The mean lifetime is infinite if alpha c <= 1.

    Examples
    --------
    >>> import custval as cv
    >>> high_end = cv.datasets.contracts()["high_end"]
    >>> model = cv.BetaDiscreteWeibull(unit="Y").fit(survivors=high_end)
    >>> model
    <BetaDiscreteWeibull alpha=0.2 beta=1.4 c=1.7 unit=Y, n=1,000, loglik -1605.31, converged, 11 passes>
    >>> model.survival([7, 12]).round(3)
    array([0.491, 0.404])
    """

    prefix = "bdw"
    names = ("alpha", "beta", "c")

    def __init__(self, *, alpha: float | None = None, beta: float | None = None, c: float | None = None,
                 unit: str | None = None):
        super().__init__(alpha=alpha, beta=beta, c=c, unit=unit)
