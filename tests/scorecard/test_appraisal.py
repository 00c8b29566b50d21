"""cv.appraise and cv.consensus: models by scopes by conditions in one long table, and their common ranking."""
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import custval as cv

CARD = cv.Scorecard("value", [cv.Indicator("sales", weight=1, measures={"amount": cv.rules.Linear(per=10)})])


def orders(n=60, seed=3):
    rng = np.random.default_rng(seed)
    return {"customer": rng.integers(0, 12, n), "time": np.datetime64("2025-01-01") + rng.integers(0, 200, n),
            "amount": rng.integers(1, 40, n) * 10.0, "channel": rng.choice(["web", "shop"], n)}


def base_of(log, kind=dict):
    return cv.CustomerBase(kind(log), customer="customer", time="time", amount="amount", end="2025-08-01")


@pytest.fixture
def log():
    return orders()


def test_every_run_equals_the_model_on_its_customers(log):
    base, web = base_of(log), base_of({k: v[log["channel"] == "web"] for k, v in log.items()})
    scopes = {"all": None, "big": lambda known: known["amount"] >= 500, "two": base.customers[[3, 1]]}
    models = {"card": CARD, "money": "amount", "rate": lambda one: one.attributes()["purchases"]}
    runs = pd.DataFrame(cv.appraise({"all": base, "web": web}, models, scopes=scopes, as_of="2025-06-30"))
    assert list(runs) == ["model", "version", "scope", "condition", "as_of", "current", "customer", "score", "rank",
                          "percentile"]
    for condition, one in (("all", base), ("web", web)):
        known = one.as_of("2025-06-30").attributes()
        values = {"card": CARD.score(known)["score"], "money": known["amount"], "rate": known["purchases"]}
        members = {"all": known["amount"] > -1, "big": known["amount"] >= 500,
                   "two": np.isin(known["customer"], base.customers[[3, 1]])}
        for model, value in values.items():
            for scope, mask in members.items():
                run = runs[(runs.model == model) & (runs.scope == scope) & (runs.condition == condition)]
                assert_array_equal(run.customer, known["customer"][mask])
                assert_array_equal(run.score, value[mask])
                assert_array_equal(run["rank"], [1 + (value[mask] > v).sum() for v in value[mask]])
                assert_allclose(run.percentile, [(value[mask] <= v).mean() for v in value[mask]], rtol=1e-15)
                assert (run.current == ((model, scope, condition) == ("card", "all", "all"))).all()
    assert (runs.as_of == pd.Timestamp("2025-06-30")).all()


def by_hand(name, measure):
    return cv.Scorecard(name, [cv.Indicator("i", weight=1, measures={
        "amount": cv.rules.Linear(per=10), measure: cv.rules.Manual(missing="zero")})])


