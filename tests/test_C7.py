"""C7: Ctrl-C during long work raises KeyboardInterrupt within half a second, and the next call is right.

Time here is CPU time of this process, so that a busy machine does not make a punctual call look late.
"""
import signal
from time import process_time

import numpy as np
import pytest
from calls import CALLS, arguments

from custval import _core

ROWS = 500_000
PROMISE = 0.5


def interrupt(*_):
    raise KeyboardInterrupt


def seconds(function, args):
    start = process_time()
    function(*args)
    return process_time() - start


@pytest.fixture
def alarm():
    """Ctrl-C after so many seconds, as a signal of the clock: the same path through the interpreter."""
    before = signal.signal(signal.SIGPROF, interrupt)
    yield lambda delay: signal.setitimer(signal.ITIMER_PROF, delay)
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def lateness(function, args, delay, alarm):
    """Return how long after the signal the exception came; 0 when the call was over before."""
    start = process_time()
    alarm(delay)
    try:
        function(*args)
    except KeyboardInterrupt:
        return process_time() - start - delay
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
        late = min(lateness(function, args, share * whole, alarm) for _ in range(2))
        assert late < min(PROMISE, 0.05 + whole / 2), f"{late:.2f} s late in a call of {whole:.2f} s"
    np.testing.assert_equal(function(*small), want)
