/* ledger.c -- groups an order log by customer: partition, cluster within partitions, order.
 *
 * Radix partitioning, as in the joins of databases: columns go straight to their final arrays at
 * the places of their partitions. A partition is small enough for the second-level cache, and so is
 * the table in which cv_cluster() counts its customers. Keys of a narrow range are indices, others
 * are hashed by one multiplication. Whole numbers only: the ledger is exact.
 *
 * The keys are read in each of the three steps, and somebody may write to them meanwhile: every
 * place computed from a key is compared with the end of what it leads to.
 */
#include <math.h>
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/row_words.h"
#include "math/guards.h"
#include "types.h"

enum { ROWS = 1 << 15 }; /* wanted in a partition */

/* The partition of a key. Hashed, the multiplier is 2^64 over the golden ratio: Knuth, The Art of
 * Computer Programming 3, 6.4. */
static inline size_t
partition_of(const cv_plan *plan, int64_t key)
{
    return (size_t)(((uint64_t)key - plan->origin) * plan->odd >> plan->shift) &
           (CV_PARTITIONS - 1);
}

/* The smallest shift that leaves no more partitions than n rows should have. */
static int
shift_for(uint64_t range, size_t n)
{
    uint64_t partitions = n / ROWS < CV_PARTITIONS - 2 ? n / ROWS + 2 : CV_PARTITIONS;
    int shift = 0;
    while (range >> shift >= partitions) shift++;
    return shift;
}

/* 1 when the keys ascend or descend, equal ones together. */
static int
is_sorted(const int64_t *key, size_t n)
{
    size_t up = 1, down = 1;
    while (up < n && key[up] >= key[up - 1]) up++;
    while (down < n && key[down] <= key[down - 1]) down++;
    return up >= n || down >= n;
}

/* The end of a partition of clustered rows: whole customers, at least ROWS rows if there are that
 * many. */
static size_t
end_of_runs(const uint64_t *key, size_t n, size_t from)
{
    size_t to = n - from < ROWS ? n : from + ROWS;
    while (to < n && key[to] == key[to - 1]) to++;
    return to;
}

static void
plan_runs(const int64_t *key, cv_plan *plan)
{
    for (size_t from = 0, to; from < plan->n; from = to) {
        to = end_of_runs((const uint64_t *)key, plan->n, from);
        if (to - from > plan->largest) plan->largest = to - from;
    }
}

/* Counts the rows of each partition, and finds the range of the keys. */
static int
survey(const int64_t *key, cv_plan *plan, int64_t *low, int64_t *high, cv_tick stop, void *context)
{
    cv_plan p = *plan;
    *low = *high = key[0];
    for (size_t i = 0; i < p.n; i++) {
        if (stopped(i, stop, context)) return 1;
        p.start[partition_of(&p, key[i]) + 1]++;
        if (key[i] < *low) *low = key[i];
        if (key[i] > *high) *high = key[i];
    }
    memcpy(plan->start, p.start, sizeof p.start);
    return 0;
}

/* Turns the counts of the partitions into their places. */
static void
place_partitions(cv_plan *plan)
{
    for (size_t p = 0; p < CV_PARTITIONS; p++) {
        if (plan->start[p + 1] > plan->largest) plan->largest = plan->start[p + 1];
        plan->start[p + 1] += plan->start[p];
    }
}

/* The plans for keys of any range, and for keys of a narrow one from `low` on. */
static cv_plan
hashed(size_t n)
{
    return (cv_plan){.n = n, .odd = 0x9E3779B97F4A7C15u, .shift = shift_for(UINT64_MAX, n)};
}

static cv_plan
dense(size_t n, int64_t low, uint64_t range)
{
    int shift = shift_for(range, n);
    return (cv_plan){
        .n = n, .origin = (uint64_t)low, .odd = 1, .shift = shift, .width = (uint64_t)1 << shift};
}

/* Sparse keys, the common ones, are read once. */
int
cv_ledger_plan(const int64_t *key, size_t n, cv_plan *plan, cv_tick stop, void *context)
{
    int64_t low, high;
    *plan = hashed(n);
    plan->clustered = is_sorted(key, n);
    if (plan->clustered) {
        plan->odd = 0; /* one partition, as the rows stay where they are */
        plan_runs(key, plan);
        return 0;
    }
    if (survey(key, plan, &low, &high, stop, context)) return 1;
    const uint64_t range = (uint64_t)high - (uint64_t)low;
    if (range < 2 * (uint64_t)n) {
        *plan = dense(n, low, range);
        if (survey(key, plan, &low, &high, stop, context)) return 1;
    }
    place_partitions(plan);
    return 0;
}

