"""Every quantity of every model is a number in its range, and takes little time, over the whole declared domain.

CUSTVAL_FUZZ is the number of draws for each quantity. A draw is one customer: parameters in the ranges of the models,
histories and horizons over eighteen powers of ten.
"""
import math
import os
from time import process_time

import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import _core

DRAWS = int(os.environ.get("CUSTVAL_FUZZ", "40"))
LONGEST = 2.0                                # seconds for one customer; some tenths on a quiet machine
MODELS = [cv.NBD, cv.BGNBD, cv.MBGNBD, cv.BGCNBD, cv.MBGCNBD, cv.ParetoNBD, cv.GGompertzNBD, cv.BGBB,
          cv.ShiftedBetaGeometric, cv.BetaDiscreteWeibull]
PROBABILITIES = {"p_alive", "p_alive_at", "p_purchase", "purchase_pmf", "purchase_pmf_given", "retention", "survival",
                 "churn_pmf"}
ENDLESS = {"residual_lifetime", "tenure", "next_purchase"}               # may be infinite


def quantities(model):
    """Return the names of the quantities of a model."""
    start = f"{model.prefix}_"
    return sorted(name.removeprefix(start) for name, value in vars(_core).items()
                  if name.startswith(start) and isinstance(value, np.ufunc))


def decades(random, low, high):
    return 10.0 ** random.uniform(math.log10(low), math.log10(high))


def parameters(random, model):
    """Return parameters: over the whole range of each, or as those of ordinary fits."""
    wide = random.random() < .5
    drawn = {name: decades(random, *(model.range_of(name) if wide else (1e-2, 1e2))) for name in model.names}
    if "k" in drawn:
        drawn["k"] = float(random.choice([1, 2, 5, 12, 50, 100]))
    return list(drawn.values())


def history(random, model):
    """Return x, t_x, T of a customer; counts of opportunities for BG/BB."""
    T = decades(random, 1e-9, 1e9) if random.random() < .4 else decades(random, 1, 500)
    T *= random.random() > .05
    x = float(int(decades(random, 1, 1e9 if random.random() < .05 else 3e3))) if random.random() < .6 else 0.0
    t_x = T * random.choice([1.0, random.random(), 1e-6])
    if getattr(model, "counts_time", False):
        T, t_x = math.floor(min(T, 1e6)), math.floor(min(t_x, 1e6))
        x = min(x, t_x)
    return [x, t_x, T] if x > 0 < t_x else [0.0, 0.0, T]


def horizon(random, model, T):
    t = decades(random, 1e-9, 1e9) if random.random() < .3 else T * decades(random, 1e-4, 1e3)
    return float(math.floor(min(t, 1e6))) if getattr(model, "counts_time", False) else t


def drawn(random, model, quantity):
    """Return the arguments of a quantity."""
    known = history(random, model)
    t, rate, rest = horizon(random, model, known[2]), decades(random, 1e-9, 10), parameters(random, model)
    n = float(int(decades(random, 1, 1e5))) - 1
    if issubclass(model, cv.ShiftedBetaGeometric | cv.BetaDiscreteWeibull):
        t = max(1.0, math.floor(min(t, 1e6)))
        front = {"retention": [t], "survival": [t, n], "churn_pmf": [t, n], "residual_lifetime": [n], "tenure": [n],
                 "del": [t, rate], "derl": [t, rate, n]}[quantity]
        return front + rest
    begin = t * (random.random() if random.random() < .5 else 1 - decades(random, 1e-9, 1))
    endless = math.inf if random.random() < .3 else t
    logs = known[0] * (math.log(known[1] / known[0]) - decades(random, 1e-3, 10)) if known[0] else 0.0
    front = {
        "p_alive_at": [t, *known], "p_purchase": [t, *known], "expected_purchases": [t, *known],
        "next_purchase": [1 - decades(random, 1e-9, .999), *known], "purchase_pmf_given": [n, t, *known],
        "expected_purchases_between": [math.floor(begin) if model.counts_time else begin, t, *known],
        "dert": [endless, rate, *known], "expected_purchases_new": [t], "purchase_pmf": [n, t],
        "loglik": [*known, logs] if "k" in model.names else known}
    return front.get(quantity, known) + rest


