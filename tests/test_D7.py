"""Promise D7: the order of the rows changes nothing, to the last bit."""
import numpy as np
import pytest

import custval as cv

SHUFFLES = 200


@pytest.fixture(scope="module")
def firm():
    return cv.datasets.crm(customers=40, seed=3)


def shuffled(table, rng):
    order = rng.permutation(len(next(iter(table.values()))))
    return {name: column[order] for name, column in table.items()}


def made(orders, firm, log=lambda table: table):
    base = cv.CustomerBase(orders, customer="customer", time="time", amount="amount", cost="cost", order="order",
                           product="product", quantity="quantity", end=firm.end)
    for kind in ("opportunities", "suggestions", "receivables", "contacts"):
        base = base.with_log(kind, log(getattr(firm, kind)))
    return base.with_profile(log(firm.profile))


def answers(base):
    """Return every answer as bytes by column, customers in the order of their ids."""
    order = np.argsort(base.customers, kind="stable")
    frames = [base.summary("W"), base.attributes(), base.history(8, "Q"), base.history(5, "M", "purchases"),
              base.split("2025-01-31")[1].summary()]
    return [(name, column[order].tolist() if column.dtype == object else column[order].tobytes())
            for frame in frames for name, column in sorted(frame.items())]


def test_shuffled_rows_give_identical_bytes(firm):
    rng = np.random.default_rng(7)
    want = answers(made(firm.orders, firm))
    for _ in range(SHUFFLES // 10):
        assert answers(made(shuffled(firm.orders, rng), firm, lambda table: shuffled(table, rng))) == want


def test_many_shuffles_of_a_log_with_ties():
    rng = np.random.default_rng(8)
    n = 300
    log = {"id": rng.integers(0, 20, n), "t": np.datetime64("2025-01-01") + rng.integers(0, 30, n).astype("m8[D]"),
           "paid": rng.choice([0.1, 0.2, 0.3, -0.3, 0.7, 1e9, -1e9], n)}
    names = {"customer": "id", "time": "t", "amount": "paid"}
    want = None
    for _ in range(SHUFFLES):
        base = cv.CustomerBase(shuffled(log, rng), **names)
        order = np.argsort(base.customers)
        got = [column[order].tobytes() for column in base.summary().values()] + [repr(base)]
        assert want is None or got == want
        want = got
