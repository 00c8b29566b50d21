/* ledger.h -- an order log grouped by customer, and what is summed over it.
 *
 * What is always true of a ledger, from cv_ledger_order() on:
 * - It has the rows of the log, each exactly once; no row is merged, dropped or made.
 * - The rows of a customer are neighbours, rows [begin, end). The ranges of two customers do not
 *   overlap, and together they are all rows.
 * - The rows of a customer ascend by tick, then by the values in the order of the columns (-0.0
 *   equals 0.0), then by their place in the log. Sums therefore do not depend on the log's order.
 * - Customers are numbered by their first row in the log; their ranges may lie in any order.
 * Nothing below writes to a ledger. Functions that take `stop` return 1 when it interrupts, with
 * incomplete results; else 0.
 */
#ifndef CUSTVAL_LEDGER_H
#define CUSTVAL_LEDGER_H

#include "types.h"

/* ---- raw columns, before they enter a ledger (ledger.c) ---- */

/* Ticks of n calendar times: floor(time / per_tick), per_tick > 0. CV_NO_TICK where time is
 * INT64_MIN (NumPy's NaT) or the tick is outside [first, last]. */
#define CV_NO_TICK INT32_MIN
void cv_ticks(const int64_t *time, size_t n, int64_t per_tick, int32_t first, int32_t last,
              int32_t *tick);

/* The number of values that are NaN, infinite or beyond CV_MOST_MONEY, up to which the sum of any
 * column is finite; the rows of the first `limit` of them go to `row`. */
#define CV_MOST_MONEY 1e298
size_t cv_bad_values(const double *value, size_t n, size_t limit, int64_t *row);

/* ---- text ids (ids.c) ---- */

/* n texts. Text i is data[offset[i], offset[i + 1]), or, where offset is NULL, the i-th `width`
 * bytes. */
typedef struct {
    size_t n, width;
    const int64_t *offset;
    const uint8_t *data;
} cv_texts;

/* An entry of the hash table: upper bits of the hash, and code + 1; 0 in a free slot. */
typedef struct {
    uint32_t tag, code;
} cv_slot;

/* The codes given so far: 0, 1, ... in order of first appearance. The table `slot` has 1 << bits
 * entries, zero at first, and is full when half of them are used; first_row[code] is the first row
 * with that text, with room for every code. The secret keeps outsiders from making ids that
 * collide; the codes do not depend on it. */
typedef struct {
    uint64_t secret[2];
    size_t codes;
    int bits; /* 1 to 32 */
    cv_slot *slot;
    int64_t *first_row;
} cv_codes;

/* Codes of the texts from row `from` on. Returns texts->n when all are done, the first row not done
 * when the table is full (move it to a larger one and go on), or SIZE_MAX when interrupted. */
size_t cv_number_texts(const cv_texts *texts, size_t from, cv_codes *codes, int64_t *code,
                       cv_tick stop, void *context);

/* Moves the entries to `slot`, a larger table of 1 << bits slots of any content. The caller frees
 * the old one. */
void cv_move_table(cv_codes *codes, cv_slot *slot, int bits);

/* ---- from a log to a ledger (ledger.c, cluster.c) ---- */

/* An order log, one entry per row: the customer's key, the tick of the order, and `columns` columns
 * of values. */
#define CV_MAX_ROWS UINT32_MAX
typedef struct {
    size_t n, columns;
    const int64_t *key;
    const int32_t *tick;
    const double *const *value;
} cv_log;

/* The columns of a ledger, n entries each unless it says otherwise, lent by the caller. */
typedef struct {
    int32_t *tick;
    double *const *value;
    uint32_t *row;   /* place of each row in the log; NULL: not wanted */
    uint64_t *word;  /* workspace; holds the customers between group and order */
    uint64_t *first; /* n bits of workspace, 0 at first */
} cv_ledger;

/* How a log is cut into partitions that fit the cache: by (key - origin) * odd >> shift. Keys of
 * a narrow range keep their order (odd = 1), others are hashed; keys that ascend or descend are
 * clustered already and stay where they are. */
enum { CV_PARTITIONS = 2048 };
typedef struct {
    size_t n, largest; /* rows in all, at most in a partition */
    int clustered, shift;
    uint64_t origin, odd, width; /* width: possible keys of a partition, 0 when hashed */
    uint32_t start[CV_PARTITIONS + 1], customer[CV_PARTITIONS + 1]; /* rows, customers before it */
} cv_plan;

/* First step: chooses the plan for n <= CV_MAX_ROWS keys. Each step returns 1 when interrupted, and
 * CV_CHANGED when it sees that the keys changed since the one before. The three steps together are linear in n
 * whatever the keys, but for sorting within a customer: n log n at worst. */
int cv_ledger_plan(const int64_t *key, size_t n, cv_plan *plan, cv_tick stop, void *context);

/* Second step, with cv_ledger_scratch() bytes: fills tick, value and row of the ledger, and the
 * number of customers. */
size_t cv_ledger_scratch(const cv_plan *plan);
int cv_ledger_group(cv_plan *plan, const cv_log *log, const cv_ledger *ledger, void *scratch,
                    size_t *customers, cv_tick stop, void *context);

