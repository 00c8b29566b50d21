"""Built-in data: facts of the published CDNOW sample, and the shape of the simulated firm."""
import hashlib
import lzma
import sys
from importlib.resources import files

import numpy as np
import pytest

import custval as cv


def test_cdnow_is_the_file_of_the_lifetimes_wheel():
    text = lzma.decompress(files("custval.datasets").joinpath("cdnow.txt.xz").read_bytes())
    digest = hashlib.sha256(text).hexdigest()
    assert digest == "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a"


def test_cdnow_has_the_published_facts():
    """Fader and Hardie's 1/10 sample: 2,357 customers, first purchases to 1997-03-25, last day 1998-06-30."""
    orders = cv.datasets.cdnow(as_frame=dict)
    customer, date, amount = orders["customer"], orders["date"], orders["amount"]
    assert len(customer) == 6919
    np.testing.assert_array_equal(np.unique(customer), np.arange(1, 2358))
    assert len(set(zip(customer.tolist(), date.tolist(), strict=True))) == 6696
    assert round(amount.sum() * 100) == 24409194
    assert (np.bincount(customer, amount)[1:] == 0).sum() == 8
    first = np.full(2358, date.max())
    np.minimum.at(first, customer, date)
    assert (date.min(), first[1:].max(), date.max()) == tuple(
        np.array(["1997-01-01", "1997-03-25", "1998-06-30"], "datetime64[D]"))


