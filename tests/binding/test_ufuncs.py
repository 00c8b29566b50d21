"""The contract of every ufunc of _core (promise C1): any layout, NaN, domain, float32; found in the module.

A new ufunc is tested as soon as it exists, if the names of its arguments are known below.
"""
import re
import sys
import threading
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from custval import _core

UFUNCS = {name: value for name, value in vars(_core).items() if isinstance(value, np.ufunc)}
TOTAL = {"amount", "cost", "marketing", "now", "before", "part", "whole", "units", "money",
         "weight", "value", "near", "p_alive", "mean", "mu", "within", "between",
         "points", "S", "p_value", "variation", "least", "level"}      # any number
POSITIVE = {"z", "r", "alpha", "a", "b", "c", "s", "beta", "p", "q", "gamma", "delta", "m_x", "sigma", "kappa", "nu",
            "per", "span", "actual", "expected", "tau"}
SLOW = ("_next_purchase", "bdw_residual_lifetime", "bdw_tenure")             # 0.1 ms a row
WHOLE = ("bgbb_", "sbg_", "bdw_")                           # their times are counts


def valid(n, seed=0):
    """Return columns of every argument name, so that each row is a valid history."""
    g = np.random.default_rng(seed)
    c = {name: g.normal(0, 100, n) for name in TOTAL} | {name: np.exp(g.normal(0, 2, n)) for name in POSITIVE}
    c["x"] = np.where(g.random(n) < 0.3, 0.0, np.floor(np.exp(g.uniform(0, 9.2, n))))
    c["T"] = np.exp(g.uniform(-3, 7, n))
    c["t_x"] = np.where(c["x"] > 0, c["T"] * (1 - g.random(n)), 0)
    c["k"] = np.floor(np.exp(g.uniform(-2, 6, n)))
    c["t"] = c["t1"] = np.where(g.random(n) < 0.1, 0.0, np.exp(g.uniform(-3, 7, n)))
    c["t2"] = c["t1"] * (1 + g.random(n))
    c["rate"] = np.where(g.random(n) < 0.1, 0.0, np.exp(g.uniform(-9, 1, n)))
    c["n"] = np.floor(np.exp(g.uniform(-1, 6, n)))
    c["base"], c["age"], c["keep"] = 1 + np.exp(g.normal(0, 2, n)), np.exp(g.uniform(-3, 7, n)), 1 - g.random(n)
    c["within"], c["between"] = np.exp(g.normal(0, 2, n)), np.where(g.random(n) < 0.1, 0.0, np.exp(g.normal(0, 2, n)))
    c["SS"], c["m"] = np.where(c["n"] > 1, np.exp(g.normal(0, 5, n)), 0), np.ceil(np.exp(g.uniform(-1, 4, n)))
    c["log_mean"], c["log_SS"] = np.log(c["m_x"]) * 3, np.where(c["n"] > 1, np.exp(g.normal(0, 2, n)), 0)
    return c


def whole(columns):
    """Return histories of T opportunities: x were used, the last at t_x."""
    c = columns | {name: np.floor(columns[name]) for name in ("T", "t", "t1", "t2")}
    c["x"] = np.minimum(c["x"], c["T"])
    c["t_x"] = np.where(c["x"] > 0, c["x"] + np.floor((c["T"] - c["x"]) * columns["t_x"] / columns["T"]), 0)
    return c


BAD = {name: [0.0, -1.0] for name in POSITIVE} | {name: [] for name in TOTAL} | {
    "x": [-1.0], "k": [-1.0, 0.5], "T": [-1.0], "t_x": [-1.0, 1e9], "t": [-1.0], "t1": [-1.0, 1e9], "t2": [-1.0],
    "rate": [-1.0], "n": [-1.0, 0.5], "litt": [], "SS": [-1.0], "m": [0.0, 0.5],
    "actual": [-1.0], "log_mean": [], "log_SS": [-1.0], "base": [1.0, -1.0], "age": [-1.0], "keep": [0.0, -1.0, 1.5],
}


def names(ufunc):
    """Return the argument names, from the signature line of the docstring."""
    return re.search(rf"\b{ufunc.__name__}\((.*), /, \.\.\.\)", ufunc.__doc__)[1].split(", ")


