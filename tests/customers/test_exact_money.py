"""Amounts of whole cents add up to the double nearest to their decimal total, in every total that leaves."""
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custval as cv
from custval import _core
from custval._validation import sum_of

PAID = ["297.57", "5.45", "532.56", "114.23", "50.19"]             # 1000.00; their doubles add up to 1e-13 less
DAYS = [f"2024-0{month}-15" for month in range(1, 6)]
pd = pytest.importorskip("pandas")


def base_of(paid, **columns):
    frame = pd.DataFrame({"id": "a", "day": DAYS, "paid": paid, **columns})
    return cv.CustomerBase(frame, customer="id", time="day", amount="paid", end="2024-06-30",
                           **{name: name for name in columns})


@given(st.lists(st.integers(-10**7, 10**7), min_size=1, max_size=60), st.sampled_from([0, 2, 3, 4]))
def test_decimals_add_up_to_the_nearest_double_of_their_exact_total(units, places):
    values = [float(Decimal(unit).scaleb(-places)) for unit in units]
    assert sum_of(np.array(values)) == float(Decimal(sum(units)).scaleb(-places))


@given(st.lists(st.floats(-1e3, 1e3).filter(lambda x: x == 0 or abs(x) > 1e-3), min_size=1, max_size=20))
def test_other_numbers_keep_their_sum(values):
    exact, gross = sum(map(Fraction, values)), sum(map(abs, map(Fraction, values)))
    assert abs(Fraction(sum_of(np.array(values))) - exact) <= gross * Fraction(2) ** -52


def test_a_number_that_is_no_decimal_is_its_own_total():
    values = np.array([1 / 3, 2**0.5, 1e-7 / 3, 1e12 + 1 / 3, 5e-324])
    rows = np.arange(5)
    assert _core.totals(values, rows, rows + 1).tolist() == values.tolist()


@pytest.mark.parametrize("paid", [[Decimal(text) for text in PAID], [float(text) for text in PAID]],
                         ids=["Decimal", "float"])
def test_a_total_meets_the_threshold_that_it_prints_as(paid):
    base = base_of(paid)
    steps = {"amount": cv.rules.Steps([(None, 0), (1000, 10)])}
    card = cv.Scorecard("v", [cv.Indicator("s", weight=1, measures=steps)])
    assert card.score(base.attributes())["score"].tolist() == [10]
    assert base.summary()["amount"][0] == base.attributes()["sales_1y"][0] == 1000
    assert base.history(1, "Y")["2024"][0] == 1000
    assert cv.curve(base, window=None, unit="M", least=2).iloc[0]["2024-06"] == 1000
    assert base.summary()["m_x"][0] == 702.43 / 4
    assert "net 1,000.00" in repr(base)


def test_decimal_columns_of_arrow_and_polars_are_exact():
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    paid = pa.array([Decimal(text) for text in PAID])
    table = pa.table({"id": ["a"] * 5, "day": DAYS, "paid": paid})
    for frame in (table, pl.from_arrow(table)):
        total = cv.CustomerBase(frame, customer="id", time="day", amount="paid").summary()["amount"]
        assert total.to_numpy().tolist() == [1000.0]


def test_margins_and_changes_of_cents_are_cents():
    base = base_of([1000.30, 0, 0, 0, 0], cost=[600.10, 300.10, 0, 0, 0], marketing=[0.1, 0, 0, 0, 0])
    contacts = {"customer": ["a"], "time": ["2024-02-01"], "cost": [0.2]}
    known = base.with_log("contacts", contacts)
    assert base.summary()["margin"][0] == 100.0 == float(Fraction("1000.3") - Fraction("900.2") - Fraction("0.1"))
    assert known.summary()["marketing"][0] == 0.3 and known.summary()["margin"][0] == 99.8
    assert float(_core.margin(1000.3, 900.2, 0.0)) == 100.1 and float(_core.growth(11.11, 10.1)) == 0.1
