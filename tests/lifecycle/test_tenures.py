"""Tenures of contracts from a log of payments: by hand, and as the contract models take them."""
import numpy as np
import pytest

import custval as cv


def base_of(rows, end="2024-06-30"):
    return cv.CustomerBase({"who": [who for who, _ in rows], "day": [day for _, day in rows]}, customer="who",
                           time="day", end=end)


def months(who, first, *numbers):
    return [(who, f"2024-{month:02d}-{first:02d}") for month in numbers]


def test_active_ended_and_returned_customers():
    base = base_of([*months("active", 5, 1, 2, 3, 4, 5, 6), *months("new", 20, 6), *months("ended", 3, 1, 2, 3),
                    *months("once", 3, 1), *months("returned", 7, 1, 2, 5, 6), *months("late", 10, 1, 2),
                    ("late", "2024-03-20"), *months("late", 10, 4, 5, 6)])
    found = cv.tenures(base)
    assert dict(zip(found["customer"].tolist(), found["tenure"].tolist(), strict=True)) == {
        "active": 5, "new": 0, "ended": 3, "once": 1, "returned": 2, "late": 5}
    assert found["customer"][found["churned"]].tolist() == ["ended", "once", "returned"]
    assert found["customer"][found["returned"]].tolist() == ["returned"]
    assert found["last"][4] == np.datetime64("2024-02-07")
    forgiven = cv.tenures(base, gap=2)
    assert forgiven["tenure"][4] == 5 and not forgiven["churned"][4]


@pytest.mark.parametrize("step, unit", [(1, "D"), (7, "W"), (91, "Q"), (365, "Y")])
def test_the_unit_is_the_one_nearest_to_the_usual_gap(step, unit):
    days = [str(np.datetime64("2010-01-01") + step * k) for k in range(4)]
    base = base_of([(who, day) for who in "ab" for day in days], end=days[-1])
    assert cv.tenures(base)["tenure"].tolist() == [3, 3] == cv.tenures(base, unit=unit)["tenure"].tolist()


def test_a_model_fitted_to_the_tenures_of_a_simulated_log_has_its_parameters():
    g, n = np.random.default_rng(3), 2_000
    start = np.datetime64("2022-01") + g.integers(0, 18, n)
    paid = np.minimum(g.geometric(g.beta(1, 4, n)), (np.datetime64("2024-07") - start).astype(int))
    month = np.repeat(start, paid) + np.concatenate([np.arange(k) for k in paid])
    log = {"who": np.repeat(np.arange(n), paid), "day": month.astype("M8[D]") + g.integers(0, 3, paid.sum())}
    base = cv.CustomerBase(log, customer="who", time="day", end="2024-06-30")
    model = cv.ShiftedBetaGeometric().fit(cv.tenures(base))
    assert model.status_ == "converged" and model.n_ == n
    for name, true in (("alpha", 1), ("beta", 4)):
        assert abs(model.params_[name] - true) < 4 * model.se_[name]
    assert cv.BetaDiscreteWeibull().fit(cv.tenures(base)).status_ == "converged"


def test_a_later_payment_changes_nothing_known_before():
    rows = [*months("a", 5, 1, 2, 3, 6), *months("b", 5, 2, 3)]
    early = cv.tenures(base_of(rows).as_of("2024-04-30"), unit="M")
    same = cv.tenures(base_of([row for row in rows if row[1] < "2024-05"], end="2024-04-30"), unit="M")
    assert {name: column.tolist() for name, column in early.items()} == {
        name: column.tolist() for name, column in same.items()}


def test_what_is_no_log_of_contracts():
    once = base_of([*months("a", 1, 1), *months("b", 1, 2)])
    with pytest.raises(cv.DataError, match="no customer has two purchases, which suggests no period; pass unit="):
        cv.tenures(once)
    assert cv.tenures(once, unit="M")["tenure"].tolist() == [1, 1]
    with pytest.raises(cv.DataError, match="the usual gap is 15 days"):
        cv.tenures(base_of([("a", "2024-01-01"), ("a", "2024-01-16")]))
    with pytest.warns(cv.DataWarning, match="most gaps between purchases are not of one period of M"):
        cv.tenures(base_of([("a", "2024-01-01"), ("a", "2024-01-06"), ("a", "2024-01-10")]), unit="M")
    with pytest.raises(cv.ConfigError, match="gap="):
        cv.tenures(once, gap=-1)
    with pytest.raises(cv.DataError, match=r"cv\.tenures\(base\)"):
        cv.ShiftedBetaGeometric().fit(once)
