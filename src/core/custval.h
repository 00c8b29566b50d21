/* custval.h -- the front door of the core: every public prototype, its formula and its units.
 *
 * Letters are those of the papers: x repeat purchases in (0, T], t_x age at the last of them
 * (0 when x = 0), T age at the end of observation, all times in one unit; r, alpha, a, b, p, q,
 * gamma the parameters. A kernel takes doubles and returns one double. Outside its domain it
 * returns NaN and raises FE_INVALID; it is never handed a NaN. Column work takes plain arrays.
 */
#ifndef CUSTVAL_H
#define CUSTVAL_H

#include <stddef.h>
#include <stdint.h>

/* Money as it is added up, with what rounding took from the sum. */
typedef struct {
    double sum, lost, gross;
} cv_money;

/* Long work calls this at least every 0.1 s; anything but 0 asks it to stop. May be NULL. */
typedef int (*cv_tick)(void *context);

/* ---- special functions, arguments > 0 (x >= 0); errors in special.c ---- */

double cv_lgamma(double z);
double cv_digamma(double z);
double cv_trigamma(double z);
double cv_lpoch(double b, double x); /* lgamma(b + x) - lgamma(b) */
double cv_dpoch(double b, double x); /* its derivative in b: digamma(b + x) - digamma(b) */
double cv_tpoch(double b, double x); /* the second: trigamma(b + x) - trigamma(b) */
double cv_lbeta_up(double a, double b, double x); /* log B(a, b + x) / B(a, b) */

/* ---- BG/NBD: Fader, Hardie, Lee (2005). lambda ~ Gamma(r, rate alpha), p ~ Beta(a, b) ----
 *
 * x is whole; t_x > 0 where x > 0; rate is continuous, per unit of time. */

/* P(alive | x, t_x, T). Exactly 1 at x = 0. */
double cv_bgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a, double b);
/* log L of one history: its x purchases at their times, no x!, in nats. */
double cv_bgnbd_loglik(double x, double t_x, double T, double r, double alpha, double a, double b);
/* E[purchases in (T, T + t] | x, t_x, T]; exactly 0 at t = 0. */
double cv_bgnbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha,
                                   double a, double b);
/* The same in (T + t1, T + t2], 0 <= t1 <= t2. */
double cv_bgnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                           double r, double alpha, double a, double b);
/* E[repeat purchases of a new customer in (0, t]], and P(there are k). */
double cv_bgnbd_expected_purchases_new(double t, double r, double alpha, double a, double b);
double cv_bgnbd_purchase_pmf(double k, double t, double r, double alpha, double a, double b);
/* Purchases in (T, T + t] discounted by exp(-rate u), u after T. t may be infinite if rate > 0. */
double cv_bgnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                     double a, double b);

/* ---- MBG/NBD: Batislam, Denizel, Filiztekin (2007). The same, but he may leave at once ---- */

double cv_mbgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a,
                         double b);
double cv_mbgnbd_loglik(double x, double t_x, double T, double r, double alpha, double a, double b);
double cv_mbgnbd_expected_purchases(double t, double x, double t_x, double T, double r,
                                    double alpha, double a, double b);
double cv_mbgnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                            double r, double alpha, double a, double b);
double cv_mbgnbd_expected_purchases_new(double t, double r, double alpha, double a, double b);
double cv_mbgnbd_purchase_pmf(double k, double t, double r, double alpha, double a, double b);
double cv_mbgnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                      double a, double b);

/* ---- Gamma-Gamma: Fader, Hardie note 025 ---- */

/* E[mean spend | x purchases of mean m_x]; +inf where the mean is infinite, p x + q <= 1. With
 * x = 0 it is that of the population, whatever m_x; but hand in a number, for NaN gives NaN. */
double cv_gg_expected_spend(double x, double m_x, double p, double q, double gamma);
/* log density of m_x, in nats; x >= 1. */
double cv_gg_loglik(double x, double m_x, double p, double q, double gamma);

/* ---- fitting ---- */

enum { CV_PARAMETERS = 4 }; /* most parameters of one model */

/* Value, gradient and Hessian (row by row, d x d) at theta; anything but 0 asks to stop. */
typedef int (*cv_objective)(void *context, const double *theta, double *value, double *gradient,
                            double *hessian);

