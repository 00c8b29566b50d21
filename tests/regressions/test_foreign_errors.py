"""Odd numbers, texts and columns in every argument end in a result or an error of custval, never in a foreign one."""
import contextlib
import decimal
import inspect
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custval as cv

OWN = (cv.DataError, cv.ConfigError, cv.FitError)
D = decimal.Decimal
HUGE = 10**400
SCALARS = [HUGE, -HUGE, D("sNaN"), D("NaN"), D("1e400"), D("0.3"), Fraction(1, 3), float("nan"), float("inf"),
           5e-324, -1, 0, 2**63, True, "x", "a\0b", b"x", 1j, object(), [], {}, (), np.datetime64("NaT"), pd.NA,
           np.array([1.0, 2.0]), pd.Series([1.0])]
COLUMNS = [
    [HUGE, 1, 2.5], [D("sNaN"), D(1), D(2)], [D("3.1"), D(2), D("1.5")], [Fraction(10**400), 1, 2], ["a", "b", "c"],
    [None, 1, 2], [1j, 2, 3], [[1], [2, 3], [4]], [{"a": 1}, {"a": 2}, {"a": 3}], [float("inf"), 1, 2],
    [True, False, 3],
    np.array([1, 2, 3], np.longdouble), np.array(["2024-01-01"] * 3, "M8[D]"), np.zeros((3, 2)), np.array(7.0),
    pd.Series([1, None, 2], dtype="Int64"), pd.Series([D("1.5"), None, D("sNaN")]), pd.Series(["a", None, "b"]),
    pd.Series([1.0, 2, 3], index=[0, 0, 0]), pd.DataFrame({"a": [1, 2, 3]}), pd.Index([1, 2, 3]),
    pd.Series(pd.Categorical([1, 2, 1])), pl.Series([1, None, 2]), pl.Series([{"a": 1}] * 3), pl.Series([[1]] * 3),
    pl.Series([D("1.5"), None, D("2")]), pl.DataFrame({"a": [1]}), pa.array([1, None, 2]),
    pa.chunked_array([["a", "b", None]]), pa.RunEndEncodedArray.from_arrays([2, 3], [1.0, 2.0]),
    pa.array([D("1.5"), None, D("2")]), {1.0, 2.0, 3.0}, range(3), (1.0, 2.0, 3.0), "abc", b"abc", 7, None, object(),
    np.ma.array([1.0, 2, 3], mask=[1, 0, 0]), {"a": [1, 2, 3]}, np.zeros(3, [("a", float)])]

M = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W")
C = cv.MBGCNBD(k=2, r=.5, alpha=6, a=.9, b=1.6, unit="W")
S, V = cv.GammaGamma(p=6, q=4, gamma=100), cv.NormalMargin(mu=20, sigma=10, kappa=2, nu=4)
K = cv.ShiftedBetaGeometric(alpha=.7, beta=1.2, unit="Y")
U = cv.BGBB(alpha=1.2, beta=.75, gamma=.66, delta=2.8, unit="Q")
LOG = {"id": ["a", "b", "a", "c"], "day": ["2023-01-01", "2023-02-01", "2023-05-01", "2023-06-01"],
       "paid": [10.0, 20, 30, 5]}
NAMES = {"customer": "id", "time": "day", "amount": "paid"}
BASE = cv.CustomerBase(LOG, **NAMES)
PYRAMID = cv.pyramid([3.0, 2, 1], tiers={"a": .4, "b": .6})
CARD = cv.Scorecard("card", [cv.Indicator("i", weight=1, measures={"amount": cv.rules.Linear(per=10)})])
CLV = cv.CLV(purchases=M, spend=S)
X, T_X, T = [2, 0, 1], [5.0, 0, 3], [9.0, 9, 9]
FORECAST = cv.forecast(BASE, purchases=M, spend=S)
PLAN = {"a": {"action": "x", "share": .5}, "b": {"action": "y", "share": .5}}

