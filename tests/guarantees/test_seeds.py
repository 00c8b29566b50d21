"""Seeds: a number gives the same bits; a Generator of NumPy is taken everywhere and advances."""
import inspect

import numpy as np
import pytest

import custval as cv

MODEL, SPEND = cv.MBGNBD(r=.5, alpha=6, a=.9, b=1.6, unit="W"), cv.GammaGamma(p=6, q=4, gamma=100)
X, T_X, T = np.array([2.0, 0, 3] * 20), np.array([30.0, 0, 20] * 20), np.array([38.0, 39, 40] * 20)
VARIED = np.where(T_X > 0, np.arange(60) + 1.0, 0)
MARGINS = cv.NormalMargin(mu=30, kappa=2, nu=8, sigma=10)
SBG = cv.ShiftedBetaGeometric(alpha=.7, beta=3.8)
BASE = cv.datasets.cdnow()


def forecaster():
    return cv.Forecaster(purchases=MODEL).fit(BASE)


CALLS = {
    "BGBB.simulate": lambda seed: cv.BGBB(alpha=1.2, beta=.75, gamma=.66, delta=2.78).simulate(9, 6, seed=seed)["x"],
    "PurchaseModel.simulate": lambda seed: MODEL.simulate(9, 30.0, seed=seed)["t_x"],
    "PurchaseModel.simulate_future": lambda seed: MODEL.simulate_future(30.0, X, T_X, T, draws=5, seed=seed),
    "PurchaseModel.purchase_interval": lambda seed: MODEL.purchase_interval(90, X, T_X, T, draws=9, seed=seed).total,
    "PurchaseModel.bootstrap": lambda seed: cv.NBD().fit(VARIED, T_X, T).bootstrap(
        VARIED, T_X, T, replicates=3, seed=seed).parameters,
    "ContractModel.simulate": lambda seed: SBG.simulate(30, 9, seed=seed),
    "GammaGamma.simulate": lambda seed: SPEND.simulate(X, seed=seed),
    "LogNormalSpend.simulate": lambda seed: cv.LogNormalSpend(mu=3, sigma=.5, tau=.4).simulate(X, seed=seed),
    "NormalMargin.simulate": lambda seed: MARGINS.simulate(X, seed=seed),
    "CLV.simulate": lambda seed: cv.CLV(purchases=MODEL, spend=SPEND).simulate(9, 30, seed=seed)["amount"],
    "CLV.interval": lambda seed: cv.CLV(purchases=MODEL, spend=SPEND).interval(
        {"x": X, "t_x": T_X, "T": T, "m_x": X * 9, "amount": X * 10}, value="amount", periods=None, draws=9,
        seed=seed).total,
    "Forecaster.predict": lambda seed: forecaster().predict(BASE, level=.8, draws=9, seed=seed)["sum_3Q_high"][0],
    "Forecaster.total": lambda seed: forecaster().total(BASE, draws=9, seed=seed).table()["high_80"][-4:],
    "crm": lambda seed: cv.datasets.crm(2, seed=seed).orders["amount"],
}


@pytest.mark.parametrize("name", CALLS)
def test_a_generator_advances_and_a_number_repeats(name):
    call = CALLS[name]
    assert repr(call(7)) == repr(call(7)) == repr(call(np.int64(7)))
    generator, other = np.random.default_rng(1), np.random.default_rng(1)
    first, second = repr(call(generator)), repr(call(generator))
    assert first != second and [first, second] == [repr(call(other)), repr(call(other))]


def test_every_seed_is_a_case_or_forwards_its_own():
    taking = {method.__qualname__ for name in cv.__all__ if inspect.isclass(getattr(cv, name))
              for _, method in inspect.getmembers(getattr(cv, name), inspect.isfunction)
              if "seed" in inspect.signature(method).parameters and not method.__name__.startswith("_")}
    forwarding = {"CLV.equity", "Model.drawn_parameters", "BGBB.bootstrap", "CondensedModel.bootstrap",
                  "ContractModel.bootstrap", "GammaGamma.bootstrap", "LogNormalSpend.bootstrap",
                  "NormalMargin.bootstrap"}
    assert taking <= CALLS.keys() | forwarding


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, True, "7", np.random.RandomState(1)])
def test_other_seeds_are_refused(seed):
    with pytest.raises(cv.ConfigError, match=r"pass a whole number from 0 to 2\*\*64 - 1, or a numpy.random.Gen"):
        MODEL.simulate(3, 30.0, seed=seed)
