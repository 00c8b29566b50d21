/* purchase_gaps.c -- how regular purchases are: the times between them, their quantiles and logs.
 *
 * One scan of the rows per customer. The sum of logs is what the condensed models need beside the
 * gaps' sum (their gaps are Erlang); quantiles select without sorting (math/select.c), by
 * definition 7 of Hyndman and Fan (1996), Sample quantiles in statistical packages. Opportunities
 * count calendar periods with a purchase, for BG/BB.
 *
 * Gaps and counts are exact, or rounded once. Largest error of a sum of logs over the sum of their
 * absolute values: 7e-15, 300 customers of 3..10,000 purchases against 40 digits.
 */
#include <math.h>

#include "ledger/ledger.h"
#include "ledger/row_words.h"
#include "math/guards.h"
#include "math/sort_keys.h"
#include "types.h"

int
cv_log_gaps(const int32_t *tick, const double *begins, const cv_customers *customers, double num,
            double den, double *sum, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, begins);
        int64_t last = INT64_MIN;
        sum[c] = 0;
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++) {
            if (begins[i] == 0) continue;
            if (last != INT64_MIN) sum[c] += log((double)(tick[i] - last) * num / den);
            last = tick[i];
        }
    }
    return 0;
}

int
cv_gaps(const int32_t *tick, const double *begins, const cv_customers *customers, double num,
        double den, double *gap, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, begins);
        int64_t last = INT64_MIN;
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++) {
            if (begins[i] == 0) continue;
            if (last != INT64_MIN) gap[i] = (double)(tick[i] - last) * num / den;
            last = tick[i];
        }
    }
    return 0;
}

/* The q-quantile of m > 0 keys, linear between neighbours. */
static double
quantile(uint64_t *key, size_t m, double q)
{
    const double place = (double)(m - 1) * q;
    const size_t below = (size_t)place;
    size_t k = m, rank = m - below;
    const double low = value_of(cv_select_key(key, &k, &rank));
    if (place == (double)below) return low;
    k = m;
    rank = m - below - 1;
    return low + (place - (double)below) * (value_of(cv_select_key(key, &k, &rank)) - low);
}

int
cv_quantiles(const double *value, const cv_customers *customers, double q, size_t least,
             uint64_t *key, double *out, cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        size_t m = 0;
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++) {
            key[m] = key_of(value[i]);
            m += (size_t)!isnan(value[i]);
        }
        out[c] = m > 0 && m >= least ? quantile(key, m, q) : NAN;
    }
    return 0;
}

/* ---- calendar periods as opportunities to buy ---- */

int
cv_opportunities(const int32_t *tick, const double *begins, const cv_customers *customers,
                 const int32_t *edge, size_t periods, const cv_uses *out, cv_tick stop,
                 void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        size_t first = 0, last = 0, used = 0, bought = 0; /* periods are counted from 1 */
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++) {
            if (begins[i] == 0) continue;
            size_t period = first_after(edge, 0, periods + 1, tick[i]);
            bought = 1;
            if (period > periods) break;
            if (first == 0) first = last = period;
            used += period > last;
            last = period;
        }
        out->x[c] = (double)used;
        out->t_x[c] = (double)(last - first);
        out->n[c] = first > 0 ? (double)(periods - first) : bought ? 0 : NAN;
    }
    return 0;
}