/* A search for a minimum: theta is the start on entry and the best point on return. */
typedef struct {
    double theta[CV_PARAMETERS], value, first_value;
    double gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    double eigenvalue[CV_PARAMETERS];
    double eigenvector[CV_PARAMETERS * CV_PARAMETERS]; /* column i belongs to eigenvalue i */
    double slope[CV_PARAMETERS];                       /* the gradient along them */
    double decrement;                                  /* g' H^-1 g, infinite unless H > 0 */
    int passes, moves;
} cv_search;

typedef enum {
    CV_SEARCH_DONE,
    CV_SEARCH_LIMIT,      /* out of passes */
    CV_SEARCH_EDGE,       /* a component left [-edge, edge] */
    CV_SEARCH_STALLED,    /* no step improves, or the start is not finite */
    CV_SEARCH_INTERRUPTED /* the objective asked to stop */
} cv_search_end;

/* Trust-region Newton with exact Hessians: Conn, Gould, Toint (2000), chapter 7. */
cv_search_end cv_minimise(cv_objective objective, void *context, size_t d, int limit, double edge,
                          cv_search *search);

/* Jacobi rotations: a (d x d, symmetric, destroyed) = vector diag(value) vector'. */
void cv_eigen(size_t d, double *a, double *value, double *vector);

typedef enum { CV_BGNBD, CV_MBGNBD, CV_GG } cv_model;

/* What a model is fitted to. Weights (NULL: 1 each) count customers with one history. */
typedef struct {
    size_t n;
    const double *x;
    const double *t_x, *T; /* BG/NBD, MBG/NBD: time. Gamma-Gamma: T is m_x, money, t_x NULL */
    const double *weight;
} cv_fit_data;

typedef enum { CV_SIMD_BASE, CV_SIMD_AVX2 } cv_simd;
cv_simd cv_simd_best(void); /* of this processor; both give the same bits */

typedef enum {
    CV_FIT_CONVERGED,
    CV_FIT_NO_REPEATS,
    CV_FIT_NO_INFORMATION,
    CV_FIT_ONE_PATTERN,
    CV_FIT_BOUNDARY,
    CV_FIT_FLAT,
    CV_FIT_NOT_MOVED,
    CV_FIT_ITERATION_LIMIT,
    CV_FIT_BAD_DATA,   /* a row outside the domain */
    CV_FIT_INTERRUPTED /* the tick asked to stop */
} cv_fit_status;

typedef struct {
    double parameter[CV_PARAMETERS]; /* in the unit of the data */
    double covariance[CV_PARAMETERS * CV_PARAMETERS];
    double direction[CV_PARAMETERS]; /* of least curvature, in log-parameters */
    double gone[CV_PARAMETERS];      /* -1: towards 0, 1: towards infinity, 0: neither */
    double loglik, customers, gradient, smallest, condition;
    int passes;
} cv_fit_result;

/* Bytes that a fit of n histories borrows. */
size_t cv_fit_workspace(size_t n);

/* Maximum likelihood. fixed[i] is NaN where parameter i is free; model order r, alpha, a, b or
 * p, q, gamma. `limit` bounds the passes of each search. */
cv_fit_status cv_fit(cv_model model, const cv_fit_data *data, const double *fixed, int limit,
                     cv_simd simd, void *workspace, cv_tick tick, void *context,
                     cv_fit_result *result);

/* Log-likelihood, gradient and Hessian (4 x 4, row by row) in the parameters themselves. */
cv_fit_status cv_likelihood(cv_model model, const cv_fit_data *data, const double *parameter,
                            cv_simd simd, void *workspace, cv_tick tick, void *context,
                            double *value, double *gradient, double *hessian);

/* ---- ledger: grouping of an order log by customer, and what is summed over it ---- */

/* Calendar time to ticks: floor(time / per_tick), or CV_NO_TICK when time is INT64_MIN (NaT) or the
 * tick falls outside [first, last]. */
#define CV_NO_TICK INT32_MIN
void cv_ticks(const int64_t *time, size_t n, int64_t per_tick, int32_t first, int32_t last,
              int32_t *tick);

/* Rows with NaN or an infinity: their number; the first `limit` of them go to `row`. */
size_t cv_bad_values(const double *value, size_t n, size_t limit, int64_t *row);

/* Text ids. Row i is data[offset[i], offset[i + 1]), or without offsets the i-th `width` bytes. */
typedef struct {
    size_t n, width;
    const int64_t *offset;
    const uint8_t *data;
} cv_texts;

/* The numbers given so far: codes 0, 1, ... in order of appearance. The table has 1 << bits slots,
 * zero at first, and is full when half of them are used. The secret keeps ids from being made to
 * collide; it does not show in the codes. */
