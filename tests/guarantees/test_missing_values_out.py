"""Missing values go out as NaN in NumPy and pandas, and as null in polars, pyarrow and DuckDB, in every frame."""
import inspect
import re
from functools import cache

import numpy as np
import pytest

import custval as cv

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")

MODEL = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W")
SPEND = cv.GammaGamma(p=6, q=4, gamma=100)
CLV = cv.CLV(purchases=MODEL, spend=SPEND)
BGBB = cv.BGBB(alpha=1.2, beta=.75, gamma=.66, delta=2.78, unit="M")
KINDS = {"dict": lambda frame: {name: frame[name].to_numpy() for name in frame}, "pandas": lambda frame: frame,
         "polars": pl.from_pandas, "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
         "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
         "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))}
LOGS = "opportunities", "suggestions", "contacts", "receivables"
DAY = "2024-06-30"
TIERS = {"gold": .2, "lead": .8}
GAPS = pd.DataFrame({"customer": range(6), "a": [5, np.nan, 1, 4, 2, 3.0], "zero": 0.0, "b": [1.0, 2, 3, np.nan, 5, 6]})
COHORTS = pd.DataFrame({"2019": [100, 60, 45, 40.0], "2020": [120, 80, 60, np.nan]})
REVIEWS = pd.DataFrame({"id": "1", "customer": 0, "measure": "manners", "author": "ann", "time": ["2024-02-01"] * 2,
                        "value": 7.0, "reason": "", "status": ["draft", "submitted"], "reviewer": None,
                        "expires": None})


@cache
def tables():
    """Return the tables of a simulated firm, as pandas frames."""
    firm = cv.datasets.crm(customers=40, seed=3, as_frame=pd.DataFrame)
    return {name: getattr(firm, name) for name in ("orders", "profile", *LOGS)}


class World:
    """A base in one kind of frame, and results that several cases start from."""

    def __init__(self, kind):
        self.kind, found = KINDS[kind], tables()
        base = cv.CustomerBase(self.kind(found["orders"]), customer="customer", time="time", amount="amount",
                               cost="cost", product="product", quantity="quantity", order="order", end="2025-11-14")
        for log in LOGS:
            base = base.with_log(log, self.kind(found[log]))
        self.base = base.with_profile(self.kind(found["profile"]))
        self.gaps, self.cohorts = self.kind(GAPS), self.kind(COHORTS)
        self.column = self.gaps if kind == "dict" else GAPS if kind == "pandas" else pl.from_pandas(GAPS)

    def forecast(self):
        return cv.forecast(self.base, purchases=MODEL, spend=SPEND, value="amount")

    def pyramid(self, **more):
        return cv.pyramid(self.column["a"], tiers=TIERS, missing="apart", **more)

    def card(self, name="c"):
        steps = cv.rules.Steps([(None, 0), (0, 5), (.5, 10)], missing="zero")
        return cv.Scorecard(name, [cv.Indicator("i", weight=1, measures={"growth_1y": steps})], missing="zero")

    def cards(self):
        return cv.Scorecards("all", [(self.card(), {"type": "B2B"})], default=self.card("d"))

    def appraised(self):
        return cv.appraise(self.base, {"a": self.card(), "b": "amount"}, scopes={"all": None})

    def split(self):
        return self.base.split(DAY)

    def reviewed(self):
        card = cv.Scorecard("m", [cv.Indicator("i", weight=1, measures={"manners": cv.rules.Manual(cap=9)})])
        return card.review(self.gaps, self.kind(REVIEWS), as_of="2024-03-01")


CASES = {
    "CustomerBase.attributes": lambda w: w.base.attributes(carrying=.1),
    "CustomerBase.attributes join": lambda w: w.base.attributes(join=w.forecast(),
                                                                fill={"growth_1y": "uplift_break_even"}),
    "CustomerBase.summary": lambda w: w.base.summary(),
    "CustomerBase.summary holdout": lambda w: w.split()[1].summary(),
    "CustomerBase.history": lambda w: w.base.history(3),
    "CustomerBase.features": lambda w: w.base.features([DAY, w.base.end], horizon=1),
    "Findings.table": lambda w: w.base.check().table(),
    "forecast": lambda w: w.forecast(),
    "Forecaster.predict": lambda w: cv.Forecaster(purchases=MODEL, spend=SPEND, value="amount").fit(
        w.base).predict(w.base),
    "Forecaster.total": lambda w: cv.Forecaster(purchases=MODEL, spend=SPEND, value="amount").fit(
        w.base).total(w.base, draws=9).table(),
    "Forecast.table": lambda w: cv.Forecaster(purchases=MODEL, value="purchases").fit(
        w.base).total(w.base, draws=9).table(),
    "Clock.table": lambda w: cv.MBGNBD(unit="W", clock="M").fit(w.base).clock_.table(2),
    "at_risk": lambda w: cv.at_risk(w.forecast(), share=1),
    "win_back": lambda w: cv.win_back(w.base, p_back=.1, cost=5, purchases=MODEL, spend=SPEND),
    "CLV.predict": lambda w: CLV.predict(w.base, value="amount"),
    "CLV.backtest": lambda w: CLV.backtest(w.base, value="amount"),
    "Interval.table of CLV": lambda w: CLV.interval(w.base, value="amount", draws=50).table(),
    "curve": lambda w: cv.curve(w.base, periods=5),
    "Decomposition.customers": lambda w: cv.decompose(w.base).customers(),
    "Decomposition.table": lambda w: cv.decompose(w.base).table(),
    "Stages.customers": lambda w: cv.stages(w.base, purchases=MODEL).customers(),
    "Stages.table": lambda w: cv.stages(w.base, purchases=MODEL).table(),
    "Cohorts.table": lambda w: cv.cohorts(w.base).table(),
    "Cohorts.retention": lambda w: cv.cohorts(w.base).retention(),
    "Cohorts.long": lambda w: cv.cohorts(w.base, value="amount").long(),
    "cohorts": lambda w: cv.cohorts(w.base, value="amount").table(),
    "tenures": lambda w: cv.tenures(w.base, unit="M"),
    "customer_flow": lambda w: cv.customer_flow(w.base, purchases=MODEL),
    "RFM.scores": lambda w: cv.rfm(w.base).scores(),
    "RFM.table": lambda w: cv.rfm(w.base).table(),
    "Pyramid.customers": lambda w: w.pyramid().customers(),
    "Segmentation.customers": lambda w: cv.rfm(w.base).segments.customers(),
    "RFM.levels": lambda w: cv.rfm(w.base).levels(),
    "Segmentation.table": lambda w: cv.rfm(w.base).segments.table(),
    "Pyramid.table": lambda w: w.pyramid().table(),
    "Segmentation.labels": lambda w: w.pyramid().labels,
    "Segmentation.composition": lambda w: w.pyramid(composition=w.kind(GAPS[["customer"]])).composition(),
    "Segmentation.distribution": lambda w: w.pyramid().distribution(w.column["b"], missing="apart"),
    "Segmentation.histogram": lambda w: w.pyramid().histogram(w.column["b"], [0, 3], missing="apart"),
    "Segmentation.actions": lambda w: w.pyramid().actions({"gold": {"action": "visit", "share": 1},
                                                              "lead": {"action": "none", "share": 0}}, budget=100),
    "Segmentation.promote": lambda w: w.pyramid().promote([True] + [False] * 5, to="gold", reason="r"),
    "Grid.table": lambda w: cv.grid(w.column["a"], w.column["b"], missing="apart").table(),
    "Crosstab.table": lambda w: cv.crosstab(w.pyramid(), w.pyramid(), missing="apart").table(),
    "Crosstab.deviates": lambda w: cv.crosstab(w.pyramid(), w.pyramid(), missing="apart").deviates,
    "Migration.table": lambda w: cv.migration(w.pyramid(), w.pyramid()).table(),
    "Migration.moves": lambda w: cv.migration(w.pyramid(), w.pyramid()).moves(),
    "Migration.who": lambda w: cv.migration(w.pyramid(), w.pyramid()).who(),
    "Lorenz.table": lambda w: cv.lorenz(w.column["zero"]).table(),
    "Scorecard.score": lambda w: w.card().score(w.base),
    "Scorecard.contributions": lambda w: w.card().contributions(w.card().score(w.base)),
    "Scorecard.coverage": lambda w: w.card().coverage(w.base),
    "Scorecards.score": lambda w: w.cards().score(w.base),
    "appraise": lambda w: w.appraised(),
    "consensus": lambda w: cv.consensus(w.appraised()),
    "Comparison.table": lambda w: cv.compare(w.base, [MODEL, cv.BGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W")],
                                             origins=1).table(),
    "Comparison.tests": lambda w: cv.compare(w.base, [MODEL], origins=1).tests(),
    "Comparison.backtest": lambda w: cv.compare(w.base, [MODEL], origins=1).backtest(),
    "Evaluation.deciles": lambda w: MODEL.evaluate(w.split()[1]).deciles(),
    "Evaluation.by_x": lambda w: MODEL.evaluate(w.split()[1]).by_x(),
    "Survival.periods": lambda w: cv.ShiftedBetaGeometric(alpha=.7, beta=3.8).evaluate(w.cohorts, periods=1).periods(),
    "PurchaseModel.predict": lambda w: MODEL.predict(w.base, periods=2, unit="M"),
    "Interval.table": lambda w: MODEL.purchase_interval(5, w.base, draws=50).table(),
    "BGBB.predict": lambda w: BGBB.predict(w.kind(pd.DataFrame({"x": [1, 0], "t_x": [2, 0], "n": [4, 4]})), periods=2),
    "PurchaseModel.p_alive": lambda w: MODEL.p_alive(w.column["a"], w.column["b"], w.column["b"] + 1),
    "GammaGamma.expected_spend": lambda w: SPEND.expected_spend(w.column["a"], w.column["b"]),
    "LogNormalSpend.expected_spend": lambda w: cv.LogNormalSpend(mu=3, sigma=.5, tau=.4).expected_spend(
        w.column["a"], w.column["b"]),
    "Review.scores": lambda w: w.reviewed().scores(),
    "Review.table": lambda w: w.reviewed().table(),
}


def opened(frame):
    """Return the missing values of a frame or Series by column, after a check that they have their one form."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    if isinstance(frame, pa.Table):
        assert not any(value != value for column in frame.columns for value in column.to_pylist())
        return {name: frame[name].is_null().to_pylist() for name in frame.column_names}
    if isinstance(frame, pl.Series | pl.DataFrame):
        columns = {"": frame} if isinstance(frame, pl.Series) else {name: frame[name] for name in frame.columns}
        assert not any(column.is_nan().any() for column in columns.values() if column.dtype.is_float())
        return {name: column.is_null().to_list() for name, column in columns.items()}
    columns = frame if isinstance(frame, dict | pd.DataFrame) else {"": frame}
    return {name: pd.isna(np.asarray(columns[name])).tolist() for name in columns}


@cache
def world(kind):
    return World(kind)


@pytest.mark.filterwarnings("ignore::custval.DataWarning")
@pytest.mark.parametrize("case", CASES)
def test_missing_values_of_every_kind_are_those_of_pandas(case):
    want = opened(CASES[case](world("pandas")))
    for kind in KINDS:
        assert opened(CASES[case](world(kind))) == want, kind


def test_the_cases_have_missing_values():
    found = [case for case in CASES if any(map(any, opened(CASES[case](world("pandas"))).values()))]
    assert len(found) > 20


def test_every_public_callable_that_returns_a_frame_is_a_case():
    """By its docstring; `Store.run` and `replay` return the frame of `Scorecard.score`."""
    made = re.compile("caller's kind|caller's frame|frame of the kind|Return a row per|Return one row per")
    owners = [("", cv)] + [(cls.__name__ + ".", cls) for cls in map(vars(cv).get, cv.__all__) if inspect.isclass(cls)]
    there = {prefix + name for prefix, owner in owners for name, thing in vars(owner).items()
             if not name.startswith("_") and made.search(inspect.getdoc(thing) or "")
             and not isinstance(thing, type)}
    covered = {case.split()[0] for case in CASES}
    assert {name for name in there if name not in covered} <= {"Store.run", "Store.replay", "pyramid", "abc"}
    assert len(covered) > 45
