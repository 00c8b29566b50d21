"""Rules that learn, decay, or take factors, and limits at every level. Exact points: test_exact_points.py."""
import datetime
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv
from custval import ConfigError, DataError, DataWarning, Indicator, Scorecard, _core
from custval.scorecard.rules import Grades, Linear, Steps


def card_of(rule, column="value", **options):
    return Scorecard("one", [Indicator("all", weight=1, measures={column: rule})], **options)


# ---- logarithms ----

@settings(max_examples=300, deadline=None)
@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300), st.floats(1 + 2**-52, 1e9), st.integers(0, 40))
def test_a_logarithm_is_the_nearest_double(value, per, base, ulps):
    for v in (value, per * (1 + ulps * 2**-52), per * base):
        with mpmath.workdps(80):
            want = float(mpmath.log(mpmath.mpf(v) / per) / mpmath.log(base)) if v > per else 0.0
        assert _core.log_ratio(v, per, base) == want


# ---- limits of rule, indicator and total ----

def test_limits_hold_at_every_level_and_negative_points_count():
    card = Scorecard("limits", combine="sum", cap=100, floor=-50, indicators=[
        Indicator("fit", cap=60, floor=-20, measures={
            "mail": Steps([(None, -10), (1, 5), (10, 90)], cap=40, floor=-5), "visits": Linear(per=1, cap=30)}),
        Indicator("use", measures={"logins": Linear(per=1)})])
    scored = card.score({"mail": [0, 10, 10, 0, 0], "visits": [0, 50, 0, -40, -10], "logins": [0, 0, 70, -90, -1]})
    assert scored["mail_points"].tolist() == [-5, 40, 40, -5, -5]
    assert scored["fit"].tolist() == [-5, 60, 40, -20, -15]
    assert scored["score"].tolist() == [-5, 60, 100, -50, -16]
    parts = card.contributions(scored)
    assert parts["cap and rounding"].tolist() == [0, 0, -10, 60, 0]
    text = str(card.explain({"customer": [7], "mail": [0], "visits": [-40], "logins": [-90]}, customer=7))
    assert "at the floor" in text and "floor" in text.splitlines()[5]


@pytest.mark.parametrize("limits, want", [
    ({"floor": 10**16}, 1e16), ({"cap": -10**16}, -1e16), ({"cap": 10**16}, 5), ({"floor": -10**16}, 5)])
@pytest.mark.parametrize("level", ["rule", "indicator", "card"])
def test_limits_hold_beyond_exact_sums_of_doubles(limits, want, level):
    """Steps are summed in plain doubles while these are exact."""
    options = {name: limits if name == level else {} for name in ("rule", "indicator", "card")}
    card = Scorecard("far", [Indicator("i", measures={"x": Steps([(None, 5)], **options["rule"])},
                                       **options["indicator"])], combine="sum", **options["card"])
    assert card.score({"x": [1]})["score"].tolist() == [want]


# ---- steps learned from a base ----

def twin_level(value, values, levels):
    """Return the level of the mean rank of equal values."""
    below, equal = sum(v < value for v in values), values.count(value)
    return 1 + math.floor(Fraction((2 * below + equal) * levels, 2 * len(values)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-5, 9), min_size=1, max_size=40), st.integers(2, 6))
@pytest.mark.filterwarnings("ignore:column 'value'.*left out")
def test_learned_steps_are_equal_shares_and_ties_share_a_level(values, levels):
    card = card_of(Steps.quantiles(list(range(1, levels + 1)))).learn({"value": values})
    scored = card.score({"value": values})["score"]
    assert scored.tolist() == [twin_level(v, values, levels) for v in values]


def test_learned_steps_are_marked_kept_and_reused(tmp_path):
    given = card_of(Steps.quantiles([0, 10, "100/3"], missing="zero", cap=30))
    for card in (given, given.learn({"value": [1, 2, math.nan, 3]})):
        card.save(tmp_path / "card.toml")
        assert Scorecard.load(tmp_path / "card.toml") == card
    assert "auto = true" in (tmp_path / "card.toml").read_text()
    assert "auto=True" in str(card) and "Steps.quantiles([0, 10, '100/3'], cap=30, missing='zero')" in str(given)
    assert card.score({"value": [1.9, 2, 99, math.nan]})["score"].tolist() == [0, 10, 30, 0]
    assert card.learn({"value": [100, 200]}) == card                  # nothing left to learn
    with pytest.raises(ConfigError, match=r"one: indicator 'all', measure 'value': its cuts are not learnt yet"):
        given.score({"value": [1]})
    with pytest.raises(DataError, match="column 'value': nothing to learn quantiles from"):
        given.learn({"value": [math.nan]})


