from typing import Any, Final, final

import numpy as np
from _typeshed import structseq
from numpy import ufunc
from numpy.typing import NDArray

_Ints = NDArray[np.int64]
_Ticks = NDArray[np.int32]
_Doubles = NDArray[np.float64]
_Tiers = NDArray[np.int8]
_History = tuple[_Doubles, _Doubles, _Doubles]                      # x, t_x, T
_Placed = tuple[_Doubles | _Ints, ...]                              # and rows at which customers are drawn, paces
_Covariates = tuple[tuple[_Doubles, ...], tuple[_Doubles, ...]]     # of the purchase rate, of dropout
_Known = tuple[tuple[_Doubles, ...], tuple[_Doubles, ...], _Doubles]    # of customers, and the means of the fit
_CardTables = tuple[                                                # see custval/scorecard/compile.py
    _Ints, _Ints, _Ints, _Ints, _Doubles, _Doubles, _Doubles, _Doubles, _Doubles, _Doubles, _Doubles]

# named results: tuples whose parts have names
@final
class Accuracy(structseq[Any], tuple[float, float, float, float, float, float]):
    __match_args__: Final = ("predicted", "actual", "mae", "rmse", "gini", "top_20_capture")
    @property
    def predicted(self) -> float: ...
    @property
    def actual(self) -> float: ...
    @property
    def mae(self) -> float: ...
    @property
    def rmse(self) -> float: ...
    @property
    def gini(self) -> float: ...
    @property
    def top_20_capture(self) -> float: ...

@final
class ClockPath(structseq[Any], tuple[_Doubles, _Doubles, _Doubles, _Doubles, float]):
    __match_args__: Final = ("mean", "covariance", "level", "season", "loglik")
    @property
    def mean(self) -> _Doubles: ...
    @property
    def covariance(self) -> _Doubles: ...
    @property
    def level(self) -> _Doubles: ...
    @property
    def season(self) -> _Doubles: ...
    @property
    def loglik(self) -> float: ...

@final
class Decomposition(structseq[Any], tuple[_Doubles, _Doubles, _Doubles, _Doubles, _Doubles, _Doubles, _Doubles]):
    __match_args__: Final = ("before", "after", "tenure", "volume", "mix", "price", "cost")
    @property
    def before(self) -> _Doubles: ...
    @property
    def after(self) -> _Doubles: ...
    @property
    def tenure(self) -> _Doubles: ...
    @property
    def volume(self) -> _Doubles: ...
    @property
    def mix(self) -> _Doubles: ...
    @property
    def price(self) -> _Doubles: ...
    @property
    def cost(self) -> _Doubles: ...

@final
class Fit(structseq[Any], tuple[
    str, _Doubles, _Doubles, _Doubles, _Doubles, float, float, int, float, float, float, _Doubles
]):
    __match_args__: Final = (
        "status", "parameters", "covariance", "direction", "boundary", "loglik", "customers", "passes", "gradient",
        "smallest", "condition", "means")
    @property
    def status(self) -> str: ...
    @property
    def parameters(self) -> _Doubles: ...
    @property
    def covariance(self) -> _Doubles: ...
    @property
    def direction(self) -> _Doubles: ...
    @property
    def boundary(self) -> _Doubles: ...
    @property
    def loglik(self) -> float: ...
    @property
    def customers(self) -> float: ...
    @property
    def passes(self) -> int: ...
    @property
    def gradient(self) -> float: ...
    @property
    def smallest(self) -> float: ...
    @property
    def condition(self) -> float: ...
    @property
    def means(self) -> _Doubles: ...

@final
class Ledger(structseq[Any], tuple[_Ticks, tuple[_Doubles, ...], NDArray[np.uint32] | None, _Ints, _Ints, _Ints]):
    __match_args__: Final = ("tick", "columns", "row", "begin", "end", "first_row")
    @property
    def tick(self) -> _Ticks: ...
    @property
    def columns(self) -> tuple[_Doubles, ...]: ...
    @property
    def row(self) -> NDArray[np.uint32] | None: ...
    @property
    def begin(self) -> _Ints: ...
    @property
    def end(self) -> _Ints: ...
    @property
    def first_row(self) -> _Ints: ...

