"""Event logs and profiles of a base: open opportunities, receivables, contacts and attributes as of a day."""
import numpy as np
import pytest

import custval as cv

ORDERS = {"id": ["a", "a", "b", "c"], "t": ["2024-03-01", "2025-02-10", "2025-01-15", "2025-03-01"],
          "paid": [100.0, 50.0, 70.0, 10.0], "cost": [60.0, 20.0, 80.0, 5.0]}
OPPORTUNITIES = {"customer": ["a", "a", "b", "b"], "created": ["2025-01-05", "2025-02-01", "2025-01-20", "2024-05-05"],
                 "amount": [1000.0, 500.0, 200.0, 300.0], "stage": ["offer", "lead", "offer", "lead"],
                 "probability": [0.5, 0.1, 0.5, 0.1], "closed": [None, "2025-02-20", None, "2024-06-01"]}
RECEIVABLES = {"customer": ["a", "a", "b"], "issued": ["2025-02-10", "2025-01-01", "2025-01-15"],
               "due": ["2025-03-12", "2025-01-31", "2025-02-15"], "amount": [50.0, 30.0, 70.0],
               "paid": [None, "2025-02-20", None]}
CONTACTS = {"customer": ["a", "a", "b", "c"], "time": ["2024-02-01", "2025-02-01", "2025-01-10", "2025-03-09"],
            "cost": [5.0, 7.0, 3.0, 2.0], "channel": ["visit", "phone", "visit", "phone"]}
SUGGESTIONS = {"customer": ["a", "a", "a", "b"], "time": ["2025-01-01", "2025-02-02", "2025-02-03", "2025-03-01"],
               "level": ["high", "high", "general", "high"]}
LOGS = {"opportunities": OPPORTUNITIES, "receivables": RECEIVABLES, "contacts": CONTACTS, "suggestions": SUGGESTIONS}


@pytest.fixture
def orders():
    return cv.CustomerBase(ORDERS, customer="id", time="t", amount="paid", cost="cost", end="2025-03-10")


@pytest.fixture
def base(orders):
    for kind, log in LOGS.items():
        orders = orders.with_log(kind, log)
    return orders


def test_what_is_open_on_the_last_day(base):
    got = base.attributes()
    assert got["customer"].tolist() == ["a", "b", "c"]
    assert got["opportunities"].tolist() == [1, 1, 0]
    assert got["opportunities_gross"].tolist() == [1000, 200, 0]
    assert got["opportunities_expected"].tolist() == [500, 100, 0]
    assert got["owed"].tolist() == [50, 70, 0] and got["overdue"].tolist() == [0, 70, 0]
    assert got["suggestions"].tolist() == [3, 1, 0]
    assert got["suggestions_high"].tolist() == [2, 1, 0] and got["suggestions_general"].tolist() == [1, 0, 0]
    assert got["contacts"].tolist() == [2, 1, 1] and got["acquisition_cost"].tolist() == [5, 3, 0]
    assert got["marketing"].tolist() == [12, 3, 2] and got["margin"].tolist() == [58, -13, 3]


def test_as_of_ignores_later_events(base):
    """An opportunity closed and a bill paid on the 20th are open on the 19th; later rows do not count."""
    then = base.as_of("2025-02-19").attributes()
    assert then["customer"].tolist() == ["a", "b"]
    assert then["opportunities"].tolist() == [2, 1] and then["opportunities_gross"].tolist() == [1500, 200]
    assert then["owed"].tolist() == [80, 70] and then["overdue"].tolist() == [30, 70]
    assert then["suggestions"].tolist() == [3, 0] and then["contacts"].tolist() == [2, 1]
    assert base.as_of("2025-02-20").attributes()["opportunities"].tolist() == [1, 1]


@pytest.mark.parametrize("day, overdue", [("2025-01-30", 0), ("2025-01-31", 0), ("2025-02-01", 30)])
def test_what_is_due_today_is_not_overdue(base, day, overdue):
    assert base.as_of(day).attributes()["overdue"][0] == overdue


