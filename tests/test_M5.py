"""M5: parameters are recovered: of 95 % intervals over 200 simulated cohorts 90 to 99 % hold the truth.

`python tests/recovery.py` takes cohorts of 5,000 customers; here they are smaller.
"""
import pytest
import recovery


@pytest.mark.plain
@pytest.mark.parametrize("truth", recovery.TRUTHS, ids=lambda truth: truth.word)
def test_intervals_hold_the_truth(truth):
    shares, fits = recovery.coverage(truth, 200, 800)
    assert fits >= 198
    assert all(0.90 <= share <= 0.99 for share in shares.values()), shares
