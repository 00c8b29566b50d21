"""A card of 10 measures with 8 edges each: the score alone, and with the points of every measure and the rank."""
import numpy as np
from protocol import Task

MEASURES, EDGES = 10, [2, 5, 10, 20, 40, 80, 150, 300]
POINTS = [0, 5, 10, 15, 20, 25, 30, 100 / 3, 40]
SHARES = {"profitability": (.4, range(4)), "strength": (.4, range(4, 7)), "cooperation": (.2, range(7, 10))}
WEIGHTS = [weight for weight, columns in SHARES.values() for _ in columns]


def customers(n):
    rng = np.random.default_rng(20250802)
    return {f"m{i}": rng.lognormal(3, 2, n) for i in range(MEASURES)}


def card():
    import custval as cv
    rule = cv.rules.Steps([(None, 0), *zip(EDGES, POINTS[1:], strict=True)])
    return cv.Scorecard("bench", [cv.Indicator(name, weight=weight, measures={f"m{i}": rule for i in columns})
                                  for name, (weight, columns) in SHARES.items()])


def arrays(data):
    ours = card()
    return lambda: {"score": ours.score(data, points=False, ties=None)["score"]}


def frame(data):
    import pandas as pd
    ours, table = card(), pd.DataFrame(data)
    return lambda: {"score": ours.score(table, points=False, ties=None)["score"].to_numpy()}


def weighted(points):
    return sum(weight * column for weight, column in zip(WEIGHTS, points, strict=True))


def pandas_cut(data):
    import pandas as pd
    table, edges, points = pd.DataFrame(data), [-np.inf, *EDGES, np.inf], np.array(POINTS)

    def run():
        return {"score": weighted(points[pd.cut(table[name], edges, right=False, labels=False)] for name in table)}
    return run


def searchsorted(data):
    points = np.array(POINTS)
    return lambda: {"score": weighted(points[np.searchsorted(EDGES, column, "right")] for column in data.values())}


def everything(data):
    ours = card()

    def run():
        scored = ours.score(data)
        return {name: scored[name] for name in ("m0_points", "m9_points", "score", "rank")}
    return run


def pandas_everything(data):
    import pandas as pd
    table, edges, points = pd.DataFrame(data), [-np.inf, *EDGES, np.inf], np.array(POINTS)

    def run():
        found = {f"{name}_points": points[pd.cut(table[name], edges, right=False, labels=False)] for name in table}
        score = weighted(found.values())
        rank = pd.Series(score).rank(method="min", ascending=False).to_numpy()
        return {"m0_points": found["m0_points"], "m9_points": found["m9_points"], "score": score, "rank": rank}
    return run


def check(mine, theirs):
    worst = 0.0
    for name in mine:
        if name == "rank":                                   # sums in floats break exact ties
            assert np.abs(mine[name] - theirs[name]).max() <= 0.01 * len(mine[name]) + 5
        else:
            worst = max(worst, float(np.abs(mine[name] - theirs[name]).max()) / 40)
    assert worst < 1e-13, worst
    return worst


SIZES = {"tiny": 1_000, "small": 200_000, "full": 5_000_000}
TASKS = [
    Task("scorecard", SIZES, customers, arrays,
         {"pandas.cut": pandas_cut, "searchsorted + take": searchsorted, "ours, pandas in and out": frame},
         check, {"pandas.cut": 15, "searchsorted + take": 10},
         reads=lambda data: sum(c.nbytes for c in data.values())),
    Task("scorecard with points and rank", SIZES, customers, everything, {"pandas.cut + rank": pandas_everything},
         check),
]
