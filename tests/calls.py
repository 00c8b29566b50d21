"""A good call of every plain function of _core, small or large, for the tests of leaks, memory, interrupts and fork.

A ufunc needs no entry: it is called with columns of ones. Bad calls are made from the good one: an argument too
few, and each argument in turn replaced by an invalid one.
"""
import numpy as np

import custval as cv
from custval import _core
from custval.scorecard.compile import Compiled


def random(n):
    """Return a generator for calls of size n, always with the same numbers."""
    return np.random.default_rng(n)


def order_log(n):
    """Return keys, ticks and amounts of n orders."""
    g = random(n)
    return (g.integers(-2**63, 2**63 - 1, n // 10 + 1)[g.integers(0, n // 10 + 1, n)],
            g.integers(18_000, 19_000, n).astype(np.int32), g.normal(50, 30, n).round(2))


def ledger(n):
    """Return tick, amount, begin, end of a ledger of n orders."""
    key, tick, amount = order_log(n)
    tick, (amount,), _, begin, end, _ = _core.ledger(key, tick, (amount,), False)
    return tick, amount, begin, end


WEEKS = np.arange(18_000, 19_008, 7, dtype=np.int32)

def values(n):
    return random(n).lognormal(3, 2, n).round(1)


def cuts(n):
    """Return values, four cuts through them with quotas, and a tie-breaker."""
    return (values(n), *_core.pyramid_select(values(n), np.arange(1, 5) * n // 5), values(n))


def tiers(n):
    return _core.pyramid_label(*cuts(n))
def histories(n):
    """Return x, t_x, T of n customers."""
    g = random(n)
    x, T = np.floor(g.gamma(0.3, 8, n)), g.integers(200, 300, n).astype(float)
    return x, np.where(x > 0, np.ceil(T * g.random(n)), 0), T


def histories_at(n):
    """Return marked purchases of n orders, and the weeks at whose ends histories are requested."""
    tick, amount, begin, end = ledger(n)
    begins, net = _core.purchases(tick, amount, begin, end, None)
    return tick, begins, begin, end, net, WEEKS, 1, 7


def marked(n):
    """Return tick, marks of purchases, begin, end of a ledger of n orders."""
    return histories_at(n)[:4]


def sales(n):
    """Return n sales of four products, and the edges of two periods."""
    tick, amount, begin, end = ledger(n)
    product = random(n).integers(0, 4, n).astype(np.int32)
    return (tick, amount, begin, end, np.ones(n), amount / 2, product, tick[begin], np.ones(2 * len(begin)),
            np.array([18_000, 18_400, 18_400, 18_800], np.int32))


def cells(n):
    """Return part and whole of n cells, four a customer."""
    whole = values(n // 4 * 4)
    return random(n).normal(0.3, 0.1, len(whole)) * whole, whole, 4


def compiled_card(n):
    """Return the columns of n customers and a card that scores them in steps, along lines and by counts."""
    card = cv.Scorecard("call", [
        cv.Indicator("a", weight=.5, measures={
            "x": cv.rules.Steps([(None, 1), (20, "100/3")]), "y": cv.rules.Linear(per=7)}),
        cv.Indicator("b", weight=.5, measures={"z": cv.rules.Piecewise([(0, 0), (50.5, 10)], missing="renormalise")})])
    return tuple(values(n) for _ in range(3)), Compiled(card).tables()


def known(n):
    """Return covariates of rate and dropout, and their means."""
    return (values(n) / 99,), (values(n) / 99,), np.ones(2)


def periods(n):
    """Return y and variance of some tens of periods, the months of those and six more, and settings of a clock."""
    k = min(n, 300) // 6 * 5
    return (random(n).normal(0, 0.2, k), np.full(k, 0.01), np.arange(k + 6) % 12, 12,
            np.array([.85, .1, .01, .9, .25, .04]))


def calendar(n):
    """Return days of first and last purchase of n customers, the last day, and a calendar from day 1 on."""
    _, t_x, T = histories(n)
    return (300 - T).astype(np.int32), (300 - T + t_x).astype(np.int32), 300, 1


CALLS = {                                   # name -> function of n that returns the arguments
    "fit": lambda n: ("bgnbd", histories(n), np.ones(n), np.full(4, np.nan), 100),
    "own_parameters": lambda n: ("bgnbd", np.ones(6), n, known(n)),
    "invalid_histories": lambda n: ("bgnbd", (*histories(n)[:2], histories(n)[2] - 250), np.ones(n)),
    "influence": lambda n: ("bgnbd", histories(n), np.ones(n), np.ones(4), np.eye(4).ravel()),
    "likelihood": lambda n: ("bgnbd", histories(n), np.ones(n), np.ones(4)),
    "bootstrap": lambda n: ("bgnbd", histories(n), np.ones(n), np.full(4, np.nan), 20, ((), ()), 0.0,
                            np.array([.24, 30, .8, 2.4]), 2, 1),
    "clock_structure": periods,
    "clock_evidence": lambda n: (*periods(n)[:4], np.tile(periods(n)[4], n // 10)),
    "clock_expected": lambda n: ("bgnbd", histories(n), np.ones(n), np.ones(4), *calendar(n), 300, 1.0),
    "clock_hidden": lambda n: ("mbgcnbd", (*histories(n), np.zeros(n)), np.ones(n), np.array([3., 1, 1, 1, 1]),
                               *calendar(n), 300, 1.0),
    "gap_shares": lambda n: (ledger(n)[0], _core.purchases(*ledger(n), None)[0], *ledger(n)[2:], 18_000,
                             np.arange(1000) // 30, np.ones(1000)),
    "clock_information": lambda n: ("bgnbd", histories(n), np.ones(n), np.ones(4), *calendar(n),
                                    np.arange(300) // 30, np.ones(300)),
    "accuracy": lambda n: (values(n), np.sort(values(n))),
    "regressors": lambda n: (*marked(n), (18_500, 1.0, 91.0), np.ones(len(marked(n)[2]))),
    "poisson_regression": lambda n: (random(n).normal(0, 1, 9 * n), np.ones(n), np.arange(n) % 3 / 1.0, 25.0),
    "adjustment_factors": lambda n: (random(n).normal(0, 1, 9 * n), np.linspace(-.1, .1, 10)),
    "dependence": lambda n: (values(n), np.sort(values(n)) + 1),
    "simulate": lambda n: ("bgnbd", np.ones(6), values(n), 1, known(n)),
    "simulate_futures": lambda n: ("bgnbd", np.ones(12), histories(n), 9.0, 3, 1, known(n)),
    "future_spread": lambda n: ("mbgnbd", np.ones(8), (*histories(n), np.arange(n)), 9.0, 7, 1, (1, 5)),
    "value_spread": lambda n: ("pnbd", np.ones(8), histories(n), 9.0, 7, 1, (1, 5),
                               ("normal_margin", np.full(4, 2.0), (histories(n)[0], values(n), values(n))),
                               (np.arange(4) * 3.0, np.full(3, 0.9), np.ones(n), values(n))),
    "simulate_orders": lambda n: (histories(n)[0], histories(n)[1], 2.0, "gg", np.full(3, 2.0), 1),
    "value_totals": lambda n: ("pnbd", np.ones(8), histories(n), 9.0, 7, 1,
                               ("gg", np.array([6.0, 4, 15]), (histories(n)[0], np.ones(n))),
                               (np.array([0.0, 4, 9]), np.ones(2), np.ones(n), np.ones(n))),
    "draw_lognormals": lambda n: (np.eye(4).ravel(), n, 1),
    "draw_parameters": lambda n: (np.ones(4), np.eye(4).ravel(), n, 1, 2),
    "simulate_spend": lambda n: (np.full(3, 2.0), values(n), 1),
    "batch_predict": lambda n: ("bgnbd", *histories(n), np.ones(4), np.arange(4.0), np.ones(6), 0.0),
    "simulate_logs": lambda n: (np.full(3, 2.0), np.floor(values(n)), 1),
    "simulate_margins": lambda n: (np.full(4, 2.0), np.floor(values(n)), 1),
    "scorecard": compiled_card,
    "rank": lambda n: (values(n), 0),
    "group_by": lambda n: (order_log(n)[0], order_log(n)[2:]),
    "ledger": lambda n: (*order_log(n)[:2], order_log(n)[2:], True),
    "codes_of_bytes": lambda n: (np.arange(0, 4 * n + 1, 4), order_log(n)[0].view(np.uint8)[:4 * n]),
    "codes_of_fixed": lambda n: (order_log(n)[0].view(np.uint8).reshape(n, 8),),
    "codes_of_objects": lambda n: (order_log(n)[0].astype(object),),
    "ticks": lambda n: (random(n).integers(-2**60, 2**60, n), 86_400, -2**30, 2**30),
    "bad_values": lambda n: (np.where(random(n).random(n) < 0.1, np.nan, 1.0), n // 20),
    "summary": lambda n: (*ledger(n), 19_000, WEEKS, 1, 7),
    "purchases": lambda n: (*ledger(n), WEEKS),
    "log_gaps": lambda n: (*ledger(n), 1, 7),
    "totals": lambda n: ledger(n)[1:],
    "purchase_moments": lambda n: ((ledger(n)[1] > 20).astype(float), *ledger(n)[1:]),
    "log_residuals": lambda n: (*ledger(n), (ledger(n)[1] > 20).astype(float), np.zeros(len(ledger(n)[2])), WEEKS),
    "spend_moments": lambda n: ((ledger(n)[1] > 20).astype(float), *ledger(n)[1:], True),
    "history": lambda n: (*ledger(n), WEEKS),
    "opportunities": lambda n: (*ledger(n), WEEKS),
    "gaps": lambda n: (*ledger(n), 1, 7),
    "quantiles": lambda n: (*ledger(n)[1:], 0.9, 4),
    "curve": lambda n: (*ledger(n), ledger(n)[0][ledger(n)[2]], WEEKS, 3),
    "curve_histories": histories_at,
    "decompose": sales,
    "trend": lambda n: (values(n // 10 * 10), 10),
    "cut": lambda n: (ledger(n)[0], *ledger(n)[2:], 18_500),
    "pyramid_select": lambda n: (values(n), np.arange(1, 5) * n // 5),
    "pyramid_reach": lambda n: (values(n), np.array([0.5, 0.8, 0.95])),
    "pyramid_label": cuts,
    "grid_cells": lambda n: (tiers(n), tiers(n), 5),
    "pyramid_keep": lambda n: (values(n), tiers(n), tiers(n)[::-1].copy(), np.arange(4.0)[::-1], 0.1),
    "pyramid_totals": lambda n: (values(n), tiers(n), 5),
    "rate_cells": cells,
    "credibility": lambda n: _core.rate_cells(*cells(n)),
    "lorenz": lambda n: (np.sort(values(n)),),
    "gini": lambda n: (np.sort(values(n)),),
    "share_of_top": lambda n: (_core.lorenz(np.sort(values(n))), 0.2),
    "count_reaching": lambda n: (_core.lorenz(np.sort(values(n))), 0.8),
}


def arguments(name, n):
    """Return the arguments of a good call of a function or ufunc of _core on n rows."""
    if name in CALLS:
        return CALLS[name](n)
    chance = (np.full(n, 0.5),) if name.endswith(("next_purchase", "quantile")) else ()   # its q lies below 1
    return chance + tuple(np.ones(n) for _ in range(getattr(_core, name).nin - len(chance)))


def spoilt(argument):
    """Yield replacements that a function must refuse: other kinds, shorter ones; in a tuple, of each part."""
    for wrong in (None, "word", object(), np.zeros((2, 2)), np.zeros(3, complex)):
        if wrong is not argument:
            yield wrong
    if isinstance(argument, np.ndarray | tuple) and len(argument) > 1:
        yield argument[:-1]
    if isinstance(argument, tuple):
        for i, part in enumerate(argument):
            for wrong in spoilt(part):
                yield (*argument[:i], wrong, *argument[i + 1:])


def bad_arguments(good):
    """Yield argument lists made from a good one."""
    yield good[:-1]
    for i, argument in enumerate(good):
        for wrong in spoilt(argument):
            yield (*good[:i], wrong, *good[i + 1:])


def names():
    """Return the names of every function and ufunc of _core, without the planted bugs."""
    return sorted(name for name, value in vars(_core).items()
                  if callable(value) and not isinstance(value, type) and not name.startswith(("_", "selftest_")))


def plain_functions():
    """Return the names of those that are not ufuncs."""
    return [name for name in names() if not isinstance(getattr(_core, name), np.ufunc)]