@final
class Summary(structseq[Any], tuple[_Ints, _Doubles, _Doubles, _Doubles, _Doubles, _Doubles, _Ticks, _Ticks]):
    __match_args__: Final = ("x", "t_x", "T", "m_x", "recency", "total", "first", "last")
    @property
    def x(self) -> _Ints: ...
    @property
    def t_x(self) -> _Doubles: ...
    @property
    def T(self) -> _Doubles: ...
    @property
    def m_x(self) -> _Doubles: ...
    @property
    def recency(self) -> _Doubles: ...
    @property
    def total(self) -> _Doubles: ...
    @property
    def first(self) -> _Ticks: ...
    @property
    def last(self) -> _Ticks: ...

@final
class Trend(structseq[Any], tuple[_Doubles, _Doubles, _Doubles, _Doubles, _Doubles, _Doubles]):
    __match_args__: Final = ("points", "slope", "S", "p", "mean", "variation")
    @property
    def points(self) -> _Doubles: ...
    @property
    def slope(self) -> _Doubles: ...
    @property
    def S(self) -> _Doubles: ...
    @property
    def p(self) -> _Doubles: ...
    @property
    def mean(self) -> _Doubles: ...
    @property
    def variation(self) -> _Doubles: ...

# words, each at the place of its code; limits and codes
BATCH_MODELS: tuple[str, ...]
DIRECTIONS: tuple[str, ...]
FAULTS: tuple[str, ...]
FIT_STATUSES: tuple[str, ...]
LOSS_ZONES: tuple[str, ...]
MODELS: tuple[str, ...]
TIES: tuple[str, ...]

LIMBS: int
MAX_TIERS: int
MISSING_APART: int
MISSING_LEFT_OUT: int
MISSING_REFUSED: int
MISSING_VALUE: int
MOST_DATES: int
NO_TICK: int
ROW_INFINITE: int
ROW_MISSING: int
SCORED: int

SIMD: str                                   # "base" or "avx2": the instructions of this process

# special functions: (z)
lgamma: ufunc
digamma: ufunc
trigamma: ufunc

# differences of them over a shift: (b, x)
lpoch: ufunc
dpoch: ufunc
tpoch: ufunc

# log B(a, b + x) / B(a, b): (a, b, x)
lbeta_up: ufunc

# a customer's figures made of others
margin: ufunc
growth: ufunc
ratio: ufunc
log_ratio: ufunc
decayed: ufunc

# forecast: (units, money, weight), (value, p_alive) twice, (value, amount, near) twice
expected_money: ufunc
value_if_retained: ufunc
expected_loss: ufunc
uplift: ufunc
growth_break_even: ufunc
loss_zone: ufunc

# a credible rate: (part, whole, mean, within, between)
credible_rate: ufunc

# 0 short, 1 flat, 2 rising, 3 falling, 4 volatile: (points, S, p_value, variation, least, level)
direction: ufunc

# BG/NBD
# given a history: (x, t_x, T, r, alpha, a, b)
bgnbd_p_alive: ufunc
bgnbd_loglik: ufunc
bgnbd_residual_lifetime: ufunc
bgnbd_expected_rate: ufunc
bgnbd_expected_dropout: ufunc
# (t, x, t_x, T, r, alpha, a, b), (q, x, ...), (k, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
bgnbd_p_alive_at: ufunc
bgnbd_p_purchase: ufunc
bgnbd_next_purchase: ufunc
bgnbd_purchase_pmf_given: ufunc
bgnbd_expected_purchases: ufunc
bgnbd_expected_purchases_between: ufunc
bgnbd_dert: ufunc
# of a new customer: (t, r, alpha, a, b), (k, t, r, alpha, a, b)
bgnbd_expected_purchases_new: ufunc
bgnbd_purchase_pmf: ufunc

