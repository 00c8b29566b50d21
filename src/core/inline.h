/* inline.h -- what two or more core files share; never leaves the room. */
#ifndef CUSTVAL_INLINE_H
#define CUSTVAL_INLINE_H

#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* The answer of a kernel outside its domain: NaN, and the flag that np.errstate reads. */
static inline double
domain_error(void)
{
    feraiseexcept(FE_INVALID);
    return NAN;
}

/* 1 / (1 + exp(d)): underflows to 0 for large d and never overflows. */
static inline double
one_over_one_plus_exp(double d)
{
    return d > 0 ? exp(-d) / (1 + exp(-d)) : 1 / (1 + exp(d));
}

/* 1 when the caller asks to stop; it is asked once in 2^18 steps, every few milliseconds. */
static inline int
stopped(size_t step, cv_tick stop, void *context)
{
    return (step & 0x3FFFF) == 0x3FFFF && stop != NULL && stop(context);
}

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

/* rowsort.c: by tick, then the values, then place. `buffer` holds n words. */
int cv_sort_rows(uint64_t *word, size_t n, double *const *value, size_t from, size_t columns,
                 uint64_t *buffer, cv_tick stop, void *context);

/* partition.c: rows [from, from + m) of the ledger, whose words are keys on entry. Clusters and
 * sorts them; returns the number of customers, whose words (begin << 32 | first row in the log) it
 * writes to `customer`, or SIZE_MAX when asked to stop. */
size_t cv_cluster(const cv_plan *plan, const cv_ledger *ledger, size_t columns, size_t from,
                  size_t m, void *scratch, uint64_t *customer, cv_tick stop, void *context);

/* Customers stand in the order of the log, their rows anywhere in the ledger: fetch those of a
 * later customer while this one is counted. */
static inline void
fetch_rows(const cv_customers *customers, size_t c, const int32_t *tick, const double *value)
{
    enum { AHEAD = 12 };
    if (c + AHEAD >= customers->n) return;
    int64_t begin = customers->begin[c + AHEAD];
    if (tick != NULL) __builtin_prefetch(tick + begin);
    if (value != NULL) __builtin_prefetch(value + begin);
}

/* Bits that rise with the value; -0 is +0, NaN is 0 and so below every number. */
static inline uint64_t
key_of(double value)
{
    uint64_t bits;
    if (isnan(value)) return 0;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
}

static inline double
value_of(uint64_t key)
{
    double value;
    key ^= key >> 63 ? (uint64_t)1 << 63 : UINT64_MAX;
    memcpy(&value, &key, sizeof value);
    return value;
}

/* The rank-th largest of m >= rank >= 1 keys, by radix exchange: split by the highest bit in which
 * keys differ, go on in the half that holds the rank. Reorders the keys. At the end of it `m` keys
 * equal the answer, and `rank` of them are needed. */
uint64_t cv_select_key(uint64_t *key, size_t *m, size_t *rank);

#endif
