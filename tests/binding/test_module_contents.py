"""The exports of _core besides kernels: named results, short argument lists, and words that Python and C share."""
import inspect

import numpy as np
import pytest
from calls import arguments, plain_functions

from custval import _core
from custval.io import MODELS
from custval.models import contract, histories
from custval.models.diagnostics import SEEN


@pytest.mark.parametrize("name", plain_functions())
def test_long_results_have_names_and_argument_lists_are_short(name):
    function = getattr(_core, name)
    assert len(inspect.signature(function).parameters) <= 10
    stack = [function(*arguments(name, 100))]
    while stack:
        result = stack.pop()
        if isinstance(result, tuple) and name != "scorecard":               # as many columns as the card has points
            assert len(result) <= 4 or type(result) is not tuple
            stack += [part for part in result if type(part) is tuple]


def test_a_named_result_is_a_tuple():
    trend = _core.trend(np.arange(5.0), 5)
    assert isinstance(trend, tuple) and type(trend) is _core.Trend
    points, slope, *_ = trend
    assert points is trend.points and slope is trend.slope and slope == [1.0]
    assert len(_core.Trend.__match_args__) == len(trend) == 6
    with pytest.raises(AttributeError):
        trend.slope = 2.0


def test_every_model_that_can_be_fitted_has_a_class_and_every_status_and_fault_its_words():
    assert set(_core.MODELS) == {*MODELS, "gg_single"}                # a likelihood of GammaGamma
    assert set(_core.BATCH_MODELS) < set(_core.MODELS)
    assert set(_core.FAULTS) - {"none", "too_large"} == {*histories.FAULTS, *contract.FAULTS}
    assert set(_core.FIT_STATUSES) - {"converged", "bad_data"} == set(SEEN) - {"unsettled"}