@pytest.mark.parametrize("model, quantity", [(model, quantity) for model in MODELS for quantity in quantities(model)],
                         ids=lambda value: value if isinstance(value, str) else value.prefix)
def test_a_quantity_is_a_number_in_its_range(model, quantity):
    kernel = getattr(_core, f"{model.prefix}_{quantity}")
    for draw in range(DRAWS):
        args = drawn(np.random.default_rng([draw, len(quantity)]), model, quantity)
        start = process_time()
        with np.errstate(over="ignore", divide="raise", invalid="raise"):
            value = float(kernel(*args))
        took = process_time() - start
        low, high = (-math.inf if quantity == "loglik" else 0), (1 + 1e-14 if quantity in PROBABILITIES else math.inf)
        assert low <= value <= high and (value < math.inf or quantity in ENDLESS or max(args[:-1]) > 1e100), (
            kernel.__name__, args, value)
        assert took < LONGEST, (kernel.__name__, args, took)


@pytest.mark.parametrize("model, given", [
    (cv.ParetoNBD, {"alpha": 1e-310}), (cv.ParetoNBD, {"r": 5e-324}), (cv.ParetoNBD, {"beta": 5e-324}),
    (cv.GGompertzNBD, {"beta": 1e308}), (cv.MBGNBD, {"a": 1e9}), (cv.BetaDiscreteWeibull, {"c": 1e4}),
    (cv.GammaGamma, {"gamma": 1e300}), (cv.NormalMargin, {"mu": -1e200}), (cv.BGBB, {"delta": 0})])
def test_a_parameter_outside_its_range_is_refused_with_the_range(model, given):
    (name, value), = given.items()
    least, most = model.range_of(name)
    with pytest.raises(cv.ConfigError, match=rf"{name}=.* from {least:g} to {most:g}".replace("+", r"\+")):
        model(**given)
    for end in (least, most):
        assert model(**{name: end}).get_params()[name] == end
    assert not least <= value <= most




@pytest.mark.parametrize("model", [cv.NBD, cv.BGNBD, cv.ParetoNBD, cv.GGompertzNBD, cv.BGBB])
def test_a_fit_with_a_parameter_at_the_end_of_its_range_ends(model):
    x, t_x, T = np.array([0.0, 2, 1]), np.array([0.0, 3, 1]), np.full(3, 5.0)
    for name in model.names:
        for end in model.range_of(name):
            start = process_time()
            assert model(**{name: end}).fit(x, t_x, T).status_
            assert process_time() - start < 5, (name, end)


def test_more_opportunities_than_a_fit_can_add_up_are_refused():
    with pytest.raises(cv.DataError, match="column 'n': 1 of 2 values are more opportunities than can be counted"):
        cv.BGBB().fit([1.0, 0], [1.0, 0], [1e15, 6])


def test_values_that_once_were_missing():
    tiny = cv.BGCNBD(k=50, r=.5071, alpha=.4166, a=.001777, b=40.34)
    assert tiny.expected_purchases(1e-8, 1000.0, 141.888, 141.888) == 0.0                 # y^50, y = 7e-11
    far = cv.BGCNBD(k=100, r=.185, alpha=9.12, a=1.92, b=39.9, unit="W")
    # Both by the series over purchases, incomplete beta functions of SciPy, and by parts; BG/BB by mpmath, 40 digits.
    assert_allclose(far.dert(0, 0, 7.9e-4, discount=1e-9, t=331206.0), 12.2235183443, rtol=1e-10)
    many = cv.BGBB(alpha=1, beta=1, gamma=1e-3, delta=1)
    assert_allclose(many.purchase_pmf(5e6, 1e7, 1, 2, 3), 1.4775027103590692e-7, rtol=1e-9)
