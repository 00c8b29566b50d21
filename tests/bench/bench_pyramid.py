"""Tiers of a column of values: five tiers (four cuts), the tier of every customer, and the figures of each tier."""
import numpy as np
from protocol import Task

TIERS = {"platinum": .01, "gold": .04, "iron": .15, "bronze": .30, "lead": .50}


def customers(n):
    return {"value": np.random.default_rng(20250801).lognormal(5, 1.5, n)}


def ours(data):
    import custval as cv
    return lambda: {"tier": cv.pyramid(data["value"], tiers=TIERS).tier}


def above(data):
    """Return the number of customers above each of the four cuts."""
    return np.round(np.cumsum(list(TIERS.values()))[:-1] * len(data["value"])).astype(int)


def edges():
    return np.r_[0, 1 - np.cumsum(list(TIERS.values()))[-2::-1], 1]


def rank_and_qcut(data):
    import pandas as pd
    column = pd.Series(data["value"])
    return lambda: {"tier": 4 - pd.qcut(column.rank(method="first"), edges(), labels=False).to_numpy()}


def qcut(data):
    import pandas as pd
    column = pd.Series(data["value"])
    return lambda: {"tier": 4 - pd.qcut(column, edges(), labels=False).to_numpy()}


def partition(data):
    value, ranks = data["value"], len(data["value"]) - above(data)

    def run():
        cuts = np.partition(value, ranks)[ranks]
        return {"cuts": cuts, "tier": sum((value < cut).view(np.int8) for cut in cuts)}
    return run


def partition_alone(data):
    value, ranks = data["value"], len(data["value"]) - above(data)
    return lambda: {"cuts": np.partition(value, ranks)[ranks]}


def check(mine, theirs):
    if "tier" in theirs:
        wrong = int((mine["tier"] != theirs["tier"]).sum())
        assert wrong <= 4, wrong                               # qcut cuts between two customers
    return 0.0


def shares_of_value(data):
    import custval as cv
    return lambda: {"tier": cv.pyramid(data["value"], tiers={"A": .8, "B": .95, "C": 1}, by="value").tier}


def argsort_and_cumsum(data):
    value = data["value"]

    def run():
        order = np.argsort(-value)
        running = np.cumsum(value[order])
        tier = np.empty(len(value), np.int8)
        tier[order] = np.searchsorted([.8, .95], np.r_[0, running[:-1]] / running[-1], side="right")
        return {"tier": tier}
    return run


SIZES = {"tiny": 1_000, "small": 200_000, "full": 5_000_000}
TASKS = [
    Task("pyramid", SIZES, customers, ours, {"pandas rank + qcut": rank_and_qcut, "pandas qcut": qcut,
         "np.partition + labels": partition,
         "np.partition alone": partition_alone}, check,
         {"pandas rank + qcut": 25, "np.partition + labels": 2}),
    Task("pyramid by share of value", SIZES, customers, shares_of_value,
         {"np.argsort + cumsum": argsort_and_cumsum}, check),
]
