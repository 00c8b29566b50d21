"""GGompertz/NBD: purchases at rate lambda ~ Gamma(r, rate alpha), death at a hazard that changes with age.

L(x, t_x, T) = G(r+x) alpha^r / G(r) * [(alpha + T)^-(r+x) S(T)
                                        + integral from t_x to T of (alpha + t)^-(r+x) (-S'(t)) dt],
S(t) = (beta / (beta + exp(b t) - 1))^s

Source: Bemmaor, Glady (2012), Modeling purchasing behavior with sudden "death", Management Science 58(5). G is the
gamma function.
"""
from .purchase import PurchaseModel


class GGompertzNBD(PurchaseModel):
    """Gamma-Gompertz / NBD: lambda ~ Gamma(r, rate alpha); the hazard at age t is eta b exp(b t), eta ~ Gamma(s, beta).

    Parameters
    ----------
    r, alpha, b, s, beta : float, optional
        None: estimated by `fit`. A number: held fixed. All given: the model predicts without a fit.
    unit : {"h", "D", "W", "M", "Q", "Y"}, optional
        The unit of all times; by default the model takes that of the base it is fitted to.
    clock : None
        The model takes no `Clock`: its customers drop out between purchases, in calendar time.

    Notes
    -----
    Bemmaor, Glady (2012), Modeling purchasing behavior with sudden "death", Management Science 58(5). Over all
    customers the probability of being alive at age t is ``(beta / (beta + exp(b t) - 1)) ** s``. The conditional
    expectation printed there is too high (Adler 2022); this one comes from the customer's own hazard. With b near 0
    and beta = b beta' it is Pareto/NBD (r, alpha, s, beta'): fits to data without ageing end there, with status
    "boundary".
    The customer's own dropout parameter (`expected_dropout`) is b eta, the hazard at age 0, a rate in the unit of the
    model.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.GGompertzNBD(r=0.55, alpha=10.6, b=0.02, s=0.6, beta=0.3, unit="W")
    >>> round(float(model.p_alive(2, 30.43, 38.86)), 4)
    0.822
    >>> model.expected_purchases([13, 26, 52], 2, 30.43, 38.86).round(4).tolist()
    [0.4941, 0.8953, 1.501]
    """

    prefix = "ggnbd"
    names = ("r", "alpha", "b", "s", "beta")
    scales = ("alpha", "b")

    def __init__(self, *, r: float | None = None, alpha: float | None = None, b: float | None = None,
                 s: float | None = None, beta: float | None = None, unit: str | None = None, clock: None = None):
        super().__init__(r=r, alpha=alpha, b=b, s=s, beta=beta, unit=unit, clock=clock)
