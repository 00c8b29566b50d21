/* rank.c -- ranks of a column, the largest first.
 *
 * Least significant digit radix sort of (sort key, row), Knuth, The Art of Computer Programming 3,
 * 5.2.5: digits of 11 bits, all counted in one pass; a digit that all rows share costs no pass.
 * Stable, linear in n whatever the values. Ranks are exact.
 */
#include <string.h>

#include "math/rank.h"
#include "math/guards.h"
#include "math/sort_keys.h"
#include "types.h"

enum { DIGIT = 11, DIGITS = 6, BUCKETS = 1 << DIGIT };

/* A value, as a key that rises as the value falls, and its row. */
typedef struct {
    uint64_t key, row;
} cv_place;

static size_t
digit(uint64_t key, int d)
{
    return (size_t)(key >> (d * DIGIT)) & (BUCKETS - 1);
}

/* Fills the places in the order of the rows, and counts every digit of their keys. */
static int
count_digits(const double *value, size_t n, cv_place *place, uint64_t count[DIGITS][BUCKETS],
             cv_tick tick, void *context)
{
    memset(count, 0, DIGITS * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        if (stopped(i, tick, context)) return 1;
        place[i] = (cv_place){~key_of(value[i]), i};
        for (int d = 0; d < DIGITS; d++) count[d][digit(place[i].key, d)]++;
    }
    return 0;
}

/* One pass of the sort, by digit d. */
static int
scatter(const cv_place *from, cv_place *to, size_t n, int d, uint64_t *count, cv_tick tick,
        void *context)
{
    uint64_t start = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        uint64_t here = count[b];
        count[b] = start;
        start += here;
    }
    for (size_t i = 0; i < n; i++) {
        if (stopped(i, tick, context)) return 1;
        to[count[digit(from[i].key, d)]++] = from[i];
    }
    return 0;
}

/* Ranks of sorted places; equal keys share one. */
static int
number_places(const cv_place *place, size_t n, int ties, double *rank, cv_tick tick, void *context)
{
    double dense = 0;
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && place[next].key == place[i].key;) next++;
        dense++;
        double shared = ties == CV_TIES_DENSE ? dense
                        : ties == CV_TIES_MIN ? (double)i + 1
                                              : (double)(i + next + 1) / 2;
        for (size_t j = i; j < next; j++) {
            if (stopped(j, tick, context)) return 1;
            rank[place[j].row] = shared;
        }
    }
    return 0;
}

/* The counts of all digits, then two columns of places. */
size_t
cv_rank_scratch(size_t n)
{
    return sizeof(uint64_t[DIGITS][BUCKETS]) + 2 * n * sizeof(cv_place);
}

int
cv_rank(const double *value, size_t n, int ties, void *scratch, double *rank, cv_tick tick,
        void *context)
{
    uint64_t(*count)[BUCKETS] = scratch;
    cv_place *from = (cv_place *)(count + DIGITS), *to = from + n;
    if (count_digits(value, n, from, count, tick, context)) return 1;
    for (int d = 0; d < DIGITS && n > 0; d++) {
        if (count[d][digit(from[0].key, d)] == n) continue;
        if (scatter(from, to, n, d, count[d], tick, context)) return 1;
        cv_place *swap = from;
        from = to;
        to = swap;
    }
    return number_places(from, n, ties, rank, tick, context);
}
