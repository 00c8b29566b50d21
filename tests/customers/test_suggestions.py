"""A call without names suggests columns that were checked on the data, or lists candidates with the reason."""
import re
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custval as cv
from custval.customers.column_names import amount_rank, customer_rank, is_price, is_quantity, time_rank

KINDS = {"arrays": lambda log: {name: log[name].tolist() for name in log}, "pandas": lambda log: log,
         "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas, "duckdb": duckdb.from_df}
RNG = np.random.default_rng(9)
N = 240


def message(orders):
    with pytest.raises(cv.ConfigError) as error:
        cv.CustomerBase(orders)
    return str(error.value)


def suggested(orders):
    """Return the suggested arguments and the base that the suggested call makes, or None for no suggestion."""
    found = re.search("Perhaps: (cv.CustomerBase.*)", message(orders))
    if found is None:
        return None
    arguments = type("", (), {"CustomerBase": staticmethod(lambda frame, **names: names)})
    names = eval(found[1], {"cv": arguments, "orders": orders})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cv.DataWarning)
        return names, eval(found[1], {"cv": cv, "orders": orders})


def days(form="%Y-%m-%d", start="2024-01-01", of=N):
    return pd.Series(pd.date_range(start, periods=of, freq="37h")).dt.strftime(form)


def ids(count, prefix="c", of=N):
    return [f"{prefix}{k}" for k in RNG.integers(0, count, of)]


def money(of=N):
    return np.round(RNG.gamma(2, 40, of), 2)


def by_line(orders, lines=2):
    return orders.loc[np.repeat(orders.index, lines)].reset_index(drop=True)


# ---- public layouts ----

