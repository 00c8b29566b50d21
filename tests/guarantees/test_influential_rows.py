"""M6: one bad row is visible: the influence of every customer on a fit is measured, and a bot stands first."""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv


def cdnow_with_a_bot():
    x, t_x, T, _ = histories.cdnow()
    return np.append(x, 5000.0), np.append(t_x, 271.0), np.append(T, 272.0)


def test_a_bot_has_the_largest_influence():
    """With one bot of 5,000 purchases among 2,357 customers, lifetimes 0.11.3 moves r from .243 to .139 silently."""
    data = cdnow_with_a_bot()
    model = cv.BGNBD().fit(*data)
    found = model.influence(*data)
    assert found["row"][0] == "2357" and found["x"][0] == 5000 and len(found["row"]) == 5
    assert found["displacement"][0] > 100 * found["displacement"][1]
    assert found["r in se"][0] > 3 and found["alpha in se"][0] > 3


@pytest.mark.parametrize("word", ["BGNBD", "MBGNBD"])
def test_the_influence_is_that_of_a_refit_without_the_customer(word):
    x, t_x, T = (column[:600] for column in histories.cdnow()[:3])
    model = getattr(cv, word)().fit(x, t_x, T)
    found = model.influence(x, t_x, T, top=3)
    for i, row in enumerate(map(int, found["row"])):
        keep = np.arange(len(x)) != row
        without = getattr(cv, word)().fit(x[keep], t_x[keep], T[keep])
        moved = 2 * (model.loglik_ - _at(model, without, x, t_x, T))
        assert_allclose(found["displacement"][i], moved, rtol=0.5)
        for name, value in model.params_.items():
            shift = (without.params_[name] - value) / model.se_[name]
            assert_allclose(found[f"{name} in se"][i], shift, atol=0.35 * max(abs(shift), 0.1))


def _at(model, other, x, t_x, T):
    return getattr(cv, type(model).__name__)(**other.params_).loglik(x, t_x, T).sum()


def test_influence_names_the_customers_of_a_base():
    base = cv.datasets.cdnow()
    found = cv.BGNBD(unit="W").fit(base).influence(base, top=2)
    assert next(iter(found)) == "customer" and len(found["customer"]) == 2
    with pytest.raises(cv.FitError, match="call fit first"):
        cv.BGNBD(r=1, alpha=1, a=1, b=1, unit="W").influence(base)
    condensed = cv.BGCNBD(k=2, unit="W").fit(base)
    assert len(condensed.influence(base, top=4)["litt"]) == 4
