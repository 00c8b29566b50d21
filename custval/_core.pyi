import numpy as np
from numpy import ufunc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Ticks = NDArray[np.int32]
Doubles = NDArray[np.float64]
Tiers = NDArray[np.int8]

# special functions: (z)
lgamma: ufunc
digamma: ufunc
trigamma: ufunc

# differences of them over a shift: (b, x)
lpoch: ufunc
dpoch: ufunc
tpoch: ufunc

# a customer's figures made of others
margin: ufunc
relationship_cost: ufunc
change: ufunc
growth: ufunc
ratio: ufunc
expected: ufunc

# BG/NBD: (x, t_x, T, r, alpha, a, b)
bgnbd_p_alive: ufunc

# ids to codes in order of first appearance: (codes, first row of each)
def codes_of_bytes(offsets: Ints, data: NDArray[np.uint8], /) -> tuple[Ints, Ints]: ...
def codes_of_fixed(bytes: NDArray[np.uint8], /) -> tuple[Ints, Ints]: ...
def codes_of_objects(ids: NDArray[np.object_], /) -> tuple[Ints, Ints]: ...

# the ledger: an order log with the rows of each customer together
def ticks(time: Ints, per_tick: int, first: int, last: int, /) -> Ticks: ...
def bad_values(value: Doubles, limit: int, /) -> tuple[int, Ints]: ...
def ledger(
    keys: Ints, tick: Ticks, columns: tuple[Doubles, ...], /
) -> tuple[Ticks, tuple[Doubles, ...], NDArray[np.uint32], Ints, Ints, Ints]: ...
def summary(
    tick: Ticks, amount: Doubles | None, begin: Ints, end: Ints, last_tick: int, edges: Ticks | None,
    num: float, den: float, /,
) -> tuple[Ints, Doubles, Doubles, Doubles]: ...
def purchases(
    tick: Ticks, amount: Doubles | None, begin: Ints, end: Ints, edges: Ticks | None, /
) -> tuple[Doubles, Doubles]: ...
def totals(values: Doubles, begin: Ints, end: Ints, /) -> Doubles: ...
def history(
    tick: Ticks, values: Doubles | None, begin: Ints, end: Ints, edges: Ticks, /
) -> Doubles: ...
def cut(tick: Ticks, begin: Ints, end: Ints, last: int, /) -> Ints: ...
# pyramid: descending order of value; cuts are (value, quota, equal), see custval.h
def pyramid_select(values: Doubles, rank: Ints, /) -> tuple[Doubles, Ints, Ints]: ...
def pyramid_reach(values: Doubles, share: Doubles, /) -> tuple[Doubles, Ints, Ints]: ...
def pyramid_label(
    values: Doubles, cut: Doubles, quota: Ints | None, equal: Ints | None, tie: Doubles | None, /
) -> Tiers: ...
def pyramid_totals(values: Doubles, tier: Tiers, k: int, /) -> tuple[Ints, Doubles]: ...

# concentration: of ascending values, of the curve `top`
def lorenz(ascending: Doubles, /) -> Doubles: ...
def gini(ascending: Doubles, /) -> float: ...
def share_of_top(top: Doubles, p: float, /) -> float: ...
def count_reaching(top: Doubles, share: float, /) -> int: ...

# fits: (model, x, t_x, T, weights, fixed or parameters, avx2[, limit]); Gamma-Gamma has m_x for T, None for t_x
def fit(
    model: str, x: Doubles, t_x: Doubles | None, T: Doubles, weights: Doubles | None, fixed: Doubles, avx2: bool,
    limit: int, /
) -> tuple[str, Doubles, Doubles, Doubles, float, float, int, float, float, float]: ...
def likelihood(
    model: str, x: Doubles, t_x: Doubles | None, T: Doubles, weights: Doubles | None, parameters: Doubles,
    avx2: bool, /
) -> tuple[float, Doubles, Doubles]: ...