def arguments(ufunc, n, seed=0):
    columns = valid(n, seed)
    if ufunc.__name__.endswith(("next_purchase", "quantile")):
        columns["q"] = np.random.default_rng(seed).random(n)   # a probability here, not the q of Gamma-Gamma
    if ufunc.__name__.endswith("gg_loglik"):
        columns["x"] += 1                                   # its domain begins at one purchase
    if ufunc.__name__ in ("gg_single_loglik", "lognormal_loglik"):
        columns["n"] += 1                                   # likewise
    if ufunc.__name__ == "gg_single_loglik":                # an amount, and logs with a mean below its log
        columns |= {"mean": columns["m_x"], "log_mean": np.log(columns["m_x"]) - np.where(columns["n"] > 1, .1, 0)}
    if ufunc.__name__.startswith("lognormal_expected"):        # exp of a sum of these stays below overflow
        columns |= {name: np.minimum(columns[name], 9) for name in ("sigma", "tau")}
    if "cnbd" in ufunc.__name__:                            # k Erlang stages; work grows with k x t / T
        columns |= {"n": columns["k"], "k": 1 + columns["k"] % 4, "x": np.floor(columns["x"] ** 0.4),
                    "litt": columns["now"], "t": np.minimum(columns["t"], columns["T"])}
        columns |= {"t1": columns["t"], "t2": columns["t"] + columns["t2"] - columns["t1"]}
    if ufunc.__name__.startswith(WHOLE):
        columns = whole(columns)
    if ufunc.__name__.endswith("_retention"):
        columns["t"] += 1                                   # the first renewal is at the end of the first period
    return [columns[name] for name in names(ufunc)]


@pytest.fixture(params=UFUNCS)
def ufunc(request):
    return UFUNCS[request.param]


def reordered(a):
    return np.stack([a, a])[:, ::-1][1, ::-1]


def unaligned(a):
    raw = np.empty(a.nbytes + 1, np.uint8)
    view = raw[1:].view(a.dtype)
    view[...] = a
    assert not view.flags.aligned
    return view


def read_only(a):
    copy = a.copy()
    copy.setflags(write=False)
    return copy


