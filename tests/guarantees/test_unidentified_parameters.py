"""M4: data that do not identify every parameter are named, with the smaller model that fits equally well."""
import histories
import numpy as np
import pytest
from unidentified import PURCHASE, SPEND

import custval as cv


@pytest.mark.parametrize("status, columns, words", PURCHASE)
def test_purchase_data_get_a_status_and_advice(status, columns, words):
    model = cv.BGNBD().fit(*columns)
    assert model.status_ == status, model.params_
    assert words in model.advice_
    with pytest.raises(cv.FitError, match=status):
        model.p_alive(1, 2.0, 3.0)


@pytest.mark.parametrize("status, columns, words", PURCHASE[:6])
def test_the_modified_model_has_the_same_status_and_advice(status, columns, words):
    model = cv.MBGNBD().fit(*columns)
    assert model.status_ == status and words in model.advice_


@pytest.mark.parametrize("status, columns, words", SPEND)
def test_spend_data_get_a_status_and_advice(status, columns, words):
    model = cv.GammaGamma().fit(*columns)
    assert model.status_ == status, model.params_
    assert words in model.advice_
    with pytest.raises(cv.FitError, match=status):
        model.expected_spend(1, 2.0)


def test_the_null_direction_is_kept():
    model = cv.BGNBD().fit(*histories.simulate(2000, 1.0, 3.0, 1e6, 3e6, 0))
    assert model.advice_.startswith("a,b -> inf: ")
    assert list(np.round(list(model.null_direction_.values()), 2)) == [0, 0, 0.71, 0.71]


def test_a_limit_of_passes_is_reported():
    model = cv.BGNBD().fit(*histories.cdnow()[:3], max_passes=4)
    assert model.status_ == "iteration_limit" and "Raise max_passes" in model.advice_


def test_fixing_the_unidentified_parameter_converges():
    columns = histories.simulate(2000, 1.0, 3.0, 1e6, 3e6, 0)
    assert cv.BGNBD().fit(*columns).status_ == "flat"
    held = cv.BGNBD(a=100.0).fit(*columns)
    assert held.status_ == "converged" and abs(100 / (100 + held.params_["b"]) - 0.25) < 0.03