def test_cards_take_the_reviews_approved_by_the_end(log):
    """One log of all departments: each card takes its own measures; an unknown measure warns once."""
    rows = [(k, 3, measure, "Li", day, points, status, "Wang" if status == "approved" else "")
            for k, (measure, day, points) in enumerate([("drive", "2025-03-01", 5.0), ("trust", "2025-04-01", 70.0),
                                                        ("trust", "2025-07-15", 900.0)])
            for status in ("draft", "submitted", "approved")]
    names = ("id", "customer", "measure", "author", "time", "value", "status", "reviewer")
    reviews = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    base, models = base_of(log), {"sales": by_hand("s", "drive"), "service": by_hand("v", "trust")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs = cv.appraise(base, models, as_of="2025-06-30", reviews=reviews)
    then = base.as_of("2025-06-30").attributes()
    for name, points in (("sales", 5), ("service", 70)):
        assert_array_equal(runs["score"][runs["model"] == name], then["amount"] / 10 + points * (then["customer"] == 3))
    typo = reviews | {"measure": ["drvie"] * 3 + ["trust"] * 6}
    with pytest.warns(cv.DataWarning, match="1 measure that no card has is excluded, such as 'drvie'") as warned:
        runs = cv.appraise(base, models, reviews=typo)
    assert len(warned) == 1 and runs["score"].max() > 900


def test_frames_stay_of_their_kind_with_categories(log):
    wide = cv.appraise(base_of(log, pd.DataFrame), {"card": CARD, "rate": "x"})
    assert isinstance(wide["model"].dtype, pd.CategoricalDtype) and wide["customer"].dtype == np.int64
    lazy = cv.appraise(base_of(log, lambda d: pl.DataFrame(d).lazy()), {"card": CARD, "rate": "x"})
    assert lazy["model"].to_list() == wide["model"].tolist() and lazy["score"].to_list() == wide["score"].tolist()
    for runs in (wide, lazy):
        assert type(cv.consensus(runs)) is type(runs)


def test_internal_customers_are_kept_out(log):
    base = base_of(log).with_profile({"customer": np.arange(12), "type": ["internal"] * 2 + ["firm"] * 10})
    runs = cv.appraise(base, {"money": "amount"})
    assert sorted(runs["customer"][runs["scope"] == "internal"]) == [0, 1]
    assert sorted(runs["customer"][runs["scope"] == "all"]) == list(range(2, 12))
    assert runs["rank"][runs["scope"] == "internal"].tolist() in ([1, 2], [2, 1])
    among = cv.appraise(base, {"money": "amount"}, internal="among")
    assert set(among["scope"]) == {"all"} and len(among["rank"]) == 12


@pytest.mark.parametrize("call, words", [
    (lambda b: cv.appraise(b, {}), "expected a dict of names"),
    (lambda b: cv.appraise({}, {"m": CARD}), "an empty dict"),
    (lambda b: cv.appraise({"a": 3}, {"m": CARD}), "got int for 'a'"),
    (lambda b: cv.appraise(b, {"m": 3}), "'m' is a int"),
    (lambda b: cv.appraise(b, {"m": "amuont"}), "did you mean 'amount'"),
    (lambda b: cv.appraise(b, {"m": lambda base: [1, 2]}), "2 rows for 12"),
    (lambda b: cv.appraise(b, {"m": lambda base: [np.nan] * 12}), "model 'm': 12 of 12"),
    (lambda b: cv.appraise(b, {"m": CARD}, scopes={"s": [99]}), "scope 's': the base has no customer 99"),
    (lambda b: cv.appraise(b, {"m": CARD}, scopes={"s": lambda known: known["amount"]}), "True or False"),
    (lambda b: cv.appraise(b, {"m": CARD}, scopes={"s": lambda known: known["amount"] < 0}), "no customer of the base"),
    (lambda b: cv.appraise({"a": b, "b": b.as_of("2025-03-01")}, {"m": CARD}), "end on different days"),
    (lambda b: cv.appraise(b, {"m": CARD}, internal="out"), "'apart', 'among'")])
def test_invalid_appraisals_are_refused(log, call, words):
    with pytest.raises((cv.ConfigError, cv.DataError), match=words):
        call(base_of(log))


def runs_of(**scores):
    n = len(next(iter(scores.values())))
    base = cv.CustomerBase({"customer": [f"c{k}" for k in range(n)], "time": ["2025-01-01"] * n}, customer="customer",
                           time="time")
    return cv.appraise(base, {name: (lambda values: lambda one: values)(column) for name, column in scores.items()})


def test_consensus_is_the_mean_of_percentiles():
    """Percentiles 1, 2/3, 1/3 and 1/3, 1, 2/3, by hand."""
    agreed = cv.consensus(runs_of(sales=[9.0, 5, 1], service=[1.0, 3, 2]))
    assert_allclose(agreed["consensus"], [2 / 3, 5 / 6, 1 / 2])
    assert agreed["rank"].tolist() == [2, 1, 3]
    assert_allclose(agreed["disagreement"], [2 / 3, 1 / 3, 1 / 3])
    assert agreed["lowest"].tolist() == ["service", "sales", "sales"]
    assert agreed["highest"].tolist() == ["sales", "service", "service"]
    weighed = cv.consensus(runs_of(sales=[9.0, 5, 1], service=[1.0, 3, 2]), weights={"sales": 3, "service": 1})
    assert_allclose(weighed["consensus"], [(3 + 1 / 3) / 4, 3 / 4, (1 + 2 / 3) / 4])
    assert_allclose(cv.consensus(runs_of(a=[9.0, 5, 1], b=[1.0, 3, 2]), how="min")["consensus"], [1 / 3, 2 / 3, 1 / 3])


def test_borda_counts_customers_behind_and_half_of_the_ties():
    agreed = cv.consensus(runs_of(a=[9.0, 5, 5, 1], b=[4.0, 3, 2, 1]), how="borda")
    assert_allclose(agreed["consensus"], [1, (1.5 + 2) / 6, (1.5 + 1) / 6, 0])


def test_consensus_is_by_scope_in_any_order_of_rows(log):
    runs = pd.DataFrame(cv.appraise(base_of(log), {"card": CARD, "rate": "x"},
                                    scopes={"all": None, "some": [1, 2, 3]}))
    agreed = cv.consensus(runs)
    assert agreed.groupby("scope", observed=True)["rank"].min().tolist() == [1, 1] and len(agreed) == 15
    mixed = cv.consensus(runs.sample(frac=1, random_state=1))
    keys = ["scope", "customer"]
    pd.testing.assert_frame_equal(agreed.sort_values(keys).reset_index(drop=True)[[*keys, "consensus", "rank"]],
                                  mixed.sort_values(keys).reset_index(drop=True)[[*keys, "consensus", "rank"]],
                                  check_categorical=False, check_dtype=False)


def test_consensus_needs_a_row_for_each_model(log):
    runs = pd.DataFrame(cv.appraise(base_of(log), {"card": CARD, "rate": "x"}))
    for wrong in (runs.drop(index=5), pd.concat([runs, runs.iloc[:1]])):
        with pytest.raises(cv.DataError, match="exactly one row for each of 2 models"):
            cv.consensus(wrong)
    for weights, text in (({"cards": 1, "card": 1}, "^weights: 'cards' no model"),
                          ({"card": 1}, "^weights: 'rate' without a weight"),
                          ({"card": -1, "rate": 2}, "from 0 on"), ({"card": 0, "rate": 0}, "not all 0")):
        with pytest.raises(cv.ConfigError, match=f"{text}.*; the models are 'card', 'rate'$"):
            cv.consensus(runs, weights=weights)


# ---- promotion by suggestions, and coverage ----

def test_customers_with_high_value_suggestions_count_as_class_a(log):
    """The tier is the better of that by amount and A, for one high-value suggestion within the last year."""
    asked = {"customer": [0, 1, 1, 2], "time": ["2024-07-31", "2024-08-02", "2025-05-01", "2025-03-01"],
             "level": ["high", "high", "general", "general"]}
    known = base_of(log, pd.DataFrame).with_log("suggestions", asked).attributes()
    assert known.set_index("customer")["recent_suggestions_high"].loc[[0, 1, 2]].tolist() == [0, 1, 0]
    by_amount = cv.abc(known["amount"])
    promoted = by_amount.promote(known["recent_suggestions_high"] >= 1, to="A", reason="high-value suggestions")
    own, place = by_amount.labels, known.index[known["customer"] == 1][0]
    assert promoted["tier"].tolist() == ["A" if row == place else tier for row, tier in enumerate(own)]
    assert (promoted["reason"] == "high-value suggestions").sum() == (own[place] != "A")
    assert promoted["lifted_from"][place] == (own[place] if own[place] != "A" else "")
    with pytest.raises(cv.ConfigError, match="'A', 'B', 'C'"):
        by_amount.promote(known["x"] > 0, to="D", reason="")
    with pytest.raises(cv.DataError, match="True or False"):
        by_amount.promote(known["x"], to="A", reason="")


def test_coverage_counts_what_is_known():
    card = cv.Scorecard("c", [cv.Indicator("i", weight=1, measures={
        "sales": cv.rules.Linear(per=1, missing="zero"), "grade": cv.rules.Table({"high": 1, "low": 0})})])
    said = card.coverage({"sales": [1.0, np.nan, np.nan, 4.0], "grade": ["high", None, "low", "low"]})
    assert said["measure"].tolist() == ["sales", "grade"] and said["policy"].tolist() == ["zero", "apart"]
    assert said["known"].tolist() == [2, 3] and said["missing"].tolist() == [2, 1]
    assert said["share"].tolist() == [.5, .75]


def test_a_customer_without_a_score_has_no_rank_and_moves_nobody():
    days = ["2024-01-01", "2024-03-01", "2024-02-01", "2024-02-02", "2024-01-05"]
    log = {"id": ["a", "a", "b", "c", "r"], "day": days, "paid": [9.0, 9, 5, 3, -1]}
    base = cv.CustomerBase(log, customer="id", time="day", amount="paid")
    runs = cv.appraise(base, {"r": "recency", "s": "amount"})
    assert runs["rank"][:3].tolist() == [3, 1, 2] and runs["rank"][4:].tolist() == [1, 2, 3, 4]
    assert np.isnan(runs["rank"][3])
    assert runs["percentile"][:3].tolist() == [1 / 3, 1, 2 / 3] and np.isnan(runs["percentile"][3])
    for how in ("mean", "borda", "min"):
        agreed = cv.consensus(runs, how=how)
        assert np.isnan(agreed["consensus"]).tolist() == [False] * 3 + [True] == np.isnan(agreed["rank"]).tolist()
        assert agreed["lowest"].tolist() == ["r", "s", "s", None]
