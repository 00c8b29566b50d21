/* columns.c -- what is asked of a raw column before it enters the ledger. */
#include <math.h>

#include "ledger/ledger.h"
#include "types.h"

/* Rounded quotients are one off at most where they can be ticks at all; a division of integers
 * takes five times as long. */
static int64_t
floor_of(int64_t time, int64_t per_tick, double reciprocal)
{
    int64_t floor = (int64_t)((double)time * reciprocal);
    int64_t rest = (int64_t)((uint64_t)time - (uint64_t)floor * (uint64_t)per_tick);
    return floor + (rest >= per_tick) - (rest < 0);
}

void
cv_ticks(const int64_t *time, size_t n, int64_t per_tick, int32_t first, int32_t last,
         int32_t *tick)
{
    const double reciprocal = 1 / (double)per_tick;
    for (size_t i = 0; i < n; i++) {
        int64_t floor = per_tick == 1 ? time[i] : floor_of(time[i], per_tick, reciprocal);
        int outside = floor < first || floor > last || time[i] == INT64_MIN;
        tick[i] = outside ? CV_NO_TICK : (int32_t)floor;
    }
}

size_t
cv_bad_values(const double *value, size_t n, size_t limit, int64_t *row)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(value[i])) continue;
        if (bad < limit) row[bad] = (int64_t)i;
        bad++;
    }
    return bad;
}
