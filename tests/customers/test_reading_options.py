"""Options of an order log: price and quantity, currencies, status, merged accounts; every row and cent is counted."""
import decimal
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custval as cv

KINDS = {"arrays": lambda log: log, "pandas": pd.DataFrame, "polars": pl.DataFrame, "lazy polars": pl.LazyFrame,
         "pyarrow": pa.table, "duckdb": lambda log: duckdb.from_arrow(pa.table(log))}
DAYS = ["2025-01-02", "2025-01-03", "2025-01-04", "2025-02-01", "2025-03-01"]
LOG = {"id": ["a", "b", "a", "guest", "c"], "day": DAYS,
       "paid": [10.0, 20.0, 5.0, 2.5, 100.0], "price": [2.55, 20.0, 5.0, 1.25, 50.0], "qty": [6, 1, 1, 2, 2],
       "cur": ["EUR", "USD", "EUR", "USD", "EUR"], "state": ["paid", "paid", "refunded", "paid", "cancelled"]}


def read(log=None, *, kind="arrays", **options):
    names = {"customer": "id", "time": "day", "amount": "paid"} | options
    return cv.CustomerBase(KINDS[kind](LOG | (log or {})), **{k: v for k, v in names.items() if v is not None})


def amounts(base):
    return dict(zip(base.customers.tolist(), np.asarray(base.snapshot.total("amount")).tolist(), strict=True))


# ---- price and quantity ----

@pytest.mark.parametrize("kind", KINDS)
def test_price_times_quantity_is_exact_in_cents(kind):
    base = read(kind=kind, amount=None, price="price", quantity="qty")
    assert amounts(base) == {"a": 20.3, "b": 20.0, "guest": 2.5, "c": 100.0}          # 2.55 * 6 is 15.299999999999999
    assert base.rows.money == (142.8, 142.8, {})


def test_every_price_in_cents_times_every_small_quantity_is_the_nearest_number():
    price, quantity = np.meshgrid(np.arange(1, 2000) / 100, np.arange(-12, 13))
    log = {"id": np.arange(price.size), "day": ["2025-01-01"] * price.size, "p": price.ravel(), "q": quantity.ravel()}
    got = cv.CustomerBase(log, customer="id", time="day", price="p", quantity="q").snapshot.ledger.columns["amount"]
    exact = [float(decimal.Decimal(f"{p:.2f}") * q) for p, q in zip(price.ravel().tolist(), quantity.ravel().tolist(),
                                                                      strict=True)]
    assert got.tolist() == exact


@pytest.mark.parametrize("options", [{"price": "price"}, {"price": "price", "quantity": "qty"},
                                     {"amount": None, "price": "price"}])
def test_a_price_needs_a_quantity_and_no_amount(options):
    with pytest.raises(cv.ConfigError, match=r"price= is the price of one unit: pass it with quantity=, in place of"):
        read(**options)


def test_a_bad_price_is_reported_once_and_a_product_beyond_all_numbers_too():
    with pytest.raises(cv.DataError, match=r"^column 'price': 1 of 5 values are not finite numbers") as error:
        read({"price": [float("nan"), 1, 1, 1, 1]}, amount=None, price="price", quantity="qty")
    assert str(error.value).count("column") == 1
    with pytest.raises(cv.DataError, match="1 of 5 values are beyond 1e298"):
        read({"price": [1e308, 1, 1, 1, 1]}, amount=None, price="price", quantity="qty")


# ---- currency ----

@pytest.mark.parametrize("kind", KINDS)
def test_rates_convert_every_money_column(kind):
    base = read(kind=kind, currency="cur", rates={"EUR": 1, "USD": 0.5}, cost="price")
    assert amounts(base) == {"a": 15.0, "b": 10.0, "guest": 1.25, "c": 100.0}
    assert base.snapshot.total("cost").tolist() == [7.55, 10.0, 0.625, 50.0]
    assert "currency     EUR; USD at 0.5: 2 rows, 22.50" in base.card()


