"""Orders to histories: distinct purchase days, first to last, mean spend of the repeat days, per customer."""
import numpy as np
from protocol import Task

FIRST, DAYS = np.datetime64("2024-01-01", "D"), 731
END = FIRST + DAYS - 1


def orders(n, shuffled=False):
    """Return n orders of n / 10 customers with random 64-bit ids over two years; a few buy much."""
    rng = np.random.default_rng(20251122)
    ids = rng.integers(-2**63, 2**63 - 1, n // 10)
    share = np.cumsum(rng.gamma(0.8, 1.0, n // 10))
    customer = ids[np.searchsorted(share, rng.uniform(0, share[-1], n))]
    day = rng.integers(0, DAYS, n)
    if not shuffled:
        day.sort()
    return {"customer": customer, "day": FIRST + day, "amount": rng.gamma(2.0, 20.0, n).round(2) + 0.01}


def shuffled_orders(n):
    return orders(n, shuffled=True)


def ours(data):
    import custval

    def run():
        base = custval.CustomerBase(data, customer="customer", time="day", amount="amount", end=END)
        return base.summary(unit="D")
    return run


def core(data):
    """Return the three calls of the core alone; the difference is the cost of checks, report and columns."""
    from custval import _core
    day = data["day"].view(np.int64)
    end = int(END.astype(int))

    def run():
        tick = _core.ticks(day, 1, -719_162, 2_932_896)
        tick, (amount,), _, begin, stop, first = _core.ledger(data["customer"], tick, (data["amount"],), False)
        x, t_x, T, m_x, *_ = _core.summary(tick, amount, begin, stop, end, None, 1, 1)
        return {"customer": data["customer"][first], "x": x, "t_x": t_x, "T": T, "m_x": m_x}
    return run


def pandas(data):
    import pandas as pd
    frame = pd.DataFrame(data)

    def run():
        daily = frame.groupby(["customer", "day"], as_index=False)["amount"].sum()
        each = daily.groupby("customer").agg(days=("day", "size"), first=("day", "first"), last=("day", "last"),
                                             total=("amount", "sum"), first_amount=("amount", "first"))
        x = each["days"] - 1
        return {"customer": each.index.to_numpy(), "x": x.to_numpy(),
                "t_x": (each["last"] - each["first"]).dt.days.to_numpy(),
                "T": (pd.Timestamp(END) - each["first"]).dt.days.to_numpy(),
                "m_x": ((each["total"] - each["first_amount"]) / x).to_numpy()}
    return run


def polars(data):
    import polars as pl
    frame = pl.DataFrame(dict(data))

    def run():
        day, amount = pl.col("day"), pl.col("amount")
        each = (frame.lazy().group_by("customer", "day").agg(amount.sum())
                .group_by("customer").agg(x=pl.len().cast(pl.Int64) - 1, first=day.min(), last=day.max(),
                                          total=amount.sum(), first_amount=amount.get(day.arg_min()))
                .select("customer", "x", t_x=(pl.col("last") - pl.col("first")).dt.total_days(),
                        T=(pl.lit(END.item()) - pl.col("first")).dt.total_days(),
                        m_x=(pl.col("total") - pl.col("first_amount")) / pl.col("x"))
                .collect())
        return {name: each[name].to_numpy() for name in each.columns}
    return run


def duckdb(data):
    import duckdb
    import pyarrow as pa
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})
    connection.register("arrived", pa.table(dict(data)))
    connection.execute("create table orders as select * from arrived")

    def run():
        return connection.execute(f"""
            select customer, count(*) - 1 as x, max(day) - min(day) as t_x, date '{END}' - min(day) as T,
                   (sum(amount) - arg_min(amount, day)) / nullif(count(*) - 1, 0) as m_x
            from (select customer, day, sum(amount) as amount from orders group by customer, day)
            group by customer""").fetchnumpy()
    return run


def lifetimes(data):
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data
    frame = pd.DataFrame(data)

    def run():
        each = summary_data_from_transaction_data(frame, "customer", "day", monetary_value_col="amount",
                                                  observation_period_end=END)
        return {"customer": each.index.to_numpy(), "x": each["frequency"].to_numpy(), "t_x": each["recency"].to_numpy(),
                "T": each["T"].to_numpy(), "m_x": each["monetary_value"].to_numpy()}
    return run


def check(mine, theirs):
    """Histories are equal; money is a float sum."""
    place, other = (np.argsort(result["customer"]) for result in (mine, theirs))
    for name in ("customer", "x", "t_x", "T"):
        assert np.array_equal(np.asarray(mine[name])[place], np.asarray(theirs[name])[other]), name
    bought = np.asarray(mine["x"])[place] > 0
    money, their_money = (np.asarray(result["m_x"])[order][bought]
                          for result, order in ((mine, place), (theirs, other)))
    worst = float(np.max(np.abs(money / their_money - 1)))
    assert worst < 1e-9, worst
    return worst


SIZES = {"tiny": 2_000, "small": 1_000_000, "full": 10_000_000}
PEERS = {"core": core, "pandas": pandas, "polars": polars, "duckdb": duckdb, "lifetimes": lifetimes}
GATES = {"pandas": 20, "polars": 12, "duckdb": 5, "lifetimes": 60}


def reads(data):
    return sum(column.nbytes for column in data.values())


TASKS = [Task("summary, by time", SIZES, orders, ours, PEERS, check, GATES, reads),
         Task("summary, shuffled", SIZES, shuffled_orders, ours, PEERS, check, GATES, reads)]
