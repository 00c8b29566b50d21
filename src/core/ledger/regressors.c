/* regressors.c -- columns of a regression: recency, frequency and gaps of each customer on a day.
 *
 * One scan of the rows per customer: gaps by Welford's update, their median selected.
 *
 * Largest error against a slow twin, relative to max(1, abs value): 6e-15
 * (tests/valuation/test_adjustment.py).
 */
#include <math.h>

#include "ledger/regressors.h"
#include "ledger/row_words.h"
#include "math/guards.h"
#include "math/sort_keys.h"
#include "types.h"

static const double MOST_LOG = 3;

/* Purchases of a customer by the origin, in ticks. */
typedef struct {
    int64_t first, last;
    double n, recent, newest; /* all, in the last h and in the last max(3, h / 4) days */
    double mean, squares;     /* of the gaps, in days, and about their mean */
} seen;

static double
within(double value, double most)
{
    return fmax(-most, fmin(most, value));
}

/* The median of n > 0 gaps. */
static double
median(uint64_t *key, size_t n)
{
    size_t m = n, rank = n - n / 2; /* descending: the upper of the middle ones */
    const double upper = value_of(cv_select_key(key, &m, &rank));
    if (n % 2 == 1) return upper;
    m = n;
    rank = n - n / 2 + 1;
    return (upper + value_of(cv_select_key(key, &m, &rank))) / 2;
}

static void
add_purchase(seen *s, int64_t tick, const cv_origin *of, uint64_t *key)
{
    const double ago = (double)(of->last_tick + 1 - tick) / of->per_day;
    if (s->n == 0) s->first = tick;
    if (s->n > 0) {
        const double gap = (double)(tick - s->last) / of->per_day, off = gap - s->mean;
        key[(size_t)s->n - 1] = key_of(gap);
        s->mean += off / s->n;
        s->squares += off * (gap - s->mean);
    }
    s->last = tick;
    s->n++;
    s->recent += ago <= of->days;
    s->newest += ago <= fmax(3, of->days / 4);
}

static void
set_regressors(const seen *s, const cv_origin *of, double expected, uint64_t *key, double *z)
{
    const double x = s->n - 1, h = of->days, T = (double)(of->last_tick - s->first) / of->per_day;
    const double recency = (double)(of->last_tick - s->last) / of->per_day, age = fmax(T, 1);
    const double gap = x > 0 ? median(key, (size_t)x) : 0;
    z[0] = log1p(x);
    z[1] = recency / age;
    z[2] = within(log((s->recent + .5) / (x * fmin(h, T) / age + .5)), MOST_LOG);
    z[3] = within(log((s->newest + .25) / (s->recent / 4 + .25)), MOST_LOG);
    z[4] = x > 0 ? within(log((recency + 1) / (gap + 1)), MOST_LOG) : 0;
    z[5] = x > 1 ? within(sqrt(s->squares / (x - 1)) / (gap + 1) - 1, 2) : 0;
    z[6] = x > 1;
    z[7] = within(log((T + 7) / h), MOST_LOG);
    z[8] = log(fmax(expected, 1e-3));
}

int
cv_regressors(const int32_t *tick, const double *begins, const cv_customers *customers,
              const cv_origin *origin, const double *expected, uint64_t *key, double *row,
              cv_tick stop, void *context)
{
    for (size_t c = 0; c < customers->n; c++) {
        if (stopped_at_customer(c, stop, context)) return 1;
        fetch_rows(customers, c, tick, begins);
        double *z = row + c * CV_REGRESSORS;
        seen s = {0};
        for (int64_t i = customers->begin[c]; i < customers->end[c]; i++)
            if (begins[i] != 0 && tick[i] <= origin->last_tick) add_purchase(&s, tick[i], origin, key);
        if (s.n > 0 && !isnan(expected[c]))
            set_regressors(&s, origin, expected[c], key, z);
        else
            for (size_t k = 0; k < CV_REGRESSORS; k++) z[k] = NAN;
    }
    return 0;
}
