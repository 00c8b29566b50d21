"""Every piece of advice of a fit, followed as it stands, ends at a fit that passes the convergence check."""
import re

import numpy as np
import pytest

import custval as cv

CALL = re.compile(r"cv\.[A-Z]\w*\([^()]*\)(?:\.fit\((?:base|\.\.\.), max_passes=\d+\))?")
NOTHING = ("no_repeats", "no_information")
PURCHASES = (cv.BGNBD, cv.MBGNBD, cv.ParetoNBD, cv.NBD, cv.GGompertzNBD, cv.MBGCNBD)


def follow(model, base, before=()):
    """Make every call that the advice names, until all have converged; return their number."""
    if not hasattr(model, "status_"):
        model.fit(base)
    if model.status_ == "converged" or model.status_ in NOTHING:
        return 0
    calls = dict.fromkeys(CALL.findall(model.advice_))
    assert calls and not re.search(r"\ba=1e-06", model.advice_), model.advice_
    assert not set(calls) & set(before) and len(before) < 5, f"no end: {before}: {model.advice_}"
    return len(calls) + sum(follow(eval(call.replace("...", "base"), {"cv": cv, "base": base}), base, (*before, call))
                            for call in calls)


def firm(customers, seed):
    return cv.datasets.crm(customers=customers, seed=seed).base()


def gaps(seed):
    """Return customers with regular, with random or with few purchases, of whom some leave."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 40))
    shape, leave, mean = rng.choice([1, 1, 30]), rng.choice([0, 0.05, 0.5]), rng.choice([7, 30, 150])
    days = {i: np.cumsum(np.r_[rng.integers(0, 200), np.ceil(rng.gamma(shape, mean / shape, 60))])[
        :int(rng.geometric(leave)) if leave else None] for i in range(count)}
    rows = [(i, day) for i in days for day in days[i] if day < 730]
    return cv.CustomerBase({"id": [i for i, _ in rows], "day": [np.datetime64("2023-01-01") + int(d) for _, d in rows],
                            "paid": rng.choice([9.99, 20.0, 35.0], len(rows))},
                           customer="id", time="day", amount="paid", end="2024-12-30")


@pytest.mark.parametrize("make", PURCHASES)
def test_advice_for_purchases_ends(make):
    worlds = [firm(customers, seed) for customers in (1, 2, 5, 20) for seed in range(6)] + [gaps(s) for s in range(16)]
    followed = [follow(make(unit="W"), base) for base in (*worlds, firm(20, 10))]
    assert sum(followed) > 5


@pytest.mark.parametrize("make", [cv.GammaGamma, cv.NormalMargin, lambda: cv.BGBB(unit="Q")])
def test_advice_for_money_and_opportunities_ends(make):
    worlds = [firm(customers, seed) for customers in (1, 3, 10) for seed in range(6)] + [gaps(s) for s in range(8)]
    assert sum(follow(make(), base) for base in worlds) > 2


@pytest.mark.parametrize("make", [cv.ShiftedBetaGeometric, cv.BetaDiscreteWeibull])
def test_advice_for_contracts_ends(make):
    rng = np.random.default_rng(1)
    for n in (2, 4, 9, 30) * 8:
        tenure = rng.geometric(rng.choice([0.05, 0.3, 0.9]), n)
        data = {"tenure": np.minimum(tenure, 6), "churned": tenure <= 6}
        follow(make(), data)


def test_dropout_that_cannot_be_told_names_the_models_to_compare():
    base = next(b for b in map(gaps, range(40)) if cv.MBGNBD(unit="W").fit(b).advice_.startswith("a -> 0"))
    advice = cv.MBGNBD(unit="W").fit(base).advice_
    assert "cv.compare(base, [cv.NBD(unit='W'), cv.MBGCNBD(unit='W')])" in advice
    assert advice.endswith("in a forecast purchases=cv.NBD(unit='W')")
    assert cv.compare(base, [cv.NBD(unit="W"), cv.MBGCNBD(unit="W")], origins=0).models["NBD"].status_


def test_a_search_that_used_all_passes_is_not_sent_to_use_them_again():
    data = cv.datasets.cdnow()
    assert "max_passes=1000" in cv.MBGNBD().fit(data, max_passes=2).advice_
    never = cv.MBGNBD(r=1e6, unit="W").fit(firm(20, 1), max_passes=1000)
    assert never.status_ == "converged" or "max_passes" not in never.advice_
