"""The common interface of models: input, units, errors, prediction only after convergence, printed forms."""
import copy
import inspect
import pickle
import re

import histories
import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose

import custval as cv
from custval import models

PURCHASE = [cv.BGNBD, cv.MBGNBD]


@pytest.fixture(scope="module")
def base():
    return cv.datasets.cdnow().as_of("1997-09-30")


@pytest.fixture(scope="module")
def fitted(base):
    return cv.BGNBD(unit="W").fit(base)


def same_fit(one, other):
    assert one.status_ == other.status_ == "converged"
    assert one.params_ == other.params_ and one.loglik_ == other.loglik_ and (one.cov_ == other.cov_).all()


def test_base_frames_and_arrays_are_one_fit(base, fitted):
    x, t_x, T, _ = histories.cdnow()
    summary = base.summary(unit="W")
    columns = {name: np.asarray(summary[name]) for name in ("customer", "x", "t_x", "T", "m_x")}
    for frame in (summary, columns, pd.DataFrame(columns), pl.DataFrame(columns)):
        same_fit(fitted, cv.BGNBD().fit(frame, unit="W"))
    same_fit(fitted, cv.BGNBD(unit="W").fit(columns["x"], columns["t_x"], columns["T"]))
    assert_allclose(list(fitted.params_.values()), list(cv.BGNBD().fit(x, t_x / 7, T / 7).params_.values()), rtol=1e-9)
    spend = cv.GammaGamma(first=False).fit(base)
    same_fit(spend, cv.GammaGamma().fit(pd.DataFrame(columns)))
    assert spend.n_ == 946
    moments = base.snapshot.spend_moments()
    for model in (cv.GammaGamma, cv.LogNormalSpend):
        for frame in (moments, pd.DataFrame(moments), pl.DataFrame(moments)):
            same_fit(model().fit(base), model().fit(frame))


def test_columns_of_lifetimes_are_read_and_reported(base, fitted):
    summary = base.summary(unit="W")
    theirs = pd.DataFrame({"frequency": summary["x"], "recency": summary["t_x"], "T": summary["T"],
                           "monetary_value": np.nan_to_num(summary["m_x"])})
    model = cv.BGNBD(unit="W").fit(theirs)
    same_fit(fitted, model)
    assert "frequency, recency, T were read as x, t_x, T" in model.notes_[0] and fitted.notes_ == ()
    assert cv.GammaGamma().fit(theirs).n_ == 946


def test_weights_by_column_name_or_array():
    x, t_x, T, _ = histories.cdnow()
    rows, times = np.unique(np.stack([x, t_x, T]), axis=1, return_counts=True)
    frame = pd.DataFrame({"x": rows[0], "t_x": rows[1], "T": rows[2], "n": times})
    one, other = cv.BGNBD().fit(frame, weights="n"), cv.BGNBD().fit(frame, weights=times)
    same_fit(one, other)
    assert one.n_ == 2357
    assert_allclose(one.loglik_, cv.BGNBD().fit(x, t_x, T).loglik_, rtol=1e-13)


def test_the_unit_of_the_base_and_of_the_model(base):
    assert cv.BGNBD().fit(base).unit == "D"
    assert_allclose(cv.BGNBD(unit="W").fit(base).params_["alpha"], cv.BGNBD().fit(base).params_["alpha"] / 7, rtol=1e-8)
    with pytest.raises(cv.DataError, match=r"summary is in D, the model is in W\. Use base\.summary\(unit='W'\)"):
        cv.BGNBD(unit="W").fit(base.summary(unit="D"), unit="D")
    with pytest.raises(cv.ConfigError, match="'fortnight' is not known"):
        cv.BGNBD(unit="fortnight")


BAD = {
    "x": [(-1.0, "negative"), (1.5, "no whole number"), (np.nan, "missing or infinite"),
          (np.inf, "missing or infinite"), (1e300, "more purchases")],
    "t_x": [(-1.0, "negative"), (9.5, "after the end"), (np.nan, "missing"), (0.0, "zero although x > 0")],
    "T": [(-1.0, "negative"), (np.nan, "missing"), (np.inf, "infinite")],
}