typedef struct {
    uint32_t tag, code; /* code + 1, so 0 is free */
} cv_slot;
typedef struct {
    uint64_t secret[2];
    size_t codes;
    int bits; /* 1 to 32 */
    cv_slot *slot;
    int64_t *first_row;
} cv_codes;

/* Numbers rows from `from` on. Returns n, or the row at which the table is full, which is then to
 * be moved to a larger one, or SIZE_MAX when stop asked to stop. */
size_t cv_number_texts(const cv_texts *texts, size_t from, cv_codes *codes, int64_t *code,
                       cv_tick stop, void *context);
void cv_move_table(cv_codes *codes, cv_slot *slot, int bits);

/* An order log, one entry a row: who, when, and `columns` columns of values. */
#define CV_MAX_ROWS UINT32_MAX
typedef struct {
    size_t n, columns;
    const int64_t *key;
    const int32_t *tick;
    const double *const *value;
} cv_log;

/* The same log, one customer after the other; a customer's rows by tick, then by the values in the
 * order of the columns (-0.0 is 0.0), then as they came. */
typedef struct {
    int32_t *tick;
    double *const *value;
    uint32_t *row;  /* place in the log */
    uint64_t *word; /* n words to work in; holds the customers from group to order */
} cv_ledger;

/* How the log is cut into partitions that fit the cache: by (key - origin) * odd >> shift. Keys of
 * a narrow range keep their order (odd = 1), others are hashed; keys that ascend or descend are
 * clustered already and stay where they are. */
enum { CV_PARTITIONS = 2048 };
typedef struct {
    size_t n, largest; /* rows in all, at most in a partition */
    int clustered, shift;
    uint64_t origin, odd, width; /* width: possible keys of a partition, 0 when hashed */
    uint32_t start[CV_PARTITIONS + 1];
} cv_plan;

/* First plan; then group, with cv_ledger_scratch() bytes; then order. 1 when stop asked to stop.
 * Linear in n whatever the keys, but for sorting: n log n at worst. */
int cv_ledger_plan(const int64_t *key, size_t n, cv_plan *plan, cv_tick stop, void *context);
size_t cv_ledger_scratch(const cv_plan *plan);
int cv_ledger_group(const cv_plan *plan, const cv_log *log, const cv_ledger *ledger, void *scratch,
                    size_t *customers, cv_tick stop, void *context);

/* The customers in the order of their first rows in the log: each one's rows [begin, end) of the
 * ledger, and its first row in the log. Takes cv_ledger_marks() bytes. */
size_t cv_ledger_marks(size_t n);
void cv_ledger_order(const cv_ledger *ledger, size_t n, size_t customers, void *marks,
                     int64_t *begin, int64_t *end, int64_t *first_row);

/* Orders of a ledger. A grain is a tick, or from one of the `grains` starts to the next (ascending;
 * the first also takes what lies before it, the last what lies after). No amount: NULL. */
typedef struct {
    const int32_t *tick;
    const double *amount;
    const int32_t *start;
    size_t grains;
} cv_orders;

/* Rows [begin, end) of each of n customers; those rows stand in the order of the ledger. */
typedef struct {
    size_t n;
    const int64_t *begin, *end;
} cv_customers;

/* A purchase is a grain with a net amount above 0, or of 0 without a refund; without amounts it is
 * any grain with rows. It begins at its first order, a row that is no refund. x purchases
 * after the first, t_x from the first to the last, T from the first to last_tick, recency from the
 * last order of the last one to last_tick, in ticks * num / den; m_x mean net amount of the x. No
 * purchase: 0, 0, NaN, NaN, NaN. And of all rows: the sum as cv_totals() gives it, the first and
 * the last tick, CV_NO_TICK if there is none. Returns 1 when stop asked to stop. */
typedef struct {
    int64_t *x;
    double *t_x, *T, *m_x, *recency, *total;
    int32_t *first, *last;
} cv_histories;
int cv_summary(const cv_orders *orders, const cv_customers *customers, int32_t last_tick,
               double num, double den, const cv_histories *out, cv_tick stop, void *context);

/* Marks with 1.0 the row at which a purchase begins and gives its net amount there. Rows that begin
 * none are left alone. */
int cv_purchases(const cv_orders *orders, const cv_customers *customers, double *begins,
                 double *net, cv_tick stop, void *context);

/* Sum of a column per customer, in the order of the ledger; 0 where rounding is all that is left.
 */
