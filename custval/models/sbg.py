"""Shifted beta-geometric: contracts renewed with a chance of each customer's own."""
from .contract import ContractModel


class ShiftedBetaGeometric(ContractModel):
    """At the end of every period a customer leaves with chance theta of his own, theta ~ Beta(alpha, beta).

    Retention rises from period to period, because those with a large theta leave first.

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
    infinite for alpha <= 1.

    Examples
    --------
    >>> import custval as cv
    >>> high_end = cv.datasets.contracts()["high_end"]
    >>> model = ShiftedBetaGeometric(unit="Y").fit(survivors=high_end)
    >>> model
    <ShiftedBetaGeometric alpha=0.668 beta=3.806 unit=Y, n=1,000, loglik -1611.16, converged, 7 passes>
    >>> model.survival([7, 12]).round(3)
    array([0.489, 0.378])
    >>> round(float(model.discounted_residual_lifetime(4, discount=0.1)), 2)
    6.9
    """

    word = "sbg"
    names = ("alpha", "beta")

    def __init__(self, *, alpha: float | None = None, beta: float | None = None, unit: str | None = None):
        super().__init__(alpha=alpha, beta=beta, unit=unit)