FRAMES = [("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "table")]


@pytest.mark.parametrize("library, name", FRAMES)
def test_cdnow_as_a_frame(library, name):
    frame = cv.datasets.cdnow(as_frame=getattr(pytest.importorskip(library), name))
    assert frame.shape == (6919, 4)
    assert float(np.asarray(frame["amount"]).sum()) == pytest.approx(244091.94)


@pytest.mark.parametrize("without, kind", [
    ((), "pandas"), (("pandas",), "polars"), (("pandas", "polars"), "pyarrow"),
    (("pandas", "polars", "pyarrow"), "custval")])
def test_built_in_data_are_frames_of_the_first_library_that_is_installed(framed_data, monkeypatch, without, kind):
    for library in without:
        monkeypatch.setitem(sys.modules, library, None)
    base, firm = cv.datasets.cdnow(), cv.datasets.crm(customers=5)
    model, spend = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), cv.GammaGamma(p=6, q=4, gamma=16)
    found = [cv.datasets.donations(), cv.datasets.contracts(), firm.orders, firm.profile, base.summary(),
             firm.base().attributes(), cv.forecast(base, purchases=model, spend=spend)]
    assert {type(frame).__module__.split(".")[0] for frame in found} == {kind}
    if kind == "custval":
        assert repr(found[0]).splitlines()[:3] == ["22 rows of 4 columns", "x  t_x  n  donors", "-  ---  -  ------"]
        assert isinstance(found[-1], dict) and "sum_3Q" in repr(found[-1]) and len(repr(found[-1]).splitlines()) == 13
        assert "<table>" in found[-1]._repr_html_() and type(base.summary()["x"]) is np.ndarray
    if kind in ("pandas", "polars"):
        assert len(found[-1].head()) == 5
    assert repr(firm) == "<Firm 5 customers, 145 order lines, to 2025-11-14>"


@pytest.fixture(scope="module")
def firm():
    return cv.datasets.crm(customers=300, seed=1)


TABLES = ["orders", "opportunities", "suggestions", "receivables", "contacts", "profile", "truth"]


def per_customer(firm, values):
    """Return the sum of `values`, a column of the orders, for each customer of the profile."""
    names, number = np.unique(firm.orders["customer"], return_inverse=True)
    assert names.tolist() == sorted(firm.profile["customer"].tolist())
    return np.bincount(number, values)


def test_a_seed_gives_the_same_firm_in_every_version(firm):
    """Rows and whole cents of seed 1 as first released: a change breaks every example of the documentation."""
    rows = [len(getattr(firm, table)["customer"]) for table in TABLES]
    cents = [round(100 * float(table[column].sum())) for table, column in [
        (firm.orders, "amount"), (firm.orders, "cost"), (firm.opportunities, "amount"),
        (firm.receivables, "amount"), (firm.contacts, "cost"), (firm.profile, "planned_2y")]]
    assert (rows, cents) == (
        [7075, 940, 325, 4187, 5171, 300, 300],
        [14507084799, 9081080927, 6624310000, 14841238477, 314311591, 8453800000])
    assert int(firm.orders["time"].astype(np.int64).sum() // 60_000_000) == -106022508296


def test_a_seed_decides_the_firm(firm):
    again, other = cv.datasets.crm(300, 1), cv.datasets.crm(300, 2)
    for table in TABLES:
        for name, column in getattr(firm, table).items():
            assert column.tobytes() == getattr(again, table)[name].tobytes()
    assert other.orders["amount"].sum() != firm.orders["amount"].sum()


@pytest.mark.parametrize("seed", range(1, 6))
def test_20_percent_of_the_customers_have_80_percent_of_the_money(seed):
    amount = np.sort(per_customer(some := cv.datasets.crm(300, seed), some.orders["amount"]))[::-1]
    assert 0.7 < amount[:60].sum() / amount.sum() < 0.9


def test_customers_grow_decline_churn_and_some_cost_money(firm):
    amount, cost = firm.orders["amount"], firm.orders["cost"]
    margin = per_customer(firm, amount) - per_customer(firm, cost)
    assert 5 <= (margin < 0).sum() <= 40
    assert 0.5 < firm.truth["alive"].mean() < 0.8
    assert (firm.truth["growth"] > 0.1).sum() > 30 < (firm.truth["growth"] < -0.1).sum()
    month = firm.orders["time"].astype("datetime64[M]").astype(int) % 12
    monthly = np.bincount(month, amount)
    assert monthly[1] < 0.7 * monthly[9]                                       # spring festival, autumn


def test_returns_never_exceed_deliveries(firm):
    orders = firm.orders
    back = orders["quantity"] < 0
    assert 0.02 < back.mean() < 0.06
    assert ((orders["amount"] < 0) == back).all() and ((orders["cost"] < 0) == back).all()
    line = np.unique(np.stack([orders["order"], orders["product"]]), axis=1, return_inverse=True)[1].ravel()
    assert np.bincount(line, orders["quantity"]).min() >= 0
    assert np.bincount(line, orders["amount"]).min() > -0.01


def test_every_log_is_of_known_customers_and_ends_with_the_firm(firm):
    known = set(firm.profile["customer"].tolist())
    assert len(known) == 300 and set(firm.orders["customer"].tolist()) == known
    for table in TABLES:
        columns = getattr(firm, table)
        assert set(columns["customer"].tolist()) <= known
        assert len({len(column) for column in columns.values()}) == 1
        for name, column in columns.items():
            if column.dtype.kind == "M" and name != "due":                     # due dates may lie in the future
                assert not (column.astype("datetime64[D]") > np.datetime64(firm.end)).any(), (table, name)
    assert (np.diff(firm.orders["time"]) >= np.timedelta64(0)).all()


def test_opportunities_and_receivables_are_consistent(firm):
    offers, bills = firm.opportunities, firm.receivables
    is_open = np.isnat(offers["closed"])
    assert set(offers["stage"].tolist()) == {"lead", "qualified", "proposal", "negotiation"}
    assert np.isnan(offers["won"][is_open]).all() and set(offers["won"][~is_open].tolist()) == {0, 1}
    assert offers["won"][~is_open].mean() == pytest.approx(offers["probability"][~is_open].mean(), abs=0.05)
    assert (offers["closed"] >= offers["created"])[~is_open].all()
    assert ((bills["due"] - bills["issued"]).astype(int) >= 30).all()
    assert (bills["paid"] >= bills["issued"])[~np.isnat(bills["paid"])].all()
    sold = firm.orders["amount"][firm.orders["amount"] > 0].sum()
    assert bills["amount"].sum() == pytest.approx(sold, abs=1e-4)
    assert len(bills["amount"]) == len(set(firm.orders["order"].tolist()))


def test_a_firm_of_one_customer():
    firm = cv.datasets.crm(customers=1, seed=0)
    assert len(firm.profile["customer"]) == 1 <= len(firm.orders["order"])


@pytest.mark.parametrize("arguments, text", [
    ({"customers": 0}, "customers=0"), ({"customers": 2.5}, r"customers=2\.5"), ({"seed": -1}, "seed=-1"),
    ({"seed": "a"}, "seed='a'")])
def test_invalid_arguments_are_refused(arguments, text):
    with pytest.raises(cv.ConfigError, match=text):
        cv.datasets.crm(**arguments)


def test_cdnow_base_is_the_sample_of_the_papers():
    """Fader, Hardie and Lee (2005): 2,357 customers; 2,457 repeat purchases to 1997-09-30, 1,882 after."""
    base = cv.datasets.cdnow()
    assert base.rows == (6919, 6696, 223, {})
    calibration, holdout = base.split("1997-09-30")
    assert calibration.summary(unit="W")["x"].sum() == 2457
    assert holdout.summary()["x"].sum() == 1882


@pytest.mark.parametrize("library, name", [(None, "dict"), *FRAMES])
def test_the_firm_makes_one_base_from_any_frame(firm, library, name):
    kind = dict if library is None else getattr(pytest.importorskip(library), name)
    base = cv.datasets.crm(300, 1, as_frame=kind).base()
    known = {name: np.asarray(base.attributes()[name]) for name in ("customer", "orders", "margin", "owed", "users")}
    assert len(known["customer"]) == 300
    assert known["orders"].sum() == len(set(firm.orders["order"].tolist()))
    spent = firm.orders["cost"].sum() + firm.contacts["cost"].sum()
    assert known["margin"].sum() == pytest.approx(firm.orders["amount"].sum() - spent, rel=1e-12)
    assert known["owed"].sum() == pytest.approx(firm.receivables["amount"][np.isnat(firm.receivables["paid"])].sum())
    assert known["users"].sum() == firm.profile["users"].sum()


def test_p_alive_separates_active_from_churned_customers(firm):
    """P(alive) of MBG/NBD ranks an active customer above a churned one in 19 of 20 pairs."""
    base = firm.base()
    history = base.summary(unit="W")
    p_alive = cv.MBGNBD(unit="W").fit(base).p_alive(history["x"], history["t_x"], history["T"])
    place = np.argsort(firm.truth["customer"])
    alive = firm.truth["alive"][place[np.searchsorted(firm.truth["customer"], history["customer"], sorter=place)]]
    assert (p_alive[alive][:, None] > p_alive[~alive]).mean() > 0.95
