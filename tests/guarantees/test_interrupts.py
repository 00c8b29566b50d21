"""C7: Ctrl-C during a long call raises KeyboardInterrupt within half a second, and the next call is right.

Time is CPU time of this process, so that a busy machine does not make a punctual call look late.
"""
import signal
from time import process_time

import numpy as np
import pytest
from calls import CALLS, arguments, histories

import custval as cv
from custval import _core

ROWS = 500_000
PROMISE = 0.5


def seconds(function, args):
    start = process_time()
    function(*args)
    return process_time() - start


class Alarm:
    """Raise KeyboardInterrupt by a signal of the clock: once in a call, through the path that Ctrl-C takes.

    The signal may come while a call returns. A handler that raised then would stop the tests instead of the call.
    """

    armed = False

    def __call__(self, *_):
        if self.armed:
            self.armed = False
            raise KeyboardInterrupt

    def lateness(self, function, args, delay):
        """Return the time from the signal to the exception; 0 when the call ended first."""
        try:
            self.armed = True
            start = process_time()
            signal.setitimer(signal.ITIMER_PROF, delay)
            function(*args)
            self.armed = False
        except KeyboardInterrupt:
            return process_time() - start - delay
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return 0.0


@pytest.fixture
def alarm():
    alarm = Alarm()
    before = signal.signal(signal.SIGPROF, alarm)
    yield alarm
    signal.signal(signal.SIGPROF, before)


@pytest.mark.plain
@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_long_call_is_interrupted(name, alarm):
    function, args = getattr(_core, name), arguments(name, ROWS)
    whole = seconds(function, args)
    if whole < PROMISE * ROWS / 10_000_000:
        return                                          # ten million rows take less than the half second
    args = arguments(name, int(ROWS * 0.3 / whole))     # now a call of about 0.3 s
    whole = seconds(function, args)
    small = arguments(name, 50)
    want = function(*small)
    for share in (0.1, 0.5):
        late = min(alarm.lateness(function, args, share * whole) for _ in range(2))
        assert late < min(PROMISE, 0.05 + whole / 2), f"{late:.2f} s late in a call of {whole:.2f} s"
    np.testing.assert_equal(function(*small), want)


@pytest.mark.plain
@pytest.mark.parametrize("kind", ["arrays", "pandas", "polars", "polars with nulls"])
def test_a_quantity_of_many_customers_is_interrupted(kind, alarm):
    model = cv.BGNBD(r=.243, alpha=4.414, a=.793, b=2.426, unit="W")
    columns = histories(60_000)
    if kind != "arrays":
        columns = [pytest.importorskip(kind.split()[0]).Series(c) for c in columns]
    if "nulls" in kind:
        columns[0] = columns[0].scatter(7, None)
    whole = seconds(lambda: model.dert(*columns, discount=.15), ())
    late = min(alarm.lateness(lambda: model.dert(*columns, discount=.15), (), whole / 10) for _ in range(2))
    assert late < whole / 2, f"{late:.2f} s late in a call of {whole:.2f} s"


SLOW = {                                                # up to tenths of a second for a customer
    "many purchases": (cv.BGCNBD(r=.5, alpha=.08, a=.8, b=2.5, k=100, unit="W"), (5000.0, 209.9, 210.0), 52),
    "a long horizon": (cv.MBGCNBD(r=4.7, alpha=.2, a=2.5, b=821.0, k=100, unit="W"), (50.0, .3, .37), 12_000.0),
    "hardly a rate": (cv.BGCNBD(r=.185, alpha=9.12, a=1.92, b=39.9, k=100, unit="W"), (0.0, 0.0, 7.9e-4), 331_206.0)}


@pytest.mark.plain
@pytest.mark.parametrize("model, history, t", SLOW.values(), ids=SLOW)
def test_a_call_with_slow_customers_is_interrupted(model, history, t, alarm):
    columns = [np.full(100_000, value) for value in history]
    late = min(alarm.lateness(lambda: model.dert(*columns, discount=.1, t=t), (), .1) for _ in range(2))
    assert late != 0 and late < PROMISE                 # 0: the call ended first


@pytest.mark.plain
def test_the_points_of_many_customers_are_interrupted(alarm):
    card = cv.Scorecard("points", [cv.Indicator("i", weight=1, measures={"v": cv.rules.Log(per=1, points=3)})])
    values = {"v": np.random.default_rng(0).random(3_000_000) * 100}
    late = min(alarm.lateness(lambda: card.score(values), (), .1) for _ in range(2))
    assert late != 0 and late < PROMISE


def test_blocks_of_rows_do_not_change_results():
    model = cv.BGNBD(r=.243, alpha=4.414, a=.793, b=2.426, unit="W")
    columns = histories(20_000)
    np.testing.assert_array_equal(model.p_alive(*columns), _core.bgnbd_p_alive(*columns, .243, 4.414, .793, 2.426))
    pl = pytest.importorskip("polars")
    gaps = [pl.Series(name, c) for name, c in zip(("x", "t_x", "T"), columns, strict=True)]
    gaps[0] = gaps[0].set(pl.arange(20_000, eager=True) % 9_000 == 7, None)
    got = model.p_alive(*gaps)
    assert got.name == "p_alive" and got.dtype == pl.Float64 and got.n_chunks() == 1
    assert got.is_null().arg_true().to_list() == [7, 9_007, 18_007]
    known = got.is_not_null().to_numpy()
    np.testing.assert_array_equal(got.to_numpy()[known], model.p_alive(*columns)[known])
    narrow = [c.astype(np.float32) for c in columns]
    assert model.p_alive(*narrow).dtype == model.p_alive(*(c[:10] for c in narrow)).dtype
