"""N1: every function of the models meets the reference values to 1e-12, without an exempted row.

cases.csv: values at 50 digits, each by the closed form of the papers and again by integrating the individual-level
model. The other tables: values by the twins beside them, at other points. What underflows is 0.0, and no row raises
a flag.
"""
import csv
from pathlib import Path

import numpy as np
import pytest

from custval import _core

REFERENCE = Path(__file__).parents[1] / "reference"
TWINS = ("twin", "ggnbd", "condensed", "discrete", "pnbd")
PARAMETERS = {"bgnbd": ("r", "alpha", "a", "b"), "mbgnbd": ("r", "alpha", "a", "b"), "gg": ("p", "q", "gamma"),
              "pnbd": ("r", "alpha", "s", "beta")}
KERNELS = {
    "ll": ("loglik", "x t_x T"), "palive": ("p_alive", "x t_x T"), "cet": ("expected_purchases", "t x t_x T"),
    "dert": ("dert", "inf t x t_x T"), "uncond": ("expected_purchases_new", "t"), "spend": ("expected_spend", "x m"),
}

DISCRETE = {"palive": ("p_alive_at", "1 x t_x T"), "palive0": ("p_alive", "x t_x T")}     # at n + 1 and at n


def read(name):
    with open(REFERENCE / name, newline="") as file:
        return list(csv.DictReader(file))


def gradient(row, parameters):
    """Return d log L / d log parameter of one customer, from the likelihood used in fits."""
    column = {name: np.array([float(row[name] or 0)]) for name in ("x", "t_x", "T", "m")}
    spend = row["model"] == "gg"
    columns = tuple(column[name] for name in (("x", "m") if spend else ("x", "t_x", "T")))
    _, found, _ = _core.likelihood(row["model"], columns, None, np.array(parameters))
    i = PARAMETERS[row["model"]].index(row["function"].removeprefix("g_"))
    return found[i] * parameters[i]


def value(row, kind=float):
    parameters = [float(row[p]) for p in ("p1", "p2", "p3", "p4") if row[p]]
    if row["function"].startswith("g_"):
        return gradient(row, parameters)
    quantity, names = (KERNELS | (DISCRETE if row["model"] == "bgbb" else {}))[row["function"]]
    names = "x m" if row["model"] == "gg" else names
    arguments = [kind(row.get(name, name)) for name in names.split()]
    return getattr(_core, f"{row['model']}_{quantity}")(*arguments, *parameters)


@pytest.mark.parametrize("row", read("cases.csv"), ids=lambda row: row["case"])
def test_cases_meet_50_digits(row):
    with np.errstate(all="raise"):
        got = value(row)
    want, scale = float(row["value"]), float(row["abs_scale"])      # below 1e-308 the right answer is 0.0
    if np.isinf(want) or (want == 0 and row["function"] != "ll"):
        assert got == want
    else:
        assert abs(got - want) <= 1e-12 * max(abs(want), scale)


def test_cases_in_float32_meet_its_precision():
    """Columns and result are float32 (Python floats follow): within eight units of 2^-23."""
    rows = [row for row in read("cases.csv") if not row["function"].startswith("g_")]       # gradients belong to fits
    for row in rows:
        with np.errstate(under="ignore"):                     # below 1e-38 a float32 loses digits, then is 0
            got = value(row, lambda text: np.array([text], np.float32))
        want, scale = float(row["value"]), float(row["abs_scale"])
        assert got.dtype == np.float32
        assert got[0] == want or abs(got[0] - want) <= 2**-20 * max(abs(want), scale, 1e-38)
    assert len(rows) == 249


@pytest.mark.parametrize("row", [row for name in TWINS for row in read(f"{name}.csv")],
                         ids=lambda row: f"{row['kernel']} {row['arguments']}")
def test_points_of_the_twins_are_met(row):
    with np.errstate(all="raise"):
        got = getattr(_core, row["kernel"])(*map(float, row["arguments"].split()))
    want = float(row["value"])
    assert got == want or abs(got - want) <= 1e-12 * abs(want)


def test_the_table_of_cases_is_complete():
    assert len(read("cases.csv")) == 268
    assert all(len(read(f"{name}.csv")) > 50 for name in TWINS)
