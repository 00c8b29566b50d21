"""What a fit has set is read-only, and a file whose numbers no fit can have is refused."""
import copy
import json
import pickle

import numpy as np
import pytest

import custval as cv

FITTED = cv.MBGNBD(unit="W").fit(cv.datasets.cdnow())


def change_item(model):
    model.params_["r"] = 1e9


def change_error(model):
    model.se_.update(r=0.0)


def change_covariance(model):
    model.cov_[0, 0] = 0


def merge(model):
    model.params_ |= {"r": 1e9}


CHANGES = {
    "item": change_item, "error": change_error, "covariance": change_covariance, "merge": merge,
    "pop": lambda m: m.params_.pop("r"), "clear": lambda m: m.null_direction_.clear(),
    "table": lambda m: setattr(m, "params_", {"r": 1e9}), "status": lambda m: setattr(m, "status_", "flat"),
    "unit": lambda m: setattr(m, "unit", "D"), "keyword": lambda m: setattr(m, "r", 1e9),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m)),
                                     lambda m: cv.load(m.to_json())])
def test_a_fit_cannot_be_changed_under_its_status(change, through):
    model, before = through(FITTED), FITTED.to_json()
    with pytest.raises((TypeError, AttributeError, ValueError), match="read-only"):
        CHANGES[change](model)
    assert model.to_json() == before == FITTED.to_json()


def test_copies_of_fitted_tables_can_be_changed_and_set_params_discards_the_fit():
    own = dict(FITTED.params_) | {"r": 1.0}
    assert own["r"] == 1.0 and FITTED.params_ | {"r": 1.0} == own and json.loads(json.dumps(FITTED.params_))
    free = copy.deepcopy(FITTED).set_params(r=0.5)
    assert free.r == 0.5 and not hasattr(free, "status_")
    free.unit = "D"
    assert free.fit(cv.datasets.cdnow()).unit == "D"


EDITS = {
    "se": (lambda fit: fit["se"].update(r=-0.1), r"se: r: -0\.1 is not a standard error"),
    "se of another variance": (lambda fit: fit["se"].update(r=0.1), r"se\.r = 0\.1 is not the square root"),
    "no se": (lambda fit: fit["se"].update(r=None), r"se\.r = nan is not the square root"),
    "cov": (lambda fit: fit["cov"][0].__setitem__(1, 9.0), "cov is not a covariance"),
    "no cov": (lambda fit: fit["cov"][0].__setitem__(0, None), "cov is not a covariance"),
    "loglik": (lambda fit: fit.update(loglik=None), "loglik is not a number"),
    "params": (lambda fit: fit["params"].update(r=None), "params"),
    "negative": (lambda fit: fit["params"].update(r=-1.0), "params"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_with_numbers_of_no_fit_is_refused(edit):
    table = json.loads(FITTED.to_json())
    EDITS[edit][0](table["fit"])
    with pytest.raises(cv.ConfigError, match=EDITS[edit][1]):
        cv.load(json.dumps(table))


def test_fixed_parameters_have_no_standard_error_in_a_file():
    model = cv.MBGNBD(r=0.5, unit="W").fit(cv.datasets.cdnow())
    assert np.isnan(cv.load(model.to_json()).se_["r"])


def cloned(model):
    """Return what sklearn.base.clone does, and check what it checks."""
    parameters = {name: copy.deepcopy(value) for name, value in model.get_params(deep=False).items()}
    twin = type(model)(**parameters)
    assert all(twin.get_params(deep=False)[name] is value for name, value in parameters.items())
    return twin


@pytest.mark.parametrize("model", [
    cv.MBGNBD(r=1, unit="W", rate_covariates=["a"], penalty=2), cv.ParetoNBD(beta=3), cv.MBGCNBD(k=2), cv.NBD(),
    cv.GammaGamma(p=6), cv.NormalMargin(mu=-1), cv.BGBB(unit="Y"), cv.ShiftedBetaGeometric(), cv.GGompertzNBD(s=1),
    FITTED])
def test_a_clone_has_the_same_keywords_and_no_fit(model):
    twin = cloned(model)
    assert twin.get_params() == model.get_params() and not hasattr(twin, "status_")
    assert twin.set_params(**model.get_params()).get_params() == model.get_params()
