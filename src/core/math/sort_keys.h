/* sort_keys.h -- doubles as unsigned integers of the same order. */
#ifndef CUSTVAL_SORT_KEYS_H
#define CUSTVAL_SORT_KEYS_H

#include <math.h>
#include <string.h>

#include "types.h"

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

/* select.c. The rank-th largest of m >= rank >= 1 keys, by radix exchange: split by the highest bit
 * in which keys differ, go on in the half that holds the rank. Reorders the keys. At the end of it
 * `m` keys equal the answer, and `rank` of them are needed. */
uint64_t cv_select_key(uint64_t *key, size_t *m, size_t *rank);

#endif
