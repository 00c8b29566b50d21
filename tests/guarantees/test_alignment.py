"""Columns from outside are aligned by index or by customer, or refused: every public argument that takes a column.

`CASES` holds a call for each of them, and a test walks the public callables for an argument without one. Every call is
repeated with one column at a time in another order, which must not change the result; with a foreign index, which must
be refused where a column meets another one; and with the ids of customers as its index where it meets customers.
"""
import inspect
import tempfile
import types

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custval as cv

COLUMN = ("ArrayLike", "SupportsArray", "FrameLike", "NativeFrame", "Data", "Customers", "Labels", "Classified",
          "Numbers", "Scope", "Tenures", "Scorable", "Pair")
N = 12
OTHER_ORDER = np.random.default_rng(7).permutation(N)
IDS = [f"c{k:02d}" for k in (5, 0, 3, 9, 1, 11, 2, 8, 4, 10, 6, 7)]       # by first appearance, not sorted
ALL = {"r": .5, "alpha": 6, "a": .9, "b": 1.6}
SOME = {"alpha": 6, "a": .9, "b": 1.6}
TWO = {"top": .25, "rest": .75}


def order_log():
    rng = np.random.default_rng(3)
    who = [*IDS, *rng.choice(IDS, 60)]
    day = np.datetime64("2023-01-02") + np.r_[np.arange(N), np.sort(rng.integers(20, 700, 60))]
    return pd.DataFrame({"id": who, "day": day, "paid": rng.integers(5, 90, len(who)).astype(float)})


def numbers(*values):
    return pd.Series(np.resize(values, N).astype(float))


LOG = order_log()
BASE = cv.CustomerBase(LOG, customer="id", time="day", amount="paid", end="2024-12-31")
PROFILE = pd.DataFrame({"customer": IDS, "z": np.arange(N) % 5 * 1.0})
KNOWN = BASE.with_profile(PROFILE)
H, ATT = BASE.summary(unit="W"), BASE.attributes()
M, C = cv.MBGNBD(**ALL, unit="W"), cv.MBGCNBD(k=2, **ALL, unit="W")
M1, C1 = cv.MBGNBD(**SOME, unit="W").fit(H), cv.MBGCNBD(k=2, **SOME, unit="W").fit(BASE)
Z = cv.MBGNBD(**SOME, unit="W", rate_covariates=["z"]).fit(KNOWN)
U = cv.BGBB(alpha=1.2, beta=.75, gamma=.66, delta=2.8, unit="Q")
S, V = cv.GammaGamma(p=6, q=4, gamma=100), cv.NormalMargin(mu=20, sigma=10, kappa=2, nu=4)
S1, V1 = cv.GammaGamma(p=6, q=4).fit(BASE), cv.NormalMargin(sigma=10, kappa=2, nu=4).fit(BASE)
L, L1 = cv.LogNormalSpend(mu=3, sigma=.5, tau=.4), cv.LogNormalSpend(sigma=.5, tau=.4).fit(BASE)
K = cv.BetaDiscreteWeibull(alpha=.7, beta=1.2, c=1.1, unit="Y")
CLV = cv.CLV(purchases=M, spend=S)
CARD, LEARNS = (cv.Scorecard("card", [cv.Indicator("i", weight=1, measures={"amount": rule})], version="1")
                for rule in (cv.rules.Linear(per=10), cv.rules.Steps.quantiles([1, 2, 3])))
CARDS, LEARN_ALL = (cv.Scorecards("set", [(card, {"recency": {"from": 0}})]) for card in (CARD, LEARNS))
REVIEWS = pd.DataFrame({
    "id": [0, 0, 0, 1, 1, 1], "customer": np.repeat(IDS[:2], 3), "measure": "amount", "value": [1.0] * 3 + [2] * 3,
    "author": "ann", "time": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"] * 2),
    "status": ["draft", "submitted", "approved"] * 2, "reviewer": [None, None, "bob"] * 2})
