"""M2: the same input gives the same bits, in every run, beside any number of threads, on every instruction set."""
from concurrent.futures import ThreadPoolExecutor

import histories
import pytest

import custval as cv


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_fifty_fits_are_one(threads):
    columns = histories.simulate(51_000, 0.5, 5.0, 0.8, 2.5, seed=2)            # above the size of the sample start

    def fit(_):
        model = cv.BGNBD().fit(*columns)
        return repr((model.params_, model.se_, model.loglik_, model.status_, model.n_iter_)), model.cov_.tobytes()

    with ThreadPoolExecutor(threads) as pool:
        assert len(set(pool.map(fit, range(50)))) == 1


def test_the_instruction_set_changes_nothing(monkeypatch):
    columns = histories.cdnow()[:3]
    found = []
    for simd in ("base", "avx2"):
        monkeypatch.setenv("CUSTVAL_SIMD", simd)
        model = cv.MBGNBD().fit(*columns)
        found.append((repr(model.params_), model.loglik_, model.cov_.tobytes()))
    assert found[0] == found[1]
