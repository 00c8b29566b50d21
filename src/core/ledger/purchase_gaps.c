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
cv_log_gaps(const int32_t *tick, const double *time, const double *begins,
            const cv_customers *customers, double num, double den, double *sum, cv_tick stop,
            void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, begins);
        int64_t last = -1; /* row of the purchase before */
        sum[c] = 0;
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++) {
            if (begins[i] == 0) continue;
            if (last >= 0 && time != NULL) sum[c] += log(time[i] - time[last]);
            if (last >= 0 && time == NULL)
                sum[c] += log((double)((int64_t)tick[i] - tick[last]) * num / den);
            last = i;
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

/* Add the shares of a gap; returns 0 where it has no time. from and to are days, counted from the
 * day before origin. */
static int
add_shares(const cv_clock_periods *clock, const size_t *first_day, size_t from, size_t to,
           double *share, double *square)
{
    const size_t last = (size_t)clock->period[to - 1];
    const double gap = clock->time[to] - clock->time[from];
    if (!(gap > 0)) return 0;
    for (size_t k = (size_t)clock->period[from]; k <= last; k++) {
        const size_t begin = first_day[k] > from ? first_day[k] : from;
        const size_t end = first_day[k + 1] < to ? first_day[k + 1] : to;
        const double part = (clock->time[end] - clock->time[begin]) / gap;
        share[k] += part;
        square[k] += part * part;
    }
    return 1;
}

int
cv_gap_shares(const int32_t *tick, const double *begins, const cv_customers *customers,
              const cv_clock_periods *clock, size_t *first_day, double *share, double *square,
              cv_tick stop, void *context)
{
    const size_t K = clock->periods;
    const int64_t days = (int64_t)clock->days;
    for (size_t k = 0; k < K; k++) share[k] = square[k] = 0;
    for (size_t d = 0, k = 0; k <= K; first_day[k++] = d)
        while (d < clock->days && clock->period[d] < (int64_t)k) d++;
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, begins);
        int64_t last = -1;
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++) {
            if (begins[i] == 0) continue;
            const int64_t day = (int64_t)tick[i] - clock->origin + 1;
            if (day < 0 || day > days || day <= last) return 3;
            if (last >= 0 &&
                !add_shares(clock, first_day, (size_t)last, (size_t)day, share, square))
                return 3;
            last = day;
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