# The arguments that are numbers or words, and a call that works with each of them as it is by default.
CALLS = {
    **{f"{model.__name__}({name})": (lambda model=model, name=name, **odd: model(**{name: odd["value"]}))
       for model in (cv.MBGNBD, cv.BGNBD, cv.ParetoNBD, cv.NBD, cv.GGompertzNBD, cv.MBGCNBD, cv.BGCNBD, cv.BGBB,
                     cv.ShiftedBetaGeometric, cv.BetaDiscreteWeibull, cv.GammaGamma, cv.NormalMargin)
       for name in inspect.signature(model).parameters if name not in ("rate_covariates", "dropout_covariates")},
    **{f"p_alive({name})": (lambda name=name, **odd: M.p_alive(**{**dict(x=2, t_x=3.0, T=9.0), name: odd["value"]}))
       for name in ("x", "t_x", "T", "t")},
    "dert(discount)": lambda value: M.dert(2, 3.0, 9.0, discount=value),
    "dert(t)": lambda value: M.dert(2, 3.0, 9.0, discount=.1, t=value),
    "expected_purchases(t)": lambda value: M.expected_purchases(value, X, T_X, T),
    "expected_purchases(t, t)": lambda value: M.expected_purchases((1.0, value), X, T_X, T),
    "next_purchase(q)": lambda value: M.next_purchase(value, X, T_X, T),
    "purchase_pmf(k)": lambda value: M.purchase_pmf(value, 2.0),
    "simulate(n)": lambda value: M.simulate(value, 3.0),
    "simulate(T)": lambda value: M.simulate(3, value), "simulate(seed)": lambda value: M.simulate(3, 3.0, seed=value),
    "simulate_future(t)": lambda value: M.simulate_future(value, X, T_X, T, draws=2),
    "simulate_future(draws)": lambda value: M.simulate_future(2.0, X, T_X, T, draws=value),
    "purchase_interval(level)": lambda value: M.purchase_interval(2.0, X, T_X, T, draws=5, level=value),
    "predict(periods)": lambda value: M.predict(BASE, periods=value),
    "predict(unit)": lambda value: M.predict(BASE, unit=value),
    "retention(t)": lambda value: K.retention(value), "survival(n)": lambda value: K.survival(2, value),
    "discounted_lifetime(discount)": lambda value: K.discounted_lifetime(discount=value),
    "GammaGamma.simulate(x)": S.simulate, "NormalMargin.simulate(n)": V.simulate,
    "margin_quantile(q)": lambda value: V.margin_quantile(value, [1.0], [2.0], [0.0]),
    "margin_quantile(of)": lambda value: V.margin_quantile(.5, [1.0], [2.0], [0.0], of=value),
    "BGBB.dert(discount)": lambda value: U.dert(1, 2, 3, discount=value),
    **{f"CLV.predict({name})": (lambda name=name, **odd: CLV.predict(BASE, **{name: odd["value"]}))
       for name in ("periods", "unit", "discount", "value", "margin_rate", "alive")},
    "CLV.interval(level)": lambda value: CLV.interval(BASE, level=value, draws=5),
    "CLV.interval(seed)": lambda value: CLV.interval(BASE, seed=value, draws=5),
    **{f"forecast({name})": (lambda name=name, **odd: cv.forecast(BASE, purchases=M, spend=S, **{name: odd["value"]}))
       for name in ("periods", "unit", "history", "value", "near", "uplift", "layout")},
    "at_risk(share)": lambda value: cv.at_risk(FORECAST, share=value),
    "at_risk(alive)": lambda value: cv.at_risk(FORECAST, alive=value),
    "win_back(p_back)": lambda value: cv.win_back(FORECAST, p_back=value, cost=1),
    "win_back(cost)": lambda value: cv.win_back(FORECAST, p_back=.1, cost=value),
    **{f"CustomerBase({name})": (lambda name=name, **odd: cv.CustomerBase(LOG, **{**NAMES, name: odd["value"]}))
       for name in inspect.signature(cv.CustomerBase).parameters if name not in ("orders", "rates", "merge", "keep")},
    "rates": lambda value: cv.CustomerBase({**LOG, "cur": ["EUR"] * 4}, **NAMES, currency="cur", rates={"EUR": value}),
    "as_of": BASE.as_of, "split": BASE.split, "where": BASE.where, "summary": BASE.summary,
    "history(unit)": lambda value: BASE.history(unit=value),
    "attributes(carrying)": lambda value: BASE.attributes(carrying=value),
    "with_log(probability)": lambda value: BASE.with_log("opportunities", {
        "customer": ["a"], "created": ["2023-03-01"], "amount": [5.0], "stage": ["s"]}, probability={"s": value}),
    **{f"tiers by {by}": (lambda by=by, **odd: cv.pyramid([3.0, 2, 1], tiers={"a": odd["value"], "b": None}, by=by))
       for by in ("share", "count", "score", "value")},
    "pyramid(hysteresis)": lambda value: cv.pyramid([3.0, 2], tiers={"a": 1.0}, former=["a", "a"], hysteresis=value),
    "pyramid(ties)": lambda value: cv.pyramid([3.0, 2], tiers={"a": 1.0}, ties=value),
    "pyramid(by)": lambda value: cv.pyramid([3.0, 2], tiers={"a": 1.0}, by=value),
    "pyramid(tiers)": lambda value: cv.pyramid([3.0, 2], tiers=value),
    "abc(cuts)": lambda value: cv.abc([3.0, 2], cuts=[value]), "abc(all cuts)": lambda value: cv.abc([3.0], cuts=value),
    "abc(rule)": lambda value: cv.abc([3.0, 2], rule=value),
    "abc(names)": lambda value: cv.abc([3.0, 2], cuts=[.5], names=value),
    "grid(cuts)": lambda value: cv.grid([3.0, 2], [1.0, 2], cuts=value),
    "grid(list of cuts)": lambda value: cv.grid([3.0, 2], [1.0, 2], cuts=[value]),
    "grid(names)": lambda value: cv.grid([3.0, 2], [1.0, 2], cuts=1, names=value),
    "rfm(levels)": lambda value: cv.rfm(BASE, value),
    "rfm(weights)": lambda value: cv.rfm(BASE, 2, weights=[value, 1, 1]),
    "histogram(edges)": lambda value: PYRAMID.histogram([1.0, 2, 3], [value]),
    "distribution(quantiles)": lambda value: PYRAMID.distribution([1.0, 2, 3], quantiles=[value]),
    "actions(budget)": lambda value: PYRAMID.actions(PLAN, budget=value),
    "actions(limit)": lambda value: PYRAMID.actions({**PLAN, "a": {**PLAN["a"], "limit": value}}, budget=9),
    "actions(share)": lambda value: PYRAMID.actions({**PLAN, "a": {**PLAN["a"], "share": value}}, budget=9),
    "promote(to)": lambda value: PYRAMID.promote([True] * 3, to=value, reason="r"),
    "share_of_top(p)": lambda value: cv.share_of_top([3.0, 2], value),
    "gini(negatives)": lambda value: cv.gini([3.0, 2], negatives=value),
    "Linear(per)": lambda value: cv.rules.Linear(per=value),
    "Linear(cap)": lambda value: cv.rules.Linear(per=1, cap=value),
    "Steps(from)": lambda value: cv.rules.Steps([(None, 0), (value, 1)]),
    "Steps(points)": lambda value: cv.rules.Steps([(None, value)]),
    "Piecewise": lambda value: cv.rules.Piecewise([(0, 0), (value, 1)]),
    "Log(per)": lambda value: cv.rules.Log(per=value, points=1), "Log(base)": lambda value: cv.rules.Log(
        per=1, points=1, base=value),
    "Table": lambda value: cv.rules.Table({"a": value}), "Grades": lambda value: cv.rules.Grades({"a": value}),
    "Linear(window)": lambda value: cv.rules.Linear(per=1, window=value),
    "Linear(decay)": lambda value: cv.rules.Linear(per=1, decay=value),
    "Indicator(weight)": lambda value: cv.Indicator("i", weight=value, measures={"a": cv.rules.Linear(per=1)}),
    "Scorecard(digits)": lambda value: cv.Scorecard("c", CARD.indicators, digits=value),
    "Scorecard(name)": lambda value: cv.Scorecard(value, CARD.indicators),
    "score(as_of)": lambda value: CARD.score(BASE, as_of=value),
    "explain(customer)": lambda value: CARD.explain(BASE, customer=value),
    "swing": lambda value: cv.weights.swing({"a": value, "b": 1}),
    "pairwise": lambda value: cv.weights.pairwise({("a", "b"): value}),
    "stages(alive)": lambda value: cv.stages(BASE, purchases=M, alive=value),
    "stages(periods)": lambda value: cv.stages(BASE, purchases=M, periods=value),
    "decompose(lag)": lambda value: cv.decompose(BASE, unit="M", lag=value),
    "customer_flow(unit)": lambda value: cv.customer_flow(BASE, purchases=M, unit=value),
    "curve(periods)": lambda value: cv.curve(BASE, periods=value),
    "curve(window)": lambda value: cv.curve(BASE, window=value, unit="M"),
    **{f"cohorts({name})": (lambda name=name, **odd: cv.cohorts(BASE, **{name: odd["value"]}))
       for name in ("unit", "value")},
    **{f"tenures({name})": (lambda name=name, **odd: cv.tenures(BASE, **{name: odd["value"]}))
       for name in ("unit", "gap")},
    "compare(origins)": lambda value: cv.compare(BASE, [M], origins=value),
    "compare(models)": lambda value: cv.compare(BASE, [value], origins=0),
    "append(end)": lambda value: BASE.append(LOG, end=value),
    **{f"features({name})": (lambda name=name, **odd: BASE.features(
        **{**dict(origins="2023-03-01", horizon=1), name: odd["value"]})) for name in ("origins", "horizon", "unit")},
    "history(periods)": lambda value: BASE.history(periods=value), "history(value)": lambda value: BASE.history(
        value=value),
    "attributes(fill)": lambda value: BASE.attributes(fill=value),
    "attributes(events)": lambda value: BASE.attributes(events=value),
    "attributes(default)": lambda value: BASE.attributes(default=value),
    "with_log(kind)": lambda value: BASE.with_log(value, {"customer": ["a"], "time": ["2023-03-01"]}),
    "with_pool(allocate)": lambda value: BASE.with_pool({"time": ["2023-03-01"], "cost": [5.0]}, allocate=value),
    "with_profile(customer)": lambda value: BASE.with_profile({"customer": ["a"], "n": [1]}, customer=value),
    **{f"Forecaster({name})": (lambda name=name, **odd: cv.Forecaster(
        **{**dict(purchases=M, spend=S), name: odd["value"]}).fit(BASE)) for name in ("purchases", "spend", "value")},
    **{f"Forecaster.predict({name})": (lambda name=name, **odd: cv.Forecaster(purchases=M, spend=S).fit(BASE).predict(
        BASE, **{name: odd["value"]})) for name in ("periods", "unit", "history", "near", "uplift", "layout")},
    **{f"CLV({name})": (lambda name=name, **odd: cv.CLV(**{**dict(purchases=M, spend=S), name: odd["value"]}).predict(
        BASE)) for name in ("purchases", "spend")},
    "CLV.simulate(T)": lambda value: CLV.simulate(2, value), "CLV.simulate(end)": lambda value: CLV.simulate(
        2, 9.0, end=value),
    "migration(order)": lambda value: cv.migration(["a", "b"], ["a", "a"], order=value),
    "migration(by)": lambda value: cv.migration({"customer": [1], "tier": ["a"]}, {"customer": [1], "tier": ["a"]},
                                                by=value),
    "who(move)": lambda value: cv.migration(["a", "b"], ["a", "a"]).who(value),
    "lorenz.table": lambda value: cv.lorenz([3.0, 2]).table(value),
    "lorenz.count_reaching": lambda value: cv.lorenz([3.0, 2]).count_reaching(value),
    "Store": cv.Store, "builtin": cv.Scorecard.builtin, "diff": CARD.diff,
    "from_bins(points)": lambda value: cv.rules.Steps.from_bins([1.0], [0, value]),
    "quantiles": lambda value: cv.rules.Steps.quantiles([0, value]), "Manual": lambda value: cv.rules.Manual(cap=value),
    "crm": lambda value: cv.datasets.crm(customers=value),
    "load": lambda value: cv.load(value), "Scorecard.load": cv.Scorecard.load,
    "consensus(how)": lambda value: cv.consensus(cv.appraise(BASE, {"s": "amount"}), how=value),
    "appraise(model)": lambda value: cv.appraise(BASE, {"s": value}),
    "appraise(scope)": lambda value: cv.appraise(BASE, {"s": "amount"}, scopes={"s": value}),
}
ON_COLUMNS = {
    **{f"p_alive({name})": (lambda name=name, **odd: M.p_alive(**{**dict(x=X, t_x=T_X, T=T), name: odd["value"]}))
       for name in ("x", "t_x", "T", "t")},
    "loglik(litt)": lambda value: C.loglik(X, T_X, T, value),
    "expected_purchases(t)": lambda value: M.expected_purchases(value, X, T_X, T),
    "purchase_interval(x)": lambda value: M.purchase_interval(2.0, value, T_X, T, draws=3),
    "fit(x)": lambda value: cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6).fit(value, T_X, T),
    "fit(weights)": lambda value: cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6).fit(X, T_X, T, weights=value),
    "fit(base, weights)": lambda value: cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6).fit(BASE, weights=value),
    "fit(frame)": lambda value: cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6).fit({"x": value, "t_x": T_X, "T": T}),
    "fit(covariates)": lambda value: cv.MBGNBD(alpha=6, a=.9, b=1.6, rate_covariates=["z"]).fit(
        X, T_X, T, covariates={"z": value}),
    "GammaGamma": lambda value: S.expected_spend(X, value), "GammaGamma.fit": lambda value: S.fit(X, value),
    "GammaGamma.simulate": S.simulate, "NormalMargin": lambda value: V.expected_margin(X, value, [0.0] * 3),
    "NormalMargin.fit": lambda value: cv.NormalMargin(mu=20, sigma=10, kappa=2, nu=4).fit(value, T_X, [0.0] * 3),
    "survival": lambda value: K.survival(value, [0, 1, 2]), "tenure": lambda value: K.tenure(value),
    "contracts": lambda value: cv.ShiftedBetaGeometric(alpha=.7, beta=1.2).fit(value, [1, 0, 0]),
    "churned": lambda value: cv.ShiftedBetaGeometric(alpha=.7, beta=1.2).fit([1, 2, 3], value),
    "survivors": lambda value: cv.ShiftedBetaGeometric(alpha=.7, beta=1.2).fit(survivors=value),
    "simulate(T)": lambda value: M.simulate(3, value),
    "CLV.predict": lambda value: CLV.predict({"x": value, "t_x": T_X, "T": T, "m_x": [10.0, 0, 20]}),
    "forecast(uplift)": lambda value: cv.forecast(BASE, purchases=M, spend=S, uplift=value),
    "win_back(p_back)": lambda value: cv.win_back(FORECAST, p_back=value, cost=1),
    "at_risk(tiers)": lambda value: cv.at_risk(FORECAST, tiers=value),
    "CustomerBase(id)": lambda value: cv.CustomerBase({"id": value, "day": LOG["day"][:3]}, customer="id", time="day"),
    "CustomerBase(day)": lambda value: cv.CustomerBase({"id": ["a"] * 3, "day": value}, customer="id", time="day"),
    "CustomerBase(paid)": lambda value: cv.CustomerBase(
        {"id": ["a"] * 3, "day": LOG["day"][:3], "paid": value}, **NAMES),
    "CustomerBase(product)": lambda value: cv.CustomerBase(
        {"id": ["a"] * 3, "day": LOG["day"][:3], "paid": [1.0] * 3, "p": value}, **NAMES, product="p"),
    "CustomerBase(orders)": lambda value: cv.CustomerBase(value, **NAMES),
    "where": BASE.where, "join": lambda value: BASE.attributes({"customer": ["a", "b", "c"], "n": value}),
    "join by": lambda value: BASE.attributes({"customer": value, "n": [1, 2, 3]}),
    "profile": lambda value: BASE.with_profile({"customer": ["a", "b", "c"], "share_of_wallet": value}).attributes(),
    "appraise": lambda value: cv.appraise(BASE, {"s": lambda base: value}),
    "appraise(scopes)": lambda value: cv.appraise(BASE, {"s": "amount"}, scopes={"s": lambda known: value}),
    "pyramid": lambda value: cv.pyramid(value, tiers={"a": .4, "b": .6}),
    "pyramid(tie_break)": lambda value: cv.pyramid([3.0, 2, 1], tiers={"a": .4, "b": .6}, ties="row", tie_break=value),
    "pyramid(composition)": lambda value: cv.pyramid([3.0, 2, 1], tiers={"a": 1.0}, composition={"c": value}),
    "pyramid(former)": lambda value: cv.pyramid([3.0, 2, 1], tiers={"a": 1.0}, former=value, hysteresis=.1),
    "abc": lambda value: cv.abc(value), "grid": lambda value: cv.grid(value, [1.0, 2, 3], cuts=2),
    "grid(y)": lambda value: cv.grid([1.0, 2, 3], value, cuts=2),
    "crosstab": lambda value: cv.crosstab(value, ["a", "b", "a"]),
    "crosstab(values)": lambda value: cv.crosstab(["a", "b", "a"], ["a", "b", "a"], values=value),
    "migration": lambda value: cv.migration(value, ["a", "b", "a"]),
    "rfm": lambda value: cv.rfm({"recency": value, "purchases": [1, 2, 3], "amount": [1.0, 2, 3]}, 2),
    "lorenz": lambda value: cv.lorenz(value), "gini": cv.gini, "distribution": PYRAMID.distribution,
    "promote": lambda value: PYRAMID.promote(value, to="a", reason="r"),
    "score": lambda value: CARD.score({"amount": value}), "score(base)": lambda value: CARD.score(value),
    "learn": lambda value: cv.Scorecard("c", [cv.Indicator("i", weight=1, measures={
        "amount": cv.rules.Steps.quantiles([0, 1])})]).learn({"amount": value}),
    "grades": lambda value: cv.Scorecard("c", [cv.Indicator("i", weight=1, measures={
        "amount": cv.rules.Table({"a": 1})})]).score({"amount": value}),
    "from_bins": lambda value: cv.rules.Steps.from_bins(value, [1, 2, 3, 4]),
    "consensus": cv.consensus,
}


