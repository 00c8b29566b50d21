"""Covariates in words: dummy coding against the most frequent level, named; the same fit as columns of 0 and 1."""
import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import custval as cv


def data(n=600, seed=0):
    rng = np.random.default_rng(seed)
    channel = rng.choice(["web", "shop", "phone"], n, p=[0.5, 0.3, 0.2])
    rate = {"web": 0.5, "shop": 1.5, "phone": 0.8}
    drawn = [cv.MBGNBD(r=r * 2, alpha=4, a=1, b=5).simulate(n, 60.0, seed=seed) for r in rate.values()]
    which = np.array([list(rate).index(c) for c in channel])
    columns = {name: np.choose(which, [d[name] for d in drawn]) for name in ("x", "t_x", "T")}
    return {"customer": [f"c{i}" for i in range(n)], **columns, "channel": channel.astype(object),
            "age": rng.normal(40, 9, n)}


FRAME = data()
MODEL = cv.MBGNBD(unit="W", rate_covariates=["channel", "age"], dropout_covariates=["channel"]).fit(FRAME)


def dummies(frame):
    return frame | {level: (np.asarray(frame["channel"]) == level).astype(float) for level in ("phone", "shop")}


def test_the_fit_is_that_of_columns_of_0_and_1():
    by_hand = cv.MBGNBD(unit="W", rate_covariates=["phone", "shop", "age"], dropout_covariates=["phone", "shop"]).fit(
        dummies(FRAME))
    assert MODEL.status_ == by_hand.status_ == "converged" and MODEL.loglik_ == by_hand.loglik_
    assert list(MODEL.params_)[4:] == ["rate:channel=phone", "rate:channel=shop", "rate:age", "dropout:channel=phone",
                                       "dropout:channel=shop"] == [*MODEL.coefficients()]
    assert list(MODEL.params_.values()) == list(by_hand.params_.values())
    assert MODEL.params_["rate:channel=shop"] > MODEL.params_["rate:channel=phone"] > 0
    assert_array_equal(MODEL.given(FRAME).p_alive(FRAME), by_hand.given(dummies(FRAME)).p_alive(dummies(FRAME)))


def test_the_reference_is_the_most_frequent_level_and_is_named():
    assert MODEL.levels_ == {"channel": ("web", "phone", "shop")}
    assert "channel against web" in MODEL.summary().title
    assert any("'channel': coefficients compare with 'web', its most frequent level" in note for note in MODEL.notes_)
    even = {"x": [1, 0, 2, 0], "t_x": [3.0, 0, 5, 0], "T": [9.0, 8, 7, 6], "c": ["b", "a", "a", "b"]}
    assert cv.BGNBD(rate_covariates=["c"]).fit(even).levels_["c"] == ("a", "b")          # not by the order of rows


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "category"])
def test_every_frame_kind_gives_the_same_fit(kind):
    if kind == "pyarrow":
        frame = pytest.importorskip("pyarrow").table({name: list(column) for name, column in FRAME.items()})
    elif kind == "polars":
        frame = pytest.importorskip("polars").DataFrame({name: list(column) for name, column in FRAME.items()})
    else:
        frame = pytest.importorskip("pandas").DataFrame(FRAME)
        frame = frame.astype({"channel": "category"}) if kind == "category" else frame
    again = cv.MBGNBD(**MODEL.get_params()).fit(frame)
    assert again.params_ == MODEL.params_ and again.levels_ == MODEL.levels_


def test_a_base_takes_words_from_its_profile():
    base = cv.datasets.crm(customers=200).base()
    model = cv.MBGNBD(unit="W", rate_covariates=["region"]).fit(base)
    assert model.status_ == "converged" and len(model.levels_["region"]) == len(model.coefficients()) + 1
    assert len(cv.forecast(base, purchases=model, spend=cv.GammaGamma(p=6, q=4, gamma=15))["customer"]) == 200
    few = base.where(np.arange(200) < 9)                            # not all levels: the coding is that of the fit
    assert_array_equal(model.given(few).p_alive(few), np.asarray(model.given(base).p_alive(base))[:9])


def test_an_unknown_level_names_level_and_customer():
    other = FRAME | {"channel": np.where(np.arange(600) == 7, "fax", FRAME["channel"])}
    with pytest.raises(cv.DataError, match=r"'channel': 1 of 600 values are levels that the fit has not seen, rows "
                                           r"7 'fax' \(customer c7\). It knows web, phone, shop"):
        MODEL.given(other)
    with pytest.raises(cv.DataError, match="holds numbers, but the model was fitted to words"):
        MODEL.given(FRAME | {"channel": np.arange(600.0)})


def test_a_file_keeps_the_levels():
    again = cv.load(MODEL.to_json())
    assert again.levels_ == MODEL.levels_ and again.params_ == MODEL.params_ and again.names == MODEL.names
    assert_array_equal(again.given(FRAME).p_alive(FRAME), MODEL.given(FRAME).p_alive(FRAME))
    assert again.to_json() == MODEL.to_json()
    table = json.loads(MODEL.to_json())
    table["fit"]["levels"]["channel"] = ["web", "web", "shop"]
    with pytest.raises(cv.ConfigError, match=r"fit\.levels: channel"):
        cv.load(json.dumps(table))


def test_a_refit_learns_the_levels_anew_and_a_failed_one_leaves_the_fit():
    model = cv.MBGNBD(**MODEL.get_params()).fit(FRAME)
    with pytest.raises(cv.DataError, match="'channel' is constant: 'web' in all rows"):
        model.fit(FRAME | {"channel": np.full(600, "web", object)})
    assert model.params_ == MODEL.params_ and model.names == MODEL.names
    renamed = FRAME | {"channel": np.where(FRAME["channel"] == "web", "site", FRAME["channel"])}
    assert model.fit(renamed).levels_ == {"channel": ("site", "phone", "shop")}
    assert not hasattr(model.set_params(rate_covariates=["age"], dropout_covariates=[]), "levels_")


@pytest.mark.parametrize(("column", "words"), [
    (["web", None] * 300, r"300 of 600 values are missing or infinite, rows 1 \(customer c1\)"),
    ([f"level {i % 40}" for i in range(600)], "coefficients: at most 20 in all. Covariate 'channel' has 40 levels"),
    (["web", 3] * 300, "neither numbers nor words"),
])
def test_words_that_cannot_be_coded_are_refused(column, words):
    with pytest.raises(cv.DataError, match=words):
        cv.BGNBD(rate_covariates=["channel"]).fit(FRAME | {"channel": np.array(column, object)})


def test_influence_bootstrap_and_comparison_take_words():
    found = MODEL.bootstrap(FRAME, replicates=2)
    assert found.failed == 0 and "rate:channel=shop" in found.parameters
