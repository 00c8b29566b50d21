"""A summary carries its unit in every frame kind, and a model in another unit refuses it."""
import numpy as np
import pytest

import custval as cv

KINDS = ("dict", "pandas", "polars", "pyarrow", "duckdb")


def base_of(kind):
    rng = np.random.default_rng(2)
    log = {"id": rng.integers(0, 60, 400), "day": np.datetime64("2024-01-01") + rng.integers(0, 360, 400),
           "paid": rng.integers(1, 90, 400) * 1.0}
    if kind == "pandas":
        log = pytest.importorskip("pandas").DataFrame(log)
    elif kind == "polars":
        log = pytest.importorskip("polars").DataFrame(log)
    elif kind in ("pyarrow", "duckdb"):
        log = pytest.importorskip("pyarrow").table(log)
        log = pytest.importorskip("duckdb").from_arrow(log) if kind == "duckdb" else log
    return cv.CustomerBase(log, customer="id", time="day", amount="paid")


MODEL = cv.MBGNBD(r=0.5, alpha=6, a=0.9, b=1.6, unit="W")
VALUE = cv.CLV(purchases=MODEL, spend=cv.GammaGamma(p=6, q=4, gamma=10))
REFUSING = {
    "fit": lambda data: cv.BGNBD(unit="W").fit(data), "unit of fit": lambda data: cv.BGNBD().fit(data, unit="W"),
    "p_alive": MODEL.p_alive, "predict": MODEL.predict, "value": VALUE.predict,
    "interval": lambda data: MODEL.purchase_interval(3, data, draws=5),
    "dert": lambda data: MODEL.dert(data, discount=0.1), "value fit": cv.CLV(purchases=cv.MBGNBD(unit="W")).fit,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_in_another_unit_refuses_a_summary(kind):
    base = base_of(kind)
    days, weeks = base.summary("D"), base.summary("W")
    for call in REFUSING.values():
        with pytest.raises(cv.DataError, match=r"this summary is in D, the model is in W\. Use base\.summary"):
            call(days)
    assert cv.BGNBD().fit(days).unit == "D" and cv.BGNBD().fit(weeks).unit == "W"
    assert cv.BGNBD(unit="W").fit(weeks).params_ == cv.BGNBD(unit="W").fit(base).params_
    assert np.asarray(MODEL.p_alive(weeks)).tolist() == np.asarray(MODEL.p_alive(base)).tolist()


def test_the_unit_is_a_column_and_in_pandas_an_attribute_too():
    assert base_of("dict").summary("D")["unit"].tolist() == ["D"] * 60
    assert base_of("polars").summary("W")["unit"].to_list() == ["W"] * 60
    frame = base_of("pandas").summary("W")
    assert frame.attrs == {"unit": "W"} and set(frame["unit"]) == {"W"}
    assert base_of("dict").split("2024-06-30")[1].summary("D")["unit"][0] == "D"


def test_a_unit_that_came_through_a_file_into_pandas_is_read():
    days = base_of("pandas").summary("D")
    days.attrs.clear()                                     # as a join or a file does
    with pytest.raises(cv.DataError, match="in D, the model is in W"):
        cv.BGNBD(unit="W").fit(days)


@pytest.mark.parametrize(("unit", "words"), [(["D", "W"], "several units, D, W"), (["kg", "kg"], "'unit' holds kg")])
def test_a_column_of_several_or_other_units_is_refused(unit, words):
    data = {"x": [2, 0], "t_x": [30.0, 0], "T": [38.0, 39], "unit": unit}
    with pytest.raises(cv.DataError, match=words):
        MODEL.p_alive(data)