def test_levels_that_no_value_reaches_are_left_out_with_a_warning():
    with pytest.warns(DataWarning, match="column 'value': 3 levels of 5 are left out, as too many values are equal"):
        card = card_of(Steps.quantiles([1, 2, 3, 4, 5])).learn({"value": [0] * 8 + [7, 9]})
    assert card.score({"value": [0, 6.9, 7, 9]})["score"].tolist() == [3, 3, 5, 5]
    with pytest.warns(DataWarning, match="4 levels of 5"):
        card = card_of(Steps.quantiles([1, 2, 3, 4, 5])).learn({"value": [3] * 10})
    assert card.score({"value": [3, 99]})["score"].tolist() == [3, 3]


def test_the_builtin_card_auto_learns_quintiles():
    base = cv.datasets.crm(customers=200).base()
    card = Scorecard.builtin("auto")
    with pytest.raises(ConfigError, match=r"auto.toml: indicator 'recency_value', measure 'recency': its cuts are not"):
        card.score(base)
    learnt = card.learn(base)
    scored = learnt.score(base)
    counts = np.unique(scored["amount_points"], return_counts=True)
    assert counts[0].tolist() == [20, 40, 60, 80, 100] and counts[1].tolist() == [40] * 5
    assert all(rule.auto for i in learnt.indicators for rule in i.measures.values())
    assert learnt.diff(card).rows and learnt.learn(base) == learnt


# ---- windows and decay ----

END = datetime.date(2025, 11, 14)
FIRM = cv.datasets.crm(customers=60, seed=3)
AGES = [{"window": "12M"}, {"window": "90D"}, {"window": "2W"}, {"half_life": "6M"}, {"half_life": "90D"},
        {"decay": .25}, {"decay": .5, "window": "1Y"}]


def twin_weight(day, window=None, half_life=None, decay=None):
    """Return the weight of an event of `day` at the end of `END`."""
    age = (END - day).days
    oldest = {"12M": datetime.date(2024, 11, 15), "1Y": datetime.date(2024, 11, 15),
              "90D": END - datetime.timedelta(89), "2W": END - datetime.timedelta(13)}.get(window, day)
    days = {"6M": 365.25 / 2, "90D": 90}.get(half_life, 365.25 / 12)
    keep = 1 if not (half_life or decay) else .5 if half_life else 1 - decay
    return keep ** (age / days) if oldest <= day <= END else 0


def twin_sum(log, customers, age, value, day="time", keep=lambda row: True):
    """Return the sum of every customer, row by row of the log as it was given."""
    sums = dict.fromkeys(customers.tolist(), 0.0)
    for row in range(len(log["customer"])):
        if keep(row):
            at = log[day][row].astype("M8[D]").astype(datetime.date)
            sums[log["customer"][row]] += twin_weight(at, **age) * value(row)
    return list(sums.values())


@pytest.mark.parametrize("age", AGES, ids=str)
def test_events_count_by_their_age_as_row_by_row(age):
    base = FIRM.base()
    o, s, c, p = FIRM.orders, FIRM.suggestions, FIRM.contacts, FIRM.opportunities
    card = Scorecard("aged", combine="sum", indicators=[Indicator("all", measures={
        "suggestions": Grades({"high": 10, "general": 2, "none": 0}, counts=True, **age),
        **{name: Linear(per=1, **age) for name in ("amount", "margin", "contacts", "opportunities_gross")}})])
    scored = card.score(base)
    who = scored["customer"]
    amount = twin_sum(o, who, age, lambda r: o["amount"][r])
    spent = twin_sum(c, who, age, lambda r: c["cost"][r])
    brought = twin_sum(o, who, age, lambda r: o["amount"][r] - o["cost"][r])
    worth = {"high": 10, "general": 2, "none": 0}
    want = {"amount": amount, "margin": np.subtract(brought, spent),
            "contacts": twin_sum(c, who, age, lambda r: 1),
            "suggestions": twin_sum(s, who, age, lambda r: worth[str(s["level"][r])]),
            "opportunities_gross": twin_sum(p, who, age, lambda r: p["amount"][r], "created",
                                            lambda r: not p["closed"][r] <= np.datetime64(END))}
    assert [event for event, _ in card.events] == ["suggestions", *list(want)[:3], "opportunities_gross"]
    for event, how in card.events:
        np.testing.assert_allclose(scored[f"{how.of(event)}_points"], want[event], rtol=1e-12, atol=1e-7)


