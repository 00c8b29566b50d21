"""`check()` finds shares and shapes in a log that change its numbers: each with count, money, examples and a call."""
import numpy as np
import pandas as pd
import pytest

import custval as cv

DAY = [str(np.datetime64("2024-01-01") + i) for i in range(60)]


def found(log, **options):
    """Return {finding: (count, money, example, advice)} of a log with the columns id, day, paid."""
    base = cv.CustomerBase(log, **{"customer": "id", "time": "day", "amount": "paid"} | options)
    seen = base.check()
    return {name: tuple(column[k] for column in (seen["count"], seen["money"], seen["example"], seen["advice"]))
            for k, name in enumerate(seen["finding"].tolist())}


def test_one_id_with_most_of_the_orders():
    seen = found({"id": ["nan"] * 40 + [f"c{i}" for i in range(20)], "day": DAY, "paid": 60 * [5.0]})
    for name in ("ids that read as missing or as a guest", "one customer with 67% of the rows"):
        count, money, example, advice = seen[name]
        assert (count, money, example) == (1, 200, "'nan'") and "base.where(" in advice
    by_money = found({"id": ["big"] + [f"c{i}" for i in range(30)], "day": DAY[:31], "paid": [900.0] + 30 * [5.0]})
    assert by_money["one customer with 86% of the money"][:3] == (1, 900, "'big'")


def test_ids_that_are_equal_as_numbers_or_but_for_unseen_characters():
    name = "ids that differ only in type, case, unseen characters or leading zeros"
    seen = found({"id": np.array([7, "7", "7.0", 9], object), "day": DAY[:4], "paid": 4 * [5.0]})
    assert seen[name][:3] == (3, 15, "7, '7'") and "merge={'7': 7, ...}" in seen[name][3]
    seen = found({"id": ["Ann", "ann\u200b", "\uff21nn", "an n", "Bob"], "day": DAY[:5], "paid": 5 * [1.0]})
    assert seen[name][:2] == (4, 4)
    assert name not in found({"id": ["7.5", "75", "7-5", "75a"], "day": DAY[:4], "paid": 4 * [5.0]})


