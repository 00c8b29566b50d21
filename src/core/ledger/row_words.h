/* row_words.h -- rows as words, how they are clustered and sorted, and how they are fetched. */
#ifndef CUSTVAL_ROW_WORDS_H
#define CUSTVAL_ROW_WORDS_H

#include "ledger/ledger.h"

/* A row in one word: its tick above, sign flipped so that words order like ticks; below, its place
 * in the columns. */
static inline uint64_t
row_word(int32_t tick, size_t place)
{
    return (uint64_t)((uint32_t)tick ^ 0x80000000u) << 32 | place;
}

static inline uint32_t
place_of(uint64_t word)
{
    return (uint32_t)word;
}

static inline int32_t
tick_of(uint64_t word)
{
    return (int32_t)((uint32_t)(word >> 32) ^ 0x80000000u);
}

/* Whether the words, shifted, ascend: by 32 the ticks alone, no two equal. */
static inline int
words_ascend(const uint64_t *word, size_t n, int shift)
{
    size_t i = 1;
    while (i < n && word[i] >> shift > word[i - 1] >> shift) i++;
    return i >= n;
}

/* cluster.c: by tick, then the values, then place. `buffer` holds n words. */
int cv_sort_rows(uint64_t *word, size_t n, double *const *value, size_t from, size_t columns,
                 uint64_t *buffer, cv_tick stop, void *context);

/* cluster.c: rows [from, from + m) of the ledger, whose words are keys on entry. Clusters and
 * sorts them, marks the first row of each customer where it stood on entry; returns the number of
 * customers, whose words (begin << 32 | end) it writes to `customer` in the order of those rows, or
 * SIZE_MAX when asked to stop. */
size_t cv_cluster(const cv_plan *plan, const cv_ledger *ledger, size_t columns, size_t from,
                  size_t m, void *scratch, uint64_t *customer, cv_tick stop, void *context);

/* Customers stand in the order of the log, their rows anywhere in the ledger: fetch those of a
 * later customer while this one is counted. */
static inline void
fetch_rows(const cv_customers *customers, size_t c, const int32_t *tick, const double *value)
{
    enum { AHEAD = 12 };
    if (c + AHEAD >= customers->n) return;
    const int64_t begin = customers->begin[c + AHEAD], end = customers->end[c + AHEAD];
    if (tick != NULL) __builtin_prefetch(tick + begin);
    if (tick != NULL) __builtin_prefetch(tick + end);
    if (value != NULL) __builtin_prefetch(value + begin);
    if (value != NULL) __builtin_prefetch(value + end);
}

#endif
