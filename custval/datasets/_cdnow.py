"""CDNOW: 18 months of an online music shop, the data of the papers (SOURCES.md)."""
from typing import Any

import numpy as np

from ._framed import AsFrame, framed


def _columns() -> dict[str, np.ndarray]:
    import lzma
    from importlib.resources import files
    text = lzma.decompress(files(__package__).joinpath("cdnow.txt.xz").read_bytes()).decode("ascii")
    _, customer, day, units, amount = np.array(text.split()).reshape(-1, 5).T
    days = [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in day.tolist()]
    return {"customer": customer.astype(np.int64), "date": np.array(days, "datetime64[D]"),
            "units": units.astype(np.int64), "amount": amount.astype(np.float64)}


def cdnow(*, as_frame: AsFrame | None = None) -> Any:
    """Return the CDNOW 1/10 sample: 6,919 purchases of 2,357 customers of a web shop for CDs.

    The papers fit on the first 39 weeks, to 1997-09-30, and hold out the 39 weeks that follow.
    The data have no product cost, so amounts are known and margins are not.

    Parameters
    ----------
    as_frame : callable, optional
        Makes a table of a dict of columns: ``dict``, ``pandas.DataFrame``, ``polars.DataFrame``,
        ``pyarrow.table``. By default a `CustomerBase` is returned, whose tables are frames of the first of pandas,
        polars and pyarrow that is installed, else dicts of arrays.

    Returns
    -------
    CustomerBase or table
        Columns ``customer`` (int64, 1 to 2,357), ``date`` (days, 1997-01-01 to 1998-06-30),
        ``units``, ``amount`` (US dollars; 8 customers only ever paid 0.00).

    Examples
    --------
    >>> import custval as cv
    >>> orders = cv.datasets.cdnow(as_frame=dict)
    >>> len(orders["customer"]), round(float(orders["amount"].sum()), 2)
    (6919, 244091.94)

    The papers count in weeks:

    >>> calibration = cv.datasets.cdnow().as_of("1997-09-30").summary(unit="W")
    >>> calibration["x"][:3].tolist(), calibration["t_x"][:3].round(2).tolist()
    ([2, 1, 0], [30.43, 1.71, 0.0])
    """
    columns = _columns()
    if as_frame is not None:
        return as_frame(columns)
    from ..customers.customer_base import CustomerBase
    return CustomerBase(framed(columns), customer="customer", time="date", amount="amount", quantity="units",
                        end="1998-06-30")