@pytest.mark.parametrize("column, value, what", [(c, v, w) for c, cases in BAD.items() for v, w in cases])
@pytest.mark.parametrize("model", PURCHASE)
def test_an_invalid_history_is_named(model, column, value, what):
    frame = {"customer": np.array(["ann", "bob", "cy"]), "x": np.array([0.0, 2.0, 1.0]),
             "t_x": np.array([0.0, 3.0, 2.0]), "T": np.array([9.0, 9.0, 9.0])}
    frame[column][1] = value
    with pytest.raises(cv.DataError, match=rf"column '{column}': 1 of 3 values are .*{what}(.|\n)*row 1 (.|\n)*bob"):
        model().fit(frame)
    with pytest.raises(cv.DataError, match=f"column '{column}': 1 of 3"):
        model().fit(frame["x"], frame["t_x"], frame["T"])


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_bad_weights_are_named(weight):
    with pytest.raises(cv.DataError, match=r"column 'weights'(.|\n)*Weights count customers"):
        cv.BGNBD().fit([0.0, 1.0], [0.0, 3.0], [5.0, 5.0], weights=[1.0, weight])


def test_first_five_rows_are_shown():
    with pytest.raises(cv.DataError) as error:
        cv.BGNBD().fit(np.ones(9), np.full(9, 5.0), np.full(9, 4.0))
    assert "9 of 9" in str(error.value) and str(error.value).count("  row ") == 5


@pytest.mark.parametrize("value", [0.0, -5.0, np.nan, np.inf])
def test_spend_is_positive(value):
    with pytest.raises(cv.DataError, match="column 'm_x': 1 of 3"):
        cv.GammaGamma().fit([1.0, 2.0, 0.0], [value, 20.0, np.nan])


def test_customers_without_purchase_or_spend_are_left_out_and_counted():
    frame = pd.DataFrame({"x": [0.0, 0.0, 1.0, 3.0, 4.0], "t_x": [0.0, 0.0, 3.0, 6.0, 8.0],
                          "T": [np.nan, 9.0, 9.0, 9.0, 8.5], "m_x": [np.nan, np.nan, -2.0, 8.0, 9.5]})
    with pytest.warns(cv.DataWarning, match="1 of 5 customers have no purchase"):
        model = cv.BGNBD().fit(frame)
    assert model.n_ == 4 and "left out" in model.notes_[0]
    with pytest.warns(cv.DataWarning, match="1 of 5 customers have a mean spend of zero or less"):
        assert cv.GammaGamma().fit(frame).n_ == 2
    with pytest.raises(cv.DataError, match="column 'T'"):
        cv.BGNBD().fit(*(frame[c].to_numpy() for c in ("x", "t_x", "T")))


def test_columns_that_are_missing_or_not_numbers_are_refused():
    with pytest.raises(cv.DataError, match="column 't_x' is not in the frame"):
        cv.BGNBD().fit({"x": [1.0], "T": [2.0]})
    with pytest.raises(cv.DataError, match="x came without t_x and T"):
        cv.BGNBD().fit(np.ones(3))
    with pytest.raises(cv.DataError, match="T missing"):
        cv.BGNBD().fit(np.ones(3), np.ones(3))
    with pytest.raises(cv.DataError, match="t_x: 2 rows for 3 values"):
        cv.BGNBD().fit(np.ones(3), np.ones(2), np.ones(3))
    with pytest.raises(cv.DataError, match="x: expected a column of numbers"):
        cv.BGNBD().fit(["one"], [1.0], [2.0])


def test_a_model_needs_a_fit_or_all_parameters(fitted):
    with pytest.raises(cv.FitError, match="not fitted, and a, b not given"):
        cv.BGNBD(r=1, alpha=2).p_alive(1, 2, 3)
    given = cv.BGNBD(**fitted.params_, unit="W")
    assert given.p_alive(2, 30.43, 38.86) == fitted.p_alive(2, 30.43, 38.86)
    for bad in (0, -1, np.nan, np.inf, "1", True):
        with pytest.raises(cv.ConfigError, match=r"a=.* is not possible"):
            cv.BGNBD(a=bad)