int cv_totals(const double *value, const cv_customers *customers, double *total, cv_tick stop,
              void *context);

/* Sums, or with NULL for value numbers, of rows per customer and period: n rows of `periods`;
 * period p is [edge[p], edge[p + 1]). */
int cv_history(const int32_t *tick, const double *value, const cv_customers *customers,
               const int32_t *edge, size_t periods, double *sum, cv_tick stop, void *context);

/* Each customer's first row with a tick after `last`, or its end. */
int cv_cut(const int32_t *tick, const cv_customers *customers, int32_t last, int64_t *row,
           cv_tick stop, void *context);

/* ---- attributes: a customer's figures made of others; money and counts of one period ---- */

double cv_margin(double amount, double cost, double marketing);
double cv_relationship_cost(double marketing, double contacts);
double cv_change(double now, double before);
double cv_growth(double now, double before); /* (now - before) / before; NaN unless before > 0 */
double cv_ratio(double part, double whole);  /* NaN when whole is 0 */
double cv_expected(double amount, double probability);

/* ---- scorecard ----
 *
 * Everything is a whole number of 1/scale points: scale is a common denominator of all points of
 * the card, so sums are exact and each number shown is rounded once, by its division at the end.
 * Such a number comes in four doubles, the highest first, and has up to 200 bits. A limit that is
 * not set is infinite.
 */
enum { CV_LIMBS = 4 };

/* Points of one column: with k = how many edges are <= select,
 * points[k] + slope[k] (factor - origin[k]). Without factor: points[k] alone. */
typedef struct {
    const double *select, *factor; /* columns; factor may be NULL */
    size_t edges;
    const double *edge;           /* ascending */
    const double *origin;         /* edges + 1 */
    const double *slope, *points; /* edges + 1, of CV_LIMBS each */
} cv_term;

/* What a NaN in a column of a measure means. */
enum { CV_MISSING_REFUSED, CV_MISSING_VALUE, CV_MISSING_LEFT_OUT };

typedef struct {
    const cv_term *term; /* summed */
    size_t terms;
    double cap[CV_LIMBS], floor[CV_LIMBS], missing[CV_LIMBS];
    int policy;
    double *out; /* points; NULL: not wanted, as for indicators */
} cv_measure;

typedef struct {
    const cv_measure *measure; /* summed; with some left out, the others stand in for them */
    size_t measures;
    double weight, cap[CV_LIMBS]; /* weight: a whole number */
    double *out;
} cv_indicator;

typedef struct {
    const cv_indicator *indicator;
    size_t indicators;
    double scale[CV_LIMBS], cap[CV_LIMBS];
    double divisor; /* of the weighted sum; 0: the weights of the known indicators */
    double spread;  /* a multiple of every count of known measures; 1 if none is left out */
    double unit[CV_LIMBS], power; /* rounding: scale / 10^digits and 10^digits; not used without */
    int round_measure, round_indicator, round_total;
    int base_only; /* do not use wider instructions */
    int whole;     /* points need one column and no factor, and no sum passes 2^51: the quick way */
    double *out;
} cv_card;

/* Why a row has no score. */
enum { CV_SCORED, CV_ROW_MISSING, CV_ROW_INFINITE, CV_ROW_UNKNOWN, CV_INTERRUPTED };

/* Score rows [begin, end). Stops at the first row without a score: the reason is returned, *row
 * is the row. UNKNOWN: all indicators were left out. INFINITE: points passed what can be held. */
int cv_score(const cv_card *card, size_t begin, size_t end, size_t *row, cv_tick tick,
             void *context);

/* Rank 1 for the largest value; NaN is not allowed. Equal values share the smallest rank, the
 * number of different larger values + 1, or the mean of their places. */
enum { CV_TIES_MIN, CV_TIES_DENSE, CV_TIES_AVERAGE };

/* Takes cv_rank_scratch() bytes; returns 1 if tick asked to stop. */
size_t cv_rank_scratch(size_t n);
int cv_rank(const double *value, size_t n, int ties, void *scratch, double *rank, cv_tick tick,
            void *context);

/* ---- pyramid: tiers by selection, not by sorting. Customers stand in descending order of value,
 * ranks count from 1, equal values by first appearance; -0 equals 0; values are finite or NaN, and
 * NaN stands below all numbers and in no tier. Tiers are 0 on top, at most CV_MAX_TIERS. ---- */

enum { CV_BUCKETS = 65536, CV_MAX_TIERS = 127 };