def test_every_public_function_is_called():
    text = inspect.getsource(inspect.getmodule(foreign))
    functions = [name for name in cv.__all__ if inspect.isfunction(getattr(cv, name)) and name != "show_versions"]
    assert [name for name in functions if f"cv.{name}(" not in text] == []


def foreign(call, value):
    """Return a foreign error of a call as text, None if there is none."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            call(value=value) if "odd" in inspect.signature(call).parameters else call(value)
    except OWN:
        return None
    except OSError:                                         # of files that are not there
        return None
    except BaseException as error:
        if isinstance(error, TypeError) and "missing: pass " in str(error):              # a call without the column
            return None
        return f"{type(error).__name__}: {str(error)[:90]}"
    return None


def shown(value):
    with contextlib.suppress(ArithmeticError):              # pandas compares a signaling NaN
        return f"{type(value).__name__} {value!r}"[:60]
    return type(value).__name__


@pytest.mark.parametrize("name", CALLS)
def test_odd_settings(name):
    found = {shown(value): error for value in SCALARS if (error := foreign(CALLS[name], value))}
    assert found == {}


@pytest.mark.parametrize("name", ON_COLUMNS)
def test_odd_columns(name):
    found = {f"{k} {shown(value)}": error for k, value in enumerate(COLUMNS)
             if (error := foreign(ON_COLUMNS[name], value))}
    assert found == {}


@pytest.mark.parametrize("day, words", [
    (pd.to_timedelta([1, 2], "D"), "holds timedelta64 values"), (pd.PeriodIndex(["2024-01", "2024-02"], freq="M"),
                                                                  r"\.dt\.to_timestamp\(\)"),
    ([1704067200 * 10**9] * 2, "pandas.to_datetime"), ([1704067200 * 10**6] * 2, "microseconds since 1970-01-01 UTC"),
    ([202401, 202402], "'%Y%m'")])
def test_times_of_other_types_have_an_error_and_a_remedy_of_their_own(day, words):
    frame = pd.DataFrame({"id": ["a", "b"], "day": day, "paid": 1.0})
    with pytest.raises(cv.DataError, match=words):
        cv.CustomerBase(frame, **NAMES)


@pytest.mark.parametrize("new", [["a"], {"a"}, {"x": 1}])
def test_an_account_goes_to_one_id(new):
    with pytest.raises(cv.ConfigError, match="one account goes to one id"):
        cv.CustomerBase(LOG, **NAMES, merge={"c": new})