def test_ids_that_each_order_once():
    days = [str(np.datetime64("2024-01-01") + i // 8) for i in range(1000)]
    log = {"id": [f"c{i}" for i in range(1000)], "day": days, "paid": 1000 * [5.0]}
    count, money, _, advice = found(log)["ids that each order once"]
    assert (count, money) == (1000, 5000) and "customer=" in advice
    again = log | {"id": [f"c{i % 950}" for i in range(1000)]}
    assert "ids that each order once" not in found(again)


def test_exact_duplicate_lines_need_every_column_to_be_equal():
    log = {"id": ["a", "a", "b"], "o": ["1", "1", "2"], "p": ["x", "x", "y"], "q": [1, 1, 2], "paid": [5.0, 5, 7],
           "day": ["2024-01-01T10:00", "2024-01-01T10:00", "2024-02-01T00:00"]}
    options = {"order": "o", "product": "p", "quantity": "q"}
    count, money, example, advice = found(log, **options)["exact duplicate lines"]
    assert (count, money, example) == (1, 5, "'a'") and "order=" not in advice
    seen = found(log | {"note": ["x", "y", "z"]}, **options)["exact duplicate lines"][3]
    call = seen.partition("Then read ")[2]
    assert len(eval(call, {"orders": pd.DataFrame(log | {"note": ["x", "y", "z"]})})) == 2
    assert "pass order= and product= to tell them apart" in found(log)["exact duplicate lines"][3]
    for column, value in {"o": ["1", "3", "2"], "p": ["x", "z", "y"], "q": [1, 2, 2], "paid": [5.0, 6, 7],
                          "id": ["a", "c", "b"], "day": ["2024-01-01", "2024-01-02", "2024-02-01"]}.items():
        assert "exact duplicate lines" not in found(log | {column: value}, **options), column
    assert found({name: 3 * column for name, column in log.items()}, **options)["exact duplicate lines"][:2] == (7, 39)


def test_signs_totals_and_free_orders():
    log = {"id": list("abcd"), "day": DAY[:4], "q": [1, -2, 3, 1], "paid": [10.0, 20.0, -30.0, 0.0]}
    seen = found(log, quantity="q")
    assert seen["signs of quantity and amount that differ"][:3] == (2, -10, "'b', 'c'")
    assert seen["free orders"][:3] == (1, 0, "'d'")
    total = found({"id": ["a", "b", "c", "Total"], "day": DAY[:4], "paid": [10.1, 20.2, 30.3, 60.6]})
    count, money, example, advice = total["a row that is the sum of all others"]
    assert (count, money, example) == (1, 60.6, "'Total'") and advice.endswith("orders[orders['paid'] != 60.6]")


def test_rows_left_out_by_status_come_last_and_need_no_correction():
    log = {"id": list("abca"), "day": DAY[:4], "state": ["ok", "void", "ok", "ok"], "paid": [10.0, 900.0, 0.0, 5.0]}
    seen = found(log, status="state", keep={"ok"})
    assert list(seen)[-1] == "rows left out: status void" and "free orders" in seen
    assert seen["rows left out: status void"][3] == "left out as keep= says"


def test_products_that_are_no_goods():
    goods = {"id": ["a", "b"] * 30, "day": DAY, "paid": 60 * [4.0], "p": [f"{k}A" for k in range(58)] + ["POST", "D"]}
    seen = found(goods, product="p")["rows that are fees, postage or corrections"]
    assert seen[:3] == (2, 8, "'POST', 'D'") and "isin(['POST', 'D'" in seen[3]
    words = goods | {"p": ["Lamp", "Chair"] * 29 + ["Shipping fee", "Bank charges"]}
    assert found(words, product="p")["rows that are fees, postage or corrections"][:2] == (2, 8)
    without = goods | {"p": ["Lamp", "Chair"] * 29 + ["X", "X"], "q": 58 * [1] + [0, 0]}
    assert found(without, product="p", quantity="q")["rows that are fees, postage or corrections"][2] == "'X'"
    assert not [name for name in found(goods | {"p": ["Lamp", "Chair"] * 30}, product="p") if "fees" in name]


def test_dates_far_from_the_others_on_both_sides():
    seen = found({"id": list("abcde"), "day": ["1900-01-01", *DAY[:3], "9999-12-31"], "paid": 5 * [2.0]})
    count, money, example, advice = seen["rows beyond a gap of more than a year"]
    assert (count, money, example) == (2, 4, "9999-12-31") and 'end="2024-01-03"' in advice


def test_a_log_of_monthly_contracts():
    months = np.arange("2023-01", "2024-01", dtype="M8[M]").astype("M8[D]")
    log = {"id": np.repeat([f"c{i}" for i in range(10)], 12), "day": np.tile(months, 10) + np.repeat(np.arange(10), 12),
           "paid": 120 * [9.99]}
    count, money, _, advice = found(log)["purchases at regular intervals, of 31 days"]
    assert (count, money) == (10, 1198.8) and "cv.tenures(base)" in advice
    shuffled = log | {"day": np.random.default_rng(1).choice(np.arange("2023-01-01", "2024-01-01", dtype="M8[D]"), 120)}
    assert not [name for name in found(shuffled) if "regular" in name]


def test_rows_left_out_have_their_money_and_findings_are_ordered_by_it():
    log = {"id": np.array(["a", None, "b", "b"], object), "day": DAY[:4], "paid": [1.0, 70.0, 20.0, -9.0]}
    with pytest.warns(cv.DataWarning):
        base = cv.CustomerBase(log, customer="id", time="day", amount="paid", missing="drop")
    seen = base.check()
    assert seen["finding"].tolist() == ["rows left out: customer missing", "refund rows"]
    assert seen["money"].tolist() == [70, -9] and seen["share"].tolist() == [70 / 82, 9 / 82]


@pytest.mark.parametrize("names", [{"amount": "paid"}, {"price": "paid", "quantity": "q"}])
def test_rows_whose_money_is_not_known_have_none_and_all_have_examples(names):
    """The money of rows without a finite amount was 0.0, as if they were free."""
    log = {"id": np.array(["a", "b", None, "b", "c", "d"], object), "day": DAY[:6], "state": [*4 * ["ok"], "no", "ok"],
           "paid": [1.0, np.nan, 70.0, np.inf, 5.0, 2.0], "q": [1, 1, 1, 1, 1, 1]}
    with pytest.warns(cv.DataWarning):
        base = cv.CustomerBase(log, customer="id", time="day", status="state", keep={"ok"}, missing="drop",
                               end=DAY[4], **names)
    seen, reason = base.check(), "amount not finite" if "amount" in names else "price not finite"
    found = {name: (count, money, example) for name, count, money, example in zip(
        seen["finding"], seen["count"], seen["money"], seen["example"], strict=True)}
    assert found.pop(f"rows left out: {reason}")[::2] == (2, "'b'")
    assert np.isnan(seen["money"][list(seen["finding"]).index(f"rows left out: {reason}")])
    assert found == {"rows left out: customer missing": (1, 70, ""), "rows left out: status no": (1, 5, "'c'"),
                     f"rows left out: after {DAY[4]}": (1, 2, "'d'")}
    assert f"2 {reason} (no money known)" in base.card() and base.rows.money.dropped[reason] == 0
    whole = cv.CustomerBase({"id": ["a", "b", "c", "a"], "day": DAY[:4]}, customer="id", time="day")
    parts = [*whole.split(DAY[1]), whole.where(["a"])]
    assert [{name: example for name, example in zip(part.check()["finding"], part.check()["example"], strict=True)
             if name.startswith("rows left out")} for part in parts] == [
        {f"rows left out: after {DAY[1]}": "'a', 'c'"}, {f"rows left out: before {DAY[2]}": "'a', 'b'"},
        {"rows left out: of customers not chosen": "'b', 'c'"}]


def orders_of(total, amount):
    """Return a log of orders of three products, whose lines have amounts by order and line."""
    g = np.random.default_rng(4)
    paid = np.round(g.uniform(5, 90, 20), 2)
    return {"id": [f"c{k // 6}" for k in range(60)], "day": [DAY[k // 3] for k in range(60)],
            "no": [k // 3 for k in range(60)], "item": [f"p{k % 3}" for k in range(60)],
            "q": [1 + k % 3 for k in range(60)],
            "paid": [paid[k // 3] if k // 3 < total else amount[k % 3] for k in range(60)]}


@pytest.mark.parametrize("names", [{"product": "item"}, {"quantity": "q"}, {"product": "item", "quantity": "q"}])
def test_the_total_of_an_order_on_each_of_its_lines(names):
    """Lines of different products were no duplicates, and the money of the log three times what was paid."""
    name, log = "lines of an order with one amount", orders_of(20, None)
    count, money, example, advice = found(log, order="no", **names)[name]
    once = sum(log["paid"][::3])
    assert count == 40 and abs(money - 2 * once) < 1e-9 and example == "'c0', 'c1', 'c2'"
    orders = pd.DataFrame(log)
    exec(advice.partition("first one: ")[2], {"orders": orders})
    assert abs(orders["paid"].sum() - once) < 1e-9 and name not in found(orders, order="no", **names)
    assert name not in found(orders_of(17, [5.0, 6.0, 7.0]), order="no", **names)           # 85 % of the orders
    assert name not in found(log | {"paid": 60 * [5.0]}, order="no", **names)               # one price for everything
    assert name not in found(log, order="no")


def test_a_grand_total_with_an_id_is_one_finding():
    """It was a customer with half of the money too."""
    log = {"id": [f"c{k}" for k in range(30)] + ["Total"], "day": DAY[:31], "paid": [*map(float, range(1, 31)), 465.0]}
    (name, one), = found(log).items()
    assert name == "a row that is the sum of all others" and one[:3] == (1, 465, "'Total'")
    big = log | {"id": ["c0", *log["id"][1:30], "Total"], "paid": [800.0, *log["paid"][1:30], 1264.0]}
    assert "one customer with 63% of the money" in found(big)


def test_rows_in_another_currency():
    log = {"id": list("abc"), "day": DAY[:3], "paid": [1.0, 2.0, 4.0], "money": ["EUR", "USD", "USD"]}
    seen = found(log, currency="money", rates={"EUR": 1, "USD": .5})["rows in another currency"]
    assert seen[0] == 2 and np.isnan(seen[1]) and seen[2] == "USD at 0.5"


def test_the_data_report_names_the_oddities():
    base = cv.CustomerBase({"id": list("abcd"), "day": DAY[:4], "paid": [1.0, 2.0, 3.0, 6.0]}, customer="id",
                           time="day", amount="paid")
    assert "check()      a row that is the sum of all others (1)" in base.card()
    assert "sum of all others" in base._repr_html_()


@pytest.mark.parametrize("name", ["crm", "cdnow"])
def test_ordinary_data_raise_no_false_alarm(name):
    data = getattr(cv.datasets, name)()
    seen = (data.base() if name == "crm" else data).check()["finding"]
    usual = {"exact duplicate lines", "rows merged", "free orders", "refund rows", "customers with a negative margin"}
    assert set(np.asarray(seen).tolist()) <= usual


@pytest.mark.parametrize("frame", [pd.DataFrame, dict, pytest.importorskip("polars").DataFrame])
def test_findings_print_whole_remedies_for_every_kind_of_frame(frame):
    """pandas cut the remedies at its display width; a call to paste must be whole."""
    log = {"id": ["a", "A", "b", "b"], "day": [DAY[0], DAY[1], DAY[2], DAY[2]], "paid": [1.0, 2.0, 0.0, 5.0]}
    base = cv.CustomerBase(frame(log), customer="id", time="day", amount="paid")
    seen = base.check()
    for advice in seen["advice"]:
        assert f"\n    {advice}" in repr(seen) and advice.split("'")[0] in seen._repr_html_()
    assert isinstance(seen.table(), frame) and len(seen) == len(seen["finding"]) == 3
    assert repr(base.where(["b"]).check()).startswith("3 findings in the data, those with most money first\nfinding ")
    assert repr(seen).count("\n") == 2 + 2 * len(seen)


def test_a_base_without_oddities_says_so():
    base = cv.CustomerBase({"id": ["a"], "day": [DAY[0]]}, customer="id", time="day")
    assert repr(base.check()) == "no finding in the data" and len(base.check()) == 0