# MBG/NBD
# given a history: (x, t_x, T, r, alpha, a, b)
mbgnbd_p_alive: ufunc
mbgnbd_loglik: ufunc
mbgnbd_residual_lifetime: ufunc
mbgnbd_expected_rate: ufunc
mbgnbd_expected_dropout: ufunc
# (t, x, t_x, T, r, alpha, a, b), (q, x, ...), (k, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
mbgnbd_p_alive_at: ufunc
mbgnbd_p_purchase: ufunc
mbgnbd_next_purchase: ufunc
mbgnbd_purchase_pmf_given: ufunc
mbgnbd_expected_purchases: ufunc
mbgnbd_expected_purchases_between: ufunc
mbgnbd_dert: ufunc
# of a new customer: (t, r, alpha, a, b), (k, t, r, alpha, a, b)
mbgnbd_expected_purchases_new: ufunc
mbgnbd_purchase_pmf: ufunc

# GGompertz/NBD
# given a history: (x, t_x, T, r, alpha, b, s, beta)
ggnbd_p_alive: ufunc
ggnbd_loglik: ufunc
ggnbd_residual_lifetime: ufunc
ggnbd_expected_rate: ufunc
ggnbd_expected_dropout: ufunc
# (t, x, t_x, T, r, alpha, b, s, beta), (q, x, ...), (k, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
ggnbd_p_alive_at: ufunc
ggnbd_p_purchase: ufunc
ggnbd_next_purchase: ufunc
ggnbd_purchase_pmf_given: ufunc
ggnbd_expected_purchases: ufunc
ggnbd_expected_purchases_between: ufunc
ggnbd_dert: ufunc
# of a new customer: (t, r, alpha, b, s, beta), (k, t, r, alpha, b, s, beta)
ggnbd_expected_purchases_new: ufunc
ggnbd_purchase_pmf: ufunc
# BG/CNBD-k
# given a history: (x, t_x, T, k, r, alpha, a, b); loglik: (x, t_x, T, litt, k, ...)
bgcnbd_p_alive: ufunc
bgcnbd_loglik: ufunc
bgcnbd_residual_lifetime: ufunc
bgcnbd_expected_rate: ufunc
bgcnbd_expected_dropout: ufunc
# (t, x, t_x, T, k, r, alpha, a, b), (q, x, ...), (n, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
bgcnbd_p_alive_at: ufunc
bgcnbd_p_purchase: ufunc
bgcnbd_next_purchase: ufunc
bgcnbd_purchase_pmf_given: ufunc
bgcnbd_expected_purchases: ufunc
bgcnbd_expected_purchases_between: ufunc
bgcnbd_dert: ufunc
# of a new customer: (t, k, r, alpha, a, b), (n, t, k, r, alpha, a, b)
bgcnbd_expected_purchases_new: ufunc
bgcnbd_purchase_pmf: ufunc

# MBG/CNBD-k
# given a history: (x, t_x, T, k, r, alpha, a, b); loglik: (x, t_x, T, litt, k, ...)
mbgcnbd_p_alive: ufunc
mbgcnbd_loglik: ufunc
mbgcnbd_residual_lifetime: ufunc
mbgcnbd_expected_rate: ufunc
mbgcnbd_expected_dropout: ufunc
# (t, x, t_x, T, k, r, alpha, a, b), (q, x, ...), (n, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
mbgcnbd_p_alive_at: ufunc
mbgcnbd_p_purchase: ufunc
mbgcnbd_next_purchase: ufunc
mbgcnbd_purchase_pmf_given: ufunc
mbgcnbd_expected_purchases: ufunc
mbgcnbd_expected_purchases_between: ufunc
mbgcnbd_dert: ufunc
# of a new customer: (t, k, r, alpha, a, b), (n, t, k, r, alpha, a, b)
mbgcnbd_expected_purchases_new: ufunc
mbgcnbd_purchase_pmf: ufunc

