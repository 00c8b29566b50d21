"""Faults that users of short logs, one-time buyers and hardly determined parameters met, with the right values."""
import warnings

import numpy as np
import pytest

import custval as cv


def base_of(customer, time, amount, **options):
    return cv.CustomerBase({"customer": customer, "time": np.asarray(time, "M8[D]"), "amount": amount},
                           customer="customer", time="time", amount="amount", **options)


def once(customers=1000, repeats=30):
    """Return a log in which 97 % bought once."""
    random = np.random.default_rng(1)
    who = np.r_[np.arange(customers), random.choice(customers, repeats, replace=False)]
    day = np.r_[random.integers(0, 400, customers), random.integers(400, 600, repeats)]
    return base_of(who, np.datetime64("2023-01-01") + day.astype("m8[D]"), random.lognormal(3, 1, len(who)).round(2))


@pytest.fixture(scope="module")
def once_only():
    return once()


def test_a_backtest_leaves_out_origins_at_which_nothing_can_be_estimated():
    """Said "no customer has a purchase before the holdout", which was false."""
    random = np.random.default_rng(2)
    who = np.r_[np.arange(900), random.integers(0, 200, 300)]
    day = np.datetime64("2023-01-01") + np.r_[np.arange(900) // 2, 460 + np.arange(300) // 2].astype("m8[D]")
    base = base_of(who, day, random.lognormal(3, 1, len(who)).round(2))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = cv.CLV().backtest(base, origins=["2023-12-31", "2024-05-31"])
    said = [str(w.message) for w in seen if "origins without converged fits" in str(w.message)]
    assert len(found["origin"]) > 0 and len(said) == 1 and "has no estimate: no customer bought twice" in said[0]
    assert {str(day) for day in found["origin"]} == {"2024-05-31"}
    early, holdout = base.split("2023-12-31")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = cv.CLV().fit(early)
    with pytest.raises(cv.FitError, match="has no estimate"):
        model.evaluate(holdout)


def test_who_bought_once_is_nobody_at_risk_or_loyal(once_only):
    """Nine in ten customers with F 3 by mean rank were potential loyalists or at risk; the score keeps the rank."""
    found = cv.rfm(once_only)
    segment, purchases = found.segments.labels, once_only.attributes()["purchases"]
    assert set(segment[purchases == 1]) == {"New", "Promising", "About to sleep", "Hibernating", "Lost"}
    assert {cell[2] for cell in found.scores()["cell"][purchases == 1]} == {"3"}
    own = cv.rfm(once_only, {"recency": 5, "frequency": [2, 3, 4, 5], "money": 5})
    assert (own.segments.labels == segment)[purchases == 1].mean() == 1
    apart = cv.rfm({"recency": [3, 200, np.nan], "purchases": [9, 1, 1], "amount": [5., 2., 1.]}, 5)
    assert apart.segments.labels[2] != apart.segments.labels[1]


@pytest.mark.parametrize("days", [["2024-01-01"] * 4, ["2024-01-01"] * 3 + ["2024-01-02"]])
def test_logs_of_one_and_two_days_get_answers_or_advice_that_ends(days):
    base = base_of([1, 2, 3, 3], days, [5., 6, 7, 8])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(cv.compare(base, [cv.MBGNBD()]).table()["model"]) == 1
        curve = cv.curve(base)
    assert "2024-01-01" in list(curve)
    with pytest.warns(cv.DataWarning, match=r"no backtests, for which a log of . days? is too short"):
        cv.compare(base, [cv.MBGNBD()])
    with pytest.raises(cv.DataError, match="too short for a backtest, whose holdout is a quarter of it: 4 days are"):
        cv.CLV().backtest(base)
    if len(set(days)) == 1:
        with pytest.raises(cv.DataError, match="two are needed, and there is no shorter unit"):
            cv.decompose(base)
        with pytest.raises(cv.DataError, match=r"no period of Q .* pass a shorter unit"):
            cv.curve(base, unit="Q")


def test_curve_takes_quarters_where_one_is_over():
    base = base_of([1, 1, 2], ["2024-01-05", "2024-03-07", "2024-02-01"], [5., 6, 7], end="2024-03-31")
    assert list(cv.curve(base))[1] == "2024Q1"
    base = base_of([1, 1, 2], ["2024-02-05", "2024-03-07", "2024-02-01"], [5., 6, 7], end="2024-03-20")
    assert list(cv.curve(base))[1] == "2024-02"


def test_a_base_hears_each_reason_once():
    base = once()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(2):
            cv.forecast(base)
            cv.stages(base)
            cv.Forecaster().fit(base)
            cv.CLV().fit(base)
            cv.at_risk(base)
    said = [str(w.message) for w in seen]
    reasons = [text for text in said if "cannot be told" in text or "do not differ" in text]
    assert len(reasons) == 1


@pytest.mark.parametrize("seed", [27, 99, 31, 82, 38])
def test_parameters_that_the_data_hardly_determine_do_not_explode_intervals(seed):
    """Bounds of the total of a quarter were 0 to 1e15: a normal draw of the log of tau = .03 with error .11."""
    random, n = np.random.default_rng(seed), 800
    who = random.integers(0, 300, n)
    day = np.datetime64("2024-01-01") + random.integers(0, 540, n).astype("m8[D]")
    base = base_of(who, day, np.exp(random.normal(4, .65, n)).round(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cv.Forecaster().fit(base).total(base, periods=1, newcomers=False, levels=(.8, .95)).table()
        one = cv.forecast(base, periods=1, level=.99)
        equity = cv.CLV().fit(base).equity(base, level=.9, value="amount")
    value = found["value"][-1]
    assert .5 * value < found["low_95"][-1] < found["low_80"][-1] < value
    assert value < found["high_80"][-1] < found["high_95"][-1] < 1.6 * value
    assert np.nanmax(one["sum_1Q_high"]) < 1000 and equity["clv_high"] < 1.6 * equity["clv"]


def test_directions_that_are_determined_keep_their_spread():
    """Of two logs that run off together only the sum is tempered; the difference has its standard deviation."""
    from custval import _core
    far, near = 25.0, 1e-4                                           # variances of sum and difference, over sqrt(2)
    logs = np.array([[far + near, far - near], [far - near, far + near]]) / 2
    value = np.array([3.0, 50.0])
    drawn = _core.draw_parameters(value, (logs * np.outer(value, value)).ravel(), 40_000, 5)
    drawn = np.log(drawn.reshape(-1, 2) / value)
    total, gap = drawn.sum(axis=1) / 2 ** .5, (drawn[:, 0] - drawn[:, 1]) / 2 ** .5
    assert abs(total.std() - 1) < .02 and abs(gap.std() - .01) < 2e-4
    known = np.diag([.04, 1e6]) * np.outer([3.0, 1], [3.0, 1])       # a log, and a coefficient of any size
    drawn = _core.draw_parameters(np.array([3.0, 7.0]), known.ravel(), 40_000, 5, 1).reshape(-1, 2)
    assert abs(np.log(drawn[:, 0] / 3).std() - .2) < .004 and abs(drawn[:, 1].std() - 1000) < 20


def bursts(customers=300):
    """Return a log of bursts, in which MBG/NBD finds one dropout probability for all."""
    random, who, day = np.random.default_rng(1), [], []
    for customer in range(customers):
        at = random.uniform(0, 300)
        while at < 730:
            for _ in range(random.poisson(6) + 1):
                who.append(customer)
                day.append(min(int(at), 729))
                at += random.exponential(4) + 1
            at += random.exponential(150)
    return base_of(who, np.datetime64("2024-01-01") + np.array(day).astype("m8[D]"), np.ones(len(who)))


def test_the_advice_of_auto_makes_the_same_model():
    """It left out the clock, so that whoever followed it got another forecast."""
    base = bursts()
    with pytest.warns(cv.DataWarning, match=r"cv\.MBGNBD\(b=1_000_000, clock='M'\)"):
        fitted = cv.Forecaster(value="purchases").fit(base)
    model = cv.MBGNBD(b=1_000_000, clock="M").fit(base)
    assert model.params_ == pytest.approx(fitted.purchases_.params_, rel=1e-4)     # passes of the clock end at 1e-3


def test_who_cannot_leave_is_won_back_by_stage():
    """With P(alive) of 1 for all, the advice led back to the same warning."""
    fc = {"customer": ["a", "b"], "p_alive": [1., 1.], "value_if_retained": [90., 50.]}
    tiers = {"customer": ["a", "b"], "tier": ["lost", "active"]}
    with pytest.warns(cv.DataWarning, match="pass it as tiers= with among= and alive=1"):
        cv.win_back(fc, p_back=.5, cost=1, tiers=tiers, among=["lost"])
    found = cv.win_back(fc, p_back=.5, cost=1, tiers=tiers, among=["lost"], alive=1)
    assert found["customer"].tolist() == ["a"]


def test_advice_on_dates_of_two_formats_names_both():
    """Each format was advised in turn, without end."""
    log = {"customer": [1, 2, 3], "time": ["2024年3月1日", "2024/3/1", "2024-03-05"], "amount": [1., 2, 3]}
    names = {"customer": "customer", "time": "time", "amount": "amount"}
    with pytest.raises(cv.DataError) as first:
        cv.CustomerBase(log, **names, time_format="%Y/%m/%d")
    assert "time_format=['%Y/%m/%d', '%Y年%m月%d日', 'ISO8601'] if these occur" in str(first.value)
    with pytest.raises(cv.DataError) as both:
        cv.CustomerBase(log, **names)
    assert "time_format=['%Y年%m月%d日', '%Y/%m/%d'] if these occur" in str(both.value)
    assert len(cv.CustomerBase(log, **names, time_format=["%Y年%m月%d日", "%Y/%m/%d", "ISO8601"]).customers) == 3
    ambiguous = {**log, "time": ["01/02/2024", "2024年3月1日", "2024-03-05"]}
    with pytest.raises(cv.DataError) as neither:
        cv.CustomerBase(ambiguous, **names)
    assert "if these occur" not in str(neither.value)


def test_look_alike_ids_have_the_call_that_cleans_them():
    """A merge= of 354 pairs, three of them shown, could not be typed."""
    who = [f"user{k}@x.com" for k in range(40)] + [f"USER{k}@x.com " for k in range(40)]
    base = base_of(who, ["2024-01-01"] * 40 + ["2024-02-01"] * 40, np.arange(80.))
    assert "or clean the column first: orders['customer'].str.strip().str.lower()" in str(base.check())
    other = base_of(["7", "007", "8"], ["2024-01-01"] * 3, [1., 2, 3])
    assert "clean the column first" not in str(other.check()) and "merge=" in str(other.check())


def test_lines_of_a_cancelled_order_do_not_count_unseen():
    """Shopify states an order on its first line: with None in keep= the other lines of cancelled orders counted."""
    log = {"order": ["#1", "#1", "#2", "#2", "#3"], "state": ["paid", None, "refunded", None, "paid"],
           "customer": list("aabbc"), "time": ["2024-03-01"] * 5, "amount": [1., 2, 4, 8, 16]}
    names = {name: name for name in ("order", "customer", "time", "amount")}
    with pytest.warns(cv.DataWarning, match=r"keep: 1 row without a status count, although .* such as '#2', do not"):
        cv.CustomerBase(log, **names, status="state", keep={"paid", None})
    filled = {**log, "state": ["paid", "paid", "refunded", "refunded", "paid"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cv.CustomerBase(filled, **names, status="state", keep={"paid"})
        cv.CustomerBase({**log, "order": list("12345")}, **names, status="state", keep={"paid", None})
