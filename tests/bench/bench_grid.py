"""A nine-grid and four pyramids of the same customers, as in the review of a period."""
import numpy as np
from protocol import Task

TIERS = {"platinum": .01, "gold": .04, "iron": .15, "lead": .80}
EDGES = [0, .80, .95, .99, 1]
RANKED = ("score", "amount", "margin", "lifetime")


def customers(n):
    rng = np.random.default_rng(20250803)
    amount = rng.lognormal(5, 1.5, n)
    return {"score": 100 * rng.beta(2, 5, n), "amount": amount, "margin": amount * rng.normal(.2, .2, n),
            "lifetime": rng.lognormal(6, 2, n), "loyalty": rng.gamma(.5, 3, n)}


def ours(data):
    import custval as cv

    def run():
        found = {name: cv.pyramid(data[name], tiers=TIERS).tier for name in RANKED}
        return found | {"grid": cv.grid(data["amount"], data["loyalty"]).tier}
    return run


def pandas_qcut(data):
    import pandas as pd
    table = pd.DataFrame(data)

    def held(column, tier):
        return column.groupby(tier).agg(["count", "sum", "mean", "median", "min", "max"])

    def run():
        found = {}
        for name in RANKED:
            found[name] = 3 - pd.qcut(table[name], EDGES, labels=False).to_numpy()
            held(table[name], found[name])
        rows, columns = (2 - pd.qcut(table[name], 3, labels=False).to_numpy() for name in ("amount", "loyalty"))
        found["grid"] = 3 * rows + columns
        table["amount"].groupby(found["grid"]).agg(["count", "sum", "mean"])
        return found
    return run


def check(mine, theirs):
    for name in mine:
        wrong = int((mine[name] != theirs[name]).sum())
        assert wrong <= 8, (name, wrong)                       # qcut cuts between two customers
    return 0.0


TASKS = [
    Task("nine-grid, four pyramids", {"tiny": 1_000, "small": 200_000, "full": 5_000_000}, customers, ours,
         {"pandas qcut + groupby": pandas_qcut}, check,
         reads=lambda data: sum(data[name].nbytes for name in (*RANKED, "amount", "loyalty"))),
]
