/* columns.c -- what is asked of a raw column before it enters the ledger. */
#include "custval.h"
#include "inline.h"

void
cv_ticks(const int64_t *time, size_t n, int64_t per_tick, int32_t first, int32_t last,
         int32_t *tick)
{
    for (size_t i = 0; i < n; i++) {
        int64_t floor = time[i] / per_tick - (time[i] % per_tick < 0);
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