def test_contacts_are_relationship_cost_on_their_own_day(base, orders):
    """margin = amount - cost - marketing; contacts count on their day, also before the first order."""
    history = base.history(3, "Q")
    assert list(history) == ["customer", "2024Q3", "2024Q4", "2025Q1"]
    assert history["2025Q1"].tolist() == [50 - 20 - 7, 70 - 80 - 3, 10 - 5 - 2]
    assert base.history(5, "Q", "marketing")["2024Q1"].tolist() == [5, 0, 0]
    both = cv.CustomerBase(ORDERS | {"campaign": [1.0, 2.0, 3.0, 4.0]}, customer="id", time="t", amount="paid",
                           cost="cost", marketing="campaign", end="2025-03-10").with_log("contacts", CONTACTS)
    assert both.summary()["marketing"].tolist() == [3 + 12, 3 + 3, 4 + 2]
    assert "no relationship cost given" in orders.card() and "no relationship cost given" not in both.card()


def test_probabilities_by_stage_and_costs_by_channel(orders):
    lead = {name: column for name, column in OPPORTUNITIES.items() if name != "probability"}
    got = orders.with_log("opportunities", lead, probability={"offer": 0.4, "lead": 0.2}).attributes()
    assert got["opportunities_expected"].tolist() == [400, 80, 0]
    visit = {name: column for name, column in CONTACTS.items() if name != "cost"}
    got = orders.with_log("contacts", visit, cost={"visit": 120, "phone": 10}).attributes()
    assert got["marketing"].tolist() == [130, 120, 10]
    with pytest.raises(cv.ConfigError, match=r"probability= has no entry for 'lead'"):
        orders.with_log("opportunities", lead, probability={"offer": 0.4})
    assert "opportunities_expected" not in orders.with_log("opportunities", lead).attributes()


def test_columns_by_other_names(orders):
    log = {"Kunde": ["a"], "am": ["05.01.2025"], "wert": [10.0]}
    got = orders.with_log("opportunities", log, customer="Kunde", time="am", amount="wert",
                          time_format="%d.%m.%Y").attributes()
    assert got["opportunities_gross"].tolist() == [10, 0, 0]
    with pytest.raises(cv.DataError, match="column 'cost' is not in the frame"):
        orders.with_log("contacts", {"customer": ["a"], "time": ["2025-01-05"]})
    with pytest.raises(cv.ConfigError, match=r"with_log\('contacts'\) has no argument 'price' of that kind: customer"):
        orders.with_log("contacts", CONTACTS, price="cost")
    with pytest.raises(cv.ConfigError, match="log 'visits' is not known: one of opportunities, suggestions"):
        orders.with_log("visits", CONTACTS)


def test_log_rows_of_unknown_customers_are_excluded_and_counted(orders):
    log = {name: [*column, column[0], column[0]] for name, column in CONTACTS.items()} | {
        "customer": [*CONTACTS["customer"], "x", "y"]}
    with pytest.warns(cv.DataWarning) as seen:
        base = orders.with_log("contacts", log)
    assert [str(w.message) for w in seen] == ["contacts: 2 of 6 rows belong to 2 customers without any order and "
                                              "are excluded. Such an id is 'x', the base has 'a'"]
    assert base.summary()["marketing"].tolist() == [12, 3, 2]
    assert "contacts     6 = 4 used + 2 of customers without an order" in base.card()
    assert findings(base)["rows of contacts left out: of customers without an order"] == 2


def findings(base):
    return dict(zip(base.check()["finding"].tolist(), base.check()["count"].tolist(), strict=True))


def test_profile_rows_of_unknown_customers_are_excluded_and_counted(orders):
    with pytest.warns(cv.DataWarning) as seen:
        base = orders.with_profile({"customer": ["z", "a"], "capital": [1, 2]})
    assert [str(w.message) for w in seen] == ["profile: 1 of 2 rows belongs to 1 customer without any order and is "
                                              "excluded. Such an id is 'z', the base has 'a'"]
    assert "profile      capital (1 row of customers without an order)" in base.card()
    assert findings(base)["rows of the profile left out: of customers without an order"] == 1


def later(log, kind):
    """Return a log with one more row, after the end, of a known customer."""
    time = {"opportunities": "created", "receivables": "issued"}.get(kind, "time")
    more = {name: [*column, column[0]] for name, column in log.items()} | {time: [*log[time], "2025-03-11"]}
    return more | {name: [*column, "2025-04-01"] for name, column in log.items() if name in ("closed", "due", "paid")}


