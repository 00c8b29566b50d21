"""Indicator.from_bins: points learned from an outcome, from the bins of optbinning or objects of its shape."""
from fractions import Fraction

import numpy as np
import pytest

import custval as cv
from custval import ConfigError, Indicator, Scorecard
from custval.scorecard.rules import Steps, Table


class Built:
    def __init__(self, woe):
        self.woe = woe

    def build(self):
        return {"Bin": ["..."] * (len(self.woe) + 3), "WoE": [*self.woe, 0.0, 0.5, ""]}    # special, missing, totals


class Binning:
    """The attributes of optbinning.OptimalBinning 1.0 that are read."""

    def __init__(self, name, dtype, splits, woe):
        self.name, self.dtype, self.splits, self.binning_table = name, dtype, splits, Built(woe)


class Process:
    """The attributes of optbinning.BinningProcess 1.0 that are read."""

    def __init__(self, *binnings):
        self.binnings = {b.name: b for b in binnings}

    def get_support(self, names):
        return np.array(list(self.binnings)) if names else None

    def get_binned_variable(self, name):
        return self.binnings[name]


SALES = Binning("sales", "numerical", np.array([10.0, 50.0]), [1.125, -0.3049, -2.0])
REGION = Binning("region", "categorical", [np.array(["north", "west"]), np.array(["south"])], [0.2, -0.4])
NEVER = Binning("flat", "numerical", np.array([]), [0.0])


def test_bins_become_steps_and_tables(tmp_path):
    made = Indicator.from_bins("learnt", Process(SALES, REGION, NEVER), points=-20, weight=1, missing="zero", cap=60)
    assert made.measures["sales"] == Steps([(None, -22.5), (10, 6.1), (50, 40)], auto=True, missing="zero")
    assert made.measures["sales"].steps[1][1] == Fraction(61, 10)             # 6.098 rounded
    assert made.measures["region"] == Table({"north": -4, "west": -4, "south": 8}, missing="zero")
    assert made.measures["flat"] == Steps([(None, 0)], auto=True, missing="zero")
    card = Scorecard("learnt", [made])
    scored = card.score({"sales": [9.99, 10, np.nan], "region": ["west", "south", "north"], "flat": [1, 2, 3]})
    assert scored["score"].tolist() == [-26.5, 14.1, -4]
    card.save(tmp_path / "card.toml")
    assert Scorecard.load(tmp_path / "card.toml") == card


def test_one_binning_or_a_dict_of_them_is_accepted():
    assert Indicator.from_bins("a", SALES, points=1).measures == Indicator.from_bins("a", {"sales": SALES},
                                                                                     points=1).measures
    assert Indicator.from_bins("a", SALES, points=1, digits=0).measures["sales"].steps[0][1] == 1
    for wrong in (3, {"sales": [1, 2]}):
        with pytest.raises(ConfigError, match="expected a fitted BinningProcess or OptimalBinning"):
            Indicator.from_bins("a", wrong, points=1)


@pytest.mark.filterwarnings("ignore")
def test_points_are_those_of_optbinning():
    """The points of a card are those of its transform; a value at a split is in the upper bin of both."""
    optbinning = pytest.importorskip("optbinning", reason="optbinning is not installed: pip install custval[bins]")
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(1)
    x, g = np.exp(rng.normal(5, 1, 2000)), rng.choice(list("abcd"), 2000)
    bought = (rng.random(2000) < 1 / (1 + np.exp(5 - np.log(x) - (g == "a")))).astype(int)
    process = optbinning.BinningProcess(["x", "g"], categorical_variables=["g"]).fit(
        pd.DataFrame({"x": x, "g": g}), bought)
    card = cv.Scorecard("learnt", [Indicator.from_bins("all", process, points=-20, weight=1, digits=6)])
    x[:9] = process.get_binned_variable("x").splits[:9].repeat(9)[:9]
    scored = card.score({"x": x, "g": g})
    want = process.transform(pd.DataFrame({"x": x, "g": g}), metric="woe").to_numpy() * -20
    np.testing.assert_allclose(scored["x_points"], want[:, 0], atol=1e-6)
    np.testing.assert_allclose(scored["g_points"], want[:, 1], atol=1e-6)
    assert scored["score"][bought == 1].mean() > scored["score"][bought == 0].mean()