ASK = {"reviews": REVIEWS, "as_of": "2024-12-31"}
FORECAST = cv.forecast(BASE, purchases=M, spend=S)
RUNS = cv.appraise(BASE, {"a": "amount", "b": "recency"})
PYRAMID = cv.pyramid(ATT["amount"], tiers=TWO)
FLAGS, LABELS, OTHERS = ATT["amount"] > 200, numbers(1, 2, 2).astype(str), numbers(1, 2, 2, 2).astype(str)
COHORT = pd.Series([100.0, 70, 50, 40, 34, 30, 27, 25, 23, 22, 21, 20])
USED = {"x": numbers(0, 1, 2), "t_x": numbers(0, 2, 4), "n": numbers(8), "T": numbers(8)}
COLUMNS = {
    **{name: H[name] for name in ("x", "t_x", "T", "m_x")}, "data": H, "frame": ATT, "values": ATT["amount"],
    "t": numbers(*range(1, 13)), "q": pd.Series(np.linspace(.1, .3, N)), "k": numbers(0, 1, 2, 3),
    "litt": pd.Series(BASE.snapshot.histories(["litt"], "W")["litt"]), "weights": numbers(*range(1, 13)),
    "n": numbers(*range(3, 15)), "mean": numbers(20, 31, 7, 12, 18), "SS": numbers(*range(1, 13)),
    "log_mean": np.log(numbers(20, 31, 7, 12, 18)) - .1, "log_SS": numbers(*range(1, 13)) / 9,
    "tenure": numbers(1, 2, 3, 4, 5), "churned": numbers(1, 0, 0), "survivors": COHORT, "reviews": REVIEWS,
    "composition": ATT[["amount", "recency"]], "join": pd.DataFrame({"customer": IDS, "extra": np.arange(N)}),
}


class Case:
    """A call of a public callable with columns, by name: given, or those of `COLUMNS`.

    Columns that `meet` no other one may have any index; those `by` customer may have the ids as index; `first`
    ones decide the order of draws or rows of the result and stay as they are.
    """

    def __init__(self, of, names, call, *, by="", meet=None, first="", **given):
        self.of, self.call, self.by, self.first = of, call, by.split(), first.split()
        self.columns = {name: given.get(name, COLUMNS.get(name)) for name in names.split()}
        self.meet = (names if len(self.columns) > 1 or by else "").split() if meet is None else meet.split()

    def __repr__(self):
        return f"{self.of}({', '.join(self.columns)})"

    def result(self, **changed):
        return plain(self.call(**{**self.columns, **changed}))


def plain(found):
    """Return a result whatever the order of its rows."""
    if isinstance(found, tuple | list):
        return [plain(part) for part in found]
    if isinstance(found, pd.DataFrame):
        keys = [name for name in ("customer", "model") if name in found]
        found = found.sort_values(keys) if keys else found.sort_index()
        return {name: found[name].astype(str).tolist() for name in found}
    if isinstance(found, pd.Series):
        return found.sort_index().tolist()
    return found.tolist() if isinstance(found, np.ndarray) else found


def quantity(name, *front, model=M, of="PurchaseModel", more=""):
    """Return the case of a quantity of a history, with columns before it."""
    call = getattr(model, name)
    return Case(f"{of}.{name}", f"{' '.join(front)} x t_x T {more}", call)


def fit(model):
    return [round(model.loglik_, 9), *model.params_.values()]


def drawn(model, *columns, **more):
    """Return what a bootstrap says of its data whatever their order: replicates belong to sorted histories."""
    return model.bootstrap(*columns, replicates=2, **more).replicates


def stored(data, append=False):
    with tempfile.TemporaryDirectory() as folder:
        store = cv.Store(f"{folder}/store.db")
        store.save(CARD)
        return store.append(data, card=CARD) if append else store.run(CARD, data, as_of="2024-12-31")[1]


def moves(before, after, values=None, customer=None):
    pair = {} if customer is None else {"customer": (customer, pd.Series(IDS))}
    return [cv.migration(before, after, values=None if values is None else (values, ATT["recency"]), **pair).moves()]


