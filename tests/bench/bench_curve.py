"""The value of every customer at 24 month ends, beside one summary of the same base, built outside the clock."""
import numpy as np
from bench_summary import END, orders
from protocol import Task

LAST = str(END.astype("M8[M]"))


def base_of(data):
    import custval
    return custval.CustomerBase(data, customer="customer", time="day", amount="amount", end=END)


def values(data):
    """Return the values alone, without the trend of each customer."""
    from custval._base import asof
    view = base_of(data)._view

    def run():
        edges, labels, _ = asof.dates(view, 24, 0, "M")
        return dict(zip(labels, asof.values(view, "amount", edges, 0), strict=True))
    return run


def curve(data):
    import custval
    base = base_of(data)
    return lambda: custval.curve(base, periods=24, unit="M", value="amount")


def summary(data):
    base = base_of(data)
    return lambda: base.summary(unit="D")


def check(mine, theirs):
    """The last value of all so far is the amount; of single months there is a slope for each customer."""
    if "slope" in mine:
        assert len(mine["slope"]) == len(theirs["amount"])
        return 0.0
    worst = float(np.max(np.abs(mine[LAST] / theirs["amount"] - 1)))
    assert worst < 1e-12, worst
    return worst


def reads(data):
    return data["day"].size * 12                               # a tick and an amount


SIZES = {"tiny": 2_000, "small": 1_000_000, "full": 10_000_000}
TASKS = [Task("value curve, values", SIZES, orders, values, {"summary": summary}, check, {"summary": 0.33}, reads),
         Task("value curve with trends", SIZES, orders, curve, {"summary": summary}, check, {}, reads)]
