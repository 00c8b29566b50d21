"""Tables published in papers: donors of a charity, customers under contract (SOURCES.md)."""
from typing import Any

import numpy as np

from ._framed import AsFrame, framed

#                x  t_x donors
DONORS = np.array([
    (0, 0, 3464), (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129), (2, 2, 613),
    (2, 3, 255), (2, 4, 155), (2, 5, 173), (2, 6, 234), (3, 3, 322), (3, 4, 181), (3, 5, 225), (3, 6, 357),
    (4, 4, 240), (4, 5, 284), (4, 6, 512), (5, 5, 335), (5, 6, 728), (6, 6, 1203)])


def donations(*, as_frame: AsFrame = framed) -> Any:
    """Return the 1995 cohort of 11,104 first-time supporters of a charity, by the years in which they gave again.

    Parameters
    ----------
    as_frame : callable
        Makes a table of a dict of columns: ``dict``, ``pandas.DataFrame``, ``polars.DataFrame``, ``pyarrow.table``.
        By default that of the first of pandas, polars and pyarrow that is installed, else ``dict``.

    Returns
    -------
    table
        A row for each of 22 histories: ``x`` years with a gift of ``n`` = 6, the last one the ``t_x``-th, and
        ``donors``, the number of supporters with that history.

    Examples
    --------
    >>> import custval as cv
    >>> donors = cv.datasets.donations()["donors"]
    >>> len(donors), int(donors.sum())
    (22, 11104)
    """
    x, t_x, donors = DONORS.T.copy()
    return as_frame({"x": x, "t_x": t_x, "n": np.full(len(x), 6), "donors": donors})


def contracts(*, as_frame: AsFrame = framed) -> Any:
    """Return two cohorts of 1,000 customers under yearly contract: the number left after 0, 1, ..., 7 renewals.

    Parameters
    ----------
    as_frame : callable
        As for `donations`.

    Returns
    -------
    table
        A row for each year, a column for each cohort: ``regular`` and ``high_end``.

    Examples
    --------
    >>> import custval as cv
    >>> cv.datasets.contracts(as_frame=dict)["high_end"].tolist()
    [1000, 869, 743, 653, 593, 551, 517, 491]
    """
    return as_frame({"regular": np.array([1000, 631, 468, 382, 326, 289, 262, 241]),
                     "high_end": np.array([1000, 869, 743, 653, 593, 551, 517, 491])})
