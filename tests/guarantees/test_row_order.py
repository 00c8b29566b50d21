"""Promise D7: the order of the rows does not change a bit of any result."""
import dataclasses

import numpy as np
import pytest

import custval as cv

SHUFFLES = 200
MODELS = {"purchases": cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), "spend": cv.GammaGamma(p=6, q=4, gamma=100)}


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


def results(base):
    """Return every result as bytes by column, customers in the order of their ids."""
    order = np.argsort(base.customers, kind="stable")
    frames = [base.summary("W"), base.attributes(), base.history(8, "Q"), base.history(5, "M", "purchases"),
              base.split("2025-01-31")[1].summary(), cv.forecast(base, **MODELS), cv.CLV(**MODELS).predict(base)]
    return [(name, column[order].tolist() if column.dtype == object else column[order].tobytes())
            for frame in frames for name, column in frame.items()]


def test_shuffled_rows_give_identical_bytes(firm):
    rng = np.random.default_rng(7)
    want = results(made(firm.orders, firm))
    for _ in range(SHUFFLES // 10):
        assert results(made(shuffled(firm.orders, rng), firm, lambda table: shuffled(table, rng))) == want


def test_shuffled_rows_with_ties_give_identical_bytes():
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


def another_future(firm, day, rng):
    """Return the firm with another history after `day`; what was known on that day is the same."""
    def changed(table, time, **columns):
        later = table[time].astype("M8[D]") > day
        out = {name: np.where(later, rng.permutation(column), column) for name, column in table.items() if name != time}
        return out | columns | {time: table[time]}

    offers, bills = firm.opportunities, firm.receivables
    closed = np.where(offers["closed"] > day, np.datetime64("NaT"), offers["closed"])
    open_yet = np.isnat(offers["closed"])
    closed[open_yet] = np.maximum(day + 1, offers["created"].astype("M8[D]")[open_yet])
    paid = np.where(np.isnat(bills["paid"]) | (bills["paid"] > day), day + 1 + rng.integers(0, 99), bills["paid"])
    issued = bills["issued"].astype("M8[D]")
    due = np.where(issued > day, issued + rng.integers(0, 99), bills["due"])
    ideas = np.where(firm.suggestions["time"] > day, "urgent", firm.suggestions["level"])
    return dataclasses.replace(
        firm, orders=changed(firm.orders, "time", customer=firm.orders["customer"]),
        opportunities=changed(offers, "created", closed=closed, won=1 - offers["won"]),
        receivables=changed(bills, "issued", paid=np.maximum(paid, issued), due=due),
        contacts=changed(firm.contacts, "time"),
        suggestions=changed(firm.suggestions, "time", level=ideas))


@pytest.mark.parametrize("day", ["2022-06-30", "2023-12-31", "2025-03-15"])
def test_later_events_do_not_change_a_byte_of_as_of(firm, day):
    """Opportunities close or stay open, bills are paid or not, contacts and suggestions differ after the day."""
    day = np.datetime64(day)
    other = another_future(firm, day, np.random.default_rng(9))
    assert results(firm.base()) != results(other.base())
    want, got = (each.base().as_of(day).attributes() for each in (firm, other))
    assert list(got) == list(want) and "suggestions_urgent" not in got
    for name, column in want.items():
        assert got[name].tolist() == column.tolist() if column.dtype == object else (
            got[name].tobytes() == column.tobytes()), name


def test_a_known_outcome_is_not_a_probability_of_an_earlier_day():
    """A closed opportunity whose probability is that of its outcome has a missing probability on the day before."""
    base = cv.CustomerBase({"id": ["a", "b", "c"], "t": ["2025-01-01"] * 3}, customer="id", time="t", end="2025-03-01")
    log = {"customer": ["a", "b"], "created": ["2025-01-02"] * 2, "amount": [100.0, 40.0],
           "closed": ["2025-02-01", None], "probability": [1.0, 0.5]}
    for won in (1.0, 0.0):
        closed = base.with_log("opportunities", log | {"probability": [won, 0.5]})
        assert closed.attributes()["opportunities_expected"].tolist() == [0, 20, 0]
        with pytest.warns(cv.DataWarning, match="1 probability records an outcome after 2025-01-31"):
            then = closed.as_of("2025-01-31").attributes()
        np.testing.assert_array_equal(then["opportunities_expected"], [np.nan, np.nan, 0])
        assert then["opportunities_gross"].tolist() == [100, 40, 0]
    known = base.with_log("opportunities", log | {"probability": [0.6, 0.5]}).as_of("2025-01-31").attributes()
    assert known["opportunities_expected"].tolist() == [60, 20, 0]


def test_columns_of_levels_are_sorted_and_as_of_the_day():
    base = cv.CustomerBase({"id": [1], "t": ["2025-01-01"]}, customer="id", time="t", end="2025-03-01")
    log = {"customer": [1] * 4, "time": ["2025-02-01", "2025-01-02", "2025-01-03", "2025-04-01"],
           "level": ["low", "mid", "high", "never"]}
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        held = base.with_log("suggestions", {name: [column[k] for k in order] for name, column in log.items()})
        levels = [[n for n in b.attributes() if n.startswith("suggestions_")] for b in (held, held.as_of("2025-01-31"))]
        assert levels == [["suggestions_high", "suggestions_low", "suggestions_mid"],
                          ["suggestions_high", "suggestions_mid"]]


RNG = np.random.default_rng(6)
N = 700
WEIGHTS = RNG.choice([0.1, 0.7, 1.0, 2.5], N)
LIVES = {name: column[:N] for name, column in cv.MBGCNBD(k=2, r=0.6, alpha=3, a=0.7, b=2.1).simulate(N, 60.7).items()}
LIVES["x"][:9], LIVES["t_x"][:9] = RNG.integers(1100, 1300, 9), 60.0          # beyond the table of counts
LIVES["litt"][:9] = LIVES["x"][:9] * np.log(60.0 / LIVES["x"][:9]) - 1
SPENT = {"n": RNG.integers(1, 9, N), "mean": RNG.gamma(3, 7, N) + 0.01, "log_SS": RNG.gamma(3, 7, N)}
SPENT["log_mean"] = np.log(SPENT["mean"]) - np.where(SPENT["n"] > 1, RNG.gamma(1, 0.1, N), 0)
SPENT["log_SS"][SPENT["n"] == 1] = 0
FITS = {
    "bgnbd": (cv.BGNBD, LIVES), "mbgnbd": (cv.MBGNBD, LIVES), "pnbd": (cv.ParetoNBD, LIVES), "nbd": (cv.NBD, LIVES),
    "mbgcnbd": (lambda: cv.MBGCNBD(k=2), LIVES),
    "gg": (cv.GammaGamma, {"x": RNG.poisson(3, N), "m_x": RNG.gamma(3, 7, N) + 0.01}),
    "single": (cv.GammaGamma, SPENT), "lognormal": (cv.LogNormalSpend, SPENT),
    "normal": (cv.NormalMargin, {"n": RNG.integers(1, 9, N), "mean": RNG.normal(9, 5, N), "SS": RNG.gamma(3, 7, N)}),
    "bgbb": (lambda: cv.BGBB(unit="Y"), cv.BGBB(alpha=1.2, beta=.8, gamma=.7, delta=2.8).simulate(N, 6)),
    "sbg": (cv.ShiftedBetaGeometric, cv.ShiftedBetaGeometric(alpha=.7, beta=3.8).simulate(N, 8)),
    "covariates": (lambda: cv.MBGNBD(rate_covariates=["age", "channel"]),
                   LIVES | {"age": RNG.normal(40, 9, N), "channel": RNG.choice(["web", "shop"], N).astype(object)}),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", FITS)
def test_fits_of_shuffled_histories_give_identical_bits(case, weighted):
    make, data = FITS[case]
    data = data | {"w": WEIGHTS} if weighted else data
    if case == "normal":
        data["SS"] = np.where(data["n"] == 1, 0.0, data["SS"])
    want = None
    for _ in range(4):
        order = RNG.permutation(N)
        shuffled = {name: column[order] for name, column in data.items()}
        model = make().fit(shuffled, **({"weights": "w"} if weighted else {}))
        got = [model.status_, model.loglik_, model.n_, *model.params_.values(), *model.cov_.ravel()]
        assert want is None or repr(got) == want
        want = repr(got)