def test_a_window_of_a_year_is_the_1y_of_the_attributes():
    got = card_of(Linear(per=1, window="12M"), "amount").score(FIRM.base())
    assert got["last_12M_amount"].tolist() == got["sales_1y"].tolist() == got["score"].tolist()


def test_a_window_longer_than_history_leaves_every_event_as_it_is():
    base = FIRM.base().with_pool({"time": ["2025-06-30"], "cost": [5000.0]}, allocate="contacts")
    events = ("amount", "cost", "marketing", "margin", "quantity", "orders", "purchases", "suggestions", "contacts",
              "opportunities", "opportunities_gross", "opportunities_expected")
    got = base.attributes(events=Scorecard("all", combine="sum", indicators=[
        Indicator("all", measures={event: Linear(per=1, window="999Y") for event in events})]))
    for event in events:
        assert got[f"last_999Y_{event}"].tolist() == got[event].tolist()


def test_five_high_suggestions_are_50_and_25_half_a_year_later():
    """Five high suggestions of 10 points are 50; of 182 or 183 days, M is 365.25 / 12 days."""
    base = cv.CustomerBase({"id": [1], "day": ["2025-01-01"]}, customer="id", time="day", end="2025-12-31")
    high = base.with_log("suggestions", {"customer": [1] * 5, "time": ["2025-01-01"] * 5, "level": ["high"] * 5})
    rule = Grades({"high": 10, "general": 2, "none": 0}, counts=True, half_life="182D")
    day = np.datetime64("2025-01-01")
    for halves in (0, 1, 2):
        then = high.as_of(day + np.timedelta64(182 * halves, "D"))
        assert card_of(rule, "suggestions").score(then)["score"].tolist() == [50 / 2**halves]
    month = card_of(Grades({"high": 10}, counts=True, decay=.25), "suggestions").score(high)["score"][0]
    assert month == pytest.approx(50 * .75 ** (364 / (365.25 / 12)), rel=1e-14)


@pytest.mark.filterwarnings("ignore:contacts.*are excluded")
@pytest.mark.parametrize("age", AGES, ids=str)
def test_later_events_do_not_count(age):
    day = np.datetime64("2024-12-31")
    card = Scorecard("aged", combine="sum", indicators=[Indicator("all", measures={
        name: Linear(per=1, **age) for name in ("amount", "purchases", "orders", "contacts", "suggestions")})])
    cut = {name: {column: a[log["time"].astype("M8[D]") <= day] for column, a in log.items()}
           for name, log in (("orders", FIRM.orders), ("contacts", FIRM.contacts), ("suggestions", FIRM.suggestions))}
    known = cv.CustomerBase(cut["orders"], customer="customer", time="time", amount="amount", cost="cost",
                            order="order", end=day)
    for kind in ("contacts", "suggestions"):
        known = known.with_log(kind, cut[kind])
    then = card.score(FIRM.base().as_of(day))
    want = dict(zip(then["customer"].tolist(), then["score"].tolist(), strict=True))
    now = card.score(known)
    assert dict(zip(now["customer"].tolist(), now["score"].tolist(), strict=True)) == want


def test_columns_without_events_and_unknown_windows_are_refused():
    base = cv.datasets.cdnow()
    with pytest.raises(ConfigError, match="'years' has no window, half-life or decay, as it is not a sum over days"):
        card_of(Linear(per=1, window="1Y"), "years").score(base)
    with pytest.raises(DataError, match=r"'contacts' is not known: the base has no log of contacts; add it with"):
        card_of(Linear(per=1, window="1Y"), "contacts").score(base)
    with pytest.raises(DataError, match="value 'margin' is not known: the base has no cost"):
        card_of(Linear(per=1, decay=.5), "margin").score(base)
    with pytest.raises(ConfigError, match=r"'last_1Y_amount' is not in the table\n  it comes with base.attributes\("):
        card_of(Linear(per=1, window="1Y"), "amount").score(base.attributes())
