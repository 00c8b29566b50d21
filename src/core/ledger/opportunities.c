/* opportunities.c -- a customer's calendar periods as opportunities to buy: which ones were used.
 */
#include <math.h>

#include "ledger/ledger.h"
#include "math/guards.h"
#include "types.h"

/* Number of edges at or before tick. */
static size_t
edges_until(const int32_t *edge, size_t n, int32_t tick)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (edge[middle] <= tick)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

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
            size_t period = edges_until(edge, periods + 1, tick[i]);
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