/* Third step: the customers in the order of their first rows in the log. Of each: its rows
 * [begin, end) of the ledger, and its first row in the log. */
typedef struct {
    int64_t *begin, *end, *first_row;
} cv_places;
int cv_ledger_order(const cv_plan *plan, const cv_log *log, const cv_ledger *ledger,
                    size_t customers, const cv_places *out, cv_tick stop, void *context);

/* ---- purchases and histories (histories.c) ---- */

/* Orders of a ledger. A grain is one tick; or, with `grains` ascending starts, the ticks from one
 * start to the next, where the first grain also takes what lies before it and the last what lies
 * after. amount may be NULL: then every row counts as an order. */
typedef struct {
    const int32_t *tick;
    const double *amount;
    const int32_t *start;
    size_t grains;
} cv_orders;

/* The rows [begin, end) of each of n customers, in the order of the ledger. */
typedef struct {
    size_t n;
    const int64_t *begin, *end;
} cv_customers;

/* Columns of n, one entry per customer. A time is ticks * num / den. Without a purchase: x and t_x
 * 0; T, m_x and recency NaN. */
typedef struct {
    int64_t *x;            /* purchases after the first */
    double *t_x, *T;       /* from the first purchase to the last one, and to last_tick */
    double *m_x;           /* mean net amount of the x purchases; NaN without any, or amounts */
    double *recency;       /* from the last purchase to last_tick: T - t_x */
    double *total;         /* of all rows, as cv_totals() */
    int32_t *first, *last; /* first and last tick of all rows; CV_NO_TICK: no row */
} cv_histories;

/* The histories of purchases up to last_tick. A purchase is a grain with a net amount above 0, or
 * of 0 without a refund (a negative amount); it begins at its first row that is no refund. Without
 * amounts a purchase is any grain with rows. */
int cv_summary(const cv_orders *orders, const cv_customers *customers, int32_t last_tick,
               double num, double den, const cv_histories *out, cv_tick stop, void *context);

/* Marks with 1.0 in `begins` the row at which a purchase begins, and writes its net amount to `net`
 * there. Other rows keep their content. */
int cv_purchases(const cv_orders *orders, const cv_customers *customers, double *begins,
                 double *net, cv_tick stop, void *context);

/* ---- times between purchases (purchase_gaps.c); `begins` is not 0 where one begins ---- */

/* Per customer the sum of the logs of the gaps between purchases; 0 without a repeat purchase. Gaps
 * are in ticks * num / den, or, where `time` is not NULL, differences of the times of the rows. */
int cv_log_gaps(const int32_t *tick, const double *time, const double *begins,
                const cv_customers *customers, double num, double den, double *sum, cv_tick stop,
                void *context);

/* The gap before each purchase but the first, at the row where it begins. Other rows keep their
 * content. */
int cv_gaps(const int32_t *tick, const double *begins, const cv_customers *customers, double num,
            double den, double *gap, cv_tick stop, void *context);

/* Days of a clock that customers share: day d, `origin` + d, is in period[d], from 0 to periods - 1
 * and not falling, and so long on the clock: time[d + 1] - time[d], not below 0; time[0] = 0. */
typedef struct {
    int32_t origin;
    size_t days, periods;
    const int64_t *period;
    const double *time;
} cv_clock_periods;

/* Of every gap between purchases on such days, (day of one, day of the next], the shares s of the
 * periods in its time: sets share[k] to the sum of s_k over all gaps, and square[k] to that of s_k
 * squared. first_day is workspace, periods + 1. Returns 1 when interrupted, 3 where a purchase is
 * on none of the days nor the day before, or a gap has no time. */
int cv_gap_shares(const int32_t *tick, const double *begins, const cv_customers *customers,
                  const cv_clock_periods *clock, size_t *first_day, double *share, double *square,
                  cv_tick stop, void *context);

/* Per customer the quantile q, 0 <= q <= 1, of the values that are not NaN, linear between
 * neighbours; NaN where there are fewer than `least`, or none. `key` is workspace: the rows of the
 * largest customer + 1. */
int cv_quantiles(const double *value, const cv_customers *customers, double q, size_t least,
                 uint64_t *key, double *out, cv_tick stop, void *context);

/* Calendar periods as opportunities to buy: columns of n doubles. */
typedef struct {
    double *x, *t_x; /* opportunities with a purchase, and the number of the last of them; or 0 */
    double *n;       /* opportunities; NaN without a purchase */
} cv_uses;

/* Each whole period [edge[p], edge[p + 1]) after that of the first purchase is one opportunity.
 * `edge` has periods + 1 ascending ticks, edge[0] at or before all rows; purchases after the last
 * period do not count. */
int cv_opportunities(const int32_t *tick, const double *begins, const cv_customers *customers,
                     const int32_t *edge, size_t periods, const cv_uses *out, cv_tick stop,
                     void *context);

/* ---- sums over rows (period_sums.c) ---- */

/* Per customer the sum of a column; 0 where no more than rounding is left (math/money_sum.h). */
int cv_totals(const double *value, const cv_customers *customers, double *total, cv_tick stop,
              void *context);

