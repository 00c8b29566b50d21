"""S2: numbers survive the file of a card or model bit by bit."""
import math
import random

import numpy as np

import custval as cv
from custval import Indicator, Scorecard
from custval.scorecard.rules import Steps


def test_doubles_survive_a_file_bit_by_bit(tmp_path):
    rng = random.Random(2)
    for _ in range(20):
        edges = sorted({rng.uniform(-1, 1) * 10 ** rng.randint(-300, 300) for _ in range(20)})
        points = [rng.uniform(-1, 1) * 10 ** rng.randint(-8, 8) for _ in edges]
        card = Scorecard("c", [Indicator("i", weight=1, measures={
            "x": Steps(list(zip(edges, points, strict=True)))})])
        for name in ("c.toml", "c.json"):
            card.save(tmp_path / name)
            loaded = Scorecard.load(tmp_path / name)
            assert loaded == card
            assert [float(p) for _, p in loaded.indicators[0].measures["x"].steps] == points
            assert [e for e, _ in loaded.indicators[0].measures["x"].steps] == edges


def test_any_double_survives_the_file_of_a_model():
    """Doubles of random bits, with subnormal, infinite and NaN. Parameters are positive and finite, or NaN."""
    rng = np.random.default_rng(3)
    for _ in range(500):
        held, *numbers = rng.integers(0, 2**64, 64, np.uint64).view(float).tolist()
        held = abs(held) if 1e-12 <= abs(held) <= 1e12 else 1e-12              # the range of a fixed parameter
        model, drawn = cv.BGNBD(alpha=held), iter(numbers)
        params, se, direction = ({name: next(drawn) for name in model.names} for _ in range(3))
        params = {k: abs(v) if 0 < abs(v) < math.inf else math.nan for k, v in params.items()} | {"alpha": held}
        model.set_fit({
            "status": "flat", "params": params, "se": {k: abs(v) for k, v in se.items()},
            "cov": np.array([next(drawn) for _ in range(16)]).reshape(4, 4), "loglik": next(drawn), "aic": next(drawn),
            "bic": next(drawn), "n": 7, "n_iter": 3, "advice": "", "null_direction": direction, "notes": ()})
        back = cv.load(model.to_json())
        np.testing.assert_array_equal(back.cov_, model.cov_)
        del back.cov_, model.cov_
        assert {k: repr(v) for k, v in vars(back).items()} == {k: repr(v) for k, v in vars(model).items()}
