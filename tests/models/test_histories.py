"""Bad histories: every family of models refuses them in a fit and names column, rows and remedy."""
import numpy as np
import pandas as pd
import pytest

import custval as cv

ORDER = {"x": [1.0, 2, 0, 3], "t_x": [5.0, 6, 0, 7], "T": [9.0, 9, 9, 9]}
USES = {"x": [1.0, 2, 0, 3], "t_x": [5.0, 6, 0, 7], "n": [9.0, 9, 9, 9]}
SPENT = {"x": [1.0, 2, 0, 3], "m_x": [5.0, 6, 0, 7]}
EARNT = {"n": [1.0, 2, 0, 3], "mean": [5.0, 6, 0, -7], "SS": [0.0, 6, 0, 7]}
TENURES = {"tenure": [1.0, 2, 9, 3], "churned": [1.0, 1, 0, 1]}
TIMED = [cv.NBD, cv.BGNBD, cv.MBGNBD, cv.ParetoNBD, cv.GGompertzNBD]
BAD = [                                   # good columns, the bad column, its second value, the message
    (ORDER, "x", -2, "'x': 1 of 4 values are negative"),
    (ORDER, "x", 2.5, "'x': 1 of 4 values are no whole number of purchases"),
    (ORDER, "x", np.nan, "'x': 1 of 4 values are missing or infinite"),
    (ORDER, "t_x", 60, "'t_x': 1 of 4 values are after the end of observation T"),
    (ORDER, "t_x", 0, "'t_x': 1 of 4 values are zero although x > 0"),
    (ORDER, "t_x", np.inf, "'t_x': 1 of 4 values are missing or infinite"),
    (ORDER, "T", np.nan, "'T': 1 of 4 values are missing or infinite"),
    (ORDER, "T", -9, "'T': 1 of 4 values are negative"),
    (USES, "x", 8, "'x': 1 of 4 values are more purchases than opportunities"),
    (USES, "t_x", 60, "'t_x': 1 of 4 values are more opportunities than n"),
    (USES, "t_x", 6.5, "'t_x': 1 of 4 values are no whole number of opportunities"),
    (USES, "n", np.nan, "'n': 1 of 4 values are missing or infinite"),
    (USES, "x", -1, "'x': 1 of 4 values are negative"),
    (SPENT, "m_x", np.inf, "'m_x': 1 of 4 values are missing or infinite"),
    (SPENT, "x", 2.5, "'x': 1 of 4 values are no whole number of purchases"),
    (EARNT, "n", -2, "'n': 1 of 4 values are negative"),
    (EARNT, "SS", -1, "'SS': 1 of 4 values are negative"),
    (EARNT, "mean", np.nan, "'mean': 1 of 4 values are missing or infinite"),
    (TENURES, "tenure", 1.5, r"tenure: 1 of 4 values \(row 1\) are not whole numbers of periods"),
    (TENURES, "tenure", 0, r"tenure: 1 of 4 values \(row 1\) are 0 for churned customers"),
    (TENURES, "tenure", np.nan, r"tenure: 1 of 4 values \(row 1\) are NaN"),
    (TENURES, "churned", 2, r"churned: 1 of 4 values \(row 1\) are neither 0 \(active\) nor 1 \(churned\)"),
    (USES, "n", 2.0**60, "'n': 1 of 4 values are more opportunities than can be counted"),
    (EARNT, "n", 2.0**60, "'n': 1 of 4 values are more purchases than can be counted"),
    (TENURES, "tenure", 2.0**60, r"tenure: 1 of 4 values \(row 1\) are more periods than can be counted"),
]


def models(columns):
    if "T" in columns:
        return TIMED
    return {"n": [cv.BGBB], "m_x": [cv.GammaGamma], "SS": [cv.NormalMargin],
            "churned": [cv.ShiftedBetaGeometric, cv.BetaDiscreteWeibull]}[list(columns)[-1]]


@pytest.mark.parametrize("columns, name, value, words", BAD)
def test_a_bad_value_is_reported_by_column_row_and_remedy(columns, name, value, words):
    frame = pd.DataFrame(columns)
    frame.loc[1, name] = value
    for model in models(columns):
        with pytest.raises(cv.DataError, match=words) as raised:
            model().fit(frame)
        text = str(raised.value)
        assert "row 1" in text and ("churned" in columns or "out" in text.splitlines()[-1]), text


@pytest.mark.parametrize("columns", [ORDER, USES, SPENT, EARNT, TENURES])
def test_a_missing_column_is_named(columns):
    for name in columns:
        frame = {k: np.array(v) for k, v in columns.items() if k != name}
        for model in models(columns):
            with pytest.raises(cv.DataError, match=f"column '{name}' is not in the frame"):
                model().fit(frame)


def test_arrays_without_their_partners_are_refused():
    with pytest.raises(cv.DataError, match="x came without t_x and T: pass x, t_x, T, a summary or a CustomerBase"):
        cv.BGNBD().fit([1, 2])
    with pytest.raises(cv.DataError, match="T missing: a history is x, t_x, T"):
        cv.BGNBD().fit([1, 2], [3, 4])
    for bad in ([1, 2], cv.datasets.cdnow()):
        with pytest.raises(cv.DataError, match="pass tenure and churned, a frame with both, or survivors="):
            cv.ShiftedBetaGeometric().fit(bad)


@pytest.mark.parametrize("bad", [np.array(["1", "2"]), np.array([1, "2"], object), np.array([1, 2j]),
                                 np.array(["2020-01-01"] * 2, "M8[D]")])
def test_columns_that_are_not_numbers_are_refused_in_fits_and_predictions(bad):
    model = cv.BGNBD(r=0.5, alpha=6, a=0.8, b=2, unit="W")
    frame = {"x": bad, "t_x": np.ones(2), "T": np.full(2, 3.0)}
    for call in (lambda: cv.BGNBD().fit(frame), lambda: model.p_alive(frame), lambda: model.p_alive(bad, 1.0, 3.0),
                 lambda: model.predict(frame)):
        with pytest.raises(cv.DataError, match=r"x(: expected| is not) a column of numbers"):
            call()


def test_invalid_covariates_are_named():
    frame = {k: np.array(v) for k, v in ORDER.items()} | {"z": np.arange(4.0)}
    for z in (np.ones(4), 1e9 + 1e-7 * np.arange(4)):
        with pytest.raises(cv.DataError, match=r"covariate 'z' is constant: .* in all 4 rows.* leave it out"):
            cv.ParetoNBD(dropout_covariates=["z"]).fit(frame | {"z": z})
    with pytest.raises(cv.DataError, match="column 'y' is not in the frame\n  columns: x, t_x, T, z"):
        cv.BGNBD(rate_covariates=["y"]).fit(frame)
    with pytest.raises(cv.DataError, match=r"covariate 'z': 1 of 4 values .*, rows 2\. Fill them in"):
        cv.MBGNBD(rate_covariates=["z"]).fit(frame | {"z": np.array([1, 2, np.nan, 3])})