@pytest.mark.parametrize("kind", LOGS)
def test_rows_after_the_end_are_counted(orders, kind):
    base = orders.with_log(kind, later(LOGS[kind], kind))
    n = len(LOGS[kind]["customer"])
    assert base.log_rows == {kind: (n + 1, n, 0, {"after 2025-03-10": 1})}
    assert f"{n + 1} = {n} used + 1 after 2025-03-10" in base.card()
    assert findings(base)[f"rows of {kind} left out: after 2025-03-10"] == 1
    got, want = base.attributes(), orders.with_log(kind, LOGS[kind]).attributes()
    for name in want:
        np.testing.assert_array_equal(got[name], want[name], err_msg=name)


def test_every_row_of_a_log_is_accounted_for_on_every_day(orders):
    log = {"customer": ["a", "x", None, "c", "b", "b"], "cost": [1.0, 1, 1, 1, 1, 1],
           "time": ["2025-01-01", "2025-01-01", "2025-01-01", "2025-01-01", "2025-02-01", "2025-03-20"]}
    with pytest.warns(cv.DataWarning):
        base = orders.with_log("contacts", log, missing="drop")
    calibration, holdout = base.split("2025-01-15")
    apart = "of customers without an order"
    assert base.log_rows["contacts"].dropped == {"customer missing": 1, apart: 1, "after 2025-03-10": 1}
    assert calibration.log_rows["contacts"] == (6, 1, 0, {"customer missing": 1, apart: 2, "after 2025-01-15": 2})
    assert holdout.log_rows["contacts"] == (6, 1, 0, {"customer missing": 1, apart: 1, "before 2025-01-16": 2,
                                                      "after 2025-03-10": 1})
    for known in (base, calibration, holdout):
        read, used, merged, dropped = known.log_rows["contacts"]
        assert read == used + merged + sum(dropped.values())


def test_a_second_log_of_a_kind_is_refused(base):
    with pytest.raises(cv.ConfigError, match="has a log of contacts already; join the tables"):
        base.with_log("contacts", CONTACTS)
    with pytest.raises(cv.ConfigError, match="has a profile already"):
        base.with_profile({"customer": ["a"], "k": [1]}).with_profile({"customer": ["a"], "m": [1]})


@pytest.mark.parametrize("kind, column, said", [
    ("opportunities", "closed", "'closed': 1 of 4 values are earlier than 'created'"),
    ("receivables", "paid", "'paid': 1 of 3 values are earlier than 'issued'"),
    ("receivables", "due", "'due': 1 of 3 values are earlier than 'issued'")])
def test_an_end_before_its_begin_is_refused(orders, kind, column, said):
    log = {**LOGS[kind], column: ["2025-06-01", "2024-12-31", *LOGS[kind][column][2:]]}
    with pytest.raises(cv.DataError, match=said + "\n  row 1   '2024-12-31'   customer a\n"):
        orders.with_log(kind, log)
    with pytest.warns(cv.DataWarning, match=f"1 {column} before "):
        assert orders.with_log(kind, log, missing="drop").log_rows[kind].used == len(log["customer"]) - 1


def test_a_probability_above_1_names_its_stage(orders):
    with pytest.raises(cv.ConfigError, match="probability= has 50 for 'offer'; a probability lies between 0 and 1"):
        orders.with_log("opportunities", {k: v for k, v in OPPORTUNITIES.items() if k != "probability"},
                        probability={"offer": 50, "lead": 10})


def test_a_first_contact_is_a_date_or_empty(orders):
    with pytest.raises(cv.DataError) as error:
        orders.with_profile({"customer": ["b", "a"], "first_contact": ["", "31/12/2019"]})
    assert str(error.value) == ("column 'first_contact': 1 of 2 values are not dates\n"
                                "  row 1   '31/12/2019'   customer a\n"
                                '  Correct these rows, or empty them, or pass time_format="%d/%m/%Y" if that is meant.')
    got = orders.with_profile({"customer": ["b", "a"], "first_contact": ["", "31/12/2019"]},
                              time_format="%d/%m/%Y").attributes()
    assert got["first_contact"].astype(str).tolist() == ["2019-12-31", "NaT", "NaT"]
    assert got["years_source"].tolist() == ["profile", "orders", "orders"]


