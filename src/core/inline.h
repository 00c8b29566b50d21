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
    return value >= 0 && value <= 0x1p53 && value == floor(value);
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

static inline double
settled(const cv_money *money)
{
    double sum = isfinite(money->sum) ? money->sum + money->lost : money->sum;
    return isfinite(sum) && fabs(sum) <= DBL_EPSILON * money->gross ? 0 : sum;
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

/* partition.c: rows [from, from + m) of the ledger, whose words are keys on entry. Clusters and
 * sorts them; returns the number of customers, whose words (begin << 32 | first row in the log) it
 * writes to `customer`, or SIZE_MAX when asked to stop. */
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

/* ---- rows of a fit: histories sorted by x, in units of their own scale ---- */

typedef struct {
    double x, weight;
    double log_totals; /* Gamma-Gamma: sum of w log(x m_x) */
    size_t end;        /* of its rows; they begin where the group before ends */
} cv_group;

typedef struct {
    cv_model model;
    cv_simd simd;
    size_t n, groups;
    cv_group *group;
    double *t_x, *T, *weight;  /* Gamma-Gamma: T is x m_x; weight may be NULL */
    double scale;              /* the times (money) of the data were divided by this */
    double customers, repeats; /* sums of w and w x */
    cv_tick tick;
    void *context;
} cv_rows;

typedef struct {
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS][CV_PARAMETERS];
} cv_derivatives; /* upper triangle of the Hessian */

/* arrange.c. Places for n rows in the workspace; returns where the workspace goes on. */
size_t cv_rows_bytes(size_t n);
void *cv_rows_place(cv_rows *rows, size_t n, void *workspace);
cv_fit_status cv_fit_check(cv_model model, const cv_fit_data *data);
double cv_fit_scale(cv_model model, const cv_fit_data *data);
/* Every stride-th history in units of rows->scale, sorted by x; 1 when interrupted. */
int cv_rows_arrange(cv_rows *rows, const cv_fit_data *data, size_t stride);

/* Once per group: long work asks here whether to go on. */
static inline int
stop_at_group(const cv_rows *rows, size_t g)
{
    return g % 1024 == 0 && rows->tick != NULL && rows->tick(rows->context);
}

/* rowsums.c. Sums over the rows begin..end of one group, from rowsums.inc.h; 1 when interrupted. */
enum { CV_SHIFTED_SUMS = 3, CV_DROPOUT_SUMS = 14 };
int cv_shifted_sums(const cv_rows *rows, size_t begin, size_t end, double shift, double *sum);
int cv_dropout_sums(const cv_rows *rows, size_t begin, size_t end, double alpha, double k,
                    double log_odds, double *sum);

/* One model each: log-likelihood of all rows with derivatives; 1 when interrupted. */
int cv_bg_likelihood(const cv_rows *rows, const double *parameter, cv_derivatives *all);
int cv_gg_likelihood(const cv_rows *rows, const double *parameter, cv_derivatives *all);

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

/* ---- negbin.c: P(X = n) and P(X >= n), shape r, mean r y ---- */

double cv_nb_pmf(double n, double r, double y);
double cv_nb_tail(double n, double r, double y);

/* ---- beta_geometric.c: a history and the parameters; m = 0 is BG/NBD, m = 1 MBG/NBD ---- */

typedef struct {
    double x, t_x, T, r, alpha, a, b;
    int m;
} cv_beta_geometric;

double cv_bg_p_alive(const cv_beta_geometric *h);
double cv_bg_loglik(const cv_beta_geometric *h);
double cv_bg_expected_purchases(double t1, double t2, const cv_beta_geometric *h);
double cv_bg_purchase_pmf(double k, double t, double r, double alpha, double a, double b, int m);
double cv_bg_dert(double t, double rate, const cv_beta_geometric *h);

/* explore.c. What the certificate (M1) asks of a point: */
#define CV_EDGE 12.0       /* of abs(log parameter) from its origin, in the scale of the rows */
#define CV_CURVATURE 1e-10 /* least eigenvalue of a mean log-likelihood that is not flat */
#define CV_CONDITION 1e10
#define CV_GRADIENT 1e-6
#define CV_ROUNDING 1e-12 /* of a mean log-likelihood */

/* One set of rows, with the parameters that are free on it. */
typedef struct {
    const cv_rows *rows;
    size_t parameters, unit; /* how many; the one that is measured in the unit of the data */
    size_t d, free[CV_PARAMETERS];
    double parameter[CV_PARAMETERS]; /* the fixed ones stay */
    double
        origin[CV_PARAMETERS]; /* of the log-parameters that are free: 0, or beside a fixed one */
} cv_problem;

cv_problem cv_problem_of(const cv_rows *rows, const double *fixed);
int cv_likelihood_of(const cv_rows *rows, const double *parameter, cv_derivatives *all);
size_t cv_least_curved(const cv_problem *problem, const cv_search *at, double *smallest,
                       double *condition);
double cv_largest(size_t d, const double *v);
int cv_is_sound(const cv_problem *problem, const cv_search *at, double slack);
int cv_refine(cv_problem *whole, cv_problem *sample, int limit, cv_search *best, int *agreed);

#endif
