/* ledger.h -- grouping of an order log by customer, and what is summed over it. */
#ifndef CUSTVAL_LEDGER_H
#define CUSTVAL_LEDGER_H

#include "types.h"

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
    uint32_t *row;   /* place in the log; NULL: not wanted */
    uint64_t *word;  /* n words to work in; holds the customers from group to order */
    uint64_t *first; /* n bits to work in, 0 at first */
} cv_ledger;

/* How the log is cut into partitions that fit the cache: by (key - origin) * odd >> shift. Keys of
 * a narrow range keep their order (odd = 1), others are hashed; keys that ascend or descend are
 * clustered already and stay where they are. */
enum { CV_PARTITIONS = 2048 };
typedef struct {
    size_t n, largest; /* rows in all, at most in a partition */
    int clustered, shift;
    uint64_t origin, odd, width; /* width: possible keys of a partition, 0 when hashed */
    uint32_t start[CV_PARTITIONS + 1], customer[CV_PARTITIONS + 1]; /* rows, customers before it */
} cv_plan;

/* First plan; then group, with cv_ledger_scratch() bytes; then order. 1 when stop asked to stop.
 * Linear in n whatever the keys, but for sorting: n log n at worst. */
int cv_ledger_plan(const int64_t *key, size_t n, cv_plan *plan, cv_tick stop, void *context);
size_t cv_ledger_scratch(const cv_plan *plan);
int cv_ledger_group(cv_plan *plan, const cv_log *log, const cv_ledger *ledger, void *scratch,
                    size_t *customers, cv_tick stop, void *context);

/* The customers in the order of their first rows in the log: each one's rows [begin, end) of the
 * ledger, and its first row in the log. */
typedef struct {
    int64_t *begin, *end, *first_row;
} cv_places;
int cv_ledger_order(const cv_plan *plan, const cv_log *log, const cv_ledger *ledger,
                    size_t customers, const cv_places *out, cv_tick stop, void *context);

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

/* Sum of the logs of the gaps between the purchases that `begins` marks, in ticks * num / den; 0
 * without a repeat. */
int cv_log_gaps(const int32_t *tick, const double *begins, const cv_customers *customers,
                double num, double den, double *sum, cv_tick stop, void *context);

/* The time since the purchase before, at each row where one begins but the first; other rows are
 * left alone. */
int cv_gaps(const int32_t *tick, const double *begins, const cv_customers *customers, double num,
            double den, double *gap, cv_tick stop, void *context);

/* The quantile q of each customer's values that are not NaN, linear between neighbours; NaN below
 * `least` of them. `key`: rows of the largest customer + 1. */
int cv_quantiles(const double *value, const cv_customers *customers, double q, size_t least,
                 uint64_t *key, double *out, cv_tick stop, void *context);

/* Money of purchases per customer: their number n, the mean and SS, the sum of squares about it. A
 * purchase has the money of the rows from where it begins to where the next one does, the first one
 * also what lies before; n = 0: mean NaN, SS 0. */
int cv_purchase_moments(const double *begins, const double *value, const cv_customers *customers,
                        double *n, double *mean, double *SS, cv_tick stop, void *context);

/* A purchase begins where `begins` is not 0. Each whole period [edge[p], edge[p + 1]) after that of
 * the first one is an opportunity: n of them, x with a purchase, the last one the t_x-th. What
 * comes after the last period is left out; n is NaN without a purchase. edge[0] lies before all. */
typedef struct {
    double *x, *t_x, *n;
} cv_uses;
int cv_opportunities(const int32_t *tick, const double *begins, const cv_customers *customers,
                     const int32_t *edge, size_t periods, const cv_uses *out, cv_tick stop,
                     void *context);

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

/* The last ticks of periods [edge[p], edge[p + 1]), ascending, are the dates of a curve. Its values
 * are of windows of so many periods, their dates those of the windows' last periods: periods -
 * window + 1 of them; or with 0 of all that lies before, a date a period. Curves stand date by
 * date: the value of customer c of n at date d is curve[d * n + c]. */
typedef struct {
    size_t periods, window;
    const int32_t *edge;
} cv_dates;

/* Sums of a column, or with NULL for value numbers, of rows; NaN at dates before since[c]. At most
 * CV_MOST_DATES periods; cv_curve_bytes() of workspace. */
enum { CV_MOST_DATES = 2000 };
size_t cv_curve_bytes(const cv_dates *dates);
int cv_curve(const int32_t *tick, const double *value, const cv_customers *customers,
             const int32_t *since, const cv_dates *dates, void *workspace, double *curve,
             cv_tick stop, void *context);

/* Histories as cv_summary() gives them of the purchases that `begins` marks with their net amounts,
 * at each last tick of a period. No purchase yet: 0, 0, NaN, NaN. */
typedef struct {
    double *x, *t_x, *T, *m_x;
} cv_histories_at;
int cv_curve_histories(const int32_t *tick, const double *begins, const double *net,
                       const cv_customers *customers, const cv_dates *dates, double num, double den,
                       const cv_histories_at *out, cv_tick stop, void *context);

/* Rows of sales. product: any number for each, or NULL: all one; cost may be NULL: none. */
typedef struct {
    const int32_t *tick, *product;
    const double *amount, *units, *cost;
} cv_sales;

/* The value of each customer, amount - cost - relationship cost (two a customer, or NULL), in the
 * periods [edge[0], edge[1]) and [edge[2], edge[3]), and the parts of its change. They add up to it
 * within the rounding of their sum. `first` is the first tick of each; `word`: twice the rows of
 * the largest customer. */
typedef struct {
    double *before, *after, *tenure, *volume, *mix, *price, *cost;
} cv_effects;
int cv_decompose(const cv_sales *log, const cv_customers *customers, const int32_t *first,
                 const double *relationship, const int32_t edge[4], uint64_t *word,
                 const cv_effects *out, cv_tick stop, void *context);

#endif