def test_implausible_first_contacts_are_reported(orders):
    base = orders.with_profile({"customer": ["a", "b", "c"], "first_contact": ["2024-03-02", "2026-01-01", None]})
    assert findings(base) == {"customers with a negative margin": 1, "first contact after the first order": 2,
                              "first contact after the end": 1}


def test_a_column_in_place_of_its_name_is_refused(orders):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(CONTACTS)
    with pytest.raises(cv.ConfigError, match=r"customer= takes the name of a column, not the column \(a Series\): pass "
                                             "customer='customer'"):
        orders.with_log("contacts", frame, customer=frame.customer)
    with pytest.raises(cv.ConfigError, match=r"cost= takes the name of a column.*: pass cost='\.\.\.'"):
        orders.with_log("contacts", CONTACTS, cost=np.array([1.0, 2, 3, 4]))
    with pytest.raises(cv.ConfigError, match="time= takes the name of a column"):
        cv.CustomerBase(frame, customer="customer", time=frame.time)


def test_ids_of_logs_match_exactly():
    base = cv.CustomerBase({"id": [7, 8], "t": ["2025-01-01"] * 2}, customer="id", time="t")
    log = {"customer": np.array([7.0, 8.0, 7.0]), "time": ["2025-01-01"] * 3, "level": ["high"] * 3}
    assert base.with_log("suggestions", log).attributes()["suggestions"].tolist() == [2, 1]
    with pytest.warns(cv.DataWarning, match="Such an id is '7', the base has 7"):
        none = base.with_log("suggestions", log | {"customer": ["7", "8", "07"]})
    assert none.attributes()["suggestions"].tolist() == [0, 0]


def test_years_of_contact_and_their_source(orders, base):
    """The earliest of the profile, the contact log and the first order; years of 365.25 days."""
    days = (np.datetime64("2025-03-10") - np.array(["2024-03-01", "2025-01-15", "2025-03-01"], "M8[D]")).astype(int)
    np.testing.assert_allclose(orders.attributes()["years"], days / 365.25, rtol=1e-15)
    assert "years_source" not in orders.attributes()
    known = base.with_profile({"customer": ["b", "c"], "first_contact": np.array(["2020-03-10", "2030-01-01"],
                                                                                        "M8[D]")})
    got = known.attributes()
    assert got["years_source"].tolist() == ["contacts", "profile", "orders"]
    np.testing.assert_allclose(got["years"], [403 / 365.25, 1826 / 365.25, 9 / 365.25], rtol=1e-15)
    late = orders.with_profile({"customer": ["a", "b", "c"], "first_contact": np.array(["2025-03-09"] * 3, "M8[D]")})
    assert late.attributes()["years_source"].tolist() == ["orders"] * 3
    assert base.where(["b"]).attributes().keys() == base.attributes().keys()      # a part has the columns of the whole
    np.testing.assert_array_equal(late.attributes()["years"], orders.attributes()["years"])


def test_a_profile_keeps_types_and_missing_values(orders):
    profile = {"customer": ["c", "a"], "staff": [5, 7], "name": ["甲", "乙"], "vip": [True, False],
               "since": np.array(["2020-01-01", "2021-01-01"], "M8[D]"), "share": [0.5, 0.25]}
    got = orders.with_profile(profile).attributes()
    np.testing.assert_array_equal(got["staff"], [7, np.nan, 5])
    assert got["name"].tolist() == ["乙", None, "甲"] and got["vip"].tolist() == [False, None, True]
    assert np.isnat(got["since"]).tolist() == [False, True, False]
    whole = orders.with_profile({"customer": ["c", "a", "b"], "staff": [5, 7, 9]}).attributes()["staff"]
    assert whole.dtype.kind == "i" and whole.tolist() == [7, 9, 5]


def test_join_adds_columns_by_customer(orders):
    got = orders.attributes(join={"customer": ["c", "b", "a"], "sum_3Q": [1.0, 2.0, 3.0]})
    assert got["sum_3Q"].tolist() == [3.0, 2.0, 1.0]


def test_a_holdout_has_its_own_costs(base):
    _, holdout = base.split("2025-02-01")
    assert holdout.summary()["marketing"].tolist() == [0, 0, 2]
