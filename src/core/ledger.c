/* ledger.c -- clusters an order log by customer: partition, cluster within the partitions, order.
 *
 * Values go straight to their final columns at the places of their partitions. A partition is small
 * enough for the second-level cache, and so is the table in which cv_cluster() counts its
 * customers.
 */
#include "custval.h"
#include "inline.h"

#include <string.h>

enum { ROWS = 1 << 15, BLOCK = 1 << 12 }; /* rows wanted in a partition; surveyed at once */

/* Constant time a key; the multiplier is 2^64 over the golden ratio. */
static inline size_t
partition_of(const cv_plan *plan, int64_t key)
{
    return (size_t)(((uint64_t)key - plan->origin) * plan->odd >> plan->shift);
}

/* Smallest shift that leaves at most as many partitions as n rows should have. */
static int
shift_for(uint64_t range, size_t n)
{
    uint64_t partitions = n / ROWS < CV_PARTITIONS - 2 ? n / ROWS + 2 : CV_PARTITIONS;
    int shift = 0;
    while (range >> shift >= partitions) shift++;
    return shift;
}

static int
is_sorted(const int64_t *key, size_t n)
{
    size_t up = 1, down = 1;
    while (up < n && key[up] >= key[up - 1]) up++;
    while (down < n && key[down] <= key[down - 1]) down++;
    return up >= n || down >= n;
}

/* Whole customers, at least ROWS rows if there are that many. */
static size_t
end_of_runs(const int64_t *key, size_t n, size_t from)
{
    size_t to = n - from < ROWS ? n : from + ROWS;
    while (to < n && key[to] == key[to - 1]) to++;
    return to;
}

static void
plan_runs(const int64_t *key, cv_plan *plan)
{
    for (size_t from = 0, to; from < plan->n; from = to) {
        to = end_of_runs(key, plan->n, from);
        if (to - from > plan->largest) plan->largest = to - from;
    }
}

static int
is_narrow(const cv_plan *plan, int64_t low, int64_t high)
{
    return (uint64_t)high - (uint64_t)low < 2 * (uint64_t)plan->n;
}

static void
widen(const int64_t *key, size_t n, int64_t *low, int64_t *high)
{
    for (size_t i = 0; i < n; i++) {
        if (key[i] < *low) *low = key[i];
        if (key[i] > *high) *high = key[i];
    }
}

/* Counts the rows of each partition, and finds the range of the keys, as long as it may be narrow. */
static int
survey(const int64_t *key, cv_plan *plan, int64_t *low, int64_t *high, cv_tick stop, void *context)
{
    cv_plan p = *plan;
    *low = *high = key[0];
    for (size_t i = 0; i < p.n; i++) {
        if (i % BLOCK == 0 && is_narrow(&p, *low, *high))
            widen(key + i, p.n - i < BLOCK ? p.n - i : BLOCK, low, high);
        if (stopped(i, stop, context)) return 1;
        p.start[partition_of(&p, key[i]) + 1]++;
    }
    memcpy(plan->start, p.start, sizeof p.start);
    return 0;
}

static void
place_partitions(cv_plan *plan)
{
    for (size_t p = 0; p < CV_PARTITIONS; p++) {
        if (plan->start[p + 1] > plan->largest) plan->largest = plan->start[p + 1];
        plan->start[p + 1] += plan->start[p];
    }
}

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
    if (is_narrow(plan, low, high)) {
        *plan = dense(n, low, (uint64_t)high - (uint64_t)low);
        if (survey(key, plan, &low, &high, stop, context)) return 1;
    }
    place_partitions(plan);
    return 0;
}

static int
spread(const cv_plan *plan, const cv_log *log, const cv_ledger *l, cv_tick stop, void *context)
{
    cv_plan p = *plan; /* its starts become the places of the next rows */
    const cv_log from = *log;
    const cv_ledger into = *l;
    for (size_t i = 0; i < p.n; i++) {
        if (stopped(i, stop, context)) return 1;
        const uint32_t to = p.start[partition_of(&p, from.key[i])]++;
        into.entry[to] = (cv_entry){(uint64_t)from.key[i], row_word(from.tick[i], i)};
        for (size_t k = 0; k < from.columns; k++) into.value[k][to] = from.value[k][i];
    }
    return 0;
}

/* Clustered keys keep their rows, but for the order within a customer. */
static int
copy(const cv_log *log, const cv_ledger *l, cv_tick stop, void *context)
{
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
    if (plan->clustered ? copy(log, ledger, stop, context)
                        : spread(plan, log, ledger, stop, context))
        return 1;
    for (size_t p = 0, from = 0, to; from < plan->n; from = to) {
        if (!plan->clustered) plan->customer[p] = (uint32_t)*customers;
        to = plan->clustered ? end_of_runs(log->key, plan->n, from) : plan->start[++p];
        if (to == from) continue;
        const size_t found =
            cv_cluster(plan, log, ledger, from, to - from, *customers, scratch, stop, context);
        if (found == SIZE_MAX) return 1;
        if (to >> 18 != from >> 18 && stop != NULL && stop(context)) return 1;
        *customers += found;
    }
    return 0;
}

static void
mark_firsts(const cv_entry *customer, size_t customers, uint64_t *first)
{
    for (size_t c = 0; c < customers; c++)
        first[customer[c].word / 64] |= (uint64_t)1 << customer[c].word % 64;
}

/* The customers of a partition stand in the order of their first rows; so a walk over the first rows
 * of all finds the next one of its partition each time. */
int
cv_ledger_order(const cv_plan *plan, const cv_log *log, const cv_ledger *ledger, size_t customers,
                const cv_places *out, cv_tick stop, void *context)
{
    cv_plan p = *plan;
    const cv_entry *entry = ledger->entry;
    const cv_tallies *t = ledger->tallies;
    const int tallied = t != NULL && t->room > 0;
    mark_firsts(entry, customers, ledger->first);
    for (size_t k = 0, c = 0; c < customers; k++)
        for (uint64_t left = ledger->first[k]; left != 0; left &= left - 1, c++) {
            const size_t row = 64 * k + (size_t)__builtin_ctzll(left);
            const uint32_t next = p.customer[partition_of(&p, log->key[row])]++;
            if (stopped(c, stop, context)) return 1;
            __builtin_prefetch(&entry[next + 4]);
            out->begin[c] = (int64_t)(entry[next].key >> 32);
            out->end[c] = (int64_t)(uint32_t)entry[next].key;
            out->first_row[c] = (int64_t)row;
            if (!tallied) continue;
            __builtin_prefetch(&t->tally[next + 2]);
            cv_put_history(&t->tally[next], &t->by, &t->out, c);
        }
    return 0;
}