def test_several_currencies_without_rates_are_refused_with_rows_and_money():
    with pytest.raises(cv.DataError) as error:
        read(currency="cur")
    assert str(error.value) == (
        "column 'cur' (currency=) has 2 currencies: 'EUR' 3 rows (115.00), 'USD' 2 rows (22.50)\n"
        "  A base has one: pass rates={'EUR': 1, 'USD': ...}, the value of one unit of each, or keep the rows of one "
        "currency.")


def test_one_currency_needs_no_rate_and_is_reported():
    assert "currency     EUR\n" in read({"cur": ["EUR"] * 5}, currency="cur").card()


def test_a_currency_without_rate_is_counted_and_named():
    with pytest.raises(cv.DataError) as error:
        read(currency="cur", rates={"EUR": 1, "usd": 0.9})
    assert str(error.value) == (
        "column 'cur' (currency=): rates= has no rate for 'USD' 2 rows (22.50)\n"
        "  Add the value of one unit, such as rates={..., 'USD': ...}.\n  did you mean 'usd' in rates=?")


def test_a_missing_currency_is_a_finding():
    with pytest.raises(cv.DataError, match="column 'cur': 1 of 5 values are missing"):
        read({"cur": ["EUR", None, "EUR", "EUR", "EUR"]}, currency="cur")


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), True, "1"])
def test_a_rate_is_a_number_above_0(rate):
    with pytest.raises(cv.ConfigError, match=r"rates= has .* for 'EUR'"):
        read(currency="cur", rates={"EUR": rate})


def test_rates_need_a_currency():
    with pytest.raises(cv.ConfigError, match="rates= needs currency="):
        read(rates={"EUR": 1})


# ---- status ----

@pytest.mark.parametrize("kind", KINDS)
def test_a_status_that_does_not_count_is_left_out_in_rows_and_money(kind):
    base = read(kind=kind, status="state", keep={"paid"})
    assert amounts(base) == {"a": 10.0, "b": 20.0, "guest": 2.5}
    assert base.rows == (5, 3, 0, {"status cancelled": 1, "status refunded": 1})
    assert base.rows.money == (137.5, 32.5, {"status cancelled": 100.0, "status refunded": 5.0})
    assert "1 status refunded (5.00, 3.6 % of all), 1 status cancelled (100.00, 72.7 % of all)" in base.card()


def test_rows_left_out_by_status_are_not_checked_any_further():
    log = {"day": [*LOG["day"][:4], None], "paid": [10.0, 20.0, float("nan"), 2.5, 100.0]}
    assert read(log, status="state", keep="paid").rows.used == 3


def test_no_row_with_a_status_to_keep_lists_the_statuses():
    with pytest.raises(cv.DataError) as error:
        read(status="state", keep={"Paid"})
    assert str(error.value) == ("keep={'Paid'}: no row has such a status\n"
                                "  column 'state' has: 'paid' 3 rows, 'refunded' 1 row, 'cancelled' 1 row\n  3 rows "
                                "differ from keep= in case, blanks or type only; if they count, pass keep={'paid'}")
    with pytest.raises(cv.DataError, match=r"1 row differs from keep= in case, .* keep={'refunded'}"):
        read(status="state", keep={"REFUNDED "})
    with pytest.raises(cv.DataError) as error:
        read(status="state", keep={"done"})
    assert str(error.value) == ("keep={'done'}: no row has such a status\n"
                                "  column 'state' has: 'paid' 3 rows, 'refunded' 1 row, 'cancelled' 1 row")
    with pytest.raises(cv.ConfigError, match=r"status='state': pass keep=, the statuses that count\n  column 'state'"):
        read(status="state")
    with pytest.raises(cv.ConfigError, match="keep= needs status="):
        read(keep={"paid"})


@pytest.mark.parametrize("states, keep, kept", [
    (["Paid ", "paid", "PAID", "void", None], {"paid", None}, 4), (["Paid ", "paid ", "PAID", "x", "y"], {"paid"}, 3),
    (["1", "1", "2", "2", "2"], {1}, 2), (["\u200bok", "ok", "OK", "o k", "x"], "ok", 3),
    ([1.0, 1.0, 2.0, 2.0, 2.0], {"1"}, 2)])