CASES = [
    # models of purchases
    Case("PurchaseModel.fit", "data t_x T weights", lambda data, t_x, T, weights: fit(
        cv.MBGNBD(**ALL).fit(data, t_x, T, weights=weights)), data=H["x"]),
    Case("PurchaseModel.fit", "data weights", lambda data, weights: fit(cv.MBGNBD(**ALL).fit(data, weights=weights))),
    Case("PurchaseModel.fit", "weights", lambda weights: fit(cv.MBGNBD(**ALL).fit(BASE, weights=weights)),
         by="weights"),
    Case("PurchaseModel.fit", "covariates", lambda covariates: fit(cv.MBGNBD(
        unit="W", **SOME, rate_covariates=["z"]).fit(BASE, covariates=covariates)), covariates=PROFILE[["z"]],
         by="covariates"),
    Case("PurchaseModel.fit", "covariates", lambda covariates: fit(cv.MBGNBD(
        unit="W", **SOME, rate_covariates=["z"]).fit(BASE, covariates=covariates)), covariates=PROFILE),
    Case("PurchaseModel.bootstrap", "data t_x T weights", lambda data, t_x, T, weights: drawn(
        M1, data, t_x, T, weights=weights), data=H["x"]),
    Case("PurchaseModel.influence", "data t_x T", lambda data, t_x, T: [
        round(float(v), 6) for v in M1.influence(data, t_x, T)["displacement"]], data=H["x"]),
    Case("PurchaseModel.agreed_unit", "data", lambda data: M.agreed_unit(data, None)),
    Case("PurchaseModel.given", "data", lambda data: M.given(data).parameters()),
    Case("PurchaseModel.bound_to", "data", lambda data: M.bound_to(data).parameters()),
    Case("CovariateModel.given", "data x t_x T", lambda data, x, t_x, T: Z.given(data).p_alive(x, t_x, T),
         data=PROFILE[["z"]]),
    Case("CovariateModel.bound_to", "data x t_x T", lambda data, x, t_x, T: Z.bound_to(data).expected_purchases(
        3.0, x, t_x, T), data=PROFILE[["z"]]),
    Case("CovariateModel.given", "data", lambda data: sorted(Z.given(KNOWN).p_alive(
        data["x"], data["t_x"], data["T"])), data=H[["x", "t_x", "T"]], by="data"),
    Case("PurchaseModel.simulate", "T", lambda T: Z.given(KNOWN).simulate(N, T)["T"], by="T"),
    quantity("p_alive", "t"), quantity("expected_purchases", "t"), quantity("p_purchase", "t"),
    quantity("purchase_pmf", "k", "t"), quantity("next_purchase", "q"), quantity("residual_lifetime"),
    quantity("expected_rate"), quantity("expected_dropout"), quantity("loglik"),
    Case("PurchaseModel.expected_purchases", "t x t_x T", lambda t, x, t_x, T: M.expected_purchases(
        (t, t + 1), x, t_x, T)),
    Case("PurchaseModel.p_alive", "x t_x T where", lambda x, t_x, T, where: M.p_alive(
        x, t_x, T, where=where, out=np.zeros(N)), where=FLAGS, first="x T"),
    Case("PurchaseModel.expected_purchases_new", "t", M.expected_purchases_new),
    Case("PurchaseModel.dert", "x t_x T t", lambda x, t_x, T, t: M.dert(x, t_x, T, discount=.1, t=t)),
    Case("PurchaseModel.simulate_future", "x t_x T", lambda x, t_x, T: M.simulate_future(9.0, x, t_x, T, draws=5),
         first="x"),
    Case("PurchaseModel.purchase_interval", "x t_x T", lambda x, t_x, T: M.purchase_interval(
        9.0, x, t_x, T, draws=50).high, first="x"),
    Case("PurchaseModel.predict", "data", M.predict),
    Case("CondensedModel.fit", "data t_x T litt weights", lambda data, t_x, T, litt, weights: fit(
        cv.MBGCNBD(k=2, **ALL).fit(data, t_x, T, litt, weights=weights)), data=H["x"]),
    Case("CondensedModel.bootstrap", "data t_x T litt weights", lambda data, t_x, T, litt, weights: drawn(
        C1, data, t_x, T, litt, weights=weights), data=H["x"]),
    quantity("loglik", model=C, of="CondensedModel", more="litt"),
    # opportunities, contracts, spend, margins
    Case("BGBB.fit", "data t_x n weights", lambda data, t_x, n, weights: fit(cv.BGBB(
        alpha=1.2, beta=.75, gamma=.66, delta=2.8).fit(data, t_x, n, weights=weights)), **USED, data=USED["x"]),
    Case("BGBB.bootstrap", "data t_x n weights", lambda data, t_x, n, weights: drawn(cv.BGBB(
        beta=.75, gamma=.66, delta=2.8).fit(data, t_x, n), data, t_x, n, weights=weights), **USED, data=USED["x"]),
    Case("BGBB.dert", "x t_x T t", lambda x, t_x, T, t: U.dert(x, t_x, T, discount=.1, t=t), **USED),
    Case("BGBB.predict", "data", U.predict, data=pd.DataFrame({"customer": IDS, **USED})),
    Case("BGBB.demand_unit", "data", U.demand_unit),
    Case("BGBB.simulate", "T", lambda T: U.simulate(N, T)["n"], **USED),
    Case("ContractModel.fit", "tenure churned weights", lambda tenure, churned, weights: fit(
        cv.ShiftedBetaGeometric(alpha=.7, beta=1.2).fit(tenure, churned, weights=weights))),
    Case("ContractModel.bootstrap", "tenure churned weights", lambda tenure, churned, weights: drawn(
        cv.ShiftedBetaGeometric(alpha=.7).fit(tenure, churned), tenure, churned, weights=weights)),
    Case("ContractModel.simulate", "T", lambda T: len(K.simulate(N, T)["tenure"]), **USED),
    Case("ContractModel.survival", "t n", K.survival), Case("ContractModel.churn_pmf", "t n", K.churn_pmf),
    Case("ContractModel.retention", "t", K.retention), Case("ContractModel.tenure", "n", K.tenure),
    Case("ContractModel.residual_lifetime", "n", K.residual_lifetime),
    Case("ContractModel.discounted_lifetime", "t", lambda t: K.discounted_lifetime(discount=.1, t=t)),
    Case("ContractModel.discounted_residual_lifetime", "n t", lambda n, t: K.discounted_residual_lifetime(
        n, discount=.1, t=t)),
    Case("GammaGamma.fit", "data m_x weights", lambda data, m_x, weights: fit(cv.GammaGamma(p=6, q=4, gamma=100).fit(
        data, m_x, weights=weights)), data=H["x"]),
    Case("GammaGamma.bootstrap", "data m_x weights", lambda data, m_x, weights: drawn(
        S1, data, m_x, weights=weights), data=H["x"]),
    Case("GammaGamma.fit", "data m_x log_mean weights", lambda data, m_x, log_mean, weights: fit(cv.GammaGamma(
        p=6, q=4, gamma=100).fit(data, m_x, log_mean, weights=weights)), data=COLUMNS["n"], m_x=COLUMNS["mean"]),
    Case("GammaGamma.bootstrap", "data m_x log_mean weights", lambda data, m_x, log_mean, weights: drawn(
        S1, data, m_x, log_mean, weights=weights), data=COLUMNS["n"], m_x=COLUMNS["mean"]),
    Case("GammaGamma.loglik", "x m_x log_mean", S.loglik, x=COLUMNS["n"], m_x=COLUMNS["mean"]),
    Case("LogNormalSpend.fit", "data log_mean log_SS mean weights", lambda data, log_mean, log_SS, mean, weights: fit(
        L.with_fixed({}).fit(data, log_mean, log_SS, mean, weights=weights)), data=COLUMNS["n"]),
    Case("LogNormalSpend.bootstrap", "data log_mean log_SS weights", lambda data, log_mean, log_SS, weights: drawn(
        L1, data, log_mean, log_SS, weights=weights), data=COLUMNS["n"]),
    Case("LogNormalSpend.expected_spend", "n log_mean", L.expected_spend),
    Case("LogNormalSpend.loglik", "n log_mean log_SS", L.loglik),
    Case("LogNormalSpend.simulate", "n", lambda n: len(L.simulate(n)["log_mean"])),
    Case("SpendModel.dependence", "data m_x", lambda data, m_x: [S.dependence(data, m_x).customers, round(
        S.dependence(data, m_x).rank_correlation, 12)], data=H["x"]),
    Case("GammaGamma.expected_spend", "x m_x", S.expected_spend), Case("GammaGamma.loglik", "x m_x", S.loglik),
    Case("GammaGamma.simulate", "x", lambda x: int(np.isnan(S.simulate(x)).sum())),
    Case("NormalMargin.fit", "data mean SS weights", lambda data, mean, SS, weights: fit(cv.NormalMargin(
        mu=20, sigma=10, kappa=2, nu=4).fit(data, mean, SS, weights=weights)), data=COLUMNS["n"]),
    Case("NormalMargin.bootstrap", "data mean SS weights", lambda data, mean, SS, weights: drawn(
        V1, data, mean, SS, weights=weights), data=COLUMNS["n"]),
    *(Case(f"NormalMargin.{name}", "n mean SS", getattr(V, name)) for name in (
        "expected_margin", "margin_variance", "margin_interval", "loglik")),
    Case("NormalMargin.margin_quantile", "q n mean SS", V.margin_quantile),
    Case("NormalMargin.simulate", "n", lambda n: len(V.simulate(n)["mean"])),
    # value
    Case("CLV.predict", "data", CLV.predict), Case("CLV.fit", "data", lambda data: CLV.fit(data).predict(data)),
    Case("CLV.equity", "data", lambda data: [round(v, 6) for v in CLV.equity(data).values()]),
    Case("CLV.interval", "data", lambda data: round(CLV.interval(data, draws=20).total.expected, 9)),
    Case("CLV.simulate", "T", lambda T: len(CLV.simulate(N, T)), T=numbers(50)),
    Case("forecast", "uplift", lambda uplift: cv.forecast(BASE, purchases=M, spend=S, uplift=uplift)["potential"],
         uplift=pd.Series(np.arange(N) / 20), by="uplift"),
    Case("Forecaster.predict", "uplift", lambda uplift: cv.Forecaster(purchases=M, spend=S).fit(BASE).predict(
        BASE, uplift=uplift)["potential"], uplift=pd.Series(np.arange(N) / 20), by="uplift"),
    Case("at_risk", "data tiers", lambda data, tiers: cv.at_risk(data, tiers=tiers)["expected_loss"].round(9).tolist(),
         data=FORECAST, tiers=LABELS, by="tiers", meet="tiers", first="data"),
    Case("at_risk", "data tiers", lambda data, tiers: cv.at_risk(data, tiers=tiers)["customers"].sum(),
         data=FORECAST, tiers=pd.DataFrame({"customer": IDS, "tier": LABELS}), meet=""),
    Case("win_back", "data tiers p_back cost", lambda data, tiers, p_back, cost: cv.win_back(
        data, tiers=tiers, p_back=p_back, cost=cost, among=["1.0", "2.0"], alive=1.0)[["customer", "net", "tier"]],
        data=FORECAST, tiers=LABELS, p_back=pd.Series(np.linspace(.5, 1, N)), cost=pd.Series(np.arange(N) / 100),
        by="tiers p_back cost", meet="tiers p_back cost"),
    # the base
    Case("CustomerBase.__init__", "orders", lambda orders: cv.CustomerBase(
        {name: orders[name] for name in orders} | {"id": LOG["id"]}, customer="id", time="day", amount="paid",
        end="2024-12-31").summary()["amount"], orders=LOG, meet=""),
    Case("CustomerBase.append", "orders", lambda orders: BASE.append(orders).summary(), orders=LOG.assign(
        day=np.datetime64("2025-01-02") + np.arange(len(LOG)) // 9)),
    Case("CustomerBase.where", "customers", lambda customers: sorted(BASE.where(customers).customers), by="customers",
         customers=FLAGS),
    Case("CustomerBase.where", "customers", lambda customers: sorted(BASE.where(customers).customers),
         customers=pd.Series(IDS[:5])),
    Case("CustomerBase.attributes", "join", BASE.attributes),
    Case("CustomerBase.with_profile", "frame", lambda frame: BASE.with_profile(frame).attributes(), frame=PROFILE),
    Case("CustomerBase.with_log", "frame", lambda frame: BASE.with_log("contacts", frame).summary(), frame=pd.DataFrame(
        {"customer": IDS, "time": pd.to_datetime(["2024-05-05"] * N), "cost": np.arange(12.0)})),
    Case("CustomerBase.with_pool", "frame", lambda frame: BASE.with_pool(frame, allocate="equal").summary(),
         frame=pd.DataFrame({"time": pd.date_range("2024-01-01", periods=N), "cost": np.full(N, 12.0)})),
    # classes
    Case("pyramid", "values tie_break composition former", lambda values, tie_break, composition, former: [
        (found := cv.pyramid(values, tiers=TWO, ties="row", tie_break=tie_break, composition=composition,
                             former=former, hysteresis=.1)).labels, found.composition()],
         values=numbers(5, 7, 9, 5), tie_break=ATT["recency"], former=numbers(0, 1).map({0: "top", 1: "rest"})),
    Case("pyramid", "values growth", lambda values, growth: cv.pyramid(
        values, tiers={"a": .2, "b": .1, "c": None}, by="growth", growth=growth).labels,
         growth=pd.Series(np.linspace(-1, 1, N))),
    Case("abc", "values composition", lambda values, composition: cv.abc(
        values, composition=composition).composition()),
    Case("grid", "x y values composition", lambda x, y, values, composition: [(found := cv.grid(
        x, y, cuts=2, values=values, composition=composition)).labels, found.table(), found.composition()],
         x=ATT["amount"], y=ATT["recency"]),
    Case("crosstab", "a b values", lambda a, b, values: sorted(map(str, cv.crosstab(a, b, values=values).table()
                                                                   .to_dict("records"))), a=LABELS, b=OTHERS),
    Case("crosstab", "b values", lambda b, values: sorted(map(str, cv.crosstab(PYRAMID, b, values=values).table()
                                                              .to_dict("records"))), b=OTHERS),
    Case("migration", "before after values", moves, before=LABELS, after=OTHERS),
    Case("migration", "before values customer", lambda before, values, customer: moves(
        before, OTHERS, values, customer), before=LABELS, customer=pd.Series(IDS)),
    Case("rfm", "data", lambda data: cv.rfm(data, 3, segments=None).scores(), data=ATT),
    Case("lorenz", "values", lambda values: cv.lorenz(values).gini), Case("gini", "values", cv.gini),
    Case("share_of_top", "values", cv.share_of_top),
    Case("Segmentation.distribution", "values", PYRAMID.distribution, meet="values"),
    Case("Segmentation.histogram", "values", lambda values: PYRAMID.histogram(values, [50.0]), meet="values"),
    Case("Segmentation.promote", "who", lambda who: PYRAMID.promote(who, to="top", reason="r"), who=~FLAGS, meet="who"),
    # cards and appraisals
    Case("Scorecard.score", "frame reviews", lambda frame, reviews: CARD.score(frame, **ASK | {"reviews": reviews}),
         meet=""),
    Case("Scorecard.coverage", "frame reviews", lambda frame, reviews: CARD.coverage(
        frame, **ASK | {"reviews": reviews}), meet=""),
    Case("Scorecard.explain", "frame reviews", lambda frame, reviews: repr(CARD.explain(
        frame, customer=IDS[1], **ASK | {"reviews": reviews})), meet=""),
    Case("Scorecard.review", "frame reviews", lambda frame, reviews: CARD.review(
        frame, reviews, as_of="2024-12-31").table(), meet=""),
    Case("Scorecard.contributions", "scored", CARD.contributions, scored=CARD.score(ATT)),
    Case("Scorecard.learn", "frame", lambda frame: repr(LEARNS.learn(frame).indicators)),
    Case("Scorecards.score", "frame reviews", lambda frame, reviews: CARDS.score(frame, **ASK | {"reviews": reviews}),
         meet=""),
    Case("Scorecards.explain", "frame reviews", lambda frame, reviews: repr(CARDS.explain(
        frame, customer=IDS[1], **ASK | {"reviews": reviews})), meet=""),
    Case("Scorecards.learn", "frame", lambda frame: repr(LEARN_ALL.learn(frame).cards[0][0].indicators)),
    Case("Store.append", "reviews", lambda reviews: stored(reviews, append=True)),
    Case("Store.run", "data", stored, data=ATT),
    Case("appraise", "scopes", lambda scopes: cv.appraise(BASE, {"s": "amount"}, scopes={"big": scopes}), scopes=FLAGS,
         by="scopes"),
    Case("appraise", "scopes", lambda scopes: cv.appraise(BASE, {"s": "amount"}, scopes={"big": lambda known: scopes}),
         scopes=FLAGS, by="scopes"),
    Case("appraise", "models", lambda models: cv.appraise(BASE, {"s": lambda base: models}), models=ATT["recency"],
         by="models"),
    Case("appraise", "join reviews", lambda join, reviews: cv.appraise(
        BASE, {"s": "extra", "c": CARD}, join=join, reviews=reviews), meet=""),
    Case("consensus", "runs", cv.consensus, runs=RUNS),
]
ORDER_MATTERS = {               # the order of the rows is their meaning, the very frame is demanded, or none is taken
    ("ContractModel.fit", "survivors"), ("ContractModel.bootstrap", "survivors"),
    ("ContractModel.evaluate", "survivors"), ("compare", "base"), ("Steps.from_bins", "splits"),
    ("Store.replay", "data"), ("CondensedModel.fit", "covariates")}


def public_arguments():
    """Yield (callable, argument) for the public arguments whose annotation is one of columns."""
    def of(function):
        for name, parameter in inspect.signature(function).parameters.items():
            if any(word in str(parameter.annotation) for word in COLUMN):
                yield function.__qualname__, name

    for member in (getattr(cv, name) for name in cv.__all__):
        for one in vars(member).values() if isinstance(member, types.ModuleType) else [member]:
            if inspect.isclass(one):
                made_by_us = "made by `" in (one.__doc__ or "") or one in (cv.Comparison, cv.Segmentation, cv.Lorenz)
                names = [name for name in dir(one) if not name.startswith("_")] + ["__init__"] * (not made_by_us)
                for name in names:
                    found = inspect.getattr_static(one, name)
                    found = getattr(found, "__func__", found)
                    if inspect.isfunction(found) and found.__module__.startswith("custval"):
                        yield from of(found)
            elif inspect.isfunction(one) and not one.__name__.startswith("_"):
                yield from of(one)


def test_every_public_argument_that_takes_a_column_has_a_case():
    covered = {(case.of, name) for case in CASES for name in case.columns} | ORDER_MATTERS
    there = set(public_arguments())
    assert sorted(there - covered) == []
    assert len(there) > 150 and len({of for of, _ in there}) > 70


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_the_order_of_rows_changes_nothing_and_a_foreign_index_is_refused(case):
    right = case.result()
    for name, column in case.columns.items():
        if name not in case.first:
            order = OTHER_ORDER if len(column) == N else np.random.default_rng(1).permutation(len(column))
            assert case.result(**{name: column.iloc[order]}) == right, name
        if name in case.meet and name not in case.first:
            with pytest.raises(cv.DataError):
                case.result(**{name: column.set_axis(pd.RangeIndex(100, 100 + len(column)), axis=0)})
        if name in case.by:
            for label in ("id", "customer", None):
                by_id = column.set_axis(pd.Index(IDS, name=label), axis=0).sort_index()
                if label != "id" or "BASE" in inspect.getsource(case.call):
                    assert case.result(**{name: by_id}) == right, (name, label)


# ---- the rule, case by case ----

def base_of(ids, **options):
    return cv.CustomerBase({"id": ids, "day": ["2024-01-01"] * len(ids), "paid": [1.0] * len(ids)}, customer="id",
                           time="day", amount="paid", **options)


def test_whole_numbers_as_ids_are_told_from_row_labels():
    """Ids 2, 0, 1 look like row labels: the default index and a named one are clear, any other is refused."""
    base, mask = base_of([2, 0, 1]), pd.Series([True, False, False])
    assert base.where(mask).customers.tolist() == [2]
    assert base.where(mask.rename_axis("id")).customers.tolist() == [0]
    assert base.where(mask.rename_axis("customer")).customers.tolist() == [0]
    assert base.where(mask.set_axis([7, 8, 9], axis=0).to_numpy()).customers.tolist() == [2]
    with pytest.raises(cv.DataError, match="can be read as row labels and as ids"):
        base.where(mask.sort_index(ascending=False))
    with pytest.raises(cv.DataError, match="can be read as row labels and as ids"):
        base.where(mask.set_axis(pd.Index([0, 1, 2]), axis=0))
    assert base_of([0, 1, 2]).where(mask.sort_index(ascending=False)).customers.tolist() == [0]      # both agree
    assert base_of([10, 30, 20]).where(mask.set_axis([30, 20, 10], axis=0)).customers.tolist() == [30]


def test_labels_that_are_twice_or_missing_and_ids_of_another_type_are_refused():
    base, mask = base_of(["b", "a", "c"]), pd.Series([True, False, True], index=pd.Index(["a", "b", "b"], name="id"))
    with pytest.raises(cv.DataError, match="where: customer b is there twice"):
        base.where(mask)
    with pytest.raises(cv.DataError, match="'b' is there twice"):
        base.where(mask.rename_axis(None))
    with pytest.raises(cv.DataError, match="1 of 3 customers have no value, the first is c"):
        base.where(mask.iloc[:2])
    with pytest.raises(cv.DataError, match="Ids are int here, text there"):
        base_of([1, 2, 3]).where(pd.Series([True] * 3, index=pd.Index(["1", "2", "3"], name="id")))
    with pytest.raises(cv.DataError, match="2 rows for 3 customers"):
        base.where(pd.Series([True, False]))
    with pytest.raises(cv.DataError, match="1 of 3 values are missing"):
        base.where(pd.Series([True, None, False], dtype="boolean"))
    with pytest.raises(cv.DataError, match="Ids are int here, text there"):
        base_of([1, 2]).attributes(join={"customer": ["1", "2"], "n": [1, 1]})


def test_values_of_customers_who_are_not_there_are_left_out_with_a_warning():
    """A sum over the whole log has customers whom the base as of an earlier day does not have."""
    spent = LOG.groupby("id")["paid"].sum()
    some = BASE.where(IDS[:3])
    with pytest.warns(cv.DataWarning, match="9 of 12 values are of customers that are not here, such as c01"):
        assert some.where(spent > spent[IDS[1]]).customers.tolist() == [i for i in IDS[:3] if spent[i] > spent[IDS[1]]]


def test_columns_in_a_dict_have_one_index():
    log = pd.DataFrame({"id": ["zoe", "adam", "zoe", "mia"], "day": "2024-01-01", "paid": [100.0, 20, 200, 75]})
    options = {"customer": "id", "time": "day", "amount": "paid"}
    given = {"id": log["id"], "day": log["day"], "paid": log["paid"].sort_values()}
    assert cv.CustomerBase(given, **options).summary()["amount"].tolist() == [300, 20, 75]
    assert given["paid"].tolist() == [20, 75, 100, 200]                     # the input is not changed
    with pytest.raises(cv.DataError, match="column 'paid' carries another index than column 'id'"):
        cv.CustomerBase(given | {"paid": log["paid"].set_axis([1, 2, 3, 4], axis=0)}, **options)
    scored = CARD.score({"amount": pd.Series([10.0, 20, 30]), "name": pd.Series(["c", "b", "a"], index=[2, 1, 0])})
    assert list(scored["name"]) == ["a", "b", "c"] and list(scored["score"]) == [1, 2, 3]


def test_a_join_takes_the_ids_from_the_index():
    spent = LOG.groupby("id")["paid"].sum()
    for given in (spent, spent.to_frame(), spent.rename_axis(None), spent.rename_axis("customer")[::-1]):
        assert BASE.attributes(join=given)["paid"].tolist() == ATT["amount"].tolist()
        assert BASE.with_profile(given).attributes()["paid"].tolist() == ATT["amount"].tolist()
    numbered = base_of([2, 0, 1])
    assert numbered.attributes(join=pd.DataFrame({"n": [5, 6, 7]}, index=pd.Index([0, 1, 2], name="id")))["n"].tolist(
        ) == [7, 5, 6]
    with pytest.raises(cv.DataError, match="column 'customer' is not in the frame"):
        numbered.attributes(join=pd.DataFrame({"n": [5, 6, 7]}))            # row labels, not ids


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array, lambda v: pa.chunked_array([v])])
def test_columns_without_labels_are_in_the_order_of_the_customers(make):
    mask = [True, False] * 6
    assert BASE.where(make(mask)).customers.tolist() == IDS[::2]
    assert BASE.where(make(IDS[:2])).customers.tolist() == IDS[:2]
    with pytest.raises(cv.DataError, match="where: 3 rows for 12 customers"):
        BASE.where(make(mask[:3]))


def test_a_frame_in_place_of_a_column_is_refused_with_the_column_to_pass():
    for frame in (ATT, pl.from_pandas(ATT), pa.Table.from_pandas(ATT), dict(ATT)):
        with pytest.raises(cv.DataError, match=r"values: expected one column, got a frame[^\0]*values=frame\['"):
            cv.lorenz(frame)
    with pytest.raises(cv.DataError, match=r"values=frame\['score'\]"):
        cv.gini(CARD.score(ATT))
    with pytest.raises(cv.ConfigError, match="values: a frame of several columns and none is called 'score'"):
        cv.pyramid(ATT, tiers=TWO)
