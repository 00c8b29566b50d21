"""Forecasts against what came: python tests/bench/forecasts [logs] [--table] [--csv FILE]

Prints the gates (errors of totals, coverage of intervals, money) of custval's default over all holdouts and origins;
with --table, beside that, a table of contenders for each log. Needs the extra "bench" and lightgbm for the contenders.
"""
import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import custval as cv
from custval.evaluation.accuracy import accuracy

sys.path.insert(0, str(Path(__file__).resolve().parent))
from contenders import CONTENDERS, by_customer, default, forecast, single
from data import HOLDOUTS, ORIGINS, holdouts, missing, origins

MEASURES = ("error", "MAE", "RMSE", "Gini", "top 20 %", "deviance")


def measures(expected, actual):
    """Return the measures of a forecast by customer, as `evaluate` reports them."""
    found = accuracy(expected, actual)[0]
    return dict(zip(MEASURES, (expected.sum() / actual.sum() - 1, found.mae, found.rmse, found.gini,
                               found.top_20_capture, found.deviance), strict=True))


def intervals(task):
    """Return whether the total lies in its interval, and the share of customers in theirs, at 80 and 90 %."""
    model = cv.Forecaster(value="purchases").fit(task.known).purchases_
    weeks, out = task.days * 48 / 1461 if model.unit == "M" else task.days / {"D": 1, "W": 7}[model.unit], {}
    for level in (80, 90):
        found = model.purchase_interval(weeks, task.known, level=level / 100, draws=400)
        low, high = by_customer(task, found.low), by_customer(task, found.high)
        out[f"total {level} %"] = found.total.low <= task.purchases.sum() <= found.total.high
        out[f"customers {level} %"] = np.mean((low <= task.purchases) & (task.purchases <= high))
    return out


def gates(names):
    """Print the gates of the default, beside MBG/NBD in calendar time with the papers' Gamma-Gamma."""
    rows, held = [], []
    for name in names:
        for task in holdouts(name):
            for who, make in (("default", default), ("plain", single(cv.MBGNBD))):
                purchases, money = make(task)
                rows.append({"log": name, "end": task.end.date(), "who": who} | {
                    f"n {key}": value for key, value in measures(purchases, task.purchases).items()} | {
                    f"m {key}": value for key, value in measures(money, task.money).items()})
            held.append({"log": name, **intervals(task)})
    found, held = pd.DataFrame(rows), pd.DataFrame(held)
    print(f"{len(held)} holdouts of {', '.join(names)}\n")
    by = found.set_index(["log", "end", "who"]).unstack("who")
    print((by[["n error", "m error"]] * 100).round(1).to_string(), "\n")
    ratios = found.set_index(["log", "end", "who"])[["n deviance", "m deviance"]].unstack("who")
    for title, column in (("purchases", "n"), ("money", "m")):
        log_error = np.log1p(found[f"{column} error"]).abs().groupby(found.who).mean()
        mean = found.groupby("who")[[f"{column} deviance", f"{column} Gini"]].mean()
        ratio = (ratios[f"{column} deviance"]["default"] / ratios[f"{column} deviance"]["plain"]).mean()
        print(f"{title}: mean |log error| of the total {log_error['default']:.4f} (plain {log_error['plain']:.4f}), "
              f"deviance {mean.loc['default'].iloc[0]:.4f} (plain {mean.loc['plain'].iloc[0]:.4f}; "
              f"mean ratio {ratio:.4f}), "
              f"Gini {mean.loc['default'].iloc[1]:.4f} (plain {mean.loc['plain'].iloc[1]:.4f})")
    print("intervals hold:", ", ".join(f"{key} {value:.1%}" for key, value in held.drop(columns="log").mean().items()))
    roots = []
    for name in (name for name in names if name in ORIGINS):
        for task in origins(name):
            for who, make in (("default", default_purchases), ("plain", plain_purchases)):
                roots.append({"log": name, "who": who, "error": np.log(make(task) / task.purchases.sum()) ** 2})
    roots = np.sqrt(pd.DataFrame(roots).groupby(["who", "log"]).error.mean()).unstack("log")
    print("\nroot mean squared log error of the total over many origins")
    print((roots.assign(mean=roots.mean(axis=1)) * 100).round(2).to_string())


def default_purchases(task):
    """Return the total purchases expected by default."""
    model = cv.Forecaster(value="purchases").fit(task.known)
    end = np.datetime64(task.end.date())
    return np.nansum(model.purchases_.expected_purchases(model.purchases_.elapsed(end, task.days),
                                                         **model.purchases_.histories(task.known.snapshot)))


def plain_purchases(task):
    """Return those of MBG/NBD in calendar time, or of NBD where that is on its boundary."""
    model = cv.MBGNBD(unit="W").fit(task.known)
    model = model if model.status_ == "converged" else cv.NBD(unit="W").fit(task.known)
    return np.nansum(model.expected_purchases(task.days / 7, task.known, allow_unconverged=True))


def tables(names, path):
    """Print a table of contenders for each log: means over its holdouts."""
    rows = []
    for name in names:
        for task in holdouts(name):
            for who in CONTENDERS:
                found, why = forecast(who, task)
                for what, expected, actual in zip(("purchases", "money"), found or (None, None),
                                                  (task.purchases, task.money), strict=True):
                    row = {"log": name, "end": task.end.date(), "days": task.days, "value": what, "contender": who}
                    rows.append(row | (measures(expected, actual) if found and np.isfinite(expected).all() else
                                       {"why": why}))
        table = pd.DataFrame([row for row in rows if row["log"] == name])
        table["error"] = table["error"].abs()
        mean = table.groupby(["value", "contender"], sort=False)[list(MEASURES)].mean()
        print(f"\n{name}: mean over {table.end.nunique()} holdouts; error: mean absolute error of the total")
        print(mean.round(4).to_string())
    if path:
        pd.DataFrame(rows).to_csv(path, index=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logs", nargs="*", help="names of logs; by default all that are there")
    parser.add_argument("--table", action="store_true", help="contenders of each log")
    parser.add_argument("--csv", help="file for the rows of the tables")
    asked = parser.parse_args()
    for name in HOLDOUTS:
        if missing(name):
            print(f"{name}: left out, {missing(name)}")
    there = [name for name in asked.logs or HOLDOUTS if not missing(name)]
    gates(there)
    if asked.table:
        tables(there, asked.csv)
