"""cv.compare: models by AIC, likelihood-ratio tests of nested models, backtests at rolling origins."""
import warnings

import mpmath
import numpy as np
import pandas as pd
import polars as pl
import pytest

import custval as cv
from custval.evaluation import comparison as _compare


def above(value, df):
    """Return P(chi squared > value)."""
    return float(mpmath.gammainc(df / 2, value / 2, mpmath.inf, regularized=True))


@pytest.fixture(scope="module")
def found():
    return cv.compare(cv.datasets.cdnow(), [cv.BGNBD(unit="W"), cv.MBGNBD(unit="W"), cv.BGNBD(a=1, unit="W"),
                                            cv.BGNBD(a=1, b=3, unit="W")], origins=2)


def test_models_are_ranked_by_aic(found):
    table = found.table()
    assert found.best == table["model"][0] == "MBGNBD" and (np.diff(table["aic"]) >= 0).all()
    assert sorted(table["model"]) == ["BGNBD", "BGNBD(a=1)", "BGNBD(a=1, b=3)", "MBGNBD"]
    by = dict(zip(table["model"], table["parameters"], strict=True))
    assert by == {"BGNBD": 4, "MBGNBD": 4, "BGNBD(a=1)": 3, "BGNBD(a=1, b=3)": 2}
    np.testing.assert_allclose(table["aic"], 2 * table["parameters"] - 2 * table["loglik"])
    assert "MBGNBD" in repr(found) and "converged" in repr(found)


def test_nested_models_are_tested(found):
    tests = found.tests()
    pairs = list(zip(tests["smaller"], tests["larger"], strict=True))
    assert sorted(pairs) == [("BGNBD(a=1)", "BGNBD"), ("BGNBD(a=1, b=3)", "BGNBD"), ("BGNBD(a=1, b=3)", "BGNBD(a=1)")]
    assert (tests["statistic"] >= 0).all()                               # LL(larger) >= LL(smaller)
    for df, statistic, p in zip(tests["df"], tests["statistic"], tests["p"], strict=True):
        np.testing.assert_allclose(p, above(statistic, df), rtol=1e-12)


def test_chi_squared():
    for df in range(1, 9):
        for value in (0.0, 0.3, 4.0, 60.0):
            np.testing.assert_allclose(_compare.tail(df, value), above(value, df), rtol=1e-12)


def test_backtests_are_evaluations_of_fits_to_their_windows(found):
    rows = found.backtest()
    assert list(dict.fromkeys(rows["model"])) == ["BGNBD", "MBGNBD", "BGNBD(a=1)", "BGNBD(a=1, b=3)", "naive"]
    days = list(dict.fromkeys(rows["origin"]))
    assert days == [np.datetime64("1997-12-08"), np.datetime64("1998-02-14")]
    base = cv.datasets.cdnow()
    past, holdout = base.as_of("1998-04-23").split("1997-12-08")         # a quarter of 546 days, 136, is the horizon
    again = cv.MBGNBD(unit="W").fit(past).evaluate(holdout)
    assert found.evaluations["MBGNBD", days[0]].model == again.model
    mean = (rows["mae"][rows["model"] == "MBGNBD"]).mean()
    table = found.table()
    assert table["mae"][list(table["model"]).index("MBGNBD")] == pytest.approx(mean, rel=1e-14)


def test_a_larger_model_that_fits_worse_warns():
    """A search that missed the optimum: the likelihood of the larger model is set below that of its special case."""
    class Lame(cv.BGNBD):
        def fit(self, *args, **kwargs):
            super().fit(*args, **kwargs)
            self.set_fit({"loglik": self.loglik_ - (100 if self.a is None else 0)})
            return self

    with pytest.warns(cv.DataWarning, match=r"Lame contains Lame\(a=1\); the larger fits worse"):
        found = cv.compare(cv.datasets.cdnow(), [Lame(unit="W"), Lame(a=1, unit="W")], origins=0)
    assert found.tests()["verdict"][0] == "the larger fits worse than its special case: its search missed the optimum"
    assert np.isnan(found.tests()["p"]).all() and len(found.backtest()["model"]) == 0