def test_prediction_without_convergence_raises_unless_allowed():
    rate = np.random.default_rng(0).gamma(0.5, 0.2, 500)
    x = np.random.default_rng(1).poisson(rate * 52).astype(float)                       # no dropout
    t_x = np.where(x > 0, 52 * np.random.default_rng(2).random(500) ** (1 / np.maximum(x, 1)), 0)
    model = cv.BGNBD().fit(x, t_x, np.full(500, 52.0))
    assert model.status_ != "converged"
    for predict in (lambda **k: model.p_alive(1, 2, 3, **k), lambda **k: model.expected_purchases(1, 1, 2, 3, **k),
                    lambda **k: model.expected_purchases_new(1, **k), lambda **k: model.purchase_pmf(1, 2, **k),
                    lambda **k: model.loglik(1, 2, 3, **k), lambda **k: model.p_alive(1, 2, 3, t=1, **k),
                    lambda **k: model.p_purchase(1, 1, 2, 3, **k), lambda **k: model.purchase_pmf(0, 1, 1, 2, 3, **k),
                    lambda **k: model.expected_rate(1, 2, 3, **k), lambda **k: model.expected_dropout(1, 2, 3, **k)):
        with pytest.raises(cv.FitError, match=f"BGNBD: status '{model.status_}'"):
            predict()
        assert np.isfinite(predict(allow_unconverged=True))
    nothing = cv.BGNBD().fit(np.zeros(3), np.zeros(3), np.arange(3.0))
    with pytest.raises(cv.FitError, match="no customer bought twice"):
        nothing.p_alive(1, 2, 3, allow_unconverged=True)


def test_get_and_set_params_copy_and_pickle(fitted):
    assert cv.BGNBD(r=0.5, unit="W").get_params() == {
        "r": 0.5, "alpha": None, "a": None, "b": None, "unit": "W", "clock": None, "rate_covariates": (),
        "dropout_covariates": (), "penalty": 0.0}
    for twin in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        same_fit(fitted, twin)
        assert twin.unit == "W"
    assert len(pickle.dumps(fitted)) < 2000
    changed = copy.copy(fitted).set_params(r=0.3)
    assert changed.r == 0.3 and not hasattr(changed, "status_") and fitted.status_ == "converged"
    with pytest.raises(cv.ConfigError, match="BGNBD has no gamma"):
        changed.set_params(gamma=1)


def test_reprs_and_the_coefficient_table(fitted):
    assert repr(fitted).startswith("<BGNBD r=0.243 alpha=4.414 a=0.793 b=2.426 unit=W, n=2,357, loglik -9582.43, conv")
    assert len(repr(fitted)) < 100
    assert repr(cv.MBGNBD(a=2)) == "<MBGNBD r=? alpha=? a=2.000 b=?, not fitted>"
    assert repr(cv.GammaGamma(p=1, q=2, gamma=30_000)) == "<GammaGamma p=1.000 q=2.000 gamma=3e+04>"
    table = fitted.summary()
    assert list(pd.DataFrame(table).columns) == ["parameter", "estimate", "se", "low", "high"]
    assert str(table).count("\n") == 6 and "alpha" in str(table)
    assert all(low < v < high for low, v, high in zip(table["low"], table["estimate"], table["high"], strict=True))
    held = cv.BGNBD(b=2.0).fit(*histories.cdnow()[:3])
    assert held.params_["b"] == 2.0 and np.isnan(held.se_["b"]) and "-" in str(held.summary())
    assert held.aic_ == 6 - 2 * held.loglik_


def test_a_long_repr_loses_digits_only(base):
    columns = histories.simulate(100, .5, 5000, .8, 2.5, seed=1, end=9e4)
    large = cv.BGNBD(unit="W").fit(*(np.tile(column, 1000) for column in columns))
    for shown in (repr(cv.BGNBD().fit(base)), repr(large)):
        assert len(shown) < 100 and ", n=" in shown and ", loglik -" in shown and shown.endswith(" passes>")


def test_intervals_need_a_converged_fit():
    model = cv.MBGNBD(unit="W").fit([0, 0, 0, 1], [0, 0, 0, 3.], [10, 20, 30, 20])
    table = model.summary()
    assert model.status_ != "converged" and np.isnan([table[k] for k in ("se", "low", "high")]).all()
    assert "inf" not in str(table)


def test_models_and_tables_as_html(fitted):
    assert cv.BGNBD()._repr_html_() == "<code>&lt;BGNBD r=? alpha=? a=? b=?, not fitted&gt;</code>"
    page = fitted.summary()._repr_html_()
    assert page.count("<tr>") == 5 and ">alpha</td>" in page and "<script" not in page and len(page) < 4096


