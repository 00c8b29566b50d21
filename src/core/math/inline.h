/* inline.h -- what two or more core files share; never leaves the room. */
#ifndef CUSTVAL_INLINE_H
#define CUSTVAL_INLINE_H

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "custval.h"

/* The answer of a kernel outside its domain: NaN, and the flag that np.errstate reads. */
static inline double
domain_error(void)
{
    feraiseexcept(FE_INVALID);
    return NAN;
}

/* 1 / (1 + exp(d)): underflows to 0 for large d and never overflows. */
static inline double
one_over_one_plus_exp(double d)
{
    return d > 0 ? exp(-d) / (1 + exp(-d)) : 1 / (1 + exp(d));
}

/* log1p(u), u >= 0, from the library's faster log: what rounding took from 1 + u is given back. */
static inline double
log_one_plus(double u)
{
    double w = 1 + u;
    return w < 0x1p60 ? log(w) + (u - (w - 1)) / w : log(w);
}

/* log P(no) of something whose log odds are given. */
static inline double
log_failure(double log_odds)
{
    return log_odds > 0 ? -log_odds - log1p(exp(-log_odds)) : -log1p(exp(log_odds));
}

/* (1 - exp(-d)) / d, and its limit 1 at d = 0. */
static inline double
one_minus_exp_over(double d)
{
    return d == 0 ? 1 : -expm1(-d) / d;
}

static inline int
cv_is_positive(double value)
{
    return value > 0 && value <= DBL_MAX;
}

static inline int
cv_is_length(double value)
{
    return value >= 0 && value <= DBL_MAX;
}

/* Beyond 2^53 doubles cannot count. */
static inline int
cv_is_count(double value)
{
    return value >= 0 && value <= 0x1p53 && value == (double)(int64_t)value;
}

/* log gamma z less Stirling's (z - 1/2) log z - z + log(2 pi) / 2; z > 0. */
double cv_stirling_error(double z);

/* log B(p, q): only the smaller one's log gamma stands alone. */
static inline double
log_beta(double p, double q)
{
    return cv_lgamma(fmin(p, q)) - cv_lpoch(fmax(p, q), fmin(p, q));
}

/* 1 when the caller asks to stop; it is asked once in 2^18 steps, every few milliseconds. */
static inline int
stopped(size_t step, cv_tick stop, void *context)
{
    return (step & 0x3FFFF) == 0x3FFFF && stop != NULL && stop(context);
}

/* The same between customers, who have some ten orders each: asked once in 2^14 of them. */
static inline int
stopped_at_customer(size_t c, cv_tick stop, void *context)
{
    return stopped(c << 4 | 15, stop, context);
}

/* Neumaier (1974); TwoSum: Knuth, The Art of Computer Programming 2, 4.2.2. Amounts are decimals,
 * each within 2^-52 of its double: what is left of them below that is 0, so that a refund in full
 * leaves no trace of a cent. */
static inline void
add_money(cv_money *money, double amount)
{
    double sum = money->sum + amount, part = sum - money->sum;
    money->lost += (money->sum - (sum - part)) + (amount - part);
    money->gross += fabs(amount);
    money->sum = sum;
}

/* Two sums of parts of the rows become one. */
static inline void
join_money(cv_money *money, const cv_money *more)
{
    const double gross = money->gross + more->gross;
    add_money(money, more->sum);
    money->lost += more->lost;
    money->gross = gross;
}

static inline double
settled(const cv_money *money)
{
    double sum = isfinite(money->sum) ? money->sum + money->lost : money->sum;
    return isfinite(money->gross) && fabs(sum) <= DBL_EPSILON * money->gross ? 0 : sum;
}

/* A row in one word: its tick above, sign flipped so that words order like ticks; below, its place
 * in the columns. */
static inline uint64_t
row_word(int32_t tick, size_t place)
{
    return (uint64_t)((uint32_t)tick ^ 0x80000000u) << 32 | place;
}

static inline uint32_t
place_of(uint64_t word)
{
    return (uint32_t)word;
}

static inline int32_t
tick_of(uint64_t word)
{
    return (int32_t)((uint32_t)(word >> 32) ^ 0x80000000u);
}

/* Whether the words, shifted, ascend: by 32 the ticks alone, no two equal. */
static inline int
words_ascend(const uint64_t *word, size_t n, int shift)
{
    size_t i = 1;
    while (i < n && word[i] >> shift > word[i - 1] >> shift) i++;
    return i >= n;
}