/* Per cut: the value of the last customer above it; of the `equal` customers with this very value
 * `quota` stand above. Rank 0 has the value +infinity. Arrays of k, lent by the caller. */
typedef struct {
    double *value;
    int64_t *quota, *equal;
} cv_cuts;

/* Customers per bucket of CV_BUCKETS, a bucket being the top 16 bits of the order-preserving key;
 * `sum`, unless NULL, the amount per bucket. Returns the sum of all (0 when `sum` is NULL). */
double cv_histogram(const double *value, size_t n, size_t *count, cv_money *sum);

/* Plan the cuts below the ranks 0 <= rank[0] <= rank[1] ... <= customers that are not NaN, or those
 * at which the descending running sum first reaches share[j] of `total` > 0, within 1e-12 of it
 * (0 < share[0] <= share[1] ... <= 1). Returns the number of keys to lend to the second step. */
size_t cv_plan_ranks(size_t *count, const int64_t *rank, size_t k, cv_cuts cuts);
size_t cv_plan_shares(size_t *count, const cv_money *sum, double total, const double *share,
                      size_t k, cv_cuts cuts);

/* Fill the cuts of a plan; `count` as the plan left it, `key` as many as it asked for. */
void cv_cut_ranks(const double *value, size_t n, size_t *count, uint64_t *key, size_t k,
                  cv_cuts cuts);
void cv_cut_shares(const double *value, size_t n, size_t *count, uint64_t *key, size_t k,
                   cv_cuts cuts);

/* tier = number of cuts above the value; who equals a cut is above it. NaN: tier -1. */
void cv_tiers(const double *value, size_t n, const double *cut, size_t k, int8_t *tier);

/* Of the customers equal to `cut` all but the first `quota` go one tier down, first being the
 * largest `tie` (finite), then the first to appear. `key`: `room` keys, the number of those equal;
 * without tie NULL and 0. */
void cv_divide(const double *value, const double *tie, size_t n, double cut, int64_t quota,
               uint64_t *key, size_t room, int8_t *tier);

/* Customers and sum of `value` per tier 0..k-1, k <= CV_MAX_TIERS. */
void cv_tier_totals(const double *value, const int8_t *tier, size_t n, size_t k, int64_t *count,
                    double *sum);

/* Lorenz: top[i] = sum of the i largest of n ascending values, i = 0..n. */
void cv_lorenz(const double *ascending, size_t n, double *top);

/* Share of the total held by the share p in [0, 1] of customers with the largest values, linear
 * between customers; NaN unless the total is positive and finite. */
double cv_share_of_top(const double *top, size_t n, double p);

/* Smallest number of customers that hold `share` of a positive total, within 1e-12 of it. */
size_t cv_count_reaching(const double *top, size_t n, double share);

/* Gini = sum of (2 i - n - 1) x_i / (n sum of x_i), x ascending, i = 1..n; above 1 is possible with
 * negative values; NaN unless the total is positive and all sums finite. */
double cv_gini(const double *ascending, size_t n);

/* ---- forecast ---- */

/* units * money * weight: purchases by spend by net rate, days by cost a day by P(alive). */
double cv_expected_money(double units, double money, double weight);

/* The value if the customer stays, value / p_alive, and what churn takes of it on average; 0 when
 * P(alive) has underflowed: nothing is left to lose. */
double cv_loss_if_lost(double value, double p_alive);
double cv_expected_loss(double value, double p_alive);

/* Money that lifts the value to near * amount (near = 0: to break even); and the zone it is in:
 * 2 at or below zero, 1 below near * amount, else 0. */
double cv_uplift(double value, double amount, double near);
double cv_loss_zone(double value, double amount, double near);

/* Per customer: sums of part and whole >= 0 over cells, and of the cells with whole > 0 their
 * number and the weighted spread of their rates. The customer's rate is part / whole: part that
 * falls in a cell without whole, as a cost after the last sale, is in it, but has no rate of its
 * own and so no share in the spread. Arrays of n. */
typedef struct {
    double *part, *whole, *spread;
    int64_t *cells;
} cv_rates;

/* Rows of `periods` cells to rates; rates to credible rates. common: mean, variance within,
 * variance between. Customers without a cell have the mean; without any customer it is NaN. */
void cv_rate_cells(const double *part, const double *whole, size_t n, size_t periods,
                   cv_rates rates);
void cv_credibility(cv_rates rates, size_t n, double *rate, double *common);

#endif