LAYOUTS = {
    "strided": lambda a: np.repeat(a, 3)[::3],
    "reversed": lambda a: a[::-1].copy()[::-1],
    "row of a reversed table": reordered,
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "read-only": read_only,
    "unaligned": unaligned,
    "subclass": lambda a: a.view(type("Column", (np.ndarray,), {})),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_bits_of_the_contiguous_copy(ufunc, layout, dtype):
    inputs = [a.astype(dtype) for a in arguments(ufunc, 200)]
    laid = [LAYOUTS[layout](a) for a in inputs]
    with np.errstate(all="ignore"):
        assert_array_equal(np.asarray(ufunc(*laid)), ufunc(*inputs))
    for a, b in zip(laid, inputs, strict=True):
        assert_array_equal(a, b)                            # inputs are not written


def test_matrices_in_any_order(ufunc):
    inputs = [a.reshape(6, 5, 4) for a in arguments(ufunc, 120)]
    want = ufunc(*inputs)
    assert_array_equal(ufunc(*[np.asfortranarray(a) for a in inputs]), want)
    assert_array_equal(ufunc(*[a.transpose(2, 0, 1)[:, None] for a in inputs]), want.transpose(2, 0, 1)[:, None])


def test_scalars_lists_and_empty_arrays(ufunc):
    inputs = arguments(ufunc, 3)
    want = ufunc(*inputs)
    assert type(ufunc(*[float(a[0]) for a in inputs])) is np.float64
    assert_array_equal([ufunc(*[np.array(a[i]) for a in inputs]) for i in range(3)], want)
    assert_array_equal(ufunc(*[a.tolist() for a in inputs]), want)
    empty = ufunc(*[a[:0] for a in inputs])
    assert empty.shape == (0,) and empty.dtype == np.float64


def test_broadcasting_equals_a_loop(ufunc):
    inputs = arguments(ufunc, 60)
    for held in range(len(inputs)):
        mixed = [a if i == held else a[7] for i, a in enumerate(inputs)]
        with np.errstate(invalid="ignore"):                 # a mixed row may be an invalid history
            assert_array_equal(ufunc(*mixed), ufunc(*np.broadcast_arrays(*mixed)))
    with np.errstate(invalid="ignore"):
        table = ufunc(inputs[0][:, None], *[a[None, :5] for a in inputs[1:]])
        assert table.shape == (60, 1 if len(inputs) == 1 else 5)
        assert_array_equal(table[3, 0], ufunc(inputs[0][3], *[a[0] for a in inputs[1:]]))


def test_out_and_where(ufunc):
    inputs = arguments(ufunc, 60)
    want, out = ufunc(*inputs), np.full(60, -5.0)
    where = np.arange(60) % 3 > 0
    assert ufunc(*inputs, out=out, where=where) is out
    assert_array_equal(out, np.where(where, want, -5.0))
    wide = np.zeros(120)
    ufunc(*inputs, out=wide[::2])
    assert_array_equal(wide[::2], want)


def test_counts_may_be_integers(ufunc):
    inputs = arguments(ufunc, 60)
    ints = [a.astype(np.int64) if (a == np.floor(a)).all() else a for a in inputs]
    assert_array_equal(ufunc(*ints), ufunc(*inputs))


def test_float32_gives_the_rounded_double(ufunc):
    inputs = [a.astype(np.float32) for a in arguments(ufunc, 500)]
    with np.errstate(all="ignore"):
        got, want = ufunc(*inputs), ufunc(*[a.astype(np.float64) for a in inputs])
        assert got.dtype == np.float32
        assert_array_equal(got, want.astype(np.float32))
    if ufunc.nin > 1:                                       # Python floats do not widen a float32 column
        assert ufunc(inputs[0][:1], *[float(a[0]) for a in inputs[1:]]).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_nan_is_quiet_and_affects_its_own_row_only(ufunc, dtype):
    inputs = [a.astype(dtype) for a in arguments(ufunc, 50)]
    with np.errstate(all="ignore"):
        want = ufunc(*inputs)
    for hole in range(ufunc.nin):
        holed = [a.copy() for a in inputs]
        holed[hole][3::10] = np.nan
        with np.errstate(all="ignore"):
            rows = np.delete(np.arange(50), np.arange(3, 50, 10))
            assert_array_equal(ufunc(*holed)[rows], want[rows])
        with np.errstate(all="raise"):
            assert np.isnan(ufunc(*[a[3::10] for a in holed])).all()


def test_outside_the_domain_is_nan_and_flagged(ufunc):
    columns = dict(zip(names(ufunc), arguments(ufunc, 50), strict=True))
    some = np.flatnonzero((columns.get("x", np.ones(50)) > 0) & (columns.get("rate", np.ones(50)) > 0))[0]
    inputs = [float(a[some]) for a in columns.values()]
    for i, name in enumerate(columns):
        endless = name == "t" and ("rate" in columns or ufunc.__name__.endswith("p_purchase"))
        beyond = [0.0, 101.0] if name == "k" and "cnbd" in ufunc.__name__ else []
        for bad in [*BAD[name], *beyond, *[np.inf] * (name not in TOTAL and not endless)]:
            row = [*inputs[:i], bad, *inputs[i + 1:]]
            with np.errstate(invalid="ignore"):
                assert np.isnan(ufunc(*row)), (name, bad)
            with np.errstate(invalid="raise"), pytest.raises(FloatingPointError, match=ufunc.__name__):
                ufunc(*row)


def test_valid_data_raises_no_flag(ufunc):
    slow = ufunc.__name__.startswith(("bgcnbd", "mbgcnbd")) or ufunc.__name__.endswith(SLOW)
    with np.errstate(all="raise"):
        ufunc(*arguments(ufunc, 500 if slow else 20_000, seed=1))


def test_objects_that_are_not_numbers_are_refused(ufunc):
    for other in (1j, "1", np.datetime64("1997-01-01"), None):
        with pytest.raises(TypeError):
            ufunc(*[other] * ufunc.nin)


def progress_during(call):
    """Return the steps of another thread during `call`, while nothing else releases the GIL."""
    steps, go = [], threading.Event()

    def work():
        go.wait()
        steps.extend(range(100))

    thread = threading.Thread(target=work)
    thread.start()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        go.set()
        call()
        return len(steps)
    finally:
        sys.setswitchinterval(interval)
        thread.join()


def test_gil_is_released(ufunc):
    # NumPy keeps the GIL below 500 rows
    row, few = [a[:1] for a in arguments(ufunc, 1)], 600 if ufunc.__name__.endswith(SLOW) else 10_000
    start = time.perf_counter()
    ufunc(*[np.broadcast_to(a, few) for a in row])
    n = int(few * max(1, 0.03 / (time.perf_counter() - start)))
    column = [np.broadcast_to(a, n) for a in row]
    assert any(progress_during(lambda: ufunc(*column)) for attempt in range(50))


def test_a_held_gil_is_detected():
    assert not any(progress_during(lambda: sum(range(100_000))) for attempt in range(3))


def test_the_ufuncs_are_found():
    assert len(UFUNCS) >= 25 and "bgnbd_p_alive" in UFUNCS