/* Per customer and period the sum of a column, or, with NULL for value, the number of rows: n rows
 * of `periods` entries; period p is [edge[p], edge[p + 1]). */
int cv_period_sums(const int32_t *tick, const double *value, const cv_customers *customers,
                   const int32_t *edge, size_t periods, double *sum, cv_tick stop, void *context);

/* Per customer the first row with a tick after `last`, or the end of its rows. */
int cv_rows_until(const int32_t *tick, const cv_customers *customers, int32_t last, int64_t *row,
                  cv_tick stop, void *context);

/* Money of purchases per customer: their number n, their mean, and SS, the sum of squares about it;
 * n = 0: mean NaN, SS 0. A purchase has the money of the rows from where it begins (begins = 1) to
 * where the next one does; the first one also of the rows before. */
int cv_purchase_moments(const double *begins, const double *value, const cv_customers *customers,
                        double *n, double *mean, double *SS, cv_tick stop, void *context);

/* Columns of n about the purchases with a net amount above 0; others do not count. */
typedef struct {
    double *n, *mean;         /* their number, and the mean of their amounts: NaN where n = 0 */
    double *log_mean;         /* the mean of the logs of these amounts; NaN where n = 0 */
    double *log_SS;           /* the sum of squares of the logs about their mean */
    double *last;             /* the amount of a last purchase that is left out, else NaN */
} cv_spend_columns;

/* The spend of the purchases that `begins` marks (not 0), with their net amounts; with without_last
 * not 0 but for the last of two or more of a customer. */
int cv_spend_moments(const double *begins, const double *net, const cv_customers *customers,
                     int without_last, const cv_spend_columns *out, cv_tick stop, void *context);

/* What months, or other periods, do to the money of a purchase: columns of `periods`. */
typedef struct {
    double *n, *sum; /* purchases with an amount above 0; of their logs less the customer's center */
    double *lost;    /* workspace */
} cv_residuals;

/* Sum log net - center[c] by period [edge[p], edge[p + 1]), ascending, over the purchases that
 * `begins` marks; those outside all periods do not count. */
int cv_log_residuals(const cv_orders *orders, const double *begins, const cv_customers *customers,
                     const double *center, const int32_t *edge, size_t periods,
                     const cv_residuals *out, cv_tick stop, void *context);

/* ---- values at many dates (value_curve.c) ---- */

/* The dates of a curve are the last ticks of the periods [edge[p], edge[p + 1]), ascending. With
 * window > 0 the value at a date covers `window` periods that end there: periods - window + 1
 * dates. With window = 0 it covers all rows up to the date: `periods` dates. A curve is stored by
 * date: the value of customer c of n at date d is curve[d * n + c]. */
enum { CV_MOST_DATES = 2000 };
typedef struct {
    size_t periods, window; /* periods <= CV_MOST_DATES */
    const int32_t *edge;
} cv_dates;

/* Sums of a column, or, with NULL for value, numbers of rows; NaN at dates before since[c]. Borrows
 * cv_curve_bytes(). */
size_t cv_curve_bytes(const cv_dates *dates);
int cv_curve(const int32_t *tick, const double *value, const cv_customers *customers,
             const int32_t *since, const cv_dates *dates, void *workspace, double *curve,
             cv_tick stop, void *context);

/* Histories as cv_summary() gives them at each date, of the purchases that `begins` marks, with
 * their net amounts, and n, mean and log_mean of those above 0 as cv_spend_moments() gives them;
 * the window does not matter. No purchase yet: 0, 0, NaN, NaN, 0, NaN, NaN. */
typedef struct {
    double *x, *t_x, *T, *m_x, *n, *mean, *log_mean;
} cv_histories_at;
int cv_curve_histories(const int32_t *tick, const double *begins, const double *net,
                       const cv_customers *customers, const cv_dates *dates, double num, double den,
                       const cv_histories_at *out, cv_tick stop, void *context);

/* ---- the change between two periods (decomposition.c) ---- */

/* Rows of sales. `product` is any number per product, or NULL: all are one; cost may be NULL:
 * none. */
typedef struct {
    const int32_t *tick, *product;
    const double *amount, *units, *cost;
} cv_sales;

/* Per customer the value (amount - cost - relationship cost) in both periods, and the effects that
 * add up to its change within the rounding of their sum. */
typedef struct {
    double *before, *after;
    double *tenure; /* of the days as a customer */
    double *volume; /* of the units a day */
    double *mix;    /* of the products' shares in the units */
    double *price;  /* of the amounts a unit */
    double *cost;   /* of the costs a unit, and of relationship costs */
} cv_effects;

/* Decomposes the change from period [edge[0], edge[1]) to [edge[2], edge[3]). `first` is the first
 * tick of each customer; `relationship` its two relationship costs, or NULL: none; `word` is
 * workspace: twice the rows of the largest customer. */
int cv_decompose(const cv_sales *log, const cv_customers *customers, const int32_t *first,
                 const double *relationship, const int32_t edge[4], uint64_t *word,
                 const cv_effects *out, cv_tick stop, void *context);

#endif
