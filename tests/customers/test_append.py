"""A base with orders appended is, to the last bit, the base that is read from all rows at once."""
import numpy as np
import pytest

import custval as cv

NAMES = {"customer": "who", "time": "day", "amount": "paid"}
FULL = NAMES | {"cost": "cost", "product": "item", "quantity": "pieces", "order": "no"}


def log_of(n=1_500, seed=2):
    g = np.random.default_rng(seed)
    day = np.datetime64("2023-01-01") + np.sort(g.integers(0, 500, n))
    return {"who": np.array([f"c{k}" for k in g.integers(0, 150, n) + np.arange(n) // 15]), "day": day,
            "paid": g.integers(-300, 3_000, n) / 100, "cost": g.integers(0, 900, n) / 100,
            "item": np.array([f"p{k}" for k in g.integers(0, 9, n)]), "pieces": g.integers(1, 4, n),
            "no": np.array([f"o{k}" for k in np.arange(n) // 3])}


def part(log, rows):
    return {name: column[rows] for name, column in log.items()}


def answers(base):
    """Return everything that a base tells, as bytes and text."""
    tables = [base.summary(), base.attributes(), base.history(unit="Q"), base.check().table(), {"id": base.customers}]
    tables += [base.history(6, "M", name) for name in ("orders", "purchases", "quantity") if base.snapshot.knows(name)]
    found = [(name, str(column.dtype), repr(column.tolist())) for table in tables for name, column in table.items()]
    return found, base.rows, base.rows.money, base.card(), repr(base), base.snapshot.margins()["SS"].tobytes()


@pytest.mark.parametrize("options", [{}, {"grain": "W"}, {"grain": "h"}, {"refunds": "drop"}, {"end": "2024-01-31"},
                                     {"unit": "W", "grain": "Q-MAR"}], ids=str)
@pytest.mark.parametrize("names", [NAMES, FULL], ids=["short", "full"])
def test_parts_appended_are_the_whole(names, options):
    log = log_of()
    whole = cv.CustomerBase(log, **names, **options)
    for cuts in ([700], [1, 400, 401, 1_300]):
        first, *rest = np.split(np.arange(1_500), cuts)
        base = cv.CustomerBase(part(log, first), **names, **options) if not options.get("end") else None
        base = base or cv.CustomerBase(part(log, first), **names, **options)
        for rows in rest:
            base = base.append(part(log, rows))
        assert answers(base) == answers(whole)
    if len(names) == len(FULL):
        assert len({str(cv.decompose(each, unit="Q").table()) for each in (base, whole)}) == 1


def test_rows_in_any_order_of_time_may_be_appended():
    log = log_of()
    shuffled = part(log, np.random.default_rng(1).permutation(1_500))
    whole, base = cv.CustomerBase(shuffled, **FULL), cv.CustomerBase(part(shuffled, slice(0, 500)), **FULL)
    assert answers(base.append(part(shuffled, slice(500, None)))) == answers(whole)


def test_dropped_rows_and_money_add_up():
    log = {"who": np.array(["a", None, "b", "c", None], object),
           "day": ["2024-01-01", "2024-01-02", "x", "2024-02-01", "2024-02-02"],
           "paid": [1.1, 2.2, 3.3, np.nan, 5.5]}
    with pytest.warns(cv.DataWarning):
        whole = cv.CustomerBase(log, **NAMES, missing="drop")
        base = cv.CustomerBase({name: column[:2] for name, column in log.items()}, **NAMES, missing="drop")
        base = base.append({name: column[2:] for name, column in log.items()})
    assert base.rows == whole.rows == (5, 1, 0, {"customer missing": 2, "time not a date": 1, "amount not finite": 1})
    assert base.rows.money == whole.rows.money and base.rows.money.read == 12.1


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_frames_and_types_of_ids_stay(library):
    module = pytest.importorskip(library)
    make = module.table if library == "pyarrow" else module.DataFrame
    log = log_of(90) | {"who": np.arange(90) % 40}
    whole = cv.CustomerBase(make(log), **FULL)
    base = cv.CustomerBase(make(part(log, slice(0, 30))), **FULL).append(make(part(log, slice(30, 90))))
    want, got = whole.attributes(), base.attributes()
    assert type(got) is type(want) and got.equals(want)
    mixed = cv.CustomerBase(make(part(log, slice(0, 30))), **FULL).append(part(log, slice(30, 90)))
    assert mixed.attributes().equals(want)
    with pytest.raises(cv.DataError, match="further values of the column customer are not of its type, Int64"):
        base.append(part(log, slice(0, 9)) | {"who": np.array([f"x{k}" for k in range(9)])})


def test_currencies_accounts_and_missing_products_are_told_for_all_rows():
    log = {"who": np.array(["a", "b", "a", "c"]), "day": ["2024-01-01", "2024-01-02", "2024-02-01", "2024-02-02"],
           "paid": [1.0, 2.0, 3.0, 5.0], "money": ["EUR", "USD", "USD", "EUR"],
           "item": np.array(["x", None, None, "y"], object)}
    options = NAMES | {"currency": "money", "rates": {"EUR": 1, "USD": .5}, "product": "item", "merge": {"b": "a"}}
    whole, base = (cv.CustomerBase({n: column[:stop] for n, column in log.items()}, **options) for stop in (4, 2))
    base = base.append({name: column[2:] for name, column in log.items()})
    assert base.card() == whole.card() and "USD at 0.5: 2 rows, 5.00" in base.card()
    euros = NAMES | {"currency": "money"}
    one = cv.CustomerBase({n: column[:1] for n, column in log.items()}, **euros)
    with pytest.raises(cv.DataError, match="has 'USD', the base is in 'EUR'; pass rates="):
        one.append({n: column[1:2] for n, column in log.items()})


def test_logs_and_profile_stay_where_nothing_was_excluded():
    log = log_of()
    visits = {"customer": log["who"][:2], "time": ["2023-05-01", "2023-06-01"], "cost": [1.0, 2.0]}
    about = {"customer": log["who"][2:3], "size": [7], "first_contact": ["2022-01-01"]}

    def known(base):
        return base.with_log("contacts", visits).with_profile(about)

    base = known(cv.CustomerBase(part(log, slice(0, 700)), **FULL)).append(part(log, slice(700, None)))
    assert answers(base) == answers(known(cv.CustomerBase(log, **FULL)))


def test_what_cannot_be_appended_is_said():
    log = log_of()
    base, more = cv.CustomerBase(part(log, slice(0, 700)), **NAMES), part(log, slice(700, None))
    visits = {"customer": ["nobody"], "time": ["2023-05-01"], "cost": [1.0]}
    with pytest.warns(cv.DataWarning):
        loose = base.with_log("contacts", visits)
    pool = {"time": ["2023-03-01"], "cost": [3.0]}
    for wrong, words in ((base.split("2023-03-01")[1], "holdout"), (base.where(log["who"][:1]), "a part"),
                         (loose, "1 rows of contacts"), (base.with_pool(pool, allocate="equal"), "with_pool")):
        with pytest.raises(cv.ConfigError, match=words):
            wrong.append(more)
    filled = cv.CustomerBase(log | {"cost": np.append(np.nan, log["cost"][1:])}, **FULL, cost_missing="base")
    with pytest.raises(cv.ConfigError, match="all rows are needed"):
        filled.append(part(log, slice(0, 3)))
    whole = cv.CustomerBase(log, **FULL, cost_missing="product")            # a product that the further rows know not
    later = part(log, slice(0, 1)) | {"cost": np.array([np.nan])}
    with pytest.raises(cv.ConfigError, match="append: column 'cost': missing costs are filled at the rates of"):
        whole.append(later)


@pytest.mark.parametrize("library", ["dict", "pandas", "polars"])
def test_rows_that_the_base_has_already_are_a_warning(library):
    """They were counted twice in silence; an order of several parts, or a later refund of it, is none."""
    frame = dict if library == "dict" else pytest.importorskip(library).DataFrame
    may = {"who": ["a", "a", "b"], "day": ["2025-05-02", "2025-05-02", "2025-05-09"], "paid": [10.0, 5.0, 20.0],
           "no": ["1", "1", "2"]}
    june = {"who": ["b", "c", "a"], "day": ["2025-05-09", "2025-05-01", "2025-06-03"], "paid": [20.0, 4.0, -5.0],
            "no": ["2", "3", "1"]}
    base = cv.CustomerBase(frame(may), **NAMES, order="no")
    words = r"append: 1 row of 1 order equal rows that the base has already, .* of customer 'b'\n  Leave out"
    with pytest.warns(cv.DataWarning, match=words):
        more = base.append(frame(june))
    assert "exact duplicate lines" in list(more.check()["finding"])
    with pytest.warns(cv.DataWarning, match="append: 3 rows of 2 orders equal .* of customer 'a', 'b'\n"):
        base.append(frame(may))
    for later in ({"paid": [21.0, 4.0, -5.0]}, {"day": ["2025-05-10", "2025-05-01", "2025-06-03"]},
                  {"no": ["4", "3", "1"]}, {"who": ["a", "c", "a"]}):
        base.append(frame(june | later))


def test_rows_without_order_ids_that_equal_others_are_a_warning_if_most_do():
    """One of many may be another purchase of the same amount on the same day; a file read twice is all of them."""
    log = {"who": list("aabc"), "day": ["2025-05-02"] * 2 + ["2025-05-09"] * 2, "paid": [10.0, 10.0, 20.0, 4.0]}
    base = cv.CustomerBase(log, **NAMES)
    with pytest.warns(cv.DataWarning, match="append: 4 rows equal rows that the base has already"):
        base.append(log)
    base.append(part({name: np.array(column) for name, column in log.items()}, slice(0, 2)) | {"day": [
        "2025-05-02", "2025-06-02"]})


def test_an_end_that_was_given_stays_or_moves():
    log = log_of()
    base = cv.CustomerBase(part(log, slice(0, 700)), **NAMES, end="2023-10-31")
    more = part(log, slice(700, None))
    assert str(base.append(more).end) == "2023-10-31"
    assert answers(base.append(more, end="2024-03-31")) == answers(cv.CustomerBase(log, **NAMES, end="2024-03-31"))
    nothing = part(log, slice(0, 0))
    assert answers(base.append(nothing)) == answers(base)
