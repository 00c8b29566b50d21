"""C7: Ctrl-C during long work raises KeyboardInterrupt within half a second, and the next call is right."""
import signal
from time import perf_counter

import numpy as np
import pytest
from calls import CALLS, arguments

from custval import _core

ROWS = 500_000
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


def lateness(function, args, delay, alarm):
    """Return how long after the signal the exception came; 0 when the call was over before."""
    start = perf_counter()
    alarm(delay)
    try:
        function(*args)
    except KeyboardInterrupt:
        return perf_counter() - start - delay
    finally:
        alarm(0)
    return 0.0


@pytest.mark.plain
@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_long_call_is_interrupted(name, alarm):
    function, args = getattr(_core, name), arguments(name, ROWS)
    whole = seconds(function, args)
    if whole < PROMISE * ROWS / 10_000_000:
        return                                          # ten million rows are done before the promise is due
    args = arguments(name, int(ROWS * 0.3 / whole))     # now a call of about 0.3 s
    whole = seconds(function, args)
    small = arguments(name, 50)
    want = function(*small)
    for share in (0.1, 0.5):
        late = min(lateness(function, args, share * whole, alarm) for _ in range(3))    # a busy machine is late too
        assert late < min(PROMISE, 0.05 + whole / 2), f"{late:.2f} s late in a call of {whole:.2f} s"
    np.testing.assert_equal(function(*small), want)
