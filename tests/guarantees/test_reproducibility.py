"""M2: the same input gives the same bits, in every run, beside any number of threads, on every instruction set."""
from concurrent.futures import ThreadPoolExecutor

import histories
import pytest

import custval as cv


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_fifty_fits_in_threads_have_the_same_bits(threads):
    columns = histories.simulate(51_000, 0.5, 5.0, 0.8, 2.5, seed=2)            # above the size of the sample start

    def fit(_):
        model = cv.BGNBD().fit(*columns)
        return repr((model.params_, model.se_, model.loglik_, model.status_, model.n_iter_)), model.cov_.tobytes()

    with ThreadPoolExecutor(threads) as pool:
        assert len(set(pool.map(fit, range(50)))) == 1


def test_the_instruction_set_does_not_change_a_bit(same_bits):
    same_bits("""
import custval as cv, histories
import numpy as np
columns = histories.cdnow()[:3]
model = cv.MBGNBD().fit(*columns)
print(model.params_, model.loglik_, model.cov_.tolist())
for model in (model, cv.ParetoNBD().fit(*columns)):
    print(np.asarray(model.expected_purchases(13.0, *columns)).tolist())
curves = np.random.default_rng(1).integers(0, 9, (12, 333)).astype(float)
print([part.tolist() for part in _core.trend(curves.ravel(), 12)])
values = curves.ravel()
print(_core.pyramid_label(values, np.array([7.0, 3.0, 1.0]), None, None, None).tolist())
""")
