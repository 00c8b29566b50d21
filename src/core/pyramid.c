/* pyramid.c -- customers to tiers, once the cuts are known, and what each tier holds. */
#include "custval.h"
#include "inline.h"

enum { TILE = 1024, SLOTS = 128 };

static void
tiers_of_tile(const double *value, size_t n, const double *cut, size_t k, int8_t *tier)
{
    int64_t below[TILE];
    for (size_t i = 0; i < n; i++) below[i] = isnan(value[i]) ? -1 : 0;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < n; i++) below[i] += isless(value[i], cut[j]);
    for (size_t i = 0; i < n; i++) tier[i] = (int8_t)below[i];
}

void
cv_tiers(const double *value, size_t n, const double *cut, size_t k, int8_t *tier)
{
    for (size_t begin = 0; begin < n; begin += TILE)
        tiers_of_tile(value + begin, n - begin < TILE ? n - begin : TILE, cut, k, tier + begin);
}

void
cv_divide(const double *value, const double *tie, size_t n, double cut, int64_t quota,
          uint64_t *key, size_t room, int8_t *tier)
{
    size_t above = (size_t)quota, m = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < n && m < room; i++)
        if (value[i] == cut) key[m++] = key_of(tie[i]);
    if (above > 0 && above <= m) last = cv_select_key(key, &m, &above);
    for (size_t i = 0; i < n; i++) {
        if (value[i] != cut) continue;
        uint64_t k = tie != NULL ? key_of(tie[i]) : 0;
        if (k < last || (k == last && above == 0)) tier[i]++;
        if (k == last && above > 0) above--;
    }
}

void
cv_tier_totals(const double *value, const int8_t *tier, size_t n, size_t k, int64_t *count,
               double *sum)
{
    cv_money money[SLOTS] = {{0, 0, 0}};
    int64_t seen[SLOTS] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t slot = (size_t)tier[i] & (SLOTS - 1); /* tier -1 has the last */
        add_money(&money[slot], value[i]);
        seen[slot]++;
    }
    for (size_t j = 0; j < k; j++) {
        count[j] = seen[j];
        sum[j] = settled(&money[j]);
    }
}