def test_a_base_or_a_summary_alone_is_a_history(base, fitted):
    summary, spend = base.summary(unit="W"), cv.GammaGamma(p=6.25, q=3.74, gamma=15.44, first=False)
    history = [summary[name] for name in ("x", "t_x", "T")]
    columns = {name: np.asarray(summary[name]) for name in ("customer", "x", "t_x", "T", "m_x")}
    theirs = pd.DataFrame({"frequency": columns["x"], "recency": columns["t_x"], "T": columns["T"]})
    for data in (base, columns, pd.DataFrame(columns), pl.DataFrame(columns), theirs):
        assert (fitted.p_alive(data) == fitted.p_alive(*history)).all()
        assert (fitted.expected_purchases(4, data) == fitted.expected_purchases(4, *history)).all()
        assert (fitted.expected_purchases((1, 4), data) == fitted.expected_purchases((1, 4), *history)).all()
        assert (fitted.loglik(data) == fitted.loglik(*history)).all()
        assert (fitted.p_alive(data, t=9) == fitted.p_alive(*history, t=9)).all()
        assert (fitted.next_purchase(.1, data) == fitted.next_purchase(.1, *history)).all()
        assert (fitted.purchase_pmf(2, 9, data) == fitted.purchase_pmf(2, 9, *history)).all()
        assert (fitted.dert(data, discount=.1) == fitted.dert(*history, discount=.1)).all()
        if data is not theirs:
            assert (spend.expected_spend(data) == spend.expected_spend(summary["x"], summary["m_x"])).all()
            np.testing.assert_array_equal(spend.loglik(data), spend.loglik(summary["x"], summary["m_x"]))
    indexed = pd.DataFrame(columns).set_index("customer")
    assert fitted.p_alive(indexed).index.equals(indexed.index)
    for call in (lambda: fitted.p_alive(2), lambda: fitted.p_alive([1, 2]), lambda: fitted.p_alive(base, 1)):
        with pytest.raises(TypeError, match="T missing: pass x, t_x, T, or a CustomerBase or summary alone"):
            call()
    with pytest.raises(cv.DataError, match="'t_x' is not in the frame"):
        fitted.p_alive({"x": [1.0]})
    with pytest.raises(cv.ConfigError, match="the model has no unit"):
        cv.BGNBD(**fitted.params_).p_alive(base)


def test_a_base_without_the_needed_columns_is_refused(base):
    bare = cv.CustomerBase({"who": ["a", "a"], "day": ["2025-01-01", "2025-02-01"]}, customer="who", time="day")
    for call in (cv.GammaGamma().fit, cv.GammaGamma(p=6, q=4, gamma=15).expected_spend):
        with pytest.raises(cv.DataError, match="the base has no amount"):
            call(bare)
    holdout = base.split("1997-06-30")[1]
    for call in (cv.MBGNBD().fit, cv.GammaGamma().fit, cv.GammaGamma(p=6, q=4, gamma=15).expected_spend):
        with pytest.raises(cv.DataError, match="holdout has no histories of its own: take the calibration base"):
            call(holdout)


def test_invalid_scalars_are_nan_with_the_warning_of_numpy(fitted):
    impossible = [(2, 50, 38), (-1, 0, 5), (1.5, 1, 5), (1, 0, 5), (0, 1, 5), (1, -1, 5)]
    for history in impossible:
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert np.isnan(fitted.p_alive(*history))
    spend = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    for history in ((-1, 2), (1.5, 2), (1, 0), (1, -2)):
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert np.isnan(spend.expected_spend(*history)).all()
    with np.errstate(all="raise"):
        assert np.isnan(fitted.p_alive(2, np.nan, 5)) and np.isnan(spend.expected_spend([2], [np.nan])).all()


def test_a_series_is_named_by_the_quantity(base, fitted):
    summary, spend = base.summary(unit="W"), cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    columns = {name: np.asarray(summary[name]) for name in ("x", "t_x", "T", "m_x")}
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        assert fitted.p_alive(frame).name == "p_alive" and spend.expected_spend(frame).name == "expected_spend"
        assert fitted.expected_purchases((1, 2), *(frame[k] for k in ("x", "t_x", "T"))).name == "expected_purchases"
        assert fitted.p_alive(frame, t=1).name == "p_alive" and fitted.purchase_pmf(1, 2, frame).name == "purchase_pmf"
        assert fitted.dert(frame, discount=.1).name == "dert" and spend.loglik(frame).name == "loglik"


