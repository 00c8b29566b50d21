"""cv.weights: weights from pairwise comparisons and from swings."""
import warnings
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custval as cv
from custval import ConfigError, DataWarning, Indicator, Scorecard
from custval.scorecard.rules import Linear

# Saaty (1990), "How to make a decision", the choice of a house: table 2 and its last column.
HOUSE = ("size", "transport", "neighbourhood", "age", "yard", "modern", "condition", "financing")
ABOVE = {0: "5 3 7 6 6 1/3 1/4", 1: "1/3 5 3 3 1/5 1/7", 2: "6 3 4 6 1/5", 3: "1/3 1/4 1/7 1/8", 4: "1/2 1/5 1/6",
         5: "1/5 1/6", 6: "1/2"}
PRIORITIES = (.173, .054, .188, .018, .031, .036, .167, .333)


def house():
    return {(HOUSE[i], HOUSE[i + 1 + k]): word for i, words in ABOVE.items() for k, word in enumerate(words.split())}


def test_the_published_house_example():
    with pytest.warns(DataWarning, match=r"consistency ratio 0.17, over 0.10; 'neighbourhood' over 'condition' is 6"):
        weights = cv.weights.pairwise(house())
    assert [round(weights[name], 3) for name in HOUSE] == list(PRIORITIES)
    assert round(weights.eigenvalue, 3) == 9.669 and round(weights.ratio, 3) == .169


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 10), st.integers(0, 2**32))
@pytest.mark.filterwarnings("ignore:comparisons")
def test_weights_are_the_principal_eigenvector(n, seed):
    rng = np.random.default_rng(seed)
    names = [f"n{k}" for k in range(n)]
    scale = [Fraction(1, k) for k in range(9, 1, -1)] + list(range(1, 10))
    given = {pair: scale[rng.integers(17)] for pair in combinations(names, 2)}
    both = given | {(b, a): 1 / Fraction(times) for (a, b), times in given.items()}
    matrix = np.array([[float(both.get((a, b), 1)) for b in names] for a in names])
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    want = vectors[:, top].real / vectors[:, top].real.sum()
    weights = cv.weights.pairwise(given)
    np.testing.assert_allclose(list(weights.values()), want, atol=1.01e-6)
    assert weights.eigenvalue == pytest.approx(values[top].real, rel=1e-9)
    assert sum(Fraction(repr(w)) for w in weights.values()) == 1


def test_consistent_comparisons_give_the_weights_back_in_either_direction():
    worth = {"a": Fraction(1, 2), "b": Fraction(3, 10), "c": Fraction(1, 5)}
    given = {(x, y): worth[x] / worth[y] for x in worth for y in worth}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weights = cv.weights.pairwise(given)
    assert dict(weights) == {"a": .5, "b": .3, "c": .2}
    assert weights.ratio == pytest.approx(0, abs=1e-12) and weights.eigenvalue == pytest.approx(3)
    card = Scorecard("agreed", [Indicator(name, weight=weights[name], measures={f"x{name}": Linear(per=1)})
                                for name in weights])
    assert card.score({"xa": [90], "xb": [90], "xc": [60]})["score"].tolist() == [84]
    assert cv.weights.pairwise({("a", "b"): 3}).ratio == 0


def test_swings_are_shares_of_their_sum():
    assert dict(cv.weights.swing({"a": 100, "b": 50, "c": 50})) == {"a": .5, "b": .25, "c": .25}
    thirds = cv.weights.swing({"a": "1/3", "b": 1 / 3, "c": "1/3"})
    assert dict(thirds) == {"a": .333334, "b": .333333, "c": .333333} and thirds.ratio is None


@pytest.mark.parametrize("make, message", [
    (lambda w: w.pairwise({("a", "b"): 3, ("b", "a"): 3}), "'b' over 'a' is 3, but 'a' over 'b' makes it 1/3"),
    (lambda w: w.pairwise({("a", "a"): 2, ("a", "b"): 1}), "'a' over itself is 2, expected 1"),
    (lambda w: w.pairwise({("a", "b"): 3, ("b", "c"): 2}), "'a' and 'c' are not compared"),
    (lambda w: w.pairwise({("a", "b"): 0}), "'a' over 'b' is 0, expected a number above 0"),
    (lambda w: w.pairwise({("a", "b"): "x"}), "'a' over 'b' = 'x' is not a number"),
    (lambda w: w.pairwise({"ab": 3}), "expected comparisons such as"),
    (lambda w: w.pairwise({}), "0 names; two to 10 can be compared"),
    (lambda w: w.pairwise({("a", f"n{k}"): 1 for k in range(10)}), "11 names; two to 10"),
    (lambda w: w.swing({}), "expected points by name"),
    (lambda w: w.swing({"a": 1, "b": -1}), "points of 'b' lie below 0"),
    (lambda w: w.swing({"a": 0}), "all points are 0"),
    (lambda w: w.swing({1: 50, "1": 50}), "two names are written alike"),
])
def test_invalid_comparisons_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make(cv.weights)
