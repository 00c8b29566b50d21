"""C7: Ctrl-C during long work raises KeyboardInterrupt within half a second, and the next call is right."""
import signal
from time import perf_counter

import numpy as np
import pytest
from calls import CALLS, arguments

from custval import _core

LARGE = 2_000_000
PROMISE = 0.5


def interrupt(*_):
    raise KeyboardInterrupt


def seconds(function, args):
    start = perf_counter()
    function(*args)
    return perf_counter() - start


@pytest.fixture
def alarm():
    """Ctrl-C after so many seconds, as a signal of the clock: the same path through the interpreter."""
    before = signal.signal(signal.SIGALRM, interrupt)
    yield lambda delay: signal.setitimer(signal.ITIMER_REAL, delay)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.plain
@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_long_call_is_interrupted(name, alarm):
    function, args = getattr(_core, name), arguments(name, LARGE)
    whole = seconds(function, args)
    if whole < 0.06:
        return                                          # ten million rows are done before the promise is due
    if whole < 0.3:
        args = arguments(name, int(LARGE * 0.3 / whole))
        whole = seconds(function, args)
    small = arguments(name, 50)
    want = function(*small)
    for share in (0.1, 0.3, 0.6):
        start = perf_counter()
        alarm(share * whole)
        try:
            function(*args)
        except KeyboardInterrupt:
            late = perf_counter() - start - share * whole
            assert late < min(PROMISE, 0.05 + whole / 2), f"{late:.2f} s late in a call of {whole:.2f} s"
        alarm(0)
    np.testing.assert_equal(function(*small), want)