def shopify():
    orders = by_line(pd.DataFrame({
        "Name": [f"#{1001 + k}" for k in range(N)], "Email": ids(60), "Financial Status": "paid",
        "Paid at": days("%Y-%m-%d %H:%M:%S +0100"), "Fulfilled at": None, "Currency": "EUR", "Subtotal": money(),
        "Shipping": 5.0, "Taxes": 1.5, "Total": money(), "Discount Amount": 0.0,
        "Created at": days("%Y-%m-%d %H:%M:%S +0100"), "Lineitem quantity": 1, "Lineitem name": "mug",
        "Lineitem price": money(), "Billing Name": ids(50), "Refunded Amount": 0.0, "Outstanding Balance": 0.0,
        "Id": np.arange(5e6, 5e6 + N)}))
    first = ["Financial Status", "Paid at", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Id"]
    orders.loc[orders.index % 2 == 1, first] = None
    return orders


def olist():
    day = pd.to_datetime(days("%Y-%m-%d %H:%M:%S"))
    return pd.DataFrame({
        "order_id": ids(10**9, "o"), "customer_id": [f"{k:08x}" for k in range(N)], "customer_unique_id": ids(150),
        "order_status": "delivered", "order_purchase_timestamp": day.astype(str),
        "order_approved_at": (day + pd.Timedelta("1h")).astype(str),
        "order_delivered_customer_date": (day + pd.Timedelta("9D")).astype(str),
        "order_estimated_delivery_date": (day + pd.Timedelta("20D")).astype(str), "customer_zip_code_prefix": 1000,
        "payment_installments": RNG.integers(1, 9, N), "payment_value": money()})


def uci(price="UnitPrice", customer="CustomerID", order="InvoiceNo"):
    quantity, product = RNG.integers(1, 25, N), RNG.integers(0, 12, N)
    log = pd.DataFrame({order: [f"5{k // 2}" for k in range(N)], "StockCode": product, "Quantity": quantity,
                        "InvoiceDate": by_line(days("%m/%d/%Y %H:%M", of=N // 2).to_frame("d"))["d"],
                        price: np.round(1.25 + product * .3 - .001 * quantity, 2),
                        customer: np.repeat(RNG.integers(1, 40, N // 2), 2).astype(float), "Country": "UK"})
    log.loc[:9, customer] = np.nan
    return log


def superstore():
    quantity = RNG.integers(1, 9, N)
    return pd.DataFrame({"Row ID": range(N), "Order ID": [f"CA-{k}" for k in range(N)], "Order Date": days(),
                         "Ship Date": days(start="2024-01-05"), "Customer ID": ids(50), "Customer Name": ids(49),
                         "Segment": "Consumer", "Product ID": "p", "Sales": quantity * money(), "Quantity": quantity,
                         "Discount": .1, "Profit": money()})


def stripe():
    return pd.DataFrame({"id": [f"ch_{k}" for k in range(N)], "Created date (UTC)": days("%Y-%m-%d %H:%M:%S"),
                         "Amount": money(), "Amount Refunded": 0.0, "Currency": ["usd", "eur"] * (N // 2),
                         "Converted Amount": money(), "Fee": .3, "Status": ["Paid"] * (N - 9) + ["Failed"] * 9,
                         "Customer ID": ids(40), "Customer Email": ids(39), "Refunded date (UTC)": None})


def seller():
    quantity, product = RNG.integers(1, 6, N), RNG.integers(0, 5, N)
    return pd.DataFrame({"amazon-order-id": range(N), "purchase-date": days("%Y-%m-%dT%H:%M:%S+00:00"),
                         "last-updated-date": days("%Y-%m-%dT%H:%M:%S+00:00", "2024-02-01"), "sku": product,
                         "quantity": quantity, "item-price": quantity * (3.0 + product), "item-tax": .5,
                         "shipping-price": 4.0, "buyer-email": ids(30)})


def erp():
    quantity = RNG.integers(1, 9, N)
    return pd.DataFrame({"单据编号": [f"XS{k}" for k in range(N)], "单据日期": days("%Y/%m/%d"), "客户编号": ids(30),
                         "客户名称": ids(29), "数量": quantity, "单价": 5.5, "金额": quantity * 5.5,
                         "税额": 1.0, "成本": 2.0, "交货日期": days("%Y/%m/%d", "2024-02-01")})


LAYOUTS = {
    "Shopify": (shopify, {"customer": "Email", "time": "Created at", "amount": "Total", "order": "Name",
                          "missing": "drop"}),
    "Olist": (olist, {"customer": "customer_unique_id", "time": "order_purchase_timestamp", "amount": "payment_value",
                      "order": "order_id"}),
    "UCI Online Retail": (uci, {"customer": "CustomerID", "time": "InvoiceDate", "quantity": "Quantity",
                                "price": "UnitPrice", "order": "InvoiceNo", "time_format": "%m/%d/%Y %H:%M",
                                "missing": "drop"}),
    "UCI Online Retail II": (lambda: uci("Price", "Customer ID", "Invoice"), {
        "customer": "Customer ID", "time": "InvoiceDate", "quantity": "Quantity", "price": "Price", "order": "Invoice",
        "time_format": "%m/%d/%Y %H:%M", "missing": "drop"}),
    "Superstore": (superstore, {"customer": "Customer ID", "time": "Order Date", "amount": "Sales",
                                "order": "Order ID"}),
    "Stripe": (stripe, {"customer": "Customer ID", "time": "Created date (UTC)", "amount": "Amount"}),
    "Amazon seller": (seller, {"customer": "buyer-email", "time": "purchase-date", "amount": "item-price"}),
    "Chinese ERP": (erp, {"customer": "客户编号", "time": "单据日期", "amount": "金额", "order": "单据编号",
                          "time_format": "%Y/%m/%d"}),
    "Chinese": (lambda: pd.DataFrame({"客户": ids(30), "日期": days("%Y年%m月%d日"), "金额": money()}),
                {"customer": "客户", "time": "日期", "amount": "金额", "time_format": "%Y年%m月%d日"}),
    "German": (lambda: pd.DataFrame({"Kundennr": ids(30), "Bestelldatum": days("%d.%m.%Y"), "Nettobetrag": money(),
                                     "Lieferdatum": days("%d.%m.%Y", "2024-02-01")}),
               {"customer": "Kundennr", "time": "Bestelldatum", "amount": "Nettobetrag", "time_format": "%d.%m.%Y"}),
    "French": (lambda: pd.DataFrame({"N° client": ids(30), "Date commande": days("%d/%m/%Y"), "Montant TTC": money()}),
               {"customer": "N° client", "time": "Date commande", "amount": "Montant TTC", "time_format": "%d/%m/%Y"}),
    "Spanish": (lambda: pd.DataFrame({"id_cliente": ids(30), "fecha_pedido": days("%d/%m/%Y"), "importe": money(),
                                      "fecha_envio": days("%d/%m/%Y", "2024-02-01")}),
                {"customer": "id_cliente", "time": "fecha_pedido", "amount": "importe", "time_format": "%d/%m/%Y"}),
    "item rows": (lambda: pd.DataFrame({"t_dat": days(), "customer_id": ids(30), "article_id": 1, "price": money()}),
                  {"customer": "customer_id", "time": "t_dat", "amount": "price"}),
    "integer dates": (lambda: pd.DataFrame({"user": ids(30), "date": days("%Y%m%d").astype(int), "revenue": money()}),
                      {"customer": "user", "time": "date", "amount": "revenue", "time_format": "%Y%m%d"}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_public_layout_has_the_right_suggestion_which_runs(layout):
    make, names = LAYOUTS[layout]
    orders = make()
    found, base = suggested(orders)
    assert found == names
    total = orders[found["quantity"]] * orders[found["price"]] if "price" in found else orders[found["amount"]]
    known = total[orders[found["customer"]].notna()]
    assert base.rows.money.used == pytest.approx(known.sum(), abs=.01)
    assert len(base.customers) == orders[found["customer"]].nunique()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", ["Chinese ERP", "Superstore", "UCI Online Retail"])
def test_every_kind_of_frame_has_the_same_suggestion(kind, layout):
    make, names = LAYOUTS[layout]
    assert suggested(KINDS[kind](make()))[0] == names


def test_times_with_several_offsets_need_a_zone():
    orders = shopify()
    orders.loc[99:, "Created at"] = orders.loc[99:, "Created at"].str.replace("+01", "+02")
    found, base = suggested(orders)
    assert found["tz"] == "UTC" and found["time"] == "Created at" and base.rows.used
    assert "'Created at' has several offsets from UTC: tz= is the zone in which days are cut" in message(orders)


def test_notes_on_missing_rows_status_and_currency():
    assert message(uci()).endswith(
        "\n  missing=\"drop\" leaves out 10 of 240 rows, and counts them: 10 rows without 'CustomerID'")
    text = message(stripe())
    assert "'Status' has 'Paid' 231 rows, 'Failed' 9 rows: pass status='Status', keep={...} to say which count" in text
    assert "'Currency' has 'usd' 120 rows, 'eur' 120 rows: pass currency='Currency', rates={...}" in text


def test_a_log_of_events_has_a_note_on_their_kinds():
    log = pd.DataFrame({"user_id": ids(30), "event_time": days("%Y-%m-%d %H:%M:%S UTC"), "price": money(),
                        "event_type": ["view", "purchase"] * (N // 2), "payment_type": ["a", "b"] * (N // 2)})
    assert suggested(log)[0] == {"customer": "user_id", "time": "event_time", "amount": "price"}
    assert message(log).endswith("\n  'event_type' has 'view' 120 rows, 'purchase' 120 rows: pass status='event_type', "
                                 "keep={...} to say which count")


# ---- what is not certain is listed ----

def refused(text, **columns):
    log = pd.DataFrame({"customer": ids(30), "date": days(), "amount": money()} | columns)
    log = log.drop(columns=[name for name, values in columns.items() if values is None])
    assert suggested(log) is None
    assert text in message(log)


def test_an_id_that_is_new_for_each_order_is_no_customer():
    refused("customer: 'customer_id' (a new one in each of 240 rows)", customer=None, customer_id=range(N))
    log = by_line(pd.DataFrame({"order_id": range(N), "customer_id": range(N), "date": days(), "amount": money()}))
    log["amount"] += np.arange(2 * N)
    assert "customer: 'customer_id' (a new one for each order_id)" in message(log)


def test_one_value_in_all_rows_is_no_customer():
    refused("customer: 'customer' (one value only)", customer="c")


def test_an_id_of_most_rows_is_no_customer():
    refused("'customer' (one value has 84 % of the rows; are these guests?)", customer=[0] * 200 + list(range(20)) * 2)


def test_two_columns_of_customers_that_differ_are_both_listed():
    refused("customer: 'customer'; 'client', which divides the rows in another way", client=ids(30))


def test_dates_that_two_formats_read_are_listed():
    refused("time: 'date' with time_format='%d/%m/%Y' or '%m/%d/%Y'", date=["01/02/2024"] * N)


def test_two_dates_of_which_neither_is_first_are_listed():
    refused("time: 'Order Date' (not always the earliest); 'Invoice Date' (not always the earliest)",
            **{"date": None, "Order Date": days(), "Invoice Date": days()[::-1].to_numpy()})


def test_later_dates_alone_are_listed():
    refused("time: 'Paid at' (not the day of the order); 'Ship Date' (not the day of the order)",
            **{"date": None, "Paid at": days(), "Ship Date": days(start="2024-02-01")})


def test_a_name_of_a_date_without_dates_is_listed():
    refused("time: 'order_date' (not a date, such as 'soon')", date=None, order_date=["soon"] * N)


def test_a_total_that_repeats_on_every_line_of_an_order_is_listed():
    log = by_line(pd.DataFrame({"order_id": range(N), "customer": ids(30), "date": days(), "order total": money()}))
    assert suggested(log) is None
    assert "amount: 'order total' (repeats on every line of an order_id)" in message(log)


def test_amounts_in_text_are_listed():
    refused("amount: 'amount' (text, such as '$4.40'; convert it to numbers)", amount=["$4.40"] * N)


def test_amounts_that_may_be_quantities_or_prices_of_a_unit_are_listed():
    refused("amount: 'amount' (whole numbers beside 'price': a quantity?)", amount=RNG.integers(1, 9, N), price=money())
    product = RNG.integers(0, 5, N)
    refused("amount: 'amount' (does not grow with 'qty': of a unit?)", amount=3.5 + product, product_id=product,
            qty=RNG.integers(1, 9, N))
    refused("amount: 'price' (of a unit or of the qty?)", amount=None, price=money(), qty=RNG.integers(1, 9, N))
    refused("amount: 'unit price' (a unit price without a quantity)", amount=None, **{"unit price": money()})


def test_amounts_with_words_that_are_not_known_are_listed():
    refused("amount: 'basket worth amount'", amount=None, **{"basket worth amount": money()})


def test_two_amounts_are_listed_unless_they_are_equal():
    refused("amount: 'amount'; 'revenue'", revenue=money())
    values = money()
    log = pd.DataFrame({"customer": ids(30), "date": days(), "amount": values, "revenue": values})
    assert suggested(log)[0]["amount"] == "amount"


def test_counters_of_orders_and_days_of_the_week_are_neither_orders_nor_dates():
    log = pd.DataFrame({"order_id": range(N), "user_id": np.arange(N) // 10, "eval_set": "prior", "order_dow": 3,
                        "order_number": np.arange(N) % 10, "order_hour_of_day": 8, "days_since_prior_order": 7.0})
    assert message(log).endswith("customer='user_id'\n    time: no column looks like it\n"
                                 "    amount: no column looks like it")


@pytest.mark.parametrize("columns", [
    ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"],
    ["Email", "Name", "Paid at", "Created at", "Total", "Refunded Amount", "Lineitem price"],
    ["Customer ID", "Order Date", "Ship Date", "Sales", "Quantity", "Discount", "Profit"],
    ["order_id", "customer_id", "customer_unique_id", "order_purchase_timestamp", "payment_value"], ["a", "b"], []])
def test_names_alone_are_never_enough(columns):
    assert suggested(pd.DataFrame({name: ["1"] for name in columns})) is None
    assert suggested(pd.DataFrame({name: [] for name in columns})) is None


# ---- names ----

@pytest.mark.parametrize("name, customer, time, amount", [
    ("CustomerID", 1, 3, None), ("customerid", 1, 3, None), ("Kundennummer", 1, 3, None), ("客户编号", 1, 3, None),
    ("customer_unique_id", 0, 3, None), ("Customer Type", None, 3, None), ("customer_city", None, 3, None),
    ("Email (Billing)", 3, 3, None), ("客户名称", 4, 3, None), ("id", 5, 3, None), ("Paid at", None, 4, None),
    ("Pa-id at", None, 3, None), ("valid", None, 3, None), ("candidate", None, 3, None), ("update", None, 4, None),
    ("Lieferdatum", None, 4, None), ("Rechnungsdatum", None, 0, None), ("Geburtsdatum", None, None, None),
    ("birthday", None, None, None), ("InvoiceDate", None, 0, None), ("t_dat", None, 1, None),
    ("下单时间", None, 0, None),
    ("总金额", None, 3, 0), ("成本金额", None, 3, None), ("税额", None, 3, None), ("Subtotal", None, 3, 1),
    ("Refunded Amount", None, 4, None), ("Tax 1 Value", None, 3, None), ("total_orders", None, 3, None),
    ("last_login", None, None, None), ("gift_amount", None, 3, 0), ("Shipment note date", None, 5, None),
    ("Total price", None, 3, 0), ("UnitPrice", None, 3, None), ("Gesamtpreis", None, 3, 0)])
def test_whole_words_of_names_have_meanings(name, customer, time, amount):
    assert (customer_rank(name), time_rank(name), amount_rank(name)) == (customer, time, amount)


def test_prices_and_quantities_by_name():
    assert [n for n in ("Lineitem price", "Einzelpreis", "Prix unitaire", "shipping-price", "单价", "List Price") if
            is_price(n)] == ["Lineitem price", "Einzelpreis", "Prix unitaire", "单价"]
    assert [n for n in ("Qty", "Lineitem quantity", "数量", "Quantité", "Quantity (- Refund)", "unit") if
            is_quantity(n)] == ["Qty", "Lineitem quantity", "数量", "Quantité"]


# ---- did you mean ----

LOG = pd.DataFrame({"id": ["a", "b"], "day": ["2025-01-01", "2025-01-02"], "paid": [1.0, 2.0]})


@pytest.mark.parametrize("orders, meant", [
    (LOG.rename(columns={"id": "ID"}), "did you mean 'ID'?"),
    (LOG.rename(columns={"id": "\ufeffid"}), "did you mean '\\ufeffid'?"),
    (LOG.rename(columns={"id": "i_d "}), "did you mean 'i_d '?"),
    (LOG.set_index("id"), "it is the index\n  Pass frame.reset_index()"),
    (LOG.set_index(["day", "id"]), "it is the index\n  Pass frame.reset_index()"),
    (LOG.drop(columns="id"), "(customer='id')\n  columns: day, paid")])
def test_a_missing_column_names_the_one_that_was_meant(orders, meant):
    with pytest.raises(cv.DataError) as error:
        cv.CustomerBase(orders, customer="id", time="day", amount="paid")
    assert meant in str(error.value) and "'paid'?" not in str(error.value)


def test_an_index_is_named_without_names_too():
    assert "'id' is the index; pass frame.reset_index() to use it" in message(LOG.set_index("id"))


def test_a_slip_of_a_letter_is_found():
    with pytest.raises(cv.DataError, match=r"did you mean 'paid'\?"):
        cv.CustomerBase(LOG, customer="id", time="day", amount="payd")
