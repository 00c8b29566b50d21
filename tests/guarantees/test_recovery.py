"""M5: parameters are recovered: of 95 % intervals over 200 simulated cohorts, 90 to 99 % cover the truth.

`python tests/recovery.py` takes 200 cohorts of 5,000 customers for every model. Here they are fewer and smaller, so a
share is known to about 2 % only; slow models and those with covariates get a few cohorts and a weaker bound.
"""
import pytest
import recovery

SLOW = {"pnbd", "ggnbd"}


@pytest.mark.plain
@pytest.mark.parametrize("truth", recovery.TRUTHS, ids=lambda truth: truth.prefix)
def test_intervals_cover_the_truth(truth):
    more = recovery.has_covariates(truth)
    cohorts, customers = (8, 500) if more else (2, 2000) if truth.prefix in SLOW else (80, 600)
    shares, fits = recovery.coverage(truth, cohorts, customers)
    assert fits >= 0.97 * cohorts
    if more or truth.prefix in SLOW:
        assert sum(shares.values()) > 0.7 * len(shares), shares
    else:
        assert min(shares.values()) >= 0.88, shares