/* Copies the rows to their partitions, and their keys to the words, where cv_cluster() expects
 * them. */
static int
spread(const cv_plan *plan, const cv_log *log, const cv_ledger *l, cv_tick stop, void *context)
{
    cv_plan p = *plan; /* its starts become the places of the next rows */
    const cv_log from = *log;
    const cv_ledger into = *l;
    for (size_t i = 0; i < p.n; i++) {
        if (stopped(i, stop, context)) return 1;
        const int64_t key = from.key[i];
        const uint32_t to = p.start[partition_of(&p, key)]++;
        if (to >= p.n) return CV_CHANGED;
        into.word[to] = (uint64_t)key;
        into.tick[to] = from.tick[i];
        if (into.row != NULL) into.row[to] = (uint32_t)i;
        for (size_t k = 0; k < from.columns; k++) into.value[k][to] = from.value[k][i];
    }
    return memcmp(p.start, plan->start + 1, sizeof p.start - sizeof *p.start) ? CV_CHANGED : 0;
}

/* The same for clustered keys: rows keep their places, but for the order within a customer. */
static int
copy(const cv_log *log, const cv_ledger *l, cv_tick stop, void *context)
{
    memcpy(l->word, log->key, log->n * sizeof *l->word);
    memcpy(l->tick, log->tick, log->n * sizeof *l->tick);
    for (size_t i = 0; l->row != NULL && i < log->n; i++) l->row[i] = (uint32_t)i;
    for (size_t k = 0; k < log->columns; k++) {
        if (stop != NULL && stop(context)) return 1;
        memcpy(l->value[k], log->value[k], log->n * sizeof *l->value[k]);
    }
    return 0;
}

int
cv_ledger_group(cv_plan *plan, const cv_log *log, const cv_ledger *ledger, void *scratch,
                size_t *customers, cv_tick stop, void *context)
{
    *customers = 0;
    const int status = plan->clustered ? copy(log, ledger, stop, context)
                                       : spread(plan, log, ledger, stop, context);
    if (status) return status;
    for (size_t p = 0, from = 0, to; from < plan->n; from = to) {
        if (!plan->clustered) plan->customer[p] = (uint32_t)*customers;
        to = plan->clustered ? end_of_runs(ledger->word, plan->n, from) : plan->start[++p];
        if (to == from) continue;
        if (to - from > plan->largest) return CV_CHANGED;
        size_t found = cv_cluster(plan, ledger, log->columns, from, to - from, scratch,
                                  ledger->word + *customers, stop, context);
        if (found == SIZE_MAX) return 1;
        if (to >> 18 != from >> 18 && stop != NULL && stop(context)) return 1;
        *customers += found;
    }
    return 0;
}

/* The log is walked as it was spread, to find the first rows: no branch, as each is written over
 * until it is one. */
static int
find_first_rows(const cv_plan *plan, const int64_t *key, const uint64_t *first, size_t customers,
                int64_t *first_row, cv_tick stop, void *context)
{
    cv_plan p = *plan;
    size_t c = 0;
    for (size_t i = 0; i < p.n && c < customers; i++) {
        if (stopped(i, stop, context)) return 1;
        const size_t place = p.start[partition_of(&p, key[i])]++;
        if (place >= p.n) return CV_CHANGED;
        first_row[c] = (int64_t)i;
        c += first[place / 64] >> place % 64 & 1;
    }
    return c < customers ? CV_CHANGED : 0;
}

int
cv_ledger_order(const cv_plan *plan, const cv_log *log, const cv_ledger *ledger, size_t customers,
                const cv_places *out, cv_tick stop, void *context)
{
    cv_plan p = *plan;
    const int status =
        find_first_rows(plan, log->key, ledger->first, customers, out->first_row, stop, context);
    if (status) return status;
    for (size_t c = 0; c < customers; c++) {
        if (stopped(c, stop, context)) return 1;
        const size_t of = partition_of(&p, log->key[out->first_row[c]]);
        if (p.customer[of] >= customers) return CV_CHANGED;
        const uint64_t rows = ledger->word[p.customer[of]++];
        out->begin[c] = (int64_t)(rows >> 32);
        out->end[c] = (int64_t)(uint32_t)rows;
    }
    return 0;
}

/* ---- raw columns, before they enter the ledger ---- */

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
        if (fabs(value[i]) <= CV_MOST_MONEY) continue;
        if (bad < limit) row[bad] = (int64_t)i;
        bad++;
    }
    return bad;
}