# BG/BB: times are counts of opportunities
# given a history: (x, t_x, T, alpha, beta, gamma, delta)
bgbb_p_alive: ufunc
bgbb_loglik: ufunc
bgbb_residual_lifetime: ufunc
bgbb_expected_rate: ufunc
bgbb_expected_dropout: ufunc
# (t, x, t_x, T, alpha, beta, gamma, delta), (q, x, ...), (k, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
bgbb_p_alive_at: ufunc
bgbb_p_purchase: ufunc
bgbb_next_purchase: ufunc
bgbb_purchase_pmf_given: ufunc
bgbb_expected_purchases: ufunc
bgbb_expected_purchases_between: ufunc
bgbb_dert: ufunc
# of a new customer: (t, alpha, beta, gamma, delta), (k, t, alpha, beta, gamma, delta)
bgbb_expected_purchases_new: ufunc
bgbb_purchase_pmf: ufunc

# Shifted beta-geometric, P = alpha, beta: (t, P), (t, n, P) twice, (n, P) twice, (t, rate, P), (t, rate, n, P)
sbg_retention: ufunc
sbg_survival: ufunc
sbg_churn_pmf: ufunc
sbg_residual_lifetime: ufunc
sbg_tenure: ufunc
sbg_del: ufunc
sbg_derl: ufunc

# Beta-discrete-Weibull, P = alpha, beta, c: (t, P), (t, n, P) twice, (n, P) twice, (t, rate, P), (t, rate, n, P)
bdw_retention: ufunc
bdw_survival: ufunc
bdw_churn_pmf: ufunc
bdw_residual_lifetime: ufunc
bdw_tenure: ufunc
bdw_del: ufunc
bdw_derl: ufunc

# Pareto/NBD
# given a history: (x, t_x, T, r, alpha, s, beta)
pnbd_p_alive: ufunc
pnbd_loglik: ufunc
pnbd_residual_lifetime: ufunc
pnbd_expected_rate: ufunc
pnbd_expected_dropout: ufunc
# (t, x, t_x, T, r, alpha, s, beta), (q, x, ...), (k, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
pnbd_p_alive_at: ufunc
pnbd_p_purchase: ufunc
pnbd_next_purchase: ufunc
pnbd_purchase_pmf_given: ufunc
pnbd_expected_purchases: ufunc
pnbd_expected_purchases_between: ufunc
pnbd_dert: ufunc
# of a new customer: (t, r, alpha, s, beta), (k, t, r, alpha, s, beta)
pnbd_expected_purchases_new: ufunc
pnbd_purchase_pmf: ufunc

# NBD
# given a history: (x, t_x, T, r, alpha)
nbd_p_alive: ufunc
nbd_loglik: ufunc
nbd_expected_rate: ufunc
# (t, x, t_x, T, r, alpha), (q, x, ...), (k, t, x, ...), (t1, t2, x, ...), (t, rate, x, ...)
nbd_p_alive_at: ufunc
nbd_p_purchase: ufunc
nbd_next_purchase: ufunc
nbd_purchase_pmf_given: ufunc
nbd_expected_purchases: ufunc
nbd_expected_purchases_between: ufunc
nbd_dert: ufunc
# of a new customer: (t, r, alpha), (k, t, r, alpha)
nbd_expected_purchases_new: ufunc
nbd_purchase_pmf: ufunc

# Gamma-Gamma: (x, m_x, p, q, gamma)
gg_expected_spend: ufunc
gg_loglik: ufunc

# normal margins: (n, mean, SS, mu, sigma, kappa, nu), (q, m, n, ...)
poisson_deviance: ufunc
gg_single_loglik: ufunc
lognormal_loglik: ufunc
lognormal_expected_log: ufunc
lognormal_expected_spend: ufunc
normal_margin_loglik: ufunc
normal_margin_expected_margin: ufunc
normal_margin_variance: ufunc
normal_margin_quantile: ufunc
student_quantile: ufunc                     # (q, nu)

# ids to codes in order of first appearance: (codes, first row of each)
def codes_of_bytes(offsets: _Ints, data: NDArray[np.uint8], /) -> tuple[_Ints, _Ints]: ...
def codes_of_fixed(bytes: NDArray[np.uint8], /) -> tuple[_Ints, _Ints]: ...
def codes_of_objects(ids: NDArray[np.object_], /) -> tuple[_Ints, _Ints]: ...