def test_nesting_between_models():
    class NBD(cv.BGNBD):
        names = ("r", "alpha")

        def __init__(self, r=None):
            self.r, self.alpha = r, None

    assert _compare.nesting(NBD(), cv.BGNBD()) and not _compare.nesting(cv.BGNBD(), NBD())
    assert _compare.nesting(NBD(r=1), cv.BGNBD(r=1)) and not _compare.nesting(NBD(), cv.BGNBD(r=1))
    assert not _compare.nesting(NBD(), cv.BGNBD(a=1)) and not _compare.nesting(cv.BGNBD(), cv.MBGNBD())
    assert _compare.holds_chi_squared(NBD(), cv.BGNBD()) is False


def test_a_model_without_a_fit_is_last_and_never_best():
    log = {"who": ["a", "b", "c", "d"] * 2, "day": np.datetime64("2025-01-01") + np.arange(8)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cv.compare(cv.CustomerBase(log, customer="who", time="day"), [cv.BGNBD(), cv.MBGNBD()], origins=0)
    assert all(model.status_ != "converged" for model in found.models.values())
    with pytest.raises(cv.FitError, match="no model has a converged fit"):
        _ = found.best


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_frames_are_of_the_kind_of_the_base(kind):
    base = cv.datasets.cdnow()
    rows = base.summary()
    log = kind({"who": np.repeat(rows["customer"], 2), "day": np.stack([rows["first"], rows["last"]], 1).ravel()})
    found = cv.compare(cv.CustomerBase(log, customer="who", time="day", unit="W"), [cv.MBGNBD()], origins=1)
    assert all(isinstance(frame, kind) for frame in (found.table(), found.tests(), found.backtest()))


@pytest.mark.parametrize("call, error, words", [
    (lambda base: cv.compare(base, []), cv.ConfigError, "one model or more"),
    (lambda base: cv.compare(base, [cv.BGNBD(), cv.BGNBD()]), cv.ConfigError, "pass models that differ"),
    (lambda base: cv.compare(base, [cv.GammaGamma()]), cv.ConfigError, "models=GammaGamma: no model of purchases"),
    (lambda base: cv.compare(base.summary(), [cv.BGNBD()]), cv.ConfigError, "is fitted to a CustomerBase"),
    (lambda base: cv.compare(base, [cv.BGNBD()], origins=-1), cv.ConfigError, "origins=-1"),
    (lambda base: cv.compare(base, [cv.BGNBD()], origins=9), cv.DataError, "too short for these backtests"),
    (lambda base: cv.compare(base, [cv.BGNBD()], origins=["2003-01-01"]), cv.DataError, "after the end"),
])
def test_invalid_comparisons_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(cv.datasets.cdnow())


def test_models_that_do_not_compare_are_refused():
    base = cv.datasets.cdnow()
    with pytest.raises(cv.ConfigError, match="models in D and W: likelihoods of several units do not compare"):
        cv.compare(base, [cv.BGNBD(unit="W"), cv.MBGNBD(unit="D")])
    with pytest.raises(cv.ConfigError, match=r"BGNBD is a class: pass cv.BGNBD\(\)"):
        cv.compare(base, [cv.BGNBD])
    with pytest.raises(cv.ConfigError, match=r"purchases=BGNBD is a class: pass cv.BGNBD\(\)"):
        cv.forecast(base, purchases=cv.BGNBD)


def test_means_are_those_of_the_origins_that_all_models_share():
    base = cv.datasets.cdnow()
    found = cv.compare(base, [cv.BGNBD(unit="W"), cv.MBGNBD(unit="W")], origins=["1997-06-30", "1997-09-30"])
    assert list(found.table()["origins"]) == [2, 2]
    late = np.datetime64("1997-09-30")
    del found.evaluations["BGNBD", np.datetime64("1997-06-30")]
    assert list(found.table()["origins"]) == [1, 1]
    assert found._mean("MBGNBD") == found.evaluations["MBGNBD", late].model


# ---- opportunities and contracts ----

BOTH = [cv.ShiftedBetaGeometric(), cv.BetaDiscreteWeibull()]


def test_contracts_are_compared_on_their_cohorts():
    """Log-likelihoods by Newton to 10 digits on the cohort of Fader and Hardie (2007); c = 1 is the sBG: one degree."""
    high_end = cv.datasets.contracts()["high_end"]
    found = cv.compare(high_end, BOTH, origins=[4, 5])
    table, tests = found.table(), found.tests()
    assert found.best == "BetaDiscreteWeibull" and found.models[found.best].n_ == 1000 and len(tests["p"]) == 1
    np.testing.assert_allclose(table["loglik"], [-1605.314213, -1611.158147391], rtol=1e-9)
    np.testing.assert_allclose(tests["statistic"], 2 * (1611.158147391 - 1605.314213), rtol=1e-6)
    np.testing.assert_allclose(tests["p"], above(tests["statistic"][0], 1), rtol=1e-12)
    assert (tests["smaller"][0], tests["df"][0], tests["verdict"][0]) == (
        "ShiftedBetaGeometric", 1, "the larger fits better")
    rows = found.backtest()
    assert rows["origin"].tolist() == [4, 4, 4, 5, 5, 5] and rows["t"].tolist() == [3, 3, 3, 2, 2, 2]
    trained = cv.BetaDiscreteWeibull().fit(survivors=high_end[:5])
    judged = found.evaluations["BetaDiscreteWeibull", 4]
    np.testing.assert_allclose(judged.periods()["expected"], 593 * trained.survival([1, 2, 3], 4), rtol=1e-12)
    assert judged.model.actual == 551 + 517 + 491 and judged.naive.expected == pytest.approx(
        sum(593 * (593 / 653)**t for t in (1, 2, 3)))
    assert np.isnan(judged.model.gini) and judged.grade == "" and "renewals of 593 customers" in repr(judged)
    assert list(cv.compare(high_end, BOTH, origins=3).backtest()["origin"]) == [4] * 3 + [5] * 3 + [6] * 3


def test_cohorts_of_several_ages_lose_the_same_last_periods():
    old, young = np.array([1000, 631, 468, 382, 326]), np.array([500, 300, 220, np.nan, np.nan])
    newest = np.array([80, 60, np.nan, np.nan, np.nan])
    frame = pd.DataFrame({"old": old, "young": young, "newest": newest})
    model = cv.ShiftedBetaGeometric(alpha=0.7, beta=1.2)
    found = model.evaluate(frame, periods=2)
    table = found.periods()
    assert isinstance(table, pd.DataFrame) and table["cohort"].tolist() == ["old", "old", "young", "young"]
    assert table["period"].tolist() == [3, 4, 1, 2] and table["actual"].tolist() == [382, 326, 300, 220]
    np.testing.assert_allclose(table["expected"], [*468 * model.survival([1, 2], 2), *500 * model.survival([1, 2])])
    assert (found.customers, found.newcomers, found.retention) == (968, 80, 468 / 631)
    np.testing.assert_allclose(found.model.mae, np.abs(table["expected"] - table["actual"]).mean())
    known = cv.compare(frame, BOTH, origins=[3]).evaluations["ShiftedBetaGeometric", 3]
    fitted = cv.ShiftedBetaGeometric().fit(survivors={"old": old[:4], "young": [500, 300, np.nan, np.nan]})
    np.testing.assert_allclose(known.periods()["expected"], [382 * fitted.survival(1, 3), 300 * fitted.survival(1, 1),
                                                             80 * fitted.survival(1)], rtol=1e-9)


def test_an_extinct_cohort_expects_nothing():
    found = cv.ShiftedBetaGeometric(alpha=1, beta=1).evaluate([5, 2, 0, 0, 0], periods=1)
    assert (found.model.expected, found.model.actual, found.model.mae) == (0, 0, 0)
    assert np.isnan(found.retention) and np.isnan(found.naive.mae) and found.customers == 0


def test_tenures_are_compared_without_backtests():
    drawn = pl.DataFrame(cv.BetaDiscreteWeibull(alpha=0.6, beta=1.8, c=1.4).simulate(3000, 9, seed=2))
    found = cv.compare(drawn, BOTH)
    assert found.best == "BetaDiscreteWeibull" and len(found.backtest()) == 0
    assert isinstance(found.table(), pl.DataFrame) and found.table()["origins"].to_list() == [0, 0]


def test_opportunities_are_compared_on_whole_periods():
    base = cv.datasets.cdnow()
    found = cv.compare(base, [cv.BGBB(unit="M"), cv.BGBB(unit="M", gamma=0.5)], origins=2)
    assert [str(day) for day in dict.fromkeys(found.backtest()["origin"])] == ["1997-12-31", "1998-02-28"]
    past, holdout = base.as_of("1998-06-30").split("1998-02-28")
    again = cv.BGBB(unit="M").fit(past).evaluate(holdout)
    assert found.evaluations["BGBB", np.datetime64("1998-02-28")].model == again.model
    assert found.tests()["smaller"].tolist() == ["BGBB(gamma=0.5)"]


@pytest.mark.parametrize("data, models, error, words", [
    ("base", [cv.BGBB(unit="M"), cv.BGNBD(unit="M")], cv.ConfigError, "models of opportunities and purchases"),
    ("base", [cv.BGBB()], cv.ConfigError, "pass unit= to the model"),
    ("base", BOTH, cv.ConfigError, "fitted to survivors or tenures, not CustomerBase"),
    ([1000, 800, 700, 640], [cv.BGNBD()], cv.ConfigError, "fitted to a CustomerBase, not list"),
    ([1000], BOTH, cv.DataError, "a cohort has its size"),
    ([1000, 800, 700, 640], BOTH, cv.DataError, "3 renewals are too few"),
])
def test_models_and_data_of_different_kinds_are_refused(data, models, error, words):
    with pytest.raises(error, match=words):
        cv.compare(cv.datasets.cdnow() if isinstance(data, str) else data, models)


def test_origins_of_contracts_are_renewals():
    with pytest.raises(cv.DataError, match="origins: 7 is not possible: pass renewals known, 1 to 6"):
        cv.compare(cv.datasets.contracts()["regular"], BOTH, origins=[7])
    with pytest.raises(cv.DataError, match="no cohort is that old; the oldest has 7 renewals"):
        cv.ShiftedBetaGeometric(alpha=1, beta=1).evaluate(cv.datasets.contracts()["regular"], periods=8)


def refunded():
    """Return a base of which some customers have refunds only, so that every fit leaves them out."""
    rng = np.random.default_rng(4)
    log = {"id": rng.integers(0, 80, 500), "day": np.datetime64("2023-01-01") + rng.integers(0, 700, 500),
           "paid": rng.choice([5.0, 9.0, 20.0], 500)}
    extra = {"id": [900, 901, 902], "day": np.array(["2023-01-05", "2023-05-05", "2024-03-01"], "M8[D]"),
             "paid": [-5.0, -6.0, -7.0]}
    return cv.CustomerBase({name: np.concatenate([log[name], extra[name]]) for name in log}, customer="id", time="day",
                           amount="paid")


def test_a_comparison_warns_once_of_each_kind_at_the_callers_line():
    with pytest.warns(cv.DataWarning) as seen:
        cv.compare(refunded(), [cv.BGNBD(), cv.MBGNBD(), cv.NBD()], origins=2)
    assert [str(w.message) for w in seen] == [
        "3 of 83 customers have no purchase: left out of the fit (the first of 3 such cases in this call)"]
    assert seen[0].filename == __file__


def test_the_warning_of_a_fit_points_at_the_callers_line():
    for call in (cv.BGNBD().fit, lambda base: cv.forecast(base, purchases=cv.NBD(r=1), value="purchases")):
        with pytest.warns(cv.DataWarning, match="3 of 83 customers have no purchase") as seen:
            call(refunded())
        assert {w.filename for w in seen} == {__file__}
