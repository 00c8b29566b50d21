/* row_words.h -- rows as words, how they are clustered and sorted, searched and fetched.
 *
 * A row is one word: its tick above, sign flipped so that words order like ticks; below, its place
 * in the columns. Words of different rows differ, so sorting them is stable.
 */
#ifndef CUSTVAL_ROW_WORDS_H
#define CUSTVAL_ROW_WORDS_H

#include "ledger/ledger.h"

/* The word of a row; place <= UINT32_MAX. */
static inline uint64_t
row_word(int32_t tick, size_t place)
{
    return (uint64_t)((uint32_t)tick ^ 0x80000000u) << 32 | place;
}

/* The two parts of a word. */
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

/* 1 when the words, shifted to the right, ascend strictly: by 32 the ticks alone. */
static inline int
words_ascend(const uint64_t *word, size_t n, int shift)
{
    size_t i = 1;
    while (i < n && word[i] >> shift > word[i - 1] >> shift) i++;
    return i >= n;
}

/* The first index in [begin, end) whose tick is after `last`, or end; ticks ascend. Bisection. */
static inline size_t
first_after(const int32_t *tick, size_t begin, size_t end, int64_t last)
{
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (tick[middle] <= last)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

/* cluster.c. Sorts n words by tick, then by the values of their rows (value[k][from + place]), then
 * by place. `buffer` holds n words. Returns 1 when interrupted. */
int cv_sort_rows(uint64_t *word, size_t n, double *const *value, size_t from, size_t columns,
                 uint64_t *buffer, cv_tick stop, void *context);

/* cluster.c. Clusters rows [from, from + m) of the ledger by customer and sorts each one's rows. On
 * entry their words are keys; in ledger->first the first row of each customer is marked where it
 * stood on entry. Returns the number of customers, whose words (begin << 32 | end) it writes to
 * `customer` in the order of those rows, or SIZE_MAX when interrupted. */
size_t cv_cluster(const cv_plan *plan, const cv_ledger *ledger, size_t columns, size_t from,
                  size_t m, void *scratch, uint64_t *customer, cv_tick stop, void *context);

/* Prefetches the rows of a later customer while customer c is processed: customers are in the order
 * of the log, their rows anywhere in the ledger. tick and value may be NULL. */
static inline void
fetch_rows(const cv_customers *customers, size_t c, const int32_t *tick, const double *value)
{
    enum { DISTANCE = 12 };
    if (c + DISTANCE >= customers->n) return;
    const int64_t begin = customers->begin[c + DISTANCE], end = customers->end[c + DISTANCE];
    if (tick != NULL) __builtin_prefetch(tick + begin);
    if (tick != NULL) __builtin_prefetch(tick + end);
    if (value != NULL) __builtin_prefetch(value + begin);
    if (value != NULL) __builtin_prefetch(value + end);
}

#endif
