"""Automatic choice of models: it always answers, names what it means, and never rests on an uncertified fit."""
import numpy as np
import pytest

import custval as cv
from custval.models.automatic import fit_auto
from custval.models.automatic_spend import fit_auto_spend


def base_of(rows, end="2024-12-31"):
    ids, days, paid = (list(column) for column in zip(*rows, strict=True))
    return cv.CustomerBase({"id": ids, "day": days, "paid": paid}, customer="id", time="day", amount="paid", end=end)


def months(first, last):
    return [f"{2023 + m // 12}-{m % 12 + 1:02d}-05" for m in range(first, last)]


def subscriptions(stop):
    rng = np.random.default_rng(3)
    begin, length = rng.integers(0, 12, 150).tolist(), rng.geometric(stop, 150).tolist()
    return base_of([(i, day, 9.99) for i in range(150) for day in months(begin[i], min(24, begin[i] + length[i]))])


def one_time_buyers(share, n=600):
    rng = np.random.default_rng(5)
    count = np.where(rng.random(n) < share, 1, 2 + rng.poisson(0.5, n))
    return base_of([(i, np.datetime64("2024-01-01") + int(d), float(rng.integers(5, 90)))
                    for i in range(n) for d in rng.integers(0, 366, count[i])])


WORLDS = {
    "cdnow": (cv.datasets.cdnow, "default", "default"),
    "subscriptions": (lambda: subscriptions(0.05), "nested", "nested"),
    "nobody stops": (lambda: subscriptions(1e-9), "nested", "nested"),
    "97 % one-time": (lambda: one_time_buyers(0.97), "nested", "nested"),
    "one-time only": (lambda: one_time_buyers(1.1), "missing", "nested"),
    "one customer": (lambda: base_of([(1, "2024-01-01", 5.0), (1, "2024-02-01", 7.0), (1, "2024-02-20", 8.0)]),
                     "nested", "nested"),
    "one order": (lambda: base_of([(1, "2024-01-01", 5.0)], None), "missing", "nested"),
    "one day": (lambda: base_of([(i, "2024-01-01", 5.0 + i) for i in range(30)], None), "missing", "nested"),
    "free orders": (lambda: base_of([(i, f"2024-0{m}-0{i + 1}", 0.0) for i in range(4) for m in range(1, 5 + i)]),
                    None, "missing"),
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.filterwarnings("ignore::custval.DataWarning")
def test_every_world_has_an_answer_that_is_certified_or_missing(world):
    make, purchases, spend = WORLDS[world]
    base = make()
    for choice, wanted in ((fit_auto(base), purchases), (fit_auto_spend(base), spend)):
        assert choice.status == (wanted or choice.status) and choice.reason
        if choice.status == "missing":
            assert choice.model.missing_ and "missing for all customers" in choice.reason
            assert np.isnan(choice.model.parameters()).all()
        else:
            assert choice.model.status_ == "converged"
    model, missing = fit_auto(base).model, fit_auto(base).status == "missing"
    x, t_x, T = base.snapshot.histories(("x", "t_x", "T"), model.unit).values()
    for values in (model.p_alive(x, t_x, T), model.expected_purchases(4, x, t_x, T), model.p_purchase(4, x, t_x, T)):
        assert (np.isnan(values) if missing else np.isfinite(values) & (values >= 0)).all()
    interval = model.purchase_interval(4, x, t_x, T, draws=20)
    assert np.isnan([*interval.total]).all() if missing else np.isfinite([*interval.total]).all()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("customers", [1, 3, 10, 40])
def test_crm_of_any_size_and_seed_has_finite_expectations(customers, seed):
    base = cv.datasets.crm(customers=customers, seed=seed).base()
    purchases, spend = fit_auto(base), fit_auto_spend(base)
    x, t_x, T = base.snapshot.histories(("x", "t_x", "T"), purchases.model.unit).values()
    assert np.isfinite(purchases.model.expected_purchases(13, x, t_x, T)).all() or purchases.status == "missing"
    assert np.isfinite(spend.model.expected_spend(base)).all() or spend.status == "missing"


def regular(customers=60, gap=10):
    """Return customers who never leave: MBG/NBD runs off to a -> 0."""
    rng = np.random.default_rng(0)
    days = {i: np.cumsum(rng.exponential(gap * (0.5 + rng.random()), 80)).astype(int) for i in range(customers)}
    return base_of([(i, np.datetime64("2024-01-01") + int(d), 10.0 + i) for i in days for d in days[i] if d < 366])


def test_dropout_on_its_boundary_is_answered_by_the_nbd_and_an_explicit_model_still_raises():
    base = regular()
    assert cv.MBGNBD().fit(base).status_ in ("boundary", "flat")
    choice = fit_auto(base)
    assert choice.reason == "dropout cannot be told from these 52 weeks: NBD, every customer stays active"
    alone = cv.NBD(unit=choice.model.unit, clock="M").fit(base).params_
    assert list(choice.model.params_.values()) == pytest.approx(list(alone.values()), rel=2e-3)    # on its own clock
    with pytest.raises(cv.FitError):
        cv.MBGNBD().fit(base).p_alive(base)


def test_one_rate_for_all_keeps_the_dropout_that_the_data_identify():
    base = subscriptions(0.05)
    choice = fit_auto(base)
    assert choice.reason.startswith("customers do not differ in purchase rate")
    assert "100% of the times between purchases are one month" in choice.reason and "cv.tenures" in choice.reason
    at_the_boundary = cv.MBGNBD(unit=choice.model.unit, clock="M").fit(base)
    assert abs(choice.model.loglik_ - at_the_boundary.loglik_) < 0.01          # certified within the face


def test_a_summary_and_a_unit_are_taken():
    summary = cv.datasets.cdnow().summary("W")
    assert fit_auto(summary, "W").model.params_ == cv.MBGNBD(unit="W").fit(summary).params_
    assert fit_auto(cv.datasets.cdnow(), "W").model.unit == "W"


def test_missing_quantities_survive_a_file():
    model = fit_auto(one_time_buyers(1.1, 20)).model
    again = cv.load(model.to_json())
    assert again.missing_ and np.isnan(again.p_alive(0, 0, 5.0))


def test_a_new_customer_of_infinite_mean_spend_gets_one_mean_for_all():
    x = np.full(400, 3)
    data = {"x": x, "m_x": cv.GammaGamma(p=2, q=0.7, gamma=10).simulate(x)}
    assert cv.GammaGamma().fit(data).params_["q"] <= 1
    choice = fit_auto_spend(data)
    assert "infinite" in choice.reason and np.isfinite(choice.model.expected_spend(0, np.nan))


@pytest.mark.parametrize("make", [cv.BGNBD, cv.MBGNBD])
def test_a_fit_at_the_boundary_is_certified_within_its_face(make):
    for seed in range(12):
        base = cv.datasets.crm(customers=5, seed=seed).base()
        model, nested = make(unit="W").fit(base), cv.NBD(unit="W").fit(base)
        if model.status_ == "converged":
            continue
        assert "certified within the face of the boundary, cv." in model.notes_[-1], model.notes_
        assert model.loglik_ > nested.loglik_ - 1e-3 and model.aic_ == pytest.approx(8 - 2 * model.loglik_)
        assert model.status_ in ("boundary", "flat")
        with pytest.raises(cv.FitError):
            model.p_alive(base)


def test_a_face_of_another_model_is_said_to_be_uncertified():
    bases = (cv.datasets.crm(customers=5, seed=seed).base() for seed in range(12))
    model = next(m for m in (cv.GGompertzNBD(unit="W").fit(base) for base in bases) if m.status_ != "converged")
    assert "certified" in model.notes_[-1]


@pytest.mark.parametrize("make", [cv.BGNBD, cv.MBGNBD, cv.ParetoNBD, cv.NBD, cv.GammaGamma])
def test_a_fit_whose_estimates_ran_off_comes_back_from_its_file(make):
    for seed in range(8):
        for base in (cv.datasets.crm(customers=3, seed=seed).base(), one_time_buyers(0.5, 12)):
            model = make().fit(base)
            assert cv.load(model.to_json()).params_ == model.params_ or model.status_ == "no_repeats"


def test_one_probability_for_all_beyond_the_range_of_fixed_parameters_comes_back_from_a_file():
    data = {"x": [1, 1, 2, 1], "t_x": [1.0, 2.0, 2.5, 1.5], "T": [90.0, 80.0, 95.0, 70.0]}
    model = fit_auto(data, "W").model
    assert model.b == 1e6 and cv.load(model.to_json()).p_alive(1, 2.0, 3.0) == model.p_alive(1, 2.0, 3.0)


# ---- spend ----

def spenders(logs, n=800, seed=1):
    """Return a base whose purchases have the logs that a function of a generator, customer and number gives."""
    g = np.random.default_rng(seed)
    rows = [(i, np.datetime64("2024-01-01") + 9 * k + i % 9, float(np.exp(v)))
            for i in range(n) for k, v in enumerate(logs(g, int(g.integers(1, 8))))]
    return base_of(rows)


def test_the_model_that_predicts_last_purchases_better_answers_for_spend():
    """Worlds of either model: heavy right tails of purchases are log-normal, of customers Gamma-Gamma."""
    normal = fit_auto_spend(spenders(lambda g, n: g.normal(g.normal(3, 0.5), 1.2, n)))
    assert normal.model.prefix == "lognormal" and normal.status == "default"
    gamma = fit_auto_spend(spenders(lambda g, n: np.log(g.gamma(0.7, 1 / g.gamma(3, 1 / 60), n))))
    assert gamma.model.prefix == "gg" and gamma.status == "default"
    for choice, other in ((normal, "Gamma-Gamma"), (gamma, "log-normal spend")):
        assert f"predicts last purchases better than {other} (deviance 0." in choice.reason.replace("1.", "0.")
        assert choice.reason.endswith("its fit passes the convergence check")
        assert choice.model.notes_[-1] == choice.reason


def test_the_choice_does_not_depend_on_the_order_of_the_rows():
    base = cv.datasets.cdnow(as_frame=dict)
    order = np.random.default_rng(0).permutation(len(base["date"]))
    one, other = (fit_auto_spend(cv.CustomerBase(data, customer="customer", time="date", amount="amount")) for data in (
        base, {name: np.asarray(column)[order] for name, column in base.items()}))
    assert one.reason == other.reason and one.model.params_ == other.model.params_
    assert one.model.smearing_ == other.model.smearing_


def test_few_customers_and_summaries_get_gamma_gamma():
    base = cv.datasets.cdnow()
    assert fit_auto_spend(base.summary()).reason == "Gamma-Gamma: its fit passes the convergence check"
    whole = fit_auto_spend(base.summary(spend=True))
    assert whole.reason.startswith("log-normal spend, which has a larger likelihood than Gamma-Gamma (by 81.16 nats)")
    assert whole.model.params_ == cv.LogNormalSpend().fit(base).params_
    few = base.where(np.arange(len(base.customers)) < 40)
    assert fit_auto_spend(few).model.prefix == "gg"


def test_deviance_of_equal_totals():
    """2 sum (a log(a / e) - a + e) / sum a, e scaled to the total of a, in 50 digits."""
    import mpmath

    from custval.models.automatic_spend import _deviance

    def divergence(a, e):
        a, e = mpmath.mpf(a), mpmath.mpf(e)
        return a * mpmath.log(a / e) - a + e

    actual, expected = np.array([1.0, 2, 3, 1e-9, 7]), np.array([2.0, 3, 1, 1, 0.5])
    scaled = expected * actual.sum() / expected.sum()
    with mpmath.workdps(50):
        want = float(2 * sum(map(divergence, actual, scaled)) / actual.sum())
    assert abs(_deviance(actual, expected) / want - 1) < 1e-14
    assert _deviance(actual, 3 * actual) < 1e-30
