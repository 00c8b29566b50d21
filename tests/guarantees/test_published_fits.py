"""M3: published fits of the CDNOW sample to 1997-09-30 are reproduced, from two independent routes.

"Exact" is days / 7. Log-likelihoods and parameters: multi-start Newton to 1e-10 with the published closed forms;
BG/NBD also Fader, Hardie, Lee (2005), table 2: r .243 alpha 4.414 a .793 b 2.426, LL -9582.4; Gamma-Gamma note 025:
p 6.25 q 3.74 gamma 15.44. Standard errors of "exact" BG/NBD: CLVTools 0.12.
"""
import histories
import numpy as np
import pytest
from numpy.testing import assert_allclose

import custval as cv

EXACT = [
    (cv.BGNBD, -9582.429206673929, (0.2425945304891, 4.4136023365, 0.7929219519, 2.4259065867),
     (0.01255737676, 0.37822385828, 0.18573276758, 0.70540681122)),
    (cv.MBGNBD, -9582.135715553748, (0.5248431754, 6.1830852610, 0.8913594158, 1.6140022588), None),
    (cv.ParetoNBD, -9594.976178939542, (0.5532770537, 10.5776838029, 0.6062401421, 11.6687399176), None),
    (cv.NBD, -9763.657614672615, (0.3847661592, 12.0720232635), None),
    (cv.GammaGamma, -4055.9176948018685, (6.2495719234, 3.7442245516, 15.4435215424), None),
]
TWO_DECIMALS = [
    (cv.BGNBD, -9582.425560567, (0.242592907, 4.41353156, 0.792886148, 2.42575344),
     (0.012557, 0.37822, 0.18572, 0.70535)),
    (cv.MBGNBD, -9582.132684900, (0.524837984, 6.18299202, 0.891356155, 1.61399933),
     (0.083264, 0.6956, 0.15479, 0.53747)),
    (cv.ParetoNBD, -9594.973929827, (0.553275509, 10.5776122, 0.606213569, 11.6679112),
     (0.047629, 0.84272, 0.18728, 6.211)),
    (cv.GammaGamma, -4055.923243503, (6.24880249, 3.74458845, 15.447748), (1.1897, 0.29017, 4.16)),
]


def weeks(decimals=None):
    x, t_x, T, m_x = histories.cdnow()
    columns = t_x / 7, T / 7, m_x
    return (x, *(columns if decimals is None else (np.round(c + 1e-9, decimals) for c in columns)))   # halves go up


@pytest.mark.parametrize("model, loglik, parameters, se, decimals",
                         [(*row, None) for row in EXACT] + [(*row, 2) for row in TWO_DECIMALS])
def test_fits_match_the_published_ones(model, loglik, parameters, se, decimals):
    x, t_x, T, m_x = weeks(decimals)
    got = model().fit(x, m_x) if model is cv.GammaGamma else model().fit(x, t_x, T)
    assert got.status_ == "converged"
    assert_allclose(got.loglik_, loglik, rtol=1e-9)
    assert_allclose(list(got.params_.values()), parameters, rtol=1e-6)
    if se:
        assert_allclose(list(got.se_.values()), se, rtol=1e-3)
    terms = got.loglik(x[x > 0], m_x[x > 0]) if model is cv.GammaGamma else got.loglik(x, t_x, T)
    assert_allclose(got.loglik_, terms.sum(), rtol=1e-12)


def test_a_base_gives_the_published_loglik():
    model = cv.BGNBD(unit="W").fit(cv.datasets.cdnow().as_of("1997-09-30"))
    assert_allclose(model.loglik_, -9582.429206673929, rtol=1e-12)
    assert_allclose((model.aic_, model.bic_), (19172.85841334786, 19172.85841334786 - 8 + 4 * np.log(2357)), rtol=1e-12)


def test_expected_purchases_of_the_holdout():
    """At the exact BG/NBD fit: 1653.40873 repeats expected in the 39 weeks to come (1,882 came); 1917.27768 alive."""
    x, t_x, T, _ = weeks()
    model = cv.BGNBD(unit="W").fit(x, t_x, T)
    assert_allclose(model.expected_purchases(39, x, t_x, T).sum(), 1653.40873, rtol=1e-7)
    assert_allclose(model.expected_purchases((0, 39), x, t_x, T).sum(), 1653.40873, rtol=1e-7)
    assert_allclose(model.p_alive(x, t_x, T).sum(), 1917.27768, rtol=1e-7)


def test_discounted_expected_purchases():
    """5.169553928437 is the kernel at ln(1.15)/52 a week: a year of 52 weeks, here converted to 365.25 days."""
    model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    annual = 1.15 ** (365.25 / 7 / 52) - 1
    assert_allclose(model.dert(2, 30.43, 38.86, discount=annual), 5.169553928437, rtol=1e-12)
    year = model.dert(2, 30.43, 38.86, discount=0.0, t=52.0)
    assert_allclose(year, model.expected_purchases(52.0, 2, 30.43, 38.86), rtol=1e-12)
    assert model.dert(2, 30.43, 38.86, discount=0.15, t=52.0) < year
    with pytest.raises(cv.ConfigError, match=r"(has no|does not know its) unit"):
        cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426).dert(2, 30.43, 38.86, discount=0.15)
    for bad in (-0.1, np.nan, np.inf, 0.0):
        with pytest.raises(cv.ConfigError, match="effective annual rate"):
            model.dert(2, 30.43, 38.86, discount=bad)


def test_expected_spend_of_the_first_customers():
    """Note 025 at (6.25, 3.74, 15.44): 24.66, 18.92; without repeats the population mean, 35.2189781021898."""
    model = cv.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    got = model.expected_spend([2, 1, 0, 3], [22.35, 11.77, np.nan, 35])
    assert_allclose(got, [24.6637139107612, 18.916852057842, 35.2189781021898, 35.0279199628], rtol=1e-11)
    endless = cv.GammaGamma(p=6.25, q=0.79, gamma=15.44)
    assert_allclose(endless.expected_spend(3, 22.35), 27.808117583603022, rtol=1e-12)          # at 50 digits
    with pytest.raises(cv.FitError, match=r"of 1 customer is infinite \(p x \+ q <= 1\), rows 1"):
        endless.expected_spend([3, 0], [22.35, np.nan])
    assert endless.expected_spend([3, 0], [22.35, np.nan], infinite="inf")[1] == np.inf
    with pytest.raises(cv.ConfigError, match="'raise' or 'inf'"):
        endless.expected_spend(3, 22.35, infinite="nan")
