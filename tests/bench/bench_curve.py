"""The value of every customer at 24 month ends with its trend, beside one summary: both from orders, or on one base."""
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


def curve_of(base):
    import custval
    return custval.curve(base, periods=24, unit="M", value="amount")


def curve(data):
    base = base_of(data)
    return lambda: curve_of(base)


def summary(data):
    base = base_of(data)
    return lambda: base.summary(unit="D")


def curve_from_orders(data):
    return lambda: curve_of(base_of(data))


def summary_from_orders(data):
    return lambda: base_of(data).summary(unit="D")


def check(mine, theirs):
    """The months add up to the amount, and so does all so far at the last of them; a slope for each customer."""
    months = np.array([column for name, column in mine.items() if name[:2] == "20"])
    total = np.nansum(months, axis=0) if "slope" in mine else mine[LAST]
    assert "slope" not in mine or np.isfinite(mine["slope"][mine["points"] > 1]).all()
    worst = float(np.max(np.abs(total / theirs["amount"] - 1)))
    assert worst < 1e-12, worst
    return worst


def reads(data):
    return data["day"].size * 12                               # a tick and an amount


SIZES = {"tiny": 2_000, "small": 1_000_000, "full": 10_000_000}
TASKS = [Task("value curve, from orders", SIZES, orders, curve_from_orders, {"summary": summary_from_orders}, check,
              {"summary": 0.33}),
         Task("value curve, values alone", SIZES, orders, values, {"summary": summary}, check,
              {"summary": 0.33}, reads),
         Task("value curve, with trends", SIZES, orders, curve, {"summary": summary}, check, {}, reads)]