def test_pandas_columns_keep_their_index(fitted):
    frame = pd.DataFrame({"x": [2.0, 0.0], "t_x": [30.43, 0.0], "T": [38.86, 10.0]}, index=["ann", "bob"])
    out = fitted.p_alive(frame["x"], frame["t_x"], frame["T"])
    assert list(out.index) == ["ann", "bob"] and out["bob"] == 1
    spend = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    assert list(spend.expected_spend(frame["x"], frame["t_x"]).index) == ["ann", "bob"]
    columns = [pl.Series(name, frame[name].to_numpy()) for name in frame]
    assert isinstance(fitted.p_alive(*columns), pl.Series) and isinstance(spend.expected_spend(*columns[:2]), pl.Series)


def test_a_model_with_all_parameters_fixed_is_evaluated_only(fitted):
    x, t_x, T, _ = histories.cdnow()
    held = cv.BGNBD(**fitted.params_).fit(x, t_x / 7, T / 7)
    assert held.status_ == "converged" and held.params_ == fitted.params_ and held.aic_ == -2 * held.loglik_
    assert_allclose(held.loglik_, fitted.loglik_, rtol=1e-14)
    assert all(np.isnan(se) for se in held.se_.values())


def test_columns_of_a_fit_share_an_index_and_masks_are_missing_values():
    """Columns whose indexes differ would pair different customers; a mask hides a value."""
    pandas = pytest.importorskip("pandas")
    x, m_x = pandas.Series([1, 2, 3], [0, 1, 2]), pandas.Series([5.0, 6.0, 9.0], [2, 1, 3])
    with pytest.raises(cv.DataError, match="m_x: carries another index"):
        cv.GammaGamma().fit(x, m_x)
    masked = np.ma.array([5.0, 6.0, 9.0], mask=[False, True, False])
    with pytest.raises(cv.DataError, match=r"column 'm_x': 1 of 3 values are missing or infinite\n  row 1"):
        cv.GammaGamma().fit(x.to_numpy(), masked)


def test_columns_of_a_prediction_share_an_index():
    pandas = pytest.importorskip("pandas")
    x, t_x = pandas.Series([1.0, 2.0]), pandas.Series([3.0, 4.0], [1, 2])
    with pytest.raises(cv.DataError, match="x, t_x, T: carries another index"):
        cv.BGNBD(r=0.2, alpha=4, a=0.8, b=2.4).p_alive(x, t_x, 39)


def test_a_quantity_that_a_model_lacks_is_named():
    class Nothing(cv.BGNBD):
        prefix = "nothing"

    model = Nothing(r=0.2, alpha=4, a=0.8, b=2.4, unit="W")
    one = (2, 30, 39)
    calls = {
        "p_alive": lambda: model.p_alive(*one, t=3), "p_purchase": lambda: model.p_purchase(3, *one),
        "expected_purchases": lambda: model.expected_purchases((1, 2), *one),
        "expected_purchases_new": lambda: model.expected_purchases_new(3),
        "purchase_pmf": lambda: model.purchase_pmf(1, 3, *one), "dert": lambda: model.dert(*one, discount=.1),
        "residual_lifetime": lambda: model.residual_lifetime(*one), "loglik": lambda: model.loglik(*one),
        "next_purchase": lambda: model.next_purchase(.5, *one), "expected_rate": lambda: model.expected_rate(*one),
        "expected_dropout": lambda: model.expected_dropout(*one),
    }
    for quantity, call in calls.items():
        with pytest.raises(cv.ConfigError, match=f"Nothing has no {quantity}: the model does not define it"):
            call()


def test_a_summary_in_another_unit_is_refused():
    pd = pytest.importorskip("pandas")
    frame = cv.datasets.cdnow(as_frame=pd.DataFrame)
    base = cv.CustomerBase(frame, customer="customer", time="date")
    days, model = base.summary("D"), cv.MBGNBD(r=0.5, alpha=6, a=0.9, b=1.6, unit="W")
    for ask in (lambda: cv.MBGNBD(unit="W").fit(days), lambda: model.p_alive(days)):
        with pytest.raises(cv.DataError, match=r"this summary is in D, the model is in W"):
            ask()
    assert cv.MBGNBD().fit(days).unit == "D"
    with pytest.raises(cv.DataError, match="make a base of an order log first"):
        cv.MBGNBD().fit(frame)


@pytest.mark.parametrize("name", models.__all__)
def test_a_model_file_opens_with_formula_and_source(name):
    head = inspect.getmodule(getattr(cv, name)).__doc__
    assert " ~ " in head.splitlines()[0] or " = " in head.splitlines()[2], head
    assert re.search(r"^Source: .*\(\d{4}\)", head, re.M), head
