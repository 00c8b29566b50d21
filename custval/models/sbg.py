"""Shifted beta-geometric: churn at each renewal with probability theta ~ Beta(alpha, beta).

S(t) = B(alpha, beta + t) / B(alpha, beta),  P(T = t) = B(alpha + 1, beta + t - 1) / B(alpha, beta),  t = 1, 2, ...

Source: Fader, Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1).
"""
from .contract import ContractModel


class ShiftedBetaGeometric(ContractModel):
    """At the end of every period a customer churns with their own probability theta ~ Beta(alpha, beta).

    Retention rises from period to period, because customers with a large theta churn first.

    Parameters
    ----------
    alpha, beta : float, optional
        None: estimated by `fit`. A number: held fixed. Both given: the model predicts without a fit.
    unit : {"D", "W", "M", "Q", "Y"}, optional
        The period of the contract; needed for a discount only.

    Notes
    -----
    Fader, Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1); discounted
    lifetimes: (2010), Customer-base valuation in a contractual setting, Marketing Science 29(1). The mean lifetime is
    infinite if alpha <= 1.

    Examples
    --------
    >>> import custval as cv
    >>> high_end = cv.datasets.contracts()["high_end"]
    >>> model = cv.ShiftedBetaGeometric(unit="Y").fit(survivors=high_end)
    >>> model
    <ShiftedBetaGeometric alpha=0.668 beta=3.806 unit=Y, n=1,000, loglik -1611.16, converged, 7 passes>
    >>> model.survival([7, 12]).round(3)
    array([0.489, 0.378])
    >>> round(float(model.discounted_residual_lifetime(4, discount=0.1)), 2)
    6.9
    """

    prefix = "sbg"
    names = ("alpha", "beta")

    def __init__(self, *, alpha: float | None = None, beta: float | None = None, unit: str | None = None):
        super().__init__(alpha=alpha, beta=beta, unit=unit)
