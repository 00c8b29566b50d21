"""Lifetime value of twelve months of a column of customers, discounted by month."""
import numpy as np
from bench_bgnbd import PARAMETERS, check, histories
from protocol import Task

SPEND = {"p": 6.25, "q": 3.74, "gamma": 15.44}
MONTHLY = 0.01


def customers(n):
    data = histories(n)
    return data | {"m_x": np.where(data["x"] > 0, np.random.default_rng(7).gamma(6, 6, n), 0.0)}


def our_value(data):
    import custval as cv
    clv = cv.CLV(purchases=cv.BGNBD(**PARAMETERS, unit="W"), spend=cv.GammaGamma(**SPEND))
    return lambda: {"out": clv.predict(data, periods=12, unit="M", discount=(1 + MONTHLY)**12 - 1)["clv"]}


def lifetimes_value(data):
    """Return the value by lifetimes with months of 365.25/12 days; its own loop takes months of 30 weeks."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    buys, spends = BetaGeoFitter(), GammaGammaFitter()
    buys.params_, spends.params_ = PARAMETERS, dict(zip("pqv", SPEND.values(), strict=True))
    month, history = 365.25 / 12 / 7, (data["x"], data["t_x"], data["T"])

    def expected(months):
        return buys.conditional_expected_number_of_purchases_up_to_time(months * month, *history)

    def run():
        money = spends.conditional_expected_average_profit(data["x"], data["m_x"])
        value = 0.0
        for k in range(1, 13):                              # like its loop: from the start, for every month
            value = value + money * (expected(k) - (expected(k - 1) if k > 1 else 0.0)) / (1 + MONTHLY) ** k
        return {"out": value}
    return run


SIZES = {"tiny": 1_000, "small": 20_000, "full": 1_000_000}
TASKS = [Task("clv 12 months", SIZES, customers, our_value, {"lifetimes": lifetimes_value}, check, {"lifetimes": 100})]
