"""S2: numbers survive a card file bit by bit."""
import random

from custval import Indicator, Scorecard, Steps


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