/* rowsort.c: by tick, then the values, then place. `buffer` holds n words. */
int cv_sort_rows(uint64_t *word, size_t n, double *const *value, size_t from, size_t columns,
                 uint64_t *buffer, cv_tick stop, void *context);

/* cluster.c: rows [from, from + m) of the ledger, whose words are keys on entry. Clusters and
 * sorts them, marks the first row of each customer where it stood on entry; returns the number of
 * customers, whose words (begin << 32 | end) it writes to `customer` in the order of those rows, or
 * SIZE_MAX when asked to stop. */
size_t cv_cluster(const cv_plan *plan, const cv_ledger *ledger, size_t columns, size_t from,
                  size_t m, void *scratch, uint64_t *customer, cv_tick stop, void *context);

/* Customers stand in the order of the log, their rows anywhere in the ledger: fetch those of a
 * later customer while this one is counted. */
static inline void
fetch_rows(const cv_customers *customers, size_t c, const int32_t *tick, const double *value)
{
    enum { AHEAD = 12 };
    if (c + AHEAD >= customers->n) return;
    const int64_t begin = customers->begin[c + AHEAD], end = customers->end[c + AHEAD];
    if (tick != NULL) __builtin_prefetch(tick + begin);
    if (tick != NULL) __builtin_prefetch(tick + end);
    if (value != NULL) __builtin_prefetch(value + begin);
    if (value != NULL) __builtin_prefetch(value + end);
}

/* Bits that rise with the value; -0 is +0, NaN is 0 and so below every number. */
static inline uint64_t
key_of(double value)
{
    uint64_t bits;
    if (isnan(value)) return 0;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
}

static inline double
value_of(uint64_t key)
{
    double value;
    key ^= key >> 63 ? (uint64_t)1 << 63 : UINT64_MAX;
    memcpy(&value, &key, sizeof value);
    return value;
}

/* The rank-th largest of m >= rank >= 1 keys, by radix exchange: split by the highest bit in which
 * keys differ, go on in the half that holds the rank. Reorders the keys. At the end of it `m` keys
 * equal the answer, and `rank` of them are needed. */
uint64_t cv_select_key(uint64_t *key, size_t *m, size_t *rank);

/* ---- quadrature.c ---- */

typedef double (*cv_function)(double value, const void *what);

/* f(p) > 0, not increasing; it may bend from 1 / feature on and fall like p^-power. */
typedef struct {
    cv_function f;
    const void *what;
    double feature, power;
} cv_beta_integrand;

double cv_gamma_mean(cv_function f, const void *what, double shape); /* rate 1 */
double cv_beta_mean(const cv_beta_integrand *of, double a, double b);
double cv_mean_reciprocal(double a, double b, double y); /* of 1 + p y, p ~ Beta(a, b) */

/* Of f over (0, length): panels of 24 points, the first as wide as asked, then doubling. */
double cv_integral(cv_function f, const void *what, double length, double first, double widest);
double cv_panel(cv_function f, const void *what, double from, double width); /* one of them */
extern const double cv_legendre32[16][2]; /* abscissas above 0, weights */

/* The same rule in ascending order on (-1, 1), its weights twice the chances of a uniform. */
enum { CV_NODES = 32 };
typedef struct {
    double node[CV_NODES], chance[CV_NODES];
} cv_rule;
cv_rule cv_legendre_rule(void);

/* ---- survival_series.c: sums over whole k ---- */

/* f(k) > 0, smooth and falling, also between whole k. From `far` on it falls like k^-power; before,
 * it bends no faster than within k / sharp. */
typedef struct {
    cv_function f;
    const void *what;
    double power, far, sharp;
} cv_falling;

/* sum + f(begin) + ... + f(end - 1), begin some hundreds; end may be infinite if power > 1. */
double cv_falling_sum(const cv_falling *of, double sum, double begin, double end);

/* The sum over k < m of (p)_k / (p + a)_k (q)_k / (q + g)_k / (1 + rate)^k: rounds played of a game
 * that goes on with chances Beta(p, a) and, if g > 0, Beta(q, g). m is whole, or infinite if it is
 * finite then: rate > 0 or a + g > 1. */
typedef struct {
    double p, a, q, g, rate;
} cv_game;

double cv_rounds(double m, const cv_game *of);

/* ---- negative_binomial.c: P(X = n) and P(X >= n), shape r, mean r y ---- */

double cv_nb_pmf(double n, double r, double y);
double cv_nb_tail(double n, double r, double y);
double cv_beta_fraction(double a, double b, double x); /* 2F1(1, a + b; a + 1; x) */

#endif
