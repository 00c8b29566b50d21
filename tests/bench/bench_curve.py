"""Value of every customer at 24 month ends with its trend, from orders, beside one summary from orders."""
import numpy as np
from bench_summary import END, orders
from protocol import Task


def base_of(data):
    import custval
    return custval.CustomerBase(data, customer="customer", time="day", amount="amount", end=END)


def curve_of(base):
    import custval
    return custval.curve(base, periods=24, unit="M", value="amount")


def from_orders(data):
    return lambda: curve_of(base_of(data))


def summary(data):
    return lambda: base_of(data).summary(unit="D")


def from_base(data):
    base = base_of(data)
    return lambda: curve_of(base)


def values(data):
    """Return the values alone, without the trends and the frame of a curve."""
    from custval.customers import rolling as asof
    view = base_of(data).snapshot

    def run():
        edges, labels, _ = asof.dates(view, 24, 1, "M")
        return dict(zip(labels, asof.values(view, "amount", edges, 1), strict=True))
    return run


def check(mine, theirs):
    """Check that the months add up to the amount, and that two points have a slope."""
    assert np.isfinite(mine["slope"][mine["points"] > 1]).all()
    got, want = (result["amount"] if "amount" in result else np.nansum(
        [column for name, column in result.items() if name[:2] == "20"], axis=0) for result in (mine, theirs))
    worst = float(np.max(np.abs(got / want - 1)))
    assert worst < 1e-12, worst
    return worst


SIZES = {"tiny": 2_000, "small": 1_000_000, "full": 10_000_000}
TASKS = [Task("value curve, from orders", SIZES, orders, from_orders, {"summary": summary}, check, {"summary": 0.33}),
         Task("value curve, from a base", SIZES, orders, from_base, {"values": values}, check)]
