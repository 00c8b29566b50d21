"""The data that ship: facts of the published sample, and the shape of the simulated firm."""
import hashlib
import lzma
from importlib.resources import files

import numpy as np
import pytest

import custval as cv


def test_cdnow_is_the_file_of_the_lifetimes_wheel():
    text = lzma.decompress(files("custval.datasets").joinpath("cdnow.txt.xz").read_bytes())
    assert hashlib.sha256(text).hexdigest() == "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a"


def test_cdnow_has_the_published_facts():
    """Fader and Hardie's 1/10 sample: 2,357 customers, first purchases to 1997-03-25, last day 1998-06-30."""
    orders = cv.datasets.cdnow(as_frame=dict)
    customer, date, amount = orders["customer"], orders["date"], orders["amount"]
    assert len(customer) == 6919
    np.testing.assert_array_equal(np.unique(customer), np.arange(1, 2358))
    assert len(set(zip(customer.tolist(), date.tolist(), strict=True))) == 6696
    assert round(amount.sum() * 100) == 24409194
    assert (np.bincount(customer, amount)[1:] == 0).sum() == 8
    first = np.full(2358, date.max())
    np.minimum.at(first, customer, date)
    assert (date.min(), first[1:].max(), date.max()) == tuple(
        np.array(["1997-01-01", "1997-03-25", "1998-06-30"], "datetime64[D]"))


@pytest.mark.parametrize("library, name", [("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "table")])
def test_cdnow_as_a_frame(library, name):
    frame = cv.datasets.cdnow(as_frame=getattr(pytest.importorskip(library), name))
    assert frame.shape == (6919, 4)
    assert float(np.asarray(frame["amount"]).sum()) == pytest.approx(244091.94)
