"""CustomerBase: what it counts, sums and remembers."""
import numpy as np
import pytest

import custval as cv

LOG = {"id": [7, 7, 7, 9], "day": ["2025-01-02", "2025-01-02", "2025-03-01", "2025-02-11"],
       "paid": [10.0, 5.0, 8.0, 12.0], "cost": [6.0, 3.0, 9.0, 5.0]}
NAMES = {"customer": "id", "time": "day", "amount": "paid", "cost": "cost"}


def test_rows_in_are_used_merged_or_dropped():
    base = cv.CustomerBase(LOG, **NAMES)
    assert base.rows == (4, 3, 1, {})
    assert base.as_of("2025-02-28").rows == (4, 2, 1, {"after 2025-02-28": 1})


def test_cdnow_facts():
    """Requirements 6A: facts of the CDNOW sample, recounted by hand from the published file."""
    base = cv.datasets.cdnow()
    assert base.rows == (6919, 6696, 223, {})
    calibration = base.as_of("1997-09-30").summary()
    assert calibration["x"].sum() == 2457 and (calibration["x"] == 0).sum() == 1411
    assert calibration["x"].max() == 29
    assert calibration["t_x"].sum() == 112_949 and calibration["T"].sum() == 539_779
    spent = calibration["m_x"][calibration["x"] > 0]
    assert np.isclose(spent.mean(), 35.077847533689834, rtol=1e-12)
    assert np.isclose(base.summary()["amount"].sum(), 244_091.94, rtol=1e-12)


def test_cdnow_holdout():
    calibration, holdout = cv.datasets.cdnow().split("1997-09-30")
    after = holdout.summary(unit="W")
    assert after["x"].sum() == 1882 and (after["t"] == 39).all()
    assert np.isclose(after["amount"].sum(), 70_976.39, rtol=1e-12)
    assert np.isclose(calibration.summary()["amount"].sum(), 173_115.55, rtol=1e-12)


def test_a_base_does_not_change():
    base = cv.CustomerBase(LOG, **NAMES)
    with pytest.raises(AttributeError, match="does not change"):
        base.end = "2025-12-31"
