/* gaps.c -- how regular purchases are: the logs of the times between them, for gaps that are
 * Erlang.
 */
#include "custval.h"
#include "inline.h"

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