# the ledger: an order log with the rows of each customer together
def ticks(time: _Ints, per_tick: int, first: int, last: int, /) -> _Ticks: ...
def bad_values(value: _Doubles, limit: int, /) -> tuple[int, _Ints]: ...
def group_by(
    keys: _Ints, columns: tuple[_Doubles, ...], /
) -> tuple[tuple[_Doubles, ...], _Ints, _Ints, _Ints]: ...
def ledger(
    keys: _Ints, tick: _Ticks, columns: tuple[_Doubles, ...], rows: bool, /
) -> Ledger: ...
def summary(
    tick: _Ticks, amount: _Doubles | None, begin: _Ints, end: _Ints, last_tick: int, edges: _Ticks | None,
    num: float, den: float, /,
) -> Summary: ...
def purchases(
    tick: _Ticks, amount: _Doubles | None, begin: _Ints, end: _Ints, edges: _Ticks | None, /
) -> tuple[_Doubles, _Doubles]: ...
def opportunities(
    tick: _Ticks, begins: _Doubles, begin: _Ints, end: _Ints, edges: _Ticks, /
) -> tuple[_Doubles, _Doubles, _Doubles]: ...
def log_gaps(
    tick: _Ticks, begins: _Doubles, begin: _Ints, end: _Ints, num: float, den: float, time: _Doubles | None = None, /
) -> _Doubles: ...
def gaps(
    tick: _Ticks, begins: _Doubles, begin: _Ints, end: _Ints, num: float, den: float, /
) -> _Doubles: ...
def quantiles(values: _Doubles, begin: _Ints, end: _Ints, q: float, least: int, /) -> _Doubles: ...
def totals(values: _Doubles, begin: _Ints, end: _Ints, /) -> _Doubles: ...
def purchase_moments(
    begins: _Doubles, values: _Doubles, begin: _Ints, end: _Ints, /
) -> tuple[_Doubles, _Doubles, _Doubles]: ...
def log_residuals(
    tick: _Ticks, net: _Doubles, begin: _Ints, end: _Ints, begins: _Doubles, center: _Doubles, edges: _Ticks, /
) -> tuple[_Doubles, _Doubles]: ...
def spend_moments(
    begins: _Doubles, net: _Doubles, begin: _Ints, end: _Ints, without_last: bool, /
) -> tuple[tuple[_Doubles, _Doubles, _Doubles, _Doubles], _Doubles]: ...
def history(
    tick: _Ticks, values: _Doubles | None, begin: _Ints, end: _Ints, edges: _Ticks, /
) -> _Doubles: ...
def cut(tick: _Ticks, begin: _Ints, end: _Ints, last: int, /) -> _Ints: ...
# pyramid: descending order of value; cuts are (value, quota, equal), see custval.h
def pyramid_select(values: _Doubles, rank: _Ints, /) -> tuple[_Doubles, _Ints, _Ints]: ...
def pyramid_reach(values: _Doubles, share: _Doubles, /) -> tuple[_Doubles, _Ints, _Ints]: ...
def pyramid_label(
    values: _Doubles, cut: _Doubles, quota: _Ints | None, equal: _Ints | None, tie: _Doubles | None, /
) -> _Tiers: ...
def grid_cells(row: _Tiers, column: _Tiers, columns: int, /) -> _Tiers: ...
def pyramid_keep(
    values: _Doubles, tier: _Tiers, former: _Tiers, cut: _Doubles, band: float, /
) -> _Tiers: ...
def pyramid_totals(values: _Doubles, tier: _Tiers, k: int, /) -> tuple[_Ints, _Doubles]: ...

# concentration: of ascending values, of the curve `top`
def lorenz(ascending: _Doubles, /) -> _Doubles: ...
def gini(ascending: _Doubles, /) -> float: ...
def share_of_top(top: _Doubles, p: float, /) -> float: ...
def count_reaching(top: _Doubles, share: float, /) -> int: ...