def test_a_status_that_differs_in_case_blanks_or_type_has_the_keep_that_counts_it(states, keep, kept):
    """Such rows were left out without a hint; the set advised reads them all."""
    log = {"state": np.fromiter(states, object, 5)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((cv.DataWarning, cv.DataError)) as error:
            read(log, status="state", keep=keep)
        advised = eval(str(error.value).rpartition("pass keep=")[2])
        assert read(log, status="state", keep=advised).rows.used == kept


def test_a_status_that_no_row_has_is_a_warning():
    with pytest.warns(cv.DataWarning, match="keep: no row has the status 'shiped'; column 'state' has: 'paid' 3 rows"):
        read(status="state", keep={"paid", "shiped"})


def test_a_missing_status_does_not_count_unless_it_is_kept():
    log = {"state": ["paid", None, "paid", "paid", "paid"]}
    with pytest.raises(cv.DataError, match=r"'state': 1 of 5 values are missing\n  row 1 .*\n.*missing=\"drop\".*None"):
        read(log, status="state", keep={"paid"})
    with pytest.warns(cv.DataWarning, match=r"left out 1 of 5 rows: 1 status missing; in money 20.00 of 137.50"):
        base = read(log, status="state", keep={"paid"}, missing="drop")
    assert base.rows.dropped == {"status missing": 1} and base.rows.money.dropped == {"status missing": 20.0}
    assert read(log, status="state", keep={"paid", None}).rows.dropped == {}


def test_lines_of_an_order_without_a_status_name_the_call_that_fills_them():
    log = {"state": ["paid", None, "paid", None, "void"], "bill": [1, 1, 2, 2, 3]}
    with pytest.raises(cv.DataError, match=r"frame\['state'\] = frame.groupby\('bill'\)\['state'\].ffill\(\)"):
        read(log, status="state", keep={"paid"}, order="bill")
    filled = pd.DataFrame(log).groupby("bill")["state"].ffill().tolist()
    assert read(log | {"state": filled}, status="state", keep={"paid"}, order="bill").rows.dropped == {"status void": 1}


def test_money_of_rows_without_a_currency_is_not_known():
    log = {"money": ["EUR", None, "USD", "EUR", "EUR"]}
    with pytest.warns(cv.DataWarning, match="1 currency missing; their money is not known, that of the others is "):
        base = read(log, currency="money", rates={"EUR": 1, "USD": .9}, missing="drop")
    assert "1 currency missing (no money known)" in base.card()


def test_a_status_may_be_a_number_and_one_may_be_given_alone():
    log = {"state": [1, 2, 1, 1, 2]}
    assert read(log, status="state", keep=1).rows.dropped == read(log, status="state", keep=[1.0]).rows.dropped
    assert read({"state": ["paid", None] * 2 + ["paid"]}, status="state", keep=["paid", float("nan")]).rows.used == 5


def test_settings_of_another_kind_are_refused():
    with pytest.raises(cv.ConfigError, match="pass the statuses that count, such as"):
        read(status="state", keep=[["paid"]])
    with pytest.raises(cv.ConfigError, match="rates=5: pass a mapping, such as"):
        read(currency="cur", rates=5)


# ---- merged accounts ----

@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("merge", [{"guest": "c", "c": "b"}, pd.Series({"guest": "b", "c": "b"}),
                                   pl.DataFrame({"old": ["guest", "c"], "new": ["c", "b"]}),
                                   {"new": ["b", "b"], "old": ["guest", "c"]}],
                         ids=["dict", "Series", "polars", "arrays"])
def test_merged_accounts_are_one_customer_along_chains(kind, merge):
    base = read(kind=kind, merge=merge)
    assert amounts(base) == {"a": 15.0, "b": 122.5}
    assert "merged accounts  2 rows, 102.50" in base.card()
    assert base.rows == (5, 5, 0, {})


def test_an_account_takes_the_place_of_its_first_row_under_its_final_id():
    assert read(merge={"a": "c"}).customers.tolist() == ["c", "b", "guest"]
    assert read({"id": [1, 2, 1, 3, 4]}, merge={1: 9, 3: 9}).customers.tolist() == [9, 2, 4]
    assert read(kind="polars", merge={"guest": "z"}).customers.tolist() == ["a", "b", "z", "c"]


def test_logs_beside_the_orders_are_merged_alike():
    visits = {"customer": ["guest", "b"], "time": ["2025-01-05", "2025-01-05"], "cost": [7.0, 1.0]}
    base = read(merge={"guest": "a"}).with_log("contacts", visits)
    assert base.snapshot.total("marketing").tolist() == [7.0, 1.0, 0.0]


REFUSED = {
    "a cycle": ({"a": "b", "b": "c", "c": "a"}, "merge: a cycle, 'a' to 'b' to 'c' to 'a'; leave out one of the pairs"),
    "two customers": (pd.DataFrame({"old": ["a", "a"], "new": ["b", "c"]}),
                      "merge: 'a' goes to 'b' and to 'c'; an account has one customer"),
    "a missing id": ({"a": None}, r"merge: 'a' to \(missing\): both ids are needed"),
    "no pairs": (["a"], "merge= takes a mapping"),
    "three columns": (pd.DataFrame({"x": ["a"], "y": ["b"], "z": ["c"]}), "merge: 3 columns; a frame has two"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_merge_that_decides_nothing_is_refused(what):
    merge, text = REFUSED[what]
    with pytest.raises(cv.ConfigError, match=text):
        read(merge=merge)


def test_ids_of_another_type_are_named():
    with pytest.raises(cv.DataError, match=r"merge: none of its 1 old id occurs in column 'id'; such an id is '1', the "
                                           r"log has 1; ids are compared with their type, 7 is not '7'"):
        read({"id": [1, 2, 1, 3, 4]}, merge={"1": "2"})


# ---- the account in money ----

def test_rows_are_accounted_for_in_money_too():
    log = {"id": ["a", None, "b", "a", "c"], "paid": [10.0, 20.0, -5.0, float("nan"), 100.0]}
    with pytest.warns(cv.DataWarning, match=r"left out 2 of 5 rows: 1 customer missing, 1 amount not finite; in money "
                                            r"20.00 of 125.00 \(16.0 %\), without 1 row whose money is not known"):
        base = read(log, missing="drop")
    assert base.rows.money == (125.0, 105.0, {"customer missing": 20.0, "amount not finite": 0.0})
    then = base.as_of("2025-02-01").rows
    assert then.money == (125.0, 5.0, {"customer missing": 20.0, "amount not finite": 0.0, "after 2025-02-01": 100.0})
    assert then.money.read == then.money.used + sum(then.money.dropped.values())
    some = base.where(["c"]).rows
    assert some.money.dropped["of customers not chosen"] == 5.0 and some.money.used == 100.0
    calibration, holdout = base.split("2025-01-02")
    assert holdout.rows.money.dropped["before 2025-01-03"] == 10.0 == calibration.rows.money.used
    assert read(amount=None).rows.money is None


def test_refunds_left_out_are_counted_in_money():
    base = read({"paid": [10.0, -2.0, 5.0, 2.5, 100.0]}, refunds="drop")
    assert base.rows.money == (115.5, 117.5, {"refund": -2.0})


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_without_a_product_counts_in_money(kind):
    base = read({"product": ["x", None, "x", "y", None]}, kind=kind, product="product")
    assert amounts(base) == {"a": 15.0, "b": 20.0, "guest": 2.5, "c": 100.0}
    assert base.snapshot.total("products").tolist() == [1, 0, 1, 0]
    assert "2 rows without one, which count in money" in base.card()


# ---- amounts in text ----

def test_a_conversion_leaves_blank_amounts_missing():
    frame = pd.DataFrame({"id": ["a", "b"], "day": DAYS[:2], "paid": ["$5", " "]})
    with pytest.raises(cv.DataError) as error:
        cv.CustomerBase(frame, customer="id", time="day", amount="paid")
    converted = eval(str(error.value).split("\n")[1], {"frame": frame})
    assert converted[0] == 5 and np.isnan(converted[1])


@pytest.mark.parametrize("texts, values", [
    (["$1,234.50", "-$5.00", "$ 12"], [1234.5, -5.0, 12.0]), (["1.234,50 €", "12,5 €", "-3 €"], [1234.5, 12.5, -3.0]),
    (["1,234.5", "7.25", "1"], [1234.5, 7.25, 1.0]), (["(1,300.00)", "7.00", "$(2)"], [-1300.0, 7.0, -2.0]),
    (["5.00-", "1 234.5", "\u22123"], [-5.0, 1234.5, -3.0]), (["3.5万", "1.2345万元", "2亿"], [35e3, 12345, 2e8]),
    (["5.00", "7", "+1"], [5.0, 7.0, 1.0]), (["12.50\u00a0€", "US$ 3", "Rs 500"], [12.5, 3.0, 500.0])])
def test_amounts_in_text_of_one_form_are_refused_with_a_conversion_that_works(texts, values):
    frame = pd.DataFrame({"id": ["a", "b", "c"], "day": DAYS[:3], "paid": texts})
    with pytest.raises(cv.DataError, match=r"column 'paid' .*numbers.* in pandas:\n  frame\[") as error:
        cv.CustomerBase(frame, customer="id", time="day", amount="paid")
    assert eval(str(error.value).split("\n")[1], {"frame": frame}).tolist() == values


@pytest.mark.parametrize("values", [
    ["1.50", "n/a", "2"], ["1.50", "", "2"], ["1.50", " NULL ", "2"], [1.5, " ", 2], [1.5, "-", "2"],
    ["$1.50", "-", "2"], ["1,50 €", "无", "2"], ["1.5", "#N/A", 2], ["1.50", None, "2", "."]], ids=repr)
def test_blank_amounts_have_a_call_that_was_checked_on_the_data(values):
    """The message had no call where some text means missing; and .str.replace loses numbers among text."""
    texts = all(value is None or isinstance(value, str) for value in values)
    for kind in (object, "string") if texts else (object,):
        _assert_the_call_reads(pd.Series(values, dtype=object).astype(kind))


def _assert_the_call_reads(values):
    frame = pd.DataFrame({"id": list("abcd")[:len(values)], "day": DAYS[0], "paid": values})
    with pytest.raises(cv.DataError, match=r'1 value such as .* missing; missing="drop" leaves') as error:
        cv.CustomerBase(frame, customer="id", time="day", amount="paid")
    frame["paid"] = eval(str(error.value).split("\n")[1], {"frame": frame, "pandas": pd})
    with pytest.warns(cv.DataWarning, match="left out"):
        base = cv.CustomerBase(frame, customer="id", time="day", amount="paid", missing="drop")
    assert base.summary()["amount"].tolist() == [1.5, 2.0]
    assert base.rows.dropped == {"amount not finite": len(values) - 2}


@pytest.mark.parametrize("texts", [["1.234,5", "1,234.5"], ["12.5%", "7"], ["5.00CR", "7"],
                                   ["2k", "7"], ["2 Mio", "7"], ["Rs. 500", "7"], ["(5.00", "7"],
                                   ["-(5)", "7"], ["3-4", "7"], ["", " "], ["1.2345", "7"],
                                   ["n/a", "oops"], [b"5", "7"], ["$5", 3.25]])
def test_amounts_in_text_of_several_forms_or_units_have_no_conversion(texts):
    frame = pd.DataFrame({"id": ["a", "b"], "day": DAYS[:2], "paid": texts})
    with pytest.raises(cv.DataError) as error:
        cv.CustomerBase(frame, customer="id", time="day", amount="paid")
    assert "pandas" not in str(error.value)
