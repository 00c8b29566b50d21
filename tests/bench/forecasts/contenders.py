"""Forecasts of purchases and money of each customer of a task: custval's default, single models, peers, naive ones."""
import io
import warnings
from contextlib import redirect_stdout

import numpy as np
import pandas as pd

import custval as cv

WEEK = 7.0


def by_customer(task, values, base=None):
    """Return values of the customers of a base in the order of a task."""
    return pd.Series(np.asarray(values, float), index=(base or task.known).customers).reindex(task.ids).to_numpy()


def default(task, method=cv.Forecaster):
    """Return the forecast of `cv.Forecaster` with its defaults."""
    whole = method(value="amount").fit(task.known).predict(task.known, periods=task.days, unit="D", history=0,
                                                           layout="long")
    whole = whole.groupby("customer")[["purchases", "amount"]].sum().reindex(task.ids)
    return whole["purchases"].to_numpy(), whole["amount"].to_numpy()


def single(model):
    """Return the contender of one purchase model in calendar time, with the papers' Gamma-Gamma."""
    def forecast(task):
        found = model(unit="W").fit(task.known)
        if found.status_ != "converged":
            found = cv.NBD(unit="W").fit(task.known)
        purchases = by_customer(task, found.expected_purchases(task.days / WEEK, task.known, allow_unconverged=True))
        spend = cv.GammaGamma(first=False).fit(task.known)
        paid = (task.x > 0) & (task.m_x > 0)
        each = spend.expected_spend(np.where(paid, task.x, 0), np.where(paid, task.m_x, np.nan), allow_unconverged=True)
        return purchases, purchases * np.asarray(each)
    return forecast


def lifetimes(name):
    """Return the contender of a model of lifetimes 0.11.3, with its Gamma-Gamma."""
    def forecast(task):
        import lifetimes as lt
        found = getattr(lt, name)(penalizer_coef=0).fit(task.x, task.t_x / WEEK, task.T / WEEK)
        purchases = np.asarray(found.conditional_expected_number_of_purchases_up_to_time(
            task.days / WEEK, task.x, task.t_x / WEEK, task.T / WEEK), float)
        paid = (task.x > 0) & (task.m_x > 0)
        spend = lt.GammaGammaFitter(penalizer_coef=0).fit(task.x[paid], task.m_x[paid])
        each = spend.conditional_expected_average_profit(pd.Series(np.where(paid, task.x, 0)),
                                                         pd.Series(np.where(paid, task.m_x, 0)))
        return purchases, purchases * np.asarray(each)
    return forecast


def last_period(task):
    """Return what each customer did in the last days, as many as lie ahead."""
    return task.past(task.end - pd.Timedelta(days=task.days - 1), task.days)


def last_year(task):
    """Return what each customer did in the same days a year before, NaN where the log had not begun."""
    begin = task.end + pd.Timedelta(days=1) - pd.Timedelta(days=364)
    if begin < task.log.day.min():
        return np.full(len(task.ids), np.nan), np.full(len(task.ids), np.nan)
    return task.past(begin, task.days)


def boosting(task):
    """Return LightGBM fitted to up to three earlier origins: Poisson for purchases, Tweedie for money."""
    import lightgbm
    span = (task.end - task.log.day.min()).days
    days = int(min(task.days, max(14, span * 0.4)))
    step, past = max(7, days // 2), []
    for k in range(3):
        if span - days - k * step < 0.35 * span:
            break
        past.append(task.earlier(days, k * step))
    if not past:
        return np.full(len(task.ids), np.nan), np.full(len(task.ids), np.nan)
    columns = pd.concat([_features(one, days) for one in past])
    settings = {"num_leaves": 15, "learning_rate": 0.05, "min_data_in_leaf": 20, "feature_fraction": 0.8,
                "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 1.0, "verbose": -1, "num_threads": 1,
                "seed": 1, "deterministic": True}
    out = []
    for name, objective in (("purchases", "poisson"), ("money", "tweedie")):
        target = np.maximum(np.concatenate([getattr(one, name) for one in past]), 0)
        model = lightgbm.train(settings | {"objective": objective, "tweedie_variance_power": 1.5},
                               lightgbm.Dataset(columns, target), 150)
        out.append(model.predict(_features(task, days)) * task.days / days)
    return tuple(out)


def _features(task, days):
    """Return recency, frequency, money and gaps as columns."""
    log = task.log[(task.log.day <= task.end) & (task.log.amount >= 0)].sort_values(["customer", "day"])
    gap = log.groupby("customer").day.diff().dt.days.groupby(log.customer)
    of = log.groupby("customer").amount
    out = {"T": task.T, "x": task.x, "recency": task.T - task.t_x, "rate": task.x / np.maximum(task.T, 7),
           "gap": np.where(task.x > 0, task.t_x / np.maximum(task.x, 1), np.nan)}
    for name, column in (("gap_sd", gap.std()), ("gap_last", gap.last()), ("gap_median", gap.median()),
                         ("mean", of.mean()), ("median", of.median()), ("max", of.max()), ("last", of.last()),
                         ("sum", of.sum())):
        out[name] = column.reindex(task.ids).to_numpy()
    for share in (0.125, 0.25, 0.5, 1, 2):
        length = max(3, round(share * days))
        out[f"n{share}"], out[f"a{share}"] = task.past(task.end - pd.Timedelta(days=length - 1), length)
    return pd.DataFrame(out)


CONTENDERS = {
    "custval, default": default, "custval MBG/NBD": single(cv.MBGNBD), "custval BG/NBD": single(cv.BGNBD),
    "custval MBG/CNBD-k": single(cv.MBGCNBD), "custval Pareto/NBD": single(cv.ParetoNBD),
    "lifetimes BG/NBD": lifetimes("BetaGeoFitter"), "lifetimes MBG/NBD": lifetimes("ModifiedBetaGeoFitter"),
    "LightGBM": boosting, "last period repeats": last_period, "same days a year before": last_year}


def forecast(name, task):
    """Return purchases and money expected by a contender, or None and why it has none."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):              # lifetimes prints its failures
        warnings.simplefilter("ignore")
        try:
            purchases, money = CONTENDERS[name](task)
        except Exception as error:                               # a peer that does not converge is a result
            return None, f"{type(error).__name__}: {str(error)[:50]}"
    if not np.isfinite(purchases).all():
        return None, "no forecast"
    return (purchases, money), ""