# fits: columns as the model has them; parameters fixed, NaN where free; passes at most
def fit(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, fixed: _Doubles, limit: int,
    covariates: _Covariates = ..., penalty: float = ..., /
) -> Fit: ...
def invalid_histories(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, /
) -> tuple[str, int, _Ints] | None: ...
def own_parameters(
    model: str, parameters: _Doubles, n: int, known: _Known, /
) -> tuple[_Doubles, _Doubles, _Doubles, _Doubles]: ...
def bootstrap(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, fixed: _Doubles, limit: int,
    covariates: _Covariates, penalty: float, estimate: _Doubles, replicates: int, seed: int, /
) -> _Doubles: ...
def influence(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, parameters: _Doubles,
    covariance: _Doubles, /
) -> tuple[_Doubles, _Doubles]: ...
def likelihood(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, parameters: _Doubles,
    covariates: _Covariates = ..., /
) -> tuple[float, _Doubles, _Doubles]: ...

# what is to come of long columns: weighted sums of the periods between edges, flat rows of customers
def batch_predict(
    model: str, x: _Doubles, t_x: _Doubles, T: _Doubles, parameters: _Doubles, edges: _Doubles, weights: _Doubles,
    rate: float, /
) -> _Doubles: ...

# a clock that all customers share: log intensity of the periods observed and ahead, each at a place 0.. of its cycle
# (-1: none); settings are ar, level_sd, slope_sd, slope_ar, season_sd, noise_sd, one row of six or several
def clock_structure(
    y: _Doubles, variance: _Doubles, place: _Ints, cycle: int, settings: _Doubles, /
) -> ClockPath: ...
def clock_evidence(
    y: _Doubles, variance: _Doubles, place: _Ints, cycle: int, settings: _Doubles, /
) -> _Doubles: ...
# purchases that the model expects on each of the days from origin on where m = 1, a day being `day` units of its time;
# first, last: days of a customer's first and last purchase, end: the last day observed; NaN T: no purchase, left out
def clock_expected(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, parameters: _Doubles,
    first: _Ticks, last: _Ticks, end: int, origin: int, days: int, day: float, /
) -> _Doubles: ...
# the same of the hidden stages since the last purchase, / k, of condensed models: N purchases in a period count as (N +
# (k - 1) share) / k + m hidden; sums over gaps between purchases of the share of each period in their time, and squared
def clock_hidden(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, parameters: _Doubles,
    first: _Ticks, last: _Ticks, end: int, origin: int, days: int, day: float, /
) -> _Doubles: ...
def gap_shares(
    tick: _Ticks, begins: _Doubles, begin: _Ints, end: _Ints, origin: int, period: _Ints, length: _Doubles, /
) -> tuple[_Doubles, _Doubles]: ...
# derivatives of log L in the log intensities u of K periods; each day from origin on has a period and a length on the
# clock: expected (K) = N - d/du, N the purchases in the period; d2/(d parameter du), P x K; d2/du du', K x K
def clock_information(
    model: str, columns: tuple[_Doubles, ...], weights: _Doubles | None, parameters: _Doubles,
    first: _Ticks, last: _Ticks, end: int, origin: int, period: _Ints, length: _Doubles, /
) -> tuple[_Doubles, _Doubles, _Doubles]: ...

# credible rates per customer: (part, whole, spread, cells) from rows of cells; (mean, within, between)
def rate_cells(part: _Doubles, whole: _Doubles, periods: int, /) -> tuple[_Doubles, _Doubles, _Doubles, _Ints]: ...
def credibility(part: _Doubles, whole: _Doubles, spread: _Doubles, cells: _Ints, /) -> tuple[float, float, float]: ...
# scorecard: columns and a compiled card in; why it stopped (0: it did not), at which row, and points out
def scorecard(
    columns: tuple[_Doubles, ...], tables: _CardTables, /
) -> tuple[int, int, tuple[_Doubles | None, ...] | None]: ...

