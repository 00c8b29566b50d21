"""Ten cards over ten scopes of one base, against one card: at most ten times its time.

The peers are custval itself: `card.score` of the attributes of the whole base, for one card ("one card"), and of given
attributes ("points alone").
"""
import numpy as np
from protocol import Task

COLUMNS = ("amount", "purchases", "recency", "sales_1y", "sales_2y", "mean_amount", "x", "orders", "years",
           "sales_change")
REGIONS = 10
CARDS = 10


def base_of(n):
    """Return a base of n customers with three orders each in two years, and a region of every customer."""
    rng = np.random.default_rng(20251122)
    customer = np.concatenate([np.arange(n), rng.integers(0, n, 2 * n)])
    day = np.datetime64("2023-12-01") + rng.integers(0, 731, 3 * n)
    return {"customer": customer, "time": day, "amount": rng.gamma(2.0, 40.0, 3 * n).round(2) + .01,
            "region": rng.integers(0, REGIONS, n)}


def opened(data):
    import custval as cv
    log = {name: data[name] for name in ("customer", "time", "amount")}
    base = cv.CustomerBase(log, customer="customer", time="time", amount="amount", end="2025-11-30")
    return base.with_profile({"customer": np.arange(len(data["region"])), "region": data["region"]})


def card(shift):
    import custval as cv
    rule = cv.rules.Steps([[None, 0], [10 + shift, 1], [100 + shift, 2], [1000 + shift, 3]])
    measures = dict.fromkeys(COLUMNS, rule)
    return cv.Scorecard(f"card {shift}", [cv.Indicator("points", weight=1, measures=measures)])


def total(score):
    return {"points": np.array([np.sum(score)])}


def ours(data):
    import custval as cv
    base, cards = opened(data), {f"card {k}": card(k) for k in range(CARDS)}
    scopes = {f"region {r}": (lambda known, r=r: known["region"] == r) for r in range(REGIONS)}

    def run():
        runs = cv.appraise(base, cards, scopes=scopes)
        return total(runs["score"][:len(data["region"])])
    return run


def one_card(data):
    base, one = opened(data), card(0)
    return lambda: total(one.score(base.attributes())["score"])


def points_alone(data):
    known, one = opened(data).attributes(), card(0)
    return lambda: total(one.score(known)["score"])


def check(mine, theirs):
    """The points of the first card, over all regions, are those of the card alone."""
    worst = abs(float(mine["points"][0] / theirs["points"][0]) - 1)
    assert worst == 0, worst
    return worst


TASKS = [Task("10 cards x 10 scopes", {"tiny": 2_000, "small": 100_000, "full": 1_000_000}, base_of, ours,
              {"one card": one_card, "points alone": points_alone}, check, {"one card": .1})]