# curves: (dates, customers); edges of periods, a window of so many (0: all so far); (x, t_x, T, m_x) at each last tick
def curve(
    tick: _Ticks, values: _Doubles | None, begin: _Ints, end: _Ints, since: _Ticks, edges: _Ticks, window: int, /
) -> _Doubles: ...
def curve_histories(
    tick: _Ticks, begins: _Doubles, begin: _Ints, end: _Ints, net: _Doubles, edges: _Ticks, num: float, den: float, /
) -> tuple[tuple[_Doubles, _Doubles, _Doubles, _Doubles], tuple[_Doubles, _Doubles, _Doubles]]: ...
def decompose(
    tick: _Ticks, amount: _Doubles, begin: _Ints, end: _Ints, units: _Doubles, cost: _Doubles | None,
    product: _Ticks | None, first: _Ticks, relationship: _Doubles | None, edges: _Ticks, /
) -> Decomposition: ...
def trend(curves: _Doubles, dates: int, /) -> Trend: ...

# places, 1 for the largest; ties: 0 min, 1 dense, 2 average
def rank(value: _Doubles, ties: int, /) -> _Doubles: ...

# draws: parameters are one or more sets, one after the other; ranks of the draws (low, high); spending (model, sets of
# parameters, columns); steps (edges, factors, per_money, cost); the last `coefficients` parameters are such
def simulate(
    model: str, parameters: _Doubles, T: _Doubles, seed: int, known: _Known | None = None, /
) -> tuple[_Doubles, ...]: ...
def simulate_futures(
    model: str, parameters: _Doubles, history: _Placed, t: float | _Doubles, draws: int, seed: int,
    known: _Known | None = None, /
) -> _Doubles: ...
def future_spread(
    model: str, parameters: _Doubles, history: _Placed, t: float | _Doubles, draws: int, seed: int,
    ranks: tuple[int, int], known: _Known | None = None, /
) -> tuple[tuple[_Doubles, _Doubles], _Doubles]: ...
def value_spread(
    model: str, parameters: _Doubles, history: _Placed, t: float | _Doubles, draws: int, seed: int,
    ranks: tuple[int, int], spending: tuple[str | None, _Doubles | None, tuple[_Doubles, ...]],
    steps: tuple[_Doubles, _Doubles, _Doubles, _Doubles],
    known: _Known | None = None, /
) -> tuple[tuple[_Doubles, _Doubles], _Doubles]: ...
def value_totals(
    model: str, parameters: _Doubles, history: _Placed, t: float | _Doubles, draws: int, seed: int,
    spending: tuple[str | None, _Doubles | None, tuple[_Doubles, ...]],
    steps: tuple[_Doubles, _Doubles, _Doubles, _Doubles], known: _Known | None = None, /
) -> _Doubles: ...
def simulate_orders(
    x: _Doubles, t_x: _Doubles, k: float, model_of_money: str, parameters_of_money: _Doubles, seed: int, /
) -> tuple[_Doubles, _Doubles]: ...
def draw_lognormals(covariance: _Doubles, draws: int, seed: int, /) -> _Doubles: ...
def draw_parameters(
    estimate: _Doubles, covariance: _Doubles, draws: int, seed: int, coefficients: int = ..., /
) -> _Doubles: ...
def simulate_spend(parameters: _Doubles, x: _Doubles, seed: int, /) -> _Doubles: ...

# what the log says of customers on a day, rows of 9, and a regression on what a model expected
def regressors(
    tick: _Ticks, begins: _Doubles, begin: _Ints, end: _Ints, origin: tuple[int, float, float], expected: _Doubles, /
) -> _Doubles: ...
def poisson_regression(rows: _Doubles, expected: _Doubles, actual: _Doubles, ridge: float, /) -> _Doubles | None: ...
def adjustment_factors(rows: _Doubles, coefficients: _Doubles, /) -> _Doubles: ...

# two columns: deciles of (customers, predicted, actual); (rank correlation, share of the variance of log y explained
# by x, groups of equal x)
def accuracy(predicted: _Doubles, actual: _Doubles, /) -> tuple[Accuracy, _Doubles]: ...
def dependence(x: _Doubles, y: _Doubles, /) -> tuple[float, float, float]: ...
def simulate_logs(parameters: _Doubles, n: _Doubles, seed: int, /) -> tuple[_Doubles, _Doubles]: ...
def simulate_margins(parameters: _Doubles, n: _Doubles, seed: int, /) -> tuple[_Doubles, _Doubles]: ...
